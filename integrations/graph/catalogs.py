"""Catalogs and batches of items. Source: fact sheet sections 17.1 and 17.3, Graph API v26.0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings

from integrations.graph.client import GraphClient, Json
from integrations.graph.errors import NoAnswer
from ui.currency import decimals, to_major

ROWS_PER_BATCH = 3000
"""Meta refuses more than 5,000 and advises to stay below 3,000."""
BYTES_PER_BATCH = 8_000_000
"""Of JSON text: form encoding may triple it, and Meta's limit for the whole call is 28 MB."""

COMMERCE = "commerce"
"""The vertical of catalogs of products; the others hold hotels, flights, cars and the like."""

WITHOUT_DECIMALS = frozenset(["CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"])
"""Currencies that Meta takes in whole units only (its offset is 1), whatever ISO 4217 says."""

STATUS_FIELDS = "handle,status,errors,errors_total_count,warnings,ids_of_invalid_requests"
MOST_WARNINGS = 5
WARNING_LENGTH = 300
"""So many warnings of one item are read, and so much of each."""


@dataclass(frozen=True, kw_only=True)
class CatalogFacts:
    """A catalog that the account may use; `is_shared` when another business lends it to this one."""

    catalog_id: str
    name: str
    vertical: str
    business: str
    is_shared: bool


@dataclass(frozen=True, kw_only=True)
class BusinessFacts:
    """A business portfolio that the account may see."""

    business_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class BatchReceipt:
    """Meta's answer to a batch: accepted rows get a handle, refused ones (retailer_id → why) do not.

    `handle` is '' when nothing was accepted. `warned` is retailer_id → Meta's warnings. `nameless` are Meta's
    words, one for each row that it refused without saying which.
    """

    handle: str
    refused: Mapping[str, str]
    warned: Mapping[str, list[str]] = field(default_factory=dict)
    nameless: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class BatchResult:
    """How a batch stands. `refused` is retailer_id → Meta's words, '' where it gave none.

    `warned` is retailer_id → what it remarks of rows that it took; it may leave some out.
    `is_known` is False when Meta says nothing of the batch at all. `is_complete` is False when it counts more
    errors than it names: then nothing is known about the rows that it does not name; `nameless` are its words
    about such.
    """

    is_known: bool
    is_finished: bool
    refused: Mapping[str, str]
    is_complete: bool
    warned: Mapping[str, list[str]] = field(default_factory=dict)
    nameless: Sequence[str] = ()


def price_text(amount_minor: int, currency: str) -> str:
    """Return an amount as items_batch wants it: "12.50 GBP", "1250 JPY"."""
    code = currency.upper()
    places = 0 if code in WITHOUT_DECIMALS else decimals(code)
    amount = to_major(amount_minor, code).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{amount:f} {code}"


def list_businesses(client: GraphClient) -> list[BusinessFacts]:
    """Return the businesses that the token's user may see."""
    rows = client.walk("me/businesses", fields="id,name")
    return [BusinessFacts(business_id=str(row["id"]), name=str(row.get("name", ""))) for row in rows]


def list_catalogs(client: GraphClient, business: BusinessFacts, *, is_shared: bool) -> list[CatalogFacts]:
    """Return a business's own catalogs, or those that others share with it."""
    edge = "client_product_catalogs" if is_shared else "owned_product_catalogs"
    return [
        CatalogFacts(
            catalog_id=str(row["id"]),
            name=str(row.get("name", "")),
            vertical=str(row.get("vertical", COMMERCE)),
            business=business.name,
            is_shared=is_shared,
        )
        for row in client.walk(f"{business.business_id}/{edge}", fields="id,name,vertical")
    ]


def create_catalog(client: GraphClient, business_id: str, *, name: str) -> str:
    """Make a catalog of products and return its id. Not safe twice: look for it before another try."""
    answer = client.post(f"{business_id}/owned_product_catalogs", name=name, vertical=COMMERCE)
    catalog_id = str(answer.get("id", ""))
    if not catalog_id:
        raise NoAnswer("Meta did not say which catalog it made.")
    return catalog_id


def fetch_catalog_name(client: GraphClient, catalog_id: str) -> str:
    return str(client.get(catalog_id, fields="id,name").get("name", ""))


def unsubscribe_catalog(client: GraphClient, catalog_id: str) -> None:
    """Have Meta stop sending us a catalog's events. Safe twice."""
    client.delete(f"{catalog_id}/subscribed_apps", app_id=settings.FACEBOOK_APP_ID)


def subscribe_catalog(client: GraphClient, catalog_id: str) -> None:
    """Have Meta send us a catalog's events, as it does not for the app's subscription alone. Safe twice."""
    client.post(f"{catalog_id}/subscribed_apps", app_id=settings.FACEBOOK_APP_ID)


