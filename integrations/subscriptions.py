"""What Meta sends us: looked at every hour, repaired, and what was missed meanwhile fetched.

Meta drops an app from a Page after an hour of failed deliveries (fact sheet 9.5), and replays nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import structlog
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.module_loading import import_string

from integrations.graph import accounts
from integrations.logins import LoginClient
from integrations.models import AssetState, ConnectedPage, InstagramAccount, MetaAccount
from integrations.permissions import APP_FIELDS, fields_to_ask
from tenancy.audit import record_audit

GONE = AssetState.DISCONNECTED

log = structlog.get_logger()


def subscribed_pages() -> QuerySet[ConnectedPage]:
    """Return all stores' Pages that Meta has to tell us about: connected, or lent to their Instagram."""
    instagram = InstagramAccount.unscoped.filter(page=OuterRef("pk")).exclude(state=GONE)
    wanted = Q(state__in=(AssetState.ACTIVE, AssetState.DISABLED)) | Q(Exists(instagram), state=GONE)
    return ConnectedPage.unscoped.filter(wanted)


def is_needed(page_id: str, *, besides: MetaAccount | None = None) -> bool:
    """Say whether any store still listens to this Page: itself, or an Instagram account that hangs on it.

    What hangs on the account `besides` does not count: it is about to go.
    """
    pages = ConnectedPage.unscoped.filter(page_id=page_id)
    others = pages.exclude(account=besides) if besides else pages
    instagram = InstagramAccount.unscoped.filter(page__in=others).exclude(state=GONE)
    return others.exclude(state=GONE).exists() or instagram.exists()


def check_page(page: ConnectedPage) -> set[str]:
    """Compare what Meta sends of a Page with what we want, and repair it; return what was missing.

    Calls Meta; raises GraphError.
    """
    client = LoginClient(page)
    wanted = fields_to_ask(page.account.granted_scopes)
    found = accounts.fetch_page_fields(client, page.page_id)
    missing = set(wanted) - found
    if missing:
        accounts.subscribe_page(client, page.page_id, fields=wanted)
        page.subscribed_fields = list(wanted)
        page.save(update_fields=["subscribed_fields"])
        what = "everything" if not found else sorted(missing)
        record_audit("page.resubscribed", actor=None, target=page, name=page.name, missing=what)
        log.warning("page_resubscribed", page=page.page_id, missing=sorted(missing))
    return missing


def fill_gap(page: ConnectedPage) -> None:
    """Have fetched what Meta did not tell while it had dropped us: by the tasks of the roof's table."""
    for path in import_string(f"{settings.PAGE_HOOKS}.GAP_FILLS"):
        import_string(path).delay_on_commit(page.store_id, page.pk)


def callback_url() -> str:
    return f"{settings.APP_BASE_URL}{reverse('webhook')}"


def subscribe_webhooks() -> Iterator[str]:
    """Tell Meta to send us what happens, one object after the other; yield each. Calls Meta; safe twice.

    Meta verifies the address during the call, so the web server must be up.
    """
    for object_, fields in APP_FIELDS.items():
        accounts.subscribe_app(object_=object_, fields=fields, callback_url=callback_url())
        yield object_


def check_app() -> list[str]:
    """Compare what Meta sends the app as a whole, and repair it; return the objects that were repaired.

    An object that leads to another address is left alone: another StormCom with the same app may live there.
    """
    known = accounts.fetch_app_subscriptions()
    repaired = []
    for object_, fields in APP_FIELDS.items():
        address, found = known.get(object_, (callback_url(), set()))
        if address != callback_url():
            log.error("app_subscription_elsewhere", object=object_, address=address)
        elif set(fields) - found:
            accounts.subscribe_app(object_=object_, fields=fields, callback_url=address)
            log.warning("app_resubscribed", object=object_, missing=sorted(set(fields) - found))
            repaired.append(object_)
    return repaired
