"""The service that a fresh Pillarbox starts with, so that a first message can be sent at once."""

from uuid import UUID, uuid4

from pillarbox.console.provisioning import document as doc
from pillarbox.console.provisioning.apply import apply
from pillarbox.console.services.models import ApiKey, Service
from pillarbox.store.sealing import Seal

SERVICE_ID = UUID("d3a00000-0000-4000-8000-000000000001")
SMS_TEMPLATE_ID = UUID("d3a00000-0000-4000-8000-000000000011")
EMAIL_TEMPLATE_ID = UUID("d3a00000-0000-4000-8000-000000000012")
LETTER_TEMPLATE_ID = UUID("d3a00000-0000-4000-8000-000000000013")

_KEY_IDS: dict[doc.KeyType, UUID] = {
    "test": UUID("d3a00000-0000-4000-8000-000000000021"),
    "team": UUID("d3a00000-0000-4000-8000-000000000022"),
    "normal": UUID("d3a00000-0000-4000-8000-000000000023"),
}
_SHOWN: dict[doc.KeyType, str] = {"test": "test", "team": "team", "normal": "live"}


def make_demo(seal: Seal) -> None:
    """Make the demo service if it is not there. Afterwards it is its owner's, to change as they like."""
    if not Service.objects.filter(pk=SERVICE_ID).exists():
        apply(_demo(), seal)


def _demo() -> doc.Document:
    user = doc.User(
        ref="demo.user",
        id=UUID("d3a00000-0000-4000-8000-000000000002"),
        name="Demo Team Member",
        email_address="team@example.com",
        mobile_number="07700900555",
    )
    service = doc.Service(
        ref="demo",
        id=SERVICE_ID,
        name="Demo Service",
        email_sender_local_part="demo.service",
        restricted=False,
        permissions=["sms", "email", "letter", "international_sms", "inbound_sms"],
        contact_link="https://example.com/contact",
        inbound_number="07700900500",
        users=[user.ref],
        created_by=user.ref,
        sms_senders=[
            doc.SmsSender(
                ref="demo.sender",
                id=UUID("d3a00000-0000-4000-8000-000000000031"),
                sms_sender="DEMO",
                is_default=True,
            )
        ],
        email_reply_to=[
            doc.EmailReplyTo(
                ref="demo.reply_to",
                id=UUID("d3a00000-0000-4000-8000-000000000032"),
                email_address="reply@example.com",
                is_default=True,
            )
        ],
        api_keys=_new_keys(),
        templates=_templates(user.ref),
    )
    return doc.Document(
        [user], [service], doc.Config(sms_rates=[doc.SmsRate("2020-01-01T00:00:00Z", 0.0227)])
    )


def keys(seal: Seal) -> dict[str, str]:
    """Return the demo service's keys as callers use them, by `test`, `team` and `live`; revoked ones are left out.

    Raises:
        SealBrokenError: they were sealed with another key.
    """
    found = {key.id: key for key in ApiKey.objects.filter(service_id=SERVICE_ID, revoked_at=None)}
    return {
        _SHOWN[kind]: f"{key.name}-{SERVICE_ID}-{seal.open(bytes(key.secret))}"
        for kind, identifier in _KEY_IDS.items()
        if (key := found.get(identifier)) is not None
    }


def _new_keys() -> list[doc.ApiKey]:
    return [
        doc.ApiKey(f"demo.{kind}", identifier, f"demo_{_SHOWN[kind]}", kind, str(uuid4()))
        for kind, identifier in _KEY_IDS.items()
    ]


def _templates(user: str) -> list[doc.Template]:
    return [
        doc.Template(
            ref="demo.sms",
            id=SMS_TEMPLATE_ID,
            type="sms",
            name="Your appointment",
            created_by=user,
            versions=[
                doc.TemplateVersion(1, "Your appointment", "Hello ((name)), your appointment is on ((date)).")
            ],
        ),
        doc.Template(
            ref="demo.email",
            id=EMAIL_TEMPLATE_ID,
            type="email",
            name="Your application",
            created_by=user,
            versions=[
                doc.TemplateVersion(
                    1,
                    "Your application",
                    "# Hello ((name))\n\nWe have your application.\n\n"
                    "What happens next:\n\n* we read it\n* we write to you within 10 days\n\n"
                    "^ Your reference is ((reference))\n\n"
                    "[Follow your application](https://example.com/applications)",
                    "Your application, ((name))",
                )
            ],
        ),
        doc.Template(
            ref="demo.letter",
            id=LETTER_TEMPLATE_ID,
            type="letter",
            name="Your decision",
            postage="second",
            created_by=user,
            versions=[
                doc.TemplateVersion(
                    1, "Your decision", "Dear ((name))\n\nYour application was granted.", "Our decision"
                )
            ],
        ),
    ]


def snippet(base_url: str, key: str) -> str:
    """Return Python that sends a text and an email when it is pasted."""
    return f"""\
from notifications_python_client import NotificationsAPIClient

client = NotificationsAPIClient("{key}", base_url="{base_url}")
text = client.send_sms_notification("07700900123", "{SMS_TEMPLATE_ID}", {{"name": "Jo", "date": "3 June"}})
email = client.send_email_notification("jo@example.com", "{EMAIL_TEMPLATE_ID}", {{"name": "Jo", "reference": "A1"}})
print(text["content"]["body"], email["content"]["subject"], "{base_url}/inbox", sep="\\n")
"""
