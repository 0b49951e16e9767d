"""`quantumcore up` and `quantumcore serve`: run a venue."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli.exit_codes import ExitCode
from quantumcore.client.cli.options import Json

if TYPE_CHECKING:
    from types import FrameType

    from quantumcore.client.local import LocalVenue

TOKEN_FILE = "token"  # noqa: S105 - the file's name


def up(
    *,
    data: Annotated[Path, typer.Option(help="Directory of all state.", envvar="QC_DATA")] = Path(
        "data"
    ),
    listen: Annotated[
        str, typer.Option(help="Address and port; loopback only.", envvar="QC_LISTEN")
    ] = "127.0.0.1:50051",
    demo: Annotated[
        bool, typer.Option("--demo", help="List demonstration instruments and accounts.")
    ] = False,
    durability: Annotated[
        str | None, typer.Option(help="When commands are acknowledged: process or disk.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Start a venue on this machine, print how to trade on it, run it until Ctrl-C."""
    from quantumcore.client.local import LocalSettings, LocalVenue, VenueExited

    token = _token(data)
    settings = LocalSettings(
        data=data, address=listen, token=token, demo=demo, durability=durability
    )
    venue = LocalVenue(settings).start()
    _stop_on_signals(venue)
    try:
        venue.wait_until_ready()
    except VenueExited as ended:
        if ended.status == 0:  # told to stop before it served
            raise typer.Exit(ExitCode.OK) from None
        raise
    _announce(venue.address, token, data, as_json)
    status = venue.wait()
    raise typer.Exit(ExitCode.OK if status in {0, -signal.SIGTERM} else ExitCode.VENUE_FAILED)


def serve(
    *,
    listen: Annotated[str | None, typer.Option(help="Address and port of gRPC.")] = None,
    data: Annotated[Path | None, typer.Option(help="Directory of all state.")] = None,
    durability: Annotated[
        str | None, typer.Option(help="When commands are acknowledged: process or disk.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="TOML file with settings.")] = None,
    dev: Annotated[bool, typer.Option("--dev", help="Generate a token; loopback only.")] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="List demonstration instruments and accounts.")
    ] = False,
) -> None:
    """Run the server itself in this process; its exit status is the server's."""
    from quantumcore.server.main import main

    named = {"--listen": listen, "--data": data, "--durability": durability, "--config": config}
    words = [word for name, value in named.items() if value for word in (name, str(value))]
    words += [name for name, wanted in (("--dev", dev), ("--demo", demo)) if wanted]
    raise typer.Exit(main(words))


def _token(data: Path) -> str:
    """Keep the token of the data directory, so that terminals stay connected."""
    from quantumcore.client.local import new_token

    path = data / TOKEN_FILE
    if path.is_file():
        return path.read_text(encoding="ascii").strip()
    data.mkdir(parents=True, exist_ok=True)
    token = new_token()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{token}\n")
    return token


def _stop_on_signals(venue: LocalVenue) -> None:
    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signal's form
        venue.interrupt()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def _announce(address: str, token: str, data: Path, as_json: bool) -> None:
    from quantumcore.client.cli.output import print_json
    from quantumcore.client.client import Client

    with Client(address, token=token) as client:
        instruments = [one.symbol for one in client.instruments()]
        accounts = [one.name for one in client.accounts()]
    if as_json:
        print_json(
            {
                "address": address,
                "token": token,
                "instruments": instruments,
                "accounts": accounts,
            }
        )
        return
    symbol = instruments[0] if instruments else "SYMBOL"
    buyer = accounts[0] if accounts else "ACCOUNT"
    seller = accounts[1] if len(accounts) > 1 else buyer
    lines = [
        f"QuantumCore serves on {address}; data in {data}; Ctrl-C drains and stops it.",
        f"instruments: {', '.join(instruments) or 'none yet'}",
        f"accounts: {', '.join(accounts) or 'none yet'}",
        "",
        "To trade, paste this into another terminal:",
        f"  export QC_ADDRESS={address} QC_TOKEN={token}",
        *_first_steps(bool(instruments and accounts), symbol, buyer, seller),
    ]
    print("\n".join(lines), flush=True)


def _first_steps(listed: bool, symbol: str, buyer: str, seller: str) -> list[str]:
    steps = [
        f"  quantumcore order buy {symbol} 10 100 --account {buyer}",
        f"  quantumcore order sell {symbol} 4 100 --account {seller}",
        f"  quantumcore order list --account {buyer}",
        f"  quantumcore book {symbol}",
        f"  quantumcore watch trades {symbol} --from-sequence 1",
    ]
    if listed:
        return steps
    return [
        f"  quantumcore instrument create {symbol} --open",
        f"  quantumcore account create {buyer}",
        *steps,
    ]
