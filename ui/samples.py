"""Data of the style guide: every component in every state, the same on every machine and day."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

from django import forms
from django.contrib.messages import constants as levels

WHEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

TONES = ["neutral", "success", "warning", "danger", "info", "accent"]

ORDERS_PER_DAY = [("14 Nov", 4), ("15 Nov", 9), ("16 Nov", 0), ("17 Nov", 12), ("18 Nov", 7), ("19 Nov", 11)]
MESSAGES_PER_DAY = [(f"{day} Oct", (day * 7) % 23 + 2) for day in range(1, 31)]

TABLE = [
    ("#1042", "Maya Iyer", "messenger", "To send", "info", 2890, "GBP"),
    ("#1041", "Tom Okafor", "instagram", "Sent", "success", 11200, "GBP"),
    ("#1040", "Lena Fuchs with a name so long that it is cut", "facebook", "Refused", "danger", 400, "JPY"),
]

TABS = [
    {"label": "All", "url": "#tabs", "current": True, "count": 42},
    {"label": "To send", "url": "#tabs", "count": 3},
    {"label": "Refunds", "url": "#tabs"},
]

CHIPS = [
    {"label": "Messenger", "url": "#chips", "current": True},
    {"label": "Instagram", "url": "#chips"},
    {"label": "Waiting over an hour", "url": "#chips"},
]

MENU = [
    {"label": "Edit", "url": "#menu", "icon": "pencil-square"},
    {"label": "Duplicate", "url": "#menu", "icon": "document-duplicate"},
    {"label": "Disconnect", "dialog": "sample-danger", "icon": "link-slash", "tone": "danger"},
]

TIMELINE = [
    {"text": "Order came in from Messenger", "icon": "shopping-bag", "at": WHEN, "tone": "info"},
    {"text": "Stock set aside: 2 of Linen cushion", "icon": "archive-box", "at": WHEN},
    {"text": "Confirmation sent", "icon": "envelope", "at": WHEN, "by": "Ada Hazel", "tone": "success"},
]

STEPS = [
    {"title": "Name your store", "done": True},
    {
        "title": "Connect a Page",
        "text": "Choose the Facebook Pages to work with.",
        "url": "#checklist",
        "action": "Connect",
        "next": True,
    },
    {
        "title": "Add products",
        "text": "Write them here or take them from a catalog.",
        "url": "#checklist",
        "action": "Add",
    },
]

BULK_ACTIONS = [{"value": "hide", "text": "Hide"}, {"value": "remove", "text": "Remove", "tone": "danger"}]

DETAILS = [("Order", "#1042"), ("Buyer", "Maya Iyer"), ("Address", "1 Long Lane, London E1 6AN")]

STORE = SimpleNamespace(name="Hazel Home", slug="hazel-home")
RAIL = {
    "inbox": 3,
    "orders": 12,
    "leads": 0,
    "health": "warning",
    "stores": [("Hazel Home", "#frame", True), ("Hazel Outlet", "#frame", False)],
}


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(help_text="As buyers see it.", max_length=80, initial="Hazel Home")
    email = forms.EmailField(label="E-mail address")
    note = forms.CharField(widget=forms.Textarea, required=False)
    country = forms.ChoiceField(choices=[("GB", "United Kingdom"), ("DE", "Germany")])
    size = forms.ChoiceField(choices=[("s", "Small"), ("l", "Large")], widget=forms.RadioSelect, initial="s")
    locked = forms.CharField(disabled=True, initial="Set by Meta", required=False)
    agree = forms.BooleanField(label="Send me a mail when stock runs low", required=False)


def filled_wrongly() -> SampleForm:
    """The form as it comes back after mistakes."""
    data = {"name": "Hazel Home", "email": "ada@", "country": "GB", "size": "s"}
    form = SampleForm(data, auto_id="wrong_%s")
    form.add_error(None, "Meta did not accept these details. Nothing was saved.")
    return form


def context() -> dict[str, object]:
    """What `ui/styleguide.html` shows."""
    return {
        "store": STORE,
        "rail": RAIL,
        "when": WHEN,
        "tones": TONES,
        "table": TABLE,
        "tabs": TABS,
        "chips": CHIPS,
        "menu": MENU,
        "timeline": TIMELINE,
        "steps": STEPS,
        "bulk_actions": BULK_ACTIONS,
        "details": DETAILS,
        "orders_per_day": ORDERS_PER_DAY,
        "messages_per_day": MESSAGES_PER_DAY,
        "quiet_days": [(label, 0) for label, _ in ORDERS_PER_DAY],
        "trend": [count for _, count in ORDERS_PER_DAY],
        "no_values": [],
        "one_value": [5],
        "form": SampleForm(),
        "wrong_form": filled_wrongly(),
        "sizes": [("day", "Day"), ("week", "Week"), ("month", "Month")],
        "colours": ["Blue", "Sand", "Olive"],
        "toasts": [
            (levels.DEFAULT_TAGS[levels.SUCCESS], "Stock of Linen cushion saved"),
            (levels.DEFAULT_TAGS[levels.ERROR], "StormCom cannot be reached. Check your connection."),
        ],
    }
