"""Accounts, and how the venue stands."""

from typing import Any

import grpc
import pytest

from quantumcore.server.venue import Venue
from quantumcore.v1.account_pb2 import AccountStatus
from quantumcore.v1.admin_service_pb2 import (
    CreateAccountRequest,
    GetStatusRequest,
    ListAccountsRequest,
)
from quantumcore.v1.status_pb2 import DurabilityMode, VenueState
from tests.server.api.running import Client, refusal


async def create(client: Client, **values: Any) -> Any:
    return await client.call(client.admin.CreateAccount, CreateAccountRequest(**values))


async def test_an_account_is_opened_active(client: Client) -> None:
    account = (await create(client, name="three")).account
    assert (account.account_id, account.name) == (3, "three")
    assert account.status == AccountStatus.ACCOUNT_STATUS_ACTIVE


async def test_an_account_name_is_taken_once(client: Client) -> None:
    failed = await refusal(create(client, name="one"))
    assert failed.code is grpc.StatusCode.ALREADY_EXISTS


async def test_the_same_request_id_opens_one_account(client: Client) -> None:
    first = await create(client, name="three", request_id=2**64 - 1)
    again = await create(client, name="three", request_id=2**64 - 1)
    assert again.repeated_request
    assert again.account == first.account


@pytest.mark.parametrize("name", ["", "x" * 65, "a\tb", "é"])
async def test_a_wrong_name_is_refused(client: Client, name: str) -> None:
    failed = await refusal(create(client, name=name))
    assert failed.violations.keys() == {"name"}


async def test_accounts_that_may_not_be_used_are_not_listed(client: Client, trader: Client) -> None:
    everything = await client.call(client.admin.ListAccounts, ListAccountsRequest())
    own = await trader.call(trader.admin.ListAccounts, ListAccountsRequest())
    assert [one.account_id for one in everything.accounts] == [1, 2]
    assert [one.account_id for one in own.accounts] == [1]


async def test_opening_an_account_needs_the_permission(trader: Client) -> None:
    failed = await refusal(create(trader, name="three"))
    assert failed.code is grpc.StatusCode.PERMISSION_DENIED


async def test_the_status_tells_how_the_venue_stands(venue: Venue, client: Client) -> None:
    created = await client.create_order("first")
    answer = await client.call(client.admin.GetStatus, GetStatusRequest(include_state_hash=True))
    status = answer.status
    assert status.state == VenueState.VENUE_STATE_SERVING
    assert status.accepted_sequence == created.sequence == answer.sequence
    assert status.durability_mode == DurabilityMode.DURABILITY_MODE_PROCESS
    assert (status.instrument_count, status.account_count) == (1, 2)
    assert status.working_order_count == 1
    assert status.command_count == 6
    assert status.journal_bytes > 0
    assert len(status.chain_head) == len(status.state_hash) == 32
    assert status.epoch == venue.journal.epoch == 1
