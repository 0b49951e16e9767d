"""`quantumcore status`: tell how the venue stands."""

from __future__ import annotations

from typing import Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.options import Address, Authorities, Json, Token


def status(
    *,
    state_hash: Annotated[
        bool,
        typer.Option("--state-hash", help="Also the hash of its state; stops it for some ms."),
    ] = False,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Tell how the venue stands."""
    from quantumcore.client.cli.output import clock_time, print_fields, print_json

    with options.connection(address, token, authorities) as client:
        found = client.status(include_state_hash=state_hash)
    if as_json:
        print_json(found)
        return
    print_fields(
        [
            ("state", found.state),
            ("version", f"{found.version}{' (compiled)' if found.compiled else ' (plain Python)'}"),
            ("serving since", clock_time(found.started_time_ns)),
            ("epoch", found.epoch),
            ("accepted sequence", found.accepted_sequence),
            ("durable sequence", found.durable_sequence),
            ("acknowledges at", found.durability_mode),
            ("instruments", found.instrument_count),
            ("accounts", found.account_count),
            ("working orders", f"{found.working_order_count} of {found.working_order_capacity}"),
            *(
                (("orders whose profit is forgotten", found.forgotten_multi_leg_order_count),)
                if found.forgotten_multi_leg_order_count
                else ()
            ),
            ("commands", found.command_count),
            ("trades", found.trade_count),
            ("journal bytes", found.journal_bytes),
            ("sessions", found.session_count),
            ("kill switch", "on" if found.kill_switch else "off"),
            ("chain head", found.chain_head),
            *((("state hash", found.state_hash),) if state_hash else ()),
            *((f"projection {one.name}", f"{one.lag_events} behind") for one in found.projections),
        ]
    )
