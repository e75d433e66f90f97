from __future__ import annotations

from django.urls import include, path

from tenancy import api_token_views, views

app_name = "tenancy"

team = [
    path("", views.team, name="team"),
    path("invite/", views.invite, name="invite"),
    path("leave/", views.leave, name="leave"),
    path("<int:member>/role/", views.change_role, name="change_role"),
    path("<int:member>/remove/", views.remove, name="remove"),
    path("invitations/<int:invitation>/again/", views.invite_again, name="invite_again"),
    path("invitations/<int:invitation>/withdraw/", views.withdraw, name="withdraw"),
]

urlpatterns = [
    path("home/", views.home, name="home"),
    path("stores/", views.stores, name="stores"),
    path("stores/new/", views.create, name="create"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
    path("s/<slug:store>/settings/", views.settings, name="settings"),
    path("s/<slug:store>/settings/team/", include(team)),
    path("s/<slug:store>/settings/api/", api_token_views.api_tokens, name="api_tokens"),
    path(
        "s/<slug:store>/settings/api/<int:api_token>/revoke/",
        api_token_views.revoke,
        name="revoke_api_token",
    ),
    path("s/<slug:store>/settings/audit/", views.audit, name="audit"),
]
