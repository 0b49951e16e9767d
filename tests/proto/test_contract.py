from __future__ import annotations

import re

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from quantumcore.v1.types_pb2 import fixed
from tests.proto.contract import (
    ENUMS,
    FILES,
    MESSAGES,
    PREFIX,
    RPCS,
    Rpc,
    elements,
    enum_value_comments,
    field_names,
    fields,
)

LISTS = [rpc for rpc in RPCS if rpc.verb == "List"]
STREAMS = [rpc for rpc in RPCS if rpc.method.server_streaming]
READ_VERBS = {"Get", "List", "Read", "Stream", "Subscribe", "Check", "Verify", "Export"}
MUTATIONS = [rpc for rpc in RPCS if rpc.verb not in READ_VERBS and not rpc.method.client_streaming]
UNARY_READS = [
    rpc for rpc in RPCS if rpc.verb in {"Get", "List", "Check"} and not rpc.method.server_streaming
]
# What these show is not made of journaled events, so there is no sequence to wait for.
OUTSIDE_THE_JOURNAL = {
    "AdminService.ListSessions",
    "EventStoreService.GetRetention",
    "EventStoreService.ListSnapshots",
    "MarketDataService.GetFeedStats",
    "MarketDataService.GetQuote",
}
SCALED = re.compile(
    r"^(?!.*(minor_units|basis_points|_ticks|_lots|_count)$)"
    r".*(price|quantity|strike|spread|ratio|size|multiplier|_band|peg_offset)(_[ab])?$"
)
NOT_SCALED = {"page_size"}


