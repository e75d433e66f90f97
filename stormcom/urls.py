"""Every address of StormCom."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from integrations.webhooks.views import receive_webhook

urlpatterns = [
    path("", include("ui.urls")),
    path("", include("tenancy.urls")),
    path("", include("integrations.urls")),
    path("", include("catalog.urls")),
    path("", include("messaging.urls")),
    path("", include("leads.urls")),
    path("", include("orders.urls")),
    path("", include("operations.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("webhooks/facebook", receive_webhook, name="webhook"),
    path("api/webhooks/facebook", receive_webhook),
]
