"""Generate the commands that the exchange is measured on, from a seed.

A flow is command records as they reach the core: encoded, one behind the other. It is generated
against an exchange that executes it, so cancels and changes name orders that work at that moment.
"""

import random
from array import array
from collections.abc import Callable
from typing import Any, NamedTuple

from quantumcore.server.core import admin_commands, enums, kinds, order_commands
from quantumcore.server.core.exchange_cy import Exchange

TICK, LOT = 1_000_000, 1_000_000
MIDDLE = 50_000  # ticks
OPENED_NS = 1_700_000_000_000_000_000
SECOND_NS = 1_000_000_000
# What a special order may be, the common ones more often.
KINDS = ("iceberg",) * 4 + ("stop", "expiring", "minimum", "whole", "market") * 2 + ("pegged",)


class Mix(NamedTuple):
    """Shares of the commands; what is left of 1 are changes. `special`: of new orders."""

    new: float = 0.45
    immediate: float = 0.08
    cancel: float = 0.35
    special: float = 0.0


PLAIN, EVERY_TYPE = Mix(), Mix(special=0.3)
# What accounts are held to: nothing; every limit; every limit, and funds that pay for all that is
# bought while what is sold is held. None of it refuses an order of the flow.
UNCHECKED, LIMITED, FUNDED = "unchecked", "limited", "funded"
LIMITS = admin_commands.Limits(
    order_quantity=1_000 * LOT,
    order_value=1 << 40,
    position_quantity=100_000_000 * LOT,
    open_order_value=1 << 50,
    collar_basis_points=5_000,
    working_orders=1 << 20,
    command_rate_hz=1_000_000_000,
    reference_age_ms=1_000_000,
)
CASH = 1 << 55
INVENTORY = 100  # purchases of the greatest quantity that an account begins with


class Commands(NamedTuple):
    """Records of commands: those that list and open, those that fill the books, the measured."""

    opening: memoryview
    filling: memoryview
    measured: memoryview
    size: int  # of the measured


