"""The command that sends a message for each row of a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import List, Optional, Sequence

import click

from notifications_python_client.bulk import Outcome, SendingStoppedError
from notifications_python_client.cli.output import show_json, show_rows
from notifications_python_client.cli.recipients import messages_from
from notifications_python_client.cli.session import Session, template_option

STOPPED = 3


@click.command("send-many")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@template_option
@click.option("--reference-column", default="", help="Column that has the messages' references.")
@click.option("--results", type=click.Path(dir_okay=False), help="Result file; else FILE.results.jsonl.")
@click.option("--rate-limit", default=3000.0, show_default=True, help="The service's requests a minute.")
@click.option("--concurrency", default=8, show_default=True, help="Requests under way at a time.")
@click.pass_obj
def send_many(
    session: Session,
    file: str,
    template_id: str,
    reference_column: str,
    results: Optional[str],
    rate_limit: float,
    concurrency: int,
) -> None:
    """Send a message for each row of a CSV file.

    Run it again after an interruption: it goes on where it stopped.
    """
    client = session.client()
    channel = client.get_template(template_id)["type"]
    try:
        with Path(file).open(encoding="utf-8-sig", newline="") as rows:
            numbers, messages = messages_from(rows, channel, template_id, reference_column)
        outcomes = client.send_many(
            messages,
            concurrency=concurrency,
            rate_limit=rate_limit,
            results=results or f"{file}.results.jsonl",
            progress=True,
        )
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    except SendingStoppedError as error:
        _summarise(session, error.outcomes, numbers)
        click.echo(f"Stopped: {session.said(error.reason)}", err=True)
        sys.exit(STOPPED)
    _summarise(session, outcomes, numbers)
    sys.exit(0 if all(outcome.accepted for outcome in outcomes) else 1)


def _summarise(session: Session, outcomes: List[Outcome], numbers: Sequence[int]) -> None:
    accepted = sum(outcome.accepted for outcome in outcomes)
    refused = [
        {"row": numbers[outcome.index], "reason": "; ".join(str(item["message"]) for item in outcome.errors)}
        for outcome in outcomes
        if not outcome.accepted
    ]
    if session.as_json:
        show_json({"accepted": accepted, "refused": refused})
        return
    earlier = sum(outcome.earlier for outcome in outcomes)
    before = f", {earlier} of them in an earlier run" if earlier else ""
    click.echo(f"{accepted} accepted, {len(refused)} refused{before}")
    if refused:
        show_rows(refused, ("row", "reason"), as_json=False)
