from __future__ import annotations

from django.urls import URLPattern, path

from integrations import asset_views, transfer_views, views
from integrations.oauth.callbacks import deauthorized
from integrations.oauth.views import callback, connect, connect_from_a_guide
from integrations.webhooks import connection_test_pages as test_pages
from integrations.webhooks import pages as event_pages
from integrations.webhooks import replay_pages

app_name = "integrations"


def _asset_paths(folder: str, kind: str) -> list[URLPattern]:
    """Return what can be done to one kind of asset: to a Page and to an Instagram account the same."""
    base = f"s/<slug:store>/integrations/{folder}/<int:{kind}>/"
    acts = {
        "pause": asset_views.pause,
        "resume": asset_views.resume,
        "disconnect": asset_views.disconnect,
        "delete": asset_views.delete,
    }
    own = [path(base, asset_views.asset, name=kind)]
    return own + [path(f"{base}{act}/", view, name=f"{kind}_{act}") for act, view in acts.items()]


urlpatterns = [
    path("api/integrations/facebook/oauth/callback", callback, name="callback"),
    # Older guides name these. Meta is told the address above as the way back, whichever way began.
    path("auth/facebook/connect", connect_from_a_guide, name="connect_from_a_guide"),
    path("auth/facebook/callback", callback),
    path("api/integrations/facebook/deauthorize", deauthorized, name="deauthorize"),
    path("s/<slug:store>/integrations/", views.index, name="index"),
    path("s/<slug:store>/integrations/connect/", connect, name="connect"),
    path("s/<slug:store>/integrations/accounts/<int:account>/", views.pick, name="pick"),
    path(
        "s/<slug:store>/integrations/accounts/<int:account>/permissions/",
        views.permissions,
        name="permissions",
    ),
    path("s/<slug:store>/integrations/pictures/<str:asset_id>/", asset_views.picture, name="picture"),
    *_asset_paths("pages", "page"),
    path(
        "s/<slug:store>/integrations/accounts/<int:account>/transfer/",
        transfer_views.ask,
        name="transfer_ask",
    ),
    path("s/<slug:store>/integrations/transfers/<int:transfer>/", transfer_views.answer, name="transfer"),
    path(
        "s/<slug:store>/integrations/transfers/<int:transfer>/withdraw/",
        transfer_views.withdraw,
        name="transfer_withdraw",
    ),
    *_asset_paths("instagram", "instagram"),
    path(
        "s/<slug:store>/integrations/instagram/<int:instagram>/reconnect/",
        asset_views.reconnect,
        name="reconnect",
    ),
    path("s/<slug:store>/integrations/pages/<int:page>/check/", views.check, name="check"),
    path("s/<slug:store>/integrations/pages/<int:page>/test/", test_pages.start, name="start_test"),
    path("s/<slug:store>/integrations/tests/<int:test>/", test_pages.watch, name="test"),
    path("s/<slug:store>/health/events/", event_pages.events, name="events"),
    path("s/<slug:store>/health/events/replay/", replay_pages.replay_chosen, name="replay_chosen"),
    path("s/<slug:store>/health/events/recover/", replay_pages.recover, name="recover"),
    path("s/<slug:store>/health/events/<int:event>/", event_pages.event, name="event"),
    path("s/<slug:store>/health/events/<int:event>/replay/", replay_pages.replay, name="replay"),
]
