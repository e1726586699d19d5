"""How the recorded cases about phone numbers are asked of our packages."""

from typing import Any

from pillarbox.recipients.comparison import allowed_to_send_to, format_recipient
from pillarbox.recipients.phone_numbers import InvalidPhoneNumber, PhoneNumber
from tests.vectors.cases import Rejected

_PERMISSIONS = {
    "none": {"international_sms": False, "landlines": False},
    "international": {"international_sms": True, "landlines": False},
    "landline": {"international_sms": False, "landlines": True},
    "both": {"international_sms": True, "landlines": True},
}
_DERIVED = (
    "normalised",
    "human_readable",
    "is_uk_prefix",
    "crown_dependency",
    "international",
    "country_prefix",
    "rate_multiplier",
    "numeric_sender_required",
    "delivery_receipts",
    "simulated",
)


def phone(asked: dict[str, Any]) -> dict[str, Any]:
    contact = asked.get("is_service_contact_number", False)
    try:
        number = PhoneNumber.parse(asked["number"], service_contact=contact)
    except InvalidPhoneNumber as error:
        raise Rejected(error.message, error.code, error.api_message) from error
    derived = {name: getattr(number, name) for name in _DERIVED}
    if contact:
        return derived
    refusals = {name: _refusal(number, **granted) for name, granted in _PERMISSIONS.items()}
    return {
        **derived,
        "validate": {name: refusal.code if refusal else "ok" for name, refusal in refusals.items()},
        "v2_error": {name: _v2_error(number, refusal) for name, refusal in refusals.items()},
    }


def _refusal(number: PhoneNumber, **granted: bool) -> InvalidPhoneNumber | None:
    try:
        number.check_permissions(**granted)
    except InvalidPhoneNumber as error:
        return error
    return None


def _v2_error(number: PhoneNumber, refusal: InvalidPhoneNumber | None) -> dict[str, Any] | None:
    """What the API says: its schema lets all countries with a price through, then come permissions."""
    by_schema = _refusal(number, **_PERMISSIONS["both"])
    if by_schema:
        return {
            "status_code": 400,
            "error": "ValidationError",
            "message": f"phone_number {by_schema.api_message}",
        }
    if refusal is None:
        return None
    if refusal.code == "not_a_uk_mobile" and not number.is_uk_prefix:
        message = "Cannot send to international mobile numbers"
        return {"status_code": 400, "error": "BadRequestError", "message": message}
    return {"status_code": 400, "error": "InvalidPhoneError", "message": refusal.api_message}


def _format(asked: dict[str, Any]) -> str:
    recipient = asked["recipient"]
    if not isinstance(recipient, str):
        raise Rejected("a recipient is text")
    return format_recipient(recipient)


OPS = {
    "phone": phone,
    "format_recipient": _format,
    "allowed_to_send_to": lambda asked: allowed_to_send_to(asked["recipient"], asked["allow_list"]),
}
