"""Work again on what Meta sent in some time: after a fault of ours was mended."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integrations.models import EventReplay, WebhookDelivery
from integrations.webhooks.replay import Line, Pick, Wanted, count_wanted, start_replay, unpack_again
from integrations.webhooks.since import NotAMoment, read_moment
from integrations.webhooks.tasks import nudge_inbox
from tenancy.models import Store


class Command(BaseCommand):
    help = (
        "Work again on the events that arrived since a time: those that failed, unless --state says "
        "otherwise. With neither --store nor --kind, also unpack again the bodies that could not be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        moment = "14:00, 2026-11-25T14:00, or how long ago: 30m, 2h, 1d; in the store's time zone, else UTC"
        parser.add_argument("--since", required=True, help=moment)
        parser.add_argument("--until", help="The same; without it, up to now.")
        parser.add_argument("--kind", default="", help="Only events of this kind, such as message.")
        parser.add_argument("--store", default="", help="Only events of the store with this address.")
        parser.add_argument("--state", default=str(Pick.FAILED), help=f"One of {', '.join(Pick.values)}.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done, and do nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = _read(options)
        lines, bodies = count_wanted(wanted), _parked_bodies(wanted)
        self._print(lines, bodies.count())
        total = sum(line.count for line in lines)
        if options["dry_run"]:
            self.stdout.write(f"Dry run: {_events(total)} would be worked on again. Nothing was changed.")
            return
        unpack_again(bodies)
        run = start_replay(wanted, actor=None)
        nudge_inbox()
        self.stdout.write(_say(run))

    def _print(self, lines: list[Line], bodies: int) -> None:
        for line in lines:
            self.stdout.write(f"{line.count:>8}  {line.kind}  {line.asset_id or '(no asset)'}")
        if bodies:
            self.stdout.write(f"{bodies:>8}  bodies that could not be read, to be unpacked again")


def _read(options: dict[str, Any]) -> Wanted:
    store = _find_store(options["store"])
    if options["state"] not in Pick.values:
        raise CommandError(f"There is no state “{options['state']}”. Use one of {', '.join(Pick.values)}.")
    now, zone = timezone.now(), ZoneInfo(store.timezone) if store else UTC
    try:
        since = read_moment(options["since"], now=now, zone=zone)
        until: datetime | None = None
        if options["until"]:
            until = read_moment(options["until"], now=now, zone=zone)
    except NotAMoment as error:
        raise CommandError(str(error)) from None
    if until and until < since:
        raise CommandError("--until is before --since, so nothing lies between them.")
    return Wanted(
        since=since,
        until=until,
        store_id=store.pk if store else None,
        kind=options["kind"],
        pick=options["state"],
    )


def _find_store(slug: str) -> Store | None:
    if not slug:
        return None
    store = Store.objects.filter(slug=slug).first()
    if store is None:
        raise CommandError(f"There is no store “{slug}”. Give its address: what stands behind /s/.")
    return store


def _parked_bodies(wanted: Wanted) -> Any:
    """Bodies belong to no store and have no kind: they are taken only when neither is asked for."""
    bodies = WebhookDelivery.objects.filter(state=WebhookDelivery.State.PARKED, received_at__gte=wanted.since)
    if wanted.until:
        bodies = bodies.filter(received_at__lte=wanted.until)
    takes = wanted.store_id is None and not wanted.kind
    return bodies if takes and wanted.pick in (Pick.FAILED, Pick.PARKED, Pick.ALL) else bodies.none()


def _say(run: EventReplay | None) -> str:
    if run is None:
        return "No event to work on again."
    if run.finished_at:
        return f"{_events(run.replayed)} worked on again."
    return f"{_events(run.total)} worked on again: the first {run.replayed} now, the rest as these get done."


def _events(count: int) -> str:
    return "1 event" if count == 1 else f"{count} events"
