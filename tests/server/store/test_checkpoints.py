"""A decoder that was saved goes on as the one that saved it, and a feeder starts from there."""

from pathlib import Path

import pytest

from quantumcore.server.store.decoding.decoder import Decoder
from quantumcore.server.store.errors import CheckpointUnreadable, StoreDiverged
from quantumcore.server.store.feeder import Feeder, FeederSettings
from quantumcore.server.store.port import Checkpoint
from quantumcore.server.store.sql.store import SqlEventStore
from tests.server.journal.storage import segments
from tests.server.store.histories import History, margined
from tests.server.store.test_feeder import fed, write

CUTS = 12


@pytest.fixture(scope="module")
def history() -> History:
    return margined(51, 500)


def test_a_restored_decoder_tells_the_same(histories: list[History]) -> None:
    for history in histories:
        decoder = Decoder()
        every = max(1, len(history.blocks) // CUTS)
        for number, block in enumerate(history.blocks):
            if number % every == 0:
                restored = Decoder.restored(decoder.save(), decoder.sequence)
                assert restored.save() == decoder.save()
                assert restored.decode(block) == decoder.decode(block)
                decoder = restored
            else:
                decoder.decode(block)
        plain = Decoder()
        for block in history.blocks:
            plain.decode(block)
        assert decoder.save() == plain.save()


@pytest.mark.parametrize("damaged", [b"", b"x", Decoder().save()[:-1]])
def test_bytes_that_are_no_saved_decoder_are_refused(damaged: bytes) -> None:
    with pytest.raises(CheckpointUnreadable):
        Decoder.restored(damaged, 0)


def test_a_feeder_starts_where_it_was_saved_and_needs_no_older_segment(
    tmp_path: Path, store: SqlEventStore, history: History
) -> None:
    directory = tmp_path / "journal"
    write(directory, history.blocks[:300], segment_bytes=16 * 1024)
    fed(directory, store)
    checkpoint = store.checkpoint()
    assert checkpoint is not None
    assert checkpoint.position == store.position()
    files = segments(directory)
    assert len(files) > 4
    write(directory, history.blocks[300:], segment_bytes=16 * 1024)
    for file in files[:-1]:
        file.unlink()
    assert fed(directory, store).sequence == history.exchange.sequence
    assert list(store.read()) == history.events()


def test_a_checkpoint_is_saved_on_the_way_too(
    tmp_path: Path, store: SqlEventStore, history: History
) -> None:
    write(tmp_path / "journal", history.blocks)
    settings = FeederSettings(batch_events=50, checkpoint_events=200)
    feeder = Feeder(tmp_path / "journal", store, settings=settings)
    saved: list[int] = []

    def wait(_seconds: float) -> bool:
        checkpoint = store.checkpoint()
        assert checkpoint is not None
        saved.append(checkpoint.position.event_count)
        return True

    feeder.run(wait)
    assert saved
    assert feeder.position.event_count - saved[0] < 250
    feeder.close()


def test_a_checkpoint_that_cannot_be_read_is_done_without(
    tmp_path: Path, store: SqlEventStore, history: History
) -> None:
    write(tmp_path / "journal", history.blocks[:100])
    fed(tmp_path / "journal", store)
    store.save_checkpoint(Checkpoint(store.position(), b"of another release"))
    write(tmp_path / "journal", history.blocks[100:])
    fed(tmp_path / "journal", store)
    assert list(store.read()) == history.events()


def test_a_checkpoint_of_another_history_is_refused(
    tmp_path: Path, store: SqlEventStore, history: History
) -> None:
    write(tmp_path / "journal", history.blocks[:50])
    fed(tmp_path / "journal", store)
    other = [block._replace(time_ns=block.time_ns + 1) for block in history.blocks]
    write(tmp_path / "other", other)
    with pytest.raises(StoreDiverged, match="another history"):
        fed(tmp_path / "other", store)
