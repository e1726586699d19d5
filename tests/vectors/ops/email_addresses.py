"""How the recorded cases about email addresses are asked of our packages."""

from typing import Any

from pillarbox.recipients import email_addresses
from tests.vectors.cases import Rejected


def _email(asked: dict[str, Any]) -> dict[str, Any]:
    typed = asked["email"]
    try:
        validated = email_addresses.parse_email_address(typed)
    except email_addresses.InvalidEmailAddress as error:
        raise Rejected(error.message, error.code, error.api_message) from error
    return {
        "validated": validated,
        "formatted": email_addresses.formatted(typed),
        "stored_normalised": email_addresses.stored(typed).lower(),
        "simulated": email_addresses.is_simulated(typed),
    }


OPS = {
    "email": _email,
    "is_government_email": lambda asked: email_addresses.is_government_address(asked["email"]),
    "safe_email_local_part": lambda asked: email_addresses.sender_local_part(asked["string"]),
    "safe_id": lambda asked: email_addresses.safe_id(asked["string"]),
}
