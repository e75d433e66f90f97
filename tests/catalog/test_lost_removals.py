"""Items of others that are taken out of a catalog, when Meta loses the call or tells only half of it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.utils import timezone

from catalog.comparing import mending
from catalog.models import Catalog, CatalogFinding, RemoteItem
from integrations.graph import catalogs
from integrations.graph.catalogs import BatchReceipt, BatchResult
from integrations.graph.errors import FixData
from integrations.models import SyncRun
from tests.catalog.sample import remote_items
from tests.catalog.test_reconcile import behind, compare_now, foreign
from tests.sandbox_process import Sandbox


@pytest.fixture
def finding(catalog: Catalog, sandbox: Sandbox) -> CatalogFinding:
    """An item of somebody else that shall go."""
    behind(sandbox, "CUP-7", data=foreign("Blue cup"))
    compare_now(catalog)
    mending.ask_for(CatalogFinding.objects.all(), catalog=catalog, actor=None)
    return CatalogFinding.objects.get()


def answer(monkeypatch: pytest.MonkeyPatch, result: BatchResult | Exception) -> None:
    def check_batch(*args: Any, **kwargs: Any) -> BatchResult:
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(catalogs, "check_batch", check_batch)


def ask(catalog: Catalog) -> bool:
    CatalogFinding.objects.update(not_before=timezone.now())
    return mending.ask_how_it_went(catalog)


def test_a_removal_of_which_meta_refuses_one_without_its_name_waits_for_a_person(
    catalog: Catalog, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of three is refused at the door, and Meta does not say which: none counts as gone."""
    names = ["CUP-1", "CUP-2", "CUP-3"]
    for name in names:
        behind(sandbox, name, data=foreign(name))
    compare_now(catalog)
    mending.ask_for(CatalogFinding.objects.all(), catalog=catalog, actor=None)
    receipt = BatchReceipt(handle="h1", refused={}, nameless=["Cannot be removed."])
    monkeypatch.setattr(catalogs, "send_batch", lambda *args, **kwargs: receipt)
    mending.mend_slice(catalog)
    run = SyncRun.objects.get(job="catalog.reap")
    assert (run.rows_done, run.rows_failed) == (2, 1)
    answer(monkeypatch, BatchResult(is_known=True, is_finished=True, refused={}, is_complete=True))
    assert ask(catalog) is False
    rows = CatalogFinding.objects.order_by("retailer_id").values_list("retailer_id", "state", "error")
    words = "Meta refused some of it and did not say which."
    assert list(rows) == [(name, "open", words) for name in names]
    assert RemoteItem.objects.count() == 3


def test_a_removal_that_meta_refuses_whole_and_without_a_name_says_why(
    catalog: Catalog, sandbox: Sandbox, finding: CatalogFinding
) -> None:
    sandbox.fault("row_refusal", field="id", text="Live in an ad.", at="unnamed")
    mending.mend_slice(catalog)
    finding.refresh_from_db()
    assert (finding.state, finding.error) == ("open", "Meta refused this item: “Live in an ad.”")
    assert "CUP-7" in remote_items(sandbox)


UNKNOWN = BatchResult(is_known=False, is_finished=False, refused={}, is_complete=True)


@pytest.mark.parametrize("result", [UNKNOWN, FixData("Invalid batch handle", code=100)])
def test_a_removal_that_meta_has_forgotten_is_sent_again(
    catalog: Catalog,
    sandbox: Sandbox,
    finding: CatalogFinding,
    monkeypatch: pytest.MonkeyPatch,
    result: BatchResult | Exception,
) -> None:
    mending.mend_slice(catalog)
    finding.refresh_from_db()
    assert finding.handle
    with monkeypatch.context() as patch:
        answer(patch, result)
        assert ask(catalog) is False  # nothing to ask about: the sweep sends it again
    finding.refresh_from_db()
    assert (finding.state, finding.handle) == ("asked", "")
    assert finding.not_before > timezone.now()
    CatalogFinding.objects.update(not_before=timezone.now())
    mending.mend_slice(catalog)
    for _ in range(100):
        if not ask(catalog):
            break
        time.sleep(0.1)
    assert CatalogFinding.objects.count() == 0
    assert "CUP-7" not in remote_items(sandbox)


def test_a_removal_of_which_meta_does_not_say_how_it_went_waits_for_a_person(
    catalog: Catalog, finding: CatalogFinding, monkeypatch: pytest.MonkeyPatch
) -> None:
    mending.mend_slice(catalog)
    answer(monkeypatch, BatchResult(is_known=True, is_finished=True, refused={}, is_complete=False))
    assert ask(catalog) is False
    finding.refresh_from_db()
    assert (finding.state, finding.handle) == ("open", "")
    assert "more errors" in finding.error


def test_a_removal_that_meta_does_not_take_waits_for_a_person(
    catalog: Catalog, finding: CatalogFinding, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = BatchReceipt(handle="", refused={})
    monkeypatch.setattr(catalogs, "send_batch", lambda *args, **kwargs: nothing)
    mending.mend_slice(catalog)
    finding.refresh_from_db()
    assert (finding.state, finding.error) == ("open", "Meta took nothing of it and gave no reason.")
