"""Making a catalog in a business at Meta: once, whatever becomes of Meta's answer.

Meta makes a second catalog of the same name without a word. So the business's catalogs are noted before the
first try; and before another one they are looked through for the one that an answer was lost about.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.linking.discovery import ask_again
from catalog.linking.services import CatalogTaken, link_catalog
from catalog.models import CatalogCreation, Choice
from integrations.graph import catalogs
from integrations.graph.catalogs import BusinessFacts
from integrations.graph.errors import GraphError, NotAllowed, Reconnect, RetryLater, SlowDown, UnknownAnswer
from integrations.logins import LoginClient
from integrations.models import MetaAccount
from integrations.runs import record_run
from tenancy.audit import record_audit
from tenancy.models import User

LEASE = timedelta(minutes=2)
RETRY_SECONDS = (30, 120, 600, 1800)
"""When to look and try again; after the last one a person is told. Meta's own list needs a moment, too."""
MAY_BE_MADE = (RetryLater, SlowDown, UnknownAnswer)

State = CatalogCreation.State


def ask_for_catalog(
    account: MetaAccount, business: BusinessFacts, *, name: str, actor: User
) -> CatalogCreation | None:
    """Note the wish for a catalog; None when the same one is being made. The caller starts the task."""
    try:
        with transaction.atomic():
            creation: CatalogCreation = CatalogCreation.objects.create(
                account=account,
                business_id=business.business_id,
                business=business.name[:200],
                name=name,
                actor=actor,
            )
            record_audit("catalog.asked_for", actor=actor, target=creation, name=name, business=business.name)
    except IntegrityError:  # the unique key knows better than a look beforehand
        return None
    return creation


def make_catalog(creation_pk: int) -> bool:
    """Do the next try; say whether the catalog is there and connected. Calls Meta; safe twice."""
    creation = _claim(creation_pk)
    if creation is None:
        return False
    try:
        with record_run(job="catalog.create", asset_id=creation.business_id):
            catalog_id = _find_or_make(creation)
    except MAY_BE_MADE as error:
        _try_again(creation, error)
    except GraphError as error:
        _give_up(creation, _explain(creation, error))
    else:
        return _connect(creation, catalog_id)
    return False


def _claim(creation_pk: int) -> CatalogCreation | None:
    now = timezone.now()
    due = CatalogCreation.objects.filter(pk=creation_pk, state=State.ASKED, not_before__lte=now)
    if not due.update(not_before=now + LEASE):
        return None
    found: CatalogCreation = CatalogCreation.objects.select_related("account", "actor").get(pk=creation_pk)
    return found


def _find_or_make(creation: CatalogCreation) -> str:
    client = LoginClient(creation.account)
    business = BusinessFacts(business_id=creation.business_id, name=creation.business)
    there = catalogs.list_catalogs(client, business, is_shared=False)
    if creation.known_ids is None:
        creation.known_ids = [facts.catalog_id for facts in there]
        creation.save(update_fields=["known_ids"])
    else:
        known = set(creation.known_ids)
        new = [one.catalog_id for one in there if one.name == creation.name and one.catalog_id not in known]
        if new:
            return min(new)
    return catalogs.create_catalog(client, creation.business_id, name=creation.name)


def _try_again(creation: CatalogCreation, error: GraphError) -> None:
    if creation.tries >= len(RETRY_SECONDS):
        words = _(
            "Meta did not answer, and may have made it all the same. Ask Meta for your catalogs again before "
            "you make another one."
        )
        _give_up(creation, words)
        return
    seconds = max(error.seconds, RETRY_SECONDS[creation.tries])
    CatalogCreation.objects.filter(pk=creation.pk).update(
        tries=creation.tries + 1, error=str(error), not_before=timezone.now() + timedelta(seconds=seconds)
    )


def _give_up(creation: CatalogCreation, words: str) -> None:
    CatalogCreation.objects.filter(pk=creation.pk).update(state=State.FAILED, error=words)


def _explain(creation: CatalogCreation, error: GraphError) -> str:
    values = {"name": creation.account.name, "business": creation.business}
    if isinstance(error, NotAllowed):
        words = _(
            "%(name)s may not make catalogs in %(business)s. Somebody who manages that business at Meta has "
            "to give full access first, or make the catalog in Commerce Manager."
        )
        return words % values
    if isinstance(error, Reconnect):
        return _("Facebook no longer lets us in for %(name)s. Connect it again, then try once more.") % values
    return _("Meta refused it: “%(words)s”") % {"words": error.message}


def _connect(creation: CatalogCreation, catalog_id: str) -> bool:
    try:
        with transaction.atomic():
            link_catalog(
                creation.account,
                catalog_id=catalog_id,
                name=creation.name,
                actor=creation.actor,
                is_held=True,
                choice=Choice.UNDECIDED,
            )
            CatalogCreation.objects.filter(pk=creation.pk).update(
                state=State.DONE, catalog_id=catalog_id, error=""
            )
            ask_again(creation.account)
    except CatalogTaken:
        _give_up(creation, _("It was made, and connected to another store meanwhile."))
        return False
    return True
