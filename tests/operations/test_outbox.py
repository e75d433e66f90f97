from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMultiAlternatives, get_connection, send_mail
from django.test import Client

FILES = "django.core.mail.backends.filebased.EmailBackend"


@pytest.fixture
def mail_dir(settings: LazySettings, tmp_path: Path) -> Path:
    settings.DEBUG, settings.EMAIL_BACKEND = True, FILES
    settings.MAIL_DIR = settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return tmp_path / "mail"


def test_the_newest_mail_stands_first_with_links_to_click(client: Client, mail_dir: Path) -> None:
    send_mail("First", "Hello", None, ["one@example.com"])
    send_mail("Second", "Confirm here: http://127.0.0.1:8000/accounts/confirm/x/", None, ["two@example.com"])
    for number, path in enumerate(
        sorted(mail_dir.iterdir(), key=lambda path: b"Second" in path.read_bytes())
    ):
        os.utime(path, (number, number))
    page = client.get("/outbox/").content.decode()
    assert page.index("Second") < page.index("First")
    assert 'href="http://127.0.0.1:8000/accounts/confirm/x/"' in page
    assert "two@example.com" in page


def test_two_mails_of_one_connection_are_two_mails(client: Client, mail_dir: Path) -> None:
    mails = [EmailMultiAlternatives(f"Number {n}", "Hello", to=[f"n{n}@example.com"]) for n in (1, 2)]
    get_connection().send_messages(mails)
    assert len(list(mail_dir.iterdir())) == 1
    assert [mail.subject for mail in client.get("/outbox/").context["mails"]] == ["Number 2", "Number 1"]


def test_the_words_of_a_mail_cannot_become_markup(client: Client, mail_dir: Path) -> None:
    send_mail("<b>bold</b>", "<script>alert(1)</script> javascript:alert(2)", None, ["a@example.com"])
    page = client.get("/outbox/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


def test_only_mails_of_the_folder_itself_are_read(client: Client, mail_dir: Path, tmp_path: Path) -> None:
    mail_dir.mkdir()
    secret = tmp_path / "secret.log"
    secret.write_text("Subject: secret\n\nsecret words")
    (mail_dir / "link.log").symlink_to(secret)
    (mail_dir / "folder.log").mkdir()
    (mail_dir / "notes.txt").write_text("Subject: notes\n\nnotes")
    page = client.get("/outbox/?file=../secret.log").content.decode()
    assert "secret words" not in page
    assert "No e-mail yet" in page
    assert client.get("/outbox/../secret.log").status_code == 404


def test_an_html_mail_shows_its_text(client: Client, mail_dir: Path) -> None:
    mail = EmailMultiAlternatives("Order", "Plain words", to=["a@example.com"])
    mail.attach_alternative("<p>Rich words</p>", "text/html")
    mail.send()
    page = client.get("/outbox/").content.decode()
    assert "Plain words" in page
    assert "Rich words" not in page


def test_there_is_no_outbox_outside_of_developing(
    client: Client, mail_dir: Path, settings: LazySettings
) -> None:
    send_mail("Hello", "Words", None, ["a@example.com"])
    settings.DEBUG = False
    assert client.get("/outbox/").status_code == 404


def test_there_is_no_outbox_when_mail_is_really_sent(
    client: Client, mail_dir: Path, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert client.get("/outbox/").status_code == 404
