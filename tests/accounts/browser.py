"""A person at the sign-in pages: real forms, real links out of real mails, CSRF checked."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any

from django.core import mail
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client

PASSWORD = "hazel-and-maple-42"


class Browser:
    """Fills in forms the way a browser does: what the page has hidden in the form goes along."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)

    def open(self, path: str) -> str:
        return self.read(self.client.get(path, follow=True))

    def read(self, response: Any) -> str:
        self.response: HttpResponse = response
        self.path: str = (
            response.redirect_chain[-1][0] if response.redirect_chain else response.request["PATH_INFO"]
        )
        self.page = str(response.content.decode())
        return self.page

    def submit(self, action: str, **values: str) -> str:
        """Post the form of the open page that goes to `action`, and follow."""
        return self.read(self.client.post(action, self.hidden(f'action="{action}"') | values, follow=True))

    def leave(self, link: str) -> str:
        """Press the button of the open page for a link, and return the foreign address that it leads to."""
        answer = self.client.post(link, self.hidden(f'action="{escape(link)}"'))
        assert answer.status_code == 302, answer.content
        return answer.headers["Location"]

    def hidden(self, mark: str) -> dict[str, str]:
        """Return the hidden fields of the form whose tag holds `mark`."""
        forms = re.findall(r"(<form\b[^>]*>)(.*?)</form>", self.page, re.DOTALL)
        body = next(body for head, body in forms if mark in head)
        inputs = re.findall(r'<input\b[^>]*type="hidden"[^>]*>', body)
        found = [dict(re.findall(r'\b(name|value)="([^"]*)"', tag)) for tag in inputs]
        return {one["name"]: unescape(one.get("value", "")) for one in found}

    @property
    def is_signed_in(self) -> bool:
        return "_auth_user_id" in self.client.session


def link_in_mail(path: str, message: EmailMessage | None = None) -> str:
    """Return the address in a mail, else the newest, that begins with `path`, without the host."""
    body = str((message or mail.outbox[-1]).body)
    found = re.search(rf"https?://[^/\s]+({re.escape(path)}\S*)", body)
    assert found, body
    return found.group(1)


def sign_up(browser: Browser, email: str, **values: str) -> str:
    browser.open("/accounts/signup/")
    return browser.submit("/accounts/signup/", email=email, password1=PASSWORD, **values)


def confirm(browser: Browser, message: EmailMessage | None = None) -> str:
    """Open the link of a mail, else the newest, and press the button there."""
    link = link_in_mail("/accounts/confirm-email/", message)
    browser.open(link)
    # The button's own address is signed anew each second.
    hidden = browser.hidden('action="/accounts/confirm-email/')
    return browser.read(browser.client.post(link, hidden, follow=True))


def sign_in(browser: Browser, email: str, password: str = PASSWORD) -> str:
    browser.open("/accounts/login/")
    return browser.submit("/accounts/login/", login=email, password=password)
