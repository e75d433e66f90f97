"""Who writes to the store, in which conversation, what was said, and what became of each reply."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.models import ConnectedPage
from messaging.wording import (
    TITLED_BY_KIND,
    ad_words,
    attachment_words,
    link_words,
    product_words,
    reaction_sign,
)
from tenancy.owned import StoreForeignKey, StoreOwned

CONVERSATIONS = UUID("a3f0c4a6-6b0e-5c1e-9a3d-0f6d7a1c2b58")
"""Namespace of conversation ids. Changing it would give every conversation a second one."""
LATE = timedelta(minutes=10)


class Platform(models.TextChoices):
    MESSENGER = "messenger", "Messenger"
    INSTAGRAM = "instagram", "Instagram"


class Contact(StoreOwned):
    """A customer as one Page or Instagram account knows them: Meta gives each asset its own id of them."""

    platform = models.CharField(max_length=10, choices=Platform)
    asset_id = models.CharField(max_length=64, help_text="Meta's id of the Page or Instagram account.")
    person_id = models.CharField(max_length=200, help_text="PSID or IGSID.")
    name = models.CharField(max_length=200, blank=True, default="")
    username = models.CharField(max_length=200, blank=True, default="")
    picture_url = models.TextField(blank=True, default="", help_text="Meta's address; it expires.")
    profile_attempts = models.PositiveIntegerField(default=0)
    profile_due_at = models.DateTimeField(
        null=True,
        blank=True,
        default=timezone.now,
        help_text="When to ask Meta for the name; empty: no more.",
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "asset_id", "person_id"], name="messaging_contact_once"),
        ]
        indexes = [
            models.Index(
                fields=["profile_due_at"],
                name="messaging_contact_due",
                condition=models.Q(profile_due_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The best name we have; a neutral one while Meta withholds it, never somebody else's."""
        if self.name or self.username:
            return self.name or self.username
        words = (
            _("Instagram customer %(digits)s") if self.on_instagram else _("Messenger customer %(digits)s")
        )
        return words % {"digits": self.person_id[-4:]}

    @property
    def on_instagram(self) -> bool:
        return self.platform == Platform.INSTAGRAM


def conversation_uuid(asset_id: str, person_id: str) -> UUID:
    """Return the one id that this asset's conversation with this person has, wherever it is computed."""
    return uuid5(CONVERSATIONS, f"{asset_id}:{person_id}")


