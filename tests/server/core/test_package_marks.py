"""How old marks of a package's legs may be, and how old they are told to be."""

from quantumcore.server.core import enums, package_commands
from quantumcore.server.core.account_views import CheckView
from quantumcore.server.core.package_commands import Leg
from tests.server.core.margin_venue import CENT, ONE, OTHER, SHARE, STRATEGY, MarginVenue
from tests.server.core.risk_venue import ACCEPTED, Refused
from tests.server.core.venue import SELL

MS = 1_000_000
STALE = enums.REJECT_REASON_REFERENCE_PRICE_STALE
UNITS = enums.PACKAGE_FIELD_UNITS


def venue_of() -> MarginVenue:
    """Return a venue in which the one share's mark is 50 ms older than the other's."""
    venue = MarginVenue(STRATEGY, 10_000_000)
    venue.mark(SHARE, 5_000)
    venue.now += 50 * MS
    venue.mark(OTHER, 5_000)
    return venue


def check(venue: MarginVenue, *instruments: int) -> CheckView:
    checking = venue.exchange.checking
    checking.begin(venue.now)
    package_commands.create_package(
        checking,
        account_id=1,
        client_order_id="-",
        legs=tuple(Leg(one, SELL, ONE, 5_000 * CENT) for one in instruments),
        units=1,
    )
    view: CheckView = checking.view()
    return view


def test_oldest_mark_of_the_legs_is_told_whichever_comes_first() -> None:
    venue = venue_of()
    for legs in ((SHARE, OTHER), (OTHER, SHARE)):
        view = check(venue, *legs)
        assert view.reason == 0
        assert view.before is not None
        assert view.after is not None
        assert view.after.oldest_mark_age_ns == 50 * MS + 1
        assert view.before.oldest_mark_age_ns == 0, "nothing is held"


def test_strictest_age_of_the_legs_holds_whichever_comes_first() -> None:
    venue = venue_of()
    venue.limit(1, SHARE, reference_age_ms=40)
    venue.limit(1, OTHER, reference_age_ms=1_000)
    refused = Refused(STALE, UNITS, 40 * MS, 50 * MS + 4)
    assert venue.package((SHARE, -1, 5_000), (OTHER, -1, 5_000)) == refused
    again = refused._replace(value=50 * MS + 5)
    assert venue.package((OTHER, -1, 5_000), (SHARE, -1, 5_000)) == again
    venue.limit(1, SHARE, reference_age_ms=60)
    assert venue.package((OTHER, -1, 5_000), (SHARE, -1, 5_000)) == ACCEPTED


def test_haircut_is_taken_where_every_leg_allows_it() -> None:
    venue = venue_of()
    policy = enums.STALE_REFERENCE_POLICY_USE_WITH_HAIRCUT
    for one, share in ((SHARE, 2_000), (OTHER, 1_000)):
        venue.limit(1, one, reference_age_ms=40, stale_policy=policy, haircut_basis_points=share)
    for legs in ((SHARE, OTHER), (OTHER, SHARE)):
        assert venue.package(*((one, -1, 5_000) for one in legs)) == ACCEPTED
        # The older mark counts 20 % more: 150 % of 60.00, less the 50.00 that it brings.
        assert venue.money().reserved == 9_000 - 5_000 + 2_500
        venue.cancel_all()
    venue.limit(1, OTHER, reference_age_ms=40)
    assert venue.package((SHARE, -1, 5_000), (OTHER, -1, 5_000)).reason == STALE


def test_single_order_after_a_package_goes_by_its_own_instrument() -> None:
    venue = venue_of()
    venue.limit(1, SHARE, reference_age_ms=40)
    assert venue.package((SHARE, -1, 5_000), (OTHER, -1, 5_000)).reason == STALE
    assert venue.rest(OTHER, -1, 5_000) == ACCEPTED
