"""`python -m tests.contract.serve`: a fresh server, seeded, in the foreground, for somebody else's cases.

It does not listen for callbacks: whoever runs the cases does, since only they know what should have come.
"""

import argparse
import signal
import sys
import time
from contextlib import suppress

from tests.contract.__main__ import add_server_arguments, server_variables
from tests.contract.fixture import Fixture
from tests.contract.server import running_server
from tests.support.processes import Program


def main() -> int:
    """Serve until told to stop by an interrupt or SIGTERM; 1 if the server ends by itself."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract.serve", description=__doc__)
    add_server_arguments(parser)
    options = parser.parse_args()
    fixture = Fixture(options.fixture)
    base = f"http://127.0.0.1:{options.port}"
    variables = server_variables(fixture, base, options)
    # Both signals become an exception: it ends the wait below, or the start if that is still going on.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with running_server(fixture, variables, options.port, workers=options.workers) as server:
            return _wait(server)
    except KeyboardInterrupt:
        return 0


def _wait(server: Program) -> int:
    with suppress(KeyboardInterrupt):
        _show_until_it_ends(server)
        return 1
    return 0


def _show_until_it_ends(server: Program) -> None:
    """Show what the server writes, its `ready` line first of all."""
    shown = 0
    while True:
        ended = server.process.poll() is not None
        output = server.output
        print(output[shown:], end="", flush=True)
        if ended:
            return
        shown = len(output)
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
