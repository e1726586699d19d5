"""Django's settings, from Pillarbox's own."""

import os

from psycopg.conninfo import conninfo_to_dict

from pillarbox.settings import Settings

_settings = Settings.read(os.environ)
_database = conninfo_to_dict(_settings.database_url or "")

SECRET_KEY = (_settings.secret_key or b"unused: nobody signs in yet").hex()
INSTALLED_APPS = [
    "procrastinate.contrib.django",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "pillarbox.console.people",
    "pillarbox.console.services",
    "pillarbox.console.templates",
    "pillarbox.console.rates",
    "pillarbox.console.notifications",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.pop("dbname", "postgres"),
        "OPTIONS": _database,
    }
}
AUTH_USER_MODEL = "people.User"
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING_CONFIG = None