class Conversation(StoreOwned):
    """Everything said between one asset and one person.

    The columns from `revision` on follow from the messages: `messaging.standing` computes them, nobody else
    writes them. `revision` counts the changes of the conversation; each message carries that of its own last
    change, so that a live page asks for what is newer than the revision it shows.
    """

    uuid = models.UUIDField(editable=False)
    platform = models.CharField(max_length=10, choices=Platform)
    asset_id = models.CharField(max_length=64)
    page = StoreForeignKey(
        ConnectedPage, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversations"
    )
    contact = StoreForeignKey(Contact, on_delete=models.CASCADE, related_name="conversations")
    created_at = models.DateTimeField(db_default=Now())

    delivered_until = models.DateTimeField(null=True, blank=True, help_text="Meta's delivery watermark.")
    read_until = models.DateTimeField(null=True, blank=True, help_text="Meta's read watermark.")
    early_receipts = models.JSONField(
        default=dict, blank=True, help_text="mid → state, for receipts that came before their message."
    )
    seen_message_id = models.BigIntegerField(default=0, help_text="Staff have looked at all up to this one.")
    done_message_id = models.BigIntegerField(default=0, help_text="Staff need no answer up to this one.")

    revision = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now, help_text="Our clock, for live pages.")
    last_message_at = models.DateTimeField(null=True, blank=True)
    last_inbound_at = models.DateTimeField(null=True, blank=True, help_text="Opens the reply window.")
    last_received_at = models.DateTimeField(
        null=True, blank=True, help_text="Our clock, for new-message hints."
    )
    waiting_since = models.DateTimeField(null=True, blank=True, help_text="First message without an answer.")
    unread_count = models.PositiveIntegerField(default=0)
    has_failed_reply = models.BooleanField(default=False)
    snippet = models.CharField(max_length=160, blank=True, default="")
    snippet_kind = models.CharField(
        max_length=20, blank=True, default="", help_text="text, deleted, image, …"
    )
    snippet_is_ours = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "uuid"], name="messaging_conversation_once"),
        ]
        indexes = [
            models.Index(fields=["store", "-last_message_at", "-id"], name="messaging_conversation_newest"),
            models.Index(
                fields=["store", "waiting_since", "id"],
                name="messaging_conversation_waiting",
                condition=models.Q(waiting_since__isnull=False),
            ),
            models.Index(fields=["store", "last_received_at"], name="messaging_conversation_news"),
            models.Index(fields=["store", "-changed_at"], name="messaging_conversation_live"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def preview(self) -> str:
        """The last message in one line, in words where it has none."""
        if self.snippet_kind == "deleted":
            return _("Message taken back")
        return self.snippet or attachment_words(self.snippet_kind)

    def get_absolute_url(self) -> str:
        return reverse("messaging:conversation", kwargs={"store": self.store.slug, "uuid": self.uuid})


class Message(StoreOwned):
    """One message, in or out, or a button that the customer pressed."""

    class Direction(models.TextChoices):
        IN = "in", gettext_lazy("From the customer")
        OUT = "out", gettext_lazy("From the store")

    class State(models.TextChoices):
        RECEIVED = "received", gettext_lazy("Received")
        QUEUED = "queued", gettext_lazy("Waiting to be sent")
        SENDING = "sending", gettext_lazy("Sending")
        SENT = "sent", gettext_lazy("Sent")
        DELIVERED = "delivered", gettext_lazy("Delivered")
        READ = "read", gettext_lazy("Seen")
        FAILED = "failed", gettext_lazy("Not sent")

    class Kind(models.TextChoices):
        MESSAGE = "message", gettext_lazy("Message")
        QUICK_REPLY = "quick_reply", gettext_lazy("Quick reply")
        POSTBACK = "postback", gettext_lazy("Button")
        CART = "cart", gettext_lazy("Cart")
        UNSUPPORTED = "unsupported", gettext_lazy("Not shown outside Meta's apps")

    reactions: list[Reaction]
    """Those to this message, where the selectors have looked for them: they name it by mid."""

    conversation = StoreForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    mid = models.CharField(max_length=255, blank=True, default="", help_text="Meta's id; empty until sent.")
    reference = models.UUIDField(
        null=True, blank=True, help_text="Ours, sent as metadata; empty: not from here."
    )
    direction = models.CharField(max_length=3, choices=Direction)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.MESSAGE)
    state = models.CharField(max_length=10, choices=State)
    text = models.TextField(blank=True, default="")
    payload = models.TextField(blank=True, default="", help_text="Of a pressed button or quick reply.")
    cart = models.JSONField(default=list, blank=True, help_text="Lines of a cart, as `carts` writes them.")
    reply_to_mid = models.CharField(max_length=255, blank=True, default="")
    app_id = models.CharField(max_length=64, blank=True, default="", help_text="Who sent it, by Meta's echo.")
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    happened_at = models.DateTimeField(help_text="Meta's clock once Meta has told, ours until then.")
    received_at = models.DateTimeField(db_default=Now(), help_text="When it came to us.")
    echoed_at = models.DateTimeField(null=True, blank=True, help_text="Meta's time of the echo.")
    edited_at = models.DateTimeField(null=True, blank=True, help_text="When its words were last changed.")
    edit_number = models.PositiveIntegerField(default=0, help_text="How often its words were changed.")
    deleted_at = models.DateTimeField(
        null=True, blank=True, help_text="Taken back; its words are erased here."
    )
    is_awaited = models.BooleanField(
        default=False, help_text="Only a change of it, or its taking back, has come; not the message itself."
    )
    revision = models.BigIntegerField(default=0)
    error = models.TextField(blank=True, default="", help_text="Why it was not sent, for the merchant.")
    error_code = models.CharField(max_length=20, blank=True, default="")
    error_detail = models.TextField(blank=True, default="", help_text="Meta's own words, for staff.")
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now, help_text="When somebody should look next.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "conversation", "mid"],
                name="messaging_message_mid_once",
                condition=~models.Q(mid=""),
            ),
            models.UniqueConstraint(
                fields=["store", "conversation", "reference"], name="messaging_message_reference_once"
            ),
            models.CheckConstraint(
                name="messaging_message_direction_state",
                condition=models.Q(direction="in", state="received")
                | (models.Q(direction="out") & ~models.Q(state="received")),
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "-happened_at", "-id"], name="messaging_message_newest"),
            models.Index(fields=["conversation", "revision"], name="messaging_message_changed"),
            models.Index(
                fields=["conversation", "id"],
                name="messaging_message_heard",
                condition=models.Q(direction="in"),
            ),
            models.Index(
                fields=["conversation", "-happened_at"],
                name="messaging_message_said",
                condition=models.Q(direction="out"),
            ),
            models.Index(
                fields=["conversation", "-happened_at"],
                name="messaging_message_unseen",
                condition=models.Q(state__in=["sent", "delivered"]),
            ),
            models.Index(
                fields=["conversation", "id"],
                name="messaging_message_failed",
                condition=models.Q(state="failed"),
            ),
            models.Index(
                fields=["not_before"],
                name="messaging_message_unsettled",
                condition=models.Q(state__in=["queued", "sending"]),
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"

    @property
    def is_ours(self) -> bool:
        """Whether it was written in StormCom (and not in the Page's own inbox, or by the customer)."""
        return self.reference is not None

    @property
    def is_out(self) -> bool:
        return self.direction == self.Direction.OUT

    @property
    def is_failed(self) -> bool:
        return self.state == self.State.FAILED

    @property
    def came_late(self) -> bool:
        """Whether Meta gave it to us so late that its place in the thread needs a word."""
        return not self.is_out and self.received_at - self.happened_at > LATE


class Attachment(StoreOwned):
    """What hangs on a message. Kept as Meta's link, which expires; Meta forbids copies of Instagram media."""

    message = StoreForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    type = models.CharField(max_length=40)
    url = models.TextField(blank=True, default="")
    title = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title or self.type

    @property
    def label(self) -> str:
        """What kind of thing it is and its title, or the title alone where that says it."""
        words = attachment_words(self.type)
        if self.title and self.type in TITLED_BY_KIND:
            return _("%(kind)s: %(title)s") % {"kind": words, "title": self.title}
        return self.title or words

    @property
    def link(self) -> str:
        """The address if a browser may open it, else ''."""
        return safe_link(self.url)


class Reaction(StoreOwned):
    """What one side of a conversation last did with one message: set a reaction, or took it off.

    It names the message by `mid`, not by row: a reaction may come before its message, or to one older than
    the connection.
    """

    conversation = StoreForeignKey(Conversation, on_delete=models.CASCADE, related_name="reactions")
    mid = models.CharField(max_length=255)
    from_account = models.BooleanField(help_text="Set by the account's side, not by the customer.")
    emoji = models.CharField(max_length=40, blank=True, default="")
    name = models.CharField(max_length=40, blank=True, default="", help_text="love, like, …: Meta's word.")
    removed = models.BooleanField(default=False)
    happened_at = models.DateTimeField()
    reacted_at = models.DateTimeField(null=True, blank=True, help_text="Opens the reply window.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "conversation", "mid", "from_account"], name="messaging_reaction_once"
            ),
        ]

    def __str__(self) -> str:
        return self.emoji or self.name

    @property
    def sign(self) -> str:
        """The emoji; Meta's word for it where it sent none."""
        return self.emoji or reaction_sign(self.name)


