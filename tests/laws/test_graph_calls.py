"""Law 13: every call we make is one that Meta's own SDK knows, with parameters that it knows.

The SDK is generated from Meta's schema. Its edges are read from its source, because it builds the list of an
edge's parameters inside the method of that edge.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from django.utils.timezone import now
from pytest_django.live_server_helper import LiveServer

from catalog.canary import measuring
from catalog.comparing.reconcile import start_comparison, take_step
from catalog.comparing.tasks import ask_for_advice, look_at_reviews, mirror_sets
from catalog.linking.creating import ask_for_catalog
from catalog.linking.leaving import unlink_catalog
from catalog.linking.look_tasks import discover_catalogs, resync_catalog
from catalog.linking.tasks import make_catalog, stop_listening
from catalog.models import Catalog, Product, StockLag
from integrations.facts import refresh_page
from integrations.graph.catalogs import BusinessFacts
from integrations.models import ConnectedPage, InstagramAccount, MetaAccount
from integrations.subscriptions import check_app, check_page, subscribe_webhooks
from integrations.tasks import leave_page, recheck_account
from leads.models import MetaLead
from leads.tasks import fetch_lead, sync_leads
from messaging.models import Contact, Conversation, Message
from messaging.replies import queue_reply
from messaging.tasks import fetch_contact_profile, send_message
from tenancy.models import User
from tenancy.scope import open_store
from tests.catalog import sample
from tests.sandbox_process import Sandbox

EVERYWHERE = {"access_token", "appsecret_proof", "fields", "limit", "after", "before", "summary"}
ROOT_EDGES = {
    "oauth/access_token": {
        "client_id",
        "client_secret",
        "redirect_uri",
        "code",
        "grant_type",
        "fb_exchange_token",
    },
    "debug_token": {"input_token"},
}
"""Endpoints that hang on no node, and so stand in no class of the SDK. Source: fact sheet 6.2, 6.3, 6.5."""
DOCUMENTED_EDGES = {
    (method, "ProductCatalog", "subscribed_apps"): {"app_id"} for method in ("POST", "DELETE")
}
"""Edges that Meta documents but its schema leaves out. Source: fact sheet 9.1."""
DOCUMENTED_ONLY = {("GET", "LeadgenForm", "leads", "filtering")}
"""Parameters that Meta documents but its schema leaves out. Source: fact sheet 19."""

Edges = dict[tuple[str, str], set[str]]


@cache
def read_edges(node: str) -> Edges:
    """Return (method, edge) → parameters of one node class of the SDK."""
    module = importlib.import_module(f"facebook_business.adobjects.{node.lower()}")
    tree = ast.parse(inspect.getsource(module))
    edges: Edges = {}
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        params = [set(p) for p in _params(function)]
        for call in _requests(function):
            edges[call["method"], call["endpoint"].strip("/")] = params[0] if params else set()
    return edges


def _params(function: ast.FunctionDef) -> Iterator[list[str]]:
    for statement in ast.walk(function):
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Dict):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            if names == ["param_types"]:
                yield [str(key.value) for key in statement.value.keys if isinstance(key, ast.Constant)]


def _requests(function: ast.FunctionDef) -> Iterator[dict[str, str]]:
    for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
        words = {k.arg: k.value.value for k in call.keywords if k.arg and isinstance(k.value, ast.Constant)}
        if {"method", "endpoint"} <= words.keys():
            yield {"method": str(words["method"]), "endpoint": str(words["endpoint"])}


def find_fault(call: dict[str, Any]) -> str:
    """Return what Meta's schema does not know about a call, '' when it knows all."""
    _, version, path = call["path"].split("/", 2)
    assert version == "v26.0"
    given = set(call["params"]) - EVERYWHERE
    if path in ROOT_EDGES:
        return f"{path}: {given - ROOT_EDGES[path]}" if given - ROOT_EDGES[path] else ""
    edge = path.partition("/")[2]
    known = read_edges(call["node"]).get((call["method"], edge))
    known = DOCUMENTED_EDGES.get((call["method"], call["node"], edge), known)
    if known is None:
        return f"{call['method']} {call['node']}/{edge}: no such edge"
    unknown = {p for p in given - known if (call["method"], call["node"], edge, p) not in DOCUMENTED_ONLY}
    return f"{call['method']} {call['node']}/{edge}: {unknown}" if unknown else ""


