"""Sending one queued reply: claim, call Meta, note the outcome.

The Send API has no key that makes a second call harmless, so a reply is sent again by itself only when Meta
certainly did not take it. Where that is unknown (no answer, or we died in between) it stays `sending`: its
echo settles it, and after LEASE without one it is failed in just these words, and sending again is a person's
press. A conversation's replies leave one after the other, in the order they were written.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.graph.errors import (
    Blocked,
    FixData,
    Gone,
    GraphError,
    NoAnswer,
    NotAllowed,
    Reconnect,
    RetryLater,
    SlowDown,
    ThreadTaken,
    WindowClosed,
)
from integrations.graph.messages import send_text
from integrations.logins import LoginClient
from integrations.models import AssetState, ConnectedPage
from integrations.report import allows
from integrations.runs import record_failure, record_success
from messaging.models import Conversation, Message
from messaging.standing import absorb_double, further, lock_conversation, settle
from messaging.window import Window, reply_window

State = Message.State
UNSETTLED = (State.QUEUED, State.SENDING)

LEASE = timedelta(minutes=2)
"""Above what one call may take (its timeouts), and time for the echo to come."""
LADDER = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""Waits between attempts while Meta is down; then the reply is failed, and a person decides."""
ABOUT_THIS_REPLY = (WindowClosed, Gone, FixData)
"""Refusals that say nothing about the health of the Page."""


def window_of(conversation: Conversation, *, by_person: bool, now: datetime | None = None) -> Window:
    """Return what may be sent in this conversation now."""
    return reply_window(
        conversation.last_inbound_at,
        now=now or timezone.now(),
        by_person=by_person,
        human_agent_approved=settings.HUMAN_AGENT_APPROVED,
    )


def connection_problem(conversation: Conversation) -> str:
    """Say why nothing can be sent through the conversation's Page; '' when it can."""
    page = conversation.page
    if page is None or page.state == AssetState.DISCONNECTED:
        return _("The Page is no longer connected. Connect it again to reply.")
    if page.state == AssetState.NEEDS_RECONNECT:
        return _("Facebook no longer lets us in to this Page. Connect it again to reply.")
    if page.state == AssetState.DISABLED:
        return _("This Page is paused. Resume it to reply.")
    if not allows(page.account, _permission_for(conversation), conversation.asset_id):
        words = _("%(name)s left out the permission to reply at Facebook. Ask again, and leave it ticked.")
        return words % {"name": page.account}
    return ""


def _permission_for(conversation: Conversation) -> str:
    return "instagram_manage_messages" if conversation.contact.on_instagram else "pages_messaging"


def send_reply(message_id: int) -> int | None:
    """Send a queued reply if it is due. Returns the conversation's next reply to send, if there is one.

    Safe twice and late: only one claim wins, and a reply that is sent or failed is never claimed.
    """
    message = claim_reply(message_id)
    if message is None:
        return None
    conversation = message.conversation
    problem = connection_problem(conversation)
    window = window_of(conversation, by_person=message.sent_by_id is not None)
    if problem or not window.is_open:
        return record_outcome(message, failed=problem or window.words)
    return _call_meta(message, conversation, tag=window.tag)


def claim_reply(message_id: int) -> Message | None:
    """Take a queued reply that is due and first in its conversation, or return None."""
    with transaction.atomic():
        message = _lock_message(message_id)
        if message is None or message.state != State.QUEUED or message.not_before > timezone.now():
            return None
        if _unsettled(message.conversation).filter(pk__lt=message.pk).exists():
            return None
        message.state, message.attempts = State.SENDING, message.attempts + 1
        message.not_before = timezone.now() + LEASE
        _save(message)
    return message


def _call_meta(message: Message, conversation: Conversation, *, tag: str) -> int | None:
    page = conversation.page
    try:
        mid = send_text(
            LoginClient(page),
            page.page_id,
            person_id=conversation.contact.person_id,
            text=message.text,
            reference=str(message.reference),
            tag=tag,
        )
    except GraphError as error:
        if not isinstance(error, ABOUT_THIS_REPLY):
            record_failure(page.page_id, error)
        return _note_refusal(message, error)
    record_success(page.page_id)
    return record_outcome(message, mid=mid)


