"""What the commands share: the client, options, and how errors are shown."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Tuple

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
        """Make the client, with retries.

        Raises:
            UsageError: there is no key, or what there is cannot be one.
        """
        retries = Retries(resend_unanswered=self.resend)
        key = keys.find(self.profile)
        try:
            return NotificationsAPIClient(key, self.base_url, retries=retries)
        except AssertionError as error:
            raise click.UsageError(
                "The API key is cut short: it ends in a service's id and a secret"
            ) from error

    def said(self, error: Exception) -> str:
        """Put an error in a line for each thing that is wrong."""
        if not isinstance(error, APIError):
            return str(error)
        if error.response is None:
            return f"No answer from {self.base_url}: {_root(error)}"
        return "\n".join(f"{error.status_code} {item['error']}: {item['message']}" for item in error.errors)


def _root(error: BaseException) -> BaseException:
    """What was at the bottom of it, such as a refused connection."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]  # one of them is there
    return error


class Commands(click.Group):
    """Turns errors of the API into a line and an exit code."""

    def parse_args(self, ctx: click.Context, args: List[str]) -> List[str]:
        """Let `--json` stand behind the command too, where many people look for it."""
        if "--json" in args:
            args = ["--json", *(argument for argument in args if argument != "--json")]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (APIError, StatusNotReachedError) as error:
            raise click.ClickException(ctx.obj.said(error)) from error


def check_url(ctx: click.Context, param: click.Parameter, url: str) -> str:
    """Refuse an address that no request can go to, such as a host alone."""
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter(f"“{url}” does not start with http:// or https://", ctx, param)
    return url


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
