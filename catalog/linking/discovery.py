"""Which catalogs an account may use: asked in the background, kept for the page that offers them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from itertools import product

from django.utils import timezone

from catalog.models import CatalogSearch
from integrations.graph.catalogs import BusinessFacts, CatalogFacts, list_businesses, list_catalogs
from integrations.graph.errors import Gone, GraphError, NotAllowed
from integrations.logins import LoginClient
from integrations.models import MetaAccount
from integrations.runs import record_run

ASKED_TOO_LONG = timedelta(minutes=1)
"""A question without an answer for so long was lost with its worker."""


def ask_again(account: MetaAccount) -> None:
    """Note that somebody waits for an answer; the task that fetches it is the caller's to start."""
    CatalogSearch.objects.update_or_create(
        account=account, defaults={"asked_at": timezone.now(), "answered_at": None}
    )


def search_catalogs(account_pk: int) -> None:
    """Ask Meta for the account's businesses and catalogs, and keep the answer. Calls Meta; safe twice."""
    account = MetaAccount.objects.get(pk=account_pk)
    search, _created = CatalogSearch.objects.get_or_create(account=account)
    refusals: list[str] = []
    try:
        with record_run(job="catalog.search", asset_id=account.meta_user_id) as run:
            client = LoginClient(account)
            businesses = list_businesses(client)
            found = _list_all(client, businesses, refusals)
            run.rows_done = len(found)
    except GraphError as error:
        search.error = str(error)
    else:
        search.error = " ".join(dict.fromkeys(refusals))
        search.found = [asdict(facts) for facts in found]
        search.businesses = [asdict(facts) for facts in businesses]
    search.answered_at = timezone.now()
    search.save(update_fields=["error", "found", "businesses", "answered_at"])


def _list_all(
    client: LoginClient, businesses: Iterable[BusinessFacts], refusals: list[str]
) -> list[CatalogFacts]:
    """Return each catalog once, a business's own before shared ones. Why a list is refused is noted."""
    found: dict[str, CatalogFacts] = {}
    for business, is_shared in product(businesses, (False, True)):
        try:
            rows = list_catalogs(client, business, is_shared=is_shared)
        except (NotAllowed, Gone) as error:
            refusals.append(f"{business.name}: {error}")
            continue
        for facts in rows:
            if facts.catalog_id not in found or not facts.is_shared:
                found[facts.catalog_id] = facts
    return list(found.values())