class Origin(StoreOwned):
    """What brought the customer into a conversation: an ad, a link, a product. One row for each of them."""

    conversation = StoreForeignKey(Conversation, on_delete=models.CASCADE, related_name="origins")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what makes it the same one.")
    source = models.TextField(blank=True, default="", help_text="ADS, SHORTLINK, …")
    ref = models.TextField(blank=True, default="", help_text="The shop's own word in the link.")
    ad_id = models.TextField(blank=True, default="")
    ad_title = models.TextField(blank=True, default="")
    post_id = models.TextField(blank=True, default="")
    product_id = models.TextField(blank=True, default="", help_text="Meta's id of the item.")
    picture_url = models.TextField(blank=True, default="", help_text="Of the ad; it expires.")
    last_at = models.DateTimeField(help_text="When the customer last came this way.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "conversation", "fingerprint"], name="messaging_origin_once"
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """What it was, for a person."""
        if self.ad_id or self.source == "ADS":
            return ad_words(self.ad_title or self.ad_id)
        if self.product_id:
            return product_words(self.product_id)
        return link_words(self.source, self.ref)

    @property
    def picture(self) -> str:
        """The address of the ad's picture if a browser may open it, else ''."""
        return safe_link(self.picture_url)


def safe_link(url: str) -> str:
    """Return the address if a browser may open it, else ''."""
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""
