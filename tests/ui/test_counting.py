from __future__ import annotations

import pytest

from catalog.models import Product
from tenancy.models import Store
from tenancy.scope import open_store
from ui import counting
from ui.counting import count_up_to_most, count_words


def test_nothing_is_counted_further_than_one_above_the_most(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST", 3)
    with open_store(store.pk):
        for expected in (0, 1, 2, 3, 4, 4):
            assert count_up_to_most(Product.objects.all()) == expected
            Product.objects.create(title="Lamp")


def test_a_count_that_stopped_says_so() -> None:
    assert [count_words(count) for count in (0, 7, 1000, 1001)] == ["0", "7", "1000", "1000+"]
