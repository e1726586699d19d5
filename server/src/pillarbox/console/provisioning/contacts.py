"""What is wrong with an address, a number or a link in a provisioning file; None if nothing is."""

from urllib.parse import urlsplit

from pillarbox.recipients.email_addresses import parse_email_address
from pillarbox.recipients.errors import InvalidRecipient
from pillarbox.recipients.phone_numbers import PhoneNumber


def email_mistake(text: str) -> str | None:
    """Why no email can be sent to this address."""
    try:
        parse_email_address(text)
    except InvalidRecipient as error:
        return error.message
    return None


def local_part_mistake(text: str) -> str | None:
    """Why this cannot stand before the @ of an address."""
    if "@" in text or email_mistake(f"{text}@example.com"):
        return "is not fit to stand before the @ of an address"
    return None


def phone_mistake(text: str) -> str | None:
    """Why this is no number that people can dial."""
    try:
        PhoneNumber.parse(text, service_contact=True)
    except InvalidRecipient as error:
        return error.message
    return None


def web_address_mistake(text: str) -> str | None:
    """Why this is no address of the web."""
    wrong = "must be a web address, such as https://example.com/path"
    if any(character.isspace() or not character.isprintable() for character in text):
        return wrong
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return wrong
    return None if parts.scheme in {"http", "https"} and parts.hostname else wrong


def contact_mistake(text: str) -> str | None:
    """Why people could not get in touch by this link, address or number."""
    if text.startswith("mailto:") or ("@" in text and "://" not in text):
        return email_mistake(text.removeprefix("mailto:"))
    if web_address_mistake(text) is None or phone_mistake(text.removeprefix("tel:")) is None:
        return None
    return "must be a web address, an email address or a phone number"
