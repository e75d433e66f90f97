"""What hangs on a message of Meta's, as rows that a person can read and open."""

from __future__ import annotations

from collections.abc import Iterator

from integrations.webhooks.events import Attachment as Sent
from integrations.webhooks.events import MessageEvent
from integrations.webhooks.shapes import Json, clean, read_object, read_objects
from messaging.models import Attachment, Message

MAP_ADDRESS = "https://www.openstreetmap.org/?mlat={lat}&mlon={long}"


def save_attachments(event: MessageEvent, message: Message) -> None:
    """Store the attachments of an event, and the story that it answers."""
    Attachment.objects.bulk_create(
        Attachment(message=message, type=type_[:40], url=url, title=title)
        for type_, url, title in _describe(event)
    )


def _describe(event: MessageEvent) -> Iterator[tuple[str, str, str]]:
    """Yield (type, url, title) of everything that hangs on a message."""
    if event.story_id or event.story_url:
        yield "story_reply", event.story_url, ""
    for one in event.attachments:
        products = list(read_objects(read_object(one.payload.get("product")).get("elements")))
        if products:
            yield from (_product(product) for product in products)
        elif one.type == "location":
            yield _place(one)
        elif one.type == "template":
            yield one.type, one.url, one.title or _words_of_template(one.payload)
        else:
            yield one.type, one.url, one.title


def _product(product: Json) -> tuple[str, str, str]:
    words = [clean(product.get(key)) for key in ("title", "subtitle")]
    return "product", clean(product.get("image_url")), ", ".join(filter(None, words))


def _place(one: Sent) -> tuple[str, str, str]:
    coordinates = read_object(one.payload.get("coordinates"))
    lat, long = clean(coordinates.get("lat")), clean(coordinates.get("long"))
    if not (lat and long):
        return one.type, one.url, one.title
    return one.type, one.url or MAP_ADDRESS.format(lat=lat, long=long), one.title or f"{lat}, {long}"


def _words_of_template(payload: Json) -> str:
    titles = [clean(element.get("title")) for element in read_objects(payload.get("elements"))]
    return clean(payload.get("text")) or ", ".join(filter(None, titles))
