"""Money and times in words, by the active language and time zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from ui.currency import SYMBOLS, decimals, to_major

MINUS = "\N{MINUS SIGN}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def money_text(amount_minor: int, currency: str) -> str:
    """The amount with its sign, in the order the language wants: £1,234.50, −¥300, KWD 1.250."""
    code = currency.upper()
    amount = number_format(
        abs(to_major(amount_minor, code)), decimal_pos=decimals(code), use_l10n=True, force_grouping=True
    )
    sign = SYMBOLS.get(code, code + NO_BREAK_SPACE)
    # Translators: move %(sign)s behind %(amount)s where the language writes the sign of the currency last.
    text = pgettext("money", "%(sign)s%(amount)s") % {"sign": sign, "amount": amount}
    return MINUS + text if amount_minor < 0 else text


def number_text(number: Decimal | int) -> str:
    """A number with the thousands parted: 1,000,000."""
    return number_format(number, use_l10n=True, force_grouping=True)


def exact_text(when: datetime) -> str:
    """The full date and time in the active zone, with the zone's name."""
    return date_format(timezone.localtime(when), "j F Y, H:i:s T")


def ago_text(when: datetime, *, now: datetime) -> str:
    """How long ago (or how far ahead) in as few words as stay true; a date beyond a week."""
    if when > now:
        return _soon(when - now) or _day(when, now)
    return _past(now - when) or _day(when, now)


def span_text(span: timedelta) -> str:
    """How long something lasts, rounded: 40 minutes, 3 hours, 2 days."""
    minutes = max(1, int(span.total_seconds()) // 60)
    if minutes < 60:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    if minutes < 48 * 60:
        hours = minutes // 60
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    days = minutes // (24 * 60)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def _past(age: timedelta) -> str:
    count, unit = _rounded(age)
    match unit:
        case "now":
            return _("just now")
        case "minute":
            return _("%(count)s min ago") % {"count": count}
        case "hour":
            return _("%(count)s h ago") % {"count": count}
        case "day":
            return ngettext("yesterday", "%(count)s days ago", count) % {"count": count}
    return ""


def _soon(wait: timedelta) -> str:
    count, unit = _rounded(wait)
    match unit:
        case "now":
            return _("in a moment")
        case "minute":
            return _("in %(count)s min") % {"count": count}
        case "hour":
            return _("in %(count)s h") % {"count": count}
        case "day":
            return ngettext("in 1 day", "in %(count)s days", count) % {"count": count}
    return ""


def _rounded(span: timedelta) -> tuple[int, str]:
    seconds = int(span.total_seconds())
    if seconds < 45:
        return 0, "now"
    if seconds < 3600:
        return max(1, seconds // 60), "minute"
    if seconds < 24 * 3600:
        return seconds // 3600, "hour"
    if seconds < 7 * 24 * 3600:
        return seconds // (24 * 3600), "day"
    return 0, "date"


def _day(when: datetime, now: datetime) -> str:
    local = timezone.localtime(when)
    same_year = local.year == timezone.localtime(now).year
    return date_format(local, "j M" if same_year else "j M Y")
