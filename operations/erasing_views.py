"""A store's people erase a customer who asks for it, and see what was erased before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from messaging.models import Contact, Conversation, Message
from operations.forget_buyer import DIGITS_COMPARED, request_erasure
from operations.models import DeletionRequest
from operations.tasks import erase
from tenancy.access import StoreRequest, store_view
from tenancy.roles import Role

SHOWN = 100


class EraseForm(forms.Form):
    """What the customer told of themselves, so that their orders and leads are found, too."""

    email = forms.EmailField(
        label=gettext_lazy("Their e-mail address"),
        required=False,
        help_text=gettext_lazy("Finished orders with it lose the customer's details."),
    )
    phone = forms.CharField(label=gettext_lazy("Their phone number"), required=False, max_length=40)
    with_leads = forms.BooleanField(
        label=gettext_lazy("Also erase the leads with this e-mail address or phone number"), required=False
    )

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone and sum(letter.isdecimal() for letter in phone) < DIGITS_COMPARED:
            raise ValidationError(_("Enter the whole number, with its area code."))
        return phone

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("with_leads") and not self.errors and not (data.get("email") or data.get("phone")):
            raise ValidationError(_("To find their leads, enter their e-mail address or phone number."))
        return data


@require_http_methods(["GET", "POST"])
@store_view(Role.MANAGER)
def erase_customer(request: StoreRequest, uuid: UUID) -> HttpResponse:
    """Ask first, with what will go and what stays; then have it done."""
    found = get_object_or_404(Conversation.objects.select_related("contact"), uuid=uuid)
    form = EraseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        wish = request_erasure(found.contact, store=request.store, actor=request.user, **form.cleaned_data)
        erase.delay_on_commit(wish.pk)
        words = _("The customer is being erased. Give them the code %(code)s: its page says how far it is.")
        messages.success(request, words % {"code": wish.code})
        return redirect("erasures", store=request.store.slug)
    context = {"conversation": found, "form": form, "counts": _count(found.contact)}
    status = 422 if form.is_bound else 200
    return render(request, "operations/erase_customer.html", context, status=status)


@require_safe
@store_view(Role.MANAGER)
def erasures(request: StoreRequest) -> HttpResponse:
    """Who was erased, by code: nothing else of them is left."""
    rows = DeletionRequest.objects.filter(store=request.store).select_related("requested_by")[:SHOWN]
    return render(request, "operations/erasures.html", {"rows": list(rows)})


def _count(contact: Contact) -> dict[str, int]:
    """Return how much there is to erase; 2 queries."""
    conversations = Conversation.objects.filter(contact=contact)
    messages_in = Message.objects.filter(conversation__in=conversations)
    return {"conversations": conversations.count(), "messages": messages_in.count()}
