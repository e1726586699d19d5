"""Clients that send texts and emails through a storm. What got a 201 counts; nothing is promised for the rest."""

import logging
import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from requests import RequestException

from notifications_python_client import NotificationsAPIClient
from notifications_python_client.errors import APIError
from notifications_python_client.retries import Retries
from tests.chaos.product import APIS, Product

_THREADS = 4
logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL)
_PATIENT = Retries(attempts=6, first_wait=0.2, longest_wait=2)


@dataclass
class Accepted:
    """What got a 201: the ids, by the token in the message."""

    ids: dict[str, str] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, token: str, identifier: str) -> None:
        """Note a 201."""
        with self.lock:
            self.ids[token] = identifier

    def fail(self, error: Exception) -> None:
        """Note a request without one."""
        with self.lock:
            self.failures[type(error).__name__] += 1


@contextmanager
def sending(product: Product, per_second: float) -> Iterator[Accepted]:
    """Send until the block ends, texts and emails, through either API process."""
    accepted, over = Accepted(), threading.Event()

    def work(number: int) -> None:
        # Half of them send again what was not answered, with an idempotency key.
        retries = _PATIENT if number % 2 else None
        chance = random.Random(f"{product.scene.seed} sender {number}")
        url = product.scene.url(APIS[number // 2 % 2])
        with NotificationsAPIClient(product.service.api_key(), url, timeout=15, retries=retries) as client:
            while not over.wait(_THREADS / per_second):
                _send_one(client, product, accepted, chance)

    with ThreadPoolExecutor(_THREADS) as pool:
        running = [pool.submit(work, number) for number in range(_THREADS)]
        try:
            yield accepted
        finally:
            over.set()
    for one in running:
        one.result()


def _send_one(
    client: NotificationsAPIClient, product: Product, accepted: Accepted, chance: random.Random
) -> None:
    token = f"x{chance.randbytes(8).hex()}x"
    templates = product.service.templates
    try:
        if chance.randrange(3):
            answer = client.send_sms_notification(
                "07700900123", templates["sms"], {"name": token}, reference=token
            )
        else:
            answer = client.send_email_notification(
                f"{token}@example.com", templates["email"], {"name": token}, reference=token
            )
        accepted.accept(token, answer["id"])
    except (APIError, RequestException) as error:
        accepted.fail(error)
