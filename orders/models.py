"""What buyers ordered, by whichever door. Money is in the smallest unit of the order's currency."""

from __future__ import annotations

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from orders.status import TONES, Status
from tenancy.models import User
from tenancy.owned import StoreForeignKey, StoreOwned

FIRST_NUMBER = 1001
BY_CHANNEL = "commerce_order"
"""Source system of order events. Their ids are unique across all Pages and accounts."""
BY_HAND = "by_hand"
"""Source system of orders a person enters. The id is that of the form: sent twice it is one order."""


class Source(models.TextChoices):
    """Where the buyer was."""

    FACEBOOK = "FACEBOOK", "Facebook"
    INSTAGRAM = "INSTAGRAM", "Instagram"
    WEBSITE = "WEBSITE", _("Website")
    MANUAL = "MANUAL", _("By hand")


class Door(models.TextChoices):
    """How the order came in."""

    CHECKOUT = "checkout", _("Checkout page")
    CONVERSATION = "conversation", _("Conversation")
    CART = "cart", _("Messenger cart")
    EVENT = "event", _("Sent by a sales channel")
    HAND = "hand", _("Entered by hand")


class OrderCounter(StoreOwned):
    """The last order number of a store."""

    last_number = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="orders_counter_once")]

    def __str__(self) -> str:
        return str(self.last_number)


