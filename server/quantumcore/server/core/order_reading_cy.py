"""Read orders, single and multi-leg, one by one and by account."""

from typing import Any

import cython

from quantumcore.server.core.views import FORGOTTEN, OrderView, PackageView

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.words_cy import Words


@cython.cclass
class OrderReading:
    """What can be asked of the orders that are known: the working ones and the newest ended."""

    accounts: Accounts
    instruments: Instruments
    orders: Orders
    placing: Placing

    def order(self, order_id: int) -> OrderView | None:
        """Return a single order or a leg, or None where its id is not known (any more)."""
        row: cython.int = self.orders.row_of(order_id)
        if row == kinds.NO_SLOT or self.orders.is_package(row):
            return None
        return self._view(row)

    def orders_of(
        self,
        account_id: int,
        *,
        instrument_id: int = 0,
        side: int = 0,
        working_only: bool = False,
        after_order_id: int = 0,
        limit: int = 100,
    ) -> list[OrderView]:
        """Return orders of an account in order of creation, from behind `after_order_id`.

        Raises KeyError where that order is not known any more.
        """
        if not 1 <= account_id <= self.accounts.count:
            return []
        orders: Orders = self.orders
        row: cython.int = self._first(account_id, working_only, after_order_id)
        found: list[OrderView] = []
        while row != kinds.NO_SLOT and len(found) < limit:
            if (
                (instrument_id == 0 or orders.instrument[row] == instrument_id)
                and (side == 0 or orders.side(row) == side)
                and (not working_only or orders.is_working(row))
                and not orders.is_package(row)
            ):
                found.append(self._view(row))
            row = orders.next_working[row] if working_only else orders.next_of_account[row]
        return found

    def find_order(self, account_id: int, client_order_id: str) -> int:
        """Return the venue id of an account's order by any client order id it has had, or 0."""
        text = client_order_id.encode("ascii", "replace")
        if not 1 <= len(text) <= kinds.CLIENT_ORDER_ID_BYTES:
            return 0
        words = Words(8)
        words.put_text(text)
        entry: cython.int = self.orders.ids.find(account_id, words, 0, len(text))
        return 0 if entry == kinds.NO_SLOT else self.orders.order_id[self.orders.ids.rows[entry]]

    def _view(self, row: cython.int) -> OrderView:
        orders: Orders = self.orders
        terms, traits = orders.terms[row], orders.traits[row]
        stop = traits & kinds.FLAG_HAS_STOP_PRICE
        iceberg = orders.order_type(row) == enums.ORDER_TYPE_ICEBERG
        pegged = orders.order_type(row) == enums.ORDER_TYPE_PEGGED
        dated = orders.time_in_force(row) == enums.TIME_IN_FORCE_GTD
        return OrderView(
            order_id=orders.order_id[row],
            client_order_id=orders.ids.text(orders.entry[row]),
            account_id=orders.account[row],
            instrument_id=orders.instrument[row],
            side=orders.side(row),
            order_type=terms >> kinds.STATE_ORDER_TYPE & 0xFF,
            time_in_force=terms >> kinds.STATE_TIME_IN_FORCE & 0xFF,
            status=orders.status[row],
            has_price=bool(terms >> kinds.STATE_FLAGS & kinds.FLAG_HAS_PRICE),
            price=orders.price[row],
            quantity=orders.quantity[row],
            cumulative_quantity=orders.cumulative[row],
            leaves_quantity=orders.leaves(row),
            cumulative_tick_lots=orders.tick_lots[row],
            has_stop_price=bool(stop),
            stop_price=orders.stop_price[row] if stop else 0,
            stop_trigger=traits >> 16 & 0xFF,
            display_quantity=orders.display[row] if iceberg else 0,
            shown_quantity=self.placing.shown(row),
            peg_reference=traits >> 24 & 0xFF,
            peg_offset=orders.peg_offset[row] if pegged else 0,
            post_only=bool(traits & kinds.FLAG_POST_ONLY),
            reduce_only=bool(traits & kinds.FLAG_REDUCE_ONLY),
            min_quantity=orders.min_quantity[row] if traits & kinds.TRAIT_MIN_QUANTITY else 0,
            expire_time_ns=orders.expire_ns[row] if dated else 0,
            self_trade_prevention=traits >> 8 & 0xFF,
            created_time_ns=orders.created_ns[row],
            updated_time_ns=orders.updated_ns[row],
            sequence=orders.sequence[row],
            version=orders.version[row],
            cancel_reason=orders.cancel_reason[row],
            multi_leg_order_id=orders.package_id(row) if terms >> kinds.STATE_LEG else 0,
            leg_number=terms >> kinds.STATE_LEG & kinds.LEG_NUMBER,
        )

    def package(self, order_id: int) -> PackageView | None:
        """Return a multi-leg order, or None where its id is not known (any more)."""
        row: cython.int = self.orders.row_of(order_id)
        if row == kinds.NO_SLOT or not self.orders.is_package(row):
            return None
        return self._package_view(row)

    def packages_of(
        self,
        account_id: int,
        *,
        instrument_id: int = 0,
        working_only: bool = False,
        after_order_id: int = 0,
        limit: int = 100,
    ) -> list[PackageView]:
        """Return multi-leg orders of an account in order of creation, from behind one of them.

        Raises KeyError where that order is not known any more.
        """
        if not 1 <= account_id <= self.accounts.count:
            return []
        orders: Orders = self.orders
        row: cython.int = self._first(account_id, working_only, after_order_id)
        found: list[PackageView] = []
        while row != kinds.NO_SLOT and len(found) < limit:
            if orders.is_package(row) and (not working_only or orders.is_working(row)):
                view = self._package_view(row)
                if view is not None and (
                    instrument_id == 0 or instrument_id in [leg.instrument_id for leg in view.legs]
                ):
                    found.append(view)
            row = orders.next_working[row] if working_only else orders.next_of_account[row]
        return found

    def _package_view(self, row: cython.int) -> PackageView | None:
        orders: Orders = self.orders
        words = memoryview(orders.packages.words)
        at = orders.packages.at(orders.package(row))
        if words[at + tables.PACKAGE_ROW_ORDER] != orders.order_id[row]:
            return None  # its row has been taken for a later one
        count = words[at + tables.PACKAGE_ROW_LEG_COUNT]
        first = at + tables.PACKAGE_ROW_CONSTRAINTS
        constraints = words[at + tables.PACKAGE_ROW_CONSTRAINT_COUNT] * kinds.CONSTRAINT_WORDS
        legs = [
            self._leg_view(orders.row_of(words[at + tables.PACKAGE_ROW_LEGS + number]), number)
            for number in range(count)
        ]
        return PackageView(
            order=self._view(row),
            legs=legs,
            ratios=words[at + tables.PACKAGE_ROW_RATIOS :][:count].tolist(),
            min_units=words[at + tables.PACKAGE_ROW_MIN_UNITS],
            mode=words[at + tables.PACKAGE_ROW_MODE],
            sequential=words[at + tables.PACKAGE_ROW_SEQUENTIAL],
            self_trade_prevention=words[at + tables.PACKAGE_ROW_PREVENTION],
            constraints=words[first : first + constraints].tolist(),
            policy=words[at + tables.PACKAGE_ROW_POLICY],
            **self._unwound(row, count),
        )

    def _leg_view(self, row: int, number: int) -> OrderView:
        """Return a leg, counted from 0; of one that is not known any more only its number."""
        if row == kinds.NO_SLOT:
            return FORGOTTEN._replace(leg_number=number + 1)
        return self._view(row)

    def _unwound(self, row: cython.int, count: int) -> dict[str, Any]:
        """Return how far the legs of a sequential order are from whole units; of others nothing."""
        orders: Orders = self.orders
        if not orders.is_sequential(row):
            return {"excess": [], "unwound": [], "unwound_tick_lots": [], "is_tried": True}
        words = memoryview(orders.packages.words)
        package = orders.package(row)
        at = orders.packages.at(package)
        legs = [orders.row_of(one) for one in words[at + tables.PACKAGE_ROW_LEGS :][:count]]
        lots = [self._lot_size(leg) for leg in legs]
        unwound = words[at + tables.PACKAGE_ROW_UNWOUND :][:count].tolist()
        tick_lots = words[at + tables.PACKAGE_ROW_UNWOUND_TICK_LOTS :][:count].tolist()
        return {
            "excess": [orders.packages.excess(package, i) * lots[i] for i in range(count)],
            "unwound": [unwound[i] * lots[i] for i in range(count)],
            "unwound_tick_lots": [tick_lots[i] if lots[i] else 0 for i in range(count)],
            "is_tried": orders.status[row] != enums.ORDER_STATUS_NEW
            or any(orders.place[leg] != tables.PLACE_NOWHERE for leg in legs),
        }

    def _lot_size(self, row: int) -> int:
        """Return the lot size of an order's instrument; of one that is not known any more 0."""
        if row == kinds.NO_SLOT:
            return 0
        return self.instruments.read(self.orders.instrument[row], tables.INSTRUMENT_LOT_SIZE)

    def _first(self, account_id: int, working_only: bool, after_order_id: int) -> int:
        orders: Orders = self.orders
        if after_order_id == 0:
            return orders.account_ends[account_id * 4 + (2 if working_only else 0)]
        row: cython.int = orders.row_of(after_order_id)
        if row == kinds.NO_SLOT or orders.account[row] != account_id:
            raise KeyError(after_order_id)
        row = orders.next_of_account[row]
        while working_only and row != kinds.NO_SLOT and not orders.is_working(row):
            row = orders.next_of_account[row]
        return row

    def accounts_with_sessions(self) -> list[int]:
        """Return the accounts with working orders that the end of their session cancels."""
        found: list[int] = []
        account: cython.int
        for account in range(1, self.accounts.count + 1):
            row: cython.int = self.orders.first_working(account)
            while row != kinds.NO_SLOT and not self.orders.session[row] & kinds.SESSION_CANCELS:
                row = self.orders.next_working[row]
            if row != kinds.NO_SLOT:
                found.append(account)
        return found


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
