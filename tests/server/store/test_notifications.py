"""Messages: stored with their outbox rows or not at all, found by id, listed newest first."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
import pytest
from psycopg import DataError, OperationalError

from pillarbox.messages.london import to_london
from pillarbox.store.ids import new_id
from pillarbox.store.notifications import NewNotification, PageQuery
from pillarbox.store.partitions import DAYS_AHEAD, ensure_days


def message(service, number: int = 1, **more) -> NewNotification:
    identifier, created_at = new_id()
    return NewNotification(
        **{
            "id": identifier,
            "created_at": created_at,
            "service_id": uuid.UUID(service.id),
            "channel": "sms",
            "key_type": "normal",
            "api_key_id": uuid.uuid4(),
            "template_id": uuid.UUID(service.templates["sms"]),
            "template_version": 1,
            "recipient": f"07900900{number:03}",
            "personalisation": '{"name":"Jo"}',
            **more,
        }
    )


async def count(store, table: str = "notification") -> int:
    async with store.pool.connection() as connection:
        cursor = await connection.execute(f"select count(*) from {table}")
        row = await cursor.fetchone()
    return int(row[0])


async def test_many_at_once_are_stored_each_with_its_place_in_the_outbox(store, service) -> None:
    new = [message(service, number) for number in range(200)]
    await asyncio.gather(*(store.notifications.add(one) for one in new))
    assert await count(store) == 200
    assert await count(store, "outbox") == 200
    found = await store.notifications.find(new[7].service_id, new[7].id)
    assert found.recipient == "07900900007"
    assert found.created_at == new[7].created_at
    assert found.personalisation == {"name": "Jo"}


async def test_a_message_that_cannot_be_stored_fails_alone(store, service) -> None:
    new = [message(service, number, reference="a\0b" if number == 3 else None) for number in range(6)]
    answers = await asyncio.gather(*(store.notifications.add(one) for one in new), return_exceptions=True)
    assert [isinstance(answer, DataError) for answer in answers] == [number == 3 for number in range(6)]
    assert await count(store) == await count(store, "outbox") == 5


async def test_another_services_message_is_not_there(store, service) -> None:
    new = message(service)
    await store.notifications.add(new)
    assert await store.notifications.find(uuid.uuid4(), new.id) is None


@pytest.mark.parametrize("identifier", [uuid.uuid4(), uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)])
async def test_unknown_ids_of_any_kind_are_not_there(store, service, identifier) -> None:
    assert await store.notifications.find(uuid.UUID(service.id), identifier) is None


async def test_a_message_with_an_id_of_another_kind_is_found(store, service) -> None:
    new = message(service, id=uuid.uuid4())
    await store.notifications.add(new)
    assert await store.notifications.find(new.service_id, new.id) is not None


async def test_a_lost_connection_is_tried_again_once(store, service, url) -> None:
    """Every connection of the pool is cut; nobody who adds a message notices."""
    await asyncio.gather(*(store.notifications.add(message(service, n)) for n in range(10)))
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
    await asyncio.gather(*(store.notifications.add(message(service, n)) for n in range(10)))
    assert await count(store) == 20
    assert await count(store, "outbox") == 20


async def test_a_restarted_database_fails_no_statement(store, service, url) -> None:
    """Nothing is tried again when reading: the pool notices which connections are over before it gives them away."""
    query = PageQuery(service_id=uuid.UUID(service.id), key_type="normal")
    await asyncio.gather(*(store.notifications.page(query) for _ in range(8)))
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
    await asyncio.sleep(0.1)  # until they have all hung up
    assert await asyncio.gather(*(store.notifications.page(query) for _ in range(20))) == [[]] * 20


async def test_what_was_committed_before_the_connection_was_lost_is_not_stored_twice(store, service) -> None:
    """The second try writes the same rows: they are left as they are, without a second place in the outbox."""
    new = message(service)
    await store.notifications.add(new)
    await store.notifications.add(msgspec.structs.replace(new))
    assert await count(store) == await count(store, "outbox") == 1


async def test_if_the_database_stays_away_the_caller_hears_of_it(store, service) -> None:
    await store.pool.close()
    with pytest.raises(OperationalError):
        await asyncio.wait_for(store.notifications.add(message(service)), 30)


async def test_pages_are_of_250_newest_first_and_follow_one_another(store, service) -> None:
    new = [message(service, number) for number in range(260)]
    await asyncio.gather(*(store.notifications.add(one) for one in new))
    query = PageQuery(service_id=new[0].service_id, key_type="normal")
    first = await store.notifications.page(query)
    second = await store.notifications.page(
        msgspec.structs.replace(query, older_than=uuid.UUID(str(first[-1].id)))
    )
    wanted = [str(one.id) for one in sorted(new, key=lambda one: one.created_at, reverse=True)]
    assert [str(one.id) for one in first] == wanted[:250]
    assert [str(one.id) for one in second] == wanted[250:]


async def test_pages_hold_what_was_asked_for(store, service) -> None:
    texts = [message(service, reference="r"), message(service, key_type="team"), message(service)]
    for one in texts:
        await store.notifications.add(one)
    query = PageQuery(service_id=texts[0].service_id, key_type="normal")

    async def ids(**more) -> set[str]:
        return {str(one.id) for one in await store.notifications.page(msgspec.structs.replace(query, **more))}

    assert await ids() == {str(texts[0].id), str(texts[2].id)}
    assert await ids(reference="r") == {str(texts[0].id)}
    assert await ids(key_type="team") == {str(texts[1].id)}
    assert await ids(statuses=("created", "sent")) == {str(texts[0].id), str(texts[2].id)}
    assert await ids(statuses=("sent",)) == set()
    assert await ids(channels=("email",)) == set()
    assert await ids(older_than=uuid.uuid4()) == set()
    assert await ids(service_id=uuid.uuid4()) == set()


async def partitions(store) -> set[str]:
    async with store.pool.connection() as connection:
        cursor = await connection.execute(
            "select c.relname from pg_inherits join pg_class c on c.oid = inhrelid "
            "where inhparent = 'notification'::regclass"
        )
        return {row[0] for row in await cursor.fetchall()}


async def test_days_are_made_ahead_of_time(store) -> None:
    today = to_london(datetime.now(UTC)).date()
    days = {f"notification_{today + timedelta(days=ahead):%Y%m%d}" for ahead in range(-1, DAYS_AHEAD + 1)}
    assert days <= await partitions(store)


async def test_many_processes_may_make_the_same_days(store) -> None:
    first = datetime.now(UTC).date() + timedelta(days=30)

    async def make() -> None:
        async with store.pool.connection() as connection:
            await ensure_days(connection, first, first + timedelta(days=4))

    before = await partitions(store)
    await asyncio.gather(*(make() for _ in range(6)))
    assert len(await partitions(store)) == len(before) + 5


async def test_a_message_of_the_last_moment_of_a_day_is_found(store, service) -> None:
    midnight = datetime.combine(datetime.now(UTC).date() + timedelta(days=1), datetime.min.time(), UTC)
    moment = midnight - timedelta(microseconds=1)
    for created_at in (moment, midnight):
        new = message(service, id=uuid.uuid4(), created_at=created_at)
        await store.notifications.add(new)
        assert (await store.notifications.find(new.service_id, new.id)).created_at == created_at


async def test_a_look_up_by_an_id_of_ours_reads_one_partition(store, service) -> None:
    new = message(service)
    async with store.pool.connection() as connection:
        cursor = await connection.execute(
            "explain select 1 from notification where id = %s and created_at = %s", [new.id, new.created_at]
        )
        plan = "\n".join(row[0] for row in await cursor.fetchall())
    assert len([line for line in plan.splitlines() if "Scan" in line]) == 1, plan
