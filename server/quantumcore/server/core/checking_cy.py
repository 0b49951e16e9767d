"""Answer what would become of an order that is not entered."""

import cython

from quantumcore.server.core.account_views import CheckView, MarginView
from quantumcore.server.core.margin.explanation import Component

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.balances_cy import Balances
    from cython.cimports.quantumcore.server.core.funds_cy import Funds
    from cython.cimports.quantumcore.server.core.limits_cy import Limits
    from cython.cimports.quantumcore.server.core.margining_cy import Margining
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.package_admission_cy import PackageAdmission
    from cython.cimports.quantumcore.server.core.packaging_cy import Packaging
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.balances_cy import Balances
    from quantumcore.server.core.funds_cy import Funds
    from quantumcore.server.core.limits_cy import Limits
    from quantumcore.server.core.margining_cy import Margining
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.package_admission_cy import PackageAdmission
    from quantumcore.server.core.packaging_cy import Packaging
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class Checking:
    """Stands in for an exchange where commands are written, and carries none out.

    The checks are those that commands pass, on what the exchange holds; a position that the
    account has not got is lent for as long as the check takes, and no rate is counted. A package
    that may not wait is planned, as it would be; its draft is nobody's, and no part of the state.
    """

    admission: Admission
    package_admission: PackageAdmission
    packaging: Packaging
    turn: Words
    results: Words
    reason: cython.longlong

    def __init__(self, matching: Matching, limits: Limits) -> None:
        self.turn, self.results = Words(1 << 8), Words(1 << 4)
        self.admission = Admission(matching.placing, limits, self.turn)
        self.admission.pretrade.risk.is_dry = True
        self.package_admission = PackageAdmission(self.admission, matching.orders.packages)
        self.packaging = Packaging(matching, self.package_admission)
        self.reason = 0

    def begin(self, time_ns: int) -> None:
        """Begin to check at a time; the command is written next."""
        self.turn.clear()
        self.admission.time_ns = time_ns
        self.admission.positions.lent = 0
        self.admission.refusal.fail(0, 0, 0, 0)
        self.admission.refusal.begin_asking()
        self.admission.pretrade.funds.begin_none()

    def apply(self, start: int) -> None:
        """Check the command whose record is at the end of `turn`."""
        if self.turn.words[start] & 0xFFFF == kinds.CREATE_ORDER:
            self.reason = self.admission.check_create(start)
        else:
            self.reason = self.package_admission.check(start)
            if self.reason == 0:
                self.reason = self.packaging.check_now()

    def view(self) -> CheckView:
        """Return what the check has found; margins where the account's funds were looked at."""
        refusal: Refusal = self.admission.refusal
        funds: Funds = self.admission.pretrade.funds
        refused = self.reason != 0
        compared = refusal.answer()
        before = self._margin(False)
        if before is not None:
            rule = enums.REJECT_REASON_INSUFFICIENT_BALANCE
            if funds.model > enums.MARGIN_MODEL_NONE:
                rule = enums.REJECT_REASON_INSUFFICIENT_MARGIN
            compared[rule] = (funds.available, funds.needed, 0)
        return CheckView(
            reason=self.reason,
            field=refusal.field if refused else 0,
            leg_number=refusal.leg if refused else 0,
            limit=refusal.limit if refused else 0,
            value=refusal.value if refused else 0,
            compared=compared,
            before=before,
            after=self._margin(True),
        )

    def _margin(self, with_order: bool) -> MarginView | None:
        """Explain the margin of what is held, or of that with the order filled whole."""
        funds: Funds = self.admission.pretrade.funds
        margining: Margining = funds.margining
        balances: Balances = self.admission.positions.balances
        balance: cython.int = funds.balance
        if balance == kinds.NO_SLOT:
            return None
        margin, optimal = 0, True
        components: tuple[Component, ...] = ()
        margining.oldest_ns = 0  # each tells of its own
        if funds.model > enums.MARGIN_MODEL_NONE:
            margin = margining.margin(balance, tables.FILLED_NONE, with_order)
            report = margining.explained(balance, with_order)
            components, optimal = report.components, report.pairing_is_optimal
        return MarginView(
            currency=balances.currency[balance],
            position_margin=margin,
            order_margin=balances.reserved[balance] + (funds.needed if with_order else 0),
            available=funds.available - (funds.needed if with_order else 0),
            components=components,
            pairing_is_optimal=optimal,
            oldest_mark_age_ns=margining.oldest_ns,
            refused=margining.refused,
        )


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
