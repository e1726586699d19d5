"""Messages are shared among the providers that are well; who fails rests, and comes back slowly."""

import random

import pytest

from pillarbox.delivery.routing import Health, Routing, Way, begin, hear
from pillarbox.providers.base import Accepted, Busy, Rejected, Unknown
from tests.support.delivering import ScriptedProvider


def way(name, weight=100, **more):
    provider = ScriptedProvider()
    provider.name = name
    return Way(provider, weight, **more)


def shares(routing, draws=4000, **wishes):
    """How often each is drawn, as a share."""
    chosen = [routing.choose(**wishes) for _ in range(draws)]
    return {
        one.provider.name: round(chosen.count(one) / draws, 1) for one in routing.ways if chosen.count(one)
    }


def evenly():
    """Chances that are spread evenly."""
    numbers = random.Random(1)
    return numbers.random


def fail(way, times, now=0.0, answer=None):
    for _ in range(times):
        hear(way, answer or Busy("down"), now)


def bring_back(way, now):
    """As a probe and a message do."""
    way.health.probed()
    begin(way)
    hear(way, Accepted(), now)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({"a": 70, "b": 30}, {"a": 0.7, "b": 0.3}),
        ({"a": 1, "b": 1, "c": 2}, {"a": 0.2, "b": 0.3, "c": 0.5}),
        ({"a": 100, "b": 0}, {"a": 1.0}),
        ({"a": 0}, {"a": 1.0}),
    ],
)
def test_messages_are_shared_by_weight(weights, expected):
    routing = Routing([way(name, weight) for name, weight in weights.items()], evenly())
    drawn = shares(routing)
    assert drawn.keys() == expected.keys()
    for name, share in expected.items():
        assert abs(drawn[name] - share) <= 0.1


def test_texts_abroad_go_only_through_those_that_can():
    routing = Routing([way("home", international=False), way("world")], evenly())
    assert shares(routing, international=True) == {"world": 1.0}
    assert shares(routing) == {"home": 0.5, "world": 0.5}


def test_a_service_may_have_one_provider_only():
    routing = Routing([way("a"), way("b", weight=0)], evenly())
    assert shares(routing, only="b") == {"b": 1.0}
    assert routing.choose(only="c") is None


def test_who_has_just_failed_a_message_is_avoided_if_there_is_another():
    one, other = way("one"), way("other", weight=0)
    assert shares(Routing([one, other], evenly()), but="one") == {"other": 1.0}
    assert shares(Routing([one], evenly()), but="one") == {"one": 1.0}


@pytest.mark.parametrize("answer", [Busy("down"), Unknown("lost")])
def test_who_fails_five_times_in_a_row_is_left_alone(answer):
    bad, good = way("bad"), way("good")
    routing = Routing([bad, good], evenly())
    fail(bad, 4, answer=answer)
    assert shares(routing) == {"bad": 0.5, "good": 0.5}
    fail(bad, 1, answer=answer)
    assert shares(routing) == {"good": 1.0}


@pytest.mark.parametrize("answer", [Accepted(), Rejected("no such number"), Busy("ours", our_fault=True)])
def test_answers_that_are_no_trouble_open_no_circuit(answer):
    one = way("one")
    fail(one, 100, answer=answer)
    assert Routing([one]).choose() is one


def test_an_answer_in_between_starts_the_count_anew():
    one = way("one")
    fail(one, 4)
    hear(one, Accepted(), 0.0)
    fail(one, 4)
    assert Routing([one]).choose() is one


def test_with_nobody_left_there_is_no_way_and_it_is_known_when_to_ask_again():
    one = way("one")
    fail(one, 5, now=100.0)
    assert Routing([one]).choose() is None
    assert Routing([one]).soonest(100.0) == 1.0


def test_rests_grow_until_a_minute_and_each_ends_with_a_probe():
    one = way("one")
    now, rests = 0.0, []
    fail(one, 5, now)
    for _ in range(8):
        rests.append(one.health.rests_until - now)
        assert not one.health.wants_probe(now)
        now = one.health.rests_until
        assert one.health.wants_probe(now)
        one.health.trouble("still down", now)
    assert rests == [1, 2, 4, 8, 16, 32, 60, 60]


def test_what_was_under_way_when_the_rest_began_does_not_make_it_longer():
    one = way("one")
    fail(one, 50, now=10.0)
    assert one.health.rests_until == 11.0


def test_after_a_good_probe_one_message_at_a_time_goes_through_until_one_is_taken():
    one = way("one")
    routing = Routing([one])
    fail(one, 5)
    one.health.probed()
    assert routing.choose() is one
    begin(one)
    assert routing.choose() is None
    hear(one, Accepted(), 5.0)
    assert routing.choose() is one


def test_a_message_that_fails_after_a_good_probe_opens_the_circuit_again_for_longer():
    one = way("one")
    fail(one, 5)
    one.health.probed()
    begin(one)
    hear(one, Busy("down"), 1.0)
    assert Routing([one]).choose() is None
    assert one.health.rests_until == 3.0


def test_a_message_that_trips_us_up_leaves_the_way_open_for_the_next():
    one = way("one")
    fail(one, 5)
    one.health.probed()
    begin(one)
    hear(one, Busy("failed on our side", our_fault=True), 1.0)
    assert Routing([one]).choose() is one


def test_who_comes_back_gets_a_tenth_and_more_with_each_half_minute():
    back, other = way("back"), way("other")
    fail(back, 5)
    bring_back(back, 10.0)
    assert shares(Routing([back, other], evenly()))["other"] >= 0.9
    for step in range(1, 10):
        hear(back, Accepted(), 10.0 + 30 * step)
        assert back.health.share == pytest.approx(0.1 + 0.1 * step)
    hear(back, Accepted(), 400.0)
    assert back.health.share == 1.0


def test_more_than_fifty_troubles_within_a_minute_take_off_a_tenth_once_a_minute():
    health = Health()

    def now_and_then(count, now):
        for _ in range(count):
            health.trouble("slow", now)
            health.well(now)

    now_and_then(50, 1.0)
    assert health.share == 1.0
    now_and_then(5, 2.0)
    assert health.share == pytest.approx(0.9)
    now_and_then(60, 30.0)
    assert health.share == pytest.approx(0.9)
    now_and_then(60, 63.0)
    assert health.share == pytest.approx(0.8)


def test_troubles_that_are_spread_over_hours_take_off_nothing():
    health = Health()
    for number in range(200):
        health.trouble("slow", number * 60.0)
        health.well(number * 60.0)
    assert health.share == 1.0
