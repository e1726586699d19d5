"""Each moment at which an SMSC may fail, and whatever it may say."""

import asyncio
import struct

import pytest

from pillarbox.providers.base import Accepted, Busy, Rejected, Unknown
from pillarbox.providers.smpp import session as module
from tests.support.eventually import eventually
from tests.support.ports import free_port
from tests.support.smsc_stub import BIND, DELIVER, ENQUIRE, NACK, SUBMIT, UNBIND, pdu, smsc_stub

TEXT = b"\0\1\1" + b"447700900123\0" + b"\1\1" + b"447700900999\0" + bytes(12) + b"\5Hello"


@pytest.fixture
async def stub():
    async with smsc_stub() as stub:
        yield stub


@pytest.fixture
async def provider(provider_for, stub):
    provider = await provider_for(stub.port)
    assert await provider.probe() is None
    return provider


@pytest.fixture
async def impatient(provider_for, stub):
    """For tests in which nobody answers."""
    provider = await provider_for(stub.port, response_timeout=2)
    assert await provider.probe() is None
    return provider


async def test_a_bind_says_who_we_are(provider, stub):
    assert stub.came[0] == (BIND, 1, b"pillar\0secret\0\0\x34\0\0\0")


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (0x08, Busy("the SMSC cannot take it now", "ESME_RSYSERR")),
        (0x04, Busy("the SMSC cannot take it now", "ESME_RINVBNDSTS")),
        (0x64, Busy("the SMSC cannot take it now", "ESME_RX_T_APPN")),
        (0x0A, Rejected("the SMSC refused it", "ESME_RINVSRCADR")),
        (0x45, Rejected("the SMSC refused it", "ESME_RSUBMITFAIL")),
        (0x410, Rejected("the SMSC refused it", "0x00000410")),
        (0x411, Busy("the SMSC cannot take it now", "0x00000411")),
        (0xFFFFFFFF, Rejected("the SMSC refused it", "0xffffffff")),
    ],
)
@pytest.mark.parametrize("command", [SUBMIT | NACK, NACK])
async def test_a_refusal_may_have_any_status(*, provider_for, stub, text, status, answer, command):
    provider = await provider_for(stub.port, busy_statuses=(0x411,))
    stub.replies[SUBMIT] = lambda sequence, _: pdu(command, sequence, status=status)
    assert await provider.submit(text()) == answer
    assert stub.binds == 1


async def test_an_answer_need_not_name_the_message(provider, stub, text):
    for body in (b"", b"\0"):
        stub.replies[SUBMIT] = lambda sequence, _, body=body: pdu(SUBMIT | NACK, sequence, body)
        assert await provider.submit(text()) == Accepted()


async def test_without_an_answer_nobody_knows(impatient, stub, text):
    stub.replies[SUBMIT] = lambda *_: None
    assert await impatient.submit(text()) == Unknown("no answer within 2 seconds")


async def test_an_answer_to_something_else_is_none(provider, stub, text):
    stub.replies[SUBMIT] = lambda sequence, _: pdu(ENQUIRE | NACK, sequence)
    assert isinstance(await provider.submit(text()), Unknown)


async def test_an_answer_that_comes_too_late_disturbs_nobody(impatient, stub, text):
    late = []
    stub.replies[SUBMIT] = lambda sequence, _: late.append(sequence)
    assert isinstance(await impatient.submit(text()), Unknown)
    stub.replies[SUBMIT] = lambda sequence, _: (
        pdu(SUBMIT | NACK, late[0], b"old\0") + pdu(SUBMIT | NACK, sequence, b"new\0")
    )
    assert await impatient.submit(text()) == Accepted("new", receipts_name_it=True)


async def test_if_the_connection_breaks_after_a_text_nobody_knows(provider, stub, text):
    stub.hang_up_at = SUBMIT
    assert await provider.submit(text()) == Unknown("the connection broke: it ended before the answer")