def claim_number(store_id: int) -> int:
    """Return the store's next order number. Transactions wait for each other; a rollback leaves no gap."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_ordercounter AS counter (store_id, last_number) VALUES (%s, %s) "
            "ON CONFLICT (store_id) DO UPDATE SET last_number = counter.last_number + 1 "
            "RETURNING last_number",
            [store_id, FIRST_NUMBER],
        )
        return int(cursor.fetchone()[0])


class Order(StoreOwned):
    """One order of one buyer. Its amounts are what the buyer agreed to, whatever our prices say later."""

    number = models.PositiveIntegerField(_("number"))
    source = models.CharField(_("source"), max_length=10, choices=Source)
    door = models.CharField(max_length=12, choices=Door)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.NEW)
    buyer_name = models.CharField(_("name"), max_length=200, blank=True)
    buyer_email = models.EmailField(_("e-mail address"), blank=True)
    buyer_phone = models.CharField(_("phone"), max_length=40, blank=True)
    shipping_address = models.JSONField(
        default=dict, blank=True, help_text="See orders.requests.ADDRESS_KEYS."
    )
    currency = models.CharField(max_length=3)
    subtotal_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    discount_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()
    needs_attention = models.TextField(blank=True, help_text="One sentence a line; empty when all is well.")
    placed_at = models.DateTimeField(help_text="When the buyer ordered.")
    created_at = models.DateTimeField(auto_now_add=True, help_text="When the order reached us.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["store", "number"], name="orders_order_number_once"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="orders_order_status"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="orders_order_source"),
            models.CheckConstraint(condition=Q(door__in=Door.values), name="orders_order_door"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="orders_order_currency"),
            models.CheckConstraint(
                condition=Q(
                    subtotal_minor__gte=0,
                    shipping_minor__gte=0,
                    tax_minor__gte=0,
                    discount_minor__gte=0,
                    total_minor__gte=0,
                ),
                name="orders_order_amounts_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["store", "status", "-number"], name="orders_order_of_status"),
            models.Index(
                fields=["store", "-number"], condition=~Q(needs_attention=""), name="orders_order_attention"
            ),
            models.Index(fields=["store", "placed_at"], name="orders_order_placed"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("orders:detail", kwargs={"store": self.store.slug, "number": self.number})

    @property
    def tone(self) -> str:
        """The colour of its status."""
        return TONES[self.status]

    @property
    def problems(self) -> list[str]:
        return self.needs_attention.splitlines()

    @property
    def buyer(self) -> str:
        """What to call the buyer: some channels name only the one it is sent to."""
        return self.buyer_name or str(self.shipping_address.get("name", ""))

    @property
    def is_from_channel(self) -> bool:
        return self.source in (Source.FACEBOOK, Source.INSTAGRAM)

    @property
    def is_cancelled(self) -> bool:
        return self.status == Status.CANCELLED

    def add_problems(self, *sentences: str) -> None:
        """Note what somebody has to look at, one sentence a line and each once (not saved)."""
        self.needs_attention = "\n".join(dict.fromkeys("\n".join([*self.problems, *sentences]).splitlines()))

    @property
    def stock_reference(self) -> str:
        """What the stock ledger knows this order by."""
        return f"order:{self.number}"


class OrderLine(StoreOwned):
    """One thing of an order, as it was sold. Without a `variant` the store has no such thing (any more)."""

    order = StoreForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    variant = StoreForeignKey(
        Variant, on_delete=models.SET_NULL, null=True, blank=True, related_name="order_lines"
    )
    retailer_id = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=300)
    quantity = models.PositiveIntegerField()
    unit_price_minor = models.BigIntegerField()
    stock_held = models.PositiveIntegerField(
        default=0, help_text="Pieces taken from stock and not given back."
    )
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["store", "order", "position"], name="orders_line_position_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_line_quantity"),
            models.CheckConstraint(
                condition=Q(unit_price_minor__gte=0), name="orders_line_price_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(stock_held__lte=F("quantity")), name="orders_line_holds_no_more_than_sold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"

    @property
    def total_minor(self) -> int:
        return self.quantity * self.unit_price_minor


class OrderEvent(StoreOwned):
    """One step in the life of an order: its timeline. `details` hold no personal data."""

    class Kind(models.TextChoices):
        PLACED = "placed", _("Order placed")
        STOCK_TAKEN = "stock_taken", _("Stock taken")
        STOCK_SHORT = "stock_short", _("Not enough stock")
        STOCK_RETURNED = "stock_returned", _("Stock put back")
        UPDATED = "updated", _("Details updated")
        STATUS_CHANGED = "status_changed", _("Status changed")
        CANCELLED = "cancelled", _("Order cancelled")
        EMAIL_SENT = "email_sent", _("E-mail sent")
        EMAIL_FAILED = "email_failed", _("E-mail not sent")
        SETTLED = "settled", _("Looked at")

    order = StoreForeignKey(Order, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    details = models.JSONField(default=dict, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["store", "order", "-id"], name="orders_event_newest")]

    def __str__(self) -> str:
        return self.kind


class ExternalOrderMapping(StoreOwned):
    """Which order of ours an order elsewhere is. Made by the first word of it, whatever that word was.

    `versions` says for each fact which version of it the order has; `waiting` keeps the facts that came
    before the order itself. Both make the end the same in whichever order the events come.
    """

    source_system = models.CharField(max_length=20)
    external_id = models.CharField(max_length=200)
    order = StoreForeignKey(Order, on_delete=models.CASCADE, null=True, blank=True, related_name="mappings")
    versions = models.JSONField(default=dict, blank=True)
    waiting = models.JSONField(default=dict, blank=True)
    last_updated = models.DateTimeField(
        null=True, blank=True, help_text="The newest version we were told of."
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "source_system", "external_id"], name="orders_mapping_external_id_once"
            ),
            models.CheckConstraint(condition=~Q(external_id=""), name="orders_mapping_has_external_id"),
        ]

    def __str__(self) -> str:
        return f"{self.source_system} {self.external_id}"


class OrderEmail(StoreOwned):
    """One e-mail about an order: written when it is sent, from the order as it is then.

    The `automatic` one exists once for each order and kind; a person may ask for more.
    """

    class Kind(models.TextChoices):
        CONFIRMATION = "confirmation", _("Order confirmation")

    class State(models.TextChoices):
        WAITING = "waiting", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")
        DROPPED = "dropped", _("Not needed any more")

    order = StoreForeignKey(Order, on_delete=models.CASCADE, related_name="emails")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.CONFIRMATION)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    automatic = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "order", "kind"],
                condition=Q(automatic=True),
                name="orders_email_automatic_once",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="orders_email_sent_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["not_before"], condition=Q(state="waiting"), name="orders_email_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


def record_step(order: Order, kind: OrderEvent.Kind, *, actor: User | None = None, **details: object) -> None:
    """Add one step to an order's timeline."""
    OrderEvent.objects.create(order=order, kind=kind, actor=actor, details=details)
