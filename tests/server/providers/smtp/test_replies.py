"""Taking apart what a relay says, however it comes."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.providers.smtp.conversation import GarbledReplyError, Replies, Reply
from tests.support.linear_time import assert_linear

SAID = b"250-stub\r\n250-PIPELINING\r\n250 DSN\r\n354\r\n550 5.1.1 nobody\n220 \xff\r\n"
REPLIES = [
    Reply(250, "stub PIPELINING DSN"),
    Reply(354, ""),
    Reply(550, "5.1.1 nobody"),
    Reply(220, "\ufffd"),
]


@given(st.lists(st.integers(0, len(SAID)), max_size=8))
def test_it_does_not_matter_how_replies_are_cut_into_packets(cuts):
    replies = Replies()
    edges = [0, *sorted(cuts), len(SAID)]
    heard = [reply for start, end in pairwise(edges) for reply in replies.feed(SAID[start:end])]
    assert heard == REPLIES


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5.1.1 nobody", "5.1.1"),
        ("2.0.0", "2.0.0"),
        ("5.1.1.1 is a host", None),
        ("nobody 5.1.1", None),
        ("", None),
    ],
)
def test_the_code_that_says_more_stands_first(text, code):
    assert Reply(550, text).enhanced == code


@given(st.binary(max_size=300))
def test_anything_at_all_is_replies_or_garbled(said):
    try:
        heard = Replies().feed(said)
    except GarbledReplyError:
        return
    assert all(200 <= reply.code < 600 for reply in heard)


@pytest.mark.parametrize("endless", [b"250-more\r\n", b"2"])
def test_a_reply_without_end_is_not_waited_for(endless):
    replies = Replies()
    with pytest.raises(GarbledReplyError):
        list(map(replies.feed, [endless] * 40_000))


@pytest.mark.parametrize("pattern", ["250 OK\r\n", "2", "250-x\r\n"])
def test_a_flood_takes_no_time(pattern):
    def work(text):
        with suppress(GarbledReplyError):
            Replies().feed(text.encode())

    assert_linear(work, pattern, 200_000)
