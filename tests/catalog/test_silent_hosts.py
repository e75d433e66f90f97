"""Hosts of pictures that are away, slow or hostile: they cost their own pictures time, and nobody else."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Picture, Product
from catalog.pictures import fetch as picture_fetch
from catalog.pictures import looks
from catalog.pictures.fetch import NoHost, NotFetched, fetch
from tenancy.models import Store
from tests.catalog.picture_sample import Host, picture
from tests.catalog.sample import make_product
from tests.sandbox_process import free_port

GOOD = picture()


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a list that will hold the places to which somebody tried to connect."""
    real, found = socket.create_connection, []

    def connect(place: Any, **options: Any) -> socket.socket:
        found.append(place)
        return real(place, **options)

    monkeypatch.setattr(socket, "create_connection", connect)
    return found


@pytest.fixture
def chain() -> Iterator[str]:
    """Yield the address of a host that leads on and on, a while after each question."""
    server = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{server.getsockname()[1]}"

    def lead_on() -> None:
        while True:
            try:
                peer, _address = server.accept()
            except OSError:
                return
            with peer:
                peer.recv(4096)
                time.sleep(0.3)
                peer.sendall(
                    f"HTTP/1.1 302 Found\r\nLocation: {url}/on\r\nContent-Length: 0\r\n\r\n".encode()
                )

    thread = threading.Thread(target=lead_on, daemon=True)
    thread.start()
    yield f"{url}/a.jpg"
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(2)


def look_at_all() -> None:
    while looks.look_at_due():
        pass


def test_the_steps_of_a_redirect_have_their_time_together(
    chain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_fetch, "SECONDS", 0.5)
    started = time.monotonic()
    with pytest.raises(NotFetched):
        fetch(chain)
    assert time.monotonic() - started < 0.9


@pytest.mark.parametrize("there", ["http://a\0b/", "http://[::1", "http://a:99999/", f"http://{'a' * 70}/"])
def test_a_redirect_to_nowhere_is_no_picture(host: Host, there: str) -> None:
    with pytest.raises(NotFetched) as raised:
        fetch(host.serve("/a.jpg", b"", status=302, Location=there))
    assert not isinstance(raised.value, NoHost)


def test_a_host_that_is_away_is_called_once_for_all_its_pictures(
    shop: Store, host: Host, connected: list[Any]
) -> None:
    port = free_port()
    for n in range(3):
        make_product(image_urls=[f"http://127.0.0.1:{port}/{n}-{one}.jpg" for one in range(8)])
    make_product(title="Lamp", image_urls=[host.serve("/lamp.jpg", GOOD)])
    look_at_all()
    assert [place for place in connected if place[1] == port] == [("127.0.0.1", port)]
    away = Picture.objects.filter(address__contains=f":{port}/")
    assert set(away.values_list("finding", "failures", "status_code")) == {("unreachable", 1, 0)}
    assert not away.filter(not_before__lte=timezone.now()).exists()
    assert host.asked == ["/lamp.jpg"]
    others = Product.objects.exclude(title="Lamp")
    assert [one.picture_causes for one in others] == [["image_unreachable", "image_other"]] * 3
    Picture.objects.update(not_before=timezone.now())
    connected.clear()
    look_at_all()
    assert len([place for place in connected if place[1] == port]) == 1
    assert set(away.values_list("failures", flat=True)) == {2}


def test_pictures_that_take_long_leave_the_rest_for_the_next_turn(
    shop: Store, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_product(image_urls=[host.serve(f"/{n}.jpg", GOOD) for n in range(4)])
    monkeypatch.setattr(looks, "SLICE_SECONDS", 0.1)

    def slowly(url: str) -> bytes:
        time.sleep(0.15)
        return fetch(url)

    monkeypatch.setattr(picture_fetch, "fetch", slowly)
    assert looks.look_at_due()
    assert len(host.asked) == 1
    assert Picture.objects.filter(not_before__lte=timezone.now()).count() == 3
    for _turn in range(3):
        looks.look_at_due()
    assert sorted(host.asked) == ["/0.jpg", "/1.jpg", "/2.jpg", "/3.jpg"]
    assert not Picture.objects.filter(not_before__lte=timezone.now()).exists()
