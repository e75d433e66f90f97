"""The integrations page: connect, choose Pages, disconnect."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from integrations import selectors, transfers
from integrations.connections import BeingErased, PageTaken, connect_page
from integrations.forms import PickPagesForm
from integrations.models import AssetState, ConnectedPage, MetaAccount
from integrations.oauth.views import is_ours
from integrations.pictures import picture_urls
from integrations.report import explain_no_pages, report_account
from integrations.tasks import finish_connection, resync_page
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role


@store_view(Role.VIEWER)
def index(request: StoreRequest) -> HttpResponse:
    accounts, pages = list(MetaAccount.objects.all()), selectors.list_pages()
    context = {
        "pages": pages,
        "pictures": picture_urls(selectors.ids_of(pages), request.store),
        "asked": transfers.list_asked(),
        "received": transfers.list_received(request.store),
        "is_owner": request.membership.allows(Role.OWNER),
        "connecting": any(page.state == AssetState.CONNECTING for page in pages),
        "accounts": accounts,
        "reports": selectors.list_reports(accounts, pages),
        "can_connect": request.membership.allows(Role.MANAGER),
    }
    template = "integrations/_pages.html" if request.htmx else "integrations/index.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@store_view(Role.MANAGER)
def pick(request: StoreRequest, account: int) -> HttpResponse:
    found = get_object_or_404(MetaAccount.objects, pk=account)
    offered, taken = selectors.list_offered(found)
    posted = request.POST if request.method == "POST" else None
    form = PickPagesForm(posted, account=found, taken=taken)
    next_address = (posted or request.GET).get("next", "")
    next_address = next_address if is_ours(request, next_address) else ""
    if request.method == "POST" and form.is_valid():
        _connect_all(request, found, form.cleaned_data["pages"])
        return redirect(next_address or reverse("integrations:index", kwargs={"store": request.store.slug}))
    wanted = [line.page_id for line in offered if line.wanted]
    pictures = picture_urls(selectors.ids_offered(found), request.store)
    context = {
        "account": found,
        "offered": offered,
        "pictures": pictures,
        # They are being fetched: asked for once more, and put in without touching what is ticked.
        "faces": ",".join(f"#face-{line.page_id}" for line in offered if line.page_id not in pictures),
        "why_none": [] if offered else explain_no_pages(found),
        "form": form,
        "ticked": request.POST.getlist("pages") if posted else wanted,
        "next": next_address,
        "reports": selectors.list_reports([found], selectors.list_pages()),
    }
    return render(request, "integrations/pick.html", context, status=422 if form.errors else 200)


def _connect_all(request: StoreRequest, account: MetaAccount, page_ids: list[str]) -> None:
    for page_id in page_ids:
        try:
            page = connect_page(account, page_id, actor=request.user)
        except PageTaken:
            messages.error(request, _("A Page was just connected to another store, so it was left out."))
            continue
        except BeingErased:
            words = _("The data of a Page is still being erased here. Connect it again in a few minutes.")
            messages.error(request, words)
            continue
        finish_connection.delay_on_commit(request.store.pk, page.pk)
        messages.success(request, _("%(page)s is being connected.") % {"page": page.name})


@store_view(Role.VIEWER)
def permissions(request: StoreRequest, account: int) -> HttpResponse:
    """What one person allows, needed against granted."""
    found = get_object_or_404(MetaAccount.objects, pk=account)
    context = {
        "report": report_account(found, selectors.list_pages()),
        "can_connect": request.membership.allows(Role.MANAGER),
    }
    return render(request, "integrations/permissions.html", context)


@require_POST
@store_view(Role.AGENT)
def check(request: StoreRequest, page: int) -> HttpResponse:
    found = get_object_or_404(ConnectedPage.objects, pk=page)
    resync_page.delay_on_commit(request.store.pk, found.pk)
    messages.success(request, _("We are checking %(page)s now.") % {"page": found.name})
    return redirect("integrations:index", store=request.store.slug)
