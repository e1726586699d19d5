"""What the sandbox caught, for people and for tests."""
