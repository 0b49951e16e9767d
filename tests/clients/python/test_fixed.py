from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumcore.client.fixed import INT64_MAX, INT64_MIN, fixed_scale, from_fixed, to_fixed
from quantumcore.v1 import order_service_pb2

WHOLE = st.integers(INT64_MIN, INT64_MAX)
SCALES = st.integers(0, 18)


@given(WHOLE, SCALES)
def test_every_whole_number_survives_the_way_there_and_back(value: int, scale: int) -> None:
    assert to_fixed(from_fixed(value, scale=scale), scale=scale, name="price") == value


@given(WHOLE, SCALES)
def test_decimals_are_exact_whatever_the_callers_precision(value: int, scale: int) -> None:
    with localcontext(prec=3):
        decimal = from_fixed(value, scale=scale)
        assert to_fixed(decimal, scale=scale, name="price") == value
    assert decimal.scaleb(scale) == value


@pytest.mark.parametrize(
    ("given_number", "whole"),
    [
        ("101.25", 101_250_000_000),
        (Decimal("-0.000000001"), -1),
        (7, 7_000_000_000),
        ("1e3", 1_000_000_000_000),
        (" 2.50 ", 2_500_000_000),
        ("0e99", 0),
        ("-0", 0),
    ],
)
def test_decimal_int_and_text_are_taken(given_number: Decimal | int | str, whole: int) -> None:
    assert to_fixed(given_number, scale=9, name="price") == whole


def test_decimals_come_without_trailing_zeros_or_exponent() -> None:
    assert str(from_fixed(101_250_000_000, scale=9)) == "101.25"
    assert str(from_fixed(1_000_000_000_000, scale=9)) == "1000"
    assert f"{from_fixed(-1, scale=9):f}" == "-0.000000001"


@pytest.mark.parametrize("wrong", [1.5, True, None, b"1", [1]])
def test_floats_and_other_types_are_refused_by_name(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"price: use Decimal, int or str, not "):
        to_fixed(wrong, scale=9, name="price")


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ("abc", "is not a number"),
        ("NaN", "is not a finite number"),
        ("Infinity", "is not a finite number"),
        ("0.0000000001", "more than 9 digits"),
        ("1e-400", "more than 9 digits"),
        ("9223372036.854775808", "is too large"),
        ("1e300", "is too large"),
        (2**80, "is too large"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(wrong: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=f"price: .*{problem}"):
        to_fixed(wrong, scale=9, name="price")


def test_the_bounds_of_64_bits_fit() -> None:
    assert to_fixed("9223372036.854775807", scale=9, name="price") == INT64_MAX
    assert to_fixed("-9223372036.854775808", scale=9, name="price") == INT64_MIN


def test_the_scale_comes_from_the_contract() -> None:
    fields = order_service_pb2.CreateOrderRequest.DESCRIPTOR.fields_by_name
    assert fixed_scale(fields["price"]) == 9
    assert fixed_scale(fields["expire_time_ns"]) is None
