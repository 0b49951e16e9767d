"""Say what became of an order command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from quantumcore.client.cli.exit_codes import ExitCode

if TYPE_CHECKING:
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
