"""The state of an exchange as bytes: taken and put back, it goes on as if nothing had happened."""

import hashlib
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from quantumcore.server.core import admin_commands, state_fields
from quantumcore.server.core.errors import StateUnfit
from quantumcore.server.core.exchange_cy import Exchange, is_compiled
from quantumcore.server.core.state import (
    PART_BYTES,
    Image,
    StoredStream,
    attributes,
    restore,
)
from tests.server.core.flow import SETTING, Flow
from tests.server.core.pair import CAPACITIES as PAIRED
from tests.server.core.pair import Pair
from tests.server.core.risk_day import Day
from tests.server.core.venue import BUY, SELL, Venue

CORE = Path(state_fields.__file__).parent
DECLARED = re.compile(
    r"    cdef (?:public |readonly )?((?:long long|\w+)(?:\[[:1, ]*\])?) ([\w, ]+)"
)


class Declared(NamedTuple):
    base: str | None
    attributes: list[tuple[str, str]]  # type and name


def declarations() -> dict[str, Declared]:
    """Return what the .pxd files declare."""
    found: dict[str, Declared] = {}
    for path in sorted(CORE.rglob("*.pxd")):
        current: Declared | None = None
        for line in path.read_text().splitlines():
            if begun := re.match(r"cdef class (\w+)(?:\((\w+)\))?:", line):
                current = found[begun[1]] = Declared(begun[2], [])
            elif current and (attribute := DECLARED.fullmatch(line)):
                names = attribute[2].split(",")
                current.attributes.extend((attribute[1], name.strip()) for name in names)
    return found


CLASSES = declarations()


def declared(name: str) -> dict[str, str]:
    """Return the attributes of a class, inherited ones too, with their types."""
    one = CLASSES[name]
    inherited = declared(one.base) if one.base else {}
    return inherited | {attribute: kind for kind, attribute in one.attributes}


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_attribute_of_the_core_is_state_or_said_not_to_be(name: str) -> None:
    said = "core/state_fields.py has to say what each attribute is"
    if name in state_fields.FIELDS:
        fields = state_fields.FIELDS[name]
        assert fields.names == sorted(declared(name)), said
        for refers in fields.refers.split():
            assert declared(name)[refers] in CLASSES, said
    elif not any(other.base == name for other in CLASSES.values()):
        plain = {one for one, kind in declared(name).items() if kind not in CLASSES}
        listed = set(state_fields.SCRATCH.get(name, "").split())
        assert plain <= listed <= set(declared(name)), said


def test_tables_name_no_class_that_is_not_there() -> None:
    assert set(state_fields.FIELDS) <= set(CLASSES)
    assert set(state_fields.SCRATCH) <= set(CLASSES) - set(state_fields.FIELDS)


@pytest.mark.skipif(not is_compiled(), reason="only a compiled class is without __dict__")
def test_names_are_those_that_the_compiled_classes_have() -> None:
    for thing in everything(Exchange(**SMALL)).values():
        name = type(thing).__name__
        if name in state_fields.FIELDS:
            names = " ".join(state_fields.FIELDS[name].names).encode()
            checksum = int(hashlib.sha256(names).hexdigest()[:7], 16)
            assert thing.__reduce__()[1][1] == checksum, name


CAPACITIES: dict[str, Any] = PAIRED | {
    "order_capacity": 1 << 12,
    "request_capacity": 1 << 12,
    "trade_capacity": 1 << 12,
}
SMALL: dict[str, Any] = {
    "order_capacity": 256,
    "live_order_capacity": 128,
    "level_capacity": 128,
    "request_capacity": 64,
    "account_capacity": 16,
    "instrument_capacity": 16,
    "hash_key": 77,
    "trade_capacity": 64,
    "position_capacity": 64,
}


def held(thing: Any) -> dict[str, Any]:
    if type(thing).__name__ in state_fields.FIELDS:
        return attributes(thing)
    if hasattr(thing, "__dict__"):
        return dict(vars(thing))
    reduced = thing.__reduce__()
    values = reduced[2] if len(reduced) > 2 else reduced[1][2]
    return dict(zip(sorted(declared(type(thing).__name__)), values, strict=True))


def everything(thing: Any) -> dict[int, Any]:
    """Return all objects of the core that can be reached, by identity."""
    found, waiting = dict[int, Any](), [thing]
    while waiting:
        one = waiting.pop()
        if type(one).__name__ in CLASSES and id(one) not in found:
            found[id(one)] = one
            for value in held(one).values():
                waiting.extend(value if isinstance(value, list) else [value])
    return found


def owned(thing: Any) -> Iterator[Any]:
    """Yield what belongs to a thing, itself first."""
    yield thing
    for name in state_fields.FIELDS[type(thing).__name__].state.split():
        value = held(thing)[name]
        for one in value if isinstance(value, list) else [value]:
            if type(one).__name__ in state_fields.FIELDS:
                yield from owned(one)


def test_whatever_can_hold_state_belongs_to_the_state_or_is_said_to_be_scratch() -> None:
    exchange = Venue(**SMALL).exchange
    reached = everything(exchange)
    belonging = [id(one) for one in owned(exchange)]
    assert len(belonging) == len(set(belonging)), "something belongs to two"
    scratch = set[int]()
    for one in reached.values():
        name = type(one).__name__
        fields = state_fields.FIELDS.get(name)
        names = fields.scratch if fields else state_fields.SCRATCH.get(name, "")
        scratch |= {id(held(one)[each]) for each in names.split()}
    assert not scratch & set(belonging)
    for one in reached.values():
        if type(one).__name__ in state_fields.FIELDS:
            assert id(one) in scratch or id(one) in belonging, type(one)


