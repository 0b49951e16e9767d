"""Keep orders, price levels and runs of levels of all books in fixed arrays."""

import cython

from quantumcore.server.core.memory import first_rows, int32_column, int64_column

CHUNK: int = 64  # levels in a run: keys of one run fill eight cache lines

if cython.compiled:
    from cython.cimports.quantumcore.server.core.kinds import NO_SLOT
else:
    from quantumcore.server.core.kinds import NO_SLOT


@cython.final
@cython.cclass
class Arena:
    """Structure of arrays, addressed by slot; free slots form lists inside the arrays.

    All memory is reserved at construction and committed by the system when first touched:
    taking and giving back slots allocates nothing and never stalls. 44 bytes an order,
    40 bytes a level, 772 bytes a run of 64 levels. Slots given back last are taken first, so a
    busy book stays in few cache lines.
    """

    order_capacity: cython.Py_ssize_t
    level_capacity: cython.Py_ssize_t
    chunk_capacity: cython.Py_ssize_t
    live_orders: cython.longlong
    live_levels: cython.longlong
    live_chunks: cython.longlong
    order_leaves: cython.longlong[::1]
    order_tag: cython.longlong[::1]
    order_hidden: cython.longlong[::1]
    order_peak: cython.longlong[::1]
    order_level: cython.int[::1]
    order_next: cython.int[::1]
    order_previous: cython.int[::1]
    level_key: cython.longlong[::1]
    level_lots: cython.longlong[::1]
    level_hidden: cython.longlong[::1]
    level_head: cython.int[::1]
    level_tail: cython.int[::1]
    level_orders: cython.int[::1]
    level_pegs: cython.int[::1]
    level_guards: cython.int[::1]
    chunk_key: cython.longlong[::1]
    chunk_level: cython.int[::1]
    chunk_count: cython.int[::1]
    free_order: cython.int
    free_level: cython.int
    free_chunk: cython.int
    fresh_order: cython.int
    fresh_level: cython.int
    fresh_chunk: cython.int

    def __init__(
        self,
        *,
        orders: int = 1 << 20,
        levels: int = 1 << 18,
        books: int = 1 << 14,
        prefault: bool = False,
    ) -> None:
        if not 1 <= orders < 1 << 30:
            raise ValueError(f"orders must be between 1 and {(1 << 30) - 1}, not {orders}")
        levels = min(levels, orders)
        # Of two neighbouring runs in a ladder one holds more than 16 levels (Ladder._merge).
        chunks = levels // 8 + 2 * books + 2
        self.order_capacity, self.level_capacity, self.chunk_capacity = orders, levels, chunks
        self.live_orders = self.live_levels = self.live_chunks = 0
        self.order_leaves, self.order_tag = (
            int64_column(orders, prefault),
            int64_column(orders, prefault),
        )
        # Touched for icebergs alone.
        self.order_hidden, self.order_peak = int64_column(orders), int64_column(orders)
        self.order_level = int32_column(orders, prefault)
        self.order_next, self.order_previous = (
            int32_column(orders, prefault),
            int32_column(orders, prefault),
        )
        self.level_key, self.level_lots = (
            int64_column(levels, prefault),
            int64_column(levels, prefault),
        )
        self.level_head, self.level_tail = (
            int32_column(levels, prefault),
            int32_column(levels, prefault),
        )
        self.level_orders = int32_column(levels, prefault)
        self.level_hidden, self.level_pegs = int64_column(levels), int32_column(levels)
        self.level_guards = int32_column(levels)
        self.chunk_key, self.chunk_level = (
            int64_column(chunks * CHUNK, prefault),
            int32_column(chunks * CHUNK, prefault),
        )
        self.chunk_count = int32_column(chunks, prefault)
        self.free_order = self.free_level = self.free_chunk = NO_SLOT
        self.fresh_order = self.fresh_level = self.fresh_chunk = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def has_room(self) -> cython.bint:
        """Whether one more order on one more level surely fits."""
        return (
            self.live_orders < self.order_capacity
            and self.live_levels < self.level_capacity
            and self.live_chunks + 1 < self.chunk_capacity
        )

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def take_order(self) -> cython.int:
        slot: cython.int = self.free_order
        if slot == NO_SLOT:
            slot = self.fresh_order
            self.fresh_order += 1
        else:
            self.free_order = self.order_next[slot]
        self.live_orders += 1
        return slot

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def give_order(self, slot: cython.int) -> cython.void:
        self.order_next[slot] = self.free_order
        self.order_leaves[slot] = 0
        self.free_order = slot
        self.live_orders -= 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def take_level(self, key: cython.longlong) -> cython.int:
        slot: cython.int = self.free_level
        if slot == NO_SLOT:
            slot = self.fresh_level
            self.fresh_level += 1
        else:
            self.free_level = self.level_head[slot]
        self.level_key[slot] = key
        self.level_lots[slot] = 0
        self.level_orders[slot] = 0
        self.level_head[slot] = self.level_tail[slot] = NO_SLOT
        self.live_levels += 1
        return slot

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def give_level(self, slot: cython.int) -> cython.void:
        self.level_head[slot] = self.free_level
        self.free_level = slot
        self.live_levels -= 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def take_chunk(self) -> cython.int:
        chunk: cython.int = self.free_chunk
        if chunk == NO_SLOT:
            chunk = self.fresh_chunk
            self.fresh_chunk += 1
        else:
            self.free_chunk = self.chunk_level[chunk << 6]
        self.chunk_count[chunk] = 0
        self.live_chunks += 1
        return chunk

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def give_chunk(self, chunk: cython.int) -> cython.void:
        self.chunk_level[chunk << 6] = self.free_chunk
        self.free_chunk = chunk
        self.live_chunks -= 1

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [
            self.live_orders,
            self.live_levels,
            self.live_chunks,
            self.free_order,
            self.free_level,
            self.free_chunk,
        ]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        orders, levels, chunks = self.fresh_order, self.fresh_level, self.fresh_chunk
        return [
            *first_rows([self.order_leaves, self.order_tag], orders),
            *first_rows([self.order_hidden, self.order_peak], orders),
            *first_rows([self.order_level, self.order_next, self.order_previous], orders),
            *first_rows([self.level_key, self.level_lots, self.level_hidden], levels),
            *first_rows([self.level_head, self.level_tail], levels),
            *first_rows([self.level_orders, self.level_pegs, self.level_guards], levels),
            *first_rows([self.chunk_key], chunks * CHUNK),
            *first_rows([self.chunk_level], chunks * CHUNK),
            *first_rows([self.chunk_count], chunks),
        ]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
