"""However much one service has sent, another's single text is handed over within a second of its 201."""

import asyncio
import json
import time
from contextlib import ExitStack, contextmanager

import psycopg
import pytest

from notifications_python_client import NotificationsAPIClient
from pillarbox.store.outbox import BULK, PEOPLE
from tests.support.factories import MadeService, document
from tests.support.gateway import gateway
from tests.support.pillarbox import pillarbox_up
from tests.support.postgres import public_directory
from tests.support.processes import assert_once_within, wait_until

pytestmark = pytest.mark.acceptance

BACKLOG = 100_000
DESCRIPTION = """
values: {api: {}}
request: {url: "{api}/texts", json: {reference: "{reference}"}}
"""
FILL = """
with new as (
    insert into notification (id, created_at, service_id, channel, key_type, template_id, template_version, recipient,
        personalisation, status)
    select gen_random_uuid(), now(), %(service)s, 'sms', 'normal', %(template)s, 1, '07700900123', '{"name": "Jo"}',
        'created'
    from generate_series(1, %(count)s)
    returning id, created_at, service_id
)
insert into outbox (kind, lane, service_id, notification_id, notification_created_at)
select 'deliver', %(lane)s, service_id, id, created_at from new
"""


@contextmanager
def started(url, *services):
    with ExitStack() as stack:
        folder = stack.enter_context(public_directory())
        (folder / "gateway.yaml").write_text(DESCRIPTION)
        options = {"description": str(folder / "gateway.yaml"), "values": {"api": url}}
        providers = [{"name": "gateway", "kind": "sms_http", "options": options}]
        (folder / "providers.json").write_text(json.dumps({"providers": providers}))
        (folder / "services.json").write_text(json.dumps(document(*services)))
        settings = {"PILLARBOX_PROVIDERS_FILE": str(folder / "providers.json")}
        arguments = ("--no-demo", "--provision", str(folder / "services.json"))
        yield stack.enter_context(pillarbox_up(folder / "data", *arguments, within=60, **settings))


def due(url):
    with psycopg.connect(url) as connection:
        (count,) = connection.execute("select count(*) from outbox").fetchone()
    return count


def fill(url, service, lane):
    values = {"service": service.id, "template": service.templates["sms"], "lane": lane, "count": BACKLOG}
    with psycopg.connect(url) as connection:
        connection.execute(FILL, values)


def single_texts_are_quick(stub, lane):
    many, single = MadeService("many"), MadeService("single")
    with started(stub.url, many, single) as pillarbox:
        client = NotificationsAPIClient(single.api_key(), base_url=pillarbox.base)
        fill(pillarbox.database_url, many, lane)
        wait_until(lambda: len(stub.asked) > 200, 60, "the backlog is being worked on")

        def one():
            sent = client.send_sms_notification("07700900123", single.templates["sms"], {"name": "Jo"})
            accepted = time.monotonic()
            handed_over = lambda: any(sent["id"].encode() in asked.body for asked in reversed(stub.asked))  # noqa: E731
            wait_until(handed_over, 60, "the single text")
            print(
                f"handed over {time.monotonic() - accepted:.2f} s after its 201, behind {len(stub.asked):,}"
            )

        assert_once_within(1.0, one)
        assert due(pillarbox.database_url) > BACKLOG / 2


@pytest.mark.parametrize("lane", [PEOPLE, BULK])
async def test_a_single_text_does_not_wait_for_a_hundred_thousand_of_another_service(lane):
    async with gateway() as stub:
        await asyncio.to_thread(single_texts_are_quick, stub, lane)
