from quantumcore.server.core.words_cy cimport Words

cdef extern from *:
    """
    #if defined(__GNUC__) || defined(__clang__)
    #define QC_FETCH(place) __builtin_prefetch((const void *)(place))
    #else
    #define QC_FETCH(place) ((void)(place))
    #endif
    """
    # Have the processor fetch the cache line of a place that is to be read soon.
    void fetch "QC_FETCH" (const void *place) noexcept nogil

cdef class HashIndex:
    cdef int[::1] table
    cdef long long[::1] hashes
    cdef public Py_ssize_t mask
    cdef public long long key

    cdef Py_ssize_t start(self, long long hash) noexcept nogil
    cdef int at(self, Py_ssize_t position) noexcept nogil
    cdef Py_ssize_t step(self, Py_ssize_t position) noexcept nogil
    cdef void add(self, int entry, long long hash) noexcept nogil
    cdef void remove(self, int entry) noexcept nogil

cdef long long mix(long long state, long long word) noexcept nogil
cdef long long fold(long long state, Words source, Py_ssize_t start, Py_ssize_t end) noexcept nogil
cdef long long neighbours(long long hash, long long low) noexcept nogil
