"""Law 1: tenancy is closed by default, in Python and in PostgreSQL."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from tenancy import scope
from tenancy.models import Store
from tenancy.owned import StoreForeignKey, StoreKey, StoreOwned
from tenancy.scope import NoStoreOpen, OtherStoreOpen, ScopeError, open_store
from tests.laws.house import FLOORS, name_of, our_models, owned_models, sources, tree_of
from tests.laws.objects import make

GLOBAL_MODELS = {
    "tenancy.User": "A person may belong to many stores.",
    "tenancy.Store": "It is the tenant.",
    "tenancy.Membership": "It decides whether a store may be opened.",
    "operations.DeletionRequest": "A person is forgotten in every store; its page is opened by its code.",
    "integrations.WebhookDelivery": "It is stored before anybody knows whose it is.",
    "integrations.GraphCall": "The app itself and a login call Meta with no store open.",
    "integrations.GraphUsage": "A limit of Meta's may be shared by stores.",
    "integrations.Mailbox": "A queue of events by Meta's id; it holds nothing of a store.",
    "integrations.EventReplay": "Staff replay events of all stores at once.",
    "integrations.WebhookEvent": "It gets its store when it is routed, or never.",
}

MAY_SAY_UNSCOPED = {
    "catalog/selectors.py": "Routes an event to its catalog; a shop page is opened by its public address.",
    "catalog/bulk/tasks.py": "Sweeps.",
    "catalog/canary/tasks.py": "Sweeps.",
    "catalog/spreadsheets/tasks.py": "Sweeps.",
    "catalog/linking/leaving.py": "Asks whether any store still needs what Meta sends of a catalog.",
    "catalog/linking/tasks.py": "Sweeps.",
    "catalog/linking/look_tasks.py": "Sweeps.",
    "catalog/pictures/leftovers.py": "Looks in every store for what nothing shows; a file says no store.",
    "catalog/pictures/tasks.py": "Sweeps.",
    "catalog/models/snapshots.py": "Declares it for a proxy, with two columns more.",
    "catalog/stock/tasks.py": "Sweeps.",
    "catalog/push/tasks.py": "Sweeps.",
    "catalog/comparing/tasks.py": "Sweeps.",
    "messaging/tasks.py": "Sweeps.",
    "orders/tasks.py": "Sweeps.",
    "integrations/connections.py": "Routes an event to its asset; asks whether a Page is another store's.",
    "integrations/deauthorising.py": "A person who removes the app does so for every store.",
    "integrations/oauth/flow.py": "Meta's answer comes back without a store in its address.",
    "integrations/person_events.py": "Meta tells of a person, not of a store.",
    "integrations/rotation.py": "A new key seals the rows of every store.",
    "integrations/subscriptions.py": "Asks whether any store still needs what Meta sends of a Page; a sweep.",
    "integrations/tasks.py": "Sweeps.",
    "integrations/transfer_mail.py": "A sweep; a mail goes to the other store.",
    "integrations/transfers.py": "A store answers what another one asks it for; sweeps.",
    "leads/tasks.py": "Sweeps.",
    "operations/metrics.py": "Figures of the whole platform.",
    "operations/retention.py": "Time removes old rows in every store.",
    "tenancy/api_tokens.py": "A key says which store it opens.",
    "tenancy/admin.py": "The platform's staff see every store.",
    "tenancy/invitations.py": "A link comes from a mailbox, without a store; and the sweep of unsent ones.",
    "tenancy/owned.py": "Declares it.",
}

Owned = Any
"""A class of StoreOwned: which fields it has is what the laws are about, so a type would say too little."""

owned = pytest.mark.parametrize("model", owned_models(), ids=lambda model: model._meta.label)


def is_owned(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, StoreOwned)


def same_store_keys() -> list[Any]:
    return [
        pytest.param(model, field, id=f"{model._meta.label}.{field.name}")
        for model in owned_models()
        for field in model._meta.concrete_fields
        if isinstance(field, StoreForeignKey)
    ]


# --- Every model is one or the other ----------------------------------------------------------------------


def test_every_model_is_owned_by_a_store_or_listed_as_global_with_a_reason() -> None:
    found = {model._meta.label for model in our_models() if not issubclass(model, StoreOwned)}

    assert found == set(GLOBAL_MODELS)


@owned
def test_an_owned_row_always_has_its_store_and_the_two_managers(model: Owned) -> None:
    store = model._meta.get_field("store")

    assert isinstance(store, StoreKey)
    assert not store.null
    assert [manager.name for manager in model._meta.managers] == ["objects", "unscoped"]
    assert model._default_manager.name == "objects"


@owned
def test_every_key_between_owned_rows_is_a_store_foreign_key(model: Owned) -> None:
    for field in model._meta.concrete_fields:
        if is_owned(field.related_model):
            assert isinstance(field, StoreForeignKey), f"{model._meta.label}.{field.name}"
    for many in model._meta.local_many_to_many:
        between: Any = many.remote_field
        assert is_owned(between.through), f"{model._meta.label}.{many.name}: the table between has no store"


def test_no_global_row_points_at_an_owned_one() -> None:
    for label in GLOBAL_MODELS:
        for field in apps.get_model(label)._meta.concrete_fields:
            assert not is_owned(field.related_model), f"{label}.{field.name}"


@owned
def test_unique_constraints_of_owned_rows_begin_with_the_store(model: Owned) -> None:
    """All but keys that Meta or we make unique in the whole world; those are single columns."""
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and len(constraint.fields) > 1:
            assert constraint.fields[0] == "store", constraint.name


# --- Reading ----------------------------------------------------------------------------------------------

READS: list[Callable[[Any], object]] = [
    lambda rows: list(rows.all()),
    lambda rows: rows.count(),
    lambda rows: rows.filter(pk=1).exists(),
    lambda rows: rows.get_or_create(pk=1),
    lambda rows: rows.aggregate(models.Max("pk")),
    lambda rows: rows.update(id=1),
    lambda rows: rows.none(),
    lambda rows: rows.raw("SELECT 1"),
]


@owned
@pytest.mark.django_db
def test_nothing_can_be_asked_while_no_store_is_open(model: Owned, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        for read in READS:
            with pytest.raises(NoStoreOpen):
                read(model.objects)


@owned
def test_an_open_store_sees_its_own_rows_only(model: Owned, store: Store, other_store: Store) -> None:
    mine, theirs = make(model, store), make(model, other_store)

    with open_store(store.pk):
        assert mine in model.objects.all()
        assert set(model.objects.values_list("store", flat=True)) == {store.pk}
        assert model.objects.filter(pk=theirs.pk).first() is None
    assert {mine, theirs} <= set(model.unscoped.all())


@owned
def test_rows_cannot_be_asked_for_by_hand_written_sql(model: Owned, open_scope: Store) -> None:
    with pytest.raises(ScopeError):
        model.objects.raw("SELECT * FROM anything")
    with pytest.raises(ScopeError):
        model.unscoped.raw("SELECT * FROM anything")


# --- Writing ----------------------------------------------------------------------------------------------


@owned
def test_another_stores_row_can_be_neither_saved_nor_deleted(
    model: Owned, store: Store, other_store: Store
) -> None:
    theirs = make(model, other_store)
    before = model.unscoped.filter(pk=theirs.pk).values().get()

    with open_store(store.pk):
        for write in (theirs.save, theirs.delete):
            with pytest.raises(OtherStoreOpen):
                write()
        with pytest.raises(OtherStoreOpen):
            model.objects.bulk_create([theirs])
        with pytest.raises(OtherStoreOpen):
            model.objects.bulk_update([theirs], ["id"])
        assert model.objects.filter(pk=theirs.pk).update(id=theirs.pk) == 0
        assert model.objects.filter(pk=theirs.pk).delete() == (0, {})

    assert model.unscoped.filter(pk=theirs.pk).values().get() == before


@owned
def test_a_row_made_up_with_another_stores_id_takes_nothing(
    model: Owned, store: Store, other_store: Store
) -> None:
    mine, theirs = make(model, store), make(model, other_store)
    before = model.unscoped.filter(pk=theirs.pk).values().get()

    with open_store(store.pk):
        forged = model.objects.get(pk=mine.pk)
        forged.pk = theirs.pk
        with pytest.raises(IntegrityError), transaction.atomic():
            forged.save()
        with pytest.raises(ScopeError):
            model(pk=theirs.pk, store=store).delete()

    assert model.unscoped.filter(pk=theirs.pk).values().get() == before


@owned
def test_nothing_can_be_written_while_no_store_is_open(model: Owned, store: Store) -> None:
    row = make(model, store)

    for write in (row.save, row.delete):
        with pytest.raises(NoStoreOpen):
            write()
    with pytest.raises(NoStoreOpen):
        model.unscoped.bulk_create([row])

    assert model.unscoped.filter(pk=row.pk).exists()


@owned
def test_a_row_never_changes_its_store(model: Owned, store: Store, other_store: Store) -> None:
    row = make(model, store)

    with open_store(store.pk):
        for values in ({"store": other_store}, {"store_id": other_store.pk}):
            with pytest.raises(OtherStoreOpen):
                model.objects.update(**values)
        with pytest.raises(OtherStoreOpen):
            model.objects.bulk_update([row], ["store"])
        with pytest.raises(OtherStoreOpen):
            model.objects.bulk_create(
                [row], update_conflicts=True, unique_fields=["id"], update_fields=["id"]
            )

    assert model.unscoped.get(pk=row.pk).store_id == store.pk


# --- PostgreSQL itself ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "field"), same_store_keys())
def test_the_database_refuses_a_key_into_another_store(
    model: Owned, field: StoreForeignKey, store: Store, other_store: Store
) -> None:
    target: Any = field.related_model
    theirs = make(target, other_store)
    mine = make(model, store, **({field.name: make(target, store)} if target is not model else {}))
    table, column = model._meta.db_table, field.column

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match=f"{table}_{field.name}_same_store"), transaction.atomic():
            cursor.execute(f'UPDATE "{table}" SET "{column}" = %s WHERE id = %s', [theirs.pk, mine.pk])
        cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE id = %s', [mine.pk])
        assert cursor.fetchone() != (theirs.pk,)


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), same_store_keys())
def test_the_composite_key_stands_in_the_database(model: Owned, field: StoreForeignKey) -> None:
    target = field.related_model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid), convalidated FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND conname = %s",
            [model._meta.db_table, f"{model._meta.db_table}_{field.name}_same_store"],
        )
        assert cursor.fetchall() == [
            (
                f"FOREIGN KEY (store_id, {field.column}) REFERENCES {target}(store_id, id) "
                "DEFERRABLE INITIALLY DEFERRED",
                True,
            )
        ]


@pytest.mark.django_db
def test_the_role_of_the_application_cannot_step_over_rules_of_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)


# --- The scope --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("everything", [None, "", "*", "all", "1", 1.0, [1, 2]])
def test_there_is_no_value_for_all_stores(everything: Any) -> None:
    with pytest.raises(ScopeError), open_store(everything):
        pass
    with pytest.raises(NoStoreOpen):
        scope.get_open_store_id()


def test_a_second_store_cannot_be_opened_inside_the_first_and_the_first_stays() -> None:
    with open_store(1), open_store(1):
        with pytest.raises(OtherStoreOpen), open_store(2):
            pass
        assert scope.find_open_store_id() == 1
    assert scope.find_open_store_id() is None


def test_a_store_is_closed_again_after_an_error() -> None:
    with pytest.raises(RuntimeError, match="inside"), open_store(1):
        raise RuntimeError("inside")

    assert scope.find_open_store_id() is None


# --- Who may step over ------------------------------------------------------------------------------------


def _files_that_say(*names: str) -> set[str]:
    return {
        name_of(path)
        for path in sources(*FLOORS)
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in names)
    }


def test_only_the_listed_files_say_unscoped() -> None:
    assert _files_that_say("unscoped") == set(MAY_SAY_UNSCOPED)


def test_nobody_goes_round_the_managers() -> None:
    assert _files_that_say("_base_manager", "_default_manager", "_raw_delete", "raw") == set()
