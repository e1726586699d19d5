"""Countries and territories as people write them on letters, and the zone that postage follows from."""

from dataclasses import dataclass
from functools import cache

from pillarbox.content.characters import to_ascii
from pillarbox.recipients.errors import InvalidRecipient
from pillarbox.recipients.places import places

UK_ZONE = "united-kingdom"

_LETTERS_ONLY = str.maketrans({**dict.fromkeys(" _-'’,.()"), "&": "and", "+": "and"})
_DIGITS = frozenset("0123456789")
_ARTICLES = ("the", "yr", "y")
_LONGEST = 200


class UnknownCountry(InvalidRecipient):
    """No country or territory is called that."""

    def __init__(self, name: str) -> None:
        super().__init__("unknown_country", f"'Not a known country or territory ({name})'")


@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory.

    Attributes:
        name: its usual English name.
        postage_zone: ``united-kingdom``, ``europe`` or ``rest-of-world``.
    """

    name: str
    postage_zone: str

    @property
    def is_uk(self) -> bool:
        """Whether letters there are UK letters, as they are to the Channel Islands and the Isle of Man."""
        return self.postage_zone == UK_ZONE

    @classmethod
    def parse(cls, text: str) -> "Country":
        """The country that text names, in English or its own language, perhaps with a known typing mistake.

        Raises:
            UnknownCountry: it names none.

        Contract: content rules, section 3, "Country".
        """
        country = find_country(text)
        if country is None:
            raise UnknownCountry(text)
        return country


def find_country(text: str) -> Country | None:
    """The country that text names; None if it names none."""
    if len(text) > _LONGEST or not _DIGITS.isdisjoint(text):
        return None
    return _by_spelling().get(_spelling(text))


def united_kingdom() -> Country:
    """Where letters go when their address names no country."""
    return _by_spelling()["unitedkingdom"]


def _spelling(text: str) -> str:
    """The form in which names are looked up: small letters, in the Latin alphabet without accents."""
    letters = text.translate(_LETTERS_ONLY).lower()
    plain = letters if letters.isascii() else to_ascii(letters)
    return letters if "?" in plain else plain


@cache
def _by_spelling() -> dict[str, Country]:
    table = {}
    for name, row in places()["countries"].items():
        country = Country(name, row["postage_zone"])
        table.update(dict.fromkeys(row["keys"], country))
    # A name that is known with its article is known without it too.
    for article in _ARTICLES:
        bare = {
            key.removeprefix(article): table[key]
            for key in table
            if key.startswith(article) and key != article
        }
        table = bare | table
    return table
