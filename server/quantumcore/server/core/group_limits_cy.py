"""Hold an order to the limits of its account's group: of the sum over all members."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.balances_cy import Balances
    from cython.cimports.quantumcore.server.core.groups_cy import Groups
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.risk_cy import Risk
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.balances_cy import Balances
    from quantumcore.server.core.groups_cy import Groups
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.risk_cy import Risk


@cython.final
@cython.cclass
class GroupLimits:
    """The last of the checks: whatever members have together, each lot that works is counted.

    `begin` comes first, then `add` for the lots that `risk` looks at (of a package, for each leg),
    then `check`. Sums are whole numbers without bounds. A check visits every member, so it takes
    the longer the more there are; an account of no group with limits pays one test.
    """

    accounts: Accounts
    balances: Balances
    groups: Groups
    instruments: Instruments
    positions: Positions
    refusal: Refusal
    risk: Risk
    place: cython.int
    value: int

    def __init__(self, risk: Risk) -> None:
        self.risk, self.refusal = risk, risk.refusal
        self.accounts, self.groups = risk.accounts, risk.accounts.groups
        self.balances, self.instruments = risk.balances, risk.instruments
        self.positions, self.place, self.value = risk.positions, 0, 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def begin(self, account: cython.int) -> cython.bint:
        """Begin with an order of an account; whether its group has limits."""
        self.place = self.accounts.group[account]
        self.value = 0
        return self.place != 0 and self.groups.has_limits(self.place)

    def add(self, field: int) -> int:
        """Check the position that fills of all members' orders on the side could lead to."""
        risk: Risk = self.risk
        most = int(self.groups.limit(self.place, tables.GROUP_POSITION))
        lot = int(self.instruments.get(risk.instrument, tables.INSTRUMENT_LOT_SIZE))
        self.value += int(risk.value(risk.lots, risk.ticks)) - int(risk.own_value)
        if most == 0:
            return 0
        held = int(risk.lots) - int(risk.own_lots)
        for member in self.groups.members[self.place]:
            held += self._held(member)
        reason = enums.REJECT_REASON_GROUP_POSITION_LIMIT
        self._compare(reason, most, held * lot)
        if held > most // lot:
            return self._refuse(reason, field, most, held * lot)
        return 0

    def _held(self, member: int) -> int:
        """Return what a member holds and works of the instrument, towards the order's side."""
        entry: cython.int = self.positions.find(member, self.risk.instrument)
        if entry == kinds.NO_SLOT:
            return 0
        lots, buying = int(self.positions.lots[entry]), int(self.positions.buying[entry])
        if self.risk.side == enums.SIDE_BUY:
            return lots + buying
        return int(self.positions.selling[entry]) - lots

    def check(self, row: int, counted: int, field: int) -> int:
        """Check value and number of working orders, and margin; `row` is what is replaced.

        `counted` is the most that the order may come to bind of margin: what it would have reserved
        and foreseen.
        """
        currency = self.instruments.get(self.risk.instrument, tables.INSTRUMENT_CURRENCY)
        opened, margin, working = self.usage(self.groups.members[self.place], currency)
        reason = enums.REJECT_REASON_GROUP_OPEN_ORDER_LIMIT
        most = int(self.groups.limit(self.place, tables.GROUP_OPEN_VALUE))
        if most:
            self._compare(reason, most, opened + self.value)
        if most and opened + self.value > most:
            return self._refuse(reason, field, most, opened + self.value)
        most = int(self.groups.limit(self.place, tables.GROUP_WORKING_ORDERS))
        if most and row == kinds.NO_SLOT and working >= most:
            return self._refuse(reason, 0, most, working + 1)
        more = counted
        if row != kinds.NO_SLOT:
            more -= int(self.risk.exposure.counted(row))
        most = int(self.groups.limit(self.place, tables.GROUP_MARGIN))
        reason = enums.REJECT_REASON_GROUP_MARGIN_LIMIT
        if most and more > 0:
            self._compare(reason, most, margin + more)
        if most:
            self._take_turns(currency)
        if most and more > 0 and margin + more > most:
            return self._refuse(reason, field, most, margin + more)
        return 0

    def _take_turns(self, currency: int) -> None:
        """Have the margin of one more member told again, in turn, as marks may have moved.

        So none is older than as many checks as there are members, and a check costs no more for it
        than one margin.
        """
        groups: Groups = self.groups
        members: list[int] = groups.members[self.place]
        if self.risk.is_dry:
            return
        for _ in members:
            groups.turn[self.place] = (groups.turn[self.place] + 1) % len(members)
            member: cython.int = members[groups.turn[self.place]]
            balance: cython.int = self.balances.find(member, currency)
            if balance == kinds.NO_SLOT or self.balances.margined[balance] == 0:
                continue
            if self.accounts.margin_model[member] > enums.MARGIN_MODEL_NONE:
                self.balances.note_margin(balance)
                return

    def usage(self, members: list[int], currency: int) -> tuple[int, int, int]:
        """Return value of working orders, margin that members may come to, and number of orders."""
        opened = margin = working = 0
        for member in members:
            working += int(self.accounts.working[member])
            balance: cython.int = self.balances.find(member, currency)
            if balance != kinds.NO_SLOT:
                opened += self.balances.open_value.read(balance)
                margin += int(self.balances.margin[balance]) + int(self.balances.reserved[balance])
                margin += int(self.balances.foreseen[balance])
        return opened, margin, working

    def _compare(self, reason: int, limit: int, value: int) -> None:
        if not self.refusal.asks:
            return
        most: cython.longlong = kinds.MONEY_LIMIT
        told = max(-most, min(most, value))
        self.refusal.compare(reason, limit, told, limit - told)

    def _refuse(self, reason: int, field: int, limit: int, value: int) -> int:
        most: cython.longlong = kinds.MONEY_LIMIT
        refused: int = self.refusal.fail(reason, field, limit, min(value, most))
        return refused


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
