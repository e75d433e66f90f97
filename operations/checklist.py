"""The way from an empty store to a living one, in five steps. It goes away when all are done."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.models import Catalog, CatalogItem
from integrations.models import AssetState, ConnectedPage
from leads.models import MetaLead
from messaging.models import Message
from tenancy.models import Invitation, Membership, Store

STAYS_CONNECTED = (AssetState.ACTIVE, AssetState.NEEDS_RECONNECT, AssetState.DISABLED)
"""A Page that is paused or whose login ended is set up; the banner and the health page say what to do."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the checklist; `next` is the first that is not done."""

    title: str
    text: str
    url: str
    action: str
    done: bool
    next: bool = False


@dataclass(frozen=True, kw_only=True)
class _Done:
    page: bool
    catalog: bool
    live: bool
    answered: bool
    lead: bool
    team: bool


def list_steps(store: Store) -> list[Step]:
    """Return the five steps of the open store; 1 query."""
    done = _look(store)
    steps = _page_and_catalog(store, done) + _people(store, done)
    first = next((number for number, step in enumerate(steps) if not step.done), None)
    return [replace(step, next=number == first) for number, step in enumerate(steps)]


def _look(store: Store) -> _Done:
    answered = Message.objects.filter(
        direction=Message.Direction.OUT, reference__isnull=False, state__in=["sent", "delivered", "read"]
    )
    live = CatalogItem.objects.filter(catalog=OuterRef("pk"), state=CatalogItem.State.LIVE)
    colleagues = Membership.objects.filter(store=store).order_by("id")[1:]
    facts = Store.objects.filter(pk=store.pk).values(
        page=Exists(ConnectedPage.objects.filter(state__in=STAYS_CONNECTED)),
        catalog=Exists(Catalog.objects.filter(state=AssetState.ACTIVE)),
        live=Exists(Catalog.objects.filter(Exists(live))),
        answered=Exists(answered),
        lead=Exists(MetaLead.objects.all()),
        team=Q(Exists(colleagues)) | Q(Exists(Invitation.objects.all())),
    )
    return _Done(**facts.get())


def _page_and_catalog(store: Store, done: _Done) -> list[Step]:
    products = reverse("catalog:products", kwargs={"store": store.slug})
    catalogs = reverse("catalog:catalogs", kwargs={"store": store.slug})
    return [
        Step(
            title=_("Connect a Facebook Page"),
            text=_("Its messages, leads and orders then come in here, and those of its Instagram account."),
            url=reverse("integrations:index", kwargs={"store": store.slug}),
            action=_("Connect"),
            done=done.page,
        ),
        Step(
            title=_("Show your products at Meta"),
            text=_("The catalog is connected; add a product, and it is live within a minute.")
            if done.catalog
            else _("Choose the catalog of your shop. Prices and stock are then kept equal by themselves."),
            url=products if done.catalog else catalogs,
            action=_("Open products") if done.catalog else _("Choose a catalog"),
            done=done.catalog and done.live,
        ),
    ]


def _people(store: Store, done: _Done) -> list[Step]:
    return [
        Step(
            title=_("Answer a first message"),
            text=_("Write to your own Page from another Facebook account, then answer from the inbox."),
            url=reverse("messaging:inbox", kwargs={"store": store.slug}),
            action=_("Open the inbox"),
            done=done.answered,
        ),
        Step(
            title=_("Collect a first lead"),
            text=_("Whoever fills in a lead form of your Page appears in your list within a second."),
            url=reverse("leads:list", kwargs={"store": store.slug}),
            action=_("See leads"),
            done=done.lead,
        ),
        Step(
            title=_("Invite a colleague"),
            text=_("Each of you signs in on their own, and sees who did what."),
            url=reverse("tenancy:team", kwargs={"store": store.slug}),
            action=_("Invite"),
            done=done.team,
        ),
    ]
