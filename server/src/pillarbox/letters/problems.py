"""What can be wrong with a PDF letter: a code for programs and a sentence for people."""

from enum import StrEnum

from pillarbox.recipients.postal_address_errors import InvalidPostalAddress


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
        if self not in _PAGE_DETAILS:
            return InvalidPostalAddress(self).message
        return _PAGE_DETAILS[self].format(pages=page_count)


_PAGE_DETAILS = {
    Problem.UNREADABLE: "Notify cannot read this PDF. Save a new copy of your file and try again.",
    Problem.TOO_LONG: "Letters must be 10 pages or less (5 double-sided sheets of paper). "
    "Your letter is {pages} pages long.",
    Problem.NOT_A4: "Your letter is not A4 portrait size",
    Problem.INK_OUTSIDE: "Your content is outside the printable area",
    Problem.TAG_FOUND: "Your file includes a letter you’ve downloaded from Notify.",
}
