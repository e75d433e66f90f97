from __future__ import annotations

import json
import subprocess
import sys

from tests.e2e.stack import ROOT, Stack

COUNT_SEED_COUNT = '''
import json
from django.apps import apps
from operations.demo.seed import seed

MADE = """
    tenancy.User tenancy.Store tenancy.Membership tenancy.AuditEntry account.EmailAddress
    integrations.MetaAccount integrations.OAuthAttempt integrations.ConnectedPage
    integrations.InstagramAccount
    catalog.Product catalog.Variant catalog.StockMovement catalog.Catalog catalog.CatalogItem
    messaging.Contact messaging.Conversation messaging.Message leads.LeadForm leads.Lead
    orders.Order orders.OrderLine orders.OrderEmail
"""

def count():
    return {label: apps.get_model(label)._base_manager.count() for label in MADE.split()}

before = count()
sign_ins = seed()
print(json.dumps([before, count(), len(sign_ins)]))
'''


def test_bringing_the_demo_store_to_life_again_changes_nothing(stack: Stack) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", COUNT_SEED_COUNT],
        cwd=ROOT,
        env=stack.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    before, after, sign_ins = json.loads(done.stdout.splitlines()[-1])
    assert after == before
    assert before["orders.Order"] >= 7
    assert sign_ins == 6
