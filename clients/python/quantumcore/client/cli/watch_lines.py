"""Write what streams tell as lines that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enum import Enum

    from quantumcore.client.client import Client
    from quantumcore.client.market import Trade
    from quantumcore.client.risk import Position
    from quantumcore.client.values import Execution, InstrumentStatus


def execution_line(client: Client, item: Execution) -> str:
    """Write what happened to an order."""
    from quantumcore.client.cli.output import clock_time, text

    words = [
        f"{item.sequence}",
        clock_time(item.time_ns),
        item.type.name,
        *_what(client, item),
    ]
    if item.price is not None:
        words.append(f"@ {text(item.price)}")
    kind = "spread" if _is_spread(item) else "order"
    words.append(f"{kind} {item.order_id} {item.client_order_id}")
    if item.leg_number:
        words.append(f"leg {item.leg_number} of {item.multi_leg_order_id}")
    words += _fill(item)
    if item.reject is not None:
        words.append(f"because {item.reject}")
    if item.cancel_reason:
        words.append(f"because {spoken(item.cancel_reason)}")
    if item.excess_quantity:
        words.append(f"excess {text(item.excess_quantity)}")
    if item.restatement_reason:
        shown = f"shows {text(item.shown_quantity)}"
        words.append(f"because {spoken(item.restatement_reason)}, {shown}")
    words.append(f"→ {item.status.name}, working {text(item.leaves_quantity)}")
    return "  ".join(words)


def _is_spread(item: Execution) -> bool:
    """Tell whether it is of a multi-leg order as a whole: that has no instrument."""
    from quantumcore.client.enums import ExecutionType

    known = item.order_id or item.type is ExecutionType.REJECTED
    return bool(known and not item.instrument_id)


def _what(client: Client, item: Execution) -> list[str]:
    """Write side, quantity and instrument; units alone where it is of several instruments."""
    from quantumcore.client.cli.output import text

    if item.instrument_id:
        symbol = client.symbol(item.instrument_id)
        return [f"{item.side.name} {text(item.quantity)} {symbol}"]
    return [f"units {text(item.quantity)}"] if _is_spread(item) else []


def _fill(item: Execution) -> list[str]:
    from quantumcore.client.cli.output import text
    from quantumcore.client.enums import ExecutionType

    if item.last_price is None:
        return []
    verb = {
        ExecutionType.TRADE_CANCEL: "undone",
        ExecutionType.TRADE_CORRECT: "corrected to",
    }.get(item.type, "reversed" if item.unwind else "filled")
    fill = f"{verb} {text(item.last_quantity)} @ {text(item.last_price)}"
    if not item.instrument_id:
        return [f"{fill} net", f"package execution {item.package_execution_id}"]
    return [f"{fill} as {spoken(item.liquidity)}", f"trade {item.trade_id}"]


def trade_line(client: Client, item: Trade) -> str:
    """Write a line of the tape."""
    from quantumcore.client.cli.output import clock_time, text
    from quantumcore.client.enums import TradeAction, TradeKind

    words = [f"{item.sequence}", clock_time(item.time_ns), client.symbol(item.instrument_id)]
    if item.action is not TradeAction.EXECUTED:
        words.append(item.action.name)
    words.append(f"{text(item.quantity)} @ {text(item.price)}")
    if item.kind is not TradeKind.CONTINUOUS:
        words.append(spoken(item.kind))
    if item.aggressor_side:
        words.append(f"aggressor {item.aggressor_side.name}")
    words.append(f"trade {item.trade_id}")
    return "  ".join(words)


def position_line(client: Client, item: Position) -> str:
    """Write what is held of an instrument, at what cost, and what it has brought."""
    from quantumcore.client.cli.output import clock_time, text

    instrument = client.instrument(item.instrument_id)
    words = [
        f"{item.sequence}",
        clock_time(item.updated_time_ns),
        f"{text(item.net_quantity)} {instrument.symbol}",
    ]
    if item.net_quantity:
        words.append(f"at {text(instrument.average_cost(item))}")
    if item.mark_price is not None:
        words.append(f"mark {text(item.mark_price)}")
    words.append(f"realised {item.realised_profit}")
    if item.unrealised_profit is not None:
        words.append(f"unrealised {item.unrealised_profit}")
    return "  ".join(words)


def status_line(client: Client, item: InstrumentStatus) -> str:
    """Write how an instrument stands, and why."""
    from quantumcore.client.cli.output import clock_time

    words = [f"{item.sequence}", clock_time(item.time_ns), client.symbol(item.instrument_id)]
    words.append("DELISTED" if item.delisted else item.phase.name)
    if item.price_band_breached:
        words.append("price band breached")
    if item.text:
        words.append(item.text)
    return "  ".join(words)


def spoken(member: Enum) -> str:
    """Write the name of a reason as words."""
    return member.name.replace("_", " ").lower()
