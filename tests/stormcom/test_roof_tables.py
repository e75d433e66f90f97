"""The three tables at the roof name things that exist, and each does what its line says."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from integrations.permissions import APP_FIELDS, NEEDED, PAGE_FIELDS
from stormcom.celery import app
from stormcom.event_routes import ASSET_FINDERS, ROUTES
from stormcom.timetable import TIMETABLE, Entry


@pytest.mark.parametrize("entry", TIMETABLE, ids=lambda entry: entry.task)
def test_each_line_of_the_timetable_is_a_task_that_needs_no_argument(entry: Entry) -> None:
    app.loader.import_default_modules()
    app.tasks[entry.task].__header__()
    assert entry.why.endswith(".")


def test_no_task_stands_in_the_timetable_twice() -> None:
    assert len({entry.task for entry in TIMETABLE}) == len(TIMETABLE)


def test_a_run_that_was_missed_is_dropped_before_the_next_one() -> None:
    beat = TIMETABLE[0].as_beat()
    assert beat["options"]["expires"] == beat["schedule"]


HANDLERS = {path for kinds in ROUTES.values() for paths in kinds.values() for path in paths}


@pytest.mark.parametrize("path", sorted({*ASSET_FINDERS.values(), *HANDLERS}))
def test_each_route_leads_to_a_function(path: str) -> None:
    assert callable(import_string(path))


@pytest.mark.parametrize("object_", ROUTES)
def test_the_asset_of_an_object_is_one_that_its_handlers_take(object_: str) -> None:
    found = get_type_hints(import_string(ASSET_FINDERS[object_]))["return"]
    for path in {path for paths in ROUTES[object_].values() for path in paths}:
        _event, asset = list(get_type_hints(import_string(path)).items())[:2]
        taken = _types(asset[1])
        assert Any in taken or _types(found) - {type(None)} <= taken, path


def _types(hint: Any) -> set[Any]:
    return set(get_args(hint)) or {hint}


@pytest.mark.parametrize("pattern", settings.CELERY_TASK_ROUTES)
def test_each_queue_is_for_a_task_that_exists(pattern: str) -> None:
    app.loader.import_default_modules()
    assert any(name.startswith(pattern.removesuffix("*")) for name in app.tasks)


def test_what_the_routes_work_on_is_what_meta_is_asked_to_send() -> None:
    asked = {*PAGE_FIELDS, *(field for fields in APP_FIELDS.values() for field in fields)}
    assert {"messages", "messaging_postbacks", "message_deliveries", "leadgen", "items_batch"} <= asked
    assert "pages_messaging" in NEEDED
