"""Bringing the database's schema up to date."""

import os

import django
from django.core.management import call_command


def connect(database_url: str) -> None:
    """Point Django at a database; once in a process, before anything of it is used."""
    os.environ["DATABASE_URL"] = database_url
    os.environ["DJANGO_SETTINGS_MODULE"] = "pillarbox.console.settings"
    django.setup()


def migrate() -> None:
    """Create or upgrade all tables. Twice is the same as once; two at a time wait for each other."""
    call_command("migrate", verbosity=0, interactive=False)