async def test_if_the_connection_breaks_between_parts_nobody_knows(provider, stub, text):
    def first_only(sequence, body):
        stub.hang_up_at = SUBMIT
        return pdu(SUBMIT | NACK, sequence, b"1\0")

    stub.replies[SUBMIT] = first_only
    assert isinstance(await provider.submit(text("Hello " * 30)), Unknown)


async def test_a_part_that_is_not_taken_holds_back_the_others(provider, stub, text):
    statuses = iter([0, 0x58])
    stub.replies[SUBMIT] = lambda sequence, _: pdu(SUBMIT | NACK, sequence, status=next(statuses))
    assert isinstance(await provider.submit(text("Hello " * 90)), Busy)
    assert stub.count(SUBMIT) == 2


async def test_no_more_texts_are_open_than_the_window_has_room_for(provider_for, stub, text):
    provider = await provider_for(stub.port, window=2, response_timeout=2)
    open_ones = []
    stub.replies[SUBMIT] = lambda sequence, _: open_ones.append(sequence)
    waiting = [asyncio.create_task(provider.submit(text())) for _ in range(5)]
    await stub.comes(SUBMIT, 2)
    assert await provider.probe() is None, "the SMSC has read on"
    assert stub.count(SUBMIT) == 2
    while len(open_ones) < 5:
        stub.say(pdu(SUBMIT | NACK, open_ones[-1], b"1\0"))
        await stub.comes(SUBMIT, len(open_ones) + 1)
    stub.say(b"".join(pdu(SUBMIT | NACK, sequence, b"1\0") for sequence in open_ones))
    assert all(isinstance(answer, Accepted) for answer in await asyncio.gather(*waiting))


async def test_a_text_that_finds_no_room_did_not_go_out(provider_for, stub, text):
    provider = await provider_for(stub.port, window=1, response_timeout=1)
    stub.replies[SUBMIT] = lambda *_: None
    answers = await asyncio.gather(*(provider.submit(text()) for _ in range(2)))
    assert sorted(type(answer).__name__ for answer in answers) in (
        ["Busy", "Unknown"],
        ["Unknown", "Unknown"],
    )
    assert stub.count(SUBMIT) == sum(isinstance(answer, Unknown) for answer in answers)


async def test_texts_take_the_connection_that_is_left(provider_for, stub, text):
    provider = await provider_for(stub.port, connections=2)
    assert await provider.probe() is None
    stub.replies[BIND] = lambda sequence, _: pdu(BIND | NACK, sequence, status=0x0D)
    stub.hang_up(1)
    await stub.comes(BIND, 3)
    answers = await asyncio.gather(*(provider.submit(text()) for _ in range(4)))
    assert all(isinstance(answer, Accepted) for answer in answers)
    assert await provider.probe() is not None


async def test_without_a_connection_a_text_did_not_go_out(provider_for, text):
    provider = await provider_for(free_port())
    answer = await provider.submit(text())
    assert isinstance(answer, Busy)
    assert answer.reason.startswith("not bound: no connection")


async def test_a_refused_bind_is_said_by_the_probe(provider_for, stub, text):
    stub.replies[BIND] = lambda sequence, _: pdu(BIND | NACK, sequence, status=0x0E)
    provider = await provider_for(stub.port)
    assert await provider.probe() == "the SMSC does not let us bind: ESME_RINVPASWD"
    assert isinstance(await provider.submit(text()), Busy)
    del stub.replies[BIND]
    await stub.comes(BIND, 2)


async def test_a_bind_without_an_answer_is_tried_again(provider_for, stub):
    stub.replies[BIND] = lambda *_: None
    provider = await provider_for(stub.port, response_timeout=1)
    assert "does not answer when we want to bind" in await provider.probe()
    await stub.comes(BIND, 2)


async def test_a_connection_on_which_nobody_answers_is_made_anew(provider_for, stub):
    stub.replies[ENQUIRE] = lambda *_: None
    await provider_for(stub.port, enquire_link=1, response_timeout=1)
    await stub.comes(BIND, 2)


async def test_the_smsc_may_end_a_session(provider, stub):
    stub.say(pdu(UNBIND, 77))
    await stub.comes(UNBIND | NACK)
    await stub.comes(BIND, 2)


