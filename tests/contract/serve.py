"""`python -m tests.contract.serve`: a fresh server, seeded, in the foreground, for somebody else's cases.

It does not listen for callbacks: whoever runs the cases does, since only they know what should have come.
"""

import argparse
import signal
import sys
from contextlib import suppress

from tests.contract.__main__ import add_server_arguments, server_variables
from tests.contract.fixture import Fixture
from tests.contract.server import running_server


def main() -> int:
    """Serve until told to stop by an interrupt or SIGTERM; 1 if the server ends by itself."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract.serve", description=__doc__)
    add_server_arguments(parser)
    options = parser.parse_args()
    fixture = Fixture(options.fixture)
    base = f"http://127.0.0.1:{options.port}"
    variables = server_variables(fixture, base, options)
    # Both signals become an exception, which is what ends the wait below.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (
        suppress(KeyboardInterrupt),
        running_server(fixture, variables, options.port, workers=options.workers) as server,
    ):
        print(f"ready {base}", flush=True)
        with suppress(KeyboardInterrupt):
            server.process.wait()
            print(server.output)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
