"""Texts through a short message centre that others have written."""

import asyncio
import sys

import pytest

from pillarbox.messages.posts import Incoming, Part
from pillarbox.providers.base import Accepted, Busy, Rejected
from pillarbox.providers.smpp.alphabet import decode
from tests.support import smsc as numbers
from tests.support.eventually import eventually
from tests.support.ports import free_port
from tests.support.smsc import smsc


@pytest.fixture
async def centre():
    async with smsc() as centre:
        yield centre


@pytest.fixture
async def provider(provider_for, centre):
    return await provider_for(centre.port)


def to(ending):
    return f"44770090012{ending}"


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("0", "delivered"),
        (numbers.UNDELIVERABLE, "permanent-failure"),
        (numbers.EXPIRED, "temporary-failure"),
        (numbers.HASTY, "delivered"),
    ],
)
async def test_receipts_name_what_the_answer_named(*, provider, centre, kept, text, ending, status):
    answer = await provider.submit(text(to=to(ending)))
    assert answer == Accepted(reference="00000001", receipts_name_it=True)
    await eventually(lambda: centre.answered == [0])
    (receipt,) = kept.read()
    assert (receipt.reference, receipt.theirs, receipt.status) == ("00000001", True, status)


async def test_without_parameters_receipts_are_read_from_their_text(provider, centre, kept, text):
    centre.by_parameters = False
    await provider.submit(text())
    await eventually(lambda: centre.answered)
    (receipt,) = kept.read()
    assert (receipt.reference, receipt.status) == ("00000001", "delivered")


async def test_an_smsc_may_write_ids_in_two_ways(provider_for, kept, text):
    ids = {"answer_ids": "hexadecimal", "receipt_ids": "decimal"}
    async with smsc(ids=("{:08X}", "{:010}"), by_parameters=False) as centre:
        provider = await provider_for(centre.port, **ids)
        for _ in range(11):
            answer = await provider.submit(text())
        await eventually(lambda: len(centre.answered) == 11)
        await provider.close()
    assert (answer.reference, kept.read(**ids)[-1].reference) == ("11", "11")


async def test_a_text_is_kept_before_the_smsc_is_answered(provider, centre, kept):
    await eventually(centre.bound.is_set)
    kept.broken = True
    assert await centre.text(b"Hello") == 0x64, "a temporary error of ours: the SMSC brings it again"
    kept.broken = False
    assert await centre.text(b"Hello") == 0
    assert kept.read() == [Incoming("447700900123", "447700900999", "Hello")]


@pytest.mark.parametrize(
    ("octets", "data_coding", "content"),
    [(b"Caff\x05 \x1be5", 0, "Caffé €5"), (b"\x01\x75", 8, "ŵ"), (b"caf\xe9", 3, "café"), (b"", 0, "")],
)
async def test_texts_from_phones_are_read_in_their_alphabets(
    *, provider, centre, kept, octets, data_coding, content
):
    await eventually(centre.bound.is_set)
    assert await centre.text(octets, data_coding=data_coding) == 0
    assert [one.content for one in kept.read()] == [content]


async def test_parts_of_a_text_from_a_phone_are_kept_one_by_one(provider, centre, kept):
    await eventually(centre.bound.is_set)
    for number in (2, 1):
        header = bytes([5, 0, 3, 9, 2, number])
        assert await centre.text(header + b"%d" % number, esm_class=0x40) == 0
    assert [(one.number, one.of) for one in kept.read() if isinstance(one, Part)] == [(2, 2), (1, 2)]


@pytest.mark.parametrize(
    ("ending", "answer"),
    [
        (numbers.REFUSED, Rejected("the SMSC refused it", "ESME_RINVDSTADR")),
        (numbers.QUEUE_FULL, Busy("the SMSC cannot take it now", "ESME_RMSGQFUL")),
    ],
)
async def test_a_refusal_has_the_smsc_s_code(provider, text, ending, answer):
    assert await provider.submit(text(to=to(ending))) == answer


