"""The same commands give the same bytes: again, after recovery, and in both builds."""

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from quantumcore.server.core import enums, kinds, order_commands
from quantumcore.server.core.errors import ReplayDiverged
from quantumcore.server.core.exchange_cy import Exchange, is_compiled
from tests.server.core.venue import BUY, SELL, Venue

ROOT = Path(__file__).resolve().parents[3]


def busy_venue(seed: int, count: int) -> Venue:
    """Return a venue after random commands, good and bad, with small memories that wrap."""
    choose = random.Random(seed)
    venue = Venue(order_capacity=64, live_order_capacity=64, request_capacity=16)
    for number in range(count):
        name = f"order {choose.randint(0, number)}"
        price = choose.choice((None, choose.randint(-20, 20) * 10, 7))
        what = choose.random()
        if what < 0.6:
            venue.order(
                f"order {number}",
                choose.choice((BUY, SELL)),
                choose.randint(0, 30) * 5,
                price,
                account_id=choose.randint(0, 4),
                instrument_id=choose.randint(0, 3),
                order_type=choose.choice((1, 1, 1, 2)),
                time_in_force=choose.choice((1, 2, 4, 5)),
                request_id=choose.randint(0, 40),
            )
        elif what < 0.8:
            venue.cancel(name, account_id=choose.randint(1, 3))
        elif what < 0.97:
            venue.replace(name, choose.randint(1, 3), quantity=50, price=price)
        else:
            venue.set_phase(choose.choice((3, 3, 5, 7)))
            venue.brief(order_commands.cancel_orders, account_id=1, side=choose.randint(0, 2))
    return venue


def replayed(blocks: list[tuple[int, bytes]]) -> Exchange:
    exchange = Exchange(order_capacity=64, live_order_capacity=64, request_capacity=16)
    for time_ns, payload in blocks:
        exchange.replay(memoryview(payload), time_ns)
    return exchange


@pytest.mark.parametrize("seed", range(5))
def test_recovered_exchange_is_the_one_that_was_lost(seed: int) -> None:
    venue = busy_venue(seed, 600)
    recovered = replayed(venue.blocks)
    assert recovered.state_hash() == venue.exchange.state_hash()
    assert recovered.sequence == venue.exchange.sequence
    for instrument in (1, 2):
        assert recovered.depth(instrument) == venue.exchange.depth(instrument)
    for account in (1, 2, 3):
        assert recovered.orders_of(account) == venue.exchange.orders_of(account)


def test_recovered_exchange_goes_on_as_the_lost_one_would() -> None:
    venue = busy_venue(1, 300)
    twin = Venue(order_capacity=64, live_order_capacity=64, request_capacity=16)
    twin.exchange, twin.now = replayed(venue.blocks), venue.now
    for number in range(100):
        told = venue.order(f"after {number}", BUY, 50, 100 + number % 7 * 10, account_id=2)
        assert twin.order(f"after {number}", BUY, 50, 100 + number % 7 * 10, account_id=2) == told
    assert twin.exchange.state_hash() == venue.exchange.state_hash()


def test_state_hash_tells_states_apart() -> None:
    venue = Venue()
    hashes = {venue.exchange.state_hash()}
    venue.order("a", BUY, 50, 100)
    hashes.add(venue.exchange.state_hash())
    venue.replace("a", quantity=45)
    hashes.add(venue.exchange.state_hash())
    venue.cancel("a")
    hashes.add(venue.exchange.state_hash())
    venue.set_phase(enums.TRADING_PHASE_HALTED)
    hashes.add(venue.exchange.state_hash())
    assert len(hashes) == 5


@pytest.mark.parametrize("position", [kinds.EVENT_SEQUENCE, kinds.EVENT_PRICE, kinds.EVENT_TEXT])
def test_replay_refuses_events_that_the_commands_do_not_give(position: int) -> None:
    venue = Venue()
    venue.order("a", BUY, 50, 100)
    time_ns, payload = venue.blocks.pop()
    words = memoryview(bytearray(payload)).cast("q")
    event = (words[0] >> 16) & 0xFFFF
    words[event + position] ^= 1
    exchange = Exchange()
    for block in venue.blocks:
        exchange.replay(memoryview(block[1]), block[0])
    with pytest.raises(ReplayDiverged, match=f"sequence {exchange.sequence + 1}"):
        exchange.replay(memoryview(bytes(words.cast("B"))), time_ns)


def test_replay_refuses_changed_commands_and_torn_records() -> None:
    venue = Venue()
    venue.order("a", BUY, 50, 100)
    time_ns, payload = venue.blocks.pop()
    words = memoryview(bytearray(payload)).cast("q")
    words[kinds.CREATE_QUANTITY] = 55
    zeros = bytes(8 * 4)
    for tampered in (bytes(words.cast("B")), payload + zeros):
        exchange = Exchange()
        for block in venue.blocks:
            exchange.replay(memoryview(block[1]), block[0])
        with pytest.raises(ReplayDiverged):
            exchange.replay(memoryview(tampered), time_ns)


def digest() -> str:
    """Return a digest of all bytes and of the state that a busy venue ends with."""
    venue = busy_venue(3, 400)
    journal = b"".join(payload for _, payload in venue.blocks)
    return hashlib.sha256(journal + venue.exchange.state_hash()).hexdigest()


@pytest.mark.skipif(not is_compiled(), reason="compares the compiled build with the source")
def test_both_builds_write_the_same_bytes() -> None:
    code = (
        "from tests import uncompiled; uncompiled.install();"
        "from quantumcore.server.core.exchange_cy import is_compiled; assert not is_compiled();"
        "from tests.server.core.test_replay import digest; print(digest())"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "server")])
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == digest()
