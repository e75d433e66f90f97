"""Small things of the integrations pages: `{% load integrations %}`."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.urls import reverse

from integrations.connections import Asset
from integrations.standing import kind_word
from tenancy.models import Store

register = template.Library()


@register.filter
def of(values: Mapping[str, str], key: str) -> str:
    """`{{ pictures|of:page.page_id }}`: the value of a key, '' when there is none."""
    return values.get(key, "")


@register.simple_tag
def asset_url(store: Store, asset: Asset, act: str = "") -> str:
    """Return the address of a Page or Instagram account, or of what can be done to it."""
    kind = kind_word(asset)
    name = f"integrations:{kind}_{act}" if act else f"integrations:{kind}"
    return reverse(name, kwargs={"store": store.slug, kind: asset.pk})
