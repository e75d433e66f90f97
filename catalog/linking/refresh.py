"""The proof that a catalog's connection works, and the wish to be told when Meta is done with a batch."""

from __future__ import annotations

from catalog.models import Catalog
from catalog.push.settling import note_failure, note_success
from integrations.graph import catalogs
from integrations.graph.errors import GraphError
from integrations.logins import LoginClient
from integrations.runs import record_run

CHECK = "catalog.refresh"


def refresh_catalog(catalog: Catalog) -> None:
    """Read a catalog's name and have Meta send us its events. Calls Meta; safe twice."""
    client = LoginClient(catalog.account)
    try:
        with record_run(job=CHECK, asset_id=catalog.catalog_id):
            catalogs.subscribe_catalog(client, catalog.catalog_id)
            name = catalogs.fetch_catalog_name(client, catalog.catalog_id)
    except GraphError as error:
        note_failure(catalog, error, rests=False)
        return
    Catalog.objects.filter(pk=catalog.pk).update(name=name, is_listening=True)
    note_success(catalog)
