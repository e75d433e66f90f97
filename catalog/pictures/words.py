"""What is wrong with a picture, in a merchant's words: what it is, and what to do."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Picture

Finding = Picture.Finding

HARMLESS = (Finding.NONE, Finding.KIND, Finding.NARROW, Finding.MOVING, Finding.UNREACHABLE)
"""What stops nothing: Meta may take it, or it may be otherwise tomorrow."""

SENTENCES: dict[Finding, Promise] = {
    Finding.PRIVATE: gettext_lazy(
        "The address leads into a private network, where Meta cannot go. Upload the picture instead."
    ),
    Finding.UNREACHABLE: gettext_lazy(
        "Nothing could be fetched from this address. Open it in a browser, mend it, or upload the picture."
    ),
    Finding.EMPTY: gettext_lazy("The file is empty. Choose the picture again."),
    Finding.WEB_PAGE: gettext_lazy(
        "This is a web page, not a picture. Open the picture itself and take its address, or upload it."
    ),
    Finding.DRAWING: gettext_lazy("This is an SVG drawing, and Meta takes none. Save it as PNG or JPEG."),
    Finding.UNKNOWN: gettext_lazy("This is no picture that we know. Save it as JPEG or PNG."),
    Finding.BROKEN: gettext_lazy("The picture is damaged, or a part of it is missing. Save it again."),
    Finding.MOVING: gettext_lazy("The picture moves, and Meta shows still ones. Save one moment of it."),
    Finding.KIND: gettext_lazy(
        "Meta takes JPEG and PNG, and this is neither. Upload the picture: we make one of them of it."
    ),
    Finding.TOO_MANY_BYTES: gettext_lazy(
        "The file is larger than 8 MB, the most Meta takes. Save it smaller."
    ),
    Finding.TOO_MANY_PIXELS: gettext_lazy(
        "The picture has more than 64 million pixels. Save it smaller, 4096 on its longer side."
    ),
    Finding.TOO_SMALL: gettext_lazy("Meta needs 500 × 500 pixels at least. Take a larger picture."),
    Finding.NARROW: gettext_lazy(
        "The picture is more than three times as long as wide, and buyers see its middle only. Cut it."
    ),
}


def sentence_of(picture: Picture) -> str:
    """Return what is wrong with a picture; '' for one that fits, or has not been looked at yet."""
    return say(picture.finding, picture.width, picture.height, picture.status_code)


def say(finding: str, width: int = 0, height: int = 0, status_code: int = 200) -> str:
    """Return the sentence for a finding, with the figures where they are known."""
    if not finding:
        return ""
    if finding == Finding.UNREACHABLE and status_code not in (0, 200):
        words = _("The address answers with an error (%(code)s). Mend it there, or upload the picture.")
        return words % {"code": status_code}
    sentence = str(SENTENCES[Finding(finding)])
    if finding in (Finding.TOO_SMALL, Finding.NARROW, Finding.TOO_MANY_PIXELS) and width:
        return _("%(width)s × %(height)s: %(sentence)s") % {
            "width": width,
            "height": height,
            "sentence": sentence,
        }
    return sentence
