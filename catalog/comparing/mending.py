"""The safe fix of each finding: the store's own items are sent again, items only at Meta are taken out.

A fix is asked for by marking findings; a worker does it in slices. The next comparison shows what it did.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.linking.choosing import belonging
from catalog.models import Catalog, CatalogFinding, CatalogItem, RemoteItem, Variant
from catalog.push.marking import mark, nudge
from catalog.push.refusals import explain, says_it_is_gone
from integrations.graph import catalogs
from integrations.graph.catalogs import BatchReceipt, BatchResult
from integrations.graph.errors import FixData, Gone, GraphError
from integrations.logins import LoginClient
from integrations.runs import record_run
from tenancy.audit import record_audit
from tenancy.models import User
from ui.counting import count_up_to_most

CAP_PERCENT = 2
"""More than this share of a catalog is never taken out of it unless a person asks for it."""
SLICE = 500
LEASE = timedelta(minutes=2)
POLL_SECONDS = 5
POLL = timedelta(seconds=POLL_SECONDS)
UNKNOWN_SECONDS = 60
UNKNOWN = "unknown"
"""The fingerprint of an item of which Meta may have anything."""

Kind, State = CatalogFinding.Kind, CatalogFinding.State


def ask_for(findings: QuerySet[CatalogFinding], *, catalog: Catalog, actor: User | None) -> int:
    """Mark open findings to be mended; return how many. The task that does it is the caller's to start."""
    with transaction.atomic():
        count = findings.filter(catalog=catalog, state__in=[State.OPEN, State.SENT]).update(
            state=State.ASKED, error="", handle="", most_beside=None, not_before=timezone.now()
        )
        if count:
            record_audit("catalog.mending", actor=actor, target=catalog, name=catalog.name, count=count)
    return count


def keep(finding: CatalogFinding, *, is_kept: bool) -> bool:
    """Leave a finding as it is, or take that back; False when it is being mended."""
    before, after = (State.OPEN, State.KEPT) if is_kept else (State.KEPT, State.OPEN)
    settled = CatalogFinding.objects.filter(pk=finding.pk, state__in=[before, State.SENT])
    return bool(settled.update(state=after))


def mend_by_itself(catalog: Catalog) -> int:
    """Ask for what the weekly comparison may mend without a person; return how many findings that is.

    What the store has is sent again. What is only at Meta goes when we put it there, and when all such items
    together are no more than the cap; items that somebody else made wait for a person. So does everything
    while nothing is sent: otherwise it would go at the moment when somebody agrees to something else.
    """
    if not catalog.is_sending:
        return 0
    opened = CatalogFinding.objects.filter(catalog=catalog, state=State.OPEN)
    count = ask_for(opened.filter(kind__in=[Kind.MISSING, Kind.DIFFERENT]), catalog=catalog, actor=None)
    orphans = opened.filter(kind=Kind.ORPHANED)
    if orphans.count() * 100 <= CAP_PERCENT * RemoteItem.objects.filter(catalog=catalog).count():
        count += ask_for(orphans.filter(is_ours=True), catalog=catalog, actor=None)
    return count


def count_open(catalog: Catalog) -> dict[str, int]:
    """Return how many open findings of each kind there are, as far as is cheap to count; 3 queries."""
    opened = CatalogFinding.objects.filter(catalog=catalog).exclude(state=State.KEPT)
    return {kind: count_up_to_most(opened.filter(kind=kind)) for kind in Kind.values}


def mend_slice(catalog: Catalog) -> bool:
    """Mend some of what was asked for; say whether more may wait. Calls Meta; safe twice."""
    more = _send_again(catalog)
    return _take_out(catalog) or more


