"""Random commands of administration: phases, quotes, busts, bands, groups, kill switches."""

import random
from typing import Any

from quantumcore.server.core import enums
from quantumcore.server.core.admin_commands import Terms
from tests.server.core.flow_orders import OrderFlow
from tests.server.core.model import Model
from tests.server.core.model.instrument import Instrument
from tests.server.core.model.phases import ALL, may_follow

Chosen = tuple[str, dict[str, Any]]

INSTRUMENTS: list[dict[str, Any]] = [
    {
        "tick_size": 10,
        "lot_size": 5,
        "min_price": -1_000,
        "max_price": 10_000,
        "max_quantity": 500,
        "protection_band": 30,
        "tick_value": 7,
        "terms": Terms(maker_fee=-3_000, taker_fee=7_001),
        "price_band": 45,
        "auction_duration_ns": 40,
    },
    {
        "tick_size": 1,
        "lot_size": 1,
        "min_price": -9,
        "max_price": 9,
        "max_quantity": 60,
        "protection_band": 4,
        "tick_value": 3,
        "terms": Terms(kind=enums.INSTRUMENT_KIND_FUTURE, maker_fee=900, taker_fee=40_000),
    },
    {
        "tick_size": 25,
        "lot_size": 10,
        "min_price": -110,
        "max_price": 260,
        "max_quantity": 900,
        "protection_band": 60,
        "tick_value": 1,
        "currency": 1,
        "price_band": 80,
        "phase": enums.TRADING_PHASE_PRE_OPEN,
    },
]


class AdministrationFlow:
    """Chooses what an operator might do; most of it keeps the venue trading."""

    def __init__(self, choose: random.Random, model: Model, orders: OrderFlow) -> None:
        self.choose, self.model, self.orders = choose, model, orders

    def stuck(self) -> list[Instrument]:
        """Return the instruments in which orders do not trade at once."""
        listed = self.model.world.instruments.values()
        return [instrument for instrument in listed if not instrument.is_continuous]

    def on_the_way(self, instrument: Instrument) -> Chosen:
        """Return a step that brings an instrument nearer to trading again."""
        expiry = instrument.expiry_time_ns
        if expiry and expiry <= self.model.world.time_ns:
            terms = dict(INSTRUMENTS[instrument.instrument_id - 1])
            return "create_instrument", terms | {"instrument_id": instrument.instrument_id}
        return self.phase(instrument)

    def any_phase(self) -> Chosen:
        return self.phase(self.choose.choice(list(self.model.world.instruments.values())))

    def phase(self, instrument: Instrument) -> Chosen:
        possible = [phase for phase in ALL if may_follow(instrument.phase, phase)]
        if not instrument.is_continuous:
            possible += [phase for phase in possible if phase == enums.TRADING_PHASE_CONTINUOUS] * 3
        phase = self.choose.choice(possible)
        if self.choose.random() < 0.04:
            phase = self.choose.randint(0, 8)
        number = instrument.instrument_id if self.choose.random() < 0.99 else 9
        return "set_trading_phase", {"instrument_id": number, "phase": phase}

    def reference(self) -> Chosen:
        instrument = self.orders.any_instrument()
        quote: dict[str, Any] = {"instrument_id": instrument.instrument_id}
        for name in ("bid", "ask", "last"):
            if self.choose.random() < 0.6:
                off_tick = self.choose.choice((0, 0, 1))
                quote[name] = self.orders.odd(self.orders.any_price(instrument) + off_tick)
        return "set_reference", quote

    def _trade_id(self) -> int:
        last = self.model.world.last_trade_id
        back = self.choose.choice((0, 3, 20, 300))
        return self.choose.randint(max(0, last - back), last + (self.choose.random() < 0.05))

    def bust(self) -> Chosen:
        return "bust_trade", {"trade_id": self._trade_id()}

    def correct(self) -> Chosen:
        choose, trade_id = self.choose, self._trade_id()
        arguments: dict[str, Any] = {"trade_id": trade_id}
        trade = self.model.world.trades.get(trade_id)
        instrument = self.orders.any_instrument()
        if trade is not None:
            instrument = self.model.world.instruments[trade.instrument_id]
        if choose.random() < 0.7:
            arguments["price"] = self.orders.odd(self.orders.any_price(instrument))
        if choose.random() < 0.7:
            arguments["quantity"] = self.orders.odd(choose.randint(1, 6) * instrument.lot_size)
        return "correct_trade", arguments

    def killed(self) -> list[int]:
        """Return whose kill switch is on; 0: the venue's."""
        world = self.model.world
        killed = [number for number, account in world.accounts.items() if account.is_killed]
        return [0] * world.is_killed + killed

    def kill(self) -> Chosen:
        account_id = self.choose.choice((0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
        return "set_kill_switch", {"enabled": self.choose.random() < 0.7, "account_id": account_id}

    def instrument(self) -> Chosen:
        """Change bounds, bands and fees; sometimes let it expire soon, or let it live on."""
        choose, number = self.choose, self.choose.randint(1, len(INSTRUMENTS))
        terms = dict(INSTRUMENTS[number - 1]) | {"instrument_id": number}
        terms["price_band"] = choose.choice((0, terms["tick_size"] * 3, terms.get("price_band", 0)))
        terms["auction_duration_ns"] = choose.choice((0, 30, 200))
        if choose.random() < 0.3:
            terms["max_price"] -= choose.randint(0, 1) * terms["tick_size"] * 5
            terms["min_price"] += choose.randint(0, 1) * terms["tick_size"] * 3
            terms["max_quantity"] //= choose.randint(1, 8)
        if choose.random() < 0.3:
            kind, fees = choose.choice((1, 1, 1, 4)), (-3_000, 0, 900, 30_000)
            terms["terms"] = Terms(
                kind, maker_fee=choose.choice(fees), taker_fee=choose.choice(fees)
            )
        if choose.random() < 0.5:
            soon = choose.randint(0, choose.choice((400, 2_000, 8_000)))
            terms["expiry_time_ns"] = self.model.world.time_ns + soon
        if choose.random() < 0.05:
            terms["instrument_id"] = 9
        return "create_instrument", terms

    def session(self) -> Chosen:
        return "open_session", {"actor": self.choose.randint(1, 3)}

    def advance(self) -> Chosen:
        return "advance_time", {}
