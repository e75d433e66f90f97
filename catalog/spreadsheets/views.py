"""Pages of files: products into the store, with a preview, and out of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from catalog.models import ProductImport
from catalog.pictures.selectors import look_into
from catalog.spreadsheets import importing
from catalog.spreadsheets.csv_file import MOST_BYTES
from catalog.spreadsheets.exporting import stream_products_csv
from catalog.spreadsheets.tasks import work_on_import
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role

RECENT = 10


class ImportForm(forms.Form):
    """A file that a spreadsheet wrote."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        allow_empty_file=True,
        widget=forms.FileInput(
            attrs={
                "accept": ".csv,.tsv,.txt,text/csv",
                "data-most": MOST_BYTES,
                "data-too-large": gettext_lazy(
                    "The file is larger than 20 MB. Cut it into several files and import each."
                ),
            }
        ),
        help_text=gettext_lazy(
            "Up to 20 MB. The first row names the columns: title and price at least. An export has them all."
        ),
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(
                _("The file has %(mb)s MB; 20 MB is the most. Cut it into several files and import each."),
                params={"mb": -(-(file.size or 0) // 1024 // 1024)},
            )
        return file


@store_view(Role.MANAGER)
def start(request: StoreRequest) -> HttpResponse:
    """Show the form and the newest imports; take a file and start to read it."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        row = importing.begin_import(file.read(), file_name=file.name, actor=request.user)
        work_on_import.delay_on_commit(request.store.pk, row.pk)
        return redirect("catalog:import", store=request.store.slug, product_import=row.pk)
    recent = ProductImport.objects.defer(
        "content", "problems", "pictures", "changes", "notes"
    ).select_related("actor")[:RECENT]
    context = {"form": form, "recent": list(recent)}
    return render(request, "catalog/imports.html", context, status=422 if form.is_bound else 200)


def _get_import(pk: int) -> ProductImport:
    found: ProductImport = get_object_or_404(ProductImport.objects.defer("content"), pk=pk)
    return found


@require_safe
@store_view(Role.MANAGER)
def show(request: StoreRequest, product_import: int) -> HttpResponse:
    found = _get_import(product_import)
    is_working = found.state in ProductImport.WORKING
    looks = look_into(found)
    context = {
        "import": found,
        "is_working": is_working,
        "looks": looks,
        "is_alive": is_working or (found.state == ProductImport.State.CHECKED and looks.left > 0),
    }
    is_fragment = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    return render(request, "catalog/_import.html" if is_fragment else "catalog/import.html", context)


@require_POST
@store_view(Role.MANAGER)
def accept(request: StoreRequest, product_import: int) -> HttpResponse:
    found = _get_import(product_import)
    if importing.accept_import(
        found, only_good=request.POST.get("only_good") == "yes", sets_stock="sets_stock" in request.POST
    ):
        work_on_import.delay_on_commit(request.store.pk, found.pk)
    else:
        messages.info(request, _("Nothing is imported. Look at the list below first."))
    return redirect("catalog:import", store=request.store.slug, product_import=found.pk)


@require_POST
@store_view(Role.MANAGER)
def stop(request: StoreRequest, product_import: int) -> HttpResponse:
    found = _get_import(product_import)
    if importing.stop_import(found):
        messages.success(request, _("The import is stopped. What was imported before stays."))
    return redirect("catalog:import", store=request.store.slug, product_import=found.pk)


@require_safe
@store_view(Role.VIEWER)
def export(request: StoreRequest) -> HttpResponseBase:
    content = stream_products_csv(request.store)
    response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="products-{request.store.slug}.csv"'
    return response
