"""Say a rule of the strategy model in words, with its numbers, in minor units."""

from collections.abc import Sequence

from quantumcore.server.core.margin import rows
from quantumcore.server.core.margin.shapes import Leg, net_debit, worst_loss

NAMES = {
    rows.MARGIN_RULE_FULL_VALUE: "Long option",
    rows.MARGIN_RULE_VERTICAL: "Vertical",
    rows.MARGIN_RULE_NET_DEBIT: "Long butterfly, condor or box",
    rows.MARGIN_RULE_STRIKE_INTERVAL: "Short butterfly, condor or box",
    rows.MARGIN_RULE_IRON_CONDOR: "Iron condor or iron butterfly of equal widths",
    rows.MARGIN_RULE_UNIVERSAL_SPREAD: "Spread of bounded loss",
}


def spread(rule: int, units: int, legs: Sequence[Leg]) -> str:
    """Explain a group of options by its worst loss and its net debit."""
    loss, debit = worst_loss(legs), net_debit(legs)
    text = f"{NAMES[rule]}, {units} times: worst loss at expiry {loss:,}"
    if loss:
        text += f" at an underlying of {worst_price(legs):,} ticks"
    return f"{text}; net premium paid {debit:,}; together {loss + debit:,}."


def worst_price(legs: Sequence[Leg]) -> int:
    """Return the lowest of the prices, 0 and the strikes, at which the legs lose most; ticks."""
    prices = sorted({0, *(leg.strike_ticks for leg in legs)})
    return min(prices, key=lambda ticks: sum(leg.intrinsic(ticks) for leg in legs))


def straddle(lots: int, call_is_greater: bool, own: int, value: int) -> str:
    """Explain a short straddle or strangle: the greater side and the other's value, each lot."""
    greater, other = ("call", "put") if call_is_greater else ("put", "call")
    return (
        f"Short straddle or strangle, {lots} times: the {greater} requires more, {own:,} a lot; "
        f"of the {other} its value, {value:,} a lot; together {lots * (own + value):,}."
    )


def covered(option_lots: int, share_lots: int, total: int) -> str:
    """Explain options that shares cover: the shares alone require something."""
    right = "call" if share_lots > 0 else "put"
    held = "long" if share_lots > 0 else "short"
    return (
        f"{-option_lots:,} short {right} lots are covered by {abs(share_lots):,} lots of {held} "
        f"shares and require nothing; the shares require {total:,}."
    )


def credit(units: int, outright: int, rate: int, saved: int) -> str:
    """Explain a spread credit."""
    return (
        f"Spread, {units:,} times: {outright:,} outright less a credit of {rate:,} basis points "
        f"({saved:,}, rounded down) leaves {outright - saved:,}."
    )


def scenario(worst: int, scan: int, charge: int, credit: int, least: int, owed: int) -> str:
    """Explain a combined commodity: its worst scenario, and what else counts, where it does."""
    text = f"Scenario {worst} loses most, {scan:,}"
    if charge:
        text += f"; calendar spreads add {charge:,}"
    if credit:
        text += f"; spreads against other commodities save {credit:,}"
    if least:
        text += f"; at least {least:,}"
    if owed:
        text += f"; what was sold is worth {owed:,}"
    return f"{text}; together {max(scan + charge - credit, least) + owed:,}."


def single(row: Sequence[int], lots: int) -> tuple[int, str]:
    """Return the rule of a holding that nothing offsets, and explain it."""
    own, value, count = row[rows.OWN], row[rows.MARK_VALUE], abs(lots)
    total = f"{count:,} lots of {own:,} make {count * own:,}"
    if row[rows.KIND] == rows.KIND_FUTURE:
        return rows.MARGIN_RULE_FUTURE_OUTRIGHT, f"Future, outright rate: {total}."
    if row[rows.KIND] in {rows.KIND_EQUITY, rows.KIND_SPOT}:
        if lots > 0:
            return (
                rows.MARGIN_RULE_FULL_VALUE,
                f"Long, at the rate of its value {value:,}: {total}.",
            )
        return rows.MARGIN_RULE_SHORT_STOCK, f"Short, at the rate of its value {value:,}: {total}."
    if lots > 0:
        return rows.MARGIN_RULE_FULL_VALUE, f"Long option, paid in full: {total}."
    rule = rows.MARGIN_RULE_SHORT_PUT
    if row[rows.KIND] == rows.KIND_CALL:
        rule = rows.MARGIN_RULE_SHORT_CALL
    beyond = row[rows.BEYOND]
    text = (
        f"Short option without cover: its value {value:,} and {beyond:,} beyond it a lot: {total}."
    )
    return rule, text
