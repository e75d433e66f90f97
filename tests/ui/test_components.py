from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils.html import escape
from heroicons import IconDoesNotExist

HOSTILE = "<img src=x onerror=alert(1)>"


def render(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


class ProfileForm(forms.Form):
    email = forms.EmailField(help_text="We write there.")
    nickname = forms.CharField(required=False)
    news = forms.BooleanField(required=False)
    size = forms.ChoiceField(choices=[("s", "Small")], widget=forms.RadioSelect, required=False)
    login = forms.CharField(widget=forms.TextInput({"placeholder": "Login name"}), required=False)


def test_an_icon_is_hidden_from_screen_readers_and_has_the_asked_size() -> None:
    svg = ElementTree.fromstring(render('{% icon "inbox" size=16 %}'))
    assert (svg.get("aria-hidden"), svg.get("width"), svg.get("class")) == ("true", "16", "icon")


def test_an_unknown_icon_is_an_error_of_the_developer() -> None:
    with pytest.raises(IconDoesNotExist):
        render('{% icon "unicorn" %}')


def test_a_badge_of_an_unknown_tone_is_neutral_and_its_text_escaped() -> None:
    markup = render("{% badge text tone=tone %}", text=HOSTILE, tone='x" onclick="')
    assert markup.strip() == f'<span class="badge tone--neutral">{escape(HOSTILE)}</span>'


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Maya Iyer", "MI"), ("Ada", "A"), ("Ana de la Cruz", "AC"), ("  ", "?"), ("李 小龍", "李小")],
)
def test_an_avatar_shows_first_and_last_initial(name: str, initials: str) -> None:
    markup = render("{% avatar name %}", name=name)
    assert markup.strip().endswith(f'aria-hidden="true">{initials}</span>')
    assert markup == render("{% avatar name %}", name=name)


def test_an_avatar_escapes_initials() -> None:
    assert "&lt;&lt;" in render("{% avatar name %}", name="<b <i")


def test_a_channel_always_says_its_name() -> None:
    assert '<span class="visually-hidden">Messenger</span>' in render('{% channel "MESSENGER" %}')
    assert "<span>pigeon</span>" in render('{% channel "pigeon" words=True %}')


def test_a_field_ties_help_to_its_control() -> None:
    markup = render("{% field form.email %}", form=ProfileForm())
    assert 'aria-describedby="id_email_helptext"' in markup
    assert '<div class="field__help" id="id_email_helptext">We write there.</div>' in markup
    assert '<label class="field__label" for="id_email">Email</label>' in markup
    assert "aria-invalid" not in markup


def test_an_error_takes_the_place_of_the_help() -> None:
    markup = render("{% field form.email %}", form=ProfileForm({"email": "ada@"}))
    assert 'aria-invalid="true"' in markup
    assert 'aria-describedby="id_email_error"' in markup
    assert '<p class="field__error" id="id_email_error">' in markup
    assert "We write there." not in markup


def test_what_was_typed_stays_and_is_escaped() -> None:
    markup = render("{% field form.email %}", form=ProfileForm({"email": HOSTILE}))
    assert 'value="&lt;img src=x onerror=alert(1)&gt;"' in markup
    assert "<img" not in markup


def test_optional_fields_say_so_and_check_boxes_do_not() -> None:
    form = ProfileForm()
    assert '<span class="meta">optional</span>' in render("{% field form.nickname %}", form=form)
    assert "optional" not in render("{% field form.news %}", form=form)
    assert (
        render("{% field form.news %}", form=form).count('<label class="check"><input type="checkbox"') == 1
    )


def test_a_choice_of_radios_is_one_named_group() -> None:
    markup = render("{% field form.size %}", form=ProfileForm())
    assert "<legend" in markup
    assert "aria-describedby" not in markup


def test_a_placeholder_that_only_repeats_the_label_is_dropped() -> None:
    form = ProfileForm()
    assert "placeholder" not in render("{% field form.login %}", form=form)
    form.fields["login"].widget.attrs["placeholder"] = "as on your badge"
    assert 'placeholder="as on your badge"' in render("{% field form.login %}", form=form)


def test_a_whole_form_is_drawn_with_our_fields_and_its_own_mistakes_first() -> None:
    form = ProfileForm({"email": "ada@hazelhome.example"})
    form.add_error(None, HOSTILE)
    markup = render("{{ form }}", form=form)
    assert markup.index('role="alert"') < markup.index("id_email_field")
    assert "&lt;img" in markup
    assert "<img" not in markup


@pytest.mark.parametrize(
    ("name", "context"),
    [
        ("empty", {"icon": "inbox", "title": HOSTILE, "text": HOSTILE, "action_url": "/a"}),
        ("banner", {"tone": "danger", "title": HOSTILE, "text": HOSTILE}),
        ("dialog", {"id": "x", "title": HOSTILE, "text": HOSTILE, "confirm_url": "/x"}),
        ("stat", {"label": HOSTILE, "value": HOSTILE, "hint": HOSTILE, "url": "/x"}),
        ("status_line", {"tone": "warning", "text": HOSTILE, "url": "/x"}),
        ("timeline", {"items": [{"text": HOSTILE, "by": HOSTILE}]}),
        ("bubble", {"direction": "in", "text": HOSTILE, "by": HOSTILE, "status": HOSTILE}),
        ("toast", {"tone": "success", "text": HOSTILE}),
        ("product_card", {"title": HOSTILE, "price": HOSTILE, "stock": HOSTILE}),
        ("code", {"id": "x", "text": HOSTILE}),
    ],
)
def test_components_escape_what_people_wrote(name: str, context: dict[str, object]) -> None:
    markup = render_to_string(f"components/{name}.html", context)
    assert "<img" not in markup
    assert "&lt;img src=x onerror=alert(1)&gt;" in markup


def test_the_pager_shows_only_the_ways_there_are() -> None:
    assert render_to_string("components/pager.html", {}).strip() == ""
    last = render_to_string("components/pager.html", {"previous_url": "?before=7"})
    assert 'rel="prev" href="?before=7"' in last
    assert 'rel="next"' not in last


def test_progress_without_a_total_has_no_made_up_share() -> None:
    markup = render_to_string("components/progress.html", {"done": 1310, "label": "Reading"})
    assert "1,310 so far" in markup
    assert "value=" not in markup
    known = render_to_string("components/progress.html", {"done": 1310, "total": 2000, "label": "Reading"})
    assert 'value="1310" max="2000"' in known
