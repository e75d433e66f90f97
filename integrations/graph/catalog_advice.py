"""What Meta advises about a catalog, and which catalogs an Instagram account may tag products from.

Source: fact sheet sections 16 and 17.1, Graph API v26.0.
"""

from __future__ import annotations

from dataclasses import dataclass

from integrations.graph.client import GraphClient, Json

MUST_FIX, OPPORTUNITY = "must_fix", "opportunity"
DIAGNOSTIC_FIELDS = "severity,type,title,subtitle,number_of_affected_items,affected_channels"


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One group of items with the same thing to mend; `kind` is one of Meta's types."""

    severity: str
    kind: str
    title: str
    subtitle: str
    item_count: int


@dataclass(frozen=True, kw_only=True)
class TaggingFacts:
    """Whether an Instagram account may tag products, None when Meta does not say, and from which catalogs."""

    may_tag: bool | None
    catalog_ids: list[str]


def fetch_diagnostics(client: GraphClient, catalog_id: str) -> list[Advice]:
    """Return what Meta advises about a catalog."""
    rows = client.walk(f"{catalog_id}/diagnostics", fields=DIAGNOSTIC_FIELDS)
    return [_advice(row) for row in rows if row.get("title") or row.get("type")]


def fetch_tagging(client: GraphClient, instagram_id: str) -> TaggingFacts:
    """Return whether an Instagram account may tag products, and from which catalogs; 2 calls."""
    node = client.get(instagram_id, fields="id,shopping_product_tag_eligibility")
    may_tag = node.get("shopping_product_tag_eligibility")
    rows = client.walk(f"{instagram_id}/available_catalogs", fields="catalog_id,catalog_name")
    return TaggingFacts(
        may_tag=may_tag if isinstance(may_tag, bool) else None,
        catalog_ids=[str(row["catalog_id"]) for row in rows if row.get("catalog_id")],
    )


def _advice(row: Json) -> Advice:
    count = row.get("number_of_affected_items")
    return Advice(
        severity=MUST_FIX if str(row.get("severity", "")).upper() == "MUST_FIX" else OPPORTUNITY,
        kind=str(row.get("type", "")).upper(),
        title=str(row.get("title", "")),
        subtitle=str(row.get("subtitle", "")),
        item_count=count if isinstance(count, int) else 0,
    )
