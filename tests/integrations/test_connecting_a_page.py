from __future__ import annotations

from integrations.models import ConnectedPage, InstagramAccount


def test_a_connected_page_is_armed_at_meta(connected_page: ConnectedPage) -> None:
    assert connected_page.state == "active"
    assert "messages" in connected_page.subscribed_fields
    assert connected_page.token.startswith("EAAG")


def test_the_linked_instagram_account_comes_along(instagram_account: InstagramAccount) -> None:
    assert (instagram_account.instagram_id, instagram_account.state) == ("17841400000000501", "active")
