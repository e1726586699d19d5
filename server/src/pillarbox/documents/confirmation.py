"""The email address that somebody must know before they may download a file."""

from typing import Any

from pillarbox.recipients.email_addresses import InvalidEmailAddress, parse_email_address


class ConfirmationAddressError(ValueError):
    """The value is no email address."""


def confirmation_address(value: Any) -> str:
    """An address in the form in which addresses are compared before a download: trimmed and in lower case.

    Raises:
        ConfirmationAddressError: the value is no email address.

    Contract: public API, "Documents API".
    """
    if not isinstance(value, str):
        raise ConfirmationAddressError("Confirmation email must be a string.")
    try:
        return parse_email_address(value).lower()
    except InvalidEmailAddress as error:
        raise ConfirmationAddressError(error.message) from error
