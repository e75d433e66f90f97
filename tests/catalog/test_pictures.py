"""Pictures by upload: into the form, out to everybody, and away when nothing shows them any more."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from catalog.items import item_data
from catalog.models import Catalog, CatalogItem, Picture, Product, ProductImage, Variant
from catalog.pictures import leftovers, tasks
from catalog.pictures.keeping import keep_upload, note_images
from tenancy.models import Store, User
from tenancy.scope import open_store
from tests.catalog import picture_sample as files
from tests.catalog.sample import finish, make_product, push, remote_items
from tests.catalog.test_pages import HOME, form_body, text
from tests.sandbox_process import Sandbox

pytestmark = pytest.mark.usefixtures("media")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def upload(content: bytes, name: str = "cushion.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def body(*contents: bytes, **over: Any) -> dict[str, Any]:
    chosen = [upload(content, f"{n}.jpg") for n, content in enumerate(contents)]
    return form_body(**({"image_urls": "", "files": chosen} | over))


RED, BLUE = files.picture(colour="red"), files.picture(colour="blue")


def kept(media: Path) -> list[str]:
    return sorted(path.name for path in media.rglob("*") if path.is_file())


def test_pictures_are_uploaded_with_the_product(client: Client, store: Store, settings: LazySettings) -> None:
    assert client.post(f"{HOME}new/", body(RED, BLUE)).status_code == 302
    with open_store(store.pk):
        product, variant = Product.objects.get(), Variant.objects.select_related("product", "store").get()
        images = list(product.images.select_related("picture"))
    assert [image.picture.address for image in images] == product.image_urls
    assert (images[0].picture.width, images[0].picture.finding) == (600, "")
    assert product.readiness == "ready"
    data = item_data(variant, base_url="https://stormcom.example", now=NOW)
    assert data["image"] == [{"url": f"https://stormcom.example{path}"} for path in product.image_urls]
    page, shop, listed = (
        text(client.get(f"{HOME}{product.pk}/")),
        Client().get(f"/shop/hazel-home/{product.item_group_id}"),
        text(client.get(HOME)),
    )
    small = product.image_urls[0].replace(".jpg", "-160.jpg")
    assert small in page
    assert small in listed
    assert product.image_urls[0].replace(".jpg", "-800.jpg") in text(shop)
    assert f'<meta property="og:image" content="{settings.APP_BASE_URL}{product.image_urls[0]}">' in text(
        shop
    )
    policy = [rule.strip() for rule in shop.headers["Content-Security-Policy"].split(";")]
    assert "img-src 'self' data:" in policy


def test_everybody_gets_a_picture_and_keeps_it(client: Client, store: Store) -> None:
    client.post(f"{HOME}new/", body(RED))
    with open_store(store.pk):
        [address] = Product.objects.get().image_urls
    for path in (address, address.replace(".jpg", "-800.jpg"), address.replace(".jpg", "-160.jpg")):
        answer = Client().get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert answer.content.startswith(b"\xff\xd8\xff")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "Set-Cookie" not in answer.headers
        known = Client().get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (known.status_code, known.content) == (304, b"")
    assert Client().post(address).status_code == 405


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..%2F..%2Fsecrets",
        "a.jpg",
        f"{'a' * 64}.jpg",
        f"{'a' * 64}.html",
        f"{'a' * 64}-999.jpg",
        "%2e%2e",
    ],
)
def test_nothing_else_is_served(name: str, db: None, media: Path) -> None:
    (media / "secrets").write_text("secret")
    assert Client().get(f"/pictures/{name}").status_code == 404


def test_the_same_picture_twice_is_one_file_and_another_stores_is_its_own(
    store: Store, other_store: Store, media: Path
) -> None:
    with open_store(store.pk):
        first, again = keep_upload(RED), keep_upload(RED)
    assert (first.pk, len(kept(media))) == (again.pk, 3)
    with open_store(other_store.pk):
        theirs = keep_upload(RED)
    assert theirs.address != first.address
    assert len(kept(media)) == 6


def test_a_changed_picture_has_another_address(client: Client, store: Store) -> None:
    client.post(f"{HOME}new/", body(RED))
    with open_store(store.pk):
        product, variant = Product.objects.get(), Variant.objects.get()
    before = product.image_urls
    rows = {"variants-INITIAL_FORMS": "1", "variants-0-pk": variant.pk, "variants-0-is_for_sale": "on"}
    assert client.post(f"{HOME}{product.pk}/edit/", body(BLUE, **rows)).status_code == 302
    with open_store(store.pk):
        product.refresh_from_db()
        removed = ProductImage.objects.get(removed_at__isnull=False)
        assert removed.picture.address == before[0]
    assert len(product.image_urls) == 1
    assert product.image_urls != before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (files.PAGE, "This is a web page, not a picture."),
        (files.DRAWING, "This is an SVG drawing, and Meta takes none."),
        (files.picture("JPEG", 300, 300), "300 × 300: Meta needs 500 × 500 pixels at least."),
        (files.bomb(), "10000 × 10000: The picture has more than 64 million pixels."),
        (files.moving(), "The picture moves, and Meta shows still ones."),
        (RED[:1500], "The picture is damaged, or a part of it is missing."),
        (RED + b"\0" * 8 * 1024 * 1024, "The file is larger than 8 MB"),
        (b"words", "This is no picture that we know."),
    ],
)
def test_a_bad_file_is_named_and_the_good_one_beside_it_stays(
    client: Client, store: Store, media: Path, content: bytes, words: str
) -> None:
    response = client.post(f"{HOME}new/", body(RED, content))
    page = text(response)
    assert response.status_code == 422
    assert f"1.jpg: {words}" in page
    with open_store(store.pk):
        assert Product.objects.count() == 0
        good = Picture.objects.get()
    assert f'name="picture" value="{good.address}"' in page
    assert len(kept(media)) == 3


def test_a_form_that_is_refused_for_something_else_keeps_the_pictures(client: Client, store: Store) -> None:
    response = client.post(f"{HOME}new/", body(RED, title=""))
    assert response.status_code == 422
    [address] = re.findall(r'name="picture" value="([^"]+)"', text(response))
    again = form_body(image_urls="", picture=[address], alt=["A red cushion"])
    assert client.post(f"{HOME}new/", again).status_code == 302
    with open_store(store.pk):
        product = Product.objects.get()
        assert (product.image_urls, product.images.get().alt) == ([address], "A red cushion")
    page = text(Client().get(f"/shop/hazel-home/{product.item_group_id}"))
    assert 'alt="A red cushion"' in page


ONE, TWO, THREE = (f"https://p.example/{n}.jpg" for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("press", "order"),
    [
        ("up:1", [TWO, ONE, THREE]),
        ("up:0", [ONE, TWO, THREE]),
        ("down:1", [ONE, THREE, TWO]),
        ("down:2", [ONE, TWO, THREE]),
        ("remove:0", [TWO, THREE]),
        ("remove:9", [ONE, TWO, THREE]),
        ("remove:²", [ONE, TWO, THREE]),
        ("nonsense", [ONE, TWO, THREE]),
    ],
)
def test_buttons_order_the_pictures_without_saving(
    client: Client, store: Store, press: str, order: list[str]
) -> None:
    rows = {"picture": [ONE, TWO, THREE], "alt": ["one", "two", "three"]}
    words = dict(zip([ONE, TWO, THREE], rows["alt"], strict=True))
    response = client.post(f"{HOME}new/", form_body(title="", image_urls="", picture_do=press, **rows))
    page = text(response)
    assert response.status_code == 200
    assert "Give it a title" not in page
    assert re.findall(r'name="picture" value="([^"]+)"', page) == order
    assert re.findall(r'name="alt" value="([^"]*)"', page) == [words[one] for one in order]
    with open_store(store.pk):
        assert Product.objects.count() == 0


def test_a_typed_address_becomes_a_row_and_a_wrong_one_stays_with_its_error(
    client: Client, store: Store
) -> None:
    typed = f"{ONE}\nftp://p.example/2.jpg"
    response = client.post(f"{HOME}new/", form_body(title="", image_urls=typed, picture_do="add"))
    page = text(response)
    assert response.status_code == 422
    assert re.findall(r'name="picture" value="([^"]+)"', page) == [ONE]
    assert "“ftp://p.example/2.jpg” is no web address." in page
    assert "Give it a title" not in page
    assert re.search(r"<textarea[^>]*image_urls[^>]*>\s*ftp://p.example/2.jpg</textarea>", page)


def test_another_stores_file_cannot_be_taken(client: Client, store: Store, other_store: Store) -> None:
    with open_store(other_store.pk):
        theirs = keep_upload(RED).address
    response = client.post(f"{HOME}new/", form_body(image_urls="", picture=[theirs], alt=[""]))
    assert response.status_code == 422
    assert "A picture of ours is gone." in text(response)
    with open_store(store.pk):
        assert (Product.objects.count(), Picture.objects.count()) == (0, 0)


def test_what_is_in_use_or_at_meta_stays_and_the_rest_goes(
    catalog: Catalog, sandbox: Sandbox, media: Path
) -> None:
    shown, gone, never = keep_upload(RED), keep_upload(BLUE), keep_upload(files.picture(colour="lime"))
    product = make_product(image_urls=[shown.address, gone.address])
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    product.image_urls = [shown.address]
    note_images([product])
    product.save()
    old = timezone.now() - timedelta(days=8)
    ProductImage.objects.filter(removed_at__isnull=False).update(removed_at=old)
    Picture.objects.update(created_at=old)
    # Meta has not heard of it yet: what it shows stays.
    CatalogItem.objects.update(answered_at=old - timedelta(days=1))
    assert leftovers.forget_unused() == 1
    assert set(Picture.objects.all()) == {shown, gone}
    CatalogItem.objects.update(answered_at=timezone.now(), waiting_since=timezone.now())
    assert leftovers.forget_unused() == 0
    CatalogItem.objects.update(waiting_since=None, batch=None)
    assert leftovers.forget_unused() == 1
    assert list(Picture.objects.all()) == [shown]
    assert never.address not in {one.address for one in Picture.objects.all()}
    assert len(remote_items(sandbox)) == 1


def test_files_without_a_row_are_collected_folder_by_folder(shop: Store, media: Path) -> None:
    stays, goes = keep_upload(RED), keep_upload(BLUE)
    Picture.objects.filter(pk=goes.pk).delete()
    assert len(kept(media)) == 6
    folder, soon = int(goes.digest[:2], 16), timezone.now() + timedelta(minutes=1)
    assert leftovers.collect_files(folder, before=soon - timedelta(hours=1)) == 0
    assert leftovers.collect_files(int(stays.digest[:2], 16) ^ 1, before=soon) == 0
    assert len(kept(media)) == 6
    assert leftovers.collect_files(folder, before=soon) == 1
    assert {name[:64] for name in kept(media)} == {stays.digest}
    start = datetime(2026, 11, 26, tzinfo=UTC)
    turns = {leftovers.folder_at(start + timedelta(hours=hour)) for hour in range(256)}
    assert turns == set(range(256))


def test_the_timed_job_visits_each_store(
    store: Store, other_store: Store, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.forget_pictures, "delay", tasks.forget_pictures)
    for owner in (store, other_store):
        with open_store(owner.pk):
            keep_upload(RED)
    Picture.unscoped.filter(store=other_store).update(created_at=timezone.now() - timedelta(days=8))
    tasks.collect_pictures()
    assert [one.store_id for one in Picture.unscoped.all()] == [store.pk]


def test_another_ending_of_a_picture_of_ours_is_refused(client: Client, store: Store) -> None:
    client.post(f"{HOME}new/", body(RED))
    with open_store(store.pk):
        address = Picture.objects.get().address
    rows = [address.replace(".jpg", ".png"), address]
    answer = client.post(f"{HOME}new/", form_body(picture=rows, image_urls="", **{"variants-0-sku": "X"}))
    assert answer.status_code == 422
    assert "A picture of ours is gone" in text(answer)
    assert Product.unscoped.count() == 1
