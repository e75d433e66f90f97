"""What Meta's messages hold, in a merchant's words. Pure."""

from __future__ import annotations

from django.utils.translation import gettext as _

TITLED_BY_KIND = frozenset({"product", "location", "post", "ig_post", "share", "reel", "ig_reel", "template"})
"""Kinds of attachment whose title alone would not say what it is."""


def attachment_words(type: str) -> str:
    """Name a kind of attachment for a person."""
    words = {
        "image": _("Photo"),
        "video": _("Video"),
        "audio": _("Voice message"),
        "file": _("File"),
        "sticker": _("Sticker"),
        "location": _("Location"),
        "reel": _("Reel"),
        "ig_reel": _("Reel"),
        "post": _("Shared post"),
        "ig_post": _("Shared post"),
        "share": _("Shared post"),
        "product": _("Product"),
        "story_mention": _("Mention in a story"),
        "story_reply": _("Reply to your story"),
        "template": _("Card with buttons"),
        "appointment_booking": _("Appointment request"),
        "fallback": _("Shared link"),
        "ephemeral": _("Photo that disappears"),
        "cart": _("Cart"),
        "unsupported": _("Message that only Meta's apps show"),
        "postback": _("Pressed a button"),
    }
    return words.get(type, _("Attachment"))


def ad_words(title: str) -> str:
    return _("Ad: %(title)s") % {"title": title} if title else _("An ad")


def product_words(product_id: str) -> str:
    return _("Product of your shop, %(id)s at Meta") % {"id": product_id}


def link_words(source: str, ref: str) -> str:
    """Name a link or a place of Meta's through which a customer came."""
    if "LINK" in source.upper():
        return _("Link: %(word)s") % {"word": ref} if ref else _("A link to this chat")
    if source == "CUSTOMER_CHAT_PLUGIN":
        return _("The chat on your website")
    return _("Facebook or Instagram: %(word)s") % {"word": ref} if ref else _("Facebook or Instagram")


def reaction_sign(name: str) -> str:
    """Return the emoji for one of Meta's words for reactions."""
    signs = {
        "smile": "\N{SMILING FACE WITH OPEN MOUTH}",
        "angry": "\N{ANGRY FACE}",
        "sad": "\N{CRYING FACE}",
        "wow": "\N{FACE WITH OPEN MOUTH}",
        "love": "\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}",
        "like": "\N{THUMBS UP SIGN}",
        "dislike": "\N{THUMBS DOWN SIGN}",
    }
    return signs.get(name, "\N{WHITE MEDIUM STAR}")
