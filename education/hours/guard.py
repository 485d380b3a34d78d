"""A trigger that keeps the ledger and its rules append-only even for a writer that goes around the models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connections

TABLES = ("hours_studyhoursentry", "hours_ruleversion")

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION hours_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only table %', TG_TABLE_NAME;
END $$
"""


def install_ledger_guard(using: str = "default", **_: Any) -> None:
    """Protect the ledger and its rules."""
    protect(TABLES, using=using)


def protect(tables: Iterable[str], *, using: str = "default") -> None:
    """Create the triggers of append-only tables; doing it again changes nothing.

    Both databases refuse UPDATE and DELETE. Nothing needs a way around it: an erased member keeps the pseudonym
    that the entries stand under (`education.members.services.erase_member`).
    """
    connection = connections[using]
    existing = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table in tables:
            if table not in existing:
                continue
            if connection.vendor == "postgresql":
                cursor.execute(_POSTGRESQL_FUNCTION)
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION hours_refuse_change()"
                )
            elif connection.vendor == "sqlite":
                for name, event in (("append_only", "UPDATE"), ("never_deleted", "DELETE")):
                    cursor.execute(
                        f"CREATE TRIGGER IF NOT EXISTS {table}_{name} BEFORE {event} ON {table} "
                        "BEGIN SELECT RAISE(ABORT, 'append-only table'); END"
                    )
