"""Rows of a file as products: which one each row means, and what is wrong with it. Reads, never writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from catalog.models import Product, Status, Variant
from catalog.money_text import read_amount, refuse_currency
from catalog.number_fields import PiecesField
from catalog.options import MOST_OPTIONS
from catalog.pictures.addresses import localise
from catalog.product_data import ProductData, VariantData
from catalog.product_forms import MOST_VARIANTS, ProductForm, VariantForm, product_data
from catalog.spreadsheets.changes import Change, list_changes
from catalog.spreadsheets.csv_file import Row
from catalog.spreadsheets.earlier import ID, SKU, Earlier
from catalog.spreadsheets.exporting import export_row, product_cells
from catalog.spreadsheets.known import Known, sku_of

PRODUCT_FIELDS = {
    "title": "title",
    "description": "description",
    "brand": "brand",
    "condition": "condition",
    "category": "product_type",
    "google_category": "google_product_category",
    "tags": "tags",
    "image_urls": "image_link",
    "colour": "color",
    "size": "size",
    "material": "material",
    "pattern": "pattern",
    "gender": "gender",
    "age_group": "age_group",
    "status": "status",
    "when_sold_out": "when_sold_out",
}
VARIANT_FIELDS = {
    "title": "options",
    "sku": "sku",
    "gtin": "gtin",
    "mpn": "mpn",
    "price": "price",
    "sale_price": "sale_price",
    "sale_starts_at": "sale_starts",
    "sale_ends_at": "sale_ends",
    "on_hand": "quantity",
}
"""A form's field → the heading under which it stands."""
DIFFERING = {"color": "Colour", "size": "Size", "material": "Material", "pattern": "Pattern"}
"""Headings under which the rows of a product may differ: then they are options."""
DEFAULTS = {"condition": "new", "status": "active", "for_sale": "yes", "when_sold_out": "inherit"}
NO = frozenset({"no", "n", "false", "0"})
PIECES = PiecesField()
WORDS = ("status", "condition", "gender", "age_group", "when_sold_out")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a row; `column` is the heading."""

    row: int
    column: str
    sentence: str


@dataclass(frozen=True)
class Count:
    """A variant that the store has, and how many pieces the file says there are."""

    row: int
    variant: Variant
    pieces: int


@dataclass
class Reading:
    """What the rows of one product mean. With problems, `data` is None.

    `changes` are what differs from what the store has; its stock is apart, in `counts`. `given_up` are the
    SKUs that its variants have in the store, and no more after it: SKU → row. `notes` are what may not be
    meant so, and is taken over all the same.
    """

    rows: Sequence[Row]
    product: Product | None = None
    data: ProductData | None = None
    problems: list[Problem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    given_up: dict[str, int] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)

    @property
    def is_unchanged(self) -> bool:
        """Say whether the product is just as the file says, its stock aside."""
        return self.product is not None and self.data is not None and not self.changes

    @property
    def other_counts(self) -> list[Count]:
        return [one for one in self.counts if one.pieces != one.variant.on_hand]

    def refuse(self, row: Row, column: str, sentence: object) -> None:
        self.problems.append(Problem(row.number, column, str(sentence)))


def read_group(rows: Sequence[Row], known: Known, *, earlier: Earlier, currency: str) -> Reading:
    """Read the rows of one product; what they name is added to what the `earlier` ones have named."""
    reading = Reading(rows)
    found = [known.find(row.cells) for row in rows]
    group = known.by_group.get(rows[0].cells.get("item_group_id", ""))
    reading.product = group or next((one.product for one in found if one is not None), None)
    _refuse_faults(reading)
    _refuse_mixed(reading, found)
    cells = [_complete(reading, row, one, known, currency) for row, one in zip(rows, found, strict=True)]
    _refuse_taken(reading, found, cells, known)
    for row, one in zip(rows, found, strict=True):
        _note_other_capitals(reading, row, one, known, earlier)
        _refuse_twice(reading, row, one, earlier)
        _refuse_given_up(reading, row, known)
    names, values = _options(reading, cells, found)
    variants = [
        _read_variant(reading, *parts, currency=currency)
        for parts in zip(rows, cells, found, values, strict=True)
    ]
    _refuse_same(reading, variants)
    _read_counts(reading, found)
    own = _own_pictures(cells)
    data = _read_product(reading, cells[0], names, own)
    _note_given_up(reading, found, cells)
    if not reading.problems and data is not None:
        variants = [
            one and replace(one, image_url=_found_in(data["image_urls"], url))
            for one, url in zip(variants, own, strict=True)
        ]
        reading.data = product_data(data, names, [one for one in variants if one is not None])
        _compare(reading, found, currency=currency)
    return reading


def _compare(reading: Reading, found: Sequence[Variant | None], *, currency: str) -> None:
    """Note what differs from the product and the variants that the store has."""
    if reading.product is None or reading.data is None:
        return
    there = {one.pk: one for one in found if one is not None}
    numbers = [row.number for row in reading.rows]
    reading.changes = list(list_changes(reading.data, reading.product, there, numbers, currency=currency))


def _read_counts(reading: Reading, found: Sequence[Variant | None]) -> None:
    """Note how many pieces the file says there are of the variants that the store has."""
    for row, one in zip(reading.rows, found, strict=True):
        text = row.cells.get("quantity", "")
        if one is None or not text:
            continue
        try:
            reading.counts.append(Count(row.number, one, PIECES.clean(text)))
        except ValidationError as error:
            reading.refuse(row, "quantity", error.messages[0])


def _refuse_faults(reading: Reading) -> None:
    for row in reading.rows:
        for column, sentence in row.faults:
            reading.refuse(row, column, sentence)


def _refuse_taken(
    reading: Reading, found: Sequence[Variant | None], cells: Sequence[Mapping[str, str]], known: Known
) -> None:
    """Refuse the SKU of another variant of the store."""
    for row, one, own in zip(reading.rows, found, cells, strict=True):
        sku = own.get("sku", "")
        other = None if sku in known.given_up else known.by_sku.get(sku)
        if other is not None and other != one:
            words = _("The SKU “%(sku)s” is that of %(variant)s. Each variant needs its own.")
            reading.refuse(row, "sku", words % {"sku": other.sku, "variant": other})


def _refuse_given_up(reading: Reading, row: Row, known: Known) -> None:
    """Refuse a row that is about a variant by a SKU which it has no more: it would become another product."""
    given = row.cells.get(ID, "")
    number = None if given in known.by_id else known.given_up.get(sku_of(row.cells, known.by_id))
    if number is not None and not any(problem.row == row.number for problem in reading.problems):
        words = _("Row %(n)s gives this SKU up for another one. Put the two into one row.")
        reading.refuse(row, SKU if row.cells.get(SKU) else ID, words % {"n": number})


def _note_other_capitals(
    reading: Reading, row: Row, variant: Variant | None, known: Known, earlier: Earlier
) -> None:
    """Note a new SKU that differs by capitals alone from one of the store or of the file."""
    sku = sku_of(row.cells, known.by_id)
    if not sku or (variant is not None and variant.sku == sku):
        return
    if (other := known.by_upper_sku.get(sku.upper())) is not None and other != variant:
        words = _(
            "Your store has “%(other)s”, the SKU of %(variant)s. “%(sku)s” is another one to us. If you mean "
            "the same, write it just so."
        )
        said = words % {"other": other.sku, "variant": other, "sku": sku}
    elif (number := earlier.find_in_other_capitals(sku)) is not None:
        words = _(
            "Row %(n)s has “%(sku)s” in other capitals. They are two variants. If you mean one, write both "
            "alike."
        )
        said = words % {"n": number, "sku": sku}
    else:
        return
    reading.notes.append(Problem(row.number, SKU, said))


def _note_given_up(
    reading: Reading, found: Sequence[Variant | None], cells: Sequence[Mapping[str, str]]
) -> None:
    for row, one, own in zip(reading.rows, found, cells, strict=True):
        if one is not None and one.sku and own.get("sku", "") != one.sku:
            reading.given_up[one.sku] = row.number


def _complete(
    reading: Reading, row: Row, variant: Variant | None, known: Known, currency: str
) -> dict[str, str]:
    """Return a row with what the store has for the columns that the file does not name."""
    if variant is not None:
        base = export_row(variant, currency=currency)
    else:
        base = DEFAULTS if reading.product is None else product_cells(reading.product)
    cells = {**base, **row.cells, "sku": sku_of(row.cells, known.by_id) or base.get("sku", "")}
    for name, value in DEFAULTS.items():
        cells[name] = cells.get(name) or value
    return cells | {name: cells.get(name, "").lower().replace("_", " ") for name in WORDS}


def _refuse_mixed(reading: Reading, found: Sequence[Variant | None]) -> None:
    for row, one in zip(reading.rows, found, strict=True):
        if one is not None and one.product != reading.product:
            words = _("This variant belongs to another product than the row before it.")
            reading.refuse(row, "item_group_id", words)
    if len(reading.rows) > MOST_VARIANTS and None in found:  # more were taken over from Meta
        words = _("A product has at most %(most)s variants. Give some of them another item_group_id.")
        reading.refuse(reading.rows[MOST_VARIANTS], "item_group_id", words % {"most": MOST_VARIANTS})


def _refuse_twice(reading: Reading, row: Row, variant: Variant | None, earlier: Earlier) -> None:
    """Refuse a row about what an earlier one names; a SKU that it cannot have anyway is said once."""
    is_taken = any((problem.row, problem.column) == (row.number, SKU) for problem in reading.problems)
    for column, sentence in earlier.find_clashes(row, None if is_taken else variant):
        reading.refuse(row, column, sentence)
    earlier.add(row)


def _options(
    reading: Reading, cells: Sequence[Mapping[str, str]], found: Sequence[Variant | None]
) -> tuple[list[str], list[list[str]]]:
    """Return the options' names, and of each row the values."""
    said = [_split_options(one.get("options", "")) for one in cells]
    if not any(said):
        names = [name for name in DIFFERING if len({one.get(name, "") for one in cells}) > 1][:MOST_OPTIONS]
        if not any(one.get("options") for one in cells):
            said = [{DIFFERING[name]: one.get(name, "") for name in names} for one in cells]
    names_of = list(said[0])
    for row, one in zip(reading.rows, said, strict=True):
        if list(one) != names_of or not all(one.values()):
            words = _("The rows of a product have the same options, each with a value, such as Colour: Blue.")
            reading.refuse(row, "options", words)
    _refuse_other_names(reading, names_of, found)
    return names_of, [list(one.values()) for one in said]


