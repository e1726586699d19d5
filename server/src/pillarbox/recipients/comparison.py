"""Comparing recipients however they are written: who is on a guest list or in the team."""

from collections.abc import Iterable

from pillarbox.recipients.email_addresses import InvalidEmailAddress, formatted
from pillarbox.recipients.phone_numbers import InvalidPhoneNumber, PhoneNumber


def format_recipient(text: str) -> str:
    """A recipient in the form in which it is compared.

    That is a phone number in digits with its country code, an email address in lower case, else as it is.
    Contract: content rules, section 1, "Allow-list comparison".
    """
    try:
        return PhoneNumber.parse(text).normalised
    except InvalidPhoneNumber:
        pass
    try:
        return formatted(text)
    except InvalidEmailAddress:
        return text


def allowed_to_send_to(recipient: str, allowed: Iterable[str]) -> bool:
    """Whether a recipient is among those allowed, however either is written."""
    wanted = format_recipient(recipient)
    return any(format_recipient(candidate) == wanted for candidate in allowed)
