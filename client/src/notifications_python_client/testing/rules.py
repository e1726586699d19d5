"""Telling a Pillarbox's sandbox what becomes of messages: a bad day to rehearse."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Optional, Set

import requests

from notifications_python_client.testing.inbox import LONGEST_WAIT, Inbox, over_http

SECONDS = 30.0


class RuleError(Exception):
    """The sandbox would not do what it was told; the message says why."""


class Control:
    """Speaks to the sandbox's routes.

    Args:
        base_url: where the Pillarbox runs.
        token: the inbox's token; needed unless it runs on this machine.
    """

    def __init__(self, base_url: str, token: Optional[str] = None) -> None:
        self._base_url = base_url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method: str, path: str, body: Optional[Dict[str, Any]] = None) -> Any:
        """Ask for something.

        Returns:
            The answer's JSON; None if it has none.

        Raises:
            RuleError: it was refused; says why.
        """
        answer = requests.request(
            method, f"{self._base_url}/inbox/{path}", json=body, headers=self._headers, timeout=SECONDS
        )
        if not answer.ok:
            raise RuleError(_reason(answer))
        return answer.json() if answer.content else None


class Outcome:
    """What becomes of the messages that fit; call one of its methods. Each returns the rule as the server has it.

    `after` is the number of seconds until the receipt, `answer_after` those that the provider takes to answer.
    """

    def __init__(self, inbox: SandboxInbox, match: Dict[str, Any]) -> None:
        self._inbox, self._match = inbox, match

    def becomes(self, outcome: str = "delivered", **how: Any) -> Dict[str, Any]:
        """Any outcome that Pillarbox knows, with whatever else a rule may say (docs/reference/inbox.md)."""
        rule = {**self._match, "outcome": outcome, **how}
        return self._inbox.add_rule({name: value for name, value in rule.items() if value is not None})

    def delivered(self, after: float = 0, **how: Any) -> Dict[str, Any]:
        """They arrive."""
        return self.becomes("delivered", after=after, **how)

    def pending_then_delivered(self, after: float = 1, **how: Any) -> Dict[str, Any]:
        """Texts are reported pending first."""
        return self.becomes("pending-then-delivered", after=after, **how)

    def temporary_failure(self, after: float = 0, **how: Any) -> Dict[str, Any]:
        """The phone is off, the mailbox full."""
        return self.becomes("temporary-failure", after=after, **how)

    def permanent_failure(self, after: float = 0, **how: Any) -> Dict[str, Any]:
        """Nobody has this number or address."""
        return self.becomes("permanent-failure", after=after, **how)

    def technical_failure(self, after: float = 0, **how: Any) -> Dict[str, Any]:
        """Something is broken between us and the recipient."""
        return self.becomes("technical-failure", after=after, **how)

    def no_receipt(self, **how: Any) -> Dict[str, Any]:
        """Nothing is ever heard of them: they stay in sending."""
        return self.becomes("no-receipt", **how)

    def busy(self, again_in: Optional[float] = 1, **how: Any) -> Dict[str, Any]:
        """The provider does not take them now, and wants to be asked again in so many seconds; None: as in earnest."""
        return self.becomes("busy", again_in=again_in, **how)

    def rejected(self, **how: Any) -> Dict[str, Any]:
        """The provider will never take them."""
        return self.becomes("rejected", **how)

    def unknown(self, **how: Any) -> Dict[str, Any]:
        """The provider takes them, but its answer is lost."""
        return self.becomes("unknown", **how)

    def reply(self, text: str, after: float = 1, **how: Any) -> Dict[str, Any]:
        """They arrive, and the recipient sends a text back, so many seconds later."""
        return self.becomes(reply=text, reply_after=after, **how)


class SandboxInbox(Inbox):
    """The inbox of a Pillarbox, and what its sandbox does with messages.

    Args:
        base_url: where it runs.
        token: the inbox's token; needed unless it runs on this machine.
        service_id: the service that the tests are about.
    """

    def __init__(self, base_url: str, token: Optional[str] = None, service_id: Optional[str] = None) -> None:
        super().__init__(over_http(base_url, token))
        self._control = Control(base_url, token)
        self._service_id = service_id
        self._added: List[str] = []

    def when(
        self,
        to: Optional[str] = None,
        times: Optional[int] = None,
        *,
        contains: Optional[str] = None,
        channel: Optional[str] = None,
        template_id: Optional[str] = None,
        for_each_message: bool = False,
    ) -> Outcome:
        """Say which of the service's messages something is to become of; the first rule that fits counts.

        Args:
            to: to this number or address; `*` stands for any characters.
            times: only so often; then the next rule counts.
            contains: with this text in subject or body.
            channel: `sms` or `email`.
            template_id: from this template.
            for_each_message: count `times` anew for each message.

        Returns:
            What says what becomes of them: `inbox.when(to="07700 900456").temporary_failure(after=1)`.
        """
        match = {
            "to": to,
            "times": times,
            "contains": contains,
            "channel": channel,
            "template_id": template_id,
            "service_id": self._service_id,
            "for_each_message": for_each_message or None,
        }
        return Outcome(self, match)

    def add_rule(self, rule: Dict[str, Any]) -> Dict[str, Any]:
        """Add a rule as the server has it (docs/reference/inbox.md); messages sent from now on fall under it.

        Raises:
            RuleError: it contradicts itself; says how.
        """
        added: Dict[str, Any] = self._control.ask("POST", "rules", rule)
        self._added.append(added["id"])
        return added

    def forget_rules(self) -> None:
        """Take away the rules that were added here; those of others stay."""
        mine, self._added = set(self._added), []
        if not mine:
            return
        for rule in self._control.ask("GET", "rules")["rules"]:
            if rule["id"] in mine:
                self._control.ask("DELETE", f"rules/{rule['id']}")

    def receive_text(self, sender: str, message: str, within: float = LONGEST_WAIT) -> Dict[str, Any]:
        """Send the service a text as if from somebody's phone, and wait until it is there.

        Args:
            sender: the phone's number.
            message: what it says.
            within: seconds to wait at most.

        Returns:
            The received text, under `from`, `message`, `notify_number`, `id`, `created_at`.

        Raises:
            RuleError: the service has no number, or may not receive texts.
            AssertionError: it did not come.
        """
        before = {text["id"] for text in self.received_texts()}
        self._control.ask(
            "POST",
            "received-texts",
            {"service_id": self._service_id, "from": sender, "message": message},
        )
        until = time.monotonic() + within
        while True:
            found = self._new_text(message, before)
            if found is not None:
                return found
            if time.monotonic() > until:
                raise AssertionError(f"The text from {sender} was not received within {within:g} s")
            time.sleep(0.1)

    def received_texts(self) -> List[Dict[str, Any]]:
        """Give the texts that the service has received, newest first; those from before the test, too."""
        texts = self._control.ask("GET", "received-texts")["received_texts"]
        return [text for text in texts if self._service_id in (None, text["service_id"])]

    def _new_text(self, message: str, before: Set[str]) -> Optional[Dict[str, Any]]:
        for text in self.received_texts():
            if text["id"] not in before and text["message"] == message:
                return text
        return None


def _reason(answer: requests.Response) -> str:
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason}"
