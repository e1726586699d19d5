"""What the commands share: the client, options, and how errors are shown."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Tuple

import click

from notifications_python_client.cli import keys
from notifications_python_client.errors import APIError, StatusNotReachedError
from notifications_python_client.notifications import NotificationsAPIClient
from notifications_python_client.retries import Retries


class Session(NamedTuple):
    """What all commands share; the key is looked for only when a command needs it."""

    base_url: str
    profile: str
    as_json: bool
    resend: bool

    def client(self) -> NotificationsAPIClient:
        """Make the client, with retries."""
        retries = Retries(resend_unanswered=self.resend)
        return NotificationsAPIClient(keys.find(self.profile), self.base_url, retries=retries)


class Commands(click.Group):
    """Turns errors of the API into a line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (APIError, StatusNotReachedError) as error:
            raise click.ClickException(said(error)) from error


def said(error: Exception) -> str:
    """Put an error in a line for each thing that is wrong."""
    if not isinstance(error, APIError):
        return str(error)
    return "\n".join(f"{error.status_code} {item['error']}: {item['message']}" for item in error.errors)


def _values(ctx: click.Context, param: click.Parameter, pairs: Tuple[str, ...]) -> Dict[str, str]:
    values = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"“{pair}” is not NAME=VALUE", ctx, param)
        values[name] = value
    return values


template_option = click.option("--template", "template_id", required=True, help="Id of the template.")
reference_option = click.option("--reference", help="A name of your own for the message.")
values_option = click.option(
    "--value",
    "values",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_values,
    help="Fills a placeholder; repeatable.",
)
