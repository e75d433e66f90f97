"""The pages of leads."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from leads import selectors, services, wording
from leads.forms import FilterForm, StatusForm
from leads.models import Lead
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role


@require_safe
@store_view(Role.VIEWER)
def index(request: StoreRequest) -> HttpResponse:
    status, query = FilterForm(request.GET).read()
    counts = selectors.lead_counts()
    page = selectors.list_leads(status=status, query=query, params=request.GET.dict())
    context = {
        "page": page,
        "counts": counts,
        "tabs": _tabs(request, counts, status=status, query=query),
        "status": status,
        "query": query,
        "failed": selectors.list_failed() if counts.failed else [],
        "last_check": selectors.find_last_check(),
        "can_check": selectors.has_pages_to_check(),
        "can_act": request.membership.allows(Role.AGENT),
    }
    return render(request, "leads/list.html", context)


def _tabs(
    request: StoreRequest, counts: selectors.LeadCounts, *, status: str, query: str
) -> list[dict[str, object]]:
    address = reverse("leads:list", kwargs={"store": request.store.slug})
    choices = [("", _("All"), counts.total)]
    choices += [(value, str(label), counts.by_status.get(value, 0)) for value, label in Lead.Status.choices]
    return [
        {
            "url": _address(address, status=value, q=query),
            "label": label,
            "count": count,
            "current": value == status,
        }
        for value, label, count in choices
    ]


def _address(address: str, **params: str) -> str:
    kept = urlencode({key: value for key, value in params.items() if value})
    return f"{address}?{kept}" if kept else address


@require_safe
@store_view(Role.VIEWER)
def detail(request: StoreRequest, lead: int) -> HttpResponse:
    try:
        found = selectors.get_lead(lead)
    except Lead.DoesNotExist:
        raise Http404 from None
    context = {
        "lead": found,
        "answers": selectors.list_answers(found),
        "history": wording.read_history(selectors.list_history(found)),
        "form": StatusForm(initial={"status": found.status}),
        "can_act": request.membership.allows(Role.AGENT),
    }
    return render(request, "leads/detail.html", context)


@require_POST
@store_view(Role.AGENT)
def change_status(request: StoreRequest, lead: int) -> HttpResponse:
    form = StatusForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["status"])))
        return redirect("leads:detail", store=request.store.slug, lead=lead)
    try:
        changed = services.change_status(lead, Lead.Status(form.cleaned_data["status"]), actor=request.user)
    except Lead.DoesNotExist:
        raise Http404 from None
    words = _("%(name)s is now: %(status)s.")
    messages.success(request, words % {"name": changed, "status": changed.get_status_display().lower()})
    return redirect("leads:detail", store=request.store.slug, lead=lead)


@require_POST
@store_view(Role.AGENT)
def check(request: StoreRequest) -> HttpResponse:
    if services.check_pages(actor=request.user):
        messages.success(request, _("We are asking Meta for new leads. They appear here in a moment."))
    else:
        messages.error(request, _("No Page is connected, so there is nobody to ask. Connect a Page first."))
    return redirect("leads:list", store=request.store.slug)


@require_POST
@store_view(Role.AGENT)
def retry(request: StoreRequest) -> HttpResponse:
    count = services.fetch_failed_again(actor=request.user)
    words = ngettext("We are fetching %(n)d lead again.", "We are fetching %(n)d leads again.", count)
    messages.success(request, words % {"n": count})
    return redirect("leads:list", store=request.store.slug)
