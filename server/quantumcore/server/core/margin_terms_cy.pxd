cdef class MarginTerms:
    cdef long long[::1] credits, scans
    cdef public int credit_count, scan_count
    cdef long long changes
    cdef public list credit_sequences, scan_sequences

    cdef int find_scan(self, long long commodity) noexcept nogil
