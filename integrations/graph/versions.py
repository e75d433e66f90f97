"""The Graph version we speak, and until when Meta answers each. The only place to change it.

Source: fact sheet section 2. Catalogs, products, feeds and leads belong to the Marketing API, which counts
the same versions and ends them sooner. A version ends two years after the next one came.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

CURRENT = "v26.0"


@dataclass(frozen=True)
class Life:
    """The last day of a version; None while Meta has not said."""

    graph: date | None
    marketing: date | None

    @property
    def ends_on(self) -> date | None:
        """The day from which something of ours stops: whichever of the two ends first."""
        return min((day for day in (self.graph, self.marketing) if day), default=None)


_MARKETING_V24 = date(2026, 10, 6)
"""Older versions of the Marketing API ended before it."""

VERSIONS: dict[str, Life] = {
    "v18.0": Life(date(2026, 1, 26), _MARKETING_V24),
    "v19.0": Life(date(2026, 5, 21), _MARKETING_V24),
    "v20.0": Life(date(2026, 9, 24), _MARKETING_V24),
    "v21.0": Life(date(2027, 1, 21), _MARKETING_V24),
    "v22.0": Life(date(2027, 5, 20), _MARKETING_V24),
    "v23.0": Life(date(2027, 10, 8), _MARKETING_V24),
    "v24.0": Life(date(2028, 2, 18), _MARKETING_V24),
    "v25.0": Life(date(2028, 7, 29), None),
    "v26.0": Life(None, None),
}
