"""What the processes of one chaos run have in common: where they listen, where they write, and the weather.

The weather decides what goes wrong at a counterpart. It is drawn from the run's seed, so that a run can be repeated as
far as the machine's timing lets it.
"""

import json
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

WORKERS = ("worker-1", "worker-2")
TOKEN = r"x[0-9a-f]{16}x"  # in every text and address: what a counterpart knows a message by
PASSWORD = "a-secret-of-the-gateway"
BOUNCES = "bounces@notify.localhost"
# How the message ends, by its token: the same for all copies of it, whoever takes them.
_FATES = ("delivered", "permanent-failure", "temporary-failure", None)
_FATE_WEIGHTS = (60, 12, 12, 16)
_MOOD_SECONDS = 4
_MOODS = (0.04, 0.3, 1.0)  # how likely a fault is in fair, rough and dreadful times
_MOOD_WEIGHTS = (55, 30, 15)


@dataclass(frozen=True)
class Scene:
    """One run."""

    directory: str
    seed: int
    began: float
    ports: dict[str, int]

    @classmethod
    def load(cls, directory: str) -> Self:
        """As `save` left it."""
        return cls(**json.loads((Path(directory) / "scene.json").read_text()))

    def save(self) -> None:
        """For the other processes."""
        (self.path / "scene.json").write_text(json.dumps(asdict(self)))

    @property
    def path(self) -> Path:
        return Path(self.directory)

    @property
    def storm(self) -> Path:
        """It storms as long as this file is there."""
        return self.path / "storm"

    def book(self, name: str) -> "Book":
        """A counterpart's book."""
        return Book(self.path / f"{name}.book")

    def url(self, name: str) -> str:
        """Where something listens that speaks HTTP: `api-1`, `gateway for worker-1`."""
        return f"http://127.0.0.1:{self.ports[name]}"


class Book:
    """Lines of JSON; what was written before a process was killed is there afterwards."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch()

    def write(self, what: str, **more: Any) -> None:
        """Add a line."""
        line = {"at": time.time(), "what": what, **more}
        with self._path.open("ab", buffering=0) as file:
            file.write(json.dumps(line).encode() + b"\n")

    def lines(self) -> list[dict[str, Any]]:
        """All lines; a kill may have cut one short."""
        found = []
        for line in self._path.read_bytes().split(b"\n"):
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found


class Weather:
    """What goes wrong at one counterpart."""

    def __init__(self, scene: Scene, name: str) -> None:
        self._scene = scene
        self._name = name
        self._random = random.Random(f"{scene.seed} {name} {len(scene.book(name).lines())}")

    def fault(self, *kinds: str) -> str | None:
        """What is to go wrong now; usually nothing."""
        if not self._scene.storm.exists() or self._random.random() >= self._roughness():
            return None
        return self._random.choice(kinds)

    def chance(self, probability: float) -> bool:
        """Whether something happens that is no fault."""
        return self._random.random() < probability

    def seconds(self, least: float, most: float) -> float:
        """How long something takes."""
        return self._random.uniform(least, most)

    def _roughness(self) -> float:
        spell = int((time.time() - self._scene.began) / _MOOD_SECONDS)
        drawn = random.Random(f"{self._scene.seed} {self._name} {spell}")
        return drawn.choices(_MOODS, _MOOD_WEIGHTS)[0]


def fate(token: str) -> str | None:
    """What the last receipt of a message says; None: there is none."""
    return random.Random(token).choices(_FATES, _FATE_WEIGHTS)[0]
