from __future__ import annotations

from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role


@store_view(Role.VIEWER)
def home(request: StoreRequest) -> HttpResponse:
    return render(request, "operations/home.html")


@store_view(Role.VIEWER)
def health(request: StoreRequest) -> HttpResponse:
    return render(request, "operations/health.html")


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """The process can work: the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return JsonResponse({"ready": False, "database": "unreachable"}, status=503)
    return JsonResponse({"ready": True})
