"""The pool of connections to Meta: one session for a process, whose threads share it."""

from __future__ import annotations

import os
from http.cookiejar import DefaultCookiePolicy

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

CONNECTIONS_KEPT = 32
"""More than the threads of one process; a thread that finds none free opens one that is closed after use."""

_session: requests.Session | None = None


def get_session() -> requests.Session:
    """Return this process's session. It keeps connections alive, and no cookies or credentials.

    The environment's proxies and certificates are read once: `requests` would read them for each call, and
    look for a password in ~/.netrc besides.
    """
    global _session
    if _session is None:
        session = requests.Session()
        session.trust_env = False
        session.proxies = get_environ_proxies(settings.GRAPH_API_URL)
        session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS_KEPT))
        _session = session
    return _session


def _forget_session() -> None:
    """A forked child must not speak on its parent's sockets, nor close them politely."""
    global _session
    _session = None


os.register_at_fork(after_in_child=_forget_session)
