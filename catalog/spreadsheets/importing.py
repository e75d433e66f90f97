"""A file of products, read and then taken over, some rows at a time.

A step is one transaction with the note how far it came: killed anywhere, it is done or not begun, and two
workers at the same import see each other at its lock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from itertools import groupby, islice
from time import monotonic
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.locking import lock_products
from catalog.models import MOST_PIECES, ProductImport, Reason, StockMovement
from catalog.pictures.addresses import is_own
from catalog.pictures.keeping import know_pictures
from catalog.pictures.tasks import look_at_pictures
from catalog.services import create_product, update_product
from catalog.spreadsheets.changes import change_of_stock
from catalog.spreadsheets.csv_file import CannotRead, Row, find_doubtful, list_unread, read_rows
from catalog.spreadsheets.earlier import GROUP, Earlier
from catalog.spreadsheets.known import Known
from catalog.spreadsheets.rows import Problem, Reading, read_group
from catalog.stock import ledger
from catalog.stock.ledger import lock_variants
from tenancy.audit import record_audit
from tenancy.models import User

SLICE = 25
"""Products of a step's transaction: short, because it locks what it changes."""
STEPS = 100
"""Slices of one task at least, some seconds: then other stores have their turn.

Each task passes over what is done once more, and then works as long as that took: a long file costs twice its
work at most.
"""
LEASE = timedelta(minutes=2)
PROBLEMS_KEPT = 500
CHANGES_KEPT = 200
NOTES_KEPT = 200
UNREAD_KEPT = 50
PICTURES_LOOKED_AT = 200
"""So many pictures of a file are looked at before it is imported; the others once it is."""
State = ProductImport.State
Group = Sequence[Row]


def begin_import(content: bytes, *, file_name: str, actor: User | None) -> ProductImport:
    """Keep a file that was sent; the caller starts the task that reads it."""
    row: ProductImport = ProductImport.objects.create(
        content=content, file_name=file_name[:200], actor=actor, not_before=timezone.now() + LEASE
    )
    return row


def accept_import(row: ProductImport, *, only_good: bool, sets_stock: bool = False) -> bool:
    """Take the rows over; say whether that has begun. With bad rows it is only done when `only_good`.

    The stock of what the store has already stays as it is, unless the file `sets_stock`.
    """
    with transaction.atomic():
        rows = ProductImport.objects.defer("content")
        waiting = rows.select_for_update().filter(pk=row.pk, state=State.CHECKED)
        found = waiting.filter(good_rows__gt=0).first()
        if found is None or (found.bad_rows and not only_good):
            return False
        found.state, found.rows_done, found.not_before = State.IMPORTING, 0, timezone.now() + LEASE
        found.good_rows = found.bad_rows = found.new_products = found.changed_products = 0
        found.unchanged_products = 0
        found.problems, found.given_up = [], {}
        found.sets_stock = sets_stock
        found.save()
        record_audit("products.imported", actor=found.actor, target=found, file=found.file_name)
    return True


def stop_import(row: ProductImport) -> bool:
    """End an import that is not over; what is taken over already stays. Safe twice."""
    open_ones = ProductImport.objects.filter(pk=row.pk, state__in=[*ProductImport.WORKING, State.CHECKED])
    return bool(open_ones.update(state=State.STOPPED, finished_at=timezone.now(), content=b""))


def take_steps(pk: int) -> bool:
    """Go on with an import for a while; say whether it is to be gone on with."""
    row = ProductImport.objects.select_related("store").get(pk=pk)
    if row.state not in ProductImport.WORKING:
        return False
    content = bytes(row.content)
    if not row.rows_total and not _count_rows(row, content):
        return False
    with timezone.override(ZoneInfo(row.store.timezone)):
        return _walk(row, read_rows(content, names_until=row.rows_done))


def _count_rows(row: ProductImport, content: bytes) -> bool:
    """Read a file to its end, so that nothing is taken of one that breaks off; say whether it is whole."""
    mine = ProductImport.objects.filter(pk=row.pk, state=row.state)
    try:
        unread = [name[:100] for name in list_unread(content)][:UNREAD_KEPT]
        row.rows_total = sum(1 for _row in read_rows(content, names_until=len(content)))
        notes = _notes_on_letters(content)
    except CannotRead as error:
        ended = {"state": State.FAILED, "error": str(error), "finished_at": timezone.now(), "content": b""}
        mine.update(**ended)
        return False
    return bool(mine.update(rows_total=row.rows_total, unread=unread, notes=notes))


def _notes_on_letters(content: bytes) -> list[dict[str, object]]:
    found = find_doubtful(content)
    if found is None:
        return []
    number, column, text = found
    words = _(
        "The file does not say how its letters are written. We read “%(text)s”. If that looks wrong, save "
        "your table as “CSV UTF-8” and send that file."
    )
    return [asdict(Problem(number, column, words % {"text": text}))]


def _walk(row: ProductImport, rows: Iterator[Row]) -> bool:
    began = monotonic()
    groups = _groups(rows)
    earlier = _skip(groups, row.rows_done)
    skipped = monotonic() - began
    steps = 0
    while steps < STEPS or monotonic() - began < 2 * skipped:
        steps += 1
        part = list(islice(groups, SLICE))
        if not _take_slice(row, part, earlier=earlier):
            return False
    return True


def _groups(rows: Iterator[Row]) -> Iterator[Group]:
    """Yield the rows of each product; they stand together."""
    for key, members in groupby(rows, key=lambda row: row.cells.get("item_group_id", "")):
        if key:
            yield list(members)
        else:
            yield from ([row] for row in members)


