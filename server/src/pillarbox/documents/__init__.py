"""Files sent by email."""
