"""How each catalog stands, in a badge and a sentence, and what is the next thing to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import MOST_TRIES, Catalog, CatalogFinding, CatalogItem, Choice, RemoteItem
from catalog.standings import IN_REVIEW, KINDS, REFUSED, REJECTED, UNANSWERED, UNREADY, Standing
from integrations.models import AssetState
from ui.counting import MOST, count_words
from ui.wording import ago_text

State, Review = CatalogItem.State, RemoteItem.Review
WORDS_SHOWN = 5
REVIEWED = "is_reviewed"
MISSING = "missing"


@dataclass(frozen=True)
class CatalogCard:
    """A catalog with what its card says. The counts are words, '' for none.

    `step` is what a person does next: choose, agree, send, reconnect, compare or nothing ('').
    `is_flowing` says that what waits goes to Meta now, `is_reviewed` that some review is over.
    """

    catalog: Catalog
    standing: Standing
    text: str
    step: str
    is_flowing: bool
    shows: str
    rhythm: str
    live: str
    waiting: str
    refused: str
    unready: str
    unanswered: str
    warned: str
    reviewing: str
    rejected: str
    is_reviewed: bool


def read_cards() -> list[CatalogCard]:
    """Return the card of each connected catalog; 1 query, none of whose counts counts far."""
    catalogs = Catalog.objects.exclude(state=AssetState.DISCONNECTED).select_related("account")
    items = CatalogItem.objects.filter(catalog=OuterRef("pk"))
    seen = RemoteItem.objects.filter(catalog=OuterRef("pk"), variant__isnull=False)
    missing = CatalogFinding.objects.filter(
        catalog=OuterRef("pk"), kind=CatalogFinding.Kind.MISSING, state=CatalogFinding.State.OPEN
    )
    counted = catalogs.annotate(
        **{kind: _count(items.filter(wanted)) for kind, wanted in KINDS.items()},
        **{kind: _count(seen.filter(review_status=status)) for kind, status in IN_REVIEW.items()},
        **{REVIEWED: _find_reviewed(seen), MISSING: _count(missing)},
    )
    return [_card(catalog) for catalog in counted]


def read_card(catalog: Catalog) -> CatalogCard:
    """Return the card of one catalog; 1 query."""
    return next(card for card in read_cards() if card.catalog.pk == catalog.pk)


def _count(rows: QuerySet[CatalogItem] | QuerySet[RemoteItem] | QuerySet[CatalogFinding]) -> Func:
    """Count rows in a column of their catalog, but no further than one above MOST."""
    pks = ArraySubquery(rows.order_by().values("pk")[: MOST + 1])
    return Func(pks, function="cardinality", output_field=IntegerField())


def _find_reviewed(seen: QuerySet[RemoteItem]) -> Coalesce:
    """Return some item whose review is not open, in a column of its catalog; none while all are.

    Each half is found where it stands in an index. Asked for anything else than an open one, PostgreSQL
    expects to meet it soon, and reads all items where there is none.
    """
    sides = (Q(review_status__lt=Review.PENDING), Q(review_status__gt=Review.PENDING))
    halves = (seen.filter(side).order_by("review_status").values("pk")[:1] for side in sides)
    return Coalesce(*(Subquery(half) for half in halves))


def _card(catalog: Catalog) -> CatalogCard:
    standing, text, step = _stand(catalog)
    counts = {name: getattr(catalog, name) for name in (*KINDS, *IN_REVIEW)}
    is_reviewed = getattr(catalog, REVIEWED) is not None
    if not is_reviewed:  # until a review was seen, all that Meta has is waiting for one
        counts["reviewing"] = counts[State.LIVE]
    words = {str(name): count_words(n) if n else "" for name, n in counts.items()}
    shows, rhythm = describe_choice(catalog), describe_rhythm(catalog)
    is_flowing = catalog.is_sending and catalog.state != AssetState.NEEDS_RECONNECT
    return CatalogCard(
        catalog, standing, text, step, is_flowing, shows, rhythm, is_reviewed=is_reviewed, **words
    )


def _stand(catalog: Catalog) -> tuple[Standing, str, str]:
    if catalog.state == AssetState.NEEDS_RECONNECT:
        text = _(
            "Facebook no longer lets us in. What changes waits here and is sent after you connect again."
        )
        return Standing(catalog.get_state_display(), "danger", "exclamation-triangle"), text, "reconnect"
    if catalog.is_leaving:
        text = _("Your items are being taken out of it. It is let go when they are out.")
        return Standing(_("Being emptied"), "info", "clock"), text, ""
    if not catalog.choice:
        text = _("Nothing is sent yet. Choose which products it shows, then look what would be sent.")
        return Standing(_("Choose products"), "warning", "clock"), text, "choose"
    if catalog.is_held:
        text = _("Prices and stock at Meta stay as they are until you look at what would be sent, and agree.")
        return Standing(_("Nothing is sent"), "warning", "clock"), text, "agree"
    return _stand_by_items(catalog)


def _stand_by_items(catalog: Catalog) -> tuple[Standing, str, str]:
    facts = {name: getattr(catalog, name) for name in (*KINDS, REJECTED, REVIEWED, MISSING)}
    failed = any(facts[kind] for kind in (REFUSED, UNREADY, UNANSWERED))
    if facts["waiting"] and not catalog.is_sending:
        text = _("It does not send by itself. Meta shows its items as they were until you send what waits.")
        return Standing(_("Changes wait for you"), "warning", "clock"), text, "send"
    if facts["waiting"] and catalog.refused_calls >= MOST_TRIES:
        text = _(
            "Meta does not let us change it. See at Facebook whether your business may, and connect again."
        )
        return Standing(_("Nothing gets through"), "danger", "exclamation-circle"), text, "reconnect"
    now = timezone.now()
    if facts["waiting"] and catalog.last_error and catalog.not_before > now:
        text = _("Meta did not take the last call. We go on where we stopped %(when)s.")
        text %= {"when": ago_text(catalog.not_before, now=now)}
        return Standing(_("Waiting for Meta"), "warning", "clock"), text, ""
    if facts["waiting"] or catalog.is_looking:
        return Standing(_("Sending"), "info", "clock"), _("Your products are on their way to Meta."), ""
    if facts[MISSING]:
        text = ngettext(
            "Meta took %(n)s item that was not there any more when we compared. Look, and send it again.",
            "Meta took %(n)s items that were not there any more when we compared. Look, and send them again.",
            facts[MISSING],
        ) % {"n": count_words(facts[MISSING])}
        return Standing(_("Items are missing"), "danger", "exclamation-circle"), text, "compare"
    if facts["live"] and facts[REVIEWED] is None:
        text = _(
            "Meta has your items and is reviewing them. Buyers see them when it is done, mostly in a day."
        )
        return Standing(_("Meta is reviewing it"), "info", "clock"), text, ""
    if facts["live"]:
        text = _("Meta has your products as they are here.")
        if failed:
            text = _("Meta has your products as they are here, apart from %(others)s.")
            text %= {"others": _name_failed(facts)}
        text = " ".join(filter(None, (text, _say_rejected(facts[REJECTED]))))
        return Standing(_("Live"), "success", "check-circle"), text, ""
    if failed:
        text = _("Meta shows none of your products: %(all)s. See why.") % {"all": _name_failed(facts)}
        tone = ("danger", "exclamation-circle") if facts[REFUSED] else ("warning", "exclamation-triangle")
        return Standing(_("Nothing is shown"), *tone), text, ""
    text = _("No product on sale belongs into it, so buyers see nothing of yours there.")
    return Standing(_("Empty"), "neutral", "archive-box"), text, ""


def _name_failed(facts: dict[str, int]) -> str:
    """Name the items that failed by what became of them."""
    refused, unready, unanswered = facts[REFUSED], facts[UNREADY], facts[UNANSWERED]
    words = [
        (refused, ngettext("%(n)s item it refused", "%(n)s items it refused", refused)),
        (unready, ngettext("%(n)s item that is not ready", "%(n)s items that are not ready", unready)),
        (
            unanswered,
            ngettext(
                "%(n)s item it gives no answer about", "%(n)s items it gives no answer about", unanswered
            ),
        ),
    ]
    return get_text_list([text % {"n": count_words(n)} for n, text in words if n], _("and"))


def _say_rejected(n: int) -> str:
    if not n:
        return ""
    words = ngettext(
        "Its review rejected %(n)s item, which buyers do not see.",
        "Its review rejected %(n)s items, which buyers do not see.",
        n,
    )
    return words % {"n": count_words(n)}


def describe_choice(catalog: Catalog) -> str:
    """Say which products a catalog shows."""
    words = list(catalog.choice_words[:WORDS_SHOWN])
    more = len(catalog.choice_words) - len(words)
    text = (
        get_text_list(words, _("or"))
        if not more
        else _("%(words)s and %(n)s more")
        % {
            "words": ", ".join(words),
            "n": more,
        }
    )
    match catalog.choice:
        case Choice.TAGS:
            return _("Products tagged %(words)s") % {"words": text}
        case Choice.CATEGORIES:
            return _("Products in %(words)s") % {"words": text}
        case _:
            return str(catalog.get_choice_display())


def describe_rhythm(catalog: Catalog) -> str:
    """Say how a catalog is kept up to date."""
    pace = str(catalog.get_look_every_minutes_display()).lower()
    if catalog.is_leaving:
        return _("Nothing else is sent to it any more")
    if catalog.state == AssetState.NEEDS_RECONNECT:
        return _("Nothing goes before you connect again; looked through %(pace)s") % {"pace": pace}
    if catalog.is_held or not catalog.choice:
        return _("Nothing goes before you agree; looked through %(pace)s") % {"pace": pace}
    if catalog.is_automatic:
        return _("Changes go by themselves; looked through %(pace)s") % {"pace": pace}
    return _("Changes wait until you send them; looked through %(pace)s") % {"pace": pace}
