cdef class Arena:
    cdef public Py_ssize_t order_capacity, level_capacity, chunk_capacity
    cdef public long long live_orders, live_levels, live_chunks
    # Orders, by slot.
    cdef long long[::1] order_leaves, order_tag, order_hidden, order_peak
    cdef int[::1] order_level, order_next, order_previous
    # Price levels, by slot. Keys ascend towards the best price.
    cdef long long[::1] level_key, level_lots, level_hidden
    cdef int[::1] level_head, level_tail, level_orders, level_pegs, level_guards
    # Runs of adjacent levels: CHUNK keys and level slots each, the best last.
    cdef long long[::1] chunk_key
    cdef int[::1] chunk_level, chunk_count
    cdef int free_order, free_level, free_chunk
    cdef int fresh_order, fresh_level, fresh_chunk

    cdef int take_order(self) noexcept nogil
    cdef void give_order(self, int slot) noexcept nogil
    cdef int take_level(self, long long key) noexcept nogil
    cdef void give_level(self, int slot) noexcept nogil
    cdef int take_chunk(self) noexcept nogil
    cdef void give_chunk(self, int chunk) noexcept nogil
    cdef bint has_room(self) noexcept nogil
