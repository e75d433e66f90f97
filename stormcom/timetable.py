"""Every periodic task, how often, and why that often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the timetable; a run that was not started within its own interval is dropped."""

    task: str
    every_seconds: int
    why: str

    def as_beat(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "schedule": self.every_seconds,
            "options": {"expires": self.every_seconds},
        }


TIMETABLE = (
    Entry(
        task="integrations.webhooks.tasks.work_inbox",
        every_seconds=5,
        why="Finds what Meta sent while the broker was away, and what the retry ladder has brought back.",
    ),
    Entry(
        task="integrations.tasks.continue_replays",
        every_seconds=5,
        why="Puts the next slice of a large replay in line once the one before it has been tried.",
    ),
    Entry(
        task="messaging.tasks.sweep_messaging",
        every_seconds=15,
        why="A buyer waits for the reply: one whose task was lost, or whose second try is due, goes out.",
    ),
    Entry(
        task="catalog.push.tasks.sweep_catalog",
        every_seconds=30,
        why="Pushes what waits without a task, polls open batches, and takes back what a dead worker held.",
    ),
    Entry(
        task="catalog.bulk.tasks.sweep_bulk_changes",
        every_seconds=60,
        why="Goes on with a change to many products whose task was lost; somebody watches its progress bar.",
    ),
    Entry(
        task="catalog.spreadsheets.tasks.sweep_imports",
        every_seconds=60,
        why="Goes on with a file of products whose task was lost; somebody watches its progress bar.",
    ),
    Entry(
        task="catalog.pictures.tasks.sweep_pictures",
        every_seconds=60,
        why="A picture's address is looked at soon after an import, and again each week: hosts move.",
    ),
    Entry(
        task="catalog.pictures.tasks.collect_pictures",
        every_seconds=3600,
        why="A run goes through one of 256 folders, so files that nothing shows are gone within weeks.",
    ),
    Entry(
        task="catalog.stock.tasks.sweep_holds",
        every_seconds=60,
        why="Pieces held for a buyer who did not come can be sold again within a minute.",
    ),
    Entry(
        task="catalog.canary.tasks.sweep_canaries",
        every_seconds=30,
        why="Measures how fast stock reaches Meta, each catalog every CANARY_MINUTES.",
    ),
    Entry(
        task="catalog.stock.tasks.sweep_low_stock",
        every_seconds=300,
        why="Owners hear what runs low, a while after it does and once a day at most.",
    ),
    Entry(
        task="catalog.stock.tasks.sweep_sales",
        every_seconds=60,
        why="A sale begins and ends at Meta within the minute, whatever Meta makes of its dates.",
    ),
    Entry(
        task="leads.tasks.sweep_leads",
        every_seconds=60,
        why="Fetches leads whose task was lost or whose next try is due; someone calls them within minutes.",
    ),
    Entry(
        task="orders.tasks.sweep_orders",
        every_seconds=60,
        why="Sends confirmations whose task was lost: a buyer expects one within minutes.",
    ),
    Entry(
        task="integrations.tasks.sweep_pages",
        every_seconds=60,
        why="Finishes connections and disconnections whose task was lost, while the person still looks on.",
    ),
    Entry(
        task="integrations.tasks.sweep_strays",
        every_seconds=600,
        why="Asks Meta once more to stop telling of Pages that nobody has connected any more.",
    ),
    Entry(
        task="tenancy.tasks.sweep_invitations",
        every_seconds=300,
        why="Sends invitations whose task was lost; nobody waits for one by the second.",
    ),
    Entry(
        task="operations.tasks.sweep_erasures",
        every_seconds=300,
        why="Somebody waits to be forgotten: a lost task, or a step whose next try is due, is found here.",
    ),
    Entry(
        task="integrations.tasks.sweep_logins",
        every_seconds=60,
        why="One refusal may be a mistake: a second look tells, and owners hear of an end in minutes.",
    ),
    Entry(
        task="integrations.tasks.resync_pages",
        every_seconds=3600,
        why="A call for each account and Page proves that it still works, long before a send would fail.",
    ),
    Entry(
        task="catalog.linking.look_tasks.start_due_looks",
        every_seconds=300,
        why="Each catalog's row says when all of it is compared again: every 15 minutes to once a day.",
    ),
    Entry(
        task="catalog.linking.look_tasks.sweep_looks",
        every_seconds=30,
        why="Goes on where a look at the products was lost; somebody waits to see what would be sent.",
    ),
    Entry(
        task="catalog.linking.tasks.sweep_links",
        every_seconds=15,
        why="Somebody waits for a catalog to be made or emptied; one whose task was lost is gone on with.",
    ),
    Entry(
        task="catalog.comparing.tasks.compare_catalogs",
        every_seconds=3600,
        why="Each catalog is compared once a week; its rows say when it is due, so no restart skips it.",
    ),
    Entry(
        task="catalog.comparing.tasks.look_at_all_reviews",
        every_seconds=120,
        why="Meta tells nobody how a review went; only items in review or just sent are asked for.",
    ),
    Entry(
        task="catalog.comparing.tasks.mirror_wanted_sets",
        every_seconds=60,
        why="Many edits make one look at the sets, and a minute is soon enough for ads and collections.",
    ),
    Entry(
        task="catalog.comparing.tasks.ask_all_for_advice",
        every_seconds=3600,
        why="Meta's advice changes with its reviews; three calls a catalog are cheap.",
    ),
    Entry(
        task="catalog.comparing.tasks.sweep_comparisons",
        every_seconds=60,
        why="Goes on with comparisons and repairs whose task was lost, or that Meta told to wait.",
    ),
    Entry(
        task="operations.tasks.purge_old_rows",
        every_seconds=3600,
        why="Removes what Meta sent when it has been kept for long enough, a little at a time.",
    ),
    Entry(
        task="leads.tasks.sync_all_leads",
        every_seconds=3600,
        why="Meta may lose a message about a lead, and keeps leads for 90 days only.",
    ),
    Entry(
        task="integrations.tasks.purge_calls",
        every_seconds=3600,
        why="A busy day leaves many rows of calls; each hour deletes an hour's worth of a week ago.",
    ),
    Entry(
        task="integrations.tasks.recheck_accounts",
        every_seconds=86_400,
        why="A person can take back a permission at Facebook any day; Meta does not always say so.",
    ),
    Entry(
        task="integrations.tasks.check_subscriptions",
        every_seconds=3600,
        why="Meta drops a Page after an hour of failed deliveries, tells nobody, and replays nothing.",
    ),
    Entry(
        task="integrations.tasks.sweep_erasures",
        every_seconds=300,
        why="Whoever asked for data to be erased was promised it; a lost task must not keep it.",
    ),
    Entry(
        task="integrations.tasks.sweep_transfers",
        every_seconds=300,
        why="Ends requests for a Page after a week; sends the e-mails and moves whose task was lost.",
    ),
)
