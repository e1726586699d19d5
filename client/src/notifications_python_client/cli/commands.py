"""The commands of `notify`."""

from __future__ import annotations

import itertools
import logging
from typing import Any, Dict, Mapping, Optional, Tuple

import click

from notifications_python_client._version import __version__
from notifications_python_client.cli import keys
from notifications_python_client.cli.bulk_command import send_many
from notifications_python_client.cli.output import show_one, show_rows
from notifications_python_client.cli.session import (
    Commands,
    Session,
    check_url,
    reference_option,
    template_option,
    values_option,
)

CHANNELS = click.Choice(["sms", "email", "letter"])
NOTIFICATION_COLUMNS = ("id", "type", "status", "recipient", "reference", "created_at")
TEMPLATE_COLUMNS = ("id", "type", "name", "version")
TEXT_COLUMNS = ("created_at", "user_number", "notify_number", "content")


@click.group(cls=Commands)
@click.option(
    "--base-url",
    envvar="NOTIFY_BASE_URL",
    default="https://api.notifications.service.gov.uk",
    show_default=True,
    callback=check_url,
    help="Where the API is; also NOTIFY_BASE_URL.",
)
@click.option(
    "--profile", envvar="NOTIFY_PROFILE", default="default", help="Which key of the keyring to use."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--resend/--no-resend", default=False, help="Send again what got no answer (safe with Pillarbox)."
)
@click.version_option(__version__)
@click.pass_context
def notify(ctx: click.Context, base_url: str, profile: str, *, as_json: bool, resend: bool) -> None:
    """Send texts, emails and letters, and see what became of them.

    The API key comes from NOTIFY_API_KEY or, once kept with `notify key set`, from the system's keyring.
    """
    # What went wrong is said once, by us: Python would print the log's warnings too.
    logging.getLogger("notifications_python_client").addHandler(logging.NullHandler())
    ctx.obj = Session(base_url, profile, as_json, resend)


@notify.group()
def send() -> None:
    """Send one message."""


@send.command("sms")
@click.option("--to", "recipient", required=True, help="Phone number.")
@template_option
@values_option
@reference_option
@click.pass_obj
def send_sms(
    session: Session, recipient: str, template_id: str, values: Mapping[str, str], reference: Optional[str]
) -> None:
    """Send a text."""
    answer = session.client().send_sms_notification(recipient, template_id, values, reference)
    show_one(answer, as_json=session.as_json)


@send.command("email")
@click.option("--to", "recipient", required=True, help="Email address.")
@template_option
@values_option
@reference_option
@click.pass_obj
def send_email(
    session: Session, recipient: str, template_id: str, values: Mapping[str, str], reference: Optional[str]
) -> None:
    """Send an email."""
    answer = session.client().send_email_notification(recipient, template_id, values, reference)
    show_one(answer, as_json=session.as_json)


@send.command("letter")
@template_option
@values_option
@reference_option
@click.pass_obj
def send_letter(
    session: Session, template_id: str, values: Mapping[str, str], reference: Optional[str]
) -> None:
    """Send a letter; its address is --value address_line_1=… and so on."""
    answer = session.client().send_letter_notification(template_id, values, reference)
    show_one(answer, as_json=session.as_json)


@send.command("pdf")
@click.argument("file", type=click.File("rb"))
@click.option("--reference", required=True, help="A name of your own for the letter.")
@click.option("--postage", type=click.Choice(["first", "second", "economy"]))
@click.pass_obj
def send_pdf(session: Session, file: Any, reference: str, postage: Optional[str]) -> None:
    """Send a letter that is a PDF already."""
    answer = session.client().send_precompiled_letter_notification(reference, file, postage)
    show_one(answer, as_json=session.as_json)


@notify.command()
@click.argument("notification_id")
@click.option("--wait", type=float, metavar="SECONDS", help="Wait so long for a final status.")
@click.pass_obj
def status(session: Session, notification_id: str, wait: Optional[float]) -> None:
    """Show a message and what became of it."""
    client = session.client()
    if wait is None:
        found = client.get_notification_by_id(notification_id)
    else:
        found = client.wait_for_status(notification_id, timeout=wait)
    show_one(found, as_json=session.as_json)


@notify.command("list")
@click.option("--status", "statuses", multiple=True, help="Only these statuses; repeatable.")
@click.option("--type", "channels", type=CHANNELS, multiple=True, help="Only these types; repeatable.")
@click.option("--reference", help="Only this reference.")
@click.option("--limit", default=50, show_default=True, help="How many at most.")
@click.pass_obj
def list_notifications(
    session: Session,
    statuses: Tuple[str, ...],
    channels: Tuple[str, ...],
    reference: Optional[str],
    limit: int,
) -> None:
    """List messages, newest first."""
    found = session.client().get_all_notifications_iterator(statuses, channels, reference)
    rows = [
        {**item, "recipient": item["phone_number"] or item["email_address"] or item["line_1"]}
        for item in itertools.islice(found, limit)
    ]
    show_rows(rows, NOTIFICATION_COLUMNS, as_json=session.as_json)


@notify.command()
@click.option("--type", "channel", type=CHANNELS, help="Only this type.")
@click.pass_obj
def templates(session: Session, channel: Optional[str]) -> None:
    """List the templates."""
    found = session.client().get_all_templates(channel)["templates"]
    show_rows(found, TEMPLATE_COLUMNS, as_json=session.as_json)


@notify.command()
@click.argument("template_id")
@values_option
@click.pass_obj
def preview(session: Session, template_id: str, values: Mapping[str, str]) -> None:
    """Show a template filled in."""
    answer: Dict[str, Any] = {**session.client().post_template_preview(template_id, values)}
    if not session.as_json:
        # Pages of HTML with inline styles help nobody on a terminal.
        answer.pop("html", None)
    show_one(answer, as_json=session.as_json)


@notify.command()
@click.option("--limit", default=50, show_default=True, help="How many at most.")
@click.pass_obj
def received(session: Session, limit: int) -> None:
    """List received texts, newest first."""
    found = itertools.islice(session.client().get_received_texts_iterator(), limit)
    show_rows(found, TEXT_COLUMNS, as_json=session.as_json)


@notify.command()
@click.argument("notification_id")
@click.option(
    "-o", "--output", type=click.File("wb"), default="-", help="Where to write it; else standard output."
)
@click.pass_obj
def pdf(session: Session, notification_id: str, output: Any) -> None:
    """Fetch a letter's PDF."""
    output.write(session.client().get_pdf_for_letter(notification_id).getvalue())


@notify.group()
def key() -> None:
    """Keep the API key in the system's keyring."""


@key.command("set")
@click.pass_obj
def set_key(session: Session) -> None:
    """Ask for the key and keep it."""
    keys.keep(session.profile, click.prompt("API key", hide_input=True).strip())
    click.echo(f"Kept as {session.profile}")


@key.command("forget")
@click.pass_obj
def forget_key(session: Session) -> None:
    """Take the key out of the keyring."""
    keys.forget(session.profile)
    click.echo(f"Forgot {session.profile}")


notify.add_command(send_many)
