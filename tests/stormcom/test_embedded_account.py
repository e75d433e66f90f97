"""The folder that all of root's private servers share: several start at once, and each keeps its data."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stormcom import embedded_account
from stormcom.embedded_account import Account, home_for


class Outsider(Account):
    """Somebody to whom every state folder is closed."""

    def can(self, what: str, path: Path) -> bool:
        return False


def test_servers_that_start_at_once_each_keep_their_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_account, "_SHARED_DIR", tmp_path / "shared")
    for round_number in range(5):
        folders = [tmp_path / f"state-{round_number}-{number}" for number in range(8)]
        for folder in folders:
            folder.mkdir()
        with ThreadPoolExecutor(len(folders)) as pool:
            homes = list(
                pool.map(lambda folder: home_for("postgres", state_dir=folder, account=Outsider()), folders)
            )
        assert [(folder / "postgres").resolve() for folder in folders] == homes
        assert all(home.is_dir() for home in homes)
        # Without its link a folder is clutter, which the next to start clears.
        for folder in folders:
            (folder / "postgres").unlink()
    home_for("postgres", state_dir=folders[0], account=Outsider())
    assert len(list((tmp_path / "shared").glob("data-*.link"))) == 1
