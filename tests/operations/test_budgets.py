from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from integrations.models import GraphUsage
from integrations.tasks import resync_page
from operations.budgets import list_budgets
from tenancy.models import Store, User
from tests.operations.sample import make_account, make_page
from tests.sandbox_process import Sandbox

ClientOf = Callable[[User], Client]
HEALTH = "/s/hazel-home/health/"


def read(store: Store, bucket: str, percent: int, *, age: int = 0, wait: int = 0) -> None:
    """Keep a reading `age` minutes old that closes the bucket for `wait` more minutes."""
    now = timezone.now()
    GraphUsage.objects.create(
        line=f"line{GraphUsage.objects.count()}",
        bucket=bucket,
        store=store,
        percent=percent,
        blocked_until=now + timedelta(minutes=wait, seconds=5) if wait else None,
        read_at=now - timedelta(minutes=age),
    )


def test_each_kind_of_work_says_how_much_is_used_or_when_it_goes_on(shop: Store, other_store: Store) -> None:
    read(shop, "messenger", 12)
    read(shop, "messenger", 31)
    read(shop, "pages", 80)
    read(shop, "leadgen", 99, age=61)
    read(shop, "catalog_batch", 100, age=61, wait=4)
    read(other_store, "instagram", 50)
    found = [(str(each.work), each.words, each.tone) for each in list_budgets(shop)]
    assert found == [
        ("Sending products", "Meta asks us to wait. We go on in 4 min; nothing is lost.", "warning"),
        ("Messages", "31 % of what Meta allows is used.", "success"),
        ("Pages", "80 % of what Meta allows is used.", "warning"),
    ]


def test_the_page_shows_what_the_last_answers_said(
    shop: Store, viewer: User, client_of: ClientOf, sandbox: Sandbox
) -> None:
    page = make_page(make_account())
    assert "set us no limit in the last hour" in client_of(viewer).get(HEALTH).content.decode()
    read(shop, "pages", 42)
    shown = client_of(viewer).get(HEALTH).content.decode()
    assert "42 % of what Meta allows is used." in shown
    assert "for staff</a>" not in shown
    resync_page(shop.pk, page.pk)  # without a token nothing is asked
    assert GraphUsage.objects.count() == 1


def test_staff_find_the_latest_calls_of_the_store(shop: Store, viewer: User, client_of: ClientOf) -> None:
    make_page(make_account())
    User.objects.filter(pk=viewer.pk).update(is_staff=True, is_superuser=True)
    viewer.refresh_from_db()
    client = client_of(viewer)
    address = f"/admin/integrations/graphcall/?store__id__exact={shop.pk}"
    assert f'href="{address}"' in client.get(HEALTH).content.decode()
    assert client.get(address).status_code == 200
