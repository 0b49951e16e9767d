"""Random commands on orders."""

import random
from typing import Any

from quantumcore.server.core import enums, kinds
from tests.server.core.model import Model, Order
from tests.server.core.model.instrument import Instrument

LIMIT, MARKET = enums.ORDER_TYPE_LIMIT, enums.ORDER_TYPE_MARKET
STOP, STOP_LIMIT = enums.ORDER_TYPE_STOP, enums.ORDER_TYPE_STOP_LIMIT
ICEBERG, PEGGED = enums.ORDER_TYPE_ICEBERG, enums.ORDER_TYPE_PEGGED
GTD = enums.TIME_IN_FORCE_GTD
RESTING = (enums.TIME_IN_FORCE_DAY, enums.TIME_IN_FORCE_GTC, enums.TIME_IN_FORCE_GTC, GTD)
TYPES = ((LIMIT, 50), (MARKET, 8), (STOP, 8), (STOP_LIMIT, 8), (ICEBERG, 14), (PEGGED, 10))
CENTRES = {1: 100, 2: 0, 3: 75}  # of prices, by instrument
TRADERS = (1, 2, 3, 4, 5, 6, 6, 7, 7, 8, 8)  # accounts, those that are held to more more often
EXTREMES = (1 << 62, (1 << 63) - 1, -(1 << 63))
LONGEST = kinds.CLIENT_ORDER_ID_BYTES


