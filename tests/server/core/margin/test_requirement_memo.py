"""What portfolios required is remembered, and changes no answer."""

from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.core import enums
from quantumcore.server.core.margin import rows
from quantumcore.server.core.risk_commands import set_spread_credit
from tests.server.core.margin_venue import OTHER, SHARE, STRATEGY, MarginVenue


def venue_of() -> MarginVenue:
    venue = MarginVenue(STRATEGY, 10**9)
    venue.limit(1, reference_age_ms=86_400_000)
    for one in (SHARE, OTHER):
        venue.mark(one, 5_000)
    return venue


def hits(venue: MarginVenue) -> int:
    found: int = venue.exchange.queries.funds.margining.memo.hits
    return found


def test_words_of_the_key_are_the_stated_terms_and_the_lots() -> None:
    assert rows.KEY_WORDS == rows.STATED_WORDS + 1 == rows.LOTS + 1


def test_same_portfolio_is_computed_once_and_another_mark_anew() -> None:
    venue = venue_of()
    venue.trade_with(SHARE, -100, 5_000)
    first, before = venue.money().margin, hits(venue)
    assert venue.money().margin == first == 750_000
    assert hits(venue) > before
    venue.mark(SHARE, 5_001)
    assert venue.money().margin == 750_200
    venue.trade_with(SHARE, -1, 5_001)
    assert venue.money().margin == 101 * 7_502


def test_change_of_a_credit_is_not_missed() -> None:
    venue = venue_of()
    venue.trade_with(SHARE, 100, 5_000)
    venue.trade_with(OTHER, -100, 5_000)
    for share, margin in ((0, 750_000), (2_000, 500_000), (1_000, 625_000), (0, 750_000)):
        terms = {"priority": 1, "instruments": (SHARE, OTHER), "credit_basis_points": share}
        venue.do(set_spread_credit, **terms)
        assert venue.money().margin == margin


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(-3, 3).filter(bool), st.integers(-5, 5)),
        max_size=12,
    )
)
def test_engine_that_remembers_answers_as_one_that_never_does(
    trades: list[tuple[int, int, int]],
) -> None:
    venue = venue_of()
    strikes = ((48, True), (50, False), (52, False))
    traded = [SHARE, OTHER, *(venue.option(strike, put=put) for strike, put in strikes)]
    for one in traded[2:]:
        venue.mark(one, 300)
    for which, lots, move in trades:
        venue.trade_with(traded[which], lots, 5_000 if which < 2 else 300)
        venue.mark(SHARE, 5_000 + 10 * move)
        margin = venue.money().margin
        fresh = venue.replayed().balance(1, 0, venue.now)
        assert fresh is not None
        assert fresh.margin == margin
        view = venue.exchange.margin(1, 0, venue.now, enums.MARGIN_MODEL_STRATEGY)
        assert view is not None
        assert view.position_margin == margin
