"""What does not work with the connected assets: what, whose fault, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Catalog
from catalog.product_selectors import count_matching
from integrations.models import AssetState, MetaAccount, PolicyAction, TalkingAsset
from integrations.permissions import NEEDED
from integrations.selectors import limited_accounts
from operations.assets import Asset, kind_of
from operations.faults import RECONNECT, judge
from tenancy.models import Store
from ui.counting import count_words
from ui.wording import ago_text, span_text

CONNECTING_TOO_LONG = timedelta(minutes=5)
COMPLAINTS = (PolicyAction.BLOCK, PolicyAction.WARNING)
SHORTEST_UNUSUAL = timedelta(hours=12)
"""A night is nothing unusual, whatever the days are like."""
TIMES_LONGER = 2


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that does not work. `text` says whose fault it is and what to do, `url` where."""

    tone: str
    title: str
    text: str
    url: str = ""
    action: str = ""


def worst_tone(problems: Iterable[Problem]) -> str:
    tones = {problem.tone for problem in problems}
    return next((tone for tone in ("danger", "warning") if tone in tones), "success")


def find_asset_problems(store: Store, assets: Iterable[Asset]) -> list[Problem]:
    """Return one problem for each asset that has one, what nothing mends by itself first."""
    found = [problem for asset in assets if (problem := _find_problem(store, asset))]
    return sorted(found, key=lambda problem: problem.tone != "danger")


def find_product_notes(store: Store) -> list[Problem]:
    """Return what the store's people should know of its products: nothing is broken by it; 3 queries."""
    products = reverse("catalog:products", kwargs={"store": store.slug})
    found = []
    unready = count_matching("blocked")
    if unready and Catalog.objects.exclude(state=AssetState.DISCONNECTED).exists():
        words = ngettext(
            "%(count)s product is not ready for Meta.", "%(count)s products are not ready for Meta.", unready
        )
        found.append(
            Problem(
                tone="warning",
                title=words % {"count": count_words(unready)},
                text=ngettext(
                    "Meta would refuse it, so it is kept back until you put right what is missing.",
                    "Meta would refuse them, so they are kept back until you put right what is missing.",
                    unready,
                ),
                url=f"{products}?show=blocked",
                action=_("See what is missing"),
            )
        )
    if low := count_matching("low"):
        words = ngettext("%(count)s product runs low.", "%(count)s products run low.", low)
        found.append(
            Problem(
                tone="info",
                title=words % {"count": count_words(low)},
                text=ngettext(
                    "Order more of it before it is sold out.",
                    "Order more of them before they are sold out.",
                    low,
                ),
                url=f"{products}?show=low",
                action=_("See what"),
            )
        )
    return found


def find_permission_problems(store: Store) -> list[Problem]:
    """Return one problem for each person who left out what a working Page needs; 1 query."""
    return [_permission_problem(store, account) for account in limited_accounts().order_by("pk")]


def _permission_problem(store: Store, account: MetaAccount) -> Problem:
    what = [str(words) for permission, words in NEEDED.items() if permission in account.missing_scopes]
    return Problem(
        tone="warning",
        title=_("%(name)s left out some permissions at Facebook.") % {"name": account},
        text=_("They are needed for %(what)s. Ask again, and leave all the boxes ticked.")
        % {"what": get_text_list(what, _("and"))},
        url=reverse("integrations:permissions", kwargs={"store": store.slug, "account": account.pk}),
        action=_("See which"),
    )


def _find_problem(store: Store, asset: Asset) -> Problem | None:
    integrations = reverse("integrations:index", kwargs={"store": store.slug})
    name = {"kind": kind_of(asset)[0], "name": asset.name}
    if asset.state == AssetState.NEEDS_RECONNECT:
        return Problem(
            tone=RECONNECT.tone,
            title=_("%(kind)s %(name)s needs reconnecting.") % name,
            text=f"{RECONNECT.whose} {RECONNECT.remedy}",
            url=integrations,
            action=_("Connect again"),
        )
    if isinstance(asset, TalkingAsset) and asset.policy_action in COMPLAINTS and asset.receives:
        return _policy_problem(asset, name)
    if asset.state == AssetState.CONNECTING and asset.connected_at < timezone.now() - CONNECTING_TOO_LONG:
        return Problem(
            tone="warning",
            title=_("%(kind)s %(name)s is not connected after %(minutes)s minutes.")
            % {**name, "minutes": CONNECTING_TOO_LONG.seconds // 60},
            text=_explain(asset.last_error) or _("We keep trying by ourselves."),
            url=integrations,
            action=_("Open integrations"),
        )
    if isinstance(asset, Catalog) and asset.is_held and not asset.is_leaving:
        return Problem(
            tone="warning",
            title=_("Nothing is sent to the catalog “%(name)s”.") % name,
            text=_(
                "Prices and stock at Meta stay as they are until you look at what would be sent, and agree."
            ),
            url=reverse("catalog:push", kwargs={"store": store.slug, "catalog": asset.pk}),
            action=_("See what waits"),
        )
    if asset.error_count and asset.receives:
        return Problem(
            tone=judge(asset.last_error).tone,
            title=_("%(kind)s %(name)s has trouble.") % name,
            text=_explain(asset.last_error),
            url=reverse("health", kwargs={"store": store.slug}) + f"#asset-{asset.meta_id}",
            action=_("See what"),
        )
    return _silence_problem(asset, name, integrations)


def _policy_problem(asset: TalkingAsset, name: dict[str, str]) -> Problem:
    """Say that Meta has stopped an asset from writing, or is about to."""
    blocked = asset.policy_action == PolicyAction.BLOCK
    title = (
        _("Meta has blocked %(kind)s %(name)s: nobody gets your replies.")
        if blocked
        else _("Meta warns %(kind)s %(name)s.")
    )
    what = (
        _(
            "Only Meta can lift this. Change what Meta complains of, then ask for a review under Page "
            "Quality at Facebook."
        )
        if blocked
        else _("Change what Meta complains of, or Meta may block your replies.")
    )
    said = _("Meta says: %(reason)s") % {"reason": asset.policy_reason} if asset.policy_reason else ""
    return Problem(
        tone="danger" if blocked else "warning", title=title % name, text=" ".join(filter(None, [what, said]))
    )


def _silence_problem(asset: Asset, name: dict[str, str], url: str) -> Problem | None:
    """Say that an asset is silent for longer than its own rhythm explains."""
    if not isinstance(asset, TalkingAsset) or not asset.last_event_at or not asset.longest_silence:
        return None
    now, longest = timezone.now(), asset.longest_silence
    silence = now - asset.last_event_at
    if asset.state != AssetState.ACTIVE or silence < max(SHORTEST_UNUSUAL, longest * TIMES_LONGER):
        return None
    words = _(
        "Meta last told us something %(ago)s; the longest silence before was %(longest)s. Perhaps nobody "
        "wrote. To be sure, write to it from another account: it should arrive here within a minute."
    )
    said = {"ago": ago_text(asset.last_event_at, now=now), "longest": span_text(longest)}
    title = _("%(kind)s %(name)s is unusually quiet.") % name
    return Problem(tone="warning", title=title, text=words % said, url=url, action=_("Open integrations"))


def _explain(words: str) -> str:
    if not words:
        return ""
    fault = judge(words)
    return f"{fault.whose} {fault.remedy}"
