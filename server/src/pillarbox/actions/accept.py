"""Accepting a message: every check that needs the service and its template, in the contract's order (section 3)."""

from typing import Any
from uuid import UUID

import msgspec

from pillarbox.actions.refusals import Kind, Refused
from pillarbox.content.emails import SIZE_LIMIT, too_long_message
from pillarbox.content.placeholders import Personalisation
from pillarbox.content.sanitising import Sanitised, sanitise_personalisation
from pillarbox.recipients.comparison import format_recipient
from pillarbox.recipients.email_addresses import is_simulated, stored
from pillarbox.recipients.phone_numbers import InvalidPhoneNumber, PhoneNumber
from pillarbox.recipients.postal_addresses import PostalAddress
from pillarbox.store.ids import new_id
from pillarbox.store.notifications import NewNotification
from pillarbox.store.services import ApiKey, Channel, Service
from pillarbox.store.templates import Template

_PLURALS = {"sms": "text messages", "email": "emails", "letter": "letters"}
_TEAM_ONLY = "Can’t send to this recipient using a team-only API key"
_TRIAL = (
    "Can’t send to this recipient when service is in trial mode "
    "– see https://www.notifications.service.gov.uk/trial-mode"
)


class Text(msgspec.Struct, frozen=True):
    """A text as a caller asks for it; the number has been read already."""

    to: str
    number: PhoneNumber
    personalisation: dict[str, Any]
    reference: str | None = None
    sender_id: UUID | None = None


class Email(msgspec.Struct, frozen=True):
    """An email as a caller asks for it; the address has been checked already."""

    to: str
    personalisation: dict[str, Any]
    reference: str | None = None
    reply_to_id: UUID | None = None
    one_click_unsubscribe_url: str | None = None
    sanitise_content_for: list[Any] | None = None


class Letter(msgspec.Struct, frozen=True):
    """A templated letter as a caller asks for it; its address stands in the personalisation."""

    personalisation: dict[str, Any]
    reference: str | None = None


class Accepted(msgspec.Struct, frozen=True):
    """A message that may be sent, and what its caller is shown of it. A simulated one is not stored."""

    notification: NewNotification
    body: str
    sender: str | None = None
    subject: str | None = None
    simulated: bool = False
    too_long: str | None = None
    sanitised: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)

    def check_length(self) -> None:
        """Refuse a message that is too long: the last of all checks.

        Raises:
            Refused: `Your message is too long. …`.
        """
        if self.too_long is not None:
            raise Refused(self.too_long)


def check_channel(service: Service, channel: Channel) -> None:
    """Refuse a channel that the service may not use.

    Raises:
        Refused: `Service is not allowed to send …`.
    """
    if channel not in service.permissions:
        raise Refused(f"Service is not allowed to send {_PLURALS[channel]}")


def check_template(template: Template | None, channel: Channel) -> Template:
    """Return the template if it is there and of this channel.

    Raises:
        Refused: if there is none, it is hidden, of another channel, or archived.
    """
    if template is None or template.hidden:
        raise Refused("Template not found")
    if template.channel != channel:
        raise Refused(f"{template.channel} template is not suitable for {channel} notification")
    if template.archived:
        raise Refused("Template has been deleted")
    return template


def accept_text(service: Service, key: ApiKey, template: Template, text: Text) -> Accepted:
    """Check a text against its template and its service and make the row to store.

    Raises:
        Refused: with the first thing that is wrong.
    """
    personalisation = Personalisation(text.personalisation)
    _check_placeholders(template, personalisation)
    message = template.text.render(personalisation, service.sms_prefix)
    if message.is_empty:
        raise Refused("Your message is empty.")
    _refuse_uploads(text.personalisation)
    sender = service.sms_sender(text.sender_id)
    if text.sender_id is not None and sender is None:
        raise Refused(
            f"sms_sender_id {text.sender_id} does not exist in database for service id {service.id}"
        )
    simulated = text.number.simulated
    _check_recipient(service, key, text.to, simulated=simulated)
    _check_number(service, text.number)
    row = _row(service, key, template)
    row.recipient = stored(text.to)
    row.personalisation = _as_json(text.personalisation)
    row.reference = text.reference
    row.sender = sender
    row.international = text.number.international
    row.phone_prefix = text.number.country_prefix
    row.rate_multiplier = text.number.rate_multiplier
    too_long = message.too_long_message if message.is_too_long else None
    return Accepted(row, message.body, sender=sender, simulated=simulated, too_long=too_long)


def accept_email(service: Service, key: ApiKey, template: Template, email: Email) -> Accepted:
    """Check an email against its template and its service and make the row to store.

    Raises:
        Refused: with the first thing that is wrong.
    """
    sanitised = _sanitise(email)
    values = sanitised.personalisation
    personalisation = Personalisation(values)
    _check_placeholders(template, personalisation)
    if template.email.is_empty(personalisation):
        raise Refused("Your message is empty.")
    reply_to = service.reply_to(email.reply_to_id)
    if email.reply_to_id is not None and reply_to is None:
        raise Refused(
            f"email_reply_to_id {email.reply_to_id} does not exist in database for service id {service.id}"
        )
    simulated = is_simulated(email.to)
    _check_recipient(service, key, email.to, simulated=simulated)
    _refuse_files(values)
    body = template.email.body(personalisation)
    row = _row(service, key, template)
    row.recipient = stored(email.to)
    row.personalisation = _as_json(values)
    row.reference = email.reference
    row.sender = reply_to
    row.one_click_unsubscribe_url = email.one_click_unsubscribe_url
    subject = template.email.subject(personalisation)
    return Accepted(
        row,
        body,
        subject=subject,
        simulated=simulated,
        sanitised=sanitised.changes,
        too_long=_email_too_long(body),
    )


