"""Product sets of a catalog, by the numbers of their items. Source: fact sheet 17.5, Graph API v26.0."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.graph.client import GraphClient, Json


def find_set(client: GraphClient, catalog_id: str, *, retailer_id: str) -> str | None:
    """Return Meta's id of the set that we gave this retailer_id, None when there is none."""
    for row in client.walk(f"{catalog_id}/product_sets", retailer_id=retailer_id, fields="id,retailer_id"):
        if str(row.get("retailer_id", "")) == retailer_id:
            return str(row["id"])
    return None


def list_sets(client: GraphClient, catalog_id: str) -> dict[str, str]:
    """Return the names of all sets of a catalog by Meta's ids of them."""
    rows = client.walk(f"{catalog_id}/product_sets", fields="id,name")
    return {str(row["id"]): str(row.get("name", "")) for row in rows}


def create_set(
    client: GraphClient, catalog_id: str, *, name: str, retailer_id: str, item_ids: Sequence[str]
) -> str:
    """Make a set of exactly these items and return Meta's id of it."""
    rule = _rule(item_ids)
    answer = client.post(f"{catalog_id}/product_sets", name=name, retailer_id=retailer_id, filter=rule)
    return str(answer["id"])


def update_set(client: GraphClient, set_id: str, *, name: str, item_ids: Sequence[str]) -> None:
    """Have a set contain exactly these items. Safe twice."""
    client.post(set_id, name=name, filter=_rule(item_ids))


def delete_set(client: GraphClient, set_id: str) -> None:
    """Take a set away, also while a shop shows it; its items stay."""
    client.delete(set_id, allow_live_product_set_deletion=True)


def _rule(item_ids: Sequence[str]) -> Json:
    return {"retailer_id": {"is_any": list(item_ids)}}
