"""Bring the demo store to life, through the doors that a merchant and their buyers use.

Runs while web, worker and sandbox run. Safe twice: each step looks at what is there, and a second run
changes nothing. The Page "Hazel Outlet" is left for the newcomer to connect by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings

from catalog.linking.services import link_catalog
from catalog.models import Catalog
from integrations.connections import connect_page
from integrations.graph.records import write_waiting
from integrations.models import AssetState, MetaAccount
from integrations.oauth.flow import claim_attempt, finish_attempt, start_attempt
from integrations.subscriptions import subscribe_webhooks
from integrations.tasks import finish_connection
from operations.demo import scenes
from operations.demo.cast import bring_people
from operations.demo.consent import HAZEL_HOME, consent
from operations.demo.goods import fill_shelf
from operations.demo.sign_ins import SIGN_INS, SignIn
from tenancy.models import Store, User
from tenancy.scope import open_store

CATALOG_ID, CATALOG_NAME = "800100", "Hazel Home"


def seed(*, sandbox_url: str = "", say: Callable[[str], Any] = lambda words: None) -> tuple[SignIn, ...]:
    """Fill the demo store and return who can sign in; nobody where this is no demo.

    Raises scenes.SceneError, GraphError and others when a part of the demo does not do its work.
    """
    if not (settings.SANDBOX and settings.DEBUG):
        return ()
    store, owner = bring_people()
    stage = scenes.Stage(sandbox_url or settings.SANDBOX_URL)
    with open_store(store.pk):
        say("Connecting the Page and its catalog")
        list(subscribe_webhooks())
        fill_shelf(owner)
        account = connect(store, owner)
        show_products(account, owner)
        say("Waiting until Meta shows the products")
        scenes.wait_for_products()
        scenes.have_them_reviewed(stage)
        say("Letting buyers write and order")
        scenes.sell_for_a_week(stage, actor=owner)
        scenes.let_buyers_write(stage)
        scenes.bring_a_lead(stage)
    write_waiting()  # our calls to Meta; when this process ends, the database has gone before it
    return SIGN_INS


def connect(store: Store, owner: User) -> MetaAccount:
    """Connect Hazel Home as its owner would, unless that was done."""
    known: MetaAccount | None = MetaAccount.objects.filter(pages__page_id=HAZEL_HOME).first()
    if known is not None:
        return known
    answer = consent(start_attempt(owner))
    attempt = claim_attempt(answer["state"], user=owner)
    if attempt is None:
        raise scenes.SceneError("The login at the sandbox came back with another state.")
    account = finish_attempt(attempt, code=answer["code"])
    page = connect_page(account, HAZEL_HOME, actor=owner)
    finish_connection(store.pk, page.pk)
    page.refresh_from_db()
    if page.state != AssetState.ACTIVE:
        raise scenes.SceneError(f"Hazel Home could not be connected. {page.last_error}")
    return account


def show_products(account: MetaAccount, owner: User) -> None:
    """Connect the catalog, unless that was done; the worker sends the products."""
    if not Catalog.objects.filter(catalog_id=CATALOG_ID).exists():
        link_catalog(account, catalog_id=CATALOG_ID, name=CATALOG_NAME, actor=owner)
