"""Why a recipient is refused: one family of errors, with a text for people and a text for the API."""


class InvalidRecipient(ValueError):  # noqa: N818 - the name says it without "Error"
    """A message cannot go to this recipient.

    Attributes:
        code: stable name of the reason, for programs.
        message: the reason for the person who typed the recipient or uploaded a spreadsheet.
        api_message: the reason in the words of the public API.
    """

    def __init__(self, code: str, message: str, api_message: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.api_message = message if api_message is None else api_message
