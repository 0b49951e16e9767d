"""`quantumcore session`: list the connections through which orders come."""

from __future__ import annotations

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.options import Address, Authorities, Json, Token

app = typer.Typer(help="List the connections through which orders come.", no_args_is_help=True)


@app.callback()
def sessions() -> None:
    """List the connections through which orders come."""


@app.command("list")
def list_sessions(
    *,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """List open sessions, ascending by id: your own, as an operator all."""
    from quantumcore.client.cli.output import clock_time, print_json, print_table

    with options.connection(address, token, authorities) as client:
        found = list(client.sessions())
    if as_json:
        print_json(found)
        return
    print_table(
        found,
        [
            ("SESSION", lambda one: one.session_id),
            ("PRINCIPAL", lambda one: one.principal_id),
            ("PROTOCOL", lambda one: one.protocol),
            ("FROM", lambda one: one.peer_address),
            ("SINCE", lambda one: clock_time(one.started_time_ns)),
            ("LAST HEARD", lambda one: clock_time(one.last_received_time_ns)),
            ("COMMANDS", lambda one: one.command_count),
            ("CANCELS ON DISCONNECT", lambda one: one.cancel_on_disconnect),
        ],
    )
