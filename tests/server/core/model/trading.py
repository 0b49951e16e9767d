"""The commands on orders."""

from collections.abc import Iterator
from typing import Any

from quantumcore.server.core import enums, kinds
from tests.server.core.model import placing
from tests.server.core.model.admission import Refusal, against, at_the_door
from tests.server.core.model.changes import Change, against_change, carry_out
from tests.server.core.model.desk import Desk
from tests.server.core.model.funds import against_funds, reserve
from tests.server.core.model.instrument import Instrument
from tests.server.core.model.limits import Check, against_rate
from tests.server.core.model.order import Order
from tests.server.core.model.settling import enter, firm, peg_price
from tests.server.core.model.valuing import Asked

FIRST_ORDER_ID = 1 << 28


class Trading(Desk):
    """Each takes the arguments of the function of `commands` with its name."""

    def create_order(
        self, *, request_id: int = 0, actor: int = 0, door_reason: int = 0, **terms: Any
    ) -> None:
        order = Order(session=actor >> 32, **terms)
        if door_reason:
            self.refused = at_the_door(door_reason, order.account_id, request_id)
            self._tell_rejection(order, request_id, account_id=0)
        elif self.refuse(self._against(order)):
            self._tell_rejection(order, request_id, account_id=order.account_id)
        else:
            self._accept(order, request_id)

    def _against(self, order: Order) -> Iterator[Refusal]:
        """Tell all that is wrong with a new order, with itself and with its account's means."""
        world, wrong = self.world, False
        if order.account_id in world.accounts:
            yield from against_rate(world, order.account_id, 2)
        for refusal in against(world, order):
            wrong = wrong or refusal.reason < enums.REJECT_REASON_KILL_SWITCH
            yield refusal
        if not wrong and world.accounts[order.account_id].is_watched:
            check = self._check(order)
            yield from check.refusals()
            yield from against_funds(check)

    def _check(self, order: Order) -> Check:
        """Look at a new order; a peg's price is the worst that it may take."""
        order.worst_price = order.price if order.is_peg else None
        worst = Asked(order, order.price, order.stop_price)
        return Check(self.world, worst, order.quantity, (8, 9), new=True)

    def _accept(self, order: Order, request_id: int) -> None:
        world, instrument = self.world, self.world.instrument(order)
        if world.accounts[order.account_id].is_watched:
            check = self._check(order)
            order.risk_ticks, order.reserve = check.ticks, reserve(check)
        order.order_id = FIRST_ORDER_ID + len(world.orders)
        order.created_ns = world.time_ns
        order.names.append(order.client_order_id)
        world.names[order.account_id, order.client_order_id] = order
        world.orders.append(order)
        world.by_id[order.order_id] = world.working[order.order_id] = order
        if order.is_stop:
            order.status = enums.ORDER_STATUS_PENDING_TRIGGER
            order.stop_trigger = order.stop_trigger or enums.STOP_TRIGGER_LAST_TRADE
        if order.is_peg:
            self._start_peg(instrument, order)
        self.concerned = order
        world.tell(order, kinds.ORDER_ACCEPTED, request_id=request_id)
        order.entered = world.sequence
        enter(world, order)

    def _start_peg(self, instrument: Instrument, peg: Order) -> None:
        """Give a peg its first price: that of now, where trading is continuous."""
        peg.worst_price, peg.price = peg.price, None
        if not instrument.pegs:
            instrument.followed = firm(instrument)
        instrument.pegs.append(peg)
        if instrument.is_continuous:
            peg.price = peg_price(instrument, peg)

    def _tell_rejection(self, order: Order, request_id: int, account_id: int) -> None:
        self.world.tell_refusal(
            kinds.ORDER_REJECTED,
            status=enums.ORDER_STATUS_REJECTED,
            account_id=account_id,
            instrument_id=order.instrument_id,
            side=as_byte(order.side),
            order_type=as_byte(order.order_type),
            time_in_force=as_byte(order.time_in_force),
            has_price=order.price is not None,
            price=order.price or 0,
            quantity=order.quantity,
            request_id=request_id,
            client_order_id=stored(order.client_order_id),
            **self.particulars(),
        )

    def cancel_order(
        self,
        *,
        account_id: int,
        order_id: int = 0,
        client_order_id: str = "",
        request_id: int = 0,
        actor: int = 0,
        door_reason: int = 0,
    ) -> None:
        named = (account_id, order_id, client_order_id)
        order = self._find(named, door_reason, kinds.CANCEL_REJECTED, request_id)
        if order is not None:
            self.concerned = order
            placing.cancel(self.world, order, enums.CANCEL_REASON_REQUESTED, request_id)

    def _find(
        self, named: tuple[int, int, str], door_reason: int, kind: int, request_id: int
    ) -> Order | None:
        """Return the working order that a command names; tell its refusal where there is none."""
        account_id, order_id, name = named
        order = self.world.by_id.get(order_id)
        if not order_id:
            order = self.world.names.get((account_id, name))
        if order is not None and order.account_id != account_id:
            order = None
        if door_reason:
            self.refused = at_the_door(door_reason, account_id, request_id)
            order, named = None, (0, order_id, name)
        elif account_id not in self.world.accounts:
            self.refused = Refusal(enums.REJECT_REASON_UNKNOWN_ACCOUNT, 2, 0, account_id)
        elif kind == kinds.REPLACE_REJECTED and self.refuse(
            against_rate(self.world, account_id, 2)
        ):
            pass  # whatever it names
        elif order is None:
            field = 3 if order_id else 4
            self.refused = Refusal(enums.REJECT_REASON_UNKNOWN_ORDER, field, 0, order_id)
        elif not order.is_working:
            reason = enums.REJECT_REASON_TOO_LATE_TO_CANCEL
            self.refused = Refusal(reason, 3, 0, order.order_id)
        if self.refused is None:
            return order
        self._tell_refused_change(order, kind, request_id, named[0], name)
        return None

    def _tell_refused_change(
        self, order: Order | None, kind: int, request_id: int, account_id: int, name: str
    ) -> None:
        said = {"request_id": request_id, **self.particulars()}
        if order is None:
            name = stored(name)
            self.world.tell_refusal(kind, account_id=account_id, client_order_id=name, **said)
        else:
            self.concerned = order
            self.world.tell(order, kind, **said)

    def replace_order(
        self,
        *,
        account_id: int,
        order_id: int = 0,
        client_order_id: str = "",
        new_client_order_id: str = "",
        quantity: int | None = None,
        price: int | None = None,
        stop_price: int | None = None,
        request_id: int = 0,
        actor: int = 0,
        door_reason: int = 0,
    ) -> None:
        named, kind = (account_id, order_id, client_order_id), kinds.REPLACE_REJECTED
        change = Change(new_client_order_id, quantity, price, stop_price)
        order = self._find(named, door_reason, kind, request_id)
        if order is None:
            return
        if self.refuse(against_change(self.world, order, change)):
            self._tell_refused_change(order, kind, request_id, account_id, client_order_id)
        else:
            self.concerned = order
            carry_out(self.world, order, change, request_id)

    def cancel_orders(
        self,
        *,
        account_id: int,
        instrument_id: int = 0,
        side: int = 0,
        session: int = 0,
        ended: bool = False,
        request_id: int = 0,
        actor: int = 0,
        door_reason: int = 0,
    ) -> None:
        if door_reason:
            self.refused = at_the_door(door_reason, account_id, request_id)
        elif account_id not in self.world.accounts:
            self.refused = Refusal(enums.REJECT_REASON_UNKNOWN_ACCOUNT, 2, 0, account_id)
        elif instrument_id and instrument_id not in self.world.instruments:
            self.refused = Refusal(enums.REJECT_REASON_UNKNOWN_INSTRUMENT, 3, 0, instrument_id)
        elif side not in {0, enums.SIDE_BUY, enums.SIDE_SELL}:
            self.refused = Refusal(enums.REJECT_REASON_INVALID_ENUM, 4, 0, side)
        elif not 0 <= session <= self.world.sessions:
            self.refused = Refusal(enums.REJECT_REASON_UNKNOWN_RESOURCE, 5, 0, session)
        if self.refused is not None:
            self.world.tell_refusal(
                kinds.CANCEL_REJECTED,
                account_id=0 if door_reason else account_id,
                instrument_id=instrument_id,
                request_id=request_id,
                **self.particulars(),
            )
            return
        reason = enums.CANCEL_REASON_DISCONNECT if ended else enums.CANCEL_REASON_MASS_CANCEL
        found = [
            order
            for order in self.world.working.values()
            if order.account_id == account_id
            and instrument_id in {0, order.instrument_id}
            and side in {0, order.side}
            and session in {0, order.session & kinds.SESSION_NUMBER}
            and (order.session & kinds.SESSION_CANCELS or not ended)
        ]
        self.cancel_all(found, reason)
        self.world.notice(kinds.ORDERS_CANCELLED, account_id, len(found))


def as_byte(choice: int) -> int:
    """Return a choice as events tell it: 0 where it is none that a byte can hold."""
    return choice if 0 <= choice < 0xFF else 0


def stored(name: str) -> str:
    """Return what the venue keeps of a name that may be too long or not printable."""
    printable = all(" " <= character <= "~" for character in name)
    return name[: kinds.CLIENT_ORDER_ID_BYTES] if printable else ""
