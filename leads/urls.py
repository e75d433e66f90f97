from __future__ import annotations

from django.urls import path

from leads import views

app_name = "leads"
urlpatterns = [
    path("s/<slug:store>/leads/", views.index, name="list"),
    path("s/<slug:store>/leads/check/", views.check, name="check"),
    path("s/<slug:store>/leads/retry/", views.retry, name="retry"),
    path("s/<slug:store>/leads/<int:lead>/", views.detail, name="detail"),
    path("s/<slug:store>/leads/<int:lead>/status/", views.change_status, name="change_status"),
]
