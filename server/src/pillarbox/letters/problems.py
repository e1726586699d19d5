"""What can be wrong with a PDF letter: a code for programs and a sentence for people."""

from enum import StrEnum


class Problem(StrEnum):
    """Why a letter cannot be printed; the value is the code that the sender's records show."""

    UNREADABLE = "unable-to-read-the-file"
    TOO_LONG = "letter-too-long"
    NOT_A4 = "letter-not-a4-portrait-oriented"
    INK_OUTSIDE = "content-outside-printable-area"
    TAG_FOUND = "notify-tag-found-in-content"
    ADDRESS_EMPTY = "address-is-empty"
    TOO_FEW_LINES = "not-enough-address-lines"
    TOO_MANY_LINES = "too-many-address-lines"
    NAMELESS = "invalid-address-line-1-or-2"
    COUNTRY_FOR_BFPO = "has-country-for-bfpo-address"
    NO_POSTCODE = "not-a-real-uk-postcode"
    NO_POSTCODE_OR_COUNTRY = "not-a-real-uk-postcode-or-country"
    NO_INTERNATIONAL = "cant-send-international-letters"
    BAD_CHARACTER = "invalid-char-in-address"
    NO_FIXED_ABODE = "no-fixed-abode-address"

    def detail(self, page_count: int | None = None) -> str:
        """The sentence shown to people (contract, content rules, section 9).

        Args:
            page_count: how many pages the letter has; only the sentence about its length says so.
        """
        return _DETAILS[self].format(pages=page_count)


_DETAILS = {
    Problem.UNREADABLE: "Notify cannot read this PDF. Save a new copy of your file and try again.",
    Problem.TOO_LONG: "Letters must be 10 pages or less (5 double-sided sheets of paper). "
    "Your letter is {pages} pages long.",
    Problem.NOT_A4: "Your letter is not A4 portrait size",
    Problem.INK_OUTSIDE: "Your content is outside the printable area",
    Problem.TAG_FOUND: "Your file includes a letter you’ve downloaded from Notify.",
    Problem.ADDRESS_EMPTY: "You need to add a recipient address.",
    Problem.TOO_FEW_LINES: "The address must be at least 3 lines long.",
    Problem.TOO_MANY_LINES: "The address must be no more than 7 lines long.",
    Problem.NAMELESS: "The first 2 lines must both include at least one alphanumeric character.",
    Problem.COUNTRY_FOR_BFPO: "The last line of a BFPO address must not be a country.",
    Problem.NO_POSTCODE: "The last line of the address must be a real UK postcode.",
    Problem.NO_POSTCODE_OR_COUNTRY: "The last line of the address must be a UK postcode or another country.",
    Problem.NO_INTERNATIONAL: "You do not have permission to send letters to other countries.",
    Problem.BAD_CHARACTER: "Address lines must not start with any of the following characters: "
    "@ ( ) = [ ] ” \\ / , < > ~",
    Problem.NO_FIXED_ABODE: "Enter a real address.",
}
