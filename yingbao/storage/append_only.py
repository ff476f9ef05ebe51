"""Tables that only grow: the database itself refuses UPDATE, DELETE and TRUNCATE, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from yingbao.storage.transactions import operation

SQLITE_TRIGGER = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION yingbao_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""
POSTGRESQL_TRIGGER = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
FOR EACH ROW EXECUTE FUNCTION yingbao_refuse_change()
"""
# Row triggers do not see TRUNCATE, which only PostgreSQL has.
TRUNCATE_TRIGGER = """
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION yingbao_refuse_change()
"""
VERBS = ("update", "delete")


class AppendOnly(Operation):
    """Migration operation: make a model's table append-only on SQLite and PostgreSQL."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing: triggers are no part of Django's model state."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Create the triggers."""
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        for statement in statements(schema_editor.connection.vendor, table):
            schema_editor.execute(statement, params=None)  # no parameters: a % in the SQL is a %

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Drop the triggers."""
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        for verb in VERBS:
            schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}{on}")

    def describe(self) -> str:
        """Return what the migration prints."""
        return f"Make {self.model_name} append-only"


class RefuseTruncate(AppendOnly):
    """Migration operation: make PostgreSQL refuse to TRUNCATE an append-only table. After ``AppendOnly``."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Create the trigger."""
        if schema_editor.connection.vendor == "postgresql":
            table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
            schema_editor.execute(TRUNCATE_TRIGGER.format(table=table), params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Drop the trigger."""
        if schema_editor.connection.vendor == "postgresql":
            table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
            schema_editor.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")

    def describe(self) -> str:
        """Return what the migration prints."""
        return f"Refuse to truncate {self.model_name}"


def statements(vendor: str, table: str) -> list[str]:
    """Return the SQL that makes ``table`` append-only on a database of this vendor."""
    template = SQLITE_TRIGGER if vendor == "sqlite" else POSTGRESQL_TRIGGER
    triggers = [template.format(table=table, verb=verb) for verb in VERBS]
    return triggers if vendor == "sqlite" else [POSTGRESQL_FUNCTION, *triggers]


@contextmanager
def set_aside(table: str) -> Iterator[None]:
    """Let this transaction, and no other, UPDATE an append-only table: only for putting it under another key.

    Nobody can write to the table until the transaction ends. Whatever happens in it, the trigger is there again
    after: schema changes are undone with the rest on both databases.
    """
    _run(_lifting(table))
    yield
    _run(_restoring(table))


def is_append_only(table: str) -> bool:
    """Tell whether the database refuses to UPDATE a table."""
    catalogue = {
        "sqlite": "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND name = %s",
        "postgresql": "SELECT COUNT(*) FROM pg_trigger WHERE tgname = %s",
    }
    with connection.cursor() as cursor:
        cursor.execute(catalogue[connection.vendor], [f"{table}_no_update"])
        return bool(cursor.fetchone()[0])


def _lifting(table: str) -> str:
    if connection.vendor == "sqlite":
        return f"DROP TRIGGER {table}_no_update"
    return f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_update"  # readers go on, unlike with DROP


def _restoring(table: str) -> str:
    if connection.vendor == "sqlite":
        return SQLITE_TRIGGER.format(table=table, verb="update")
    return f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_update"


@operation
def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
