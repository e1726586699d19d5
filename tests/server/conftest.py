"""What holds for every test of the server."""

import pytest
import structlog


@pytest.fixture(autouse=True)
def this_process_logs_as_it_did():
    """Other tests read what is logged: who sets up logging does it in a process of its own."""
    before = structlog.get_config()["logger_factory"]
    yield
    after = structlog.get_config()["logger_factory"]
    structlog.configure(logger_factory=before)  # one failure is enough
    assert after is before
