"""Pictures by address: looked at in the background, never in a network that is not public, and told of."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from catalog.models import Catalog, CatalogItem, Picture, Product
from catalog.pictures import fetch as picture_fetch
from catalog.pictures import looks, tasks
from catalog.pictures.fetch import NotFetched, NotPublic, TooLarge, fetch, is_public
from tenancy.models import Store, User
from tenancy.scope import open_store
from tests.catalog import picture_sample as files
from tests.catalog.picture_sample import Host
from tests.catalog.sample import finish, item_of, make_product, push
from tests.catalog.test_pages import HOME, form_body, text
from tests.sandbox_process import Sandbox

GOOD = files.picture()


@pytest.fixture
def client(manager: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(manager)


def look(store: Store) -> None:
    """Do what the worker does when pictures are due."""
    with open_store(store.pk):
        Picture.objects.filter(not_before__isnull=False).update(not_before=timezone.now())
    tasks.look_at_pictures(store.pk)


@pytest.mark.parametrize(
    ("body", "status", "finding", "readiness", "words"),
    [
        (GOOD, 200, "", "ready", ""),
        (files.picture("PNG"), 200, "", "ready", ""),
        (files.PAGE, 200, "web_page", "blocked", "This is a web page, not a picture."),
        (files.DRAWING, 200, "drawing", "blocked", "SVG drawing"),
        (b"", 200, "empty", "blocked", "The file is empty."),
        (files.bomb(), 200, "too_many_pixels", "blocked", "64 million pixels"),
        (GOOD[:1500], 200, "broken", "blocked", "damaged"),
        (files.picture(width=499), 200, "too_small", "blocked", "499 × 600: Meta needs 500 × 500"),
        (GOOD + b"\0" * 8 * 1024 * 1024, 200, "too_many_bytes", "blocked", "larger than 8 MB"),
        (files.picture(width=2000), 200, "narrow", "warning", "more than three times as long"),
        (files.picture("WEBP"), 200, "kind", "warning", "Meta takes JPEG and PNG"),
        (files.moving(), 200, "moving", "warning", "The picture moves"),
        (files.PAGE, 404, "unreachable", "warning", "answers with an error (404)"),
        (files.PAGE, 503, "unreachable", "warning", "answers with an error (503)"),
    ],
)
def test_what_is_at_an_address_is_told_and_weighed(
    client: Client,
    shop: Store,
    host: Host,
    body: bytes,
    status: int,
    finding: str,
    readiness: str,
    words: str,
) -> None:
    address = host.serve("/a.jpg", body, status=status, Content_Type="image/jpeg")
    product = make_product(image_urls=[address], description="Soft.")
    assert product.readiness == "ready"
    look(shop)
    product.refresh_from_db()
    picture = Picture.objects.get()
    assert (picture.finding, product.readiness) == (finding, readiness)
    assert product.causes == ([f"image_{finding}"] if finding else [])
    for page in (f"{HOME}{product.pk}/", f"{HOME}{product.pk}/edit/"):
        assert words in text(client.get(page))
    assert host.asked == ["/a.jpg"]


def test_saving_a_product_starts_the_look(
    client: Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[int, ...]] = []
    monkeypatch.setattr(tasks.look_at_pictures, "delay_on_commit", lambda *args: started.append(args))
    assert client.post(f"{HOME}new/", form_body()).status_code == 302
    assert started == [(store.pk,)]


def test_nobody_is_called_while_a_person_waits(client: Client, store: Store, host: Host) -> None:
    address = host.serve("/a.jpg", GOOD)
    assert client.post(f"{HOME}new/", form_body(image_urls=address)).status_code == 302
    with open_store(store.pk):
        product, picture = Product.objects.get(), Picture.objects.get()
    page = text(client.get(f"{HOME}{product.pk}/"))
    assert (host.asked, picture.checked_at, product.readiness) == ([], None, "ready")
    assert "Not looked at yet." in page


def test_a_bad_picture_that_is_not_the_main_one_is_a_warning(shop: Store, host: Host) -> None:
    good, bad = host.serve("/a.jpg", GOOD), host.serve("/b.jpg", files.PAGE)
    product = make_product(image_urls=[good, bad], description="Soft.")
    look(shop)
    product.refresh_from_db()
    assert (product.readiness, product.causes) == ("warning", ["image_other"])


def test_a_mended_picture_lets_its_product_go(
    catalog: Catalog, host: Host, sandbox: Sandbox, store: Store
) -> None:
    address = host.serve("/a.jpg", files.PAGE)
    product = make_product(image_urls=[address], description="Soft.")
    variant = product.variants.get()
    look(store)
    assert push(catalog) is None
    item = item_of(variant)
    assert (item.state, item.error[:34]) == (CatalogItem.State.FAILED, "This is a web page, not a picture.")
    host.serve("/a.jpg", GOOD)
    look(store)
    product.refresh_from_db()
    assert product.readiness == "ready"
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    assert item_of(variant).state == CatalogItem.State.LIVE


def test_what_meta_shows_already_goes_on_being_sent(
    catalog: Catalog, host: Host, sandbox: Sandbox, store: Store
) -> None:
    """Else its price and stock would grow old at Meta for a picture that Meta has kept."""
    product = make_product(image_urls=[host.serve("/a.jpg", GOOD)], description="Soft.")
    look(store)
    batch = push(catalog)
    assert batch is not None
    finish(batch)
    host.serve("/a.jpg", files.PAGE)
    look(store)
    product.refresh_from_db()
    assert (product.readiness, product.causes) == ("warning", ["image_gone_bad"])


def test_an_address_is_looked_at_again_and_an_outage_is_waited_for(shop: Store, host: Host) -> None:
    address = host.serve("/a.jpg", GOOD)
    product = make_product(image_urls=[address], description="Soft.")
    look(shop)
    picture = Picture.objects.get()
    assert picture.not_before is not None
    assert picture.checked_at is not None
    assert picture.not_before - picture.checked_at == timedelta(days=7)
    assert looks.look_at_due() is False
    assert host.asked == ["/a.jpg"]
    host.serve("/a.jpg", b"", status=503)
    waits = []
    for _ in range(4):
        look(shop)
        picture.refresh_from_db()
        assert picture.not_before is not None
        assert picture.checked_at is not None
        waits.append((picture.finding, picture.not_before - picture.checked_at))
    assert waits == [
        ("", timedelta(minutes=10)),
        ("", timedelta(hours=1)),
        ("unreachable", timedelta(hours=6)),
        ("unreachable", timedelta(days=1)),
    ]
    product.refresh_from_db()
    assert product.causes == ["image_unreachable"]
    host.serve("/a.jpg", GOOD)
    look(shop)
    product.refresh_from_db()
    assert (product.readiness, Picture.objects.get().failures) == ("ready", 0)


def test_the_sweep_finds_what_no_task_saw(
    store: Store, other_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[int, ...]] = []
    monkeypatch.setattr(tasks.look_at_pictures, "apply_async", lambda args, **_: started.append(args))
    with open_store(store.pk):
        make_product()
    tasks.sweep_pictures()
    assert started == [(store.pk,)]


def test_two_workers_share_the_looks(shop: Store, host: Host) -> None:
    make_product(image_urls=[host.serve(f"/{n}.jpg", GOOD) for n in range(12)])
    assert looks.look_at_due() is True
    assert looks.look_at_due() is False
    assert sorted(host.asked) == sorted(f"/{n}.jpg" for n in range(12))


# --- What is never reached --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "peer",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:db8::1",
        "no address",
    ],
)
def test_an_address_that_is_not_of_the_internet_is_known(peer: str) -> None:
    assert not is_public(peer)


@pytest.mark.parametrize("peer", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_known(peer: str) -> None:
    assert is_public(peer)


@pytest.fixture
def strict(settings: LazySettings) -> None:
    settings.PICTURES_FROM_PRIVATE_ADDRESSES = False


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Have each look-up of a name answered in turn."""
    left = list(answers)

    def getaddrinfo(host: str, port: int, **_options: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (peer, port)) for peer in left.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.jpg",
        "http://localhost/a.jpg",
        "http://[::1]/a.jpg",
        "http://2130706433/a.jpg",
        "http://0x7f000001/a.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "http://user:word@93.184.216.34/a.jpg",
        "http://93.184.216.34:6379/a.jpg",
    ],
)
def test_a_private_address_is_not_called(strict: None, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Any] = []
    monkeypatch.setattr(socket, "create_connection", lambda *args, **_: called.append(args))
    with pytest.raises(NotPublic):
        fetch(url)
    assert called == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://p.example/a", "http://", "http://[::1", "//x/y"]
)
def test_no_other_kind_of_address_is_fetched(url: str) -> None:
    with pytest.raises(NotFetched):
        fetch(url)


