from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from ui.charts import BAR_AREA_TOP, SPARKLINE_HEIGHT, SPARKLINE_WIDTH, bars, sparkline_points


def render(tag: str, **context: object) -> str:
    return Template("{% load ui %}{% " + tag + " %}").render(Context(context))


def parsed(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(markup)


def test_a_line_without_values_says_so() -> None:
    assert render("sparkline values", values=[]).strip() == '<span class="meta">No figures yet</span>'


def test_a_line_of_one_value_is_a_dot_at_its_end_with_the_value_printed() -> None:
    drawing = parsed(render('sparkline values title="Orders"', values=[5]))
    circle, svg = drawing.find(".//circle"), drawing.find("svg")
    assert circle is not None
    assert svg is not None
    assert (circle.get("cx"), circle.get("cy")) == ("98", "2")
    assert svg.get("aria-label") == "Orders: 5"
    assert drawing.findtext("span") == "5"


def test_a_line_of_many_values_starts_at_zero() -> None:
    points = sparkline_points([10, 5, 0])
    assert [(point.x, point.y) for point in points] == [(2.0, 2.0), (50.0, 14.0), (98.0, 26.0)]


def test_the_last_value_may_stand_elsewhere() -> None:
    assert parsed(render("sparkline values last=False", values=[1, 2])).find("span") is None


@given(st.lists(st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6), max_size=60))
def test_no_point_leaves_the_drawing(values: list[float]) -> None:
    points = sparkline_points(values)
    assert [point.value for point in points] == values
    assert all(0 <= point.x <= SPARKLINE_WIDTH and 0 <= point.y <= SPARKLINE_HEIGHT for point in points)


@given(st.lists(st.tuples(st.text(max_size=5), st.integers(-5, 10**9)), max_size=40))
def test_bars_stand_on_zero_and_end_with_a_printed_value(rows: list[tuple[str, int]]) -> None:
    drawn = bars(rows)
    assert all(abs(bar.y + bar.height - 100) < 0.02 for bar in drawn)
    assert all(BAR_AREA_TOP - 0.02 <= bar.y <= 100 and 0 <= bar.x <= 100 for bar in drawn)
    assert not drawn or (drawn[-1].value_shown and drawn[-1].label_shown)


def test_all_zeros_draw_flat_bars_and_say_zero() -> None:
    chart = parsed(render('bar_chart rows title="Orders"', rows=[("Mon", 0), ("Tue", 0)]))
    assert [mark.get("height") for mark in chart.iter("rect")] == ["0%", "0%"]
    assert [text.text for text in chart.iter("text")] == ["0", "Mon", "0", "Tue"]


def test_every_bar_names_itself_and_the_table_repeats_the_figures() -> None:
    chart = parsed(render('bar_chart rows title="Orders"', rows=[("Mon", 4), ("Tue", 8)]))
    assert [title.text for title in chart.iter("title")] == ["Mon: 4", "Tue: 8"]
    rows = [(row.findtext("th"), row.findtext("td")) for row in chart.iter("tr")]
    assert rows == [("Mon", "4"), ("Tue", "8")]
    assert chart.findtext("table/caption") == "Orders"
    assert [mark.get("height") for mark in chart.iter("rect")] == ["43%", "86%"]


def test_many_bars_label_the_ends_and_value_the_peak_and_the_last() -> None:
    drawn = bars([(str(day), 30 if day == 7 else day % 5) for day in range(1, 31)])
    assert [bar.label for bar in drawn if bar.label_shown] == ["1", "30"]
    assert [bar.label for bar in drawn if bar.value_shown] == ["7", "30"]


def test_a_chart_without_rows_says_so() -> None:
    assert "No figures yet" in render("bar_chart rows", rows=[])
    assert "<svg" not in render("bar_chart rows", rows=[])


@pytest.mark.parametrize("tag", ['sparkline values title="x"|add:hostile', "bar_chart rows title=hostile"])
def test_hostile_titles_and_labels_are_escaped(tag: str) -> None:
    hostile = '"><script>alert(1)</script>'
    markup = render(tag, values=[1, 2], rows=[(hostile, 1)], hostile=hostile)
    assert "<script" not in markup
    assert "&lt;script&gt;" in markup


def test_positions_do_not_follow_the_language() -> None:
    with translation.override("de"):
        chart = parsed(render("bar_chart rows", rows=[("Mon", 1), ("Tue", 2), ("Wed", 3)]))
    assert [mark.get("x") for mark in chart.iter("rect")] == ["12.17%", "45.50%", "78.83%"]
