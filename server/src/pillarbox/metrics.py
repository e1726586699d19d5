"""What is counted for Prometheus. Names of providers, channels and outcomes: nothing about people or services.

Every process counts for itself. Where several share an address (`pillarbox serve --workers`), they count in files of a
directory that the variable PROMETHEUS_MULTIPROC_DIR names, and each shows the sums of all.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from tempfile import TemporaryDirectory
from typing import Final

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

disable_created_metrics()  # type: ignore[no-untyped-call] # the library leaves it untyped
SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
_QUICK: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_PATIENT: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 14400)

_ACCEPTED = Counter("pillarbox_accepted", "Messages that were accepted", ["channel", "key_type"])
_ACCEPTING = Histogram(
    "pillarbox_accept_seconds",
    "From when a message was found to be fine until it was on disk",
    ["channel"],
    buckets=_QUICK,
)
_SUBMITTED = Counter("pillarbox_attempts", "Answers of providers to messages", ["provider", "answer"])
_SUBMITTING = Histogram(
    "pillarbox_provider_seconds", "How long providers took to answer", ["provider"], buckets=_QUICK
)
_HANDED_OVER = Histogram(
    "pillarbox_handed_over_seconds",
    "From when a message was accepted until a provider took it",
    ["channel", "provider"],
    buckets=_PATIENT,
)
_OUTCOMES = Counter("pillarbox_receipts", "What providers said became of messages", ["provider", "status"])
_CALLBACKS = Counter("pillarbox_callbacks", "Calls to services", ["kind", "outcome"])
_CALLING = Histogram(
    "pillarbox_callback_seconds", "How long services took to answer calls", ["kind"], buckets=_QUICK
)
_RESTS = Gauge(
    "pillarbox_provider_resting", "1 while a provider is left alone for its troubles", ["channel", "provider"]
)
_SHARE = Gauge(
    "pillarbox_provider_share", "How much of its weight a provider gets, from 0 to 1", ["channel", "provider"]
)
_IN_HAND = Gauge("pillarbox_in_hand", "Attempts that are under way", ["kind"])
_TASKS = Counter("pillarbox_tasks", "Tasks of the clock that were done or failed", ["task", "outcome"])


def accepted(channel: str, key_type: str, created_at: datetime, times: int = 1) -> None:
    """Count a message that is on disk now, or so many that came there together."""
    counter, histogram = _of_accepted(channel, key_type)
    counter.inc(times)
    histogram.observe((datetime.now(UTC) - created_at).total_seconds())


def submitted(provider: str, answer: str, seconds: float) -> None:
    """Count a provider's answer: accepted, rejected, busy or unknown."""
    counter, histogram = _of_submitted(provider, answer)
    counter.inc()
    histogram.observe(seconds)


def handed_over(channel: str, provider: str, seconds: float) -> None:
    """Count a message that a provider took so long after it was accepted."""
    _of_handed_over(channel, provider).observe(seconds)


def provider_health(channel: str, provider: str, *, rests: bool, share: float) -> None:
    """Say how a provider is doing: whether it is left alone for now, and how much of its weight it gets."""
    _RESTS.labels(channel, provider).set(rests)
    _SHARE.labels(channel, provider).set(share)


def in_hand(kind: str, number: int) -> None:
    """Say how many attempts are under way."""
    _IN_HAND.labels(kind).set(number)


def receipt(provider: str, status: str) -> None:
    """Count what a provider said became of a message."""
    _of_receipt(provider, status).inc()


def called_back(kind: str, outcome: str, seconds: float) -> None:
    """Count a call to a service: done, again (later), failed or gave up."""
    _CALLBACKS.labels(kind, outcome).inc()
    _CALLING.labels(kind).observe(seconds)


def task(name: str, outcome: str) -> None:
    """Count a task of the clock: done or failed."""
    _TASKS.labels(name, outcome).inc()


def counted() -> bytes:
    """Return all of it in Prometheus' text format."""
    if SHARED not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # the library leaves it untyped
    return generate_latest(registry)


@contextmanager
def shared_by(processes: int) -> Iterator[dict[str, str]]:
    """Give the variable of the environment with which so many child processes count together, if it is needed."""
    if processes == 1 or SHARED in os.environ:
        yield {}
        return
    with TemporaryDirectory(prefix="pillarbox-metrics-", ignore_cleanup_errors=True) as folder:
        yield {SHARED: folder}


# Looking labels up costs more than counting.
@cache
def _of_accepted(channel: str, key_type: str) -> tuple[Counter, Histogram]:
    return _ACCEPTED.labels(channel, key_type), _ACCEPTING.labels(channel)


@cache
def _of_submitted(provider: str, answer: str) -> tuple[Counter, Histogram]:
    return _SUBMITTED.labels(provider, answer), _SUBMITTING.labels(provider)


@cache
def _of_handed_over(channel: str, provider: str) -> Histogram:
    return _HANDED_OVER.labels(channel, provider)


@cache
def _of_receipt(provider: str, status: str) -> Counter:
    return _OUTCOMES.labels(provider, status)
