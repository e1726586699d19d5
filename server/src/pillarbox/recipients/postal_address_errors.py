"""Why letters cannot go to an address, in the words of the API and of the pages."""

from pillarbox.recipients.errors import InvalidRecipient

_TOO_FEW = "Address must be at least 3 lines"
_NOT_A_POSTCODE = "Must be a real UK postcode"

_REASONS = {
    "address-is-empty": ("You need to add a recipient address.", _TOO_FEW),
    "not-enough-address-lines": ("The address must be at least 3 lines long.", _TOO_FEW),
    "too-many-address-lines": (
        "The address must be no more than 7 lines long.",
        "Address must be no more than 7 lines",
    ),
    "invalid-address-line-1-or-2": (
        "The first 2 lines must both include at least one alphanumeric character.",
        "The first 2 lines of the address must both include at least one alphanumeric character",
    ),
    "has-country-for-bfpo-address": (
        "The last line of a BFPO address must not be a country.",
        "The last line of a BFPO address must not be a country.",
    ),
    "not-a-real-uk-postcode-or-country": (
        "The last line of the address must be a UK postcode or another country.",
        "Last line of address must be a real UK postcode or another country",
    ),
    "cant-send-international-letters": (
        "You do not have permission to send letters to other countries.",
        _NOT_A_POSTCODE,
    ),
    "not-a-real-uk-postcode": (
        "The last line of the address must be a real UK postcode.",
        _NOT_A_POSTCODE,
    ),
    "invalid-char-in-address": (
        "Address lines must not start with any of the following characters: @ ( ) = [ ] ” \\ / , < > ~",
        "Address lines must not start with any of the following characters: @ ( ) = [ ] ” \\ / , < >",
    ),
    "no-fixed-abode-address": ("Enter a real address.", "Must be a real address"),
}


class InvalidPostalAddress(InvalidRecipient):
    """An address that no letter can go to; its codes are those of precompiled letters (section 3)."""

    def __init__(self, code: str) -> None:
        super().__init__(code, *_REASONS[code])