def accept_letter(service: Service, key: ApiKey, template: Template, letter: Letter) -> Accepted:
    """Check a letter against its template and its service and make the row to store.

    Raises:
        Refused: with the first thing that is wrong.
    """
    personalisation = Personalisation(letter.personalisation)
    _check_qr_codes(template, personalisation)
    _check_placeholders(template, personalisation)
    if template.letter.is_empty(personalisation):
        raise Refused("Your message is empty.")
    _refuse_uploads(letter.personalisation)
    check_letter_key(service, key)
    address = _check_address(service, letter)
    row = _row(service, key, template)
    row.recipient = "\n".join(address.normalised_lines)
    row.personalisation = _as_json(letter.personalisation)
    row.reference = letter.reference
    row.postage = address.postage_zone if address.international else template.postage
    body, subject = template.letter.body(personalisation), template.letter.subject(personalisation)
    return Accepted(row, body, subject=subject)


def check_letter_key(service: Service, key: ApiKey) -> None:
    """Refuse letters with keys that may not send them: they cost money at once.

    Raises:
        Refused: with a team key, or a live key of a service in trial mode.
    """
    if key.key_type == "team":
        raise Refused("Cannot send letters with a team api key", Kind.FORBIDDEN)
    if service.restricted and key.key_type != "test":
        raise Refused("Cannot send letters when service is in trial mode", Kind.FORBIDDEN)


def _check_qr_codes(template: Template, personalisation: Personalisation) -> None:
    for page in template.letter.pages:
        too_long = page.printed(personalisation).qr_code_too_long
        if too_long is not None:
            raise Refused(
                too_long.message,
                Kind.INVALID,
                data=too_long.data,
                num_bytes=too_long.num_bytes,
                max_bytes=too_long.max_bytes,
            )


def _check_address(service: Service, letter: Letter) -> PostalAddress:
    address = PostalAddress.from_personalisation(letter.personalisation)
    error = address.error(international_letters="international_letters" in service.permissions)
    if error is not None:
        raise Refused(error.api_message, Kind.INVALID)
    return address


def _row(service: Service, key: ApiKey, template: Template) -> NewNotification:
    identifier, created_at = new_id()
    return NewNotification(
        id=identifier,
        created_at=created_at,
        service_id=service.id,
        channel=template.channel,
        key_type=key.key_type,
        api_key_id=key.id,
        template_id=template.id,
        template_version=template.version,
    )


def _as_json(personalisation: dict[str, Any]) -> str | None:
    """What is stored. NUL characters are refused here: as JSON they could be stored, but no text of theirs."""
    encoded = msgspec.json.encode(personalisation).decode() if personalisation else None
    if encoded is not None and "u0000" in encoded and "\\u0000" in encoded.replace("\\\\", ""):
        raise Refused("No result found", Kind.UNSTORABLE)
    return encoded


def _check_placeholders(template: Template, personalisation: Personalisation) -> None:
    missing = template.filled.missing(personalisation)
    if missing:
        raise Refused(f"Missing personalisation: {', '.join(missing)}")


def _sanitise(email: Email) -> Sanitised:
    """Values that are no text are left alone (public API contract, section 2, "Sanitising")."""
    if not email.sanitise_content_for:
        return Sanitised(email.personalisation, {})
    texts = {name: value for name, value in email.personalisation.items() if isinstance(value, str)}
    sanitised = sanitise_personalisation(texts, email.sanitise_content_for)
    return Sanitised(email.personalisation | sanitised.personalisation, sanitised.changes)


def _email_too_long(body: str) -> str | None:
    size = len(body.encode("utf-8", "surrogatepass"))
    return too_long_message(size) if size > SIZE_LIMIT else None


def _is_upload(value: Any) -> bool:
    return isinstance(value, dict) and "file" in value


def _refuse_uploads(personalisation: dict[str, Any]) -> None:
    if any(map(_is_upload, personalisation.values())):
        raise Refused("Can only send a file by email")


def _refuse_files(personalisation: dict[str, Any]) -> None:
    """Files by email are not built yet: say so rather than send a link that leads nowhere."""
    if any(map(_is_upload, personalisation.values())):
        raise Refused("Files by email are not available on this server yet")


def _check_recipient(service: Service, key: ApiKey, recipient: str, *, simulated: bool) -> None:
    """Who may be sent to with this key (public API contract, section 6); simulated recipients always may."""
    open_to_anyone = key.key_type == "test" or (key.key_type == "normal" and not service.restricted)
    if open_to_anyone or simulated or service.knows(format_recipient(recipient)):
        return
    raise Refused(_TEAM_ONLY if key.key_type == "team" else _TRIAL)


def _check_number(service: Service, number: PhoneNumber) -> None:
    try:
        number.check_permissions(
            international_sms="international_sms" in service.permissions,
            landlines="sms_to_uk_landlines" in service.permissions,
        )
    except InvalidPhoneNumber as error:
        if error.code == "not_a_uk_mobile" and not number.is_uk_prefix:
            raise Refused("Cannot send to international mobile numbers") from error
        raise Refused(error.api_message, Kind.INVALID_PHONE) from error
