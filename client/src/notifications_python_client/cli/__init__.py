"""The command line `notify` (extra `cli`)."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, or say how to install what it needs."""
    try:
        from notifications_python_client.cli.commands import notify  # noqa: PLC0415 - needs an extra
    except ImportError as error:
        sys.exit(f"{error.name} is missing: pip install 'notifications-python-client[cli]'")
    notify(prog_name="notify")
