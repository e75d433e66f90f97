from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import F, Value

from integrations.models import ConnectedPage, MetaAccount
from integrations.sealed import SealBroken
from tenancy.models import Store
from tenancy.scope import open_store


@pytest.fixture
def account(open_scope: Store) -> MetaAccount:
    row = MetaAccount(meta_user_id="70001", store_id=open_scope.pk)
    row.seal_token("EAAB-secret")
    row.save()
    return row


def stored(pk: int) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed_token FROM integrations_metaaccount WHERE id = %s", [pk])
        return bytes(cursor.fetchone()[0])


def test_the_database_holds_ciphertext_only(account: MetaAccount) -> None:
    assert stored(account.pk).startswith(b"gAAAA")
    assert b"EAAB-secret" not in stored(account.pk)
    assert MetaAccount.objects.get().token == "EAAB-secret"


def test_bulk_update_stores_what_it_was_given(account: MetaAccount) -> None:
    account.seal_token("EAAB-other")
    MetaAccount.objects.bulk_update([account], ["sealed_token"])
    assert MetaAccount.objects.get().token == "EAAB-other"
    assert stored(account.pk).startswith(b"gAAAA")


def test_an_update_by_expression_keeps_the_token(account: MetaAccount) -> None:
    MetaAccount.objects.update(sealed_token=F("sealed_token"))
    assert MetaAccount.objects.get().token == "EAAB-secret"


def test_an_update_by_value_expression_is_encrypted(account: MetaAccount) -> None:
    field = MetaAccount._meta.get_field("sealed_token")
    MetaAccount.objects.update(sealed_token=Value(f"{account.store_id}:new", output_field=field))
    assert MetaAccount.objects.get().token == "new"
    assert stored(account.pk).startswith(b"gAAAA")


def test_a_ciphertext_moved_to_another_stores_row_does_not_open(
    account: MetaAccount, other_store: Store
) -> None:
    ciphertext = stored(account.pk)
    moved = MetaAccount(meta_user_id="70002", store_id=other_store.pk)
    MetaAccount._base_manager.bulk_create([moved])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE integrations_metaaccount SET sealed_token = %s WHERE id = %s", [ciphertext, moved.pk]
        )
    with pytest.raises(SealBroken):
        _ = MetaAccount._base_manager.get(pk=moved.pk).token


def test_a_token_needs_a_store_to_be_sealed_for(open_scope: Store) -> None:
    with pytest.raises(SealBroken):
        ConnectedPage(page_id="1").seal_token("EAAG")


def test_a_row_never_shows_its_token(account: MetaAccount) -> None:
    assert "EAAB" not in repr(account) + str(account)


def test_no_token_is_an_empty_text(db: None, store: Store) -> None:
    with open_store(store.pk):
        assert MetaAccount.objects.create(meta_user_id="3").token == ""
