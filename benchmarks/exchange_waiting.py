"""Measure what orders that wait cost: for their time to expire, or for a price to trigger them."""

import time
from array import array
from typing import Any

from benchmarks.exchange_flows import (
    MIDDLE,
    OPENED_NS,
    TICK,
    command_records,
    list_instrument,
)
from quantumcore.server.bench.exchange_drive_cy import ExchangeDrive
from quantumcore.server.core import admin_commands, enums, order_commands
from quantumcore.server.core.exchange_cy import Exchange

BATCH = 500  # orders that expire or are triggered at once; below ACTIVATIONS_PER_COMMAND
LOT = 1_000_000


class Waiting:
    """A venue with so many orders that wait, half of them for time, half for a price."""

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        self.exchange = new_exchange(waiting)
        self.expiring = self._record(self._expiring)
        self.exchange = new_exchange(waiting)
        self.stops = self._record(self._stop)
        self.resting = self._resting()

    def _record(self, step: Any) -> memoryview:
        written = array("q")
        for number in range(self.waiting):
            self.exchange.begin_turn(OPENED_NS)
            step(number)
            written.frombytes(command_records(self.exchange.turn.view()))
        return memoryview(written)

    def _expiring(self, number: int) -> None:
        # Entered in an order that has nothing to do with the order of expiry.
        at = number * 48_271 % self.waiting if self.waiting % 48_271 else number
        enter(
            self.exchange,
            f"gtd-{number}",
            side=enums.SIDE_BUY,
            price=(MIDDLE - 1 - number % 100) * TICK,
            time_in_force=enums.TIME_IN_FORCE_GTD,
            expire_time_ns=OPENED_NS + 1_000_000 * (at + 1),
        )

    def _stop(self, number: int) -> None:
        at = number * 48_271 % self.waiting if self.waiting % 48_271 else number
        enter(
            self.exchange,
            f"stop-{number}",
            side=enums.SIDE_BUY,
            price=(MIDDLE - 1 - number % 100) * TICK,
            order_type=enums.ORDER_TYPE_STOP_LIMIT,
            stop_price=(MIDDLE + 1 + at) * TICK,
        )

    def _resting(self) -> memoryview:
        self.exchange = new_exchange(self.waiting)
        return self._record(
            lambda number: enter(
                self.exchange,
                f"gtc-{number}",
                side=enums.SIDE_BUY,
                price=(MIDDLE - 1 - number % 100) * TICK,
            )
        )

    def enter_ns(self, records: memoryview) -> float:
        """Return what entering one of these orders costs."""
        exchange = new_exchange(self.waiting)
        drive = ExchangeDrive(exchange)
        begin = time.perf_counter_ns()
        drive.run(records, OPENED_NS, 100)
        return (time.perf_counter_ns() - begin) / self.waiting

    def expire_ns(self) -> float:
        """Return what the expiry of an order costs, of so many that wait."""
        exchange = new_exchange(self.waiting)
        ExchangeDrive(exchange).run(self.expiring, OPENED_NS, 100)
        sequence = exchange.sequence
        exchange.begin_turn(OPENED_NS + 1_000_000 * BATCH)
        begin = time.perf_counter_ns()
        admin_commands.advance_time(exchange)
        elapsed = time.perf_counter_ns() - begin
        assert exchange.sequence == sequence + BATCH, "a batch of orders expires"
        return elapsed / BATCH

    def trigger_ns(self) -> float:
        """Return what it costs to trigger a stop, which rests then, of so many that wait."""
        exchange = new_exchange(self.waiting)
        ExchangeDrive(exchange).run(self.stops, OPENED_NS, 100)
        price = (MIDDLE + BATCH) * TICK
        exchange.begin_turn(OPENED_NS)
        enter(exchange, "ask", side=enums.SIDE_SELL, price=price)
        sequence = exchange.sequence
        begin = time.perf_counter_ns()
        enter(exchange, "bid", side=enums.SIDE_BUY, price=price)
        elapsed = time.perf_counter_ns() - begin
        assert exchange.sequence == sequence + 3 + BATCH, "a batch of stops is triggered"
        return elapsed / BATCH

    def trade_ns(self) -> float:
        """Return what an order that trades, and triggers nothing, costs beside the stops."""
        exchange = new_exchange(self.waiting)
        drive = ExchangeDrive(exchange)
        drive.run(self.stops, OPENED_NS, 100)
        records = trades(2 * BATCH)
        begin = time.perf_counter_ns()
        drive.run(records, OPENED_NS, 100)
        return (time.perf_counter_ns() - begin) / (2 * BATCH)


def new_exchange(orders: int) -> Exchange:
    """Return an exchange for so many orders, with one instrument and account, memory committed."""
    capacity = 2 * orders + 10_000
    exchange = Exchange(
        order_capacity=capacity,
        live_order_capacity=capacity,
        level_capacity=capacity,
        request_capacity=1024,
        account_capacity=16,
        instrument_capacity=16,
        trade_capacity=capacity,
        position_capacity=1024,
        prefault=True,
    )
    exchange.begin_turn(OPENED_NS)
    admin_commands.create_account(exchange)
    list_instrument(exchange)
    return exchange


def enter(exchange: Exchange, name: str, **terms: Any) -> None:
    """Enter an order of one lot."""
    order_commands.create_order(
        exchange, account_id=1, instrument_id=1, client_order_id=name, quantity=LOT, **terms
    )


def trades(count: int) -> memoryview:
    """Return the records of orders every second of which trades with the one before."""
    exchange = new_exchange(count)
    written = array("q")
    for number in range(count):
        exchange.begin_turn(OPENED_NS)
        side = enums.SIDE_BUY if number % 2 else enums.SIDE_SELL
        enter(exchange, f"trade-{number}", side=side, price=MIDDLE * TICK)
        written.frombytes(command_records(exchange.turn.view()))
    return memoryview(written)


def figures(waiting: int, rounds: int) -> dict[str, float]:
    """Return the best of some rounds, in ns an order."""
    venue = Waiting(waiting)
    measures = {
        "enter_gtc_ns": lambda: venue.enter_ns(venue.resting),
        "enter_gtd_ns": lambda: venue.enter_ns(venue.expiring),
        "enter_stop_ns": lambda: venue.enter_ns(venue.stops),
        "expire_ns": venue.expire_ns,
        "trigger_ns": venue.trigger_ns,
        "trade_beside_stops_ns": venue.trade_ns,
    }
    return {
        f"{key}_{waiting}_waiting": min(measure() for _ in range(rounds))
        for key, measure in measures.items()
    }
