"""Build portfolios for the tests of margin: money in cents, stocks with ticks of one cent."""

from collections.abc import Sequence

from hypothesis import strategies as st

from quantumcore.server.core.margin.holdings import Future, Option, Share
from quantumcore.server.core.margin.portfolio_cy import Portfolio

Holding = tuple[Share | Option | Future, int]
STOCK = 1_000
SERIES = {False: 0, True: 1}


def option(
    right: str,
    strike: int,
    mark_cents: int = 100,
    *,
    underlying: int = 17_500,
    expiry: int = 1,
    broad_index: bool = False,
    multiplier: int = 100,
) -> Option:
    """An option on STOCK: strike in dollars; mark and underlying in cents a share."""
    put = right == "put"
    number = (SERIES[put] * 10_000 + strike) * 100 + expiry * 10 + (multiplier != 100)
    return Option(
        instrument_id=number,
        underlying_id=STOCK,
        put=put,
        strike_ticks=strike * 100,
        expiry=expiry,
        underlying_ticks=underlying,
        underlying_tick_value_minor_units=multiplier,
        mark_ticks=mark_cents,
        tick_value_minor_units=multiplier,
        broad_index=broad_index,
    )


def call(strike: int, mark_cents: int = 100, **terms: int) -> Option:
    return option("call", strike, mark_cents, **terms)  # type: ignore[arg-type]


def put(strike: int, mark_cents: int = 100, **terms: int) -> Option:
    return option("put", strike, mark_cents, **terms)  # type: ignore[arg-type]


def stock(mark_cents: int = 17_500, number: int = STOCK) -> Share:
    return Share(instrument_id=number, mark_ticks=mark_cents, tick_value_minor_units=1)


def future(product: int, expiry: int, outright: int) -> Future:
    return Future(
        instrument_id=product * 100 + expiry,
        product_id=product,
        expiry=expiry,
        mark_ticks=400_000,
        tick_value_minor_units=1_250,
        outright_minor_units=outright,
    )


def portfolio_of(holdings: Sequence[Holding]) -> Portfolio:
    portfolio = Portfolio()
    for terms, lots in holdings:
        portfolio.add(terms.words(), lots)
    return portfolio


@st.composite
def option_books(
    draw: st.DrawFn, *, expiries: int = 2, states: int = 300, shares: bool = True
) -> list[Holding]:
    """Options on one underlying, up to eight legs, few enough lots to try every grouping."""
    underlying = draw(st.integers(8_000, 12_000))
    broad = expiries > 2 and draw(st.booleans())
    names = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["call", "put"]),
                st.sampled_from(range(80, 125, 5)),
                st.integers(1, expiries),
                st.sampled_from([100, 100, 100, 50]),
            ),
            min_size=1,
            max_size=8,
            unique=True,
        )
    )
    held: list[Holding] = []
    for right, strike, expiry, multiplier in names:
        lots = draw(st.integers(1, 3))
        states //= lots + 1
        if states < 1:
            break
        terms = option(
            right,
            strike,
            draw(st.integers(0, 2_000)),
            underlying=underlying,
            expiry=expiry,
            multiplier=multiplier,
            broad_index=broad,
        )
        held.append((terms, lots * draw(st.sampled_from([-1, 1]))))
    if shares and states >= 4 and draw(st.booleans()):
        hundred = Share(instrument_id=STOCK, mark_ticks=underlying, tick_value_minor_units=100)
        held.append((hundred, draw(st.sampled_from([-2, -1, 1, 3]))))
    return held
