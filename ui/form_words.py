"""What every form says of a text that does not do, in the house's words, unless its field says it better."""

from __future__ import annotations

from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy, ngettext_lazy


def set_form_words() -> None:
    """Put our words in the place that Django reads its own from."""
    MaxLengthValidator.message = ngettext_lazy(
        "At most %(limit_value)d character fits here, and this has %(show_value)d. Shorten it.",
        "At most %(limit_value)d characters fit here, and this has %(show_value)d. Shorten it.",
        "limit_value",
    )
    ProhibitNullCharactersValidator.message = gettext_lazy(
        "This holds a character that cannot be read. Type it anew instead of pasting it."
    )