def _skip(groups: Iterator[Group], done: int) -> Earlier:
    """Pass over what is done; return what it has named."""
    earlier = Earlier()
    while done > 0:
        group = next(groups, None)
        if group is None:
            break
        done -= len(group)
        earlier.add_group(group)
        for row in group:
            earlier.add(row)
    return earlier


def _take_slice(row: ProductImport, part: Sequence[Group], *, earlier: Earlier) -> bool:
    """Do a slice, and say whether there may be more. Nothing is done when somebody else was faster."""
    with transaction.atomic():
        # Neither read nor written again with each slice: the file may have 20 MB.
        rows = ProductImport.objects.defer("content")
        locked: ProductImport = rows.select_for_update().get(pk=row.pk)
        if (locked.state, locked.rows_done) != (row.state, row.rows_done):
            return False
        slice_rows = [one for group in part for one in group]
        known = Known(slice_rows, given_up=locked.given_up)
        if row.state == State.IMPORTING:
            lock_products(known.product_ids)
            known = Known(slice_rows, given_up=locked.given_up)  # as they are by now, whoever edited them
        for group in part:
            reading = read_group(group, known, earlier=earlier, currency=row.store.currency)
            _refuse_apart(reading, earlier)
            if row.state == State.IMPORTING:
                _take_over(reading, locked)
            _note(locked, reading)
            locked.given_up |= {} if reading.problems else reading.given_up
        locked.not_before = timezone.now() + LEASE
        if len(part) < SLICE:
            _finish(locked)
        locked.save()
    row.rows_done = locked.rows_done
    return len(part) == SLICE


def _refuse_apart(reading: Reading, earlier: Earlier) -> None:
    key = reading.rows[0].cells.get(GROUP, "")
    if earlier.find(GROUP, key) is not None:
        words = _("The rows of one product stand together. Move this one up to the others of “%(key)s”.")
        reading.refuse(reading.rows[0], GROUP, words % {"key": key[:100]})
    earlier.add_group(reading.rows)


def _take_over(reading: Reading, row: ProductImport) -> None:
    if reading.data is None or reading.problems:
        return
    try:
        with transaction.atomic():
            if reading.product is None:
                create_product(reading.data, actor=row.actor)
            elif not reading.is_unchanged:
                update_product(reading.product, reading.data, actor=row.actor)
            if row.sets_stock:
                _set_stock(reading, row)
    except IntegrityError:  # somebody else was faster with one of the SKUs
        words = _("This SKU was just given to another product. Choose another one.")
        reading.refuse(reading.rows[0], "sku", words)


def _set_stock(reading: Reading, row: ProductImport) -> None:
    """Set the pieces to what the file says there were when it was sent: what moved since counts, too."""
    variants = lock_variants([one.variant.pk for one in reading.counts])
    since = StockMovement.objects.filter(variant__in=variants, at__gte=row.started_at)
    moved = dict(since.values_list("variant").annotate(n=Sum("delta")).order_by())
    for one in reading.counts:
        variant = variants[one.variant.pk]
        wanted = min(max(one.pieces + moved.get(variant.pk, 0), 0), MOST_PIECES)
        if delta := wanted - variant.on_hand:
            ledger.adjust(
                variant, delta, reason=Reason.COUNTED, actor=row.actor, reference=f"import:{row.pk}"
            )


def _note(row: ProductImport, reading: Reading) -> None:
    row.rows_done += len(reading.rows)
    if not reading.problems:
        if row.state == State.CHECKING:
            row.pictures += _pictures_in(reading)[: PICTURES_LOOKED_AT - len(row.pictures)]
            row.changes += _changes_in(reading)[: CHANGES_KEPT - len(row.changes)]
            row.stock_changes += len(reading.other_counts)
            row.notes += [asdict(one) for one in reading.notes][: NOTES_KEPT - len(row.notes)]
        row.good_rows += len(reading.rows)
        row.new_products += reading.product is None
        row.unchanged_products += reading.is_unchanged
        row.changed_products += reading.product is not None and not reading.is_unchanged
        return
    row.bad_rows += len(reading.rows)
    row.problems += [asdict(one) for one in _with_company(reading)][: PROBLEMS_KEPT - len(row.problems)]


def _changes_in(reading: Reading) -> list[dict[str, object]]:
    counted = [change_of_stock(one.variant, one.pieces, one.row) for one in reading.other_counts]
    return [asdict(one) for one in sorted([*reading.changes, *counted], key=lambda change: change.row)]


def _pictures_in(reading: Reading) -> list[tuple[int, str, str]]:
    """Return the pictures that others keep, with the place where the file names them."""
    urls = reading.data.image_urls if reading.data else []
    row = reading.rows[0].number
    return [
        (row, "additional_image_link" if place else "image_link", url)
        for place, url in enumerate(urls)
        if not is_own(url)
    ]


def _with_company(reading: Reading) -> list[Problem]:
    """Return the problems, and a word on each row that is left out for another row's sake."""
    named = {problem.row for problem in reading.problems}
    words = _("Left out, because row %(n)s of the same product is.") % {"n": min(named)}
    others = [Problem(row.number, "", words) for row in reading.rows if row.number not in named]
    return sorted([*reading.problems, *others], key=lambda problem: problem.row)


def _finish(row: ProductImport) -> None:
    if row.state == State.IMPORTING:
        row.state, row.content, row.finished_at = State.DONE, b"", timezone.now()
    else:
        row.state = State.CHECKED
        know_pictures({address for _row, _column, address in row.pictures})
        look_at_pictures.delay_on_commit(row.store_id)
