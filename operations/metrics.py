"""Figures for a monitor, in the Prometheus text format.

Read at the moment they are asked for, from the database and the broker: every web process gives the same
answer, and nothing has to be collected from workers.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from catalog.canary.measuring import MEASURED
from catalog.models import Canary, Catalog, StockLag
from integrations.models import Mailbox, WebhookDelivery, WebhookEvent
from integrations.webhooks.wording import KINDS
from operations.readiness import inspect_broker

STATEMENT_TIMEOUT = "2s"
COUNT_LIMIT = 100_000
RECENT_EVENTS = 10_000
TRIES = (1, 2, 4, 8)
RECENT_LAGS = 1000
LAG_SECONDS = (1, 2, 3, 5, 10, 30, 60, 300)

log = structlog.get_logger(__name__)


def may_read_metrics(authorization: str) -> bool:
    """Say whether this header opens the figures; without a METRICS_TOKEN they are open while developing."""
    if not settings.METRICS_TOKEN:
        return bool(settings.DEBUG)
    return hmac.compare_digest(authorization.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())


def render_metrics() -> bytes:
    """Return the figures; 12 queries, whose cost does not grow with what is kept."""
    registry = CollectorRegistry()
    registry.register(_Platform())
    return generate_latest(registry)


class _Platform(Collector):
    def collect(self) -> Iterator[Metric]:
        try:
            figures = list(_read_database())
        except DatabaseError as error:  # away, or too busy to be asked: the other figures still say so
            log.warning("metrics_without_database", error=type(error).__name__)
            figures = []
        yield _gauge("stormcom_database_up", "1 when the database answers in time.", int(bool(figures)))
        yield from figures
        yield from _queues()


def _read_database() -> Iterator[Metric]:
    """Measuring must not make a busy database busier: each question is answered in time or given up."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [STATEMENT_TIMEOUT])
        yield from _bodies()
        yield from _waiting()
        yield from _recent()
        yield from _stock_lag()


def _bodies() -> Iterator[Metric]:
    received = WebhookDelivery.objects.filter(state=WebhookDelivery.State.RECEIVED).order_by("id")
    yield _gauge("stormcom_deliveries_waiting", "Bodies not unpacked yet.", _count(received))
    oldest = received.values_list("received_at", flat=True).first()
    yield from _age("stormcom_oldest_waiting_delivery_seconds", "Age of the oldest such body.", oldest)


def _waiting() -> Iterator[Metric]:
    counted = GaugeMetricFamily(
        "stormcom_events", f"Events that wait or need a look, up to {COUNT_LIMIT}.", labels=["state"]
    )
    for state in WebhookEvent.OPEN:
        counted.add_metric([state], _count(WebhookEvent.objects.filter(state=state)))
    yield counted
    waiting = WebhookEvent.objects.filter(state=WebhookEvent.State.WAITING).order_by("id")
    oldest = waiting.values_list("received_at", flat=True).first()
    yield from _age("stormcom_oldest_waiting_event_seconds", "Age of the oldest waiting event.", oldest)
    due = Mailbox.objects.filter(due_at__lte=Now())
    yield _gauge("stormcom_mailboxes_due", "Mailboxes with work that could be done now.", _count(due))
    longest = due.order_by("due_at").values_list("due_at", flat=True).first()
    words = "How long the mailbox that is due longest has been due."
    yield from _age("stormcom_longest_due_mailbox_seconds", words, longest)


def _recent() -> Iterator[Metric]:
    """Outcomes and tries of the newest events: a window, so that it costs the same however many are kept."""
    newest = WebhookEvent.objects.order_by("-id").values_list("kind", "state", "attempts")[:RECENT_EVENTS]
    outcomes: Counter[tuple[str, str]] = Counter()
    tries: Counter[int] = Counter()
    for kind, state, attempts in newest:
        outcomes[kind if kind in KINDS else "other", state] += 1
        tries[attempts] += 1
    words = f"The newest {RECENT_EVENTS} events by kind and outcome."
    recent = GaugeMetricFamily("stormcom_recent_events", words, labels=["kind", "state"])
    for (kind, state), count in sorted(outcomes.items()):
        recent.add_metric([kind, state], count)
    yield recent
    buckets = [(str(most), sum(n for tried, n in tries.items() if tried <= most)) for most in TRIES]
    histogram = GaugeHistogramMetricFamily(
        "stormcom_recent_event_attempts", f"How often the newest {RECENT_EVENTS} events were tried."
    )
    total = sum(tries.values())
    histogram.add_metric([], [*buckets, ("+Inf", total)], sum(tried * n for tried, n in tries.items()))
    yield histogram


def _stock_lag() -> Iterator[Metric]:
    """How long changes of stock took until Meta showed them, of the newest ones that were measured."""
    lags = StockLag.unscoped.exclude(ended_at=None).order_by("-id")[:RECENT_LAGS]
    outcomes: Counter[str] = Counter()
    seconds: list[float] = []
    for lag in lags:
        outcomes[lag.outcome] += 1
        if lag.seconds is not None:
            seconds.append(lag.seconds)
    words = f"From a change of stock until Meta shows it: the newest {RECENT_LAGS} measurements."
    histogram = GaugeHistogramMetricFamily("stormcom_stock_lag_seconds", words)
    buckets = [(str(most), sum(one <= most for one in seconds)) for most in LAG_SECONDS]
    histogram.add_metric([], [*buckets, ("+Inf", len(seconds))], sum(seconds))
    if seconds:
        yield histogram
    counted = GaugeMetricFamily(
        "stormcom_recent_stock_lags", f"The newest {RECENT_LAGS} measurements by outcome.", labels=["outcome"]
    )
    for outcome in (outcome for outcome in StockLag.Outcome if outcome):
        counted.add_metric([outcome.value], outcomes[outcome])
    yield counted
    late = Canary.unscoped.filter(is_late=True, catalog__in=Catalog.unscoped.filter(MEASURED))
    yield _gauge("stormcom_stock_late_catalogs", "Catalogs that stock reaches late or never.", _count(late))


def _count(rows: QuerySet[Any]) -> int:
    """Count rows by their index, up to COUNT_LIMIT."""
    return rows.order_by()[:COUNT_LIMIT].count()


def _age(name: str, words: str, since: datetime | None) -> Iterator[Metric]:
    """An empty queue has no age: 0 would say that something came this very moment."""
    if since is not None:
        yield _gauge(name, words, max(0.0, (timezone.now() - since).total_seconds()))


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _queues() -> Iterator[Metric]:
    broker = inspect_broker()
    yield _gauge("stormcom_broker_up", "1 when the broker answers.", int(broker.reachable))
    if broker.reachable:
        jobs = GaugeMetricFamily("stormcom_queue_jobs", "Jobs waiting in the broker.", labels=["queue"])
        for queue, count in broker.waiting.items():
            jobs.add_metric([queue], count)
        yield jobs
