"""Everything that the published Python client can do, tried on a server: run in an environment that has it.

    python python_client.py BASE_URL

Prints a line for each thing tried. The ids are those of the seeded data (tests/contract/cases/fixture.json).
"""

import sys
import time
import traceback
from importlib.metadata import version

from notifications_python_client.errors import HTTPError
from notifications_python_client.notifications import NotificationsAPIClient

MAIN = "main_live_key-fce57985-d0af-4a5b-a70d-fce91c892c49-4bfa8c16-306e-4fb6-8e1b-d224acaa158b"
TEAM = "main_team_key-fce57985-d0af-4a5b-a70d-fce91c892c49-2e057e43-09f9-45d3-857b-63416895f7b0"
REVOKED = "main_revoked_key-fce57985-d0af-4a5b-a70d-fce91c892c49-6d7062f1-1ae5-4112-b429-7a592d449de9"
PAGER = "pager_live_key-39ed7b56-4449-4401-80ce-eb369304f3f3-fe38cefa-d223-43c2-81c2-7660f0f08c7c"
SMS, SMS_PLAIN = "465c963b-fc12-4323-bb74-5b1ea5811b4c", "4ea11bcb-1b5b-4b5c-b74d-be1d092ca227"
SMS_VERSIONS = "fad256bc-a903-482c-a1c5-34883afa1057"
EMAIL, LETTER = "c00ab599-0d18-40eb-8d02-b5d15d436cd3", "302b079e-f8c4-4ed2-a409-f9cc476f9139"
SENDER, REPLY_TO = "341b23d2-3893-48d2-b578-66719006290d", "be181348-f3ac-4521-b346-15f4f7464703"
NOBODY = "740e5834-3a29-46b4-9a6f-16142fde533a"
ADDRESS = {"address_line_1": "Jo Public", "address_line_2": "1 High Street", "address_line_3": "SW1A 1AA"}

BASE = sys.argv[1]
client = NotificationsAPIClient(MAIN, base_url=BASE)


def text():
    answer = client.send_sms_notification("07700900123", SMS, {"name": "Zoë"}, "py-text", SENDER)
    assert answer["content"]["body"].startswith("Hello Zoë"), answer
    assert (answer["content"]["from_number"], answer["reference"]) == ("447123123123", "py-text")
    assert reached(answer["id"], "delivered")["phone_number"] == "07700900123"


def email():
    answer = client.send_email_notification(
        "jo@example.com",
        EMAIL,
        {"name": "Jo"},
        "py-email",
        REPLY_TO,
        "https://example.com/unsubscribe",
    )
    assert answer["content"]["one_click_unsubscribe_url"] == "https://example.com/unsubscribe"
    shown = reached(answer["id"], "delivered")
    assert (shown["email_address"], shown["one_click_unsubscribe_url"]) == (
        "jo@example.com",
        "https://example.com/unsubscribe",
    )
    assert shown["completed_at"] is not None


def email_with_sanitised_content():
    answer = client.send_email_notification(
        "jo@example.com", EMAIL, {"name": "[Jo](https://example.com)"}, sanitise_content_for=["name"]
    )
    assert answer["sanitised_content"], answer


def letter():
    personalisation = {**ADDRESS, "name": "Jo", "required_documents": ["passport", "photo"]}
    answer = client.send_letter_notification(LETTER, personalisation, "py-letter")
    assert "passport" in answer["content"]["body"], answer
    shown = client.get_notification_by_id(answer["id"])
    assert (shown["type"], shown["status"], shown["line_1"]) == ("letter", "accepted", "Jo Public")
    assert shown["estimated_delivery"].endswith("Z")


def lists_and_filters():
    page = client.get_all_notifications(template_type="sms", reference="py-text")
    assert [one["reference"] for one in page["notifications"]] == ["py-text"], page
    assert page["links"]["current"].startswith(BASE)
    assert client.get_all_notifications(status="failed", reference="py-text")["notifications"] == []


def iterator_over_pages():
    found = list(NotificationsAPIClient(PAGER, base_url=BASE).get_all_notifications_iterator())
    assert len(found) == len({one["id"] for one in found}) == 251, len(found)