def test_a_name_with_one_private_machine_is_refused(strict: None, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(NotPublic):
        fetch("http://p.example/a.jpg")


def test_an_answer_that_changes_after_it_was_looked_at_changes_nothing(
    strict: None, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is public once and private ever after: the call goes where the first answer said."""
    resolve_to(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    called: list[Any] = []

    def connect(peer: Any, **_options: Any) -> Any:
        called.append(peer)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(NotFetched):
        fetch("http://p.example/a.jpg")
    assert called == [("93.184.216.34", 80)]
    assert host.asked == []


def test_a_redirect_into_a_private_network_is_refused(
    settings: LazySettings, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.serve("/secret", GOOD)
    there = host.serve("/a.jpg", b"", status=302, Location=f"{host.url}/secret")
    real = picture_fetch._find_place
    seen: list[str] = []

    def first_is_public(url: str) -> Any:
        seen.append(url)
        settings.PICTURES_FROM_PRIVATE_ADDRESSES = len(seen) == 1
        return real(url)

    monkeypatch.setattr(picture_fetch, "_find_place", first_is_public)
    with pytest.raises(NotPublic):
        fetch(there)
    assert host.asked == ["/a.jpg"]


def test_redirects_are_followed_and_end(host: Host) -> None:
    host.serve("/b.jpg", GOOD)
    assert fetch(host.serve("/a.jpg", b"", status=301, Location="b.jpg")) == GOOD
    ring = host.serve("/ring", b"", status=302, Location="/ring")
    with pytest.raises(NotFetched) as raised:
        fetch(ring)
    assert raised.value.status == 302


def test_a_large_file_is_not_read_and_one_that_lies_about_its_size_is_left(host: Host) -> None:
    with pytest.raises(TooLarge):
        fetch(host.serve("/a.jpg", b"", Content_Length=str(9 * 1024 * 1024)))
    with pytest.raises(TooLarge):
        fetch(host.serve("/b.jpg", b"x" * (8 * 1024 * 1024 + 1)))


def test_a_file_that_breaks_off_is_not_taken_for_a_damaged_one(host: Host) -> None:
    with pytest.raises(NotFetched):
        fetch(host.serve("/a.jpg", GOOD[:500], Content_Length=str(len(GOOD)), Connection="close"))


def test_an_odd_address_is_asked_for_as_browsers_do(host: Host) -> None:
    host.serve("/sch%C3%B6n%20gr%C3%BCn.jpg?a=1", GOOD)
    assert fetch(f"{host.url}/schön grün.jpg?a=1#part") == GOOD


def test_a_host_that_drips_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_fetch, "SECONDS", 0.4)
    server = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def drip() -> None:
        peer, _address = server.accept()
        with peer:
            peer.sendall(b"HTTP/1.1 200 OK\r\n")
            while not done.wait(0.05):
                try:
                    peer.sendall(b"X-Slow: yes\r\n")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    started = timezone.now()
    try:
        with pytest.raises(NotFetched):
            fetch(f"http://127.0.0.1:{server.getsockname()[1]}/a.jpg")
    finally:
        done.set()
        thread.join(2)
        server.close()
    assert timezone.now() - started < timedelta(seconds=3)


def test_a_host_without_a_certificate_of_its_name_is_not_read(host: Host) -> None:
    with pytest.raises(NotFetched):
        fetch(host.url.replace("http://", "https://") + "/a.jpg")
    assert ssl.create_default_context().check_hostname
