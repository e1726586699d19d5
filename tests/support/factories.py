"""Small provisioning documents for tests: services with keys and templates, every id made up on the spot."""

import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.contract.tokens import sign

MANY = 1_000_000
_TEMPLATES = {
    "sms": {"content": "Hello ((name))"},
    "email": {"subject": "News for ((name))", "content": "Hello ((name))"},
    "letter": {"subject": "News", "content": "Dear ((name))"},
}
KEY_TYPES = ("normal", "team", "test")

# The same ids in every run: tests are named after some of them, and test processes compare their names.
_RANDOM = random.Random(0)


def new_id() -> str:
    """An id that nobody has."""
    return str(uuid.UUID(int=_RANDOM.getrandbits(128), version=4))


@dataclass
class MadeService:
    """A service for tests: its part of a document, and what callers need to know of it."""

    name: str
    id: str = field(default_factory=new_id)
    options: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=lambda: {kind: new_id() for kind in KEY_TYPES})
    templates: dict[str, str] = field(default_factory=lambda: {channel: new_id() for channel in _TEMPLATES})
    sms_sender: str = field(default_factory=new_id)
    reply_to: str = field(default_factory=new_id)

    def authorization(self, kind: str = "normal") -> str:
        """A header that is good for the next half minute."""
        return f"Bearer {sign({'iss': self.id, 'iat': int(time.time())}, self.secrets[kind])}"

    def api_key(self, kind: str = "normal") -> str:
        """A key as people copy it."""
        return f"{kind}-{self.id}-{self.secrets[kind]}"

    @property
    def part(self) -> dict[str, Any]:
        """This service in a provisioning document."""
        return {
            "ref": self.name,
            "id": self.id,
            "name": self.name,
            "email_sender_local_part": self.name,
            "restricted": False,
            "permissions": ["sms", "email", "letter", "international_sms", "inbound_sms"],
            "rate_limit": MANY,
            "daily_limits": {"sms": MANY, "email": MANY, "letter": MANY, "international_sms": MANY},
            "sms_senders": [
                {
                    "ref": f"{self.name}.sender",
                    "id": self.sms_sender,
                    "sms_sender": "GOVUK",
                    "is_default": True,
                }
            ],
            "email_reply_to": [
                {
                    "ref": f"{self.name}.reply",
                    "id": self.reply_to,
                    "email_address": f"{self.name}@example.com",
                    "is_default": True,
                }
            ],
            "api_keys": [self._key(kind) for kind in KEY_TYPES],
            "templates": [self._template(channel) for channel in _TEMPLATES],
        } | self.options

    def _key(self, kind: str) -> dict[str, Any]:
        return {
            "ref": f"{self.name}.{kind}",
            "id": new_id(),
            "name": kind,
            "key_type": kind,
            "secret": self.secrets[kind],
        }

    def _template(self, channel: str) -> dict[str, Any]:
        version = {"version": 1, "name": channel, **_TEMPLATES[channel]}
        return {
            "ref": f"{self.name}.{channel}",
            "id": self.templates[channel],
            "type": channel,
            "name": channel,
            "versions": [version],
        } | ({"postage": "second"} if channel == "letter" else {})


def document(*services: MadeService, **more: Any) -> dict[str, Any]:
    """A provisioning document of these services."""
    return {"services": [service.part for service in services], **more}
