"""The pictures of a product as a person puts them together: files, addresses, their order and their words.

The rows of the form are the fields `picture` and `alt`, once for each picture and in their order; new
ones come as files in `files` or as lines of `image_urls`. Each is a row once it has arrived, whatever else
is wrong with the form, so nothing has to be chosen twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from catalog.items import MOST_IMAGES
from catalog.line_fields import LinesField
from catalog.models import Picture, Product
from catalog.pictures.addresses import digest_of, is_own, localise
from catalog.pictures.files import MOST_BYTES
from catalog.pictures.keeping import PictureRefused, find_missing, keep_upload
from catalog.pictures.words import say, sentence_of

TYPED, PICTURE, ALT, FILES, ACTION = "image_urls", "picture", "alt", "files", "picture_do"


class AddressField(forms.URLField):
    """An address in the web, or the path of a file of ours."""

    default_validators = [URLValidator(schemes=["http", "https"])]

    def clean(self, value: Any) -> str:
        if is_own(value) and "\0" not in value:  # which PostgreSQL cannot even look for
            return str(value)
        try:
            return str(super().clean(value))
        except ValidationError as error:
            words = _("“%(line)s” is no web address. Write it like this: https://example.com/picture.jpg")
            raise ValidationError(words % {"line": value[:80]}) from error


class PicturesWidget(forms.Textarea):
    """Reads the rows and, after them, what is typed."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        rows = data.getlist(PICTURE) if isinstance(data, QueryDict) else []
        return "\n".join([*rows, data.get(name) or ""])


class PicturesField(LinesField):
    """The addresses of a product's pictures in their order. Its box shows `typed`: the others are rows."""

    typed = ""

    def __init__(self, **kwargs: Any) -> None:
        item = AddressField(max_length=2000, assume_scheme="https")
        widget = PicturesWidget(attrs={"rows": 2})
        super().__init__(sign="\n", most=MOST_IMAGES, item=item, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> str:
        return self.typed

    def clean(self, value: Any) -> list[str]:
        """Return the addresses; those of files of this store as paths. 1 query when there are any."""
        given = super().clean(value)
        missing = find_missing(localise(one, base_url=settings.APP_BASE_URL) for one in given)
        if missing & set(given):
            raise ValidationError(_("A picture of ours is gone. Take it out, and upload it again."))
        ours = {one: localise(one, base_url=settings.APP_BASE_URL) for one in given}
        return list(dict.fromkeys(one if path in missing else path for one, path in ours.items()))


@dataclass(frozen=True)
class EditorRow:
    """One picture in the form. `sentence` says what is wrong with it; `waits` that nobody has looked yet."""

    address: str
    alt: str
    thumbnail: str
    host: str
    size: str
    sentence: str
    waits: bool


@dataclass
class PictureEditor:
    """The part of the product form that is about pictures. `errors` name the files that were refused."""

    addresses: list[str] = field(default_factory=list)
    alts: dict[str, str] = field(default_factory=dict)
    typed: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def rows(self) -> list[EditorRow]:
        """The pictures as they stand; 1 query."""
        known = {row.digest: row for row in Picture.objects.filter(digest__in=map(digest_of, self.addresses))}
        return [self._row(one, known.get(digest_of(one))) for one in self.addresses]

    def _row(self, address: str, picture: Picture | None) -> EditorRow:
        return EditorRow(
            address=address,
            alt=self.alts.get(address, ""),
            thumbnail=picture.thumbnail if picture else "",
            host="" if is_own(address) else urlsplit(address).netloc[:40],
            size=f"{picture.width} × {picture.height}" if picture and picture.width else "",
            sentence=sentence_of(picture) if picture else "",
            waits=picture is None or picture.checked_at is None,
        )

    def put_into(self, data: QueryDict) -> QueryDict:
        """Return what was sent, with the pictures as they stand now."""
        said = data.copy()
        said.setlist(PICTURE, self.addresses)
        said.setlist(ALT, [self.alts.get(one, "") for one in self.addresses])
        said[TYPED] = self.typed
        return said


def edit_product(product: Product | None) -> PictureEditor:
    """Return the editor with the pictures of a product; 1 query."""
    if product is None:
        return PictureEditor()
    shown = product.images.filter(removed_at=None).values_list("picture__address", "alt")
    alts = dict(shown)
    return PictureEditor(addresses=[one for one in product.image_urls if one in alts], alts=alts)


def read_pictures(data: QueryDict, files: MultiValueDict[str, UploadedFile[Any]]) -> PictureEditor:
    """Take in what a person sent: rows, files, typed addresses, and a button that was pressed."""
    rows = data.getlist(PICTURE)
    pairs = zip_longest(rows, data.getlist(ALT)[: len(rows)], fillvalue="")
    alts = {address: alt for address, alt in pairs if "\0" not in address}
    editor = PictureEditor(addresses=list(alts), alts=alts)
    _press(editor, data.get(ACTION, ""))
    for file in files.getlist(FILES):
        _take_file(editor, file)
    _take_typed(editor, data.get(TYPED, ""))
    return editor


def _press(editor: PictureEditor, action: str) -> None:
    """Do what the button of a row says: `up:2`, `down:2`, `remove:2`; others name none."""
    verb, _colon, number = action.partition(":")
    place = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else -1
    if not 0 <= place < len(editor.addresses):
        return
    one = editor.addresses.pop(place)
    if verb != "remove":
        editor.addresses.insert(max(0, place + {"up": -1, "down": 1}.get(verb, 0)), one)


def _take_file(editor: PictureEditor, file: UploadedFile[Any]) -> None:
    try:
        # A larger one is refused by its size alone.
        if (file.size or 0) > MOST_BYTES:
            raise PictureRefused(say(Picture.Finding.TOO_MANY_BYTES))
        address = keep_upload(file.read()).address
    except PictureRefused as refused:
        editor.errors.append(_("%(name)s: %(sentence)s") % {"name": file.name, "sentence": refused})
        return
    if address not in editor.addresses:
        editor.addresses.append(address)


def _take_typed(editor: PictureEditor, text: str) -> None:
    """Make a row of each line that is an address; the others stay in the box, where the form finds them."""
    check, left = AddressField(max_length=2000, assume_scheme="https"), []
    for line in dict.fromkeys(part.strip() for part in text.replace("\r", "\n").split("\n") if part.strip()):
        try:
            address = check.clean(line)
        except ValidationError:
            left.append(line)
        else:
            if address not in editor.addresses:
                editor.addresses.append(address)
    editor.typed = "\n".join(left)