def iterator_with_filters():
    pager = NotificationsAPIClient(PAGER, base_url=BASE)
    assert len(list(pager.get_all_notifications_iterator("delivered", "sms"))) == 251
    assert list(pager.get_all_notifications_iterator(status="failed")) == []


def received_texts():
    pager = NotificationsAPIClient(PAGER, base_url=BASE)
    page = pager.get_received_texts()["received_text_messages"]
    assert (len(page), page[0]["content"]) == (250, "text 1"), (len(page), page[0])
    assert len(list(pager.get_received_texts_iterator())) == 251
    assert len(pager.get_received_texts(older_than=page[-1]["id"])["received_text_messages"]) == 1


def templates():
    everything = client.get_all_templates()["templates"]
    assert SMS in {one["id"] for one in everything}
    assert {one["type"] for one in client.get_all_templates("email")["templates"]} == {"email"}
    assert client.get_template(SMS)["personalisation"] == {"name": {"required": True}}


def template_versions():
    assert client.get_template(SMS_VERSIONS)["version"] == 3
    assert client.get_template_version(SMS_VERSIONS, 1)["body"] == "Version one ((one))"
    versions = client.get_all_template_versions(SMS_VERSIONS)
    assert len(next(iter(versions.values()))) == 3, versions


def previews():
    assert client.post_template_preview(SMS, {"name": "Jo"})["body"].startswith("Hello Jo")
    preview = client.post_template_preview(EMAIL, {"name": "Jo"})
    assert "<p" in preview["html"], preview


def errors():
    refused(400, "Missing personalisation: name", client.send_sms_notification, "07700900123", SMS)
    refused(400, "Template not found", client.send_sms_notification, "07700900123", NOBODY)
    refused(400, "phone_number", client.send_sms_notification, "not a number", SMS_PLAIN)
    refused(400, "email_address", client.send_email_notification, "not an address", EMAIL, {"name": "Jo"})
    refused(
        400,
        "Address must be at least 3 lines",
        client.send_letter_notification,
        LETTER,
        letter_without_address(),
    )
    refused(404, "No result found", client.get_notification_by_id, NOBODY)
    refused(400, "not a valid UUID", client.get_notification_by_id, "nonsense")
    refused(404, "No result found", client.get_template, NOBODY)
    refused(400, "is not one of", client.get_all_notifications, "nonsense")


def letter_without_address():
    return {"address_line_1": "Jo", "name": "Jo", "required_documents": ["x"]}


def errors_of_keys():
    team = NotificationsAPIClient(TEAM, base_url=BASE)
    refused(400, "team-only API key", team.send_sms_notification, "07700900123", SMS_PLAIN)
    revoked = NotificationsAPIClient(REVOKED, base_url=BASE)
    refused(403, "Invalid token: API key revoked", revoked.get_all_templates)
    made_up = NotificationsAPIClient(MAIN[:-1] + "0", base_url=BASE)
    refused(403, "Invalid token: API key not found", made_up.get_all_templates)


def no_server():
    refused(
        503, "Request failed", NotificationsAPIClient(MAIN, base_url="http://127.0.0.1:9").get_all_templates
    )


def reached(identifier, status):
    for _ in range(100):
        shown = client.get_notification_by_id(identifier)
        if shown["status"] == status:
            return shown
        time.sleep(0.1)
    raise AssertionError(shown["status"])


def refused(status, message, call, *arguments):
    try:
        call(*arguments)
    except HTTPError as error:
        found = error
    else:
        raise AssertionError(f"accepted: {arguments}")
    assert found.status_code == status, found
    assert message in str(found.message), found


TRIED = (
    text, email, email_with_sanitised_content, letter, lists_and_filters, iterator_over_pages, iterator_with_filters,
    received_texts, templates, template_versions, previews, errors, errors_of_keys, no_server,
)  # fmt: skip

print(
    f"notifications-python-client {version('notifications-python-client')}, Python {sys.version.split()[0]}"
)
failures = 0
for step in TRIED:
    try:
        step()
    except Exception:  # noqa: BLE001 - whatever it is, the next thing is tried, too
        failures += 1
        print(f"FAILED {step.__name__}\n{traceback.format_exc()}")
    else:
        print(f"passed {step.__name__}")
sys.exit(failures > 0)
