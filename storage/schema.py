"""Bringing a database to the newest schema, and telling whether it is there."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage.engine import parse_url, plain_engine
from storage.tables import METADATA

_FOLDER = Path(__file__).parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@cache
def newest() -> str:
    """The revision this code is written for. Asked for at each look whether all is well."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def knows(revision: str | None) -> bool:
    """Whether this code knows a revision. It does not know those of a newer version of itself."""
    if revision is None:
        return True
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def current(database_url: str) -> str | None:
    """The revision the database is at; None for an empty one."""
    engine = plain_engine(parse_url(database_url))
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(database_url: str, revision: str = "head") -> None:
    """Bring the database to a revision, up or down: everything or nothing on PostgreSQL, each revision by itself, and
    wholly or not at all, on SQLite."""
    engine = plain_engine(parse_url(database_url), writes=True)
    with engine.connect() as connection:
        config = _config(connection)
        now_at = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
        known = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
        target = known[0] if revision == "head" else revision
        down = target == "base" or (now_at in known and known.index(target) > known.index(now_at))
        (command.downgrade if down else command.upgrade)(config, revision)
        connection.commit()


def new_migration(database_url: str, message: str) -> None:
    """Write a migration for what the tables have and the database has not. For developers."""
    engine = plain_engine(parse_url(database_url))
    with engine.connect() as connection:
        command.revision(_config(connection), message, autogenerate=True)


def differences(database_url: str) -> list[object]:
    """What the tables have and the database has not, or the other way round; empty when they agree."""
    engine = plain_engine(parse_url(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        return list(compare_metadata(context, METADATA))
