"""Killed with its snapshots at random moments, a venue comes back as the whole journal says."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from quantumcore.client.client import Client
from quantumcore.client.enums import InstrumentKind, TradingPhase
from quantumcore.client.flow.wire import Route
from quantumcore.client.local import LocalSettings, LocalVenue, free_address, new_token
from quantumcore.server.core.state import Image
from quantumcore.server.journal.reader import JournalReader
from quantumcore.server.recovery import Recovery
from quantumcore.server.snapshots.directory import SnapshotDirectory

from .load import BATCH, FAR_AHEAD, Load

CRASHES = int(os.environ.get("QC_TEST_CRASHES", "5"))
SEED = int(os.environ.get("QC_TEST_SEED", "20121"))
CAPACITY = 1 << 13
MOST_ANSWERS = 60_000


@pytest.mark.crash
def test_a_venue_killed_with_its_snapshots_comes_back_as_its_journal_says(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, free_address())
    with LocalVenue(settings) as venue:
        begun = killed_and_compared(venue)
    assert begun, "no crash found a snapshot to begin with"
    assert (tmp_path / "server.log").read_text().count("snapshot restored") >= begun


def killed_and_compared(venue: LocalVenue) -> int:
    """Kill a venue again and again; return how often there was a snapshot to begin with."""
    chance, begun = random.Random(SEED), 0
    directory = SnapshotDirectory(venue.settings.data)
    with Client(venue.address, token=venue.settings.token) as client:
        account, instrument = furnish(client)
    for crash in range(1, CRASHES + 1):
        route = Route(account_id=account, instrument_id=instrument, prefix=f"c{crash}-")
        with Client(venue.address, token=venue.settings.token) as client:
            load = Load(
                client, route, seed=crash, max_outstanding=chance.choice((BATCH, FAR_AHEAD))
            )
            load.start()
            wait(load, directory, chance, for_snapshot=crash % 2 == 0)
            os.killpg(venue.process_id, signal.SIGKILL)
            venue.kill()
            load.join()
        begun += the_snapshot_agrees_with_the_journal(venue.settings.data) > 0
        venue.start().wait_until_ready()
    return begun


def wait(
    load: Load, directory: SnapshotDirectory, chance: random.Random, *, for_snapshot: bool
) -> None:
    """Let a random number of answers come, and some more until there is another snapshot."""
    before, wanted = directory.names()[:1], chance.randint(BATCH, 2_000)
    load.wait_for_answers(wanted)
    while for_snapshot and directory.names()[:1] == before and wanted < MOST_ANSWERS:
        wanted += chance.randint(BATCH, 10 * BATCH)
        load.wait_for_answers(wanted)


def settings_of(path: Path, address: str) -> LocalSettings:
    return LocalSettings(
        data=path / "data",
        address=address,
        token=new_token(),
        log=path / "server.log",
        environment={
            "QC_SNAPSHOT_INTERVAL_EVENTS": "50",
            "QC_ORDER_CAPACITY": str(CAPACITY),
            "QC_LOG_FORMAT": "json",
        },
    )


def furnish(client: Client) -> tuple[int, int]:
    listed = client.create_instrument(
        symbol="CRASH",
        kind=InstrumentKind.EQUITY,
        currency="USD",
        tick_size="0.01",
        lot_size=1,
        max_price=100_000,
        max_quantity=1_000_000,
        protection_band=100,
    )
    client.set_trading_phase(listed.instrument_id, TradingPhase.CONTINUOUS)
    return client.create_account(name="load").account_id, listed.instrument_id


def the_snapshot_agrees_with_the_journal(data: Path) -> int:
    """Compare what both give; return the sequence of the snapshot that was used, 0: none."""
    begun, whole = Recovery(), Recovery()
    begun.begin(SnapshotDirectory(data))
    reader = JournalReader(data / "journal")
    for block in reader.blocks():
        whole.visit(block)
        if begun.mark is None or block.number > begun.mark.number:
            begun.visit(block)
    assert Image(begun.exchange).digest() == Image(whole.exchange).digest()
    assert begun.save() == whole.save()
    return begun.snapshot_sequence
