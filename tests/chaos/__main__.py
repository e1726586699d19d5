"""`make chaos`: see `tests.chaos.run`."""

import argparse
import signal
import sys
from pathlib import Path

from tests.chaos.run import main

parser = argparse.ArgumentParser(prog="make chaos")
parser.add_argument("--seconds", type=float, default=600)
parser.add_argument("--seed", type=int, help="of an earlier run, to repeat it as far as timing allows")
parser.add_argument("--keep", type=Path, help="where books and logs are to stay")
given = parser.parse_args()
# So that PostgreSQL is stopped, too, when somebody ends us.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
sys.exit(1 if main(given.seconds, given.seed, given.keep).complaints else 0)
