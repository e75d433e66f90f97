"""Every address of StormCom."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from integrations.webhooks.views import receive_webhook

# Staff sign in where everybody does: with the rate limits and the second factor that Django's own form lacks.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    # First, because it is asked for more often than all the others.
    path("webhooks/facebook", receive_webhook, name="webhook"),
    path("api/webhooks/facebook", receive_webhook),
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
]
