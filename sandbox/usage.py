"""Rate-limit buckets and the headers that tell how full they are."""

import json
from typing import Any

from sandbox.call import Call
from sandbox.models import Business, Catalog, InstagramAccount, Lead, LeadForm, Page, Product, ProductSet

MESSAGING_EDGES = {"messages", "conversations"}
CATALOG_BATCH_EDGES = {"items_batch"}
LEAD_EDGES = {"leads", "leadgen_forms", "test_leads"}


def bucket_of(call: Call, node: Any, edge: str) -> str:
    """Say which limit a call counts against."""
    if isinstance(node, Catalog | Product | ProductSet | Business):
        return "catalog_batch" if edge in CATALOG_BATCH_EDGES else "catalog_management"
    if isinstance(node, LeadForm | Lead) or edge in LEAD_EDGES:
        return "leadgen"
    if edge in MESSAGING_EDGES:
        return "messenger"
    if isinstance(node, InstagramAccount):
        return "instagram"
    return "pages" if isinstance(node, Page) and call.token and call.token.kind == "PAGE" else "app"


def owner_of(call: Call, node: Any) -> str:
    """Return the id under which the usage is counted: the business, catalog or Page."""
    for name in ("catalog_id", "page_id"):
        if owner := getattr(node, name, ""):
            return str(owner)
    return str(getattr(node, "id", "")) or call.world.app.id


def usage_headers(bucket: str, owner: str, *, percent: int, minutes: int = 0) -> dict[str, str]:
    counts = {"call_count": percent, "total_cputime": percent // 4, "total_time": percent // 4}
    if bucket == "app":
        return {"x-app-usage": json.dumps(counts)}
    entry = {"type": bucket} | counts | {"estimated_time_to_regain_access": minutes}
    return {"x-business-use-case-usage": json.dumps({owner: [entry]})}
