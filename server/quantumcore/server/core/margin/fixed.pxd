# What fixed.py does, for compiled modules, with products of 128 bits.
cdef enum:
    FRACTION = 36
    ONE = 68719476736
    MOST = 562949953421312
    LEAST = -562949953421312

cdef extern from *:
    """
    static inline long long qc_scaled(long long first, long long second) {
        return (long long)(((__int128)first * second) >> 36);
    }
    static inline long long qc_inverse(long long value) {
        return (long long)(((__int128)1 << 72) / value);
    }
    static inline int qc_is_below(long long a, long long b, long long c, long long d) {
        return (__int128)a * b < (__int128)c * d;
    }
    """
    long long scaled "qc_scaled" (long long first, long long second) noexcept nogil
    long long inverse "qc_inverse" (long long value) noexcept nogil
    bint is_below "qc_is_below" (long long first, long long second, long long third, long long fourth) noexcept nogil
