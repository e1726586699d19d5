"""The configuration tables for tests: a migrated database of each test's own, and Django pointed at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from pillarbox.console import migrate as schema


@contextmanager
def connected(url: str) -> Iterator[None]:
    """Django, in this process, on this database; another one may have been before and may come after."""
    if not django.apps.apps.ready:
        schema.connect(url)
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = conninfo_to_dict(url)["dbname"]
    try:
        yield
    finally:
        connection.close()


def migrate(url: str) -> None:
    """Make all tables."""
    with connected(url):
        schema.migrate()


def contents(url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, by table: whatever a second run changes, shows. Rows come in the order of storage."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'public' order by 1"
        ).fetchall()
        return {
            name: connection.execute(f'select ctid::text, xmin::text, t.* from "{name}" t').fetchall()
            for name in (table["table_name"] for table in tables)
        }
