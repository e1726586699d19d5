"""With a gateway in the providers file, texts leave through it, and it tells what became of them."""

import asyncio
import json

import pytest
import requests

from tests.support.gateway import HANG_UP, answer, gateway
from tests.support.pillarbox import pillarbox_up
from tests.support.ports import free_port
from tests.support.postgres import public_directory
from tests.support.processes import wait_until

pytestmark = pytest.mark.acceptance

SMS_TEMPLATE = "d3a00000-0000-4000-8000-000000000011"
PROVIDERS = """
providers:
  - name: gateway
    kind: sms_http
    options:
      description: {folder}/gateway.yaml
      values: {{api: "{url}", token: "${{GATEWAY_TOKEN}}"}}
  - {{name: emails, kind: sandbox, weight: 0}}
"""
DESCRIPTION = """
values: {api: {}, token: {}}
request:
  url: "{api}/texts"
  json: {to: "+{to}", text: "{content}", mine: "{reference}", callback: "{receipts_url}"}
answers:
  accepted: {where: [{json: id}]}
  reference: {json: id}
receipts:
  authentication: {bearer: "{token}"}
  format: json
  reference: id
  names: theirs
  status: state
  statuses: {got: delivered}
"""


@pytest.fixture
def folder():
    """A folder with the gateway's description in it."""
    with public_directory() as folder:
        (folder / "gateway.yaml").write_text(DESCRIPTION, encoding="utf-8")
        yield folder


def started(folder, url):
    (folder / "providers.yaml").write_text(PROVIDERS.format(folder=folder, url=url), encoding="utf-8")
    port = free_port()
    return pillarbox_up(
        folder / "data",
        "--port",
        str(port),
        within=60,
        GATEWAY_TOKEN="s3cret",
        PILLARBOX_API_URL=f"http://127.0.0.1:{port}",
        PILLARBOX_PROVIDERS_FILE=str(folder / "providers.yaml"),
    )


async def test_a_text_goes_out_once_and_becomes_what_the_gateway_says(folder):
    async with gateway() as stub:
        await asyncio.to_thread(send_and_report, folder, stub)


def send_and_report(folder, stub):
    stub.scripts += [answer(200, b'{"id": "theirs-7"}'), HANG_UP]
    with started(folder, stub.url) as pillarbox:
        client = pillarbox.client()
        first, second = (
            client.send_sms_notification("07700900123", SMS_TEMPLATE, {"name": name, "date": "3 June"})
            for name in ("Zoë", "Jo")
        )
        status = lambda one: client.get_notification_by_id(one["id"])["status"]  # noqa: E731 - read at each look
        wait_until(lambda: {status(first), status(second)} == {"sending"}, 30, "both are taken or unknown")
        sent = [json.loads(asked.body) for asked in stub.asked]
        assert {one["mine"] for one in sent} == {first["id"], second["id"]}
        assert len(sent) == 2  # the one that was hung up on is not sent again
        (callback,) = {one["callback"] for one in sent}
        assert callback == f"{pillarbox.base}/providers/gateway/receipts"

        receipt = {"id": "theirs-7", "state": "got"}
        assert requests.post(callback, json=receipt, timeout=30).status_code == 401
        allowed = {"Authorization": "Bearer s3cret"}
        assert requests.post(callback, json=receipt, headers=allowed, timeout=30).status_code == 200
        answered = first if sent[0]["mine"] == first["id"] else second
        wait_until(lambda: status(answered) == "delivered", 30, "the receipt is applied")
        other = second if answered is first else first
        assert status(other) == "sending"
