"""What commands have in common: settings, and failures in words, each with its exit code.

Exit codes: 0 all is well, 1 something failed, 2 the command was called wrongly, 3 settings are wrong,
4 a provisioning file is wrong, 5 the database cannot be reached or started.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
import psycopg
from django.db import OperationalError, ProgrammingError
from psycopg_pool import PoolTimeout

from pillarbox import bootstrap, logs
from pillarbox.embedded import EmbeddedPostgresError
from pillarbox.providers.file import ProvidersFileError
from pillarbox.settings import Settings, SettingsError
from pillarbox.store.sealing import SealBrokenError


class WrongSettings(click.ClickException):
    """The environment holds mistakes."""

    exit_code = 3


class WrongFile(click.ClickException):
    """A provisioning file holds mistakes."""

    exit_code = 4


class NoDatabase(click.ClickException):
    """The database cannot be reached or started."""

    exit_code = 5


def read_settings(**overrides: str | None) -> Settings:
    """Read the settings; options of the command line count as variables of the environment."""
    os.environ.update({name: value for name, value in overrides.items() if value is not None})
    try:
        settings = Settings.read(os.environ)
    except SettingsError as error:
        raise WrongSettings("Settings are wrong:\n  " + "\n  ".join(error.mistakes)) from error
    try:
        bootstrap.configured_providers(settings)
    except ProvidersFileError as error:
        raise WrongSettings("The providers file is wrong:\n  " + "\n  ".join(error.mistakes)) from error
    logs.configure(settings.log_level)
    return settings


@contextmanager
def database_failures() -> Iterator[None]:
    """Turn a database that is not there into a sentence and an exit code."""
    try:
        yield
    except (psycopg.errors.UndefinedTable, ProgrammingError) as error:
        raise NoDatabase("The database has no tables, or old ones: run `pillarbox migrate`") from error
    except (
        psycopg.OperationalError,
        OperationalError,
        PoolTimeout,
        LookupError,
        EmbeddedPostgresError,
    ) as error:
        raise NoDatabase(str(error)) from error
    except SealBrokenError as error:
        raise WrongSettings(str(error)) from error
