"""What holds for every test of the server."""

import pytest
import structlog


@pytest.fixture(autouse=True)
def the_process_logs_as_it_did():
    """Other tests read what is logged: who sets up logging does it in a process of its own."""
    yield
    assert not structlog.is_configured()
