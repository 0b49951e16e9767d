"""Find the least requirement by trying every grouping, in plain Python, from the rules alone.

An independent oracle: it shares no code with the engine, knows nothing of layers or bounds, and
splits a portfolio into groups of lots in every possible way. Rates are the default ones.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product

from quantumcore.server.core.margin.holdings import Option, Share

Holding = tuple[Option | Share, int]
Vector = tuple[int, ...]
IMPOSSIBLE = 1 << 80


def rate_up(value: int, basis_points: int) -> int:
    return -(-value * basis_points // 10_000)


def premium(option: Option) -> int:
    return option.mark_ticks * option.tick_value_minor_units


def intrinsic(option: Option, ticks: int) -> int:
    distance = option.strike_ticks - ticks if option.put else ticks - option.strike_ticks
    return max(distance, 0) * option.underlying_tick_value_minor_units


def naked(option: Option) -> int:
    """Return what one short lot requires without cover."""
    weight = option.underlying_tick_value_minor_units
    underlying = option.underlying_ticks * weight
    strike = option.strike_ticks * weight
    rate = rate_up(underlying, 1_500 if option.broad_index else 2_000)
    if option.put:
        beyond = max(rate - max(underlying - strike, 0), rate_up(strike, 1_000))
    else:
        beyond = max(rate - max(strike - underlying, 0), rate_up(underlying, 1_000))
    return premium(option) + beyond


def share_requirement(share: Share, lots: int) -> int:
    value = share.mark_ticks * share.tick_value_minor_units
    return lots * value if lots > 0 else -lots * rate_up(value, 15_000)


class Exhaustive:
    """Every way to group the holdings on one underlying, the least total kept."""

    def __init__(self, holdings: Sequence[Holding]) -> None:
        self.terms = [terms for terms, _ in holdings]
        self.signs = [1 if lots > 0 else -1 for _, lots in holdings]
        self.whole: Vector = tuple(abs(lots) for _, lots in holdings)
        self.groups = 0
        self.group_cost = cache(self._group_cost)
        self.least = cache(self._least)

    def requirement(self) -> int:
        return self.least(self.whole)

    def _least(self, lots: Vector) -> int:
        first = next((at for at, count in enumerate(lots) if count), None)
        if first is None:
            return 0
        best = IMPOSSIBLE
        for group in self._with(lots, first):
            cost = self.group_cost(group)
            if cost < best:
                rest = tuple(have - used for have, used in zip(lots, group, strict=True))
                best = min(best, cost + self.least(rest))
        return best

    def _with(self, lots: Vector, first: int) -> Iterator[Vector]:
        """Yield every group of these lots that holds at least one of the first."""
        ranges = [range(1 if at == first else 0, count + 1) for at, count in enumerate(lots)]
        yield from product(*ranges)

    def _group_cost(self, group: Vector) -> int:
        self.groups += 1
        parts = [
            (terms, sign * count)
            for terms, sign, count in zip(self.terms, self.signs, group, strict=True)
            if count
        ]
        costs = [self._single(parts), self._straddle(parts), self._covered(parts)]
        options = [(terms, lots) for terms, lots in parts if isinstance(terms, Option)]
        if len(options) == len(parts):
            costs += [self._vertical(options), self._universal(options)]
        return min(costs)

    def _single(self, parts: Sequence[Holding]) -> int:
        if len(parts) != 1:
            return IMPOSSIBLE
        terms, lots = parts[0]
        if isinstance(terms, Share):
            return share_requirement(terms, lots)
        return lots * premium(terms) if lots > 0 else -lots * naked(terms)

    def _straddle(self, parts: Sequence[Holding]) -> int:
        """The greater side's requirement and the other side's value."""
        options = [terms for terms, lots in parts if isinstance(terms, Option) and lots == -1]
        if len(parts) != 2 or len(options) != 2 or options[0].put == options[1].put:
            return IMPOSSIBLE
        call, put = sorted(options, key=lambda option: option.put)
        if call.underlying_tick_value_minor_units != put.underlying_tick_value_minor_units:
            return IMPOSSIBLE
        if naked(call) >= naked(put):
            return naked(call) + premium(put)
        return naked(put) + premium(call)

    def _covered(self, parts: Sequence[Holding]) -> int:
        """Long shares free short calls, short shares short puts; the shares are paid for."""
        total = cover = need = 0
        signs = {lots > 0 for terms, lots in parts if isinstance(terms, Share)}
        for terms, lots in parts:
            if isinstance(terms, Share):
                total += share_requirement(terms, lots)
                cover += abs(lots) * terms.tick_value_minor_units
            elif lots > 0 or terms.put == (True in signs):
                return IMPOSSIBLE
            else:
                need += -lots * terms.underlying_tick_value_minor_units
        return total if len(signs) == 1 and need <= cover else IMPOSSIBLE

    def _vertical(self, parts: Sequence[tuple[Option, int]]) -> int:
        """The adverse strike width, long expiring no earlier, with the debit that was paid."""
        longs = [terms for terms, lots in parts if lots == 1]
        shorts = [terms for terms, lots in parts if lots == -1]
        if len(parts) != 2 or len(longs) != 1 or len(shorts) != 1:
            return IMPOSSIBLE
        long, short = longs[0], shorts[0]
        weight = long.underlying_tick_value_minor_units
        if long.put != short.put or weight != short.underlying_tick_value_minor_units:
            return IMPOSSIBLE
        if long.expiry < short.expiry:
            return IMPOSSIBLE
        width = long.strike_ticks - short.strike_ticks
        adverse = max(-width if long.put else width, 0) * weight
        return adverse + max(premium(long) - premium(short), 0)

    def _universal(self, parts: Sequence[tuple[Option, int]]) -> int:
        """The worst loss over 0 and the strikes, with the debit that was paid."""
        shorts = [terms for terms, lots in parts if lots < 0]
        longs = [terms for terms, lots in parts if lots > 0]
        if shorts and longs and min(o.expiry for o in longs) < max(o.expiry for o in shorts):
            return IMPOSSIBLE
        if any(o.broad_index for o in shorts) and len({o.expiry for o in shorts}) > 1:
            return IMPOSSIBLE
        calls = sum(lots * o.underlying_tick_value_minor_units for o, lots in parts if not o.put)
        if calls < 0:
            return IMPOSSIBLE
        net = sum(lots * premium(option) for option, lots in parts)
        return max(0, -worst_payoff(parts)) + max(net, 0)


def worst_payoff(parts: Sequence[tuple[Option, int]]) -> int:
    """Return the least that options are worth at their expiry, over all prices from 0 upward."""
    prices = {0, *(option.strike_ticks for option, _ in parts)}
    return min(sum(lots * intrinsic(option, ticks) for option, lots in parts) for ticks in prices)


def least_requirement(holdings: Sequence[Holding]) -> int:
    """Return the least total over all groupings, underlying by underlying."""
    found: dict[int, list[Holding]] = {}
    for terms, lots in holdings:
        underlying = terms.instrument_id if isinstance(terms, Share) else terms.underlying_id
        if lots:
            found.setdefault(underlying, []).append((terms, lots))
    return sum(Exhaustive(group).requirement() for group in found.values())
