"""The shapes of the API's answers, for type checkers and editors (public API contract, section 4).

They are plain dictionaries at run time: a server may add keys, and programs that index them keep working.
"""

from __future__ import annotations

from typing import Any, Dict, List, Literal, Optional, TypedDict, Union

NotificationType = Literal["sms", "email", "letter"]
Postage = Literal["first", "second", "economy", "europe", "rest-of-world"]
Status = Literal[
    "accepted",
    "cancelled",
    "created",
    "delivered",
    "failed",
    "pending",
    "pending-virus-check",
    "permanent-failure",
    "received",
    "returned-letter",
    "sending",
    "sent",
    "technical-failure",
    "temporary-failure",
    "validation-failed",
    "virus-scan-failed",
]


class TemplateReference(TypedDict):
    """The template and version that a message was made from."""

    id: str
    version: int
    uri: str


class SmsContent(TypedDict):
    """What the recipient of a text gets, without the service's name in front."""

    body: str
    from_number: str


class EmailContent(TypedDict):
    """What the recipient of an email gets; `body` is Markdown."""

    from_email: str
    subject: str
    body: str
    one_click_unsubscribe_url: Optional[str]


class LetterContent(TypedDict):
    """What a letter says."""

    subject: str
    body: str


class SanitisedValue(TypedDict):
    """A personalisation value that was made harmless."""

    unsanitised: str
    sanitised: str


class _Sent(TypedDict):
    id: str
    reference: Optional[str]
    uri: str
    template: TemplateReference
    scheduled_for: None


class SentSms(_Sent):
    """A text was accepted."""

    content: SmsContent


class SentEmail(_Sent):
    """An email was accepted."""

    content: EmailContent
    sanitised_content: Dict[str, SanitisedValue]


class SentLetter(_Sent):
    """A letter was accepted."""

    content: LetterContent


class SentPrecompiledLetter(TypedDict):
    """A precompiled letter was accepted."""

    id: str
    reference: str
    postage: Postage


Sent = Union[SentSms, SentEmail, SentLetter, SentPrecompiledLetter]


class CostDetails(TypedDict, total=False):
    """What the cost is made of: the first three for texts, the others for letters."""

    billable_sms_fragments: int
    international_rate_multiplier: float
    sms_rate: float
    billable_sheets_of_paper: int
    postage: Postage


class _LetterOnly(TypedDict, total=False):
    estimated_delivery: str


class Notification(_LetterOnly):
    """One message and what became of it."""

    id: str
    reference: Optional[str]
    type: NotificationType
    email_address: Optional[str]
    phone_number: Optional[str]
    line_1: Optional[str]
    line_2: Optional[str]
    line_3: Optional[str]
    line_4: Optional[str]
    line_5: Optional[str]
    line_6: Optional[str]
    postcode: Optional[str]
    status: Status
    template: TemplateReference
    body: str
    subject: Optional[str]
    created_at: str
    sent_at: Optional[str]
    completed_at: Optional[str]
    created_by_name: Optional[str]
    scheduled_for: None
    postage: Optional[Postage]
    one_click_unsubscribe_url: Optional[str]
    is_cost_data_ready: bool
    cost_in_pounds: Optional[float]
    cost_details: CostDetails


class _MoreLinks(TypedDict, total=False):
    next: str


class Links(_MoreLinks):
    """Where this page and, unless it is empty, the next one are."""

    current: str


class NotificationPage(TypedDict):
    """Up to 250 messages, newest first."""

    notifications: List[Notification]
    links: Links


class ReceivedText(TypedDict):
    """A text that somebody sent to the service."""

    id: str
    user_number: str
    notify_number: str
    created_at: str
    service_id: str
    content: str


class ReceivedTextPage(TypedDict):
    """Up to 250 received texts, newest first."""

    received_text_messages: List[ReceivedText]
    links: Links


class PlaceholderRule(TypedDict):
    """Whether a placeholder must have a value."""

    required: bool


class Template(TypedDict):
    """One version of a template."""

    id: str
    type: NotificationType
    name: str
    created_at: str
    updated_at: Optional[str]
    created_by: str
    version: int
    body: str
    subject: Optional[str]
    personalisation: Dict[str, PlaceholderRule]
    postage: Optional[Postage]
    letter_contact_block: Optional[str]


class TemplateList(TypedDict):
    """The service's templates by name."""

    templates: List[Template]


class TemplateVersions(TypedDict):
    """All versions of a template, newest first, in the shape of an older API."""

    data: List[Dict[str, Any]]


class TemplatePreview(TypedDict):
    """A template filled in; `html` only for emails."""

    id: str
    type: NotificationType
    version: int
    body: str
    subject: Optional[str]
    html: Optional[str]
    postage: Optional[Postage]
