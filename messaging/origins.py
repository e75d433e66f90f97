"""What brought a customer into a conversation, remembered once for each ad, link and product."""

from __future__ import annotations

import hashlib
import json

from integrations.webhooks.events import MessagingEvent, Referral, ReferralEvent
from integrations.webhooks.outcomes import Ignored
from messaging.arrivals import Asset, happened_at, open_conversation, refuse_nobody
from messaging.models import Conversation, Origin
from messaging.standing import settle

FACTS = ("source", "ref", "ad_id", "ad_title", "post_id", "product_id", "picture_url")
MOST_CHARACTERS = 2000


def receive_referral(event: ReferralEvent, asset: Asset) -> Ignored | None:
    """Remember what the customer came through, though they have written nothing yet."""
    if problem := refuse_nobody(event, asset):
        return problem
    conversation = open_conversation(asset, event.person_id)
    note_origin(event.referral, event, conversation)
    settle(conversation)
    return None


def note_origin(referral: Referral | None, event: MessagingEvent, conversation: Conversation) -> None:
    """Remember an origin; coming the same way again moves its time, and fills what was not told before."""
    if referral is None:
        return
    moment = happened_at(event)
    origin, _created = Origin.objects.get_or_create(
        conversation=conversation, fingerprint=_fingerprint(referral), defaults={"last_at": moment}
    )
    origin.last_at = max(origin.last_at, moment)
    for fact in FACTS:  # the larger one, so that the order of two tellings does not matter
        setattr(origin, fact, max(getattr(origin, fact), getattr(referral, fact)[:MOST_CHARACTERS]))
    origin.save()


def _fingerprint(referral: Referral) -> str:
    """Return what makes an origin the same one: an ad is one whatever words it carries."""
    parts = ["ad", referral.ad_id] if referral.ad_id else [referral.source, referral.ref, referral.product_id]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
