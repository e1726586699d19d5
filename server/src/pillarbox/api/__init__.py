"""The public API under /v2."""
