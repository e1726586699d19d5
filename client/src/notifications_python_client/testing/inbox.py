"""Looking into Pillarbox's inbox: what would have reached whom."""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone
from typing import Any, Callable, Dict, List, Optional, TypedDict

import requests

LONGEST_WAIT = 10.0

Look = Callable[[Dict[str, Any]], List["CaughtMessage"]]


class _CaughtMessage(TypedDict, total=False):
    html: Optional[str]
    sender: Optional[str]
    notification_id: str
    service_id: str


class CaughtMessage(_CaughtMessage):
    """A message as its recipient would have it; the sender is under `from`."""

    id: str
    channel: str
    to: str
    subject: Optional[str]
    body: str
    reference: Optional[str]
    created_at: str


class Inbox:
    """The messages caught since a moment; expectations about them wait.

    Args:
        look: gives the messages that fit a query; see `over_http`.
        since: older messages do not count; now if not given.
    """

    def __init__(self, look: Look, since: Optional[datetime] = None) -> None:
        self._look = look
        self._since = since or datetime.now(timezone.utc)

    def messages(self, to: Optional[str] = None, **search: Any) -> List[CaughtMessage]:
        """Give the messages there are, newest first.

        Args:
            to: only those to this number or address.
            search: `channel` or `reference`.
        """
        recipient = None if to is None else as_delivered(to)
        return self._look({"to": recipient, "since": self._since.isoformat(), **search})

    def expect(
        self,
        to: Optional[str] = None,
        contains: str = "",
        within: float = LONGEST_WAIT,
        *,
        channel: Optional[str] = None,
        reference: Optional[str] = None,
    ) -> CaughtMessage:
        """Wait for a message.

        Args:
            to: to this number or address.
            contains: with this text in its subject or body.
            within: seconds to wait at most.
            channel: `sms`, `email` or `letter`.
            reference: with this reference.

        Returns:
            The newest message that fits.

        Raises:
            AssertionError: none came; says which ones did.
        """
        until = time.monotonic() + within
        search = {"channel": channel, "reference": reference}
        while True:
            left = until - time.monotonic()
            # The server answers as soon as anything fits the query; the text is compared here.
            found = self.messages(to, **search, wait=round(max(0.0, min(left, LONGEST_WAIT)), 2))
            for message in found:
                if contains in (message["subject"] or "") or contains in message["body"]:
                    return message
            if left <= 0:
                raise AssertionError(self._missed(to, contains, within))
            time.sleep(0.05 if found else 0)

    def expect_nothing(self, to: Optional[str] = None, within: float = 1.0, **search: Any) -> None:
        """Wait, and fail if a message comes.

        Raises:
            AssertionError: one came.
        """
        found = self.messages(to, wait=within, **search)
        if found:
            raise AssertionError(f"Nothing was to come, but this did:\n{_listed(found)}")

    def _missed(self, to: Optional[str], contains: str, within: float) -> str:
        wanted = f"message to {to or 'anybody'}" + (f" with “{contains}”" if contains else "")
        there = self.messages()
        others = f"there are {len(there)}:\n{_listed(there)}" if there else "there is none at all"
        return f"No {wanted} within {within:g} s; {others}"


def as_delivered(recipient: str) -> str:
    """Write a recipient as the inbox does: numbers with country code and without plus."""
    if not re.fullmatch(r"[\d\s+()\-]+", recipient):
        return recipient.strip()
    digits = re.sub(r"\D", "", recipient)
    if digits.startswith("00"):
        return digits[2:]
    return "44" + digits[1:] if digits.startswith("0") else digits


def over_http(base_url: str, token: Optional[str] = None) -> Look:
    """Look into the inbox of a Pillarbox.

    Args:
        base_url: where it runs.
        token: the inbox's token; needed unless it runs on this machine.

    Returns:
        What `Inbox` asks.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    def look(query: Dict[str, Any]) -> List[CaughtMessage]:
        given = {name: value for name, value in query.items() if value is not None}
        answer = requests.get(f"{base_url}/inbox/messages", params=given, headers=headers, timeout=30)
        answer.raise_for_status()
        messages: List[CaughtMessage] = answer.json()["messages"]
        return messages

    return look


def _listed(messages: List[CaughtMessage]) -> str:
    return "\n".join(f"  {m['channel']} to {m['to']}: {m['subject'] or ''} {m['body']}" for m in messages)
