"""Assemble the `quantumcore` command."""

from __future__ import annotations

import sys

import typer

from quantumcore.client.cli import (
    account,
    book,
    group,
    instrument,
    kill_switch,
    log,
    log_audit,
    log_retention,
    margin,
    migration,
    order,
    quote,
    replay,
    session,
    status,
    trade,
    venue,
    watch,
)
from quantumcore.client.cli import demo as demonstration
from quantumcore.client.cli.exit_codes import ExitCode, exit_code, sentence

app = typer.Typer(
    name="quantumcore",
    help="Run and use a QuantumCore trading venue.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("up")(venue.up)
app.command("serve")(venue.serve)
app.command("status")(status.status)
app.add_typer(order.app, name="order")
app.command("book")(book.book)
app.add_typer(watch.app, name="watch")
app.add_typer(instrument.app, name="instrument")
app.add_typer(account.app, name="account")
app.add_typer(group.app, name="group")
app.add_typer(margin.app, name="margin")
app.add_typer(migration.app, name="migration")
app.add_typer(kill_switch.app, name="kill-switch")
app.add_typer(session.app, name="session")
app.add_typer(trade.app, name="trade")
app.add_typer(quote.app, name="quote")
app.add_typer(replay.app, name="replay")
log_audit.add_to(log.app)
log_retention.add_to(log.app)
app.add_typer(log.app, name="log")
app.command("demo")(demonstration.demo)


def main() -> None:
    """Run the command line; errors become a sentence on standard error and an exit status."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        sys.stdout = None
        sys.exit(ExitCode.OK)
    except Exception as error:
        code = exit_code(error)
        if code is None:
            raise
        print(f"quantumcore: {sentence(error)}", file=sys.stderr)
        sys.exit(code)


if __name__ == "__main__":
    main()
