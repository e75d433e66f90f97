"""Forgetting a customer of a store: what they wrote, who they are, and, when asked, what they entered.

A contact is known by the number that Meta gives the Page (PSID) or account (IGSID) for them; nothing ties it
to an e-mail address or a phone number. Leads and orders are found by what the customer tells the store.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.fields import CharField
from django.db.models.lookups import Exact
from django.utils import timezone

from integrations.graph.records import GraphCall
from integrations.webhooks.forgetting import blank_events
from leads.models import Lead, MetaLead
from messaging.models import Attachment, Contact, Message
from operations.erasure import Outcome, Step, record_request
from operations.models import DeletionRequest
from orders.models import ExternalOrderMapping, Order
from orders.status import Status
from tenancy.audit import record_audit
from tenancy.models import Store, User
from tenancy.scope import open_store

FINISHED = (Status.COMPLETED, Status.CANCELLED)
DIGITS_COMPARED = 9
"""The end of a phone number, without what differs when it is written with and without its country code."""


def request_erasure(
    contact: Contact, *, store: Store, actor: User, email: str = "", phone: str = "", with_leads: bool = False
) -> DeletionRequest:
    """Keep a member's wish that a customer be forgotten. The same customer again is the same code."""
    person = {"asset_id": contact.asset_id, "person_id": contact.person_id}
    request = record_request(
        DeletionRequest.Kind.BUYER,
        f"{store.pk}:{contact.asset_id}:{contact.person_id}",
        subject={**person, "email": email, "phone": phone, "with_leads": with_leads},
        requested_at=timezone.now(),
        store=store,
        requested_by=actor,
    )
    record_audit("customer.erasure_requested", actor=actor, target=contact, code=request.code)
    return request


def _forget_events(request: DeletionRequest) -> Outcome:
    person, asset_id = request.subject["person_id"], request.subject["asset_id"]
    named = Q(item__regex=rf"\y{re.escape(person)}\y")  # Meta writes ids as text, and sometimes as numbers
    about = named & Q(asset_id=asset_id, received_at__lte=request.requested_at)
    GraphCall.objects.filter(asset_id=person).delete()  # a name was asked for by the person's number
    return Outcome(erased=+Counter(events=blank_events(about)))


def _forget_conversations(request: DeletionRequest) -> Outcome:
    """Delete the contact with all that hangs on it."""
    contact = Contact.objects.filter(
        asset_id=request.subject["asset_id"],
        person_id=request.subject["person_id"],
        created_at__lte=request.requested_at,
    ).first()
    if contact is None:
        return Outcome()
    _total, counts = contact.delete()
    found = {kind: counts.get(kind._meta.label, 0) for kind in (Message, Attachment)}
    erased = Counter(customer=1, messages=found[Message], attachments=found[Attachment])
    return Outcome(erased=+erased, kept=["customers_copy"])


def _forget_leads(request: DeletionRequest) -> Outcome:
    """Delete the leads with the same e-mail address or phone number, when that was asked.

    What Meta sent keeps its row, emptied: without it the next check would fetch the lead once more.
    """
    leads = find_leads(request.subject["email"], request.subject["phone"], until=request.requested_at)
    if not request.subject["with_leads"]:
        return Outcome(kept=["leads_not_asked"] if leads.exists() else [])
    meta_leads = list(leads.exclude(meta_lead=None).values_list("meta_lead_id", flat=True))
    _total, counts = leads.delete()
    MetaLead.objects.filter(pk__in=meta_leads).update(answers={}, reason="")
    return Outcome(erased=+Counter(leads=counts.get(Lead._meta.label, 0)))


def _blank_orders(request: DeletionRequest) -> Outcome:
    """Blank who ordered; what was sold stays. An order under way is left: it has to arrive."""
    orders = find_orders(request.subject["email"], request.subject["phone"], until=request.requested_at)
    outcome = Outcome(kept=["orders_under_way"] if orders.exclude(status__in=FINISHED).exists() else [])
    for order in orders.filter(status__in=FINISHED).select_for_update():
        country = order.shipping_address.get("country")
        order.buyer_name = order.buyer_email = order.buyer_phone = ""
        order.shipping_address = {"country": country} if country else {}
        order.save()
        outcome.erased["events"] += _forget_reports(order)
        outcome.erased["orders"] += 1
    if outcome.erased["orders"]:
        outcome.kept.append("orders_by_law")
    outcome.erased = +outcome.erased
    return outcome


def _forget_reports(order: Order) -> int:
    """Empty what a sales channel sent about an order."""
    mappings = ExternalOrderMapping.objects.filter(order=order)
    mappings.update(waiting={})
    ids = mappings.values_list("external_id", flat=True)
    return sum(blank_events(Q(store_id=order.store_id, item__contains=f'"{known}"')) for known in ids)


def find_leads(email: str, phone: str, *, until: datetime) -> QuerySet[Lead]:
    """Return the open store's leads with this e-mail address or phone number."""
    rows: QuerySet[Lead] = Lead.objects.filter(created_at__lte=until)
    return rows.filter(_same("email", "phone", email, phone))


def find_orders(email: str, phone: str, *, until: datetime) -> QuerySet[Order]:
    """Return the open store's orders with this e-mail address or phone number."""
    rows: QuerySet[Order] = Order.objects.filter(created_at__lte=until)
    return rows.filter(_same("buyer_email", "buyer_phone", email, phone))


def _same(email_field: str, phone_field: str, email: str, phone: str) -> Q:
    """Match either; nothing at all when neither was given. Too few digits would match strangers."""
    found = Q(pk__in=[])
    if email:
        found |= Q(**{f"{email_field}__iexact": email})
    digits = "".join(letter for letter in phone if letter.isdecimal())[-DIGITS_COMPARED:]
    if len(digits) == DIGITS_COMPARED:
        found |= _digits_of(phone_field, digits)
    return found


def _digits_of(field: str, digits: str) -> Q:
    """Match a column whose digits, without what stands between them, end with these."""
    plain = Func(
        F(field), Value(r"\D"), Value(""), Value("g"), function="regexp_replace", output_field=CharField()
    )
    ends = Func(plain, Value(DIGITS_COMPARED), function="right", output_field=CharField())
    return Q(Exact(ends, Value(digits)))


def _in_store(work: Step) -> Step:
    """Run a step with the request's store open; a store that is gone took all with it."""

    def inside(request: DeletionRequest) -> Outcome:
        if request.store_id is None:
            return Outcome()
        with open_store(request.store_id):
            return work.erase(request)

    return Step(name=work.name, erase=inside)


STEPS = tuple(
    _in_store(step)
    for step in (
        Step(name="events", erase=_forget_events),
        Step(name="conversations", erase=_forget_conversations),
        Step(name="leads", erase=_forget_leads),
        Step(name="orders", erase=_blank_orders),
    )
)