async def test_being_too_fast_is_no_fault_of_the_smsc(provider, text):
    answer = await provider.submit(text(to=to(numbers.THROTTLED)))
    assert isinstance(answer, Busy)
    assert (answer.code, answer.again_in, answer.our_fault) == ("ESME_RTHROTTLED", 1.0, True)


async def test_a_text_goes_out_as_it_was_meant(provider, centre, text):
    await provider.submit(text("Caffé €5", sender="447700900999"))
    (one,) = centre.submitted
    assert (bytes(one.short_message), one.data_coding, one.esm_class) == (b"Caff\x05 \x1be5", 0, 0)
    assert (one.source_addr_ton, one.source_addr_npi, one.source_addr) == (1, 1, "447700900999")
    assert (one.dest_addr_ton, one.dest_addr_npi, one.destination_addr) == (1, 1, "447700900120")
    assert one.registered_delivery == 1


@pytest.mark.parametrize(("content", "parts"), [("Hello " * 100, 4), ("Helô ŵ " * 40, 5)])
async def test_the_last_part_of_a_long_text_stands_for_all(*, provider, centre, kept, text, content, parts):
    answer = await provider.submit(text(content))
    sent = [(bytes(one.short_message), one.data_coding) for one in centre.submitted]
    assert "".join(decode(octets[6:], coding) for octets, coding in sent) == content
    assert [one.registered_delivery for one in centre.submitted] == [0] * (parts - 1) + [1]
    await eventually(lambda: centre.answered)
    assert [receipt.reference for receipt in kept.read()] == [answer.reference] == [f"{parts:08x}"]


async def test_a_long_text_sent_again_has_the_same_parts(provider, centre, text):
    for number in (1, 1, 2):
        await provider.submit(text("Hello " * 30, number=number))
    octets = [bytes(one.short_message) for one in centre.submitted]
    assert octets[:2] == octets[2:4] != octets[4:]


async def test_a_long_text_may_be_left_to_the_smsc(provider_for, centre, text):
    provider = await provider_for(centre.port, long_messages="payload")
    await provider.submit(text("Hello " * 100))
    (one,) = centre.submitted
    assert bytes(one.tlvs[0].value) == b"Hello " * 100


async def test_without_receipts_none_are_asked_for(provider_for, centre, text):
    provider = await provider_for(centre.port, receipts=False)
    assert await provider.submit(text()) == Accepted(reference="00000001")
    assert centre.submitted[0].registered_delivery == 0


@pytest.mark.parametrize(
    "more", [{"sender": "Ŵyl"}, {"sender": "a" * 21}, {"to": "4" * 21}, {"content": "a" * 153 * 256}]
)
async def test_what_does_not_fit_into_the_protocol_is_rejected(provider, centre, text, more):
    assert isinstance(await provider.submit(text(**more)), Rejected)
    assert centre.submitted == []


async def test_several_connections_share_the_work(provider_for, centre, text):
    provider = await provider_for(centre.port, connections=3, window=1)
    await eventually(lambda: len(centre.sessions) == 3)
    centre.accept = False
    waiting = [asyncio.create_task(provider.submit(text())) for _ in range(3)]
    await eventually(lambda: len(centre.submitted) == 3)
    assert len({one.session_id for one in centre.submitted}) == 3
    for task in waiting:
        task.cancel()


async def test_a_sign_of_life_is_asked_for_on_every_connection(provider_for, centre):
    provider = await provider_for(centre.port, connections=2)
    assert await provider.probe() is None


async def test_an_smsc_that_is_killed_is_connected_to_again(provider_for, text):
    port = free_port()
    process = await _process(port)
    provider = await provider_for(port)
    assert isinstance(await provider.submit(text()), Accepted)
    process.kill()
    await process.wait()
    await eventually(lambda: _is(provider, text, Busy))
    assert await provider.probe() is not None
    process = await _process(port)
    await eventually(lambda: _is(provider, text, Accepted))
    process.kill()
    await process.wait()


async def _is(provider, text, kind):
    return isinstance(await provider.submit(text()), kind)


async def _process(port):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.smsc", str(port), stdout=asyncio.subprocess.PIPE
    )
    assert await process.stdout.readline() == b"ready\n"
    return process
