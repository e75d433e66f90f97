from __future__ import annotations

from django.urls import include, path

from operations import app_review_page, deletion_views, erasing_views, probes, views
from operations.live.views import live

urlpatterns = [
    path("", include("operations.api.urls")),
    path("s/<slug:store>/", views.home, name="store_home"),
    path("s/<slug:store>/live/", live, name="live"),
    path("s/<slug:store>/health/", views.health, name="health"),
    path("s/<slug:store>/health/pages/<int:page>/check/", views.check_page, name="check_page"),
    path("s/<slug:store>/health/catalogs/<int:catalog>/check/", views.check_catalog, name="check_catalog"),
    path("api/integrations/facebook/data-deletion", deletion_views.data_deletion, name="data_deletion"),
    path("data-deletion/", deletion_views.instructions, name="deletion_instructions"),
    path("data-deletion/<slug:code>", deletion_views.status, name="deletion_status"),
    path("s/<slug:store>/inbox/<uuid:uuid>/erase/", erasing_views.erase_customer, name="erase_customer"),
    path("s/<slug:store>/settings/erasures/", erasing_views.erasures, name="erasures"),
    path("staff/app-review/", app_review_page.app_review, name="app_review"),
    path("outbox/", views.outbox, name="outbox"),
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("metrics", probes.metrics, name="metrics"),
]
