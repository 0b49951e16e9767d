from __future__ import annotations

from enum import StrEnum

import pytest

from quantumcore.client import enums, risk_enums
from quantumcore.client.cli import choices
from quantumcore.client.cli.options import member

PAIRS: list[tuple[type[StrEnum], type[enums.OpenEnum]]] = [
    (choices.SideName, enums.Side),
    (choices.OrderTypeName, enums.OrderType),
    (choices.TimeInForceName, enums.TimeInForce),
    (choices.TriggerName, enums.StopTrigger),
    (choices.PegName, enums.PegReference),
    (choices.SelfTradeName, enums.SelfTradePrevention),
    (choices.KindName, enums.InstrumentKind),
    (choices.PhaseName, enums.TradingPhase),
    (choices.RightName, enums.OptionRight),
    (choices.StyleName, enums.ExerciseStyle),
    (choices.MarginModelName, enums.MarginModel),
    (choices.AccountStatusName, enums.AccountStatus),
    (choices.StalePolicyName, risk_enums.StaleReferencePolicy),
]


@pytest.mark.parametrize(("typed", "contract"), PAIRS, ids=lambda kind: kind.__name__)
def test_every_value_of_the_contract_can_be_typed(
    typed: type[StrEnum], contract: type[enums.OpenEnum]
) -> None:
    assert {name.name for name in typed} == {value.name for value in contract if value}
    assert [name.value for name in typed] == [name.name.lower().replace("_", "-") for name in typed]


def test_a_multi_leg_order_has_the_times_in_force_that_need_no_auction() -> None:
    whole = {name.name: name.value for name in choices.TimeInForceName}
    auctions = {"AT_OPEN", "AT_CLOSE"}
    named = {name.name: name.value for name in choices.SpreadTimeName}
    assert named == {name: value for name, value in whole.items() if name not in auctions}


def test_a_choice_stands_for_the_contracts_value() -> None:
    found = member(enums.OrderType, choices.OrderTypeName.STOP_LIMIT)
    assert found is enums.OrderType.STOP_LIMIT
    assert member(enums.OrderType, None) is None