def stored(image: Image) -> dict[str, StoredStream]:
    """Return an image as it would be read back."""
    parts: list[dict[int, bytes]] = [{} for _ in image.streams]
    for part in image.parts():
        parts[part.stream][part.number] = bytes(part.data)
    return {
        stream.name: StoredStream(len(stream.data), parts[place])
        for place, stream in enumerate(image.streams)
    }


def rebuilt(exchange: Exchange) -> Exchange:
    """Return another exchange with the same state."""
    image = Image(exchange)
    other = Exchange(**CAPACITIES)
    restore(other, stored(image))
    assert Image(other).digest() == image.digest()
    assert other.state_hash() == exchange.state_hash()
    return other


Blocks = list[tuple[int, bytes]]


def proves_itself(blocks: Blocks, points: list[int]) -> None:
    """Restore at each of these points; the rest has to give the same events and the same state."""
    exchange, begun = Exchange(**CAPACITIES), list[Exchange]()
    for number, (time_ns, payload) in enumerate(blocks):
        for other in begun:
            other.replay(memoryview(payload), time_ns)
        exchange.replay(memoryview(payload), time_ns)
        if number in points:
            begun.append(rebuilt(exchange))
    last = Image(exchange).digest()
    assert begun
    for other in begun:
        assert Image(other).digest() == last


def history_of_a_flow(seed: int, count: int) -> Blocks:
    """Random commands of all kinds: auctions, busts, stops, pegs, kill switches, limits, money."""
    pair, steps = Pair(), list(SETTING)
    flow = Flow(random.Random(seed), pair.model)
    for number in range(len(steps) + count):
        assert not pair.play(steps[number] if number < len(steps) else flow.next_step())
    pair.end_turn()
    return pair.turns


def history_of_a_day(seed: int, count: int) -> Blocks:
    """Random commands with packages, sequential orders, options and margin."""
    day = Day(seed)
    for _ in range(count):
        day.step()
    return day.venue.blocks


HISTORIES = {"flow": history_of_a_flow, "day": history_of_a_day}


@pytest.mark.parametrize("kind", HISTORIES)
@pytest.mark.parametrize("seed", range(3))
def test_restored_exchange_goes_on_as_the_one_that_replayed_all(kind: str, seed: int) -> None:
    blocks = HISTORIES[kind](seed, 400)
    proves_itself(blocks, random.Random(seed).sample(range(len(blocks)), 5))


@pytest.mark.parametrize("kind", HISTORIES)
def test_every_point_of_a_short_history_can_be_gone_on_from(kind: str) -> None:
    blocks = HISTORIES[kind](7, 40 if is_compiled() else 5)
    proves_itself(blocks, list(range(len(blocks))))


def test_memories_that_have_grown_are_restored_as_large_as_they_are() -> None:
    venue = Venue(**CAPACITIES)
    for level in range(70 * 5):
        venue.order(f"o{level}", BUY, 5, -1_000 + 10 * level)
    for number in range(70):
        limits = admin_commands.Limits(order_quantity=5 + number)
        account = number % 3 + 1
        venue.do(admin_commands.set_limits, account_id=account, limits=limits)
    for number in range(5):
        venue.do(admin_commands.create_account)
        venue.do(admin_commands.set_limits, account_id=4 + number, limits=limits)
    proves_itself(venue.blocks, [len(venue.blocks) - 2])


def test_state_hash_tells_states_apart() -> None:
    venue = Venue(**SMALL)
    hashes = {Image(venue.exchange).digest()}
    venue.order("a", BUY, 50, 100)
    hashes.add(Image(venue.exchange).digest())
    venue.cancel("a")
    hashes.add(Image(venue.exchange).digest())
    venue.order("b", SELL, 50, 100)
    hashes.add(Image(venue.exchange).digest())
    assert len(hashes) == 4


def test_memory_that_was_never_touched_costs_nothing() -> None:
    exchange = Exchange()
    image = Image(exchange)
    assert sum(len(stream.data) for stream in image.streams) > 200_000_000
    assert sum(len(part.data) for part in image.parts()) < 8 * 1024 * 1024


def test_state_of_another_configuration_is_refused() -> None:
    image = Image(Venue(**SMALL).exchange)
    with pytest.raises(StateUnfit, match="has"):
        restore(Exchange(**SMALL | {"order_capacity": 2048}), stored(image))


@pytest.mark.parametrize("change", ["lost", "more", "short", "long"])
def test_state_that_is_not_whole_is_refused(change: str) -> None:
    streams = stored(Image(Venue(**SMALL).exchange))
    numbers = streams["numbers"]
    match change:
        case "lost":
            del streams["exchange.trades.rows"]
        case "more":
            streams["exchange.unknown"] = numbers
        case "short":
            streams["numbers"] = numbers._replace(
                length=numbers.length - 8,
                parts={
                    number: part[: numbers.length - 8 - number * PART_BYTES]
                    for number, part in numbers.parts.items()
                },
            )
        case "long":
            streams["numbers"] = numbers._replace(length=numbers.length + 8)
    with pytest.raises(StateUnfit):
        restore(Exchange(**SMALL), streams)
