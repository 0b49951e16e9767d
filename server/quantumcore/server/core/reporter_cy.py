"""Write what happened to orders as events of a turn."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.turn_writer_cy import TurnWriter
    from cython.cimports.quantumcore.server.core.words_cy import Words, stored_bytes
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.turn_writer_cy import TurnWriter
    from quantumcore.server.core.words_cy import Words, stored_bytes


@cython.final
@cython.cclass
class Reporter(TurnWriter):
    """Tells of each order what has become of it, of its position and of its account's funds."""

    accounts: Accounts
    positions: Positions

    def __init__(
        self, orders: Orders, instruments: Instruments, accounts: Accounts, positions: Positions
    ) -> None:
        super().__init__(orders, instruments)
        self.accounts, self.positions = accounts, positions

    @cython.cfunc
    @cython.exceptval(check=False)
    def conclude(self) -> cython.void:
        """Complete the answer with the order's state, and the sequence reached."""
        row: cython.int = self.row
        at: cython.Py_ssize_t = self.result
        self.results.words[at + kinds.RESULT_SEQUENCE] = self.sequence
        if row == kinds.NO_SLOT:
            return
        orders: Orders = self.orders
        self.results.words[at + kinds.RESULT_ORDER_ID] = orders.order_id[row]
        self.results.words[at + kinds.RESULT_STATE] |= orders.status[row]
        self.results.words[at + kinds.RESULT_CUMULATIVE_QUANTITY] = orders.cumulative[row]
        self.results.words[at + kinds.RESULT_LEAVES_QUANTITY] = orders.leaves(row)
        self.results.words[at + kinds.RESULT_CUMULATIVE_TICK_LOTS] = orders.tick_lots[row]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _mark_reject(self) -> cython.void:
        state: cython.longlong = self.results.words[self.result + kinds.RESULT_STATE]
        reason: cython.longlong = (state >> 16) & 0xFFFF
        self.turn.words[self.event + kinds.EVENT_REJECT] = reason | ((state >> 32) << 32)
        self.turn.words[self.event + kinds.EVENT_REJECT_LIMIT] = self.results.words[
            self.result + kinds.RESULT_LIMIT
        ]
        self.turn.words[self.event + kinds.EVENT_REJECT_VALUE] = self.results.words[
            self.result + kinds.RESULT_VALUE
        ]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def order_event(
        self,
        kind: cython.int,
        execution_type: cython.int,
        row: cython.int,
        request_id: cython.longlong,
    ) -> cython.int:
        """Write what happened to an order, whose row has its state after it."""
        orders: Orders = self.orders
        orders.version[row] += 1
        at: cython.Py_ssize_t = self._open(kind, orders.version[row])
        orders.sequence[row] = self.sequence
        orders.updated_ns[row] = self.time_ns
        state: cython.longlong = orders.terms[row] | execution_type
        state |= cython.cast(cython.longlong, orders.status[row]) << 8
        state |= cython.cast(cython.longlong, orders.cancel_reason[row]) << 48
        instrument: cython.longlong = orders.instrument[row]
        entry: cython.int = orders.entry[row]
        self.turn.words[at + kinds.EVENT_ORDER_ID] = orders.order_id[row]
        self.turn.words[at + kinds.EVENT_PARTIES] = orders.account[row] | (instrument << 32)
        self.turn.words[at + kinds.EVENT_STATE] = state
        self.turn.words[at + kinds.EVENT_REQUEST_ID] = request_id
        self.turn.words[at + kinds.EVENT_PRICE] = orders.price[row]
        self.turn.words[at + kinds.EVENT_QUANTITY] = orders.quantity[row]
        self.turn.words[at + kinds.EVENT_CUMULATIVE_QUANTITY] = orders.cumulative[row]
        self.turn.words[at + kinds.EVENT_LEAVES_QUANTITY] = orders.leaves(row)
        self.turn.words[at + kinds.EVENT_CUMULATIVE_TICK_LOTS] = orders.tick_lots[row]
        self.turn.words[at + kinds.EVENT_TEXT_LENGTHS] = orders.ids.lengths[entry]
        if orders.terms[row] >> kinds.STATE_LEG != 0:
            self.turn.words[at + kinds.EVENT_PACKAGE] = orders.package_id(row)
            if orders.is_sequential(row) and orders.is_leg(row):
                self.turn.words[at + kinds.EVENT_EXCESS_QUANTITY] = self._excess(row)
        orders.ids.write(entry, self.turn)
        if kind != kinds.ORDER_REPLACED:
            self._tell_reserved(row)
        self._close()
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _tell_reserved(self, row: cython.int) -> cython.void:
        """Write what is reserved, where the account's funds are checked; a leg has its package."""
        orders: Orders = self.orders
        lots: cython.longlong = orders.leaves(row)
        at: cython.Py_ssize_t = self.turn.end
        if self.accounts.margin_model[orders.account[row]] == 0 or orders.is_leg(row):
            return
        if orders.is_package(row):
            lots = lots // kinds.UNIT
            self.turn.words[at + kinds.RESERVED_ORDER] = orders.packages.words[
                orders.packages.at(orders.package(row)) + tables.PACKAGE_ROW_BOUND
            ]
        else:
            lots = lots // self.instruments.get(orders.instrument[row], tables.INSTRUMENT_LOT_SIZE)
            self.turn.words[at + kinds.RESERVED_ORDER] = 0
        self.turn.words[at + kinds.RESERVED_ORDER] += lots * orders.reserve[row]
        self.turn.words[at + kinds.RESERVED_ACCOUNT] = self.positions.balances.reserved[
            self.positions.balance[orders.position[row]]
        ]
        self.turn.end += kinds.RESERVED_WORDS

    @cython.cfunc
    @cython.exceptval(check=False)
    def _tell_position(self, row: cython.int, realised: cython.longlong) -> cython.void:
        """Write what became of position and cash with a fill."""
        at: cython.Py_ssize_t = self.turn.end
        entry: cython.int = self.orders.position[row]
        most: cython.longlong = kinds.MONEY_LIMIT
        self.turn.words[at + kinds.FILL_POSITION_LOTS] = self.positions.lots[entry]
        self.turn.words[at + kinds.FILL_OPEN_TICK_LOTS] = self.positions.open.clipped(entry)
        self.turn.words[at + kinds.FILL_REALISED_TICK_LOTS] = max(-most, min(most, realised))
        self.turn.words[at + kinds.FILL_CASH] = self.positions.balances.cash.clipped(
            self.positions.balance[entry]
        )
        self.turn.end += kinds.FILL_WORDS
        self._close_again()

    def _excess(self, row: cython.int) -> cython.longlong:
        """Return what a leg of a sequential order has traded beyond whole units, not reversed."""
        lots: cython.longlong = self.orders.packages.excess(
            self.orders.package(row), self.orders.leg_index(row)
        )
        return lots * self.instruments.get(self.orders.instrument[row], tables.INSTRUMENT_LOT_SIZE)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def fill_event(
        self,
        row: cython.int,
        liquidity: cython.int,
        price: cython.longlong,
        quantity: cython.longlong,
        trade_id: cython.longlong,
        realised: cython.longlong,
    ) -> cython.int:
        """Write one side of a trade; `realised` is profit and loss, ticks x lots."""
        self.order_event(kinds.ORDER_FILLED, enums.EXECUTION_TYPE_TRADE, row, 0)
        self.turn.words[self.event + kinds.EVENT_STATE] |= (
            cython.cast(cython.longlong, liquidity) << 40
        )
        self.turn.words[self.event + kinds.EVENT_LAST_PRICE] = price
        self.turn.words[self.event + kinds.EVENT_LAST_QUANTITY] = quantity
        self.turn.words[self.event + kinds.EVENT_TRADE_ID] = trade_id
        if self.orders.terms[row] >> kinds.STATE_LEG != 0:
            self.turn.words[self.event + kinds.EVENT_PACKAGE_EXECUTION] = (
                self.orders.packages.words[
                    self.orders.packages.at(self.orders.package(row)) + tables.PACKAGE_ROW_EXECUTION
                ]
            )
        if not self.orders.is_package(row):
            self._tell_position(row, realised)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def restated_event(
        self, row: cython.int, restatement: cython.longlong, shown: cython.longlong
    ) -> cython.int:
        """Write that the venue changed an order unasked; `shown` is what the book shows of it."""
        self.order_event(kinds.ORDER_RESTATED, enums.EXECUTION_TYPE_RESTATED, row, 0)
        self.turn.words[self.event + kinds.EVENT_RESTATEMENT] = restatement
        self.turn.words[self.event + kinds.EVENT_SHOWN_QUANTITY] = shown
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def mended_event(
        self,
        kind: cython.int,
        execution_type: cython.int,
        row: cython.int,
        liquidity: cython.int,
        price: cython.longlong,
        quantity: cython.longlong,
        trade_id: cython.longlong,
        reference_sequence: cython.longlong,
        realised: cython.longlong,
    ) -> cython.int:
        """Write that a fill of an order is undone, or that it is another from now on."""
        self.order_event(kind, execution_type, row, 0)
        self.turn.words[self.event + kinds.EVENT_STATE] |= (
            cython.cast(cython.longlong, liquidity) << 40
        )
        self.turn.words[self.event + kinds.EVENT_LAST_PRICE] = price
        self.turn.words[self.event + kinds.EVENT_LAST_QUANTITY] = quantity
        self.turn.words[self.event + kinds.EVENT_TRADE_ID] = trade_id
        self.turn.words[self.event + kinds.EVENT_REFERENCE_SEQUENCE] = reference_sequence
        if not self.orders.is_package(row):
            self._tell_position(row, realised)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def replaced_event(
        self, row: cython.int, original: cython.int, request_id: cython.longlong
    ) -> cython.int:
        """Write that an order has new terms, and the client order id it had before."""
        self.order_event(kinds.ORDER_REPLACED, enums.EXECUTION_TYPE_REPLACED, row, request_id)
        length: cython.longlong = self.orders.ids.lengths[original]
        self.turn.words[self.event + kinds.EVENT_TEXT_LENGTHS] |= length << 32
        self.orders.ids.write(original, self.turn)
        self._tell_reserved(row)
        self._close_again()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def refused_order_event(
        self, kind: cython.int, execution_type: cython.int, row: cython.int
    ) -> cython.int:
        """Write that a command on an order was refused; the order stands as it did."""
        request_id: cython.longlong = self.results.words[self.result + kinds.RESULT_REQUEST_ID]
        self.order_event(kind, execution_type, row, request_id)
        self._mark_reject()
        if self.orders.is_package(row):
            self.turn.words[self.event + kinds.EVENT_REFUSED_PACKAGE] = self.orders.order_id[row]
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def refused_command_event(
        self,
        kind: cython.int,
        execution_type: cython.int,
        state: cython.longlong,
        text: cython.Py_ssize_t,
        length: cython.longlong,
    ) -> cython.int:
        """Write that a command was refused that concerns no order of the venue."""
        record: cython.Py_ssize_t = self.results.words[self.result + kinds.RESULT_RECORD]
        at: cython.Py_ssize_t = self._open(kind, 0)
        parties: cython.longlong = self.turn.words[record + kinds.COMMAND_PARTIES]
        if self.turn.words[record] >> 32:
            parties = (parties >> 32) << 32  # refused at the door: no account's business
        self.turn.words[at + kinds.EVENT_PARTIES] = parties
        self.turn.words[at + kinds.EVENT_STATE] = state | execution_type
        self.turn.words[at + kinds.EVENT_REQUEST_ID] = self.turn.words[
            record + kinds.COMMAND_REQUEST_ID
        ]
        if kind == kinds.ORDER_REJECTED:
            self._tell_terms(at, record)
        elif self.turn.words[record] & 0xFFFF in (kinds.REPLACE_PACKAGE, kinds.CANCEL_PACKAGE):
            self.turn.words[at + kinds.EVENT_REFUSED_PACKAGE] = self.turn.words[
                record + kinds.CANCEL_ORDER_ID
            ]
        stored: cython.longlong = stored_bytes(length)
        self.turn.words[at + kinds.EVENT_TEXT_LENGTHS] = stored
        i: cython.Py_ssize_t
        for i in range((stored + 7) >> 3):
            self.turn.words[self.turn.end] = self.turn.words[text + i]
            self.turn.end += 1
        self._mark_reject()
        self._close()
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _tell_terms(self, at: cython.Py_ssize_t, record: cython.Py_ssize_t) -> cython.void:
        """Write price and quantity of an order that is refused, as it asked for them."""
        words: cython.longlong[::1] = self.turn.words
        if words[record] & 0xFFFF == kinds.CREATE_PACKAGE:
            words[at + kinds.EVENT_PRICE] = words[record + kinds.PACKAGE_NET_PRICE]
            words[at + kinds.EVENT_QUANTITY] = (
                max(0, min(words[record + kinds.PACKAGE_UNITS], kinds.UNIT)) * kinds.UNIT
            )
        else:
            words[at + kinds.EVENT_PRICE] = words[record + kinds.CREATE_PRICE]
            words[at + kinds.EVENT_QUANTITY] = words[record + kinds.CREATE_QUANTITY]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
