"""What a provisioning file may say of the past: uploads, messages sent and texts received, as types."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, field

from pillarbox.console.provisioning.parts import Channel, Count, Minutes, Name, Part

Status = Literal[
    "cancelled",
    "created",
    "sending",
    "sent",
    "delivered",
    "pending",
    "technical-failure",
    "temporary-failure",
    "permanent-failure",
    "pending-virus-check",
    "validation-failed",
    "virus-scan-failed",
    "returned-letter",
]
Postage = Literal["first", "second", "economy", "europe", "rest-of-world"]
Number = Annotated[str, Meta(min_length=1, max_length=50)]
Multiplier = Annotated[int, Meta(ge=0, le=100)]
# A thousand days of a busy service; whoever wants more wants a benchmark.
Rows = Annotated[int, Meta(ge=1, le=1_000_000)]


class Job(Part):
    """A spreadsheet that somebody uploaded."""

    ref: str
    id: UUID
    service: str
    template: str
    original_file_name: Name
    created_by: str | None = None
    created_minutes_ago: Minutes = 0


class Notification(Part):
    """A message that was sent. Without a `key`, a person or an upload sent it."""

    ref: str
    id: UUID
    service: str
    template: str
    type: Channel
    status: Status
    to: str
    created_minutes_ago: Minutes
    template_version: Annotated[int, Meta(ge=1)] = 1
    key: str | None = None
    personalisation: dict[str, Any] = field(default_factory=dict)
    reference: Annotated[str, Meta(max_length=1000)] | None = None
    billable_units: Count = 0
    created_by: str | None = None
    job: str | None = None
    job_row_number: Count | None = None
    postage: Postage | None = None
    international: bool = False
    phone_prefix: str | None = None
    rate_multiplier: Multiplier | None = None
    one_click_unsubscribe_url: str | None = None
    sent_minutes_ago: Minutes | None = None
    updated_minutes_ago: Minutes | None = None
    sent_by: str | None = None
    pdf_available: bool = False  # read, but letters' PDFs have no place to be kept yet


class ReceivedText(Part):
    """A text that somebody sent to a service."""

    ref: str
    id: UUID
    service: str
    notify_number: Number
    user_number: Number
    content: str
    created_minutes_ago: Minutes


class BulkNotifications(Part):
    """Many messages that differ in number only; row n was created n minutes ago."""

    kind: Literal["notifications"]
    service: str
    template: str
    status: Status
    count: Rows
    to: str
    id_rule: str
    key: str | None = None
    billable_units: Count = 0
    created_rule: Literal["row n was created n minutes ago"] = "row n was created n minutes ago"
    reference_rule: str | None = None


class BulkReceivedTexts(Part):
    """Many received texts that differ in number only; row n came n minutes ago."""

    kind: Literal["received_texts"]
    service: str
    count: Rows
    notify_number: Number
    user_number: Number
    content: str
    id_rule: str
    created_rule: Literal["row n was created n minutes ago"] = "row n was created n minutes ago"


Bulk = BulkNotifications | BulkReceivedTexts
