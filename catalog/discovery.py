"""Which catalogs an account may use: asked in the background, kept for the page that offers them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from django.utils import timezone

from catalog.models import CatalogSearch
from integrations.graph.catalogs import list_catalogs
from integrations.graph.errors import GraphError
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
    """Ask Meta for the account's catalogs and keep the answer. Calls Meta; safe twice."""
    account = MetaAccount.objects.get(pk=account_pk)
    search, _created = CatalogSearch.objects.get_or_create(account=account)
    try:
        with record_run(job="catalog.search", asset_id=account.meta_user_id) as run:
            found = list_catalogs(LoginClient(account))
            run.rows_done = len(found)
    except GraphError as error:
        search.error = str(error)
    else:
        search.error, search.found = "", [asdict(facts) for facts in found]
    search.answered_at = timezone.now()
    search.save(update_fields=["error", "found", "answered_at"])
