"""The way out that leads nowhere: it keeps messages for the inbox."""
