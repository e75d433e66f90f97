"""Nothing is sent before somebody agreed to it; what is sent can be watched and stopped."""

from __future__ import annotations

from django.test import Client

from catalog import services
from catalog.linking.looking import look_through
from catalog.models import Catalog, CatalogItem, Choice
from catalog.push import waiting
from catalog.push.progress import measure_push
from catalog.push.rehearsal import rehearse
from operations.rail import count_rail
from tenancy.models import Store, User
from tests.catalog.sample import finish, make_product, push, sent_batches
from tests.sandbox_process import Sandbox


def page(catalog: Catalog, path: str = "") -> str:
    return f"/s/hazel-home/catalog/meta/{catalog.pk}/push/{path}"


def test_a_held_catalog_shows_what_would_be_sent_and_sends_nothing(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    services.hold_back(catalog, actor=manager)
    make_product(description="Soft and warm.")
    make_product(title="Oak lamp")
    make_product(title="Wool rug", image_urls=[])
    rehearsal = rehearse(catalog)
    assert (rehearsal.ready, rehearsal.warned, rehearsal.blocked) == (1, 1, 1)
    assert (rehearsal.items, rehearsal.calls) == (2, 1)
    assert [(cause.label, cause.products, cause.blocks) for cause in rehearsal.causes] == [
        ("No picture", 1, True),
        ("No description", 2, False),
    ]
    assert push(catalog) is None
    assert sent_batches(sandbox) == 0
    client.force_login(manager)
    words = client.get(page(catalog)).content.decode()
    assert "2 items wait." in words
    assert "It takes 1 call to Meta." in words
    assert CatalogItem.objects.filter(state="waiting").count() == 3


def test_what_would_leave_the_catalog_is_not_said_to_be_ready(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    make_product(title="Oak lamp", description="It tilts.", tags=["oak"])
    make_product(title="Wool rug", description="Soft and warm.")
    batch = push(catalog)
    assert batch is not None
    assert finish(batch).live_count == 2
    make_product(title="Clay pot", description="For one branch.")
    services.hold_back(catalog, actor=manager)
    Catalog.objects.update(choice=Choice.TAGS, choice_words=["oak"])
    look_through(catalog.pk)
    rehearsal = rehearse(catalog)
    assert (rehearsal.ready, rehearsal.warned, rehearsal.blocked) == (0, 0, 0)
    assert (rehearsal.items, rehearsal.removals, rehearsal.calls, rehearsal.hidden) == (0, 1, 1, 0)
    client.force_login(manager)
    words = client.get(page(catalog)).content.decode()
    assert "1 item is taken out: buyers no longer see it in this catalog." in words
    assert ">Take 1 item out</button>" in words
    assert ">Send 1 item" not in words


def test_a_held_catalog_in_which_nothing_waits_says_what_holding_means(
    catalog: Catalog, manager: User, client: Client
) -> None:
    services.hold_back(catalog, actor=manager)
    client.force_login(manager)
    words = client.get(page(catalog)).content.decode()
    assert "Nothing waits right now." in words
    assert "Go on sending" in words
    assert "goes to Meta by itself" not in words


def test_health_says_that_nothing_is_sent(
    catalog: Catalog, manager: User, store: Store, client: Client
) -> None:
    services.hold_back(catalog, actor=manager)
    client.force_login(manager)
    health = client.get("/s/hazel-home/health/").content.decode()
    assert "Nothing is sent to the catalog “Hazel Home”." in health
    assert page(catalog) in health
    assert count_rail(store.pk)["health"] == "warning"
    services.let_go(catalog, actor=manager)
    assert count_rail(store.pk)["health"] == "success"


def test_agreeing_sends_what_waited(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    services.hold_back(catalog, actor=manager)
    make_product()
    client.force_login(manager)
    assert client.post(page(catalog, "go/")).status_code == 302
    batch = push(catalog)
    assert batch is not None
    assert finish(batch).live_count == 1
    assert measure_push(catalog) is None


def test_stopping_keeps_what_is_left_and_still_hears_of_what_has_left(
    catalog: Catalog, sandbox: Sandbox, manager: User, client: Client
) -> None:
    make_product()
    batch = push(catalog)
    make_product(title="Oak lamp")
    client.force_login(manager)
    assert client.post(page(catalog, "stop/")).status_code == 302
    assert batch is not None
    assert finish(batch).live_count == 1
    assert push(catalog) is None
    assert waiting.find_lane(catalog.pk) is False
    assert sorted(CatalogItem.objects.values_list("state", flat=True)) == ["live", "waiting"]


def test_a_viewer_may_look_but_not_send(catalog: Catalog, agent: User, client: Client) -> None:
    client.force_login(agent)
    assert client.get(page(catalog)).status_code == 200
    assert client.post(page(catalog, "stop/")).status_code == 403
    catalog.refresh_from_db()
    assert not catalog.is_held
