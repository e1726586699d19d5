"""One chaos run: a storm of so many seconds, then fair weather until everything is done, then the verdict."""

import random
import shutil
import tempfile
import time
from pathlib import Path

import psycopg

from tests.chaos.evidence import gather, receipts_left
from tests.chaos.judge import judge
from tests.chaos.parts import Killing
from tests.chaos.product import Product, new_scene, product
from tests.chaos.senders import sending
from tests.chaos.verdict import Verdict

_PER_SECOND = 30
_KILL_EVERY = (1.5, 4.5)
_LOOK_EVERY = 0.1
_WARP_EVERY = 5.0
_PATIENCE = 300.0
_VICTIMS = (
    "worker-1",
    "worker-2",
    "api-1",
    "api-2",
    "postgres",
    "backend",
    "gateway",
    "smsc",
    "relay",
    "endpoint",
    "bounces",
)
_VICTIM_WEIGHTS = (4, 4, 2, 2, 2, 1, 2, 2, 2, 1, 1)
# Retries wait for five minutes: time passes faster for them. Leases (10 s) and what waits to be sure (15 s) are left
# alone.
_WARP = "update outbox set due = clock_timestamp() where due > clock_timestamp() + interval '20 seconds'"
# In the end a receipt is given up that has waited for five minutes for a message that nobody knows.
_WARP_POSTS = """
update provider_post set received_at = received_at - interval '5 minutes', due = clock_timestamp() where outcome is null
"""
_LEFT = """
select (select count(*) from outbox), (select count(*) from provider_post where outcome is null),
    (select count(*) from notification where status = 'created')
"""


def run(seconds: float, seed: int, directory: Path) -> Verdict:
    """Storm, clear up, judge."""
    scene = new_scene(directory, seed)
    with product(scene) as running:
        killing = Killing([*running.processes, running.database], scene.book("kills"))
        with sending(running, _PER_SECOND) as accepted:
            scene.storm.touch()
            _storm(running, killing, seconds, random.Random(seed))
            scene.storm.unlink()
        _clear_up(running, killing)
        return judge(accepted, gather(running))


def _storm(running: Product, killing: Killing, seconds: float, chance: random.Random) -> None:
    now = time.monotonic()
    over, kill_at, warp_at = now + seconds, now + 1.0, now + _WARP_EVERY
    while (now := time.monotonic()) < over:
        killing.look()
        if now >= kill_at:
            _kill(killing, chance)
            kill_at = now + chance.uniform(*_KILL_EVERY)
        if now >= warp_at:
            _let_time_pass(running)
            warp_at = now + _WARP_EVERY
        time.sleep(_LOOK_EVERY)


def _kill(killing: Killing, chance: random.Random) -> None:
    (victim,) = chance.choices(_VICTIMS, _VICTIM_WEIGHTS)
    if victim == "backend":
        killing.kill_backend()
    else:
        killing.kill(victim, chance.uniform(0.0, 3.0))


def _let_time_pass(running: Product, *statements: str) -> None:
    try:
        with psycopg.connect(running.database.url, autocommit=True, connect_timeout=2) as connection:
            for statement in (_WARP, *statements):
                connection.execute(statement)
    except psycopg.OperationalError:
        pass  # somebody has killed it


def _clear_up(running: Product, killing: Killing) -> None:
    """Until everything is done that is to be done."""
    deadline = time.monotonic() + _PATIENCE
    while left := _left(running):
        if time.monotonic() > deadline:
            raise AssertionError(
                f"after {_PATIENCE:g} s of fair weather there is still something to do: {left}"
            )
        killing.look()
        _let_time_pass(running, *([_WARP_POSTS] if left == ["posts"] else []))
        time.sleep(1)


def _left(running: Product) -> list[str]:
    """The kinds of work that are left."""
    try:
        with psycopg.connect(running.database.url, connect_timeout=2) as connection:
            outbox, posts, created = connection.execute(_LEFT).fetchone() or (0, 0, 0)
    except psycopg.OperationalError:
        return ["the database is away"]
    left = {
        "outbox": outbox,
        "created": created,
        "receipts": receipts_left(running.scene),
        "posts": posts,
    }
    return [name for name, number in left.items() if number]


def main(seconds: float, seed: int | None, keep: Path | None) -> Verdict:
    """Run in a directory that goes away if nothing was wrong; print the figures and the seed."""
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    directory = keep or Path(tempfile.mkdtemp(prefix="pillarbox-chaos-", dir="/tmp"))
    directory.mkdir(exist_ok=True)
    directory.chmod(0o755)
    print(f"chaos of {seconds:g} s with seed {seed} in {directory}", flush=True)
    verdict = run(seconds, seed, directory)
    print(verdict.table(), flush=True)
    if not verdict.complaints and keep is None:
        shutil.rmtree(directory)
    return verdict
