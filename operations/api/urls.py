from __future__ import annotations

from django.urls import path

from operations.api.description import api
from operations.api.docs_page import docs, openapi

urlpatterns = [
    path("api/docs", docs, name="api_docs"),
    path("api/openapi.json", openapi, name="openapi"),
    path("api/", api.urls),
]
