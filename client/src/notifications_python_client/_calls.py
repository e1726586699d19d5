"""Every call of the API as a value: method, path, query or body, and the type of its answer. No I/O."""

from __future__ import annotations

import base64
import io
from typing import IO, TYPE_CHECKING, Any, Dict, Generic, Iterable, Mapping, Optional, TypeVar, Union
from urllib.parse import quote

if TYPE_CHECKING:
    from notifications_python_client import answers

T = TypeVar("T")
Choice = Union[str, Iterable[str], None]
Fields = Dict[str, Any]


class Call(Generic[T]):
    """One call; `T` is what its answer is read as."""

    def __init__(
        self, method: str, path: str, params: Optional[Fields] = None, data: Optional[Fields] = None
    ) -> None:
        self.method, self.path, self.params, self.data = method, path, params, data


def _given(**optional: Any) -> Fields:
    return {name: value for name, value in optional.items() if value}


def _in_path(value: Any) -> str:
    # A slash or question mark in an id must not lead to another route.
    return quote(str(value), safe="")


def send_sms(
    phone_number: str,
    template_id: str,
    personalisation: Optional[Mapping[str, Any]],
    reference: Optional[str],
    sms_sender_id: Optional[str],
) -> Call[answers.SentSms]:
    """POST a text."""
    optional = _given(personalisation=personalisation, reference=reference, sms_sender_id=sms_sender_id)
    data = {"phone_number": phone_number, "template_id": template_id, **optional}
    return Call("POST", "/v2/notifications/sms", data=data)


def send_email(
    email_address: str,
    template_id: str,
    personalisation: Optional[Mapping[str, Any]],
    reference: Optional[str],
    email_reply_to_id: Optional[str],
    one_click_unsubscribe_url: Optional[str],
    sanitise_content_for: Optional[Iterable[str]],
) -> Call[answers.SentEmail]:
    """POST an email."""
    optional = _given(
        personalisation=personalisation,
        reference=reference,
        email_reply_to_id=email_reply_to_id,
        one_click_unsubscribe_url=one_click_unsubscribe_url,
        sanitise_content_for=sanitise_content_for,
    )
    data = {"email_address": email_address, "template_id": template_id, **optional}
    return Call("POST", "/v2/notifications/email", data=data)


def send_letter(
    template_id: str, personalisation: Mapping[str, Any], reference: Optional[str]
) -> Call[answers.SentLetter]:
    """POST a letter made from a template."""
    data = {"template_id": template_id, "personalisation": personalisation, **_given(reference=reference)}
    return Call("POST", "/v2/notifications/letter", data=data)


def send_precompiled_letter(
    reference: str, pdf_file: IO[bytes], postage: Optional[str]
) -> Call[answers.SentPrecompiledLetter]:
    """POST a letter that is a PDF already; reads the file."""
    content = base64.b64encode(pdf_file.read()).decode("ascii")
    data = {"reference": reference, "content": content, **_given(postage=postage)}
    return Call("POST", "/v2/notifications/letter", data=data)


def get_notification(notification_id: str) -> Call[answers.Notification]:
    """GET one message."""
    return Call("GET", f"/v2/notifications/{_in_path(notification_id)}")


def get_pdf(notification_id: str) -> Call[io.BytesIO]:
    """GET a letter as PDF: the only answer that is not JSON."""
    return Call("GET", f"/v2/notifications/{_in_path(notification_id)}/pdf")


def get_notifications(
    status: Choice,
    template_type: Choice,
    reference: Optional[str],
    older_than: Optional[str],
    include_jobs: Optional[bool],
) -> Call[answers.NotificationPage]:
    """GET a page of messages."""
    params = _given(
        status=status,
        template_type=template_type,
        reference=reference,
        older_than=older_than,
        include_jobs=include_jobs,
    )
    return Call("GET", "/v2/notifications", params=params)


def get_received_texts(older_than: Optional[str]) -> Call[answers.ReceivedTextPage]:
    """GET a page of received texts."""
    return Call("GET", "/v2/received-text-messages", params=_given(older_than=older_than))


def get_template(template_id: str) -> Call[answers.Template]:
    """GET a template's latest version."""
    return Call("GET", f"/v2/template/{_in_path(template_id)}")


def get_template_version(template_id: str, version: int) -> Call[answers.Template]:
    """GET one version of a template."""
    return Call("GET", f"/v2/template/{_in_path(template_id)}/version/{_in_path(version)}")


def get_templates(template_type: Optional[str]) -> Call[answers.TemplateList]:
    """GET all templates."""
    return Call("GET", "/v2/templates", params=_given(type=template_type))


def get_template_versions(service_id: str, template_id: str) -> Call[answers.TemplateVersions]:
    """GET all versions of a template: the one path that is relative to the base URL."""
    return Call("GET", f"service/{_in_path(service_id)}/template/{_in_path(template_id)}/versions")


def preview_template(template_id: str, personalisation: Mapping[str, Any]) -> Call[answers.TemplatePreview]:
    """POST values to see a template filled in."""
    data = {"personalisation": personalisation}
    return Call("POST", f"/v2/template/{_in_path(template_id)}/preview", data=data)
