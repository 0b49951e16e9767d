"""What a venue is built with belongs to its journal."""

from pathlib import Path

from quantumcore.server.core.kinds import CONFIGURE_HASH_KEY, CONFIGURE_ORDERS
from quantumcore.v1.types_pb2 import TimeInForce
from tests.server.api.running import running

IOC = TimeInForce.TIME_IN_FORCE_IOC
HASH_KEY = CONFIGURE_HASH_KEY - CONFIGURE_ORDERS


async def test_a_changed_capacity_does_not_make_the_journal_unreadable(tmp_path: Path) -> None:
    async with running(tmp_path, order_capacity=1024) as (venue, client):
        for number in range(1100):
            await client.create_order(f"o{number}", time_in_force=IOC)
        state = venue.exchange.state_hash()
    async with running(tmp_path, order_capacity=4096) as (venue, _):
        assert venue.exchange.state_hash() == state
        assert venue.exchange.configuration[0] == 1024


async def test_each_journal_has_its_own_hash_key(tmp_path: Path) -> None:
    keys = []
    for name in ("one", "two"):
        async with running(tmp_path / name) as (venue, client):
            await client.create_order("first")
            keys.append(venue.exchange.configuration[HASH_KEY])
        async with running(tmp_path / name) as (venue, _):
            assert venue.exchange.configuration[HASH_KEY] == keys[-1]
    assert keys[0] != keys[1]