def _refuse_other_names(reading: Reading, names: list[str], found: Sequence[Variant | None]) -> None:
    """Refuse other options than those of variants that the file does not name."""
    product = reading.product
    if product is None or product.option_names == names:
        return
    named = [one.pk for one in found if one is not None]
    if product.variants.exclude(pk__in=named).exists():
        words = _("Its other variants have these options: %(names)s. Name the same, or put all of them in.")
        listed = ", ".join(product.option_names) or _("none")
        reading.refuse(reading.rows[0], "options", words % {"names": listed})


def _refuse_same(reading: Reading, variants: Sequence[VariantData | None]) -> None:
    """Refuse a variant that has the options of another one of its product, in the file or not."""
    taken: set[str] = set()
    if reading.product is not None:
        named = [one.pk for one in variants if one is not None and one.pk]
        others = reading.product.variants.exclude(pk__in=named)
        taken = {title.lower() for title in others.values_list("title", flat=True)}
    for row, one in zip(reading.rows, variants, strict=True):
        if one is None:
            continue
        title = one.title.strip().lower()
        if title in taken:
            reading.refuse(row, "options", _("Two variants have the same options. Say how they differ."))
        taken.add(title)


def _split_options(text: str) -> dict[str, str]:
    """Return the options of "Colour: Blue; Size: L"; none when the text names no option."""
    parts = [part.partition(":") for part in text.split(";") if part.strip()]
    if not all(colon for _name, colon, _value in parts):
        return {}
    return {name.strip()[:40]: value.strip() for name, _colon, value in parts[:MOST_OPTIONS]}