def _note_refusal(message: Message, error: GraphError) -> int | None:
    """Decide what an error of Meta means for the reply."""
    if isinstance(error, NoAnswer):
        return None  # perhaps sent: the echo, or the sweep after LEASE, settles it
    if isinstance(error, SlowDown):
        _hold_page(message.conversation.page, timedelta(seconds=error.seconds))
        return record_outcome(message, again_in=timedelta(seconds=error.seconds), error=error)
    if isinstance(error, RetryLater) and message.attempts <= len(LADDER):
        return record_outcome(message, again_in=LADDER[message.attempts - 1], error=error)
    return record_outcome(message, failed=_words(error), error=error)


def _hold_page(page: ConnectedPage | None, wait: timedelta) -> None:
    """Let the Page's other queued replies wait too: going on would lengthen the block."""
    until = timezone.now() + wait
    queued = Message.objects.filter(conversation__page=page, state=State.QUEUED, not_before__lt=until)
    queued.update(not_before=until)


def record_outcome(
    message: Message,
    *,
    mid: str = "",
    failed: str = "",
    again_in: timedelta | None = None,
    error: GraphError | None = None,
) -> int | None:
    """Write down what became of a reply that was being sent. Its echo may have come first, and then wins.

    Returns the conversation's next reply to send, if there is one.
    """
    with transaction.atomic():
        current = _lock_message(message.pk)
        if current is None:
            return None
        if mid:
            _note_sent(current, mid)
        elif current.state == State.SENDING:
            _note_unsent(current, failed=failed, again_in=again_in, error=error)
        _save(current)
        following = _unsettled(current.conversation).filter(state=State.QUEUED).order_by("pk").first()
    return following.pk if following and current.state not in UNSETTLED else None


def give_up(message_id: int) -> int | None:
    """Fail a reply whose sending neither ended nor was echoed within LEASE."""
    message = Message.objects.filter(
        pk=message_id, state=State.SENDING, not_before__lte=timezone.now()
    ).first()
    if message is None:
        return None
    return record_outcome(
        message, failed=_("We do not know whether this arrived. Look before you send it again.")
    )


def _note_sent(message: Message, mid: str) -> None:
    message.state = further(message.state, State.SENT)
    if message.echoed_at is None:
        message.happened_at = timezone.now()
    message.error = message.error_code = message.error_detail = ""
    absorb_double(message, mid)


def _note_unsent(
    message: Message, *, failed: str, again_in: timedelta | None, error: GraphError | None
) -> None:
    message.state = State.QUEUED if again_in is not None else State.FAILED
    message.not_before = timezone.now() + (again_in or timedelta())
    message.error = failed
    message.error_code = f"{error.code}/{error.subcode}" if error else ""
    message.error_detail = str(error) if error else ""


def _lock_message(message_id: int) -> Message | None:
    """Return the message with its conversation, both locked (always the conversation first)."""
    found = Message.objects.filter(pk=message_id).values_list("conversation_id", flat=True).first()
    if found is None:
        return None
    conversation = lock_conversation(found)
    message: Message = Message.objects.select_for_update().get(pk=message_id)
    message.conversation = conversation
    return message


def _save(message: Message) -> None:
    message.revision = message.conversation.revision
    message.save()
    settle(message.conversation)


def _unsettled(conversation: Conversation) -> QuerySet[Message]:
    rows: QuerySet[Message] = Message.objects.filter(conversation=conversation, state__in=UNSETTLED)
    return rows


def _words(error: GraphError) -> str:
    """Say in a merchant's words why Meta did not take a reply, and what to do."""
    match error:
        case ThreadTaken():
            return _("Another app answers this customer now. Take the chat over in the Page's inbox.")
        case WindowClosed():
            return _("Meta allows no reply to this customer now. Wait until they write again.")
        case Reconnect():
            return _("Facebook no longer lets us in to this Page. Connect the Page again, then try again.")
        case Gone():
            return _("Meta no longer knows this customer, or they blocked the Page.")
        case NotAllowed():
            return _(
                "Meta did not allow it. Check the Page's permissions under Integrations, then try again."
            )
        case Blocked():
            return _("Facebook restricts this Page for now. Its support inbox at Facebook says until when.")
        case FixData():
            return _("Meta did not accept the text. Change it and send it again.")
        case RetryLater():
            return _("Meta could not be reached for a while. It was not sent; try again.")
    return _("Meta refused it without a reason that we know. It was not sent; try again later.")
