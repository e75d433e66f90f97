"""The operations of the JSON API, for the same as the pages of integrations, catalogs, leads and health.

Nothing here calls Meta: what has to, starts as a task and is answered with the run to ask about.
"""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from catalog.linking.services import check_catalogs
from integrations.models import MetaAccount, SyncRun
from integrations.oauth.failures import ConnectFailed
from integrations.oauth.flow import STATE_LIFETIME, start_attempt
from integrations.oauth.views import is_ours
from integrations.permissions import NEEDED
from leads.services import check_pages
from operations.api import reads, schemas
from operations.api.access import ApiRequest, in_store, needs
from operations.api.problems import Problem
from tenancy.roles import ApiScope

router = Router()


class Paging(Schema):
    cursor: str = Field(default="", max_length=40, description="`next_cursor` of the page before.")
    limit: int = Field(
        default=reads.PAGE_SIZE, ge=1, le=reads.LARGEST_PAGE, description="How many Pages at most."
    )


@router.get(
    "/status",
    response=schemas.StatusOut,
    auth=needs(ApiScope.READ),
    operation_id="status",
    summary="How everything stands",
)
@in_store
def status(request: ApiRequest) -> schemas.StatusOut:
    """What the health page says: what does not work and what to do, what waits, and how much of Meta's
    limits is left.
    """
    return reads.read_status(request.auth.store)


@router.get(
    "/pages",
    response=schemas.PagesOut,
    auth=needs(ApiScope.READ),
    operation_id="pages",
    summary="Connected Pages and Instagram accounts",
)
@in_store
def pages(request: ApiRequest, paging: Query[Paging]) -> schemas.PagesOut:
    """Each with its state, the permissions it lacks, what Meta sends of it, and what is wrong with it."""
    return reads.read_pages(request.auth.store, cursor=paging.cursor, limit=paging.limit)


@router.get(
    "/runs/{int:run_id}",
    response=schemas.RunOut,
    auth=needs(ApiScope.READ),
    operation_id="run",
    url_name="run",
    summary="How a run went",
)
@in_store
def run(request: ApiRequest, run_id: int) -> schemas.RunOut:
    """Ask every few seconds until `state` is `done` or `failed`."""
    found = SyncRun.objects.filter(pk=run_id).first()
    if found is None:
        raise Http404
    return reads.describe_run(found)


@router.post(
    "/catalog/sync",
    response={202: schemas.RunsOut},
    auth=needs(ApiScope.SYNC),
    operation_id="catalogSync",
    summary="Look at catalogs now",
)
@in_store
def catalog_sync(request: ApiRequest, wanted: schemas.CatalogSyncIn | None = None) -> Status[schemas.RunsOut]:
    """Compares each item with your products and sends what differs. Safe twice: while a run waits, you get
    the same one again.
    """
    catalog_id = (wanted and wanted.catalog_id) or ""
    return _started(check_catalogs(actor=request.auth.user, catalog_id=catalog_id), one=bool(catalog_id))


@router.post(
    "/leads/sync",
    response={202: schemas.RunsOut},
    auth=needs(ApiScope.SYNC),
    operation_id="leadsSync",
    summary="Look for leads now",
)
@in_store
def leads_sync(request: ApiRequest, wanted: schemas.LeadsSyncIn | None = None) -> Status[schemas.RunsOut]:
    """Asks Meta for leads that it never announced. Safe twice: while a run waits, you get the same one
    again.
    """
    page_id = (wanted and wanted.page_id) or ""
    return _started(check_pages(actor=request.auth.user, page_id=page_id), one=bool(page_id))


@router.post(
    "/connect",
    response=schemas.ConnectOut,
    auth=needs(ApiScope.CONNECT),
    operation_id="connect",
    summary="Start connecting Facebook Pages",
)
@in_store
def connect(request: ApiRequest, wanted: schemas.ConnectIn | None = None) -> schemas.ConnectOut:
    """Returns the address of Meta's login dialog. It can be finished once, within ten minutes, and only in
    a browser in which the person who made the key is signed in.
    """
    wanted = wanted or schemas.ConnectIn()
    if wanted.next and not is_ours(request, wanted.next):
        raise Problem("invalid", errors={"next": ["Give a path of this StormCom, such as /s/my-store/."]})
    expires_at = timezone.now() + STATE_LIFETIME
    try:
        dialog = start_attempt(
            request.auth.user,
            scopes=_scopes(wanted.account_id),
            display=wanted.display,
            return_to=wanted.next,
        )
    except ConnectFailed:  # the only reason that is left: there is no Facebook app
        raise Problem("not-set-up") from None
    return schemas.ConnectOut(dialog_url=dialog, user=request.auth.user.email, expires_at=expires_at)


def _scopes(account_id: str | None) -> list[str]:
    """Return which permissions to ask for: all, or those that somebody left out."""
    if account_id is None:
        return list(NEEDED)
    account = MetaAccount.objects.filter(meta_user_id=account_id).first()
    if account is None:
        raise Problem("not-found", "No Facebook user with this id is connected to the store.")
    return account.missing_scopes or list(NEEDED)


def _started(runs: list[SyncRun], *, one: bool) -> Status[schemas.RunsOut]:
    if not runs:
        raise Problem("not-found") if one else Problem("nothing-connected")
    return Status(202, schemas.RunsOut(runs=[reads.describe_run(run) for run in runs]))