class OrderFlow:
    """Chooses orders that mostly make sense, and changes of orders that mostly exist."""

    def __init__(self, choose: random.Random, model: Model) -> None:
        self.choose, self.model = choose, model
        self.names = 0
        self.types = [weight * choose.choice((0.3, 1, 1, 3)) for _, weight in TYPES]
        self.width = choose.choice((2, 3, 4, 5))  # of prices, in ticks
        self.reducing = choose.choice((0.05, 0.15, 0.4))

    def any_instrument(self) -> Instrument:
        """Return an instrument, the first more often than others."""
        listed = self.model.world.instruments
        return listed[self.choose.choice((1, 1, 1, *listed))]

    def any_price(self, instrument: Instrument, side: int = 0) -> int:
        """Return a whole tick out of few; for a side mostly one that does not trade at once."""
        ticks = self.choose.randint(-self.width, self.width)
        if side:
            ticks += self.choose.choice((0, 1, 2)) * (-1 if side == enums.SIDE_BUY else 1)
        return CENTRES[instrument.instrument_id] + ticks * instrument.tick_size

    def odd(self, value: int) -> int:
        """Return the value, now and then spoilt."""
        if self.choose.random() < 0.985:
            return value
        many = max(-(1 << 63), min(value * 1_000, (1 << 63) - 1))
        return self.choose.choice((0, -value, value + 1, many, *EXTREMES))

    def new_name(self) -> str:
        choose = self.choose
        if choose.random() < 0.01:
            return choose.choice(("", "x" * (LONGEST + 1), "é"))
        if self.names and choose.random() < 0.01:
            return f"o{choose.randint(1, self.names)}"
        self.names += 1
        name = f"o{self.names}"
        return name.ljust(LONGEST, "_") if choose.random() < 0.01 else name

    def create(self) -> tuple[str, dict[str, Any]]:
        choose, instrument = self.choose, self.any_instrument()
        (kind,) = choose.choices([kind for kind, _ in TYPES], self.types)
        order: dict[str, Any] = {
            "account_id": choose.choice(TRADERS),
            "instrument_id": instrument.instrument_id,
            "client_order_id": self.new_name(),
            "side": choose.choice((enums.SIDE_BUY, enums.SIDE_SELL)),
            "order_type": kind,
            "quantity": self.odd(choose.randint(1, 16) * instrument.lot_size),
        }
        if kind in {LIMIT, STOP_LIMIT, ICEBERG} or (kind == PEGGED and choose.random() < 0.4):
            order["price"] = self.odd(self.any_price(instrument, order["side"]))
        order |= self._time_in_force(kind)
        order |= self._particulars(instrument, order)
        order |= self._conditions(kind, instrument, order)
        if choose.random() < 0.02:
            self._spoil(order)
        return "create_order", order

    def _time_in_force(self, kind: int) -> dict[str, Any]:
        choose = self.choose
        time_in_force = choose.choice(RESTING)
        if kind in {LIMIT, MARKET} and choose.random() < 0.4:
            time_in_force = choose.choice((4, 4, 5, 5, 6, 7))
        terms = {"time_in_force": time_in_force}
        if time_in_force == GTD:
            terms["expire_time_ns"] = self.model.world.time_ns + choose.randint(0, 400)
        return terms

    def _particulars(self, instrument: Instrument, order: dict[str, Any]) -> dict[str, Any]:
        """Return what orders of a type need beside the common terms."""
        choose, kind = self.choose, order["order_type"]
        quantity, side = order["quantity"], order["side"]
        if kind in {STOP, STOP_LIMIT}:
            price = self.odd(self.any_price(instrument, 3 - side))
            return {"stop_price": price, "stop_trigger": choose.randint(0, 3)}
        if kind == ICEBERG:
            shown = max(1, quantity // instrument.lot_size // choose.randint(2, 5))
            return {"display_quantity": self.odd(shown * instrument.lot_size)}
        if kind == PEGGED:
            offset = self.odd(choose.randint(-2, 2) * instrument.tick_size)
            return {"peg_reference": choose.randint(1, 3), "peg_offset": offset}
        return {}

    def _conditions(
        self, kind: int, instrument: Instrument, order: dict[str, Any]
    ) -> dict[str, Any]:
        """Return the conditions that any order may have, rarely more than one."""
        choose, terms = self.choose, dict[str, Any]()
        passive = kind in {LIMIT, ICEBERG} and order["time_in_force"] in RESTING
        plain = kind in {LIMIT, ICEBERG, MARKET} and order["time_in_force"] != 5
        if passive and choose.random() < 0.12:
            terms["post_only"] = True
        elif plain and choose.random() < 0.08 and instrument.is_continuous:
            terms["min_quantity"] = self.odd(choose.randint(1, 8) * instrument.lot_size)
        if choose.random() < self.reducing:
            terms |= self._reduce_only(instrument, order)
        if choose.random() < 0.3:
            terms["self_trade_prevention"] = choose.randint(1, 5)
        if choose.random() < 0.3:
            session = choose.randint(1, 3) | choose.choice((0, kinds.SESSION_CANCELS))
            terms["actor"] = session << 32 | 1
        return terms

    def _reduce_only(self, instrument: Instrument, order: dict[str, Any]) -> dict[str, Any]:
        """Return terms that reduce the account's position, if it has one, mostly."""
        position = self.model.world.held(order["account_id"], instrument.instrument_id)
        lots = abs(position) // instrument.lot_size
        if lots == 0 or self.choose.random() < 0.1:
            return {"reduce_only": True}
        side = enums.SIDE_SELL if position > 0 else enums.SIDE_BUY
        quantity = self.choose.randint(1, min(lots, 20)) * instrument.lot_size
        return {"reduce_only": True, "side": side, "quantity": quantity}

    def _spoil(self, order: dict[str, Any]) -> None:
        """Set a field that does not belong, or to a value that is none."""
        spoilt: dict[str, Any] = {
            "side": self.choose.choice((0, 3)),
            "order_type": self.choose.choice((0, 7, *range(1, 7))),
            "time_in_force": self.choose.choice((0, 8, *range(1, 8))),
            "stop_trigger": self.choose.randint(0, 4),
            "peg_reference": self.choose.randint(0, 4),
            "self_trade_prevention": 6,
            "price": self.choose.choice((None, 10)),
            "stop_price": self.choose.choice((None, 10)),
            "display_quantity": self.choose.choice((0, 5)),
            "peg_offset": 10,
            "post_only": True,
            "min_quantity": 5,
            "expire_time_ns": self.choose.choice((0, 5, 1 << 60)),
            "account_id": self.choose.choice((0, 9)),
            "instrument_id": self.choose.choice((0, 9)),
            "door_reason": enums.REJECT_REASON_NOT_PERMITTED,
        }
        for name in self.choose.sample(sorted(spoilt), self.choose.choice((1, 1, 2))):
            order[name] = spoilt[name]

    def _named(self) -> tuple[Order | None, dict[str, Any]]:
        """Return an order, mostly one that works, and how a command names it."""
        choose, world = self.choose, self.model.world
        orders = list(world.working.values()) if choose.random() < 0.9 else world.orders[-40:]
        if not orders:
            return None, {"account_id": 1, "client_order_id": "none"}
        order = choose.choice(orders)
        account_id = order.account_id if choose.random() < 0.97 else choose.choice((0, 1, 2, 9))
        if choose.random() < 0.5:
            return order, {"account_id": account_id, "order_id": order.order_id}
        if choose.random() < 0.02:
            return order, {"account_id": account_id, "client_order_id": self.new_name()}
        name = choose.choice(order.names)
        return order, {"account_id": account_id, "client_order_id": name}

    def cancel(self) -> tuple[str, dict[str, Any]]:
        named = self._named()[1]
        if self.choose.random() < 0.01:
            named["door_reason"] = enums.REJECT_REASON_NOT_PERMITTED
        return "cancel_order", named

    def replace(self) -> tuple[str, dict[str, Any]]:
        choose = self.choose
        order, change = self._named()
        instrument = self.any_instrument()
        if order is not None:
            instrument = self.model.world.instrument(order)
        if choose.random() < 0.25:
            change["new_client_order_id"] = self.new_name()
        if choose.random() < 0.7:
            change["quantity"] = self.odd(choose.randint(1, 16) * instrument.lot_size)
        fixed = order is not None and (order.is_market or order.is_peg)
        if choose.random() < (0.03 if fixed else 0.5):
            change["price"] = self.odd(self.any_price(instrument, order.side if order else 0))
        stop = order is not None and order.status == enums.ORDER_STATUS_PENDING_TRIGGER
        if choose.random() < (0.4 if stop else 0.02):
            change["stop_price"] = self.odd(self.any_price(instrument))
        if choose.random() < 0.01:
            change["door_reason"] = enums.REJECT_REASON_NOT_PERMITTED
        return "replace_order", change

    def cancel_many(self) -> tuple[str, dict[str, Any]]:
        choose = self.choose
        wanted = {
            "account_id": choose.choice((0, 1, 2, 3, 4, 5, 6, 7, 8)),
            "instrument_id": choose.choice((0, 0, 1, 2, 3, 9)),
            "side": choose.choice((0, 0, 1, 2, 3)),
            "session": choose.choice((0, 0, 1, 1, 2, 2, 3, -1, kinds.SESSION_NUMBER)),
            "ended": choose.random() < 0.5,
        }
        if wanted["ended"] and choose.random() < 0.7:  # few orders are of one session
            wanted |= {"instrument_id": 0, "side": 0, "session": choose.choice((0, 1, 2))}
        return "cancel_orders", wanted
