"""The background: sends queued events, finishes batches, saves the world."""

import asyncio
import json
import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from sandbox import catalogs, state
from sandbox.models import CALLBACK, Delivery
from sandbox.webhooks import headers_of
from sandbox.world import World

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 5
QUICK_RETRIES = (0.3, 1.0, 3.0)
SLOW_RETRIES = (15, 60, 300, 900, 1800, 3600)
"""Meta gives up on an address after about an hour of failures and unsubscribes the asset."""
OPEN = ("waiting", "held")
"""A delivery in one of these still has to go."""
TICK_SECONDS = 0.1
SAVE_SECONDS = 0.5


class Sender:
    """Runs beside the web server; a Graph answer never waits for it."""

    def __init__(self, world: World, state_file: Path | None = None) -> None:
        self.world = world
        self.state_file = state_file
        self.changed = False
        self._saved = ""
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="sender")

    def nudge(self) -> None:
        self.changed = True
        self._wake.set()

    async def run(self) -> None:
        saved_at = 0.0
        loop = asyncio.get_running_loop()
        while True:
            self.changed |= catalogs.settle(self.world)
            for mailbox in self._mailboxes():
                self._start(mailbox)
            if self.changed and loop.time() - saved_at > SAVE_SECONDS:
                saved_at = loop.time()
                self.save()
            try:
                await asyncio.wait_for(self._wake.wait(), TICK_SECONDS)
            except TimeoutError:
                continue
            self._wake.clear()

    def save(self) -> None:
        """Write the world if it differs from what was written last; a full disk does not stop the rest."""
        self.changed = False
        if self.state_file is None:
            return
        text = state.dump(self.world)
        if text == self._saved:
            return
        try:
            state.save(text, self.state_file)
        except OSError:
            logger.exception("The world could not be saved to %s", self.state_file)
        else:
            self._saved = text

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.save()

    def _mailboxes(self) -> Iterable[str]:
        return {d.mailbox for d in self.world.deliveries.values() if d.status in OPEN} - self._busy

    def _start(self, mailbox: str) -> None:
        if self._next(mailbox) is None:
            return
        self._busy.add(mailbox)
        task = asyncio.create_task(self._drain(mailbox))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, mailbox: str) -> None:
        """Send what is due, one after another, so that an asset's events keep their order."""
        try:
            while delivery := self._next(mailbox):
                await self._send(delivery)
                self.changed = True
        finally:
            self._busy.discard(mailbox)

    def _next(self, mailbox: str) -> Delivery | None:
        """Return the delivery that may go now; a quick retry holds back what is behind it."""
        now = self.world.now()
        mine = [d for d in self.world.deliveries.values() if d.mailbox == mailbox and d.status in OPEN]
        held = [d for d in mine if d.status == "held" and d.not_before <= now]
        if held:
            return held[-1]
        for delivery in mine:
            if delivery.status == "held":
                continue
            if delivery.not_before <= now:
                return delivery
            if delivery.tries <= len(QUICK_RETRIES):
                return None
        return None

    async def _send(self, delivery: Delivery) -> None:
        loop = asyncio.get_running_loop()
        delivery.status = "sending"
        try:
            status, delivery.answer = await loop.run_in_executor(self._threads, self._post, delivery)
        except asyncio.CancelledError:
            delivery.status = "waiting"
            raise
        delivery.tries += 1
        if 200 <= status < 300:
            delivery.status = "delivered"
        else:
            self._retry_later(delivery)

    def _post(self, delivery: Delivery) -> tuple[int, str]:
        body = delivery.body.encode("ascii")
        headers = headers_of(delivery, body, self.world.app.secret)
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.post(
                    delivery.url, data=body, headers=headers, timeout=ANSWER_SECONDS, allow_redirects=False
                )
        except requests.RequestException as error:
            return 0, f"no answer: {type(error).__name__}"
        return answer.status_code, f"{answer.status_code} {answer.reason}"

    def _retry_later(self, delivery: Delivery) -> None:
        waits = QUICK_RETRIES + SLOW_RETRIES
        if delivery.tries > len(waits):
            delivery.status = "failed"
            self._unsubscribe(delivery)
            return
        delivery.status = "waiting"
        delivery.not_before = self.world.now() + waits[delivery.tries - 1]

    def _unsubscribe(self, delivery: Delivery) -> None:
        if delivery.object == CALLBACK:
            return
        page = self.world.page_of(delivery.mailbox)
        if page and "messaging" in json.loads(delivery.body)["entry"][0]:
            page.subscribed_fields = []
