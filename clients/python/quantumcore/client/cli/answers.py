"""Say what became of an order command, or what would become of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from quantumcore.client.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from quantumcore.client.client import Client
    from quantumcore.client.commands import CreateOrder
    from quantumcore.client.multi_leg_commands import CreateMultiLegOrder
    from quantumcore.client.values import Acknowledgement


def report(answer: Acknowledgement, as_json: bool) -> None:
    """Print an acknowledgement; a refusal ends with REJECTED, in JSON too."""
    from quantumcore.client.cli.output import print_json, text

    if as_json:
        print_json(answer)
        if answer.reject is not None:
            raise typer.Exit(ExitCode.REJECTED)
        return
    answer.raise_for_reject()
    if not answer.order_id:
        print(f"{answer.affected_orders} orders cancelled, sequence {answer.sequence}")
        return
    repeated = ", answered before" if answer.repeated_request else ""
    print(
        f"order {answer.order_id} {answer.client_order_id}: {text(answer.status)}, "
        f"traded {text(answer.cumulative_quantity)}, working {text(answer.leaves_quantity)}, "
        f"sequence {answer.sequence}{repeated}"
    )


def report_check(client: Client, order: CreateOrder | CreateMultiLegOrder, as_json: bool) -> None:
    """Print how an order would fare, rule by rule; one that would be refused ends with REJECTED."""
    from quantumcore.client.cli.output import print_json, print_table, text

    found = client.check_order(order)
    if as_json:
        print_json(found)
    else:
        print(f"would be {'accepted' if found.accepted else 'refused'}, sequence {found.sequence}")
        print_table(
            found.checks,
            [
                ("RULE", lambda one: one.rule),
                ("LEG", lambda one: one.leg_number or None),
                ("VALUE", lambda one: one.value or None),
                ("LIMIT", lambda one: one.limit or None),
                ("", lambda one: "passes" if one.passed else "does not pass"),
            ],
        )
        for name, margin in (("before", found.margin_before), ("after", found.margin_after)):
            if margin is not None:
                print(f"margin {name}: {text(margin.position_margin)} {margin.currency}")
    if not found.accepted:
        raise typer.Exit(ExitCode.REJECTED)
