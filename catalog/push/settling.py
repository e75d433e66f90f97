"""Writing down what Meta answered: about a batch, each of its items, and the catalog.

Rows are locked in one order everywhere: catalog, batch, items by id.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.canary.item import note_refused
from catalog.items import DELETED, STOCK_ONLY
from catalog.models import MOST_TRIES, Catalog, CatalogItem, PushBatch, RemoteItem, StockLag
from catalog.push.leftovers import find_held_back
from catalog.push.refusals import explain, says_it_is_gone
from catalog.push.runs import note_rows
from catalog.push.writing import part_of, text_of
from integrations.graph.catalogs import MOST_WARNINGS, BatchReceipt, BatchResult
from integrations.graph.errors import Blocked, FixData, Gone, GraphError, NotAllowed, Reconnect, SlowDown
from integrations.models import AssetState

RETRY_SECONDS = (15, 60, 300, 1800, 3600)
"""How long to wait after the first, second, … failed call in a row; the last one repeats."""
PERSON_SECONDS = 600
"""When only a person can help, to look again is enough from time to time."""
UNCLEAR_SECONDS = 60
NOTED_FOR = timedelta(seconds=10)
"""So long a noted success is as good as a new one: each sale ends here twice."""

TOOK_NOTHING = (SlowDown, Reconnect, NotAllowed, Blocked, FixData, Gone)
"""Answers that refuse a call as a whole. After any other one, Meta may have taken the rows."""

SAYS_NOTHING_OF_ITEMS = (SlowDown, Reconnect, NotAllowed, Blocked)
"""The catalog as a whole has to wait; for its items that is no try."""
CHANGED_SINCE = Q(waiting_since__isnull=False)
"""Of an item in a batch: its product was changed after the batch was made."""
IN_DOUBT = Q(overtook__isnull=False)
"""Of an item in a batch: an older batch was open beside it, and Meta may have taken that one last."""
STOCK_IS_NEWS = Q(confirmed_quantity__isnull=False) & ~Q(sent_quantity=F("confirmed_quantity"))
"""Of an item that waits again: it goes back into the fast lane."""
TELLS_STOCK_ONLY = Q(sent_fingerprint__startswith=STOCK_ONLY)
"""Of an item in a batch: Meta refuses the rest of it, and its `error` says why."""
CONTENT, STOCK = 1, 2
"""The parts of a fingerprint."""
TELLS_ALL = ~TELLS_STOCK_ONLY & ~Q(sent_fingerprint=DELETED)
STOCK_IS_LEFT = (
    TELLS_ALL
    & Q(confirmed_quantity__isnull=False)
    & (IN_DOUBT | ~Q(Exact(part_of("sent_fingerprint", STOCK), part_of("confirmed_fingerprint", STOCK))))
)
"""Of a refused item: Meta goes on showing it, with other stock than what was refused with the rest."""
AT_REST = Q(waiting_since=None, batch=None)
"""Of an item: nothing more is sent of it for now. Only then it counts in a full push."""
NO_TEXT = Value("", output_field=TextField())
OPEN = (PushBatch.State.CLAIMED, PushBatch.State.SENT)

ItemState, BatchState = CatalogItem.State, PushBatch.State


def settle_receipt(batch: PushBatch, receipt: BatchReceipt, *, poll_at: datetime) -> None:
    """Write down that Meta took a batch, and which rows it refused at the door."""
    now = timezone.now()
    with transaction.atomic():
        if not _lock(batch, BatchState.CLAIMED):
            return
        refused = _refuse(batch, receipt.refused)
        nameless = _refuse_nameless(batch, receipt)
        refused += nameless
        note_refused(batch, receipt.refused.keys())
        note_success(batch.catalog)
        Catalog.objects.filter(pk=batch.catalog_id, refused_calls__gt=0).update(refused_calls=0)
        if not receipt.handle:
            words = _("Meta took nothing of it and gave no reason.")
            _put_back(batch, not_before=now + timedelta(seconds=UNCLEAR_SECONDS), words=words)
            _close(batch, BatchState.FINISHED, failed_count=refused)
            return
        PushBatch.objects.filter(pk=batch.pk).update(
            state=BatchState.SENT,
            handle=receipt.handle,
            door_warnings=receipt.warned,
            nameless_count=0 if nameless else len(receipt.nameless),
            sent_at=now,
            not_before=poll_at,
            failed_count=refused,
        )


def settle_finished(batch: PushBatch, result: BatchResult) -> None:
    """Write down the end of a batch: only now an item is live. Safe twice."""
    with transaction.atomic():
        if not _lock(batch, BatchState.SENT):
            return
        note_success(batch.catalog)
        refused = _refuse(batch, result.refused)
        note_refused(batch, result.refused.keys())
        failed = batch.failed_count + refused
        if not result.is_complete or batch.nameless_count:
            words = _("Meta refused some of it and did not say which.")
            if not batch.nameless_count:
                words = _("Meta counts more errors in it than it names items.")
            failed += _refuse_the_only_one(batch, result)
            _send_in_halves(batch, words=words)
            _close(batch, BatchState.FAILED, failed_count=failed, error=words)
            return
        warned = _find_warned(batch, result.warned)
        live = _confirm(batch, warned)
        _close(batch, BatchState.FINISHED, live_count=live, failed_count=failed)


def release(batch: PushBatch, error: GraphError | None) -> None:
    """Let the items of a batch that got no answer wait again; `error` None means that its worker died."""
    with transaction.atomic():
        if not _lock(batch, BatchState.CLAIMED, BatchState.SENT):
            return
        is_clear = batch.state == BatchState.CLAIMED and isinstance(error, TOOK_NOTHING)
        seconds = error.seconds if error else 0
        words = str(error) if error else _("It was interrupted and is sent again.")
        not_before = timezone.now() + timedelta(seconds=seconds)
        is_try = not isinstance(error, SAYS_NOTHING_OF_ITEMS)
        _put_back(batch, not_before=not_before, words=words, is_clear=is_clear, is_try=is_try)
        _close(batch, BatchState.FAILED, error=words)
        if error is not None:
            note_failure(batch.catalog, error)
        if isinstance(error, NotAllowed | Blocked):
            Catalog.objects.filter(pk=batch.catalog_id).update(refused_calls=F("refused_calls") + 1)


def note_failure(catalog: Catalog, error: GraphError, *, rests: bool = True) -> None:
    """Count an error on the catalog; when it `rests`, nothing is sent for as long as the error asks for."""
    now = timezone.now()
    rows = Catalog.objects.filter(pk=catalog.pk)
    rows.update(last_error=str(error), last_error_at=now, error_count=F("error_count") + 1)
    if rests:
        until = now + timedelta(seconds=_seconds_to_rest(error, failures=catalog.error_count))
        rows.update(not_before=Greatest(F("not_before"), Value(until)))


def _seconds_to_rest(error: GraphError, *, failures: int) -> int:
    if isinstance(error, SlowDown):
        return error.seconds
    if isinstance(error, Reconnect | NotAllowed | Blocked):
        return PERSON_SECONDS
    seconds = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
    return seconds + random.randint(0, seconds // 4)  # noqa: S311  (so that not all stores come at once)


def note_success(catalog: Catalog) -> None:
    """Note on a catalog, as it was just read, that Meta answered; not again within a few seconds."""
    now = timezone.now()
    is_known = catalog.last_synced_at is not None and catalog.last_synced_at > now - NOTED_FOR
    is_well = not catalog.last_error and not catalog.error_count and catalog.state == AssetState.ACTIVE
    if is_known and is_well:
        return
    rows = Catalog.objects.filter(pk=catalog.pk)
    rows.update(last_synced_at=now, last_error="", error_count=0)
    # The rest that its refusal asked for is over with it, whichever call is the first to get through.
    rows.filter(state=AssetState.NEEDS_RECONNECT).update(state=AssetState.ACTIVE, not_before=now)


def _lock(batch: PushBatch, *states: str) -> bool:
    """Lock batch and catalog; False when somebody else has settled the batch meanwhile.

    The catalog's lock has batches end one after the other: of two, the second sees the first one's end.
    """
    rows = PushBatch.objects.select_for_update(no_key=True, of=("self", "catalog")).select_related("catalog")
    found = rows.filter(pk=batch.pk, state__in=states).first()
    if found is None:
        return False
    batch.catalog = found.catalog
    return True


def _close(
    batch: PushBatch, state: str, *, live_count: int = 0, failed_count: int = 0, error: str = ""
) -> None:
    PushBatch.objects.filter(pk=batch.pk).update(
        state=state,
        live_count=live_count,
        failed_count=failed_count,
        left_items=[*batch.left_items, *find_held_back(batch)],
        error=error,
        finished_at=timezone.now(),
    )
    _end_doubts(batch)


def _end_doubts(batch: PushBatch) -> None:
    """Have those items sent again, in the fast lane, of which no older batch is open any more."""
    older = PushBatch.objects.filter(catalog=batch.catalog_id, pk__lte=OuterRef("overtook"), state__in=OPEN)
    left = CatalogItem.objects.filter(IN_DOUBT, ~Exists(older), catalog=batch.catalog_id, batch=None)
    CatalogItem.objects.filter(pk__in=_locked(left)).update(
        overtook=None, stock_changed=Case(When(CHANGED_SINCE, then=Value(True)), default=Value(False))
    )


def _locked(items: QuerySet[CatalogItem]) -> QuerySet[CatalogItem, Any]:
    """Return the rows as a subquery that locks them in the order of their ids."""
    return items.select_for_update(no_key=True, of=("self",)).order_by("pk").values("pk")


def _refuse(batch: PushBatch, refused: Mapping[str, str]) -> int:
    """Mark the items that Meta refused; return how many. Data is not sent again until it changes.

    Of what Meta goes on showing, the stock that it refused with the rest is sent alone.
    """
    if not refused:
        return 0
    mine = CatalogItem.objects.filter(batch=batch, variant__retailer_id__in=list(refused))
    now = timezone.now()
    locked = mine.select_for_update(no_key=True, of=("self",)).order_by("pk")
    rows = locked.values_list("pk", "variant__retailer_id", "sent_fingerprint")
    messages = {pk: refused[name] for pk, name, sent in rows if not _was_gone(sent, refused[name])}
    words = {message: explain(message) for message in set(messages.values())}
    items = CatalogItem.objects.filter(pk__in=messages)
    count: int = items.update(
        state=Case(
            When(CHANGED_SINCE | STOCK_IS_LEFT, then=Value(ItemState.WAITING)),
            default=Value(ItemState.FAILED),
        ),
        waiting_since=Case(
            When(STOCK_IS_LEFT, then=Coalesce("waiting_since", Value(now))), default=F("waiting_since")
        ),
        stock_changed=Case(When(STOCK_IS_LEFT, then=Value(True)), default=F("stock_changed")),
        refused_content=Case(
            When(TELLS_ALL, then=part_of("sent_fingerprint", CONTENT)), default=F("refused_content")
        ),
        confirmed_fingerprint=Case(When(IN_DOUBT, then=Value("")), default=F("confirmed_fingerprint")),
        error=_unless_stock_only("error", {pk: words[message] for pk, message in messages.items()}),
        meta_message=_unless_stock_only("meta_message", messages),
        batch=None,
        most_beside=None,
        attempts=0,
        answered_at=now,
    )
    PushBatch.objects.filter(pk=batch.pk).update(refused_items=[*batch.refused_items, *messages])
    note_rows(batch.catalog, refused=items.filter(AT_REST).count())
    return count


def _unless_stock_only(field: str, texts: Mapping[int, str]) -> Case:
    """Return an expression for new texts, where they are about more than stock; else the old ones hold."""
    return Case(When(TELLS_STOCK_ONLY, then=F(field)), default=text_of("pk", texts))


def _refuse_nameless(batch: PushBatch, receipt: BatchReceipt) -> int:
    """Mark what can only be the rows that Meta refused without naming them; return how many.

    That is all that is left, when it took nothing or when it is as many. Else the whole batch is in doubt.
    """
    if not receipt.nameless:
        return 0
    left = CatalogItem.objects.filter(batch=batch).values_list("variant__retailer_id", flat=True)
    names = list(left) if not receipt.handle else list(left[: len(receipt.nameless) + 1])
    # Stock may have gone ahead in another batch meanwhile: then it may be one of those.
    are_all = len(names) + len(receipt.refused) >= batch.row_count
    if receipt.handle and not (are_all and len(names) == len(receipt.nameless)):
        return 0
    batch.refresh_from_db(fields=["refused_items"])
    return _refuse(batch, dict.fromkeys(names, " ".join(dict.fromkeys(receipt.nameless))))


def _refuse_the_only_one(batch: PushBatch, result: BatchResult) -> int:
    """Mark the item of a call of one row, of which Meta names none: it is that one. Return how many."""
    if batch.row_count != 1 or StockLag.objects.filter(batch=batch).exists():
        return 0
    names = CatalogItem.objects.filter(batch=batch).values_list("variant__retailer_id", flat=True)
    return _refuse(batch, dict.fromkeys(names, " ".join(dict.fromkeys(result.nameless))))


def _send_in_halves(batch: PushBatch, *, words: str) -> None:
    """Let what is left of a batch wait again, in calls of half as many: in the end who was meant goes alone.

    Each half is no try of its items; the last row is.
    """
    items = CatalogItem.objects.filter(batch=batch)
    left = items.count()
    CatalogItem.objects.filter(pk__in=_locked(items)).update(most_beside=max(left // 2, 1))
    seconds = 0 if left > 1 else UNCLEAR_SECONDS
    _put_back(batch, not_before=timezone.now() + timedelta(seconds=seconds), words=words, is_try=left == 1)


def _was_gone(sent_fingerprint: str, message: str) -> bool:
    return sent_fingerprint == DELETED and says_it_is_gone(message)


def _find_warned(batch: PushBatch, warned: Mapping[str, list[str]]) -> dict[int, str]:
    """Return what Meta remarked of items of a batch, at its door or its end: item → warnings, one a line."""
    at_door: Mapping[str, list[str]] = batch.door_warnings
    if not warned and not at_door:
        return {}
    texts = {name: [*at_door.get(name, ()), *warned.get(name, ())] for name in {*at_door, *warned}}
    mine = CatalogItem.objects.filter(batch=batch, variant__retailer_id__in=list(texts))
    rows = mine.values_list("pk", "variant__retailer_id")
    return {pk: "\n".join(list(dict.fromkeys(texts[name]))[:MOST_WARNINGS]) for pk, name in rows}


def _confirm(batch: PushBatch, warned: Mapping[int, str]) -> int:
    """Mark what is left in a finished batch as what Meta has now; return how many.

    What it `warned` of replaces what it warned of before; of rows with stock alone that says nothing.

    What overtook an older batch waits to be sent again: Meta may have taken the older one last.
    """
    now = timezone.now()
    mine = CatalogItem.objects.filter(batch=batch)
    PushBatch.objects.filter(pk=batch.pk).update(
        taken_items=ArraySubquery(mine.values("pk")),
        warned_items=list(warned),
        door_warnings={},
        unreviewed_items=ArraySubquery(mine.exclude(sent_fingerprint=DELETED).values("pk")),
    )
    _note_confirmed(batch.catalog, mine.filter(~CHANGED_SINCE & ~IN_DOUBT))
    gone = mine.filter(~IN_DOUBT, sent_fingerprint=DELETED).values("variant")
    # What Meta's review said of it is over, too.
    RemoteItem.objects.filter(catalog=batch.catalog_id, variant__in=gone).delete()
    count: int = CatalogItem.objects.filter(pk__in=_locked(mine)).update(
        state=Case(
            When(CHANGED_SINCE | IN_DOUBT, then=Value(ItemState.WAITING)),
            When(sent_fingerprint=DELETED, then=Value(ItemState.REMOVED)),
            When(TELLS_STOCK_ONLY, then=Value(ItemState.FAILED)),
            default=Value(ItemState.LIVE),
        ),
        waiting_since=Case(
            When(IN_DOUBT, then=Coalesce("waiting_since", Value(now))), default=F("waiting_since")
        ),
        refused_content=Case(When(TELLS_STOCK_ONLY, then=F("refused_content")), default=Value("")),
        confirmed_fingerprint=Case(When(IN_DOUBT, then=Value("")), default=F("sent_fingerprint")),
        confirmed_quantity=Case(When(IN_DOUBT, then=F("confirmed_quantity")), default=F("sent_quantity")),
        batch=None,
        most_beside=None,
        error=Case(When(TELLS_STOCK_ONLY, then=F("error")), default=NO_TEXT),
        meta_message=Case(When(TELLS_STOCK_ONLY, then=F("meta_message")), default=NO_TEXT),
        meta_warnings=Case(
            When(TELLS_STOCK_ONLY, then=F("meta_warnings")),
            default=Coalesce(text_of("pk", warned), NO_TEXT) if warned else NO_TEXT,
        ),
        attempts=0,
        answered_at=now,
    )
    return count


def _note_confirmed(catalog: Catalog, settled: QuerySet[CatalogItem]) -> None:
    """Count items whose batch is over on the catalog's full push; those with stock alone stay refused."""
    if catalog.push_run_id is not None:
        counts = settled.aggregate(n=Count("pk"), refused=Count("pk", filter=TELLS_STOCK_ONLY))
        note_rows(catalog, done=counts["n"] - counts["refused"], refused=counts["refused"])


