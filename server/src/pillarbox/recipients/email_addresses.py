"""Email addresses: which are let through, how they are stored and compared, and names made fit for one."""

import json
import re
import unicodedata
from functools import cache
from importlib.resources import files

from pillarbox.content.characters import strip_obscure
from pillarbox.recipients.errors import InvalidRecipient

_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
_LABEL = re.compile(r"(?=.{1,63}\Z)[A-Za-z0-9]+(?:--?[A-Za-z0-9]+)*")
_TOP_LEVEL = re.compile(r"[A-Za-z]{2,63}|[Xx][Nn]--[A-Za-z0-9-]+")

_SIMULATED = frozenset(
    f"simulate-delivered{ending}@notifications.service.gov.uk" for ending in ("", "-2", "-3")
)


class InvalidEmailAddress(InvalidRecipient):
    """An address that messages cannot be sent to. There is one reason for all of them."""

    def __init__(self) -> None:
        super().__init__("invalid_email_address", "Not a valid email address")


def parse_email_address(text: str) -> str:
    """The address that somebody typed, without invisible characters and white space around it.

    Letter case and letters of other alphabets in the domain stay as they are.

    Raises:
        InvalidEmailAddress: no message can be sent there.

    Contract: content rules, section 2.
    """
    address = strip_obscure(text)
    # Lengths come first: the IDNA codec takes quadratic time.
    if len(address) > 320:
        raise InvalidEmailAddress
    local_part, at, domain = address.partition("@")
    if not at or ".." in address or not _LOCAL_PART.fullmatch(local_part) or not _is_domain(domain):
        raise InvalidEmailAddress
    return address


def _is_domain(domain: str) -> bool:
    """Whether a domain could exist, by the rules of IDNA 2003, which differ from those of 2008."""
    try:
        encoded = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return False
    labels = encoded.split(".")
    if len(labels) < 2 or len(encoded) > 253:
        return False
    return all(map(_LABEL.fullmatch, labels)) and _TOP_LEVEL.fullmatch(labels[-1]) is not None


def stored(text: str) -> str:
    """The form in which what was typed is kept: without invisible characters, its case unchanged."""
    return strip_obscure(text)


def formatted(text: str) -> str:
    """The form in which addresses are compared: valid, and in lower case.

    Raises:
        InvalidEmailAddress: no message can be sent there.
    """
    return parse_email_address(text).lower()


def is_simulated(text: str) -> bool:
    """Whether it is an address for smoke tests, in any case, whose messages are accepted and dropped.

    Contract: public API, section 6, "Smoke-test recipients".
    """
    return strip_obscure(text).lower() in _SIMULATED


def is_government_address(text: str) -> bool:
    """Whether the address belongs to the public sector, as far as the list of domains knows.

    Contract: content rules, section 2, "Government".
    """
    return text.lower().endswith(_government_endings())


@cache
def _government_endings() -> tuple[str, ...]:
    domains = json.loads(files(__package__).joinpath("data/government-email-domains.json").read_bytes())
    return tuple(separator + domain for domain in domains for separator in "@.")


def sender_local_part(name: str) -> str:
    """The name of a service as the part of its address in front of the ``@``: ``tax.credits``."""
    return _plain_words(name, ".")


def safe_id(name: str) -> str:
    """A name made fit for an identifier in a page or an address: ``tax-credits``."""
    return _plain_words(name, "-")


def _plain_words(name: str, separator: str) -> str:
    decomposed = unicodedata.normalize("NFD", name)
    without_accents = (character for character in decomposed if unicodedata.category(character) != "Mn")
    joined = separator.join("".join(without_accents).split())
    kept = "".join(character for character in joined if character.isalnum() or character == separator)
    return separator.join(filter(None, kept.lower().split(separator)))
