"""Making what a provider is handed from what is stored."""

from pillarbox.content.emails_document import Branding, html_document
from pillarbox.content.placeholders import Personalisation
from pillarbox.providers.base import EmailMessage, SmsMessage
from pillarbox.recipients.email_addresses import parse_email_address
from pillarbox.recipients.phone_numbers import PhoneNumber
from pillarbox.store.outbox import Claim
from pillarbox.store.services import Service
from pillarbox.store.templates import Template


def text_message(claim: Claim, service: Service, template: Template) -> tuple[SmsMessage, int]:
    """Return the text and the number of its fragments."""
    text = template.text.render(Personalisation(claim.personalisation), service.sms_prefix)
    message = SmsMessage(
        notification_id=claim.notification_id,
        service_id=claim.service_id,
        to=PhoneNumber.parse(claim.recipient).normalised,
        content=text.content,
        sender=claim.sender,
        international=claim.international,
        reference=claim.reference,
        template_id=claim.template_id,
    )
    return message, text.fragments


def email_message(claim: Claim, service: Service, template: Template, email_domain: str) -> EmailMessage:
    """Return the email, with one-click headers (RFC 8058) if its caller gave a URL for them."""
    personalisation = Personalisation(claim.personalisation)
    email = template.email
    subject = email.subject(personalisation)
    return EmailMessage(
        notification_id=claim.notification_id,
        service_id=claim.service_id,
        from_name=service.name,
        from_address=f"{service.email_local_part}@{email_domain}",
        to=parse_email_address(claim.recipient),
        subject=subject,
        plain=email.plain(personalisation),
        html=html_document(
            email.html(personalisation),
            subject=subject,
            preheader=email.preheader(personalisation),
            branding=Branding(name=service.name),
        ),
        reply_to=claim.sender,
        reference=claim.reference,
        headers=_unsubscribe_headers(claim.one_click_unsubscribe_url),
        template_id=claim.template_id,
    )


def _unsubscribe_headers(url: str | None) -> dict[str, str]:
    if url is None:
        return {}
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