def _put_back(
    batch: PushBatch, *, not_before: datetime, words: str, is_clear: bool = False, is_try: bool = True
) -> None:
    """Let items wait again. Unless it is clear that Meta took nothing, what it has now is unknown.

    An item that was not changed since, and has had its tries, waits no longer: `words` say why.
    """
    locked = _locked(CatalogItem.objects.filter(batch=batch))
    batch.left_items = list(locked.values_list("pk", flat=True))
    items = CatalogItem.objects.filter(pk__in=batch.left_items)
    (items.filter(IN_DOUBT) if is_clear else items).update(confirmed_fingerprint="")
    if is_try:
        items.update(attempts=F("attempts") + 1)
        sentence = _(
            "We tried %(n)s times without success, and go on trying from time to time. The reason: %(words)s"
        )
        given_up = items.filter(waiting_since=None, attempts__gte=MOST_TRIES).update(
            state=ItemState.FAILED,
            batch=None,
            error=sentence % {"n": MOST_TRIES, "words": words},
            meta_message=Case(When(TELLS_STOCK_ONLY, then=F("meta_message")), default=NO_TEXT),
            refused_content=Case(When(TELLS_STOCK_ONLY, then=F("refused_content")), default=Value("")),
        )
        note_rows(batch.catalog, refused=given_up)
    items.filter(batch=batch).update(
        state=ItemState.WAITING,
        stock_changed=Case(When(STOCK_IS_NEWS, then=Value(True)), default=F("stock_changed")),
        waiting_since=Coalesce("waiting_since", Value(batch.claimed_at)),
        not_before=Greatest(F("not_before"), Value(not_before)),
        batch=None,
    )