def named(rpcs: list[Rpc]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("rpc", rpcs, ids=[rpc.name for rpc in rpcs])


def test_every_service_of_the_api_is_there() -> None:
    assert {service.name for file in FILES for service in file.service} == {
        "AdminService",
        "EventStoreService",
        "InstrumentService",
        "MarketDataService",
        "MatchingService",
        "OrderService",
        "RiskService",
    }


def test_every_element_has_a_comment_that_is_a_sentence() -> None:
    found = list(elements())
    assert len(found) > 1000
    assert [e.name for e in found if not e.comment.endswith((".", ".)"))] == []


@pytest.mark.parametrize("name", ENUMS)
def test_zero_of_an_enum_is_unspecified(name: str) -> None:
    zero = ENUMS[name].value[0]
    assert zero.number == 0
    assert zero.name == re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper() + "_UNSPECIFIED"


def test_reject_reasons_are_written_in_order_of_precedence() -> None:
    reasons = ENUMS["RejectReason"]
    numbers = [value.number for value in reasons.value]
    assert numbers == sorted(set(numbers))
    assert all(enum_value_comments(reasons).values())


def test_a_reject_reason_that_names_a_limit_says_what_it_is() -> None:
    comments = enum_value_comments(ENUMS["RejectReason"])
    vague = [name for name, comment in comments.items() if re.search(r"limit:\s*(\.|$)", comment)]
    assert vague == []


def test_prices_and_quantities_carry_the_fixed_point_option() -> None:
    unmarked = [
        name
        for name, field in fields()
        if field.type == FieldDescriptorProto.TYPE_INT64
        and SCALED.match(field.name)
        and field.name not in NOT_SCALED
        and field.options.Extensions[fixed].scale != 9
    ]
    assert unmarked == []


def test_the_fixed_point_option_is_on_numbers_of_64_bits_only() -> None:
    marked = [field for _, field in fields() if field.options.HasExtension(fixed)]
    assert len(marked) > 80
    assert {field.type for field in marked} == {FieldDescriptorProto.TYPE_INT64}


def test_no_field_is_a_floating_point_number() -> None:
    floating = {FieldDescriptorProto.TYPE_DOUBLE, FieldDescriptorProto.TYPE_FLOAT}
    assert [name for name, field in fields() if field.type in floating] == []


def test_times_are_64_bit_nanoseconds() -> None:
    wrong = [
        name
        for name, field in fields()
        if field.name.endswith(("time_ns", "_at")) and field.type != FieldDescriptorProto.TYPE_INT64
    ]
    assert wrong == []


def test_ids_that_the_venue_gives_have_one_type_each() -> None:
    types: dict[str, set[int]] = {}
    for _, field in fields():
        if field.name.endswith("_id") or field.name.endswith("sequence"):
            types.setdefault(field.name, set()).add(field.type)
    assert {name for name, seen in types.items() if len(seen) > 1} == set()
    assert types["order_id"] == types["request_id"] == {FieldDescriptorProto.TYPE_FIXED64}
    assert types["account_id"] == types["instrument_id"] == {FieldDescriptorProto.TYPE_UINT32}


@named(RPCS)
def test_an_rpc_has_messages_of_its_own(rpc: Rpc) -> None:
    assert rpc.request.name == f"{rpc.method.name}Request"
    assert rpc.response.name == f"{rpc.method.name}Response"


def test_no_rpc_is_named_as_another_with_raw_behind() -> None:
    """The C++ stub of such a pair does not compile."""
    names = {rpc.name for rpc in RPCS}
    assert {name for name in names if f"{name}Raw" in names} == set()


@named(LISTS)
def test_a_list_is_paginated(rpc: Rpc) -> None:
    assert {"page_size", "page_token"} <= field_names(rpc.request)
    assert "next_page_token" in field_names(rpc.response)


@named(STREAMS)
def test_a_stream_sends_batches_heartbeats_and_a_typed_end(rpc: Rpc) -> None:
    types = {field.type_name.removeprefix(PREFIX) for field in rpc.response.field}
    assert {"Heartbeat", "StreamEnd"} <= types
    first = rpc.response.field[0]
    assert first.label == FieldDescriptorProto.LABEL_REPEATED
    assert first.type == FieldDescriptorProto.TYPE_MESSAGE


@named(MUTATIONS)
def test_a_change_can_be_repeated_by_its_request_id(rpc: Rpc) -> None:
    assert rpc.request.field[0].name == "request_id"
    answer = {field.type_name.removeprefix(PREFIX) for field in rpc.response.field}
    acknowledged = answer & {"OrderAcknowledgement", "MultiLegOrderAcknowledgement"}
    assert acknowledged or "repeated_request" in field_names(rpc.response)


@named([rpc for rpc in UNARY_READS if rpc.name not in OUTSIDE_THE_JOURNAL])
def test_a_read_waits_for_a_sequence_and_names_the_one_it_reflects(rpc: Rpc) -> None:
    assert {"min_sequence", "at_sequence"} & field_names(rpc.request)
    assert "sequence" in field_names(rpc.response)


def test_every_command_of_the_trade_stream_is_also_an_rpc() -> None:
    commands = {field.type_name.removeprefix(PREFIX) for field in MESSAGES["TradeCommand"].field}
    rpcs = {rpc.request.name for rpc in RPCS if rpc.name.startswith("OrderService.")}
    assert commands <= rpcs


def test_every_event_type_has_its_payload_under_its_number() -> None:
    payloads = {
        field.number: field.name.upper()
        for field in MESSAGES["Event"].field
        if field.HasField("oneof_index")
    }
    types = {
        value.number: value.name.removeprefix("EVENT_TYPE_")
        for value in ENUMS["EventType"].value
        if value.number
    }
    assert payloads == types


def test_every_event_payload_states_its_version() -> None:
    comments = {element.name: element.comment for element in elements()}
    payloads = [
        field.type_name.removeprefix(PREFIX)
        for field in MESSAGES["Event"].field
        if field.HasField("oneof_index")
    ]
    unversioned = [p for p in payloads if not re.search(r"Version \d+\.", comments[p])]
    assert unversioned == []


def test_every_reference_in_a_comment_exists() -> None:
    known = {rpc.name for rpc in RPCS} | {name for name, _ in fields()}
    names = set(MESSAGES) | {service.name for file in FILES for service in file.service}
    references = {
        reference
        for element in elements()
        for reference in re.findall(r"\b([A-Z]\w+\.\w+)\b", element.comment)
        if reference.partition(".")[0] in names
    }
    assert references
    assert references - known == set()


def test_every_file_says_where_generated_go_and_java_code_belongs() -> None:
    assert {file.options.go_package for file in FILES} == {"quantumcore/v1;quantumcorev1"}
    assert all(file.options.java_multiple_files for file in FILES)
