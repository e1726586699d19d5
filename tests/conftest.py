"""What tests of every part may ask for."""

pytest_plugins = ["tests.support.postgres"]
