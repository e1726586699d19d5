"""Programs that tests speak to, and that only some machines have."""

import os
import shutil

import pytest


def program(name: str, package: str) -> str:
    """Where a program is. Without it a test is skipped, but never in continuous integration (CI=true)."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if path is None:
        absent = f"{name} is not installed: tests/install_services.sh installs Debian's package {package}"
        if os.environ.get("CI") == "true":
            pytest.fail(absent)
        pytest.skip(absent)
    return path
