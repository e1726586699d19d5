"""The service that a fresh Pillarbox starts with, so that a first message can be sent at once."""

from uuid import UUID, uuid4

from pillarbox.console.provisioning import document as doc
from pillarbox.console.services.models import ApiKey
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


def demo(seal: Seal) -> doc.Document:
    """Return the demo service; its keys keep the secrets that they have, or get random ones."""
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
        api_keys=_keys(seal),
        templates=_templates(user.ref),
    )
    return doc.Document(
        [user], [service], doc.Config(sms_rates=[doc.SmsRate("2020-01-01T00:00:00Z", 0.0227)])
    )


def keys(seal: Seal) -> dict[str, str]:
    """Return the demo service's keys as callers use them, by `test`, `team` and `live`."""
    found = {key.key_type: key for key in _keys(seal)}
    return {_SHOWN[kind]: f"{found[kind].name}-{SERVICE_ID}-{found[kind].secret}" for kind in _KEY_IDS}


def _keys(seal: Seal) -> list[doc.ApiKey]:
    there = {key.id: seal.open(bytes(key.secret)) for key in ApiKey.objects.filter(service_id=SERVICE_ID)}
    made: list[doc.ApiKey] = []
    for kind, identifier in _KEY_IDS.items():
        secret = there.get(identifier) or str(uuid4())
        made.append(doc.ApiKey(f"demo.{kind}", identifier, f"demo_{_SHOWN[kind]}", kind, secret))
    return made


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
