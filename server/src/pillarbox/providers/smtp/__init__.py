"""Emails by SMTP, to any relay."""
