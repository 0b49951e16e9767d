"""What was ever stored can be read for ever, and what newer software stored is refused."""

import subprocess
from pathlib import Path

import pytest
from google.protobuf.message import Message

from quantumcore.server.store.errors import EventTypeUnknown, EventVersionUnknown
from quantumcore.server.store.event_types import FIELD_NAMES, NOT_BUILT_YET
from quantumcore.server.store.stored_event import event_of
from quantumcore.server.store.upcasting import Upcaster, Upcasting
from quantumcore.v1.event_pb2 import EventType
from quantumcore.v1.order_event_pb2 import OrderCancelled
from tests.server.store import samples

ROOT = Path(__file__).resolve().parents[3]
CANCELLED = EventType.EVENT_TYPE_ORDER_CANCELLED


@pytest.mark.parametrize("path", sorted(samples.CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_stored_sample_says_what_it_said_when_it_was_stored(path: Path) -> None:
    sample = samples.read(path)
    event = event_of(sample.stored, Upcasting())
    assert path == samples.path_of(event.event_type, event.schema_version)
    now = samples.told(event)
    assert now | sample.told == now, "a field that was told is no longer told, or differs"
    assert sample.told[FIELD_NAMES[event.event_type]] is not None


def test_every_type_and_version_has_a_sample() -> None:
    missing = [samples.path_of(*key).name for key in sorted(samples.wanted())]
    assert [name for name in missing if not (samples.CORPUS / name).exists()] == []


def test_no_sample_was_ever_rewritten() -> None:
    corpus = str(samples.CORPUS.relative_to(ROOT))
    for command in (
        ["git", "diff", "--name-only", "--diff-filter=MD", "HEAD", "--", corpus],
        ["git", "log", "--diff-filter=MD", "--format=%h", "--name-only", "--", corpus],
    ):
        found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        assert found.stdout.strip() == ""


def test_a_sample_is_not_overwritten() -> None:
    path = samples.path_of(CANCELLED, 1)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        samples.write(samples.read(path).stored)
    assert path.read_bytes() == before


def test_newer_version_is_refused_by_name() -> None:
    stored = samples.read(samples.path_of(CANCELLED, 1)).stored._replace(schema_version=2)
    with pytest.raises(EventVersionUnknown) as refused:
        event_of(stored, Upcasting())
    assert refused.value.event_type == "EVENT_TYPE_ORDER_CANCELLED"
    assert (refused.value.version, refused.value.newest) == (2, 1)
    assert "EVENT_TYPE_ORDER_CANCELLED version 2" in str(refused.value)


def test_version_nought_is_refused() -> None:
    with pytest.raises(EventVersionUnknown):
        Upcasting().read(CANCELLED, 0, b"")


def test_unknown_type_is_refused() -> None:
    stored = samples.read(samples.path_of(CANCELLED, 1)).stored._replace(event_type=999)
    with pytest.raises(EventTypeUnknown, match="999"):
        event_of(stored, Upcasting())


def add(quantity: int) -> Upcaster:
    def upcast(payload: Message) -> None:
        assert isinstance(payload, OrderCancelled)
        payload.cancelled_quantity = payload.cancelled_quantity * 10 + quantity

    return upcast


def test_upcasters_are_applied_one_after_the_other_from_the_stored_version() -> None:
    upcasting = Upcasting({(CANCELLED, 1): add(1), (CANCELLED, 2): add(2)}, {CANCELLED: 3})
    assert upcasting.newest(CANCELLED) == 3
    told = [upcasting.read(CANCELLED, version, b"") for version in (1, 2, 3)]
    expected = [OrderCancelled(cancelled_quantity=quantity) for quantity in (12, 2, 0)]
    assert told == expected


def test_a_version_that_nothing_leads_on_from_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="EVENT_TYPE_ORDER_CANCELLED 2"):
        Upcasting({(CANCELLED, 1): add(1)}, {CANCELLED: 3})


def test_types_that_are_not_built_say_why() -> None:
    assert all(len(reason) > 10 for reason in NOT_BUILT_YET.values())