class Trader:
    """Accounts that trade around prices which wander; no account trades with itself."""

    def __init__(
        self, seed: int, *, instruments: int, accounts: int, mix: Mix, risk: str = LIMITED
    ) -> None:
        self.random, self.risk = random.Random(seed), risk
        self.mix, self.instruments, self.accounts = mix, instruments, accounts
        self.exchange = Exchange(order_capacity=1 << 21)
        self.middle = [MIDDLE] * (instruments + 1)
        self.live: list[tuple[int, int, str]] = []  # order id, account, client order id
        self.numbers = [0] * (accounts + 1)
        self.entered = 0  # instrument of the newest order

    def commands(self, resting: int, count: int) -> Commands:
        """Return what opens the venue, what rests at first, and what is measured."""
        opening = self._record(self._open, 1)
        filling = self._record(self._fill, resting)
        return Commands(opening, filling, self._record(self._send, count), count)

    def _record(self, step: Callable[[], None], times: int) -> memoryview:
        written = array("q")
        for _ in range(times):
            self.exchange.begin_turn(OPENED_NS)
            step()
            written.frombytes(command_records(self.exchange.turn.view()))
        return memoryview(written)

    def _open(self) -> None:
        for _ in range(self.accounts):
            self._open_account()
        for _ in range(self.instruments):
            list_instrument(self.exchange)
            listed = self.exchange.instrument_count
            admin_commands.set_reference(self.exchange, instrument_id=listed, last=MIDDLE * TICK)
        if self.risk == FUNDED:
            self._stock()

    def _open_account(self) -> None:
        model = enums.MARGIN_MODEL_UNSPECIFIED
        if self.risk == FUNDED:
            model = enums.MARGIN_MODEL_NONE
        admin_commands.create_account(
            self.exchange,
            self_trade_prevention=enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST,
            margin_model=model,
        )
        account = self.exchange.account_count
        if self.risk == FUNDED:
            admin_commands.move_cash(self.exchange, account_id=account, amount=CASH)
        if self.risk != UNCHECKED:
            admin_commands.set_limits(self.exchange, account_id=account, limits=LIMITS)

    def _stock(self) -> None:
        """Let every account buy, from one that nothing is checked of, what it will sell."""
        admin_commands.create_account(self.exchange)
        issuer = self.exchange.account_count
        terms: dict[str, Any] = {"quantity": LIMITS.order_quantity, "price": MIDDLE * TICK}
        for number in range(self.accounts * self.instruments * INVENTORY):
            account, instrument = number % self.accounts + 1, number % self.instruments + 1
            for owner, side in ((issuer, enums.SIDE_SELL), (account, enums.SIDE_BUY)):
                order_commands.create_order(
                    self.exchange,
                    account_id=owner,
                    instrument_id=instrument,
                    client_order_id=f"stock-{number}",
                    side=side,
                    **terms,
                )

    def _fill(self) -> None:
        self._create(passive=True)

    def _send(self) -> None:
        what, mix = self.random.random(), self.mix
        if what < mix.new or not self.live:
            self._create()
        elif what < mix.new + mix.immediate:
            self._create(time_in_force=enums.TIME_IN_FORCE_IOC)
        elif what < mix.new + mix.immediate + mix.cancel:
            self._cancel()
        else:
            self._change()

    def _create(self, *, passive: bool = False, time_in_force: int = 0) -> None:
        instrument = self.random.randint(1, self.instruments)
        account = self.random.randint(1, self.accounts)
        side = self.random.choice((enums.SIDE_BUY, enums.SIDE_SELL))
        self.middle[instrument] += self.random.choice((-1, 0, 0, 0, 1))
        self.entered = instrument
        number = self._number(account)
        name = f"order-{number}"
        immediate = time_in_force == enums.TIME_IN_FORCE_IOC
        terms: dict[str, Any] = {
            "quantity": self.random.randint(1, 50) * LOT,
            "price": self._price(side, self.middle[instrument], passive=passive),
            "time_in_force": time_in_force or enums.TIME_IN_FORCE_DAY,
        }
        if not (passive or immediate) and self.random.random() < self.mix.special:
            terms = self._special(side, self.middle[instrument])
        order_commands.create_order(
            self.exchange,
            account_id=account,
            instrument_id=instrument,
            client_order_id=name,
            side=side,
            request_id=number,
            **terms,
        )
        answer = last_answer(self.exchange)
        if answer[kinds.RESULT_LEAVES_QUANTITY]:
            self.live.append((answer[kinds.RESULT_ORDER_ID], account, name))

    def _special(self, side: int, middle: int) -> dict[str, Any]:
        """Return the terms of an order that is not a plain limit order."""
        lots = self.random.randint(20, 50)
        terms = {"quantity": lots * LOT, "price": self._price(side, middle, passive=False)}
        kind = self.random.choice(KINDS)
        if kind in {"pegged", "market"}:
            del terms["price"]
        return terms | self._conditions(kind, side, middle, lots)

    def _conditions(self, kind: str, side: int, middle: int, lots: int) -> dict[str, Any]:
        """Return what this kind of order has beside quantity and price."""
        away = self.random.randint(5, 40) * (1 if side == enums.SIDE_BUY else -1)
        expires_ns = OPENED_NS + self.random.randint(1, 1000) * SECOND_NS
        pegged = {
            "order_type": enums.ORDER_TYPE_PEGGED,
            "peg_reference": enums.PEG_REFERENCE_PRIMARY,
        }
        conditions: dict[str, dict[str, int]] = {
            "iceberg": {
                "order_type": enums.ORDER_TYPE_ICEBERG,
                "display_quantity": lots // 5 * LOT,
            },
            "pegged": pegged | {"peg_offset": -self.random.randint(0, 3) * TICK},
            "stop": {
                "order_type": enums.ORDER_TYPE_STOP_LIMIT,
                "stop_price": (middle + away) * TICK,
            },
            "expiring": {
                "time_in_force": enums.TIME_IN_FORCE_GTD,
                "expire_time_ns": expires_ns,
            },
            "minimum": {"min_quantity": LOT},
            "whole": {"time_in_force": enums.TIME_IN_FORCE_FOK},
            "market": {
                "order_type": enums.ORDER_TYPE_MARKET,
                "time_in_force": enums.TIME_IN_FORCE_IOC,
            },
        }
        return conditions[kind]

    def _cancel(self) -> None:
        order, account, name = self._pick()
        by_id = self.random.random() < 0.5
        order_commands.cancel_order(
            self.exchange,
            account_id=account,
            order_id=order if by_id else 0,
            client_order_id="" if by_id else name,
            request_id=self._number(account),
        )

    def _change(self) -> None:
        order, account, name = self._pick()
        found = self.exchange.order(order)
        if found is None or found.leaves_quantity == 0:
            self._create()
            return
        lots = found.leaves_quantity // LOT
        smaller = lots > 1 and self.random.random() < 0.5
        left = self.random.randrange(1, lots) if smaller else lots
        side, middle = found.side, self.middle[found.instrument_id]
        reprice = not smaller and found.order_type == enums.ORDER_TYPE_LIMIT
        order_commands.replace_order(
            self.exchange,
            account_id=account,
            **self._named(order, name),
            quantity=found.cumulative_quantity + left * LOT,
            price=self._price(side, middle, passive=True) if reprice else None,
            request_id=self._number(account),
        )
        self.live.append((order, account, found.client_order_id))

    def _named(self, order: int, _name: str) -> dict[str, Any]:
        """Return by what a change names an order."""
        return {"order_id": order}

    def instrument_of(self, order: int) -> int:
        """Return the instrument of an order that is known; of another that of the newest order."""
        found = self.exchange.order(order)
        return self.entered if found is None else found.instrument_id

    def _pick(self) -> tuple[int, int, str]:
        """Take an order out, young ones more often; some have traded by now, as in real flow."""
        share = self.random.random() ** 2
        at = len(self.live) - 1 - int(share * len(self.live))
        self.live[at], self.live[-1] = self.live[-1], self.live[at]
        return self.live.pop()

    def _price(self, side: int, middle: int, *, passive: bool) -> int:
        away = int(self.random.expovariate(0.1)) + (1 if passive else -1)
        return (middle - away if side == enums.SIDE_BUY else middle + away) * TICK

    def _number(self, account: int) -> int:
        """Count the requests of an account, as clients do."""
        self.numbers[account] += 1
        return self.numbers[account]


def list_instrument(exchange: Exchange) -> None:
    """List an instrument with room for a hundred thousand price levels."""
    admin_commands.create_instrument(
        exchange,
        tick_size=TICK,
        lot_size=LOT,
        min_price=TICK,
        max_price=1_000_000 * TICK,
        max_quantity=100_000 * LOT,
        protection_band=100 * TICK,
        tick_value=1,
    )


def last_answer(exchange: Exchange) -> list[int]:
    """Return the answer to the newest command."""
    end = exchange.results.end
    return exchange.results.view(end - kinds.RESULT_WORDS, end).cast("q").tolist()


def command_records(turn: memoryview) -> bytes:
    """Return the records of a turn that are commands, without their events."""
    words = turn.cast("q")
    found, at = b"", 0
    while at < len(words):
        length = words[at] >> 16 & 0xFFFF
        if words[at] & 0xFFFF < kinds.FIRST_EVENT:
            found += bytes(turn[8 * at : 8 * (at + length)])
        at += length
    return found