def _read_variant(
    reading: Reading,
    row: Row,
    cells: Mapping[str, str],
    variant: Variant | None,
    values: list[str],
    *,
    currency: str,
) -> VariantData | None:
    texts: dict[str, Any] = {name: cells.get(column, "") for name, column in VARIANT_FIELDS.items()}
    texts |= {"is_for_sale": "" if cells["for_sale"].lower() in NO else "on", "pk": variant and variant.pk}
    if values:
        texts["title"] = ", ".join(values)[:100]
    count = len(reading.problems)
    try:
        refuse_currency(cells.get("currency", "").upper(), currency)
    except ValidationError as error:
        reading.refuse(row, "currency", error.messages[0])
    for name in ("price", "sale_price"):
        try:
            texts[name] = read_amount(texts[name], currency)
        except ValidationError as error:
            reading.refuse(row, VARIANT_FIELDS[name], error.messages[0])
            texts[name] = None
    form = VariantForm(texts, initial={"pk": variant.pk if variant else None}, currency=currency)
    refused = {problem.column for problem in reading.problems[count:]}
    for name, errors in form.errors.items():
        column = VARIANT_FIELDS.get(name, name)
        if column not in refused:
            reading.refuse(row, column, errors[0])
    return form.variant_data(values) if len(reading.problems) == count else None


