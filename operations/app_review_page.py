"""The App Review kit for staff: addresses to copy, what is ready, and the words for each permission."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from integrations.models import WebhookDelivery
from operations.app_review import OPENING, REVIEWER, USES, Use
from tenancy.models import Store, User

DOMAIN_HINT = "One of the three ways in docs/app-review.md; then press “Verify” at Meta."


@dataclass(frozen=True, kw_only=True)
class Address:
    """One field of Meta's dashboard, and what to enter there."""

    key: str
    field: str
    where: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Need:
    """One thing that Meta wants. `ready` None is what only Meta's dashboard can tell."""

    title: str
    text: str
    ready: bool | None

    @property
    def tone(self) -> str:
        return {True: "success", False: "danger", None: "neutral"}[self.ready]

    @property
    def words(self) -> str:
        return {True: "Ready", False: "Missing", None: "Look at Meta"}[self.ready]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One permission with the address of its screen: in a store of the staff member, or '' without one."""

    use: Use
    url: str


@require_safe
def app_review(request: HttpRequest) -> HttpResponse:
    """Staff only; for everybody else there is nothing at this address."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if not request.user.is_staff:
        raise Http404
    context = {
        "addresses": list_addresses(),
        "needs": list_needs(),
        "opening": OPENING,
        "reviewer": REVIEWER,
        "entries": _entries(request.user),
    }
    return render(request, "operations/app_review.html", context)


def list_addresses() -> list[Address]:
    """Return what to enter where, with the real address of this StormCom."""
    rows = (
        ("Privacy policy URL", "App settings, Basic", "privacy"),
        ("Terms of Service URL", "App settings, Basic", "terms"),
        ("User data deletion: Data deletion callback URL", "App settings, Basic", "data_deletion"),
        (
            "User data deletion: Data deletion instructions URL",
            "instead of the callback",
            "deletion_instructions",
        ),
        ("Deauthorize callback URL", "Facebook Login, Settings", "integrations:deauthorize"),
        ("Valid OAuth redirect URI", "Facebook Login, Settings", "integrations:callback"),
        ("Webhooks: Callback URL", "Webhooks, Page and Instagram", "webhook"),
        ("Site URL", "App settings, Basic, Website", "landing"),
    )
    base = settings.APP_BASE_URL
    return [
        Address(key=f"address-{number}", field=field, where=where, url=base + reverse(name))
        for number, (field, where, name) in enumerate(rows)
    ]


def list_needs() -> list[Need]:
    """Return what Meta wants, with the state where we can tell; one query."""
    newest = WebhookDelivery.objects.order_by("-id").values_list("received_at", flat=True).first()
    heard = (
        f"The last message of Meta came on {newest:%d.%m.%Y at %H:%M} UTC." if newest else "None came yet."
    )
    is_live = settings.META_MODE == "live"
    app_set = bool(is_live and settings.FACEBOOK_APP_ID and settings.FACEBOOK_APP_SECRET)
    return [
        Need(title="An https address", text=settings.APP_BASE_URL, ready=_is_https()),
        Need(
            title="The app's id and secret, META_MODE=live",
            text="FACEBOOK_APP_ID and _SECRET.",
            ready=app_set,
        ),
        Need(title="Webhooks that answer", text=heard, ready=newest is not None),
        Need(
            title="Somebody to write to",
            text=settings.CONTACT_EMAIL or "CONTACT_EMAIL.",
            ready=_has_contact(),
        ),
        Need(title="The domain verified", text=DOMAIN_HINT, ready=_domain_state()),
        Need(title="App icon", text="1024 × 1024 pixels, without Meta's marks.", ready=None),
        Need(title="Category and app purpose", text="Business and Pages; “Clients” as purpose.", ready=None),
        Need(title="Business verification", text="With the company's papers; takes days.", ready=None),
        Need(title="Data handling questions", text="Answers are in docs/app-review.md.", ready=None),
        Need(title="Data use checkup", text="Once a year; Meta reminds the app's admins.", ready=None),
        Need(title="App mode “Live”", text="The switch at the top of the dashboard.", ready=None),
    ]


def _is_https() -> bool:
    return bool(settings.APP_BASE_URL.startswith("https://"))


def _has_contact() -> bool:
    return bool(settings.CONTACT_EMAIL)


def _domain_state() -> bool | None:
    """Say that our half is done when it is; by DNS it may be verified without us knowing."""
    return True if settings.FACEBOOK_DOMAIN_VERIFICATION else None


def _entries(user: User) -> list[Entry]:
    store = user.last_store or Store.objects.filter(memberships__user=user).first()
    return [
        Entry(use=use, url=reverse(use.screen, kwargs={"store": store.slug}) if store else "") for use in USES
    ]