def update_request(data: Json) -> Json:
    """Return the row that creates or changes an item."""
    return {"method": "UPDATE", "data": data}


def delete_request(retailer_id: str) -> Json:
    return {"method": "DELETE", "data": {"id": retailer_id}}


def send_batch(client: GraphClient, catalog_id: str, *, requests: Sequence[Json]) -> BatchReceipt:
    """Hand rows to Meta. An answer means "accepted", not "stored": `check_batch` tells the rest."""
    answer = client.post(
        f"{catalog_id}/items_batch", item_type="PRODUCT_ITEM", requests=list(requests), allow_upsert=True
    )
    rows = _named_by_place(_objects(answer.get("validation_status")), requests)
    refused = [(_id_of(row), _words(row["errors"])) for row in rows if row.get("errors")]
    return BatchReceipt(
        handle=_read_handle(answer.get("handles")),
        refused={retailer_id: words for retailer_id, words in refused if retailer_id},
        nameless=[words for retailer_id, words in refused if not retailer_id],
        warned=_collect((_id_of(row), one) for row in rows for one in _listed(row.get("warnings"))),
    )


def check_batch(client: GraphClient, catalog_id: str, *, handle: str) -> BatchResult:
    """Ask how a batch went. Without `load_ids_of_invalid_requests` Meta hides every failure."""
    answer = client.get(
        f"{catalog_id}/check_batch_request_status",
        handle=handle,
        load_ids_of_invalid_requests=True,
        fields=STATUS_FIELDS,
    )
    rows = _objects(answer.get("data"))
    return _read_result(rows[0] if rows else {})


def _read_result(row: Json) -> BatchResult:
    errors, ids = _listed(row.get("errors")), _listed(row.get("ids_of_invalid_requests"))
    refused = {str(retailer_id): "" for retailer_id in ids if retailer_id}
    named = [error for error in _objects(errors) if error.get("id")]
    for error in named:
        retailer_id = str(error["id"])
        refused[retailer_id] = " ".join(filter(None, [refused.get(retailer_id), _message(error)]))
    count = max(_number(row.get("errors_total_count")), len(errors))
    # Meta may cut its list of errors. Then the list of ids tells the rest, where it is the longer one.
    goes_on = len(refused) > len({str(error["id"]) for error in named})
    return BatchResult(
        is_known=bool(row.get("status")),
        is_finished=str(row.get("status", "")).lower() == "finished",
        refused=refused,
        is_complete=count <= len(named) or goes_on,
        nameless=[_message(error) for error in errors if not isinstance(error, dict) or not error.get("id")],
        warned=_collect((_id_of(one), one) for one in _objects(row.get("warnings"))),
    )


def _named_by_place(rows: list[Json], requests: Sequence[Json]) -> list[Json]:
    """Name the rows of an answer that has one for each request, in their order; any other stays as it is."""
    ids = [str(request["data"]["id"]) for request in requests]
    if len(rows) != len(ids) or any(_id_of(row) not in ("", one) for row, one in zip(rows, ids, strict=True)):
        return rows
    return [row | {"retailer_id": one} for row, one in zip(rows, ids, strict=True)]


def _id_of(row: Json) -> str:
    """Return which item Meta speaks of, '' where it does not say."""
    return str(row.get("retailer_id") or row.get("id") or "")


def _collect(remarks: Iterable[tuple[str, Any]]) -> dict[str, list[str]]:
    """Return the warnings by item, each once, in bounded number and length."""
    found: dict[str, list[str]] = {}
    for retailer_id, remark in remarks:
        text = " ".join(_message(remark).split())[:WARNING_LENGTH]
        if retailer_id and text and text not in found.setdefault(retailer_id, []):
            found[retailer_id] = [*found[retailer_id], text][:MOST_WARNINGS]
    return {retailer_id: texts for retailer_id, texts in found.items() if texts}


def _read_handle(handles: Any) -> str:
    """Return the first handle, '' where there is none that can be asked about."""
    first = next(iter(handles), "") if isinstance(handles, list) else handles
    return str(first) if isinstance(first, str | int) else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: Any) -> list[Json]:
    """Return the objects of a list; what is none of either says nothing."""
    return [one for one in _listed(value) if isinstance(one, dict)]


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int) or str(value).isdecimal() else 0


def _words(errors: Any) -> str:
    return " ".join(filter(None, map(_message, errors))) if isinstance(errors, list) else str(errors)


def _message(error: Any) -> str:
    return str(error.get("message") or "") if isinstance(error, dict) else str(error or "")
