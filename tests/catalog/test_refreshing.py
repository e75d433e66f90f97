from __future__ import annotations

from catalog.linking.look_tasks import resync_catalog
from catalog.models import Catalog
from integrations.models import AssetState, SyncRun
from tests.catalog.sample import HAZEL_CATALOG, sent_batches
from tests.sandbox_process import Sandbox


def listens(sandbox: Sandbox) -> bool:
    (row,) = [row for row in sandbox.get("world")["catalogs"] if row["id"] == HAZEL_CATALOG]
    return bool(row["subscribed"])


def test_a_check_proves_the_connection_and_asks_to_be_told(sandbox: Sandbox, catalog: Catalog) -> None:
    assert not listens(sandbox)
    for _time in range(2):
        resync_catalog(catalog.store_id, catalog.pk)
    assert listens(sandbox)
    catalog.refresh_from_db()
    assert (catalog.last_synced_at is not None, catalog.error_count) == (True, 0)
    runs = SyncRun.objects.filter(asset_id=HAZEL_CATALOG).values_list("job", "state")
    assert list(runs) == [("catalog.refresh", "done")] * 2
    assert sent_batches(sandbox) == 0


def test_a_check_with_a_dead_login_says_so(sandbox: Sandbox, catalog: Catalog) -> None:
    sandbox.fault("expired_token")
    for _ in range(2):
        resync_catalog(catalog.store_id, catalog.pk)
    sandbox.post("faults", {"name": "expired_token", "on": False})
    catalog.refresh_from_db()
    assert (catalog.state, catalog.error_count) == (AssetState.NEEDS_RECONNECT, 2)
    assert catalog.last_error.endswith("(190/463)")
    resync_catalog(catalog.store_id, catalog.pk)
    catalog.refresh_from_db()
    assert (catalog.state, catalog.error_count, catalog.last_error) == (AssetState.ACTIVE, 0, "")


def test_a_disconnected_catalog_is_left_alone(sandbox: Sandbox, catalog: Catalog) -> None:
    Catalog.objects.filter(pk=catalog.pk).update(state=AssetState.DISCONNECTED)
    resync_catalog(catalog.store_id, catalog.pk)
    assert not listens(sandbox)
    assert SyncRun.objects.filter(asset_id=HAZEL_CATALOG).count() == 0
