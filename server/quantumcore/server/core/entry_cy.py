"""Let new orders in and bring them to where they work, or wait."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.pegs_cy import Pegs
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.settling_cy import Settling
    from cython.cimports.quantumcore.server.core.stops_cy import Stops
    from cython.cimports.quantumcore.server.core.words_cy import Words, known_terms
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.pegs_cy import Pegs
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.settling_cy import Settling
    from quantumcore.server.core.stops_cy import Stops
    from quantumcore.server.core.words_cy import Words, known_terms


@cython.final
@cython.cclass
class Entry:
    """A single order from its command to its row, and from its row to its place."""

    admission: Admission
    matching: Matching
    orders: Orders
    pegs: Pegs
    placing: Placing
    report: Reporter
    settling: Settling
    stops: Stops
    turn: Words
    results: Words

    def __init__(self, admission: Admission, settling: Settling) -> None:
        self.admission, self.settling = admission, settling
        self.matching, self.placing = settling.matching, settling.placing
        self.stops, self.pegs = settling.stops, settling.pegs
        self.orders, self.report = settling.orders, settling.placing.report
        self.turn, self.results = self.report.turn, self.report.results

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def create(self, start: cython.Py_ssize_t) -> cython.int:
        """Carry out CREATE_ORDER."""
        reason: cython.longlong = self.admission.check_door(start)
        if reason == 0:
            reason = self.admission.check_create(start)
        if reason != 0:
            return self._refuse(start)
        row: cython.int = self._open(start)
        self.report.row = row
        self.report.order_event(
            kinds.ORDER_ACCEPTED,
            enums.EXECUTION_TYPE_NEW,
            row,
            self.turn.words[start + kinds.COMMAND_REQUEST_ID],
        )
        self.orders.entered[row] = self.report.sequence
        return self.enter(row)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _refuse(self, start: cython.Py_ssize_t) -> cython.int:
        terms: cython.longlong = known_terms(self.turn.words[start + kinds.CREATE_TERMS], 3)
        state: cython.longlong = (terms & 0xFFFFFF) << kinds.STATE_SIDE
        state |= ((terms >> kinds.TERM_FLAGS) & kinds.FLAG_HAS_PRICE) << kinds.STATE_FLAGS
        state |= enums.ORDER_STATUS_REJECTED << kinds.STATE_STATUS
        self.report.refuse(self.admission.refusal)
        self.report.refused_command_event(
            kinds.ORDER_REJECTED,
            enums.EXECUTION_TYPE_REJECTED,
            state,
            start + kinds.CREATE_TEXT,
            self.turn.words[start + kinds.CREATE_TEXT_LENGTH],
        )
        self.results.words[self.report.result + kinds.RESULT_STATE] |= enums.ORDER_STATUS_REJECTED
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _open(self, start: cython.Py_ssize_t) -> cython.int:
        """Give the order that a record describes a row."""
        orders: Orders = self.orders
        terms: cython.longlong = self.turn.words[start + kinds.CREATE_TERMS]
        flags: cython.longlong = terms >> kinds.TERM_FLAGS
        account: cython.int = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        )
        row: cython.int = orders.take(account)
        orders.terms[row] = (terms & 0xFFFFFF) << kinds.STATE_SIDE
        orders.terms[row] |= (flags & kinds.FLAG_HAS_PRICE) << kinds.STATE_FLAGS
        orders.traits[row] = cython.cast(
            cython.int,
            (flags & (kinds.FLAG_POST_ONLY | kinds.FLAG_REDUCE_ONLY))
            | (((terms >> kinds.TERM_SELF_TRADE_PREVENTION) & 0xFF) << 8),
        )
        orders.position[row] = self.admission.position
        orders.instrument[row] = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_PARTIES] >> 32
        )
        orders.session[row] = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_ACTOR] >> 32
        )
        orders.price[row] = self.turn.words[start + kinds.CREATE_PRICE]
        orders.quantity[row] = self.turn.words[start + kinds.CREATE_QUANTITY]
        orders.created_ns[row] = self.report.time_ns
        self._note_conditions(start, row)
        self.placing.exposure.open(
            row,
            self.placing.exposure.lots(row),
            self.admission.pretrade.risk.ticks,
            self.admission.pretrade.funds.reserve,
            self.admission.pretrade.funds.foreseen,
        )
        self.placing.phase_lists.add(row)
        orders.make_room_for_id()
        orders.entry[row] = orders.ids.add(
            account,
            self.turn,
            start + kinds.CREATE_TEXT,
            cython.cast(cython.int, self.turn.words[start + kinds.CREATE_TEXT_LENGTH]),
            row,
            kinds.NO_SLOT,
        )
        return row

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note_conditions(self, start: cython.Py_ssize_t, row: cython.int) -> cython.void:
        """Write down what only some orders have."""
        orders: Orders = self.orders
        kind: cython.int = orders.order_type(row)
        if self.turn.words[start + kinds.CREATE_MIN_QUANTITY] != 0:
            orders.traits[row] |= kinds.TRAIT_MIN_QUANTITY
            orders.min_quantity[row] = self.turn.words[start + kinds.CREATE_MIN_QUANTITY]
        if orders.time_in_force(row) == enums.TIME_IN_FORCE_GTD:
            orders.expire_ns[row] = self.turn.words[start + kinds.CREATE_EXPIRE_TIME_NS]
            orders.deadlines.set(row, orders.expire_ns[row], orders.order_id[row])
        if kind == enums.ORDER_TYPE_ICEBERG:
            orders.display[row] = self.turn.words[start + kinds.CREATE_DISPLAY_QUANTITY]
        elif kind == enums.ORDER_TYPE_PEGGED:
            self._note_peg(start, row)
        elif orders.is_stop(row):
            self._note_stop(start, row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note_stop(self, start: cython.Py_ssize_t, row: cython.int) -> cython.void:
        terms: cython.longlong = self.turn.words[start + kinds.CREATE_TERMS]
        trigger: cython.longlong = (terms >> kinds.TERM_STOP_TRIGGER) & 0xFF
        if trigger == 0:
            trigger = enums.STOP_TRIGGER_LAST_TRADE
        self.orders.traits[row] |= kinds.FLAG_HAS_STOP_PRICE | cython.cast(
            cython.int, trigger << 16
        )
        self.orders.stop_price[row] = self.turn.words[start + kinds.CREATE_STOP_PRICE]
        self.orders.status[row] = enums.ORDER_STATUS_PENDING_TRIGGER

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note_peg(self, start: cython.Py_ssize_t, row: cython.int) -> cython.void:
        """Write down what a pegged order follows, and give it its price, if it has one now."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        terms: cython.longlong = self.turn.words[start + kinds.CREATE_TERMS]
        orders.traits[row] |= cython.cast(
            cython.int, ((terms >> kinds.TERM_PEG_REFERENCE) & 0xFF) << 24
        )
        orders.peg_offset[row] = self.turn.words[start + kinds.CREATE_PEG_OFFSET]
        if (terms >> kinds.TERM_FLAGS) & kinds.FLAG_HAS_PRICE:
            orders.traits[row] |= kinds.TRAIT_PEG_LIMIT
            orders.stop_price[row] = orders.price[row]
        first: cython.bint = self.placing.instruments.get(instrument, tables.INSTRUMENT_PEGS) == 0
        self.placing.open_peg(row)
        if first:
            self.pegs.has_moved(instrument)
        self.pegs.show_price(
            row, self.placing.instruments.is_continuous(instrument) and self.pegs.price(row)
        )

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def enter(self, row: cython.int) -> cython.int:
        """Bring an order that is nowhere to where it works, or waits."""
        if self.orders.status[row] == enums.ORDER_STATUS_PENDING_TRIGGER:
            if not self.stops.is_reached_on_entry(row):
                return self.placing.waiting_stops.hold(row)
            self.stops.set_off(row)
        elif self.orders.order_type(row) != enums.ORDER_TYPE_PEGGED or self._has_price(row):
            self.matching.work(row)
        return self.settling.phases.interrupt()

    @cython.cfunc
    @cython.exceptval(check=False)
    def _has_price(self, row: cython.int) -> cython.bint:
        return (self.orders.terms[row] >> kinds.STATE_FLAGS) & kinds.FLAG_HAS_PRICE != 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
