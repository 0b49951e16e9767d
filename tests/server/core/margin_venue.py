"""A venue with a share, options on it and futures, for accounts whose margin is computed."""

from typing import Any

from quantumcore.server.core import enums, package_commands, tables
from quantumcore.server.core.account_views import BalanceView, MarginView
from quantumcore.server.core.admin_commands import Terms
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.package_commands import Leg
from tests.server.core.risk_venue import Refused, RiskVenue
from tests.server.core.venue import BUY, SELL

CENT, ONE = 10**7, 10**9
SHARE, OTHER = 3, 4
DAY_NS = 86_400 * 10**9
STRATEGY, SCENARIO = enums.MARGIN_MODEL_STRATEGY, enums.MARGIN_MODEL_SCENARIO
LISTED: dict[str, Any] = {
    "tick_size": CENT,
    "lot_size": ONE,
    "min_price": -10_000 * 100 * CENT,
    "max_price": 10_000 * 100 * CENT,
    "max_quantity": 10_000 * ONE,
    "protection_band": 100 * CENT,
}


class MarginVenue(RiskVenue):
    """Account 1 is looked at, account 2 makes markets; prices are in cents, quantities in lots."""

    def __init__(self, model: int, cash: int, **options: Any) -> None:
        super().__init__(**options)
        self.names = 0
        for _ in (SHARE, OTHER):
            self.instrument(**LISTED, tick_value=1)
        self.account(1, margin_model=model)
        if cash:
            self.pay(cash)

    def option(self, strike: int, *, put: bool = False, days: int = 90, on: int = SHARE) -> int:
        """List an option on 100 shares; the strike is in dollars."""
        terms = Terms(
            kind=enums.INSTRUMENT_KIND_OPTION,
            underlying_id=on,
            strike_ticks=100 * strike,
            weight=100,
            traits=tables.INSTRUMENT_IS_PUT if put else 0,
        )
        return self.instrument(**LISTED, tick_value=100, expiry_time_ns=days * DAY_NS, terms=terms)

    def future(self, product: int, outright: int, *, days: int = 90, tick_value: int = 50) -> int:
        terms = Terms(kind=enums.INSTRUMENT_KIND_FUTURE, product=product, outright=outright)
        return self.instrument(
            **LISTED, tick_value=tick_value, expiry_time_ns=days * DAY_NS, terms=terms
        )

    def mark(self, instrument_id: int, cents: int) -> None:
        """Let a quote from outside say the price."""
        self.reference(instrument_id, last=cents * CENT)

    def trade_with(self, instrument_id: int, lots: int, cents: int, account_id: int = 1) -> Refused:
        """Let an account buy (negative: sell) lots from account 2; return why it may not."""
        self.names += 1
        side, other = (BUY, SELL) if lots > 0 else (SELL, BUY)
        terms = {"instrument_id": instrument_id, "price": cents * CENT}
        self.order(f"maker {self.names}", other, abs(lots) * ONE, account_id=2, **terms)
        refused = self.ask(
            f"order {self.names}", side, abs(lots) * ONE, account_id=account_id, **terms
        )
        if refused.reason:
            self.cancel(f"maker {self.names}", 2)
        return refused

    def rest(self, instrument_id: int, lots: int, cents: int, account_id: int = 1) -> Refused:
        """Let an order of an account rest; return why it may not."""
        self.names += 1
        side = BUY if lots > 0 else SELL
        return self.ask(
            f"order {self.names}",
            side,
            abs(lots) * ONE,
            account_id=account_id,
            instrument_id=instrument_id,
            price=cents * CENT,
        )

    def package(
        self, *legs: tuple[int, ...], net: int | None = None, account_id: int = 1, **more: Any
    ) -> Refused:
        """Enter a package of instruments, signed ratios, and limits or a net price in cents."""
        self.names += 1
        stated = tuple(
            Leg(
                one,
                BUY if ratio > 0 else SELL,
                abs(ratio) * ONE,
                *(cents * CENT for cents in limit),
            )
            for one, ratio, *limit in legs
        )
        terms: dict[str, Any] = {"units": 1, "account_id": account_id, "legs": stated} | more
        if net is not None:
            terms["net_price"] = net * CENT
        self.do(package_commands.create_package, client_order_id=f"p{self.names}", **terms)
        return self.refused

    def money(self, account_id: int = 1) -> BalanceView:
        view = self.exchange.balance(account_id, 0, self.now)
        assert view is not None
        return view

    def margin(self, account_id: int = 1, model: int | None = None) -> MarginView:
        model = self.exchange.margin_model(account_id) if model is None else model
        view = self.exchange.margin(account_id, 0, self.now, model)
        assert view is not None
        return view

    def replayed(self) -> Exchange:
        """Return an exchange that has taken all commands again, from the journal."""
        other = Exchange()
        for time_ns, payload in self.blocks:
            other.replay(memoryview(payload), time_ns)
        return other
