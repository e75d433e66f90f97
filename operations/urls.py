from __future__ import annotations

from django.urls import path

from operations import views

urlpatterns = [
    path("s/<slug:store>/", views.home, name="store_home"),
    path("s/<slug:store>/health/", views.health, name="health"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
