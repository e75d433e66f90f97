from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.comparing import reconcile
from catalog.models import Catalog, CatalogFinding, Comparison
from tenancy.models import AuditEntry, User
from tenancy.scope import open_store
from tests.catalog.test_reconcile import behind, compare_now, foreign, make_live
from tests.sandbox_process import Sandbox

ClientOf = Callable[[User], Client]


def address(catalog: Catalog, end: str = "") -> str:
    return f"/s/hazel-home/catalog/meta/{catalog.pk}/compare/{end}"


def read(client: Client, path: str, **headers: str) -> str:
    response: Any = client.get(path, headers=headers)
    assert response.status_code == 200
    text: str = response.content.decode()
    return text


def test_a_catalog_that_was_never_compared_says_what_a_comparison_does(
    catalog: Catalog, viewer: User, client_of: ClientOf
) -> None:
    text = read(client_of(viewer), address(catalog))
    assert "Not compared yet" in text
    assert "Compare now" not in text  # a viewer looks on


def test_a_manager_starts_a_comparison_sees_how_far_it_is_and_stops_it(
    catalog: Catalog, manager: User, client_of: ClientOf
) -> None:
    client = client_of(manager)
    assert client.post(address(catalog, "start/")).status_code == 302
    Comparison.objects.update(rows_total=400, rows_done=100)
    text = read(client, address(catalog))
    assert "100 of 400" in text
    assert 'hx-trigger="every 2s"' in text
    fragment = read(client, address(catalog), **{"HX-Request": "true"})
    assert fragment.lstrip().startswith('<div class="stack" id="comparison" hx-get')
    assert "Compare now" not in text
    client.post(address(catalog, "start/"))
    assert "A comparison is under way already." in read(client, address(catalog))
    client.post(address(catalog, "stop/"))
    assert Comparison.objects.get().state == "stopped"
    ended = client.get(address(catalog, "?kind=missing"), headers={"HX-Request": "true"})
    assert ended.headers["HX-Refresh"] == "true"  # the whole page: its heading and button change, too
    text = read(client, address(catalog))
    assert "The last comparison was stopped" in text
    assert "Compare now" in text


def test_each_finding_is_shown_with_both_values_and_its_fix(
    catalog: Catalog, sandbox: Sandbox, manager: User, client_of: ClientOf
) -> None:
    lost, changed = make_live(catalog, "Lamp", "Vase")
    behind(sandbox, lost.retailer_id, gone=True)
    behind(sandbox, changed.retailer_id, data={"price": "1.00 GBP"})
    behind(sandbox, "cup-1", data=foreign("Blue cup"))
    compare_now(catalog)
    client = client_of(manager)
    assert "Send all again" in read(client, address(catalog))
    assert "Price: 12.50 GBP → 1.00 GBP" in read(client, address(catalog, "?kind=different"))
    orphans = read(client, address(catalog, "?kind=orphaned"))
    assert "Blue cup" in orphans
    assert f"1 item leaves {catalog.name}: buyers no longer see it" in orphans
    assert "Blue cup leaves the catalog: buyers no longer see it" in orphans


@pytest.mark.parametrize("kind", ["missing", "different"])
def test_one_press_sends_all_of_a_kind_again(
    catalog: Catalog, sandbox: Sandbox, manager: User, client_of: ClientOf, kind: str
) -> None:
    lost, changed = make_live(catalog, "Lamp", "Vase")
    behind(sandbox, lost.retailer_id, gone=True)
    behind(sandbox, changed.retailer_id, data={"price": "1.00 GBP"})
    compare_now(catalog)
    response: Any = client_of(manager).post(address(catalog, "mend/"), {"kind": kind}, follow=True)
    assert "1 item is being mended." in response.content.decode()
    states = dict(CatalogFinding.objects.values_list("kind", "state"))
    assert states == {"missing": "open", "different": "open"} | {kind: "asked"}
    assert AuditEntry.objects.filter(action="catalog.mending", actor=manager).count() == 1
    on_phone = read(client_of(manager), address(catalog, f"?kind={kind}")).split('class="table__less">')[1]
    assert "Being mended" in on_phone.split("</td>")[0]


def test_one_item_is_kept_and_let_go_again(
    catalog: Catalog, sandbox: Sandbox, manager: User, client_of: ClientOf
) -> None:
    behind(sandbox, "cup-1", data=foreign())
    compare_now(catalog)
    finding, client = CatalogFinding.objects.get(), client_of(manager)
    for state in ("kept", "open"):
        client.post(f"/s/hazel-home/catalog/findings/{finding.pk}/keep/")
        finding.refresh_from_db()
        assert finding.state == state


def test_a_viewer_changes_nothing(
    catalog: Catalog, sandbox: Sandbox, viewer: User, client_of: ClientOf
) -> None:
    behind(sandbox, "cup-1", data=foreign())
    compare_now(catalog)
    finding, client = CatalogFinding.objects.get(), client_of(viewer)
    paths = [address(catalog, end) for end in ("start/", "stop/", "mend/")]
    paths += [f"/s/hazel-home/catalog/findings/{finding.pk}/{end}/" for end in ("mend", "keep")]
    assert [client.post(path, {"kind": "orphaned"}).status_code for path in paths] == [403] * 5
    finding.refresh_from_db()
    assert (finding.state, Comparison.objects.count()) == ("open", 1)


def test_a_comparison_that_failed_says_why(
    catalog: Catalog, sandbox: Sandbox, viewer: User, client_of: ClientOf
) -> None:
    sandbox.fault("expired_token")
    comparison = reconcile.start_comparison(catalog)
    assert comparison is not None
    reconcile.take_step(comparison.pk)
    with open_store(catalog.store_id):
        text = read(client_of(viewer), address(catalog))
    assert "The last comparison did not finish" in text
    assert "(190/463)" in text
