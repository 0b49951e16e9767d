cdef class SyncLoop:
    cdef public long long accepted_sequence
    cdef public long long accepted_blocks
    cdef public long long accepted_bytes
    cdef public long long durable_sequence
    cdef public long long durable_blocks
    cdef public long long durable_bytes
    cdef public long long pass_count
    cdef public int descriptor
    cdef public int failed
    cdef public int told
    cdef public bint idle
    cdef long long _window_ns
    cdef bint _stopping
    cdef int _wake
    cdef int _stop

    cdef void _run(self) noexcept nogil
    cdef void _rest(self) noexcept nogil
    cdef bint _sync(self) noexcept nogil
