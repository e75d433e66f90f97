"""A composite foreign key, so that PostgreSQL itself refuses a row that points into another store."""

from __future__ import annotations

from typing import Any

from django.db.backends.ddl_references import Statement
from django.db.models.constraints import BaseConstraint


class SameStore(BaseConstraint):
    """FOREIGN KEY (store_id, <field>_id) REFERENCES <target> (store_id, id), checked at commit.

    Deferred, because Django deletes and inserts in an order of its own. Null never conflicts (MATCH SIMPLE).
    """

    def __init__(self, *, field: str, target: str, name: str) -> None:
        super().__init__(name=name)
        self.field = field
        self.target = target

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """Leave nothing inside CREATE TABLE."""
        self.create_sql(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """Have the key added at the end of the migration: the unique key it refers to may come after it."""
        quote = schema_editor.quote_name
        field = model._meta.get_field(self.field)
        schema_editor.deferred_sql.append(
            Statement(
                "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s FOREIGN KEY (store_id, %(column)s) "
                "REFERENCES %(target)s (store_id, id) DEFERRABLE INITIALLY DEFERRED",
                table=quote(model._meta.db_table),
                name=quote(self.name),
                column=quote(field.column),
                target=quote(field.remote_field.model._meta.db_table),
            )
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        quote = schema_editor.quote_name
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=quote(model._meta.db_table),
            name=quote(self.name),
        )

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Left to the scope (a form never offers another store's rows) and to PostgreSQL."""

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, str]]:
        path = "tenancy.constraints.SameStore"
        return path, (), {"field": self.field, "target": self.target, "name": self.name}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SameStore) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((self.name, self.field, self.target))