async def test_the_smsc_may_ask_for_a_sign_of_life(provider, stub):
    stub.say(pdu(ENQUIRE, 77))
    await stub.comes(ENQUIRE | NACK)


async def test_we_say_goodbye(provider, stub):
    await provider.close()
    assert stub.count(UNBIND) == 1


@pytest.mark.parametrize("command", [0x03, 0x103, 0x7777])
async def test_commands_that_nobody_knows_are_refused(provider, stub, command):
    stub.say(pdu(command, 77))
    await stub.comes(NACK)
    assert stub.statuses[77] == 0x03
    assert await provider.probe() is None


@pytest.mark.parametrize(
    "octets",
    [
        pdu(0x102, 1, b"alert"),
        pdu(0x0B, 1),
        pdu(NACK, 0, status=2),
        pdu(SUBMIT | NACK, 999, b"1\0"),
        pdu(0xFFFFFFFF, 1),
        pdu(DELIVER | NACK, 1),
    ],
)
async def test_what_needs_no_answer_gets_none_and_does_no_harm(provider, stub, octets):
    before = len(stub.came)
    stub.say(octets)
    assert await provider.probe() is None
    assert [command for command, *_ in stub.came[before:]] == [ENQUIRE]
    assert stub.binds == 1


@pytest.mark.parametrize("length", [0, 15, 70_001, 0xFFFFFFFF])
async def test_a_length_that_cannot_be_ends_the_connection_and_not_the_provider(provider, stub, length):
    stub.say(struct.pack("!IIII", length, DELIVER, 0, 1) + b"x" * 100)
    await stub.comes(BIND, 2)


@pytest.mark.parametrize(
    "body", [b"", b"\xff", TEXT[:-1], b"\0" * 40, b"\xff" * 60_000, TEXT + b"\x14\0\xff\xff", TEXT]
)
async def test_whatever_is_brought_is_kept_and_answered_once(provider, stub, kept, body):
    stub.say(pdu(DELIVER, 77, body))
    await stub.comes(DELIVER | NACK)
    assert stub.statuses[77] == 0
    assert [post.body for post in kept.posts] == [pdu(DELIVER, 0, body)]
    assert stub.binds == 1


async def test_many_deliveries_are_kept_side_by_side(provider_for, stub, kept, monkeypatch):
    """They share commits; but no more of them than are allowed to wait are read."""
    monkeypatch.setattr(module, "_MOST_UNANSWERED", 20)
    provider = await provider_for(stub.port)
    assert await provider.probe() is None
    going, most, go_on = 0, 0, asyncio.Event()

    async def slow(post):
        nonlocal going, most
        going += 1
        most = max(most, going)
        await go_on.wait()
        going -= 1

    provider._keep_post = slow
    stub.say(b"".join(pdu(DELIVER, number, TEXT) for number in range(1, 51)))
    await eventually(lambda: going == 20)
    go_on.set()
    await stub.comes(DELIVER | NACK, 50)
    assert most == 20


async def test_what_was_brought_is_kept_before_we_leave(provider, stub, kept):
    go_on = asyncio.Event()

    async def slow(post):
        await go_on.wait()
        kept.posts.append(post)

    provider._keep_post = slow
    stub.say(pdu(DELIVER, 77, TEXT))
    await eventually(lambda: provider._links[0].session._deliveries)
    closing = asyncio.create_task(provider.close())
    await stub.comes(UNBIND)
    assert await asyncio.wait([closing], timeout=0.5) == (set(), {closing})
    go_on.set()
    await closing
    assert len(kept.posts) == 1


async def test_logs_name_no_secret(provider_for, stub, capfd):
    stub.replies[BIND] = lambda sequence, _: pdu(BIND | NACK, sequence, status=0x0E)
    provider = await provider_for(stub.port, password="hush-hus")
    assert await provider.probe()
    await stub.comes(BIND, 2)
    captured = capfd.readouterr()
    assert "hush" not in captured.out + captured.err
    assert "ESME_RINVPASWD" in captured.out + captured.err
