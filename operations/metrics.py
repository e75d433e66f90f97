"""Figures for a monitor, in the Prometheus text format.

Read at the moment they are asked for, from the database and the broker: every web process gives the same
answer, and nothing has to be collected from workers.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from integrations.models import WebhookDelivery, WebhookEvent
from operations.readiness import inspect_broker


def may_read_metrics(authorization: str) -> bool:
    """Say whether this header opens the figures; without a METRICS_TOKEN they are open while developing."""
    if not settings.METRICS_TOKEN:
        return bool(settings.DEBUG)
    return hmac.compare_digest(authorization.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())


def render_metrics() -> bytes:
    """Return the figures; 3 queries."""
    registry = CollectorRegistry()
    registry.register(_Platform())
    return generate_latest(registry)


class _Platform(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from _inbox()
        yield from _queues()


def _inbox() -> Iterator[Metric]:
    counts = dict(WebhookEvent.objects.values_list("state").annotate(Count("id")))
    events = GaugeMetricFamily("stormcom_events", "Kept events of Meta by state.", labels=["state"])
    for state in WebhookEvent.State.values:
        events.add_metric([state], counts.get(state, 0))
    yield events
    received = WebhookDelivery.objects.filter(state=WebhookDelivery.State.RECEIVED)
    yield GaugeMetricFamily("stormcom_deliveries_waiting", "Bodies not unpacked yet.", value=received.count())
    waiting = WebhookEvent.objects.filter(state=WebhookEvent.State.WAITING)
    oldest = waiting.aggregate(oldest=Min("received_at"))["oldest"]
    if oldest is not None:  # An empty queue has no age: 0 would say that something came this very moment.
        name, age = "stormcom_oldest_waiting_event_seconds", (timezone.now() - oldest).total_seconds()
        yield GaugeMetricFamily(name, "Age of the oldest waiting event.", value=age)


def _queues() -> Iterator[Metric]:
    broker = inspect_broker()
    yield GaugeMetricFamily("stormcom_broker_up", "1 when the broker answers.", value=int(broker.reachable))
    if broker.reachable:
        jobs = GaugeMetricFamily("stormcom_queue_jobs", "Jobs waiting in the broker.", labels=["queue"])
        for queue, count in broker.waiting.items():
            jobs.add_metric([queue], count)
        yield jobs
