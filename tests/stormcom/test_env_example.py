"""`.env.example` names what the settings read, and nothing that nobody reads."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

ROOT: Path = settings.BASE_DIR


def named_in(path: str, pattern: str) -> set[str]:
    return set(re.findall(pattern, (ROOT / path).read_text(), re.MULTILINE))


def test_each_variable_is_documented_and_each_documented_one_is_read() -> None:
    documented = named_in(".env.example", r"^(?:# )?([A-Z][A-Z0-9_]+)=")
    settings_read = named_in("stormcom/settings.py", r'(?:env(?:\.\w+)?|_secret)\(\s*"([A-Z][A-Z0-9_]+)"')
    compose_reads = named_in("docker-compose.yml", r"\$\{([A-Z][A-Z0-9_]+)")
    uvicorn_reads = {"WEB_CONCURRENCY"}
    assert documented == settings_read | compose_reads | uvicorn_reads