@pytest.mark.django_db(transaction=True)
def test_every_call_of_every_journey_is_one_that_meta_knows(
    live_server: LiveServer,
    settings: Any,
    sandbox: Sandbox,
    meta_account: MetaAccount,
    connected_page: ConnectedPage,
    owner: User,
    deliver: Callable[[dict[str, Any]], Any],
) -> None:
    settings.APP_BASE_URL = live_server.url
    with open_store(connected_page.store_id):
        list(subscribe_webhooks())
        check_app()
        check_page(connected_page)
        refresh_page(connected_page)
    recheck_account(connected_page.store_id, meta_account.pk)
    push_products(meta_account)
    look_at_the_catalog(meta_account)
    make_and_leave_a_catalog(meta_account, owner)
    answer_a_buyer(sandbox, connected_page, owner, deliver)
    collect_a_lead(sandbox, connected_page, deliver)
    ConnectedPage.unscoped.update(state="disconnected")
    InstagramAccount.unscoped.update(state="disconnected")
    leave_page(connected_page.store_id, connected_page.pk)

    calls = sandbox.get("calls")
    made = {(call["method"], call["path"].rsplit("/", 1)[-1]) for call in calls}
    assert {
        ("GET", "debug_token"),
        ("GET", "accounts"),
        ("GET", "permissions"),
        ("GET", "businesses"),
        ("GET", "owned_pages"),
        ("GET", "client_pages"),
        ("POST", "subscriptions"),
        ("GET", "subscriptions"),
        ("GET", "subscribed_apps"),
        ("POST", "subscribed_apps"),
        ("DELETE", "subscribed_apps"),
        ("GET", "owned_product_catalogs"),
        ("GET", "client_product_catalogs"),
        ("POST", "owned_product_catalogs"),
        ("POST", "items_batch"),
        ("GET", "check_batch_request_status"),
        ("GET", "products"),
        ("GET", "diagnostics"),
        ("GET", "available_catalogs"),
        ("GET", "product_sets"),
        ("POST", "product_sets"),
        ("POST", "messages"),
        ("GET", "leadgen_forms"),
        ("GET", "leads"),
    } <= made
    assert [fault for call in calls if (fault := find_fault(call))] == []


def now_ms() -> int:
    return int(time.time() * 1000)


def push_products(account: MetaAccount) -> None:
    discover_catalogs(account.store_id, account.pk)
    with open_store(account.store_id):
        sample.make_product(tags=["linen"])
        catalog = sample.link(account)
    batch = sample.push(catalog)
    assert batch is not None
    sample.finish(batch)


def measure_stock(catalog: Catalog) -> None:
    with open_store(catalog.store_id):
        lag = measuring.change(catalog.pk)
        assert lag is not None
        StockLag.objects.update(not_before=now())
        measuring.look(lag.pk)


def look_at_the_catalog(account: MetaAccount) -> None:
    with open_store(account.store_id):
        catalog = Catalog.objects.get()
        comparison = start_comparison(catalog)
        assert comparison is not None
        while take_step(comparison.pk):
            pass
    measure_stock(catalog)
    look_at_reviews(account.store_id, catalog.pk)
    ask_for_advice(account.store_id, catalog.pk)
    mirror_sets(account.store_id, catalog.pk)
    with open_store(account.store_id):
        Product.objects.update(tags=["cotton"])
    Catalog.unscoped.update(sets_not_before=now())
    mirror_sets(account.store_id, catalog.pk)


def make_and_leave_a_catalog(account: MetaAccount, owner: User) -> None:
    with open_store(account.store_id):
        business = BusinessFacts(business_id="900100", name="Hazel Home Ltd")
        creation = ask_for_catalog(account, business, name="Summer", actor=owner)
        assert creation is not None
    make_catalog(account.store_id, creation.pk)
    with open_store(account.store_id):
        catalog = Catalog.objects.get(name="Summer")
        resync_catalog(account.store_id, catalog.pk)
        unlink_catalog(catalog, actor=owner)
    stop_listening(account.store_id, catalog.pk)


def answer_a_buyer(
    sandbox: Sandbox, page: ConnectedPage, actor: User, deliver: Callable[[dict[str, Any]], Any]
) -> None:
    said = sandbox.post("message", {"page_id": page.page_id, "buyer": "Maya Iyer", "text": "hello"})
    item = {"sender": {"id": said["sender_id"]}, "recipient": {"id": page.page_id}, "timestamp": now_ms()}
    item["message"] = {"mid": said["mid"], "text": "hello"}
    deliver({"object": "page", "entry": [{"id": page.page_id, "time": now_ms(), "messaging": [item]}]})
    with open_store(page.store_id):
        message = queue_reply(Conversation.objects.get(), text="Hello Maya", actor=actor)
        contact = Contact.objects.get()
    send_message(page.store_id, message.pk)
    fetch_contact_profile(page.store_id, contact.pk)
    assert Message.unscoped.get(pk=message.pk).state == "sent"


def collect_a_lead(sandbox: Sandbox, page: ConnectedPage, deliver: Callable[[dict[str, Any]], Any]) -> None:
    lead = sandbox.post("lead", {"form_id": "300100", "answers": {"email": "maya@buyers.example"}})
    value = {"leadgen_id": lead["leadgen_id"], "form_id": lead["form_id"], "page_id": page.page_id}
    entry = {"id": page.page_id, "time": 1, "changes": [{"field": "leadgen", "value": value}]}
    deliver({"object": "page", "entry": [entry]})
    fetch_lead(page.store_id, MetaLead.unscoped.get().pk)
    sync_leads(page.store_id, page.pk)
