"""What the floors above do for a connected Page, called by name from below."""

from __future__ import annotations

GAP_FILLS: tuple[str, ...] = ("leads.tasks.sync_leads",)
"""Tasks of (store, our id of a Page) that fetch what Meta did not announce while it had dropped the Page."""

ASSET_DATA: tuple[str, ...] = ("messaging.asset_data", "leads.asset_data")
"""Modules that hold data of an asset, in the order of erasing: `describe(asset)`, `erase(asset, limit=…)`."""
