"""Orders that a sales channel sends as signed events: `order.created`, `order.updated`, `order.cancelled`.

They may come twice, late and in any order. The mapping, locked while we work, decides what is new: each fact
carries the version it was said in, the newest wins, and what was cancelled stays so.
"""

from __future__ import annotations

import hashlib
import json

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.models import ConnectedPage, InstagramAccount
from integrations.webhooks.events import OrderEvent as ReceivedEvent
from integrations.webhooks.outcomes import Ignored, Park
from orders.intake import claim_mapping, place_order, send_confirmation
from orders.lifecycle import cancel_by_channel, lock_order
from orders.models import BY_CHANNEL, Door, ExternalOrderMapping, Order, OrderEvent, OrderLine, record_step
from orders.reported import Fact, ReportedOrder, read_order
from orders.requests import OrderRequest
from tenancy.audit import record_audit


@transaction.atomic
def receive_order_event(event: ReceivedEvent, asset: ConnectedPage | InstagramAccount) -> Ignored | None:
    """Bring our order up to what a sales channel says about it.

    Raises Park for an event that has no id, or that begins an order without saying what was ordered.
    """
    reported = read_order(event, store_currency=asset.store.currency)
    mapping = claim_mapping(BY_CHANNEL, reported.external_id)
    known_before = _knowledge(mapping)
    facts = _newer_facts(mapping, reported)
    cancels = reported.is_cancelled and mapping.cancelled_at is None
    if cancels:
        mapping.cancelled_at = reported.updated_at
    if mapping.order is None:
        _begin(mapping, reported, facts)
    else:
        _follow(lock_order(mapping.order.number), mapping, reported, facts, cancels=cancels)
    if _knowledge(mapping) == known_before:
        return Ignored(_("This is already known."))
    mapping.last_updated = max(mapping.last_updated or reported.updated_at, reported.updated_at)
    mapping.save()
    return None


def _knowledge(mapping: ExternalOrderMapping) -> tuple[object, ...]:
    return mapping.order_id, mapping.cancelled_at, dict(mapping.versions), dict(mapping.waiting)


def _newer_facts(mapping: ExternalOrderMapping, reported: ReportedOrder) -> dict[str, Fact]:
    """Return the facts that are newer than what we know of each, and note their versions."""
    newer = {}
    for name, fact in reported.facts.items():
        version = f"{reported.version} {_digest(fact)}"  # the digest decides between two of the same second
        if version > mapping.versions.get(name, ""):
            mapping.versions[name] = version
            newer[name] = fact
    return newer


def _digest(fact: Fact) -> str:
    return hashlib.sha256(json.dumps(fact, sort_keys=True).encode()).hexdigest()[:8]


def _begin(mapping: ExternalOrderMapping, reported: ReportedOrder, facts: dict[str, Fact]) -> None:
    """Place the order as soon as its lines are known; until then keep what was said about it."""
    mapping.waiting = {**mapping.waiting, **facts}
    if reported.lines:
        mapping.order = place_order(_as_request(mapping, reported))
        mapping.waiting = {}
        mapping.versions["lines"] = reported.version
    elif reported.kind == "order.created":
        words = _("Order %(id)s came without anything ordered that can be read.")
        raise Park(" ".join([words % {"id": reported.external_id}, *reported.problems]))


def _as_request(mapping: ExternalOrderMapping, reported: ReportedOrder) -> OrderRequest:
    amounts = reported.amounts
    return OrderRequest(
        source=reported.source,
        door=Door.EVENT,
        currency=amounts.currency,
        lines=reported.lines,
        buyer_has_ordered=True,
        placed_at=reported.placed_at,
        subtotal_minor=amounts.subtotal_minor,
        shipping_minor=amounts.shipping_minor or 0,
        tax_minor=amounts.tax_minor or 0,
        total_minor=amounts.total_minor,
        is_cancelled=mapping.cancelled_at is not None,
        problems=reported.problems,
        **mapping.waiting,
    )


def _follow(
    order: Order,
    mapping: ExternalOrderMapping,
    reported: ReportedOrder,
    facts: dict[str, Fact],
    *,
    cancels: bool,
) -> None:
    """Bring a locked order up to date. Its lines and its stock stay as they were placed."""
    changed = [name for name, fact in facts.items() if getattr(order, name) != fact]
    for name in changed:
        setattr(order, name, facts[name])
    if _differs(mapping, reported, order):
        order.add_problems(
            _("The sales channel changed what was ordered or its price. Compare before you ship.")
        )
    order.save()
    if changed:
        record_step(order, OrderEvent.Kind.UPDATED, fields=sorted(changed))
        record_audit("order.updated", actor=None, target=order, fields=sorted(changed))
    if cancels:
        cancel_by_channel(order)
    send_confirmation(order)


def _differs(mapping: ExternalOrderMapping, reported: ReportedOrder, order: Order) -> bool:
    """Say whether a newer version has other lines or another total than the order we placed."""
    if not reported.lines or reported.version <= mapping.versions.get("lines", ""):
        return False
    mapping.versions["lines"] = reported.version
    ours = OrderLine.objects.filter(order=order).values_list("retailer_id", "quantity")
    theirs = [(line.retailer_id, line.quantity) for line in reported.lines]
    total = reported.amounts.total_minor
    return sorted(ours) != sorted(theirs) or total not in (None, order.total_minor)
