"""Save what a decoder knows, so that another need not read the journal from its beginning.

The form is JSON, compressed; it is a cache of what the journal says, never the only place of
anything. Bytes of another form are refused, and the journal is read instead.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections import deque
from typing import Any

from google.protobuf.message import DecodeError, Message

from quantumcore.server.store.decoding.state import (
    DecoderState,
    Funds,
    Holding,
    Package,
    Terms,
    Traded,
    WorkingOrder,
)
from quantumcore.server.store.errors import CheckpointUnreadable
from quantumcore.v1.account_pb2 import Account
from quantumcore.v1.instrument_pb2 import Instrument
from quantumcore.v1.multi_leg_order_pb2 import MultiLegOrder

FORM = 1
NUMBERS = (
    "command_count",
    "order_capacity",
    "trade_capacity",
    "venue_version",
    "last_trade_id",
)
COUNTERS = ("package_versions", "account_versions", "instrument_versions")
ORDER = ("price", "quantity", "leaves", "reserved", "stop_price", "stop_trigger")
HOLDING = ("version", "lots", "bought", "realised", "fees")
FUNDS = ("cash", "reserved", "margin")
TERMS = (
    "tick_size",
    "lot_size",
    "tick_value",
    "currency",
    "maker_fee",
    "taker_fee",
    "code",
    "pays_profit_only",
)


def saved(state: DecoderState, last_fill: tuple[int, int]) -> bytes:
    """Return all that a decoder knows, as bytes."""
    told: dict[str, Any] = {"form": FORM, "last_fill": last_fill}
    told |= {name: getattr(state, name) for name in NUMBERS}
    told |= {name: list(getattr(state, name).items()) for name in COUNTERS}
    told["orders"] = [[key, *_values(one, ORDER)] for key, one in state.orders.items()]
    told["holdings"] = [[key, *_values(one, HOLDING)] for key, one in state.holdings.items()]
    told["funds"] = [[*key, *_values(one, FUNDS)] for key, one in state.funds.items()]
    told["limits"] = [[*key, values] for key, values in state.limits.items()]
    told["ended_packages"] = list(state.ended_packages)
    told["packages"] = [[key, _text(one.message)] for key, one in state.packages.items()]
    told["accounts"] = [[key, _text(one)] for key, one in state.accounts.items()]
    told["terms"] = [
        [key, _text(one.definition), *_values(one, TERMS)] for key, one in state.terms.items()
    ]
    told["trades"] = [
        [key, one.price, one.quantity, one.before, one.command] for key, one in state.trades.items()
    ]
    return zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 1)


def loaded(data: bytes) -> tuple[DecoderState, tuple[int, int]]:
    """Return what was saved; raise CheckpointUnreadable for anything else."""
    try:
        told = json.loads(zlib.decompress(data))
        if told["form"] != FORM:
            raise CheckpointUnreadable(f"form {told['form']} is not known, {FORM} is")
        return _state(told), (told["last_fill"][0], told["last_fill"][1])
    except (ValueError, LookupError, TypeError, zlib.error, DecodeError) as error:
        raise CheckpointUnreadable(f"not a saved decoder: {error}") from error


def _state(told: dict[str, Any]) -> DecoderState:
    state = DecoderState()
    for name in NUMBERS:
        setattr(state, name, told[name])
    for name in COUNTERS:
        setattr(state, name, dict(told[name]))
    state.ended_packages = deque(told["ended_packages"])
    _load_numbers(state, told)
    _load_messages(state, told)
    for key, price, quantity, before, command in told["trades"]:
        trade = state.trades[key] = Traded(price, quantity)
        trade.before, trade.command = (before[0], before[1]), command
    return state


def _load_numbers(state: DecoderState, told: dict[str, Any]) -> None:
    for key, *values in told["orders"]:
        state.orders[key] = _filled(WorkingOrder(0, 0, 0), ORDER, values)
    for key, *values in told["holdings"]:
        state.holdings[key] = _filled(Holding(), HOLDING, values)
    for account_id, currency, *values in told["funds"]:
        state.funds[account_id, currency] = _filled(Funds(), FUNDS, values)
    for account_id, instrument_id, limits in told["limits"]:
        state.limits[account_id, instrument_id] = limits


def _load_messages(state: DecoderState, told: dict[str, Any]) -> None:
    for key, text in told["packages"]:
        state.packages[key] = Package(MultiLegOrder.FromString(b64decode(text)))
    for key, text in told["accounts"]:
        state.accounts[key] = Account.FromString(b64decode(text))
    for key, text, *values in told["terms"]:
        definition = Instrument.FromString(b64decode(text))
        state.terms[key] = Terms(definition, **dict(zip(TERMS, values, strict=True)))


def _values(thing: object, names: tuple[str, ...]) -> list[Any]:
    return [getattr(thing, name) for name in names]


def _filled(thing: Any, names: tuple[str, ...], values: list[int]) -> Any:
    for name, value in zip(names, values, strict=True):
        setattr(thing, name, value)
    return thing


def _text(message: Message) -> str:
    return b64encode(message.SerializeToString(deterministic=True)).decode()
