"""`manage.py rotate_keys`: a new first key, and nothing that is lost."""

from __future__ import annotations

import ast
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from fernet_fields.hkdf import derive_fernet_key

from integrations import rotation
from integrations.models import ConnectedPage, MetaAccount
from integrations.rotation import Ring, sealed_columns
from tenancy.models import Store, User
from tenancy.owned import StoreOwned
from tests.laws.house import FLOORS, name_of, owned_models, sources, tree_of
from tests.laws.objects import TOKEN, make

NEW = "a-new-first-key"


def stored(row: Any) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT sealed_token FROM "{row._meta.db_table}" WHERE id = %s', [row.pk])
        return bytes(cursor.fetchone()[0])


def store_sealed(row: Any, value: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{row._meta.db_table}" SET sealed_token = %s WHERE id = %s', [value, row.pk])


def opens(key: str, sealed: bytes) -> bool:
    try:
        Fernet(derive_fernet_key(key)).decrypt(sealed)
    except InvalidToken:
        return False
    return True


def rotate() -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


def make_old(model: Any, store: Store) -> Any:
    """Make a row whose token is sealed with the older key."""
    with override_settings(FERNET_KEYS=settings.FERNET_KEYS[1:]):
        return make(model, store)


@pytest.fixture(autouse=True)
def new_key(settings: Any) -> str:
    settings.FERNET_KEYS = [NEW, *settings.FERNET_KEYS]
    return NEW


@pytest.mark.parametrize(("model", "column"), sealed_columns())
def test_every_sealed_column_is_encrypted_with_the_first_key(
    model: Any, column: str, store: Store, other_store: Store, new_key: str
) -> None:
    rows = [make_old(model, each) for each in (store, other_store)]
    assert not any(opens(new_key, stored(row)) for row in rows)
    assert f"{model._meta.label}.{column}: 2 encrypted again, 0 were already" in rotate()
    assert all(opens(new_key, stored(row)) for row in rows)
    assert [model.unscoped.get(pk=row.pk).token for row in rows] == [TOKEN] * 2


def test_a_second_run_changes_nothing(store: Store, new_key: str) -> None:
    row = make_old(MetaAccount, store)
    rotate()
    sealed = stored(row)
    assert "integrations.MetaAccount.sealed_token: 0 encrypted again, 1 were already" in rotate()
    assert stored(row) == sealed


def test_slices_reach_every_row(store: Store, new_key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "SLICE", 2)
    rows = [make_old(MetaAccount, store) for _ in range(5)]
    rotate()
    assert all(opens(new_key, stored(row)) for row in rows)


def test_what_no_key_opens_is_named_and_left_and_the_rest_is_done(store: Store, new_key: str) -> None:
    broken, fine = make_old(MetaAccount, store), make_old(MetaAccount, store)
    lost = Fernet(Fernet.generate_key()).encrypt(b"1:EAAB-lost")
    store_sealed(broken, lost)
    errors = StringIO()
    with pytest.raises(CommandError) as raised:
        call_command("rotate_keys", stdout=StringIO(), stderr=errors)
    assert raised.value.returncode == 1
    assert errors.getvalue() == (
        f"No key opens integrations.MetaAccount.sealed_token pk={broken.pk} store=hazel-home. "
        "It was left as it is.\n"
    )
    assert stored(broken) == lost
    assert opens(new_key, stored(fine))


def test_a_token_that_was_renewed_meanwhile_stays(
    store: Store, new_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make_old(MetaAccount, store)
    renewed = Fernet(derive_fernet_key(new_key)).encrypt(f"{store.pk}:EAAB-renewed".encode())
    reseal = Ring.reseal

    def meanwhile(ring: Ring, sealed: bytes) -> bytes:
        store_sealed(row, renewed)
        return reseal(ring, sealed)

    monkeypatch.setattr(Ring, "reseal", meanwhile)
    rotate()
    assert stored(row) == renewed


def test_second_factors_are_encrypted_again_too(owner: User, new_key: str) -> None:
    old = Fernet(derive_fernet_key(settings.FERNET_KEYS[1]))
    totp = Authenticator.objects.create(
        user=owner, type="totp", data={"secret": old.encrypt(b"totp").decode()}
    )
    codes = Authenticator.objects.create(
        user=owner,
        type="recovery_codes",
        data={"migrated_codes": [old.encrypt(b"1").decode(), old.encrypt(b"2").decode()], "used_mask": 2},
    )
    assert "mfa.Authenticator.data: 3 encrypted again" in rotate()
    totp.refresh_from_db()
    codes.refresh_from_db()
    first = Fernet(derive_fernet_key(new_key))
    assert first.decrypt(totp.data["secret"]) == b"totp"
    assert [first.decrypt(code) for code in codes.data["migrated_codes"]] == [b"1", b"2"]
    assert codes.data["used_mask"] == 2


def test_a_field_uses_the_keys_of_now(store: Store, new_key: str) -> None:
    row = make_old(MetaAccount, store)
    assert not opens(new_key, stored(row))
    assert opens(new_key, stored(make(MetaAccount, store)))
    with override_settings(FERNET_KEYS=[new_key]), pytest.raises(InvalidToken):
        MetaAccount.unscoped.get(pk=row.pk)


# --- The law: nothing sealed is forgotten -----------------------------------------------------------------


def test_every_table_with_a_token_is_rotated() -> None:
    owners = {model for model in owned_models() if "sealed_token" in {f.name for f in model._meta.fields}}
    assert {MetaAccount, ConnectedPage} <= owners
    assert owners <= {model for model, _ in sealed_columns()}
    assert all(issubclass(model, StoreOwned) for model, _ in sealed_columns())


def test_nobody_else_encrypts() -> None:
    """A new place that seals something has to be rotated, too: see integrations/rotation.py."""
    users = {
        name_of(path)
        for path in sources(*FLOORS)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and node.module in ("cryptography.fernet", "fernet_fields")
    }
    assert users == {"tenancy/sign_in.py", "integrations/sealed.py", "integrations/rotation.py"}
