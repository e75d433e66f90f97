"""Recognising the test button of Meta's app dashboard, which sends the same invented ids each time. Pure."""

from __future__ import annotations

from integrations.webhooks.events import Event

TEST_ASSET = "0"
"""The entry id of a test."""
TEST_IDS = frozenset(
    {
        "12334",  # sender
        "random_mid",
        "last_message_id_read",
        "444444444444",  # lead
        "44444444_444444444",  # post
        "17887498072083520",  # media, and the comment on it
        "17865799348089039",  # comment
    }
)
"""Ids in the samples of the button; with them it is a test even where the entry names a real Page."""
_PLACES = ("person_id", "mid", "leadgen_id", "post_id", "media_id", "comment_id")


def is_dashboard_test(event: Event) -> bool:
    """Say whether an event is a test: never a customer, never a duplicate."""
    if event.asset_id == TEST_ASSET:
        return True
    ids = {getattr(event, place, "") for place in _PLACES} | set(getattr(event, "mids", ()))
    return not TEST_IDS.isdisjoint(ids)
