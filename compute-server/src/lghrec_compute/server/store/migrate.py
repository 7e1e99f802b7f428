"""Upgrades the schema of the database. Alembic takes 0.2 s to import, so it is imported only if needed."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from lghrec_compute.errors import ConfigError

SCHEMAS = ("0001", "0002")
"""All schemas that this server can open, oldest first. The last one is its own."""


def migrate(connection: Connection) -> None:
    """Upgrade to the newest schema, in the caller's transaction.

    Raises `ConfigError` for a database that a newer server has written.
    """
    current = _schema_of(connection)
    if current == SCHEMAS[-1]:
        return
    if current is not None and current not in SCHEMAS:
        raise ConfigError(
            f"state.db was written by a newer server: got schema {current}, expected at most {SCHEMAS[-1]}",
            hint="upgrade lghrec-server, or use another data directory",
        )
    _upgrade(connection)


def _schema_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    folder = Path(__file__).with_name("migrations")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    command.upgrade(config, "head")