def _own_pictures(cells: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the picture that is each row's own: the one that is said to be, or a main one that differs."""
    main = cells[0].get("image_link", "")
    others = [url if url != main else "" for url in (one.get("image_link", "") for one in cells)]
    return [one.get("variant_image_link") or url for one, url in zip(cells, others, strict=True)]


def _found_in(urls: Sequence[str], url: str) -> str:
    own = localise(url, base_url=settings.APP_BASE_URL)
    return next((one for one in (url, own) if one in urls), "")


def _read_product(
    reading: Reading, cells: Mapping[str, str], names: Sequence[str], own: Sequence[str]
) -> dict[str, Any] | None:
    texts = QueryDict(mutable=True)
    for name, column in PRODUCT_FIELDS.items():
        texts[name] = cells.get(column, "")
    links = f"{cells.get('image_link', '')} {cells.get('additional_image_link', '')}"
    links = " ".join([links.replace(",http", " http"), *own])
    texts["image_urls"] = "\n".join(links.split())
    for name, column in PRODUCT_FIELDS.items():
        if DIFFERING.get(column) in names:
            texts[name] = ""
    is_archived = texts["status"] == Status.ARCHIVED
    if is_archived:
        texts["status"] = Status.ACTIVE
    form = ProductForm(texts)
    for name, errors in form.errors.items():
        sentence = _say_choices(form, name) if name in WORDS else errors[0]
        reading.refuse(reading.rows[0], PRODUCT_FIELDS.get(name, name), sentence)
    if form.errors:
        return None
    return form.cleaned_data | ({"status": Status.ARCHIVED} if is_archived else {})


def _say_choices(form: ProductForm, name: str) -> str:
    """Say which words a column takes: any other error than an unknown one it does not have."""
    values = [str(value) for value, _label in form.fields[name].choices if value]  # type: ignore[attr-defined]
    if name == "status":
        values.append(Status.ARCHIVED)
    words = _("“%(text)s” is none of these: %(choices)s.")
    return words % {"text": form.data[name][:40], "choices": ", ".join(values)}
