"""Law 10: tokens are encrypted at rest and never in a page, a form, a log, a task's argument or the admin."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.core import serializers
from django.db import connection, models
from django.test import Client
from django.urls import reverse

from integrations.sealed import SealBroken, TokenOwner
from tenancy.models import Store, User
from tenancy.scope import open_store
from tests.laws.house import FLOORS, ROOT, name_of, our_models, owned_models, sources, tree_of
from tests.laws.objects import TOKEN, make

ClientOf = Callable[[User], Client]
TASK_CALLS = {"delay", "delay_on_commit", "apply_async", "apply_async_on_commit", "s", "si", "signature"}

token_owners = pytest.mark.parametrize(
    "model",
    [model for model in owned_models() if issubclass(model, TokenOwner)],
    ids=lambda model: model._meta.label,
)
registered = pytest.mark.parametrize(
    "model",
    [model for model in our_models() if admin.site.is_registered(model)],
    ids=lambda model: model._meta.label,
)


@token_owners
def test_the_column_holds_no_token(model: type[TokenOwner], store: Store) -> None:
    row = make(model, store)

    with connection.cursor() as cursor:
        cursor.execute(f'SELECT sealed_token FROM "{model._meta.db_table}" WHERE id = %s', [row.pk])
        (sealed,) = cursor.fetchone()
    assert TOKEN not in bytes(sealed).decode()
    assert model.unscoped.get(pk=row.pk).token == TOKEN


@token_owners
def test_a_ciphertext_moved_to_another_stores_row_does_not_open(
    model: type[TokenOwner], store: Store, other_store: Store
) -> None:
    mine, theirs = make(model, store), make(model, other_store)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table}" SET sealed_token = theirs.sealed_token FROM "{table}" theirs '
            f'WHERE theirs.id = %s AND "{table}".id = %s',
            [theirs.pk, mine.pk],
        )

    with pytest.raises(SealBroken) as broken:
        _ = model.unscoped.get(pk=mine.pk).token
    assert TOKEN not in str(broken.value)


@token_owners
def test_a_row_says_no_token_of_itself(model: type[TokenOwner], store: Store) -> None:
    row = make(model, store)

    assert TOKEN not in f"{row!r} {row!s}"
    assert not model._meta.get_field("sealed_token").editable
    with open_store(store.pk):
        assert "sealed_token" not in forms.models.fields_for_model(model)


def _forms() -> Iterator[Any]:
    for path in sources(*FLOORS):
        if path.name == "forms.py":
            module = importlib.import_module(name_of(path)[: -len(".py")].replace("/", "."))
            for found in vars(module).values():
                if isinstance(found, type) and issubclass(found, forms.BaseForm):
                    yield found


def test_no_form_has_a_field_for_a_token() -> None:
    found = list(_forms())
    assert found
    for form in found:
        assert not {"token", "sealed_token", "access_token"} & set(form.base_fields), form


def test_no_template_reads_a_token() -> None:
    reads = re.compile(r"\bsealed_token\b|\.(access_)?token\b")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "templates").rglob("*")
        if path.is_file() and reads.search(path.read_text())
    ]

    assert found == []


def _passes_token(call: ast.Call) -> bool:
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"token", "sealed_token"}
        for argument in arguments
        for node in ast.walk(argument)
    )


def _calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    for path in sources(*FLOORS):
        for node in ast.walk(tree_of(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in names
            ):
                yield f"{name_of(path)}:{node.lineno}", node


def test_no_task_is_given_a_token_and_nothing_logs_one() -> None:
    logs = ("debug", "info", "warning", "error", "exception", "critical")
    found = list(_calls(*TASK_CALLS, *logs))
    assert any(place.startswith("tenancy/services.py") for place, _ in found)

    assert [place for place, call in found if _passes_token(call)] == []


@token_owners
def test_no_serializer_writes_a_readable_token(model: type[TokenOwner], store: Store) -> None:
    row = make(model, store)
    fields = [field.name for field in model._meta.concrete_fields if field.editable]

    assert "sealed_token" not in fields
    assert TOKEN not in serializers.serialize("json", [row], fields=fields)


@registered
def test_the_admin_shows_each_row_and_no_token(
    model: type[models.Model], client_of: ClientOf, store: Store
) -> None:
    """Neither readable nor as ciphertext."""
    row = store if model is Store else make(model, store)
    staff = User.objects.create_superuser("root@platform.example", "pass-phrase-77")
    client, name = client_of(staff), f"admin:{model._meta.app_label}_{model._meta.model_name}"

    for url in (reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[row.pk])):
        response = client.get(url)
        page = response.content.decode()
        assert response.status_code == 200, url
        assert TOKEN not in page
        assert "sealed_token" not in page
