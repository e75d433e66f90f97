"""Keep the world in a file, so that it survives a restart."""

import json
import os
from pathlib import Path

from sandbox.faults import add_new_faults
from sandbox.models import App
from sandbox.world import TABLES, World


class StateError(Exception):
    """The file cannot be used; the text is a sentence for a person."""


def dump(world: World) -> str:
    return json.dumps(vars(world), default=vars, separators=(",", ":"))


def save(text: str, path: Path) -> None:
    """Write the dumped world; a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(path.name + ".part")
    waiting.write_text(text, encoding="utf-8")
    os.replace(waiting, path)


def load(path: Path, app: App) -> World:
    """Read a world; the app's id and secret stay those of this process.

    Raises StateError when the file is not one of ours.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        world = World(
            app=app,
            seed=content["seed"],
            clock_offset=content["clock_offset"],
            counters=content["counters"],
        )
        for name, row_type in TABLES.items():
            setattr(world, name, {key: row_type(**row) for key, row in content.get(name, {}).items()})
        add_new_faults(world)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateError(f"{path} is not a sandbox state file: remove it to start afresh.") from error
    return world
