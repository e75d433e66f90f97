"""Tags and filters of the design system: `{% load ui %}`."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import heroicons
from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select, Widget
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ui import charts, wording

register = template.Library()

BADGE_TONES = frozenset(["neutral", "success", "warning", "danger", "info", "accent"])
TURNING = frozenset(["chevron-left", "chevron-right", "paper-airplane", "arrow-right-start-on-rectangle"])
"""Icons that point along the line, and so the other way where a line begins on the right."""
AVATAR_TONES = ["accent", "info", "warning", "success", "danger", "neutral"]


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """An outline icon of heroicons, hidden from screen readers: the words beside it speak."""
    return _icon(str(name), size)


@lru_cache(maxsize=512)
def _icon(name: str, size: int) -> SafeString:
    # heroicons is trusted markup from a package; the name only picks a file of it.
    turns = " turn" if name in TURNING else ""
    return mark_safe(heroicons._render_icon("outline", name, size, {"class": f"icon{turns}"}))  # noqa: S308


@register.filter
def money(amount_minor: int | None, currency: str) -> str:
    """`{{ order.total_minor|money:order.currency }}`; nothing for no amount."""
    return "" if amount_minor is None else wording.money_text(amount_minor, currency)


@register.filter
def number(value: int | None) -> str:
    """`{{ variant.on_hand|number }}`: the thousands parted; nothing for no number."""
    return "" if value is None else wording.number_text(value)


@register.filter
def ago(when: datetime | None) -> SafeString | str:
    """`{{ order.created_at|ago }}`: relative, exact on hover; a dash for no time."""
    if not when:
        return "–"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        when.isoformat(timespec="seconds"),
        wording.exact_text(when),
        wording.ago_text(when, now=timezone.now()),
    )


@register.inclusion_tag("components/badge.html")
def badge(text: str, tone: str = "neutral", icon: str = "") -> dict[str, object]:
    """A short word for a state; an unknown tone is neutral."""
    return {"text": text, "tone": tone if tone in BADGE_TONES else "neutral", "icon": icon}


@register.inclusion_tag("components/avatar.html")
def avatar(name: str, size: str = "") -> dict[str, object]:
    """Initials on a colour that stays with the name; `size="large"` for panels."""
    words = str(name).split()
    initials = "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
    tone = AVATAR_TONES[zlib.crc32(str(name).encode()) % len(AVATAR_TONES)]
    return {"initials": initials or "?", "tone": tone, "size": size}


CHANNELS = {
    "messenger": ("Messenger", "chat-bubble-oval-left-ellipsis", "info"),
    "instagram": ("Instagram", "camera", "instagram"),
    "facebook": ("Facebook", "building-storefront", "info"),
}


@register.inclusion_tag("components/channel.html")
def channel(name: str, words: bool = False) -> dict[str, object]:
    """The small mark of a channel (messenger, instagram, facebook), with its name when `words`."""
    label, picture, tone = CHANNELS.get(str(name).lower(), (str(name), "globe-alt", "neutral"))
    return {"label": label, "icon": picture, "tone": tone, "words": words}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, label: str = "", help: str = "", only_if: str = "") -> dict[str, object]:
    """Label above, control, help below; an error takes the place of the help.

    `only_if` is the answer of a radio button ("name=value") on which it is asked for, and then needed: it is
    hidden while another one is chosen, and not called optional.
    """
    widget = bound.field.widget
    help_text = str(help or bound.help_text)
    note = "error" if bound.errors else "helptext" if help_text else ""
    described_by = f"{bound.auto_id}_{note}" if note and bound.auto_id else ""
    attrs: dict[str, str | bool] = {"aria-describedby": described_by} if described_by else {}
    if _repeats(str(widget.attrs.get("placeholder", "")), str(bound.label)):
        attrs["placeholder"] = False  # Leaves the attribute out.
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attrs),
        "label": label or bound.label,
        "help": help_text,
        "described_by": described_by,
        "inline": isinstance(widget, CheckboxInput),
        "group": isinstance(widget, RadioSelect | CheckboxSelectMultiple),
        "only_if": only_if,
        "optional": not (
            bound.field.required or only_if or isinstance(widget, CheckboxInput) or _is_set(widget)
        ),
    }


def _is_set(widget: Widget) -> bool:
    """Whether a list of choices always has one chosen: it lacks an empty one."""
    return isinstance(widget, Select) and all(value not in ("", None) for value, _label in widget.choices)


def _repeats(placeholder: str, label: str) -> bool:
    """Whether a placeholder says no more than the label above it, as all of allauth's do."""
    said, known = placeholder.casefold(), label.casefold()
    return said.startswith(known) or said in known


@register.inclusion_tag("components/sparkline.html")
def sparkline(values: Sequence[charts.Number], title: str = "", last: bool = True) -> dict[str, object]:
    """A zero-based line of the values with the last one printed (`last=False` where it stands beside it)."""
    points = charts.sparkline_points(values)
    return {
        "points": points,
        "line": " ".join(f"{point.x},{point.y}" for point in points),
        "end": points[-1] if points else None,
        "title": title or _("Trend"),
        "show_last": last,
        "width": charts.SPARKLINE_WIDTH,
        "height": charts.SPARKLINE_HEIGHT,
    }


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(rows: Sequence[tuple[str, charts.Number]], title: str = "") -> dict[str, object]:
    """Zero-based bars with direct labels, and the same figures as a table for screen readers."""
    return {"bars": charts.bars(rows), "title": title}


@register.inclusion_tag("components/rail_link.html", takes_context=True)
def rail_link(
    context: Context,
    view: str,
    icon: str,
    label: str,
    *,
    number: str = "",
    dot: str = "",
    key: str = "",
    exact: bool = False,
    bare: bool = False,
) -> dict[str, object]:
    """One place of the store's rail (`bare`: without its list item), marked when it is the open one.

    `number` and `dot` name what of `rail` stands behind it; both are kept up to date by app.js.
    """
    rail = context.get("rail") or {}
    url = reverse(view, kwargs={"store": context["store"].slug})
    path = getattr(context.get("request"), "path", "")
    return {
        "url": url,
        "icon": icon,
        "label": label,
        "number": number,
        "count": rail.get(number),
        "dot": dot,
        "tone": rail.get(dot),
        "key": key,
        "bare": bare,
        "current": path == url if exact else path.startswith(url),
    }
