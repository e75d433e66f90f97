"""Which products a catalog shows, what is said of single ones, and how the catalog is kept up to date."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.counting.counts import Counted, read_kept_preview, read_preview, rule_of
from catalog.counting.tasks import count_for_pages
from catalog.linking import services
from catalog.linking.choice_forms import SWITCHES, ChoiceForm, RhythmForm, SwitchForm
from catalog.linking.placing import Preview
from catalog.linking.switches import list_exceptions
from catalog.models import Catalog, CatalogCount, Product, Variant
from catalog.selectors import get_catalog
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(Role.MANAGER)
def choose(request: StoreRequest, catalog: int) -> HttpResponse:
    """Choose what a catalog shows: first what that would change is shown, then just that is done."""
    found = get_catalog(catalog)
    form = ChoiceForm(request.POST or None, catalog=found)
    rule = form.rule() if form.is_bound and form.is_valid() else None
    if rule is not None and request.POST.get("step") == "save" and request.POST.get("seen") == rule.key:
        services.choose_products(found, rule, actor=request.user)
        words = _("%(catalog)s shows what you chose. We are looking through your products now.")
        messages.success(request, words % {"catalog": found.name})
        return redirect("catalog:push", store=request.store.slug, catalog=found.pk)
    context = {
        "catalog": found,
        "form": form,
        "rule": rule,
        "counted": _follow(found, read_preview(found, rule)) if rule is not None else None,
        "exceptions": list_exceptions(found, params=request.GET.dict()),
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "catalog/choose.html", context, status=status)


def _follow(catalog: Catalog, counted: Counted[Preview]) -> Counted[Preview]:
    """Start what a page has asked to be counted."""
    if counted.has_asked:
        count_for_pages.delay_on_commit(catalog.store_id, catalog.pk)
    return counted


@require_safe
@store_view(Role.MANAGER)
def counted(request: StoreRequest, catalog: int, count: int) -> HttpResponse:
    """Say what a choice would change, as far as it is counted: the part of the page that follows it."""
    found = get_catalog(catalog)
    choices = CatalogCount.objects.exclude(subject=CatalogCount.REHEARSAL)
    row: CatalogCount = get_object_or_404(choices, pk=count, catalog=found)
    context = {
        "catalog": found,
        "rule": rule_of(row),
        "counted": _follow(found, read_kept_preview(found, row)),
        "is_part": True,
    }
    return render(request, "catalog/_preview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(Role.MANAGER)
def rhythm(request: StoreRequest, catalog: int) -> HttpResponse:
    """Say whether changes are sent by themselves, and how often everything is compared."""
    found = get_catalog(catalog)
    now = {"is_automatic": found.is_automatic, "look_every_minutes": found.look_every_minutes}
    form = RhythmForm(request.POST or None, initial=now)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        services.set_rhythm(
            found,
            is_automatic=said["is_automatic"],
            minutes=said["look_every_minutes"],
            actor=request.user,
        )
        messages.success(request, _("Saved for %(catalog)s.") % {"catalog": found.name})
        return redirect("catalog:catalogs", store=request.store.slug)
    context = {"catalog": found, "form": form}
    return render(request, "catalog/rhythm.html", context, status=422 if form.is_bound else 200)


@require_POST
@store_view(Role.MANAGER)
def send_now(request: StoreRequest, catalog: int) -> HttpResponse:
    """Send what waits in a catalog that does not send by itself."""
    found = get_catalog(catalog)
    services.ask_to_send(found, actor=request.user)
    words = _("What waits for %(catalog)s is being sent.")
    messages.success(request, words % {"catalog": found.name})
    return redirect("catalog:push", store=request.store.slug, catalog=found.pk)


@require_POST
@store_view(Role.MANAGER)
def switch(request: StoreRequest, product: int) -> HttpResponse:
    """Have a catalog always or never show a product or one variant of it, or leave that to its choice."""
    found: Product = get_object_or_404(Product.objects, pk=product)
    form = SwitchForm(request.POST)
    if form.is_valid():
        pk = form.cleaned_data["variant"]
        variant: Variant | None = get_object_or_404(Variant.objects, pk=pk, product=found) if pk else None
        catalog, said = form.cleaned_data["catalog"], form.cleaned_data["said"]
        services.switch_products(
            [found], catalog, variant=variant, is_shown=SWITCHES[said], actor=request.user
        )
        messages.success(request, _("Saved for %(catalog)s.") % {"catalog": catalog.name})
    else:
        messages.error(request, _("Choose a catalog that is connected, and what it shall show."))
    return redirect("catalog:product", store=request.store.slug, product=found.pk)
