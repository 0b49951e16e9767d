"""`quantumcore log retention` and `log hold`: how long events are kept, and what holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.choices import EventClassName
from quantumcore.client.cli.options import Address, Authorities, Json, Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quantumcore.client.audit_values import LegalHold, RetentionOutcome

holds = typer.Typer(help="Keep events whatever their age.", no_args_is_help=True)

Why = Annotated[str, typer.Option("--reason", help="Why, for the audit trail, up to 128 bytes.")]
Number = Annotated[int, typer.Argument(min=1, help="Number of the hold.")]
Accounts = Annotated[
    list[str] | None,
    typer.Option("--account", "-a", help="Of this account; repeatable. None: of all."),
]
Since = Annotated[str, typer.Option(help="Events from this time on, ISO 8601 with a zone.")]
Before = Annotated[str, typer.Option(help="Events before this time.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(retention)
    app.add_typer(holds, name="hold")


def retention(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Also work out what would be removed now.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Archive and remove what is of age and not held.")
    ] = False,
    event_class: Annotated[
        EventClassName | None, typer.Option("--class", help="Apply to this class alone.")
    ] = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Tell how long events are kept, or let go of those that are of age."""
    from quantumcore.client.audit_enums import EventClass
    from quantumcore.client.cli.output import print_json, print_table

    with options.audit_connection(address, token, authorities) as audit:
        if apply:
            asked = options.member(EventClass, event_class) or EventClass.UNSPECIFIED
            applied = audit.apply_retention(event_class=asked)
            if as_json:
                print_json(applied)
            else:
                _print_outcomes(applied.outcomes)
                print(f"recorded as sequence {applied.sequence}")
            return
        found = audit.retention(include_outcomes=dry_run)
    if as_json:
        print_json(found)
        return
    print_table(
        found.policies,
        [("CLASS", lambda one: one.event_class.name), ("KEPT DAYS", lambda one: one.keep_days)],
    )
    print(f"kept in full from sequence {found.first_sequence} on")
    if dry_run:
        _print_outcomes(found.outcomes)


@holds.command(name="set")
def set_hold(
    name: Annotated[str, typer.Argument(help="Unique name, such as that of the case.")],
    *,
    reason: Why,
    account: Accounts = None,
    since: Since = "",
    before: Before = "",
    change: Annotated[
        int, typer.Option(min=0, help="Number of the hold to change; 0: a new one.")
    ] = 0,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Set a legal hold, or change one that is in force."""
    from quantumcore.client.cli.times import moment_ns

    with options.audit_connection(address, token, authorities) as audit:
        hold = audit.set_legal_hold(
            name=name,
            legal_hold_id=change,
            accounts=[options.reference(one) for one in account or ()],
            from_time_ns=moment_ns(since, name="since") if since else 0,
            until_time_ns=moment_ns(before, name="before") if before else 0,
            text=reason,
        )
    _print_hold(hold, as_json=as_json)


@holds.command()
def lift(
    number: Number,
    *,
    reason: Why,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Lift a legal hold; it stays listed with --lifted."""
    with options.audit_connection(address, token, authorities) as audit:
        hold = audit.set_legal_hold(legal_hold_id=number, lift=True, text=reason)
    _print_hold(hold, as_json=as_json)


@holds.command(name="list")
def list_holds(
    *,
    lifted: Annotated[bool, typer.Option("--lifted", help="Lifted ones too.")] = False,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """List legal holds."""
    from quantumcore.client.cli.output import print_json, print_table

    with options.audit_connection(address, token, authorities) as audit:
        found = list(audit.legal_holds(include_lifted=lifted))
    if as_json:
        print_json(found)
        return
    print_table(
        found,
        [
            ("ID", lambda one: one.legal_hold_id),
            ("NAME", lambda one: one.name),
            ("ACCOUNTS", lambda one: ", ".join(map(str, one.account_ids)) or "all"),
            ("LIFTED", lambda one: one.lifted),
            ("REASON", lambda one: one.text),
        ],
    )


def _print_hold(hold: LegalHold, *, as_json: bool) -> None:
    from quantumcore.client.cli.output import print_json

    if as_json:
        print_json(hold)
    else:
        print(f"legal hold {hold.legal_hold_id} {hold.name}: {_state(hold)}")


def _state(hold: LegalHold) -> str:
    return "lifted" if hold.lifted else "in force"


def _print_outcomes(outcomes: Sequence[RetentionOutcome]) -> None:
    from quantumcore.client.cli.output import print_table

    print_table(
        outcomes,
        [
            ("CLASS", lambda one: one.event_class.name),
            ("UNTIL", lambda one: one.until_sequence),
            ("REMOVED", lambda one: one.removed_count),
            ("HELD", lambda one: one.held_count),
            ("ARCHIVED", lambda one: one.archived_count),
        ],
    )
