"""Measure the compiled codec of the order rpcs against protobuf's own (upb).

    python -m benchmarks.wire [--smoke]

A batch of 1000 new orders is checked, decoded, and refused at the exchange's door, the least that
an exchange does with a record; the answers are encoded. The same is done with new two-leg orders.
Executions are those of the first batch, accepted. The baseline parses the same bytes, with and
without reading what a command needs.
"""

import argparse
from collections.abc import Callable
from time import perf_counter_ns

from benchmarks.report import Report
from quantumcore.server.api.wire import order_wire_cy as wire
from quantumcore.server.api.wire.errors import WireError
from quantumcore.server.core.admin_commands import create_account, create_instrument
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.v1 import multi_leg_order_pb2, types_pb2
from quantumcore.v1 import order_service_pb2 as pb

ORDERS = 1000
TIME_NS = 1_795_000_000_000_000_000
NOBODY, EVERYBODY = b"\0", b""
READ = [
    *("request_id", "account_id", "instrument_id", "client_order_id", "side", "order_type"),
    *("time_in_force", "quantity", "price", "post_only", "reduce_only", "expire_time_ns"),
]


def batch() -> bytes:
    """Return a TradeRequest of new orders."""
    request = pb.TradeRequest()
    for number in range(ORDERS):
        order = request.commands.add().create_order
        order.account_id, order.instrument_id = 1, 3
        order.client_order_id = f"order-{number:08d}"
        order.side, order.order_type = types_pb2.SIDE_BUY, types_pb2.ORDER_TYPE_LIMIT
        order.time_in_force = types_pb2.TIME_IN_FORCE_GTC
        order.quantity, order.price = 5_000_000_000, 101_250_000_000
    return request.SerializeToString()


def batch_of_packages() -> bytes:
    """Return a TradeRequest of new two-leg orders."""
    request = pb.TradeRequest()
    for number in range(ORDERS):
        order = request.commands.add().create_multi_leg_order
        order.account_id, order.client_order_id = 1, f"order-{number:08d}"
        order.units, order.min_units, order.net_price = 5, 1, 3_100_000_000
        order.execution_mode = multi_leg_order_pb2.EXECUTION_MODE_SIMULTANEOUS
        order.time_in_force = types_pb2.TIME_IN_FORCE_GTC
        order.legs.add(instrument_id=3, side=types_pb2.SIDE_BUY, ratio=1_000_000_000)
        order.legs.add(instrument_id=4, side=types_pb2.SIDE_SELL, ratio=1_000_000_000)
    return request.SerializeToString()


def best_ns(work: Callable[[], object], prepare: Callable[[], object], rounds: int) -> float:
    """Return the shortest time of one order, of several rounds of a batch."""
    best = 1 << 62
    for _ in range(rounds):
        prepare()
        start = perf_counter_ns()
        work()
        best = min(best, perf_counter_ns() - start)
    return best / ORDERS


def read_with_upb(data: bytes) -> None:
    """Parse a batch and read what a command needs."""
    for command in pb.TradeRequest.FromString(data).commands:
        order = command.create_order
        for name in READ:
            getattr(order, name)


def accept(data: bytes) -> Exchange:
    """Return an exchange whose turn has accepted the batch."""
    exchange = Exchange(order_capacity=1 << 12, live_order_capacity=1 << 12)
    exchange.begin_turn(TIME_NS)
    create_account(exchange)
    for _ in range(3):
        create_instrument(
            exchange,
            tick_size=10_000_000,
            lot_size=1_000_000_000,
            min_price=0,
            max_price=10**15,
            max_quantity=10**15,
            protection_band=0,
            tick_value=1,
        )
    exchange.begin_turn(TIME_NS)
    wire.decode_trade_commands(data, exchange, EVERYBODY, 0)
    if exchange.working_orders != ORDERS:
        raise AssertionError("the exchange refused an order")
    return exchange


def measure(rounds: int) -> Report:
    """Take all figures."""
    data, exchange = batch(), Exchange(order_capacity=1 << 12, live_order_capacity=1 << 10)

    def begin() -> None:
        exchange.begin_turn(TIME_NS)

    def decode() -> None:
        wire.decode_trade_commands(data, exchange, NOBODY, 0)

    def begin_and_decode() -> None:
        begin()
        decode()

    def check() -> None:
        try:
            wire.decode_trade_commands(data + b"\x12\x00", exchange, NOBODY, 0)
        except WireError:
            return

    def encode() -> bytes:
        return wire.encode_acknowledgements(exchange, 0, ORDERS)

    decode_ns = best_ns(decode, begin, rounds)
    encode_ns = best_ns(encode, begin_and_decode, rounds)
    answers = pb.TradeResponse.FromString(encode())
    data = batch_of_packages()
    package_decode_ns = best_ns(decode, begin, rounds)
    package_encode_ns = best_ns(encode, begin_and_decode, rounds)
    data = batch()
    accepted = accept(data)
    executions = best_ns(
        lambda: wire.encode_executions(
            accepted.turn.words, 0, accepted.turn.end, TIME_NS, b"", wire.TRADE_EXECUTIONS
        ),
        lambda: None,
        rounds,
    )
    report = Report("wire", build={"compiled": str(wire.is_compiled())})
    parse_ns = best_ns(lambda: pb.TradeRequest.FromString(data), lambda: None, rounds)
    read_ns = best_ns(lambda: read_with_upb(data), lambda: None, max(3, rounds // 20))
    serialise_ns = best_ns(answers.SerializeToString, lambda: None, rounds)
    report.figure("check_ns_per_order", best_ns(check, begin, rounds))
    report.figure("decode_and_refuse_ns_per_order", decode_ns)
    report.figure("encode_ns_per_acknowledgement", encode_ns)
    report.figure("encode_ns_per_execution", executions)
    report.figure("decode_and_refuse_ns_per_package", package_decode_ns)
    report.figure("encode_ns_per_package_acknowledgement", package_encode_ns)
    report.baseline("upb_parse_ns_per_order", parse_ns)
    report.baseline("upb_parse_and_read_ns_per_order", read_ns)
    report.baseline("upb_serialise_ns_per_acknowledgement", serialise_ns)
    report.ratio("decode_and_refuse_vs_upb_read", decode_ns, read_ns)
    report.ratio("encode_vs_upb", encode_ns, serialise_ns)
    return report


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Measure the compiled codec of the order rpcs.")
    parser.add_argument("--smoke", action="store_true", help="a few rounds only")
    measure(5 if parser.parse_args().smoke else 500).write()


if __name__ == "__main__":
    main()
