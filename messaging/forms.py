"""What staff type into a conversation."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.models import Conversation
from messaging.window import length_problem


class ReplyForm(forms.Form):
    """A reply. `reference` is made with the form, so that a double press is one message."""

    text = forms.CharField(
        label=gettext_lazy("Your reply"),
        error_messages={"required": gettext_lazy("Write something first.")},
        widget=forms.Textarea(attrs={"rows": 2, "data-send": "", "data-focus": "", "autocomplete": "off"}),
    )
    reference = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)

    def __init__(self, *args: Any, conversation: Conversation, **options: Any) -> None:
        super().__init__(*args, **options)
        self.conversation = conversation
        contact = conversation.contact
        self.fields["text"].widget.attrs |= {
            "data-draft": f"reply:{conversation.uuid}",
            "placeholder": _("Write to %(name)s") % {"name": contact.display_name},
        }

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        if problem := length_problem(text, on_instagram=self.conversation.contact.on_instagram):
            raise forms.ValidationError(problem)
        return text


class UpToForm(forms.Form):
    """The newest message that the person had on the page."""

    up_to = forms.IntegerField(min_value=0, max_value=2**63 - 1)


class NewerForm(forms.Form):
    """What a live page already shows: its newest message, its revision, and whether one could reply.

    `listed` says that the list beside the thread has a row of it.
    """

    after = forms.IntegerField(min_value=0, max_value=2**63 - 1)
    since = forms.IntegerField(min_value=0, max_value=2**63 - 1)
    blocked = forms.BooleanField(required=False)
    listed = forms.BooleanField(required=False)


class ArrivalsForm(forms.Form):
    """When the list was made (milliseconds since 1970), and which conversation is open beside it."""

    since = forms.IntegerField(min_value=0, max_value=2**42)
    open = forms.UUIDField(required=False)
