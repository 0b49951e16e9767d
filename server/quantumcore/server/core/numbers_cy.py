"""Check quantities and prices against what an instrument allows."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.terms_cy import Terms
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.terms_cy import Terms


@cython.final
@cython.cclass
class Numbers:
    """Notes in `refusal` what is wrong with numbers; of several reasons the lowest counts."""

    instruments: Instruments
    refusal: Refusal
    terms: Terms

    def __init__(self, instruments: Instruments, terms: Terms) -> None:
        self.instruments, self.terms = instruments, terms
        self.refusal = terms.refusal

    @cython.cfunc
    @cython.exceptval(check=False)
    def check(self, instrument: cython.int, now_ns: cython.longlong) -> cython.longlong:
        """Check quantities, prices and times of a CREATE_ORDER; return the reason that counts."""
        terms: Terms = self.terms
        expires: cython.longlong = terms.word(kinds.CREATE_EXPIRE_TIME_NS)
        quantity: cython.longlong = terms.word(kinds.CREATE_QUANTITY)
        self.refusal.clear()
        self.check_quantity(instrument, quantity, enums.CREATE_FIELD_QUANTITY)
        if terms.flag(kinds.FLAG_HAS_PRICE):
            self.check_price(instrument, terms.word(kinds.CREATE_PRICE), enums.CREATE_FIELD_PRICE)
        if (terms.part(kinds.TERM_ORDER_TYPE)) > enums.ORDER_TYPE_MARKET:
            self._special_numbers(instrument, quantity)
        if terms.word(kinds.CREATE_MIN_QUANTITY) != 0:
            self._part_of(
                instrument,
                terms.word(kinds.CREATE_MIN_QUANTITY),
                quantity,
                enums.CREATE_FIELD_MIN_QUANTITY,
            )
        if expires != 0 and expires <= now_ns:
            self.refusal.note(
                enums.REJECT_REASON_EXPIRE_TIME_PASSED,
                enums.CREATE_FIELD_EXPIRE_TIME_NS,
                now_ns,
                expires,
            )
        return self.refusal.reason

    @cython.cfunc
    @cython.exceptval(check=False)
    def _special_numbers(self, instrument: cython.int, quantity: cython.longlong) -> cython.void:
        """Check what only stops, icebergs and pegs have."""
        terms: Terms = self.terms
        tick: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        if terms.flag(kinds.FLAG_HAS_STOP_PRICE):
            self.check_price(
                instrument, terms.word(kinds.CREATE_STOP_PRICE), enums.CREATE_FIELD_STOP_PRICE
            )
        if terms.part(kinds.TERM_ORDER_TYPE) == enums.ORDER_TYPE_ICEBERG:
            self._part_of(
                instrument,
                terms.word(kinds.CREATE_DISPLAY_QUANTITY),
                quantity - 1,
                enums.CREATE_FIELD_DISPLAY_QUANTITY,
            )
        offset: cython.longlong = terms.word(kinds.CREATE_PEG_OFFSET)
        furthest: cython.longlong = self.instruments.get(
            instrument, tables.INSTRUMENT_MAX_PRICE
        ) - self.instruments.get(instrument, tables.INSTRUMENT_MIN_PRICE)
        field: cython.longlong = enums.CREATE_FIELD_PEG_OFFSET
        if offset % tick != 0:
            self.refusal.note(enums.REJECT_REASON_PRICE_OFF_TICK, field, tick, offset)
        elif offset > furthest or offset < -furthest:
            self.refusal.note(enums.REJECT_REASON_PRICE_OUT_OF_RANGE, field, furthest, offset)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _part_of(
        self,
        instrument: cython.int,
        part: cython.longlong,
        most: cython.longlong,
        field: cython.longlong,
    ) -> cython.void:
        """Check a quantity that is a part of the order's."""
        lot: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
        if part <= 0:
            self.refusal.note(enums.REJECT_REASON_QUANTITY_NOT_POSITIVE, field, 0, part)
        elif part % lot != 0:
            self.refusal.note(enums.REJECT_REASON_QUANTITY_OFF_LOT, field, lot, part)
        elif part > most:
            self.refusal.note(
                enums.REJECT_REASON_QUANTITY_TOO_LARGE,
                field,
                self.terms.word(kinds.CREATE_QUANTITY),
                part,
            )

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_quantity(
        self, instrument: cython.int, quantity: cython.longlong, field: cython.longlong
    ) -> cython.void:
        """Note what is wrong with a quantity: sign, lot size, maximum."""
        lot: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
        most: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_MAX_QUANTITY)
        if quantity <= 0:
            self.refusal.note(enums.REJECT_REASON_QUANTITY_NOT_POSITIVE, field, 0, quantity)
        elif quantity % lot != 0:
            self.refusal.note(enums.REJECT_REASON_QUANTITY_OFF_LOT, field, lot, quantity)
        elif quantity > most:
            self.refusal.note(enums.REJECT_REASON_QUANTITY_TOO_LARGE, field, most, quantity)

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_price(
        self, instrument: cython.int, price: cython.longlong, field: cython.longlong
    ) -> cython.void:
        """Note what is wrong with a price: tick size, range."""
        tick: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        lowest: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_MIN_PRICE)
        highest: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_MAX_PRICE)
        if price % tick != 0:
            self.refusal.note(enums.REJECT_REASON_PRICE_OFF_TICK, field, tick, price)
        elif price < lowest:
            self.refusal.note(enums.REJECT_REASON_PRICE_OUT_OF_RANGE, field, lowest, price)
        elif price > highest:
            self.refusal.note(enums.REJECT_REASON_PRICE_OUT_OF_RANGE, field, highest, price)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