def _send_again(catalog: Catalog) -> bool:
    """Have items that the store has, or had, looked at and sent whatever we think Meta has."""
    with transaction.atomic():
        asked = _asked(catalog).filter(variant__isnull=False)
        findings = list(asked.select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:SLICE])
        unwanted = {one.variant_id for one in findings if one.kind == Kind.ORPHANED and one.variant_id}
        rows = [
            CatalogItem(variant_id=pk, catalog=catalog, state=CatalogItem.State.REMOVED, waiting_since=None)
            for pk in sorted(unwanted)
        ]
        CatalogItem.objects.bulk_create(rows, ignore_conflicts=True)
        _look_anew(catalog, {one.variant_id for one in findings if one.variant_id}, unwanted)
        nudge(catalog.pk)
        mended = CatalogFinding.objects.filter(pk__in=[finding.pk for finding in findings])
        mended.update(state=State.SENT)
    return len(findings) == SLICE


def _look_anew(catalog: Catalog, variants: Collection[int], unwanted: Collection[int]) -> None:
    """Have items of this catalog sent, whatever we think Meta has.

    Those that were unwanted when they were found, and belong into the catalog by now, are not taken out.
    """
    mine = CatalogItem.objects.filter(catalog=catalog, variant__in=variants)
    pks = list(mine.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    # Behind the locks: who puts a product on sale again waits for them, or was here before.
    belongs = set(belonging(catalog).filter(pk__in=unwanted).values_list("pk", flat=True))
    never_sent = When(sent_fingerprint="", then=Value(UNKNOWN))
    items = CatalogItem.objects.filter(pk__in=pks)
    items.update(confirmed_fingerprint="", sent_fingerprint=Case(never_sent, default="sent_fingerprint"))
    mark(items.exclude(variant__in=unwanted))
    mark(items.filter(variant__in=belongs), delete=False)
    mark(items.filter(variant__in=set(unwanted) - belongs), delete=True)


def _asked(catalog: Catalog) -> QuerySet[CatalogFinding]:
    now = timezone.now()
    return CatalogFinding.objects.filter(catalog=catalog, state=State.ASKED, not_before__lte=now)


def _take_out(catalog: Catalog) -> bool:
    """Take items that are none of ours out of the catalog: one call, and later the question how it went."""
    findings = _claim_foreign(catalog)
    if not findings:
        return False
    ids = [finding.retailer_id for finding in findings]
    requests = [catalogs.delete_request(retailer_id) for retailer_id in ids]
    mine = CatalogFinding.objects.filter(pk__in=[finding.pk for finding in findings], state=State.ASKED)
    try:
        with record_run(job="catalog.reap", asset_id=catalog.catalog_id) as run:
            client = LoginClient(catalog.account)
            receipt = catalogs.send_batch(client, catalog.catalog_id, requests=requests)
            run.rows_failed = len(receipt.refused) + len(receipt.nameless)
            run.rows_done = len(requests) - run.rows_failed
    except GraphError as error:
        mine.update(error=str(error), not_before=timezone.now() + timedelta(seconds=error.seconds or 60))
        return False
    refused = _name_refused(receipt, ids)
    _settle(catalog, mine, refused)
    if receipt.handle:
        is_doubtful = receipt.nameless and len(refused) < len(ids)
        mine.update(
            handle=receipt.handle,
            error=_words(receipt.nameless),
            most_beside=_half(ids) if is_doubtful else None,
            not_before=timezone.now() + POLL,
        )
    else:
        _open_again(mine, _("Meta took nothing of it and gave no reason."))
    return True


def _name_refused(receipt: BatchReceipt, ids: Sequence[str]) -> Mapping[str, str]:
    """Return what was refused at the door, with the nameless where they can only be all that is left."""
    left = [one for one in ids if one not in receipt.refused]
    if not receipt.nameless or (receipt.handle and len(left) != len(receipt.nameless)):
        return receipt.refused
    return {**receipt.refused, **dict.fromkeys(left, _words(receipt.nameless))}


def _claim_foreign(catalog: Catalog) -> list[CatalogFinding]:
    """Take the right to remove some; what has become a product of the store meanwhile is left alone."""
    is_ours_now = Variant.objects.filter(retailer_id=OuterRef("retailer_id"))
    with transaction.atomic():
        foreign = _asked(catalog).filter(variant=None, kind=Kind.ORPHANED, handle="")
        foreign.filter(Exists(is_ours_now)).delete()
        found = _cut(foreign.select_for_update(skip_locked=True).order_by("pk")[:SLICE])
        rows = CatalogFinding.objects.filter(pk__in=[finding.pk for finding in found])
        rows.update(not_before=timezone.now() + LEASE)
    return found


def _cut(findings: Iterable[CatalogFinding]) -> list[CatalogFinding]:
    """Return the first of them: one that Meta may have refused goes with no more than so many beside it."""
    found: list[CatalogFinding] = []
    most = SLICE
    for finding in findings:
        most = min(most, finding.most_beside or most)
        if found and len(found) >= most:
            break
        found.append(finding)
    return found


def ask_how_it_went(catalog: Catalog) -> bool:
    """Ask after removals that Meta has accepted; say whether some are left. Calls Meta; safe twice."""
    out = CatalogFinding.objects.filter(catalog=catalog, state=State.ASKED).exclude(handle="")
    due = out.filter(not_before__lte=timezone.now())
    for handle in list(due.values_list("handle", flat=True).distinct().order_by("handle")[:10]):
        rows = out.filter(handle=handle)
        rows.update(not_before=timezone.now() + LEASE)
        try:
            client = LoginClient(catalog.account)
            result = catalogs.check_batch(client, catalog.catalog_id, handle=handle)
        except (FixData, Gone):  # Meta does not know the handle any more: how it went stays unknown
            _take_out_again(rows)
            continue
        except GraphError as error:
            rows.update(not_before=timezone.now() + timedelta(seconds=error.seconds or 60))
            continue
        _note_result(catalog, rows, result)
    return out.exists() or _asked(catalog).exists()


def _note_result(catalog: Catalog, rows: QuerySet[CatalogFinding], result: BatchResult) -> None:
    """Write down the end of a removal.

    Those of which Meta refused some without saying which are tried again in halves: in the end who was meant
    goes alone. At its door that was so when they have a `most_beside` by now; their error is in Meta's words.
    """
    if not result.is_known:
        _take_out_again(rows)
        return
    if not result.is_finished:
        rows.update(not_before=timezone.now() + POLL)
        return
    with transaction.atomic():
        _settle(catalog, rows, result.refused)
        left = dict(rows.values_list("retailer_id", "error"))
        if result.is_complete and not rows.filter(most_beside__isnull=False).exists():
            _forget(catalog, rows)
        elif len(left) == 1:
            _settle(catalog, rows, {one: _words(result.nameless) or said for one, said in left.items()})
        else:
            rows.update(handle="", most_beside=_half(left), not_before=timezone.now())


def _half(rows: Collection[str]) -> int:
    return max(len(rows) // 2, 1)


def _take_out_again(rows: QuerySet[CatalogFinding]) -> None:
    """Have a removal sent again of which nothing is known; twice does no harm."""
    rows.update(handle="", not_before=timezone.now() + timedelta(seconds=UNKNOWN_SECONDS))


def _open_again(rows: QuerySet[CatalogFinding], words: str) -> None:
    rows.update(state=State.OPEN, handle="", error=words)


def _settle(catalog: Catalog, rows: QuerySet[CatalogFinding], refused: Mapping[str, str]) -> None:
    """Open again what Meta refused to take out. That it is not there is what was wanted."""
    for retailer_id, message in refused.items():
        mine = rows.filter(retailer_id=retailer_id)
        if says_it_is_gone(message):
            _forget(catalog, mine)
        else:
            silent = _("Meta refused to take this item out and gave no reason.")
            _open_again(mine, explain(message) if message else silent)


def _forget(catalog: Catalog, rows: QuerySet[CatalogFinding]) -> None:
    """Forget items that are out of the catalog."""
    ids = list(rows.values_list("retailer_id", flat=True))
    RemoteItem.objects.filter(catalog=catalog, retailer_id__in=ids).delete()
    rows.delete()


def _words(nameless: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(nameless))
