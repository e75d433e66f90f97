"""Items of others that are taken out of a catalog, when Meta loses the call or tells only half of it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from catalog.comparing import mending
from catalog.models import Catalog, CatalogFinding, RemoteItem
from integrations.graph import catalogs
from integrations.graph.catalogs import BatchReceipt, BatchResult
from integrations.graph.errors import FixData
from tests.catalog.sample import remote_items, sent_batches
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


@pytest.mark.parametrize(
    ("at", "text", "stays"),
    [
        ("unnamed", "Live in an ad.", ["CUP-3"]),
        ("end", "Live in an ad.", ["CUP-3"]),
        ("unnamed", "Item does not exist.", []),
    ],
    ids=["at the door", "when it is over", "gone already"],
)
def test_who_is_meant_by_a_refusal_without_a_name_is_found_and_the_others_leave(
    catalog: Catalog, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, at: str, text: str, stays: list[str]
) -> None:
    names = [f"CUP-{number}" for number in range(1, 8)]
    for name in names:
        behind(sandbox, name, data=foreign(name))
    compare_now(catalog)
    mending.ask_for(CatalogFinding.objects.all(), catalog=catalog, actor=None)
    sandbox.fault("row_refusal", field="id", retailer_id="CUP-3", text=text, at=at)
    if at == "end":
        forget_names(monkeypatch)
    mend(catalog)
    assert dict(CatalogFinding.objects.values_list("retailer_id", "state")) == dict.fromkeys(stays, "open")
    assert all(one.error == f"Meta refused this item: “{text}”" for one in CatalogFinding.objects.all())
    assert list(RemoteItem.objects.values_list("retailer_id", flat=True)) == stays
    if text != "Item does not exist.":
        assert list(remote_items(sandbox)) == stays
    assert sent_batches(sandbox) <= 10


def forget_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Meta's results tell how many rows it refused, and not which."""
    check = catalogs.check_batch

    def check_batch(*args: Any, **kwargs: Any) -> BatchResult:
        result = check(*args, **kwargs)
        said = list(result.refused.values())
        return replace(result, refused={}, nameless=said, is_complete=not said)

    monkeypatch.setattr(catalogs, "check_batch", check_batch)


def mend(catalog: Catalog) -> None:
    """Do what the worker does until nothing of what was asked for is left."""
    for _step in range(100):
        CatalogFinding.objects.update(not_before=timezone.now())
        if not mending.mend_slice(catalog) and not mending.ask_how_it_went(catalog):
            return
        time.sleep(0.05)
    raise AssertionError("The removal does not come to its end.")


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
    assert finding.error == "Meta refused to take this item out and gave no reason."


def test_a_removal_that_meta_does_not_take_waits_for_a_person(
    catalog: Catalog, finding: CatalogFinding, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = BatchReceipt(handle="", refused={})
    monkeypatch.setattr(catalogs, "send_batch", lambda *args, **kwargs: nothing)
    mending.mend_slice(catalog)
    finding.refresh_from_db()
    assert (finding.state, finding.error) == ("open", "Meta took nothing of it and gave no reason.")
