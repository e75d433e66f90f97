"""The page where a store's managers make and revoke keys for programs."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tenancy.access import StoreRequest, store_view
from tenancy.api_tokens import MAKER_ROLE, TokenRuleError, create_token, list_tokens, revoke_token
from tenancy.forms import ApiTokenForm
from tenancy.models import StoreApiToken


@never_cache
@store_view(MAKER_ROLE)
@require_http_methods(["GET", "HEAD", "POST"])
def api_tokens(request: StoreRequest) -> HttpResponse:
    """List keys and make one. The answer to the POST is the one page that ever shows its secret."""
    form = ApiTokenForm(request.POST or None)
    made, secret = None, ""
    if request.method == "POST" and form.is_valid():
        wanted = {"name": form.cleaned_data["name"], "scopes": form.cleaned_data["scopes"]}
        try:
            made, secret = create_token(**wanted, expires_at=form.expires_at(), by=request.membership)
        except TokenRuleError as refused:
            form.add_error("name", str(refused))
        else:
            form = ApiTokenForm()
    context = {"form": form, "rows": list_tokens(), "made": made, "secret": secret}
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "tenancy/api_tokens.html", context, status=status)


@require_POST
@store_view(MAKER_ROLE)
def revoke(request: StoreRequest, api_token: int) -> HttpResponse:
    token = get_object_or_404(StoreApiToken.objects, pk=api_token)
    revoke_token(token, by=request.membership)
    messages.success(request, _("“%(name)s” is revoked. Nothing can use it any more.") % {"name": token})
    return redirect("tenancy:api_tokens", request.store.slug)
