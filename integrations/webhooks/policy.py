"""Meta's verdicts on a Page or Instagram account: a warning, a block, its end."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import ConnectedPage, InstagramAccount, PolicyAction
from integrations.webhooks.events import PolicyEvent
from integrations.webhooks.outcomes import Ignored


def note_policy(event: PolicyEvent, asset: ConnectedPage | InstagramAccount) -> Ignored | None:
    """Keep the latest verdict on the asset, where the health page shows it until Meta takes it back."""
    if event.action not in PolicyAction.values:
        return Ignored(
            _("Meta used a word that StormCom does not know: %(word)s") % {"word": event.action[:40]}
        )
    now = timezone.now()
    moment = min(event.happened_at or now, now)
    older = Q(policy_at=None) | Q(policy_at__lt=moment) | Q(policy_at=moment, policy_action__lt=event.action)
    changed = (
        type(asset)
        .objects.filter(older, pk=asset.pk)
        .update(policy_action=event.action, policy_reason=event.reason, policy_at=moment)
    )
    return None if changed else Ignored(_("This verdict of Meta, or a later one, is already here."))
