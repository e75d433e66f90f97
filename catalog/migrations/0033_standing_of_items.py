"""What the tabs and cards count is found in an index alone, however many items there are.

An item knows its product, so that the refused ones are found without a look at each variant. PostgreSQL
writes it, whoever makes the item; a variant never changes its product.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

import tenancy.constraints

KNOW = """
CREATE FUNCTION catalog_know_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT product_id INTO NEW.product_id FROM catalog_variant WHERE id = NEW.variant_id;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_item_product
    BEFORE INSERT OR UPDATE OF variant_id ON catalog_catalogitem
    FOR EACH ROW EXECUTE FUNCTION catalog_know_product();
"""
FORGET = """
DROP TRIGGER catalog_item_product ON catalog_catalogitem;
DROP FUNCTION catalog_know_product();
"""
FILL = """
UPDATE catalog_catalogitem AS item SET product_id = variant.product_id
    FROM catalog_variant AS variant WHERE variant.id = item.variant_id;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


def _product(*, null: bool) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        editable=False,
        help_text="That of its variant; PostgreSQL writes it.",
        on_delete=django.db.models.deletion.CASCADE,
        related_name="items",
        to="catalog.product",
        null=null,
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0032_refused_canaries"), ("tenancy", "0005_measures_stock")]

    operations = [
        migrations.AddField("catalogitem", "product", _product(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("catalogitem", "product", _product(null=False)),
        migrations.RunSQL(KNOW, FORGET),
        migrations.AddConstraint(
            "catalogitem",
            tenancy.constraints.SameStore(
                field="product", name="catalog_catalogitem_product_same_store", target="catalog.Product"
            ),
        ),
        migrations.RemoveIndex("catalogitem", "catalog_item_state"),
        migrations.AddIndex(
            "catalogitem",
            models.Index(fields=["store", "catalog", "state", "id"], name="catalog_item_standing"),
        ),
        migrations.AddIndex(
            "catalogitem",
            models.Index(
                fields=["store", "product", "catalog", "attempts"],
                condition=Q(state="failed"),
                name="catalog_item_refused",
            ),
        ),
        migrations.RemoveIndex("catalogitem", "catalog_item_in_batch"),
        migrations.AddIndex(
            "catalogitem",
            models.Index(
                fields=["catalog", "batch"],
                condition=Q(batch__isnull=False),
                name="catalog_item_in_batch",
            ),
        ),
        migrations.RemoveIndex("product", "catalog_product_newest"),
        migrations.AddIndex(
            "product",
            models.Index(
                fields=["store", "status", "-id"], include=["readiness"], name="catalog_product_newest"
            ),
        ),
        migrations.RemoveIndex("product", "catalog_product_unready"),
        migrations.AddIndex(
            "product",
            models.Index(
                F("store"),
                F("status"),
                F("readiness"),
                F("id").desc(),
                condition=~Q(readiness="ready"),
                name="catalog_product_unready",
            ),
        ),
        migrations.RemoveIndex("variant", "catalog_variant_sold_out"),
        migrations.AddIndex(
            "variant",
            models.Index(
                fields=["store", "product"],
                condition=Q(status="active", on_hand__lte=F("reserved") + F("safety_stock")),
                name="catalog_variant_sold_out",
            ),
        ),
        migrations.RemoveIndex("catalogfinding", "catalog_finding_kind"),
        migrations.AddIndex(
            "catalogfinding",
            models.Index(fields=["store", "catalog", "kind", "id"], name="catalog_finding_kind"),
        ),
        migrations.AddIndex(
            "catalogfinding",
            models.Index(
                fields=["store", "catalog", "kind"],
                condition=~Q(state="kept"),
                name="catalog_finding_open",
            ),
        ),
        migrations.AddIndex(
            "remoteitem",
            models.Index(
                fields=["store", "catalog", "review_status", "id"],
                condition=Q(variant__isnull=False),
                name="catalog_remote_review",
            ),
        ),
        migrations.RemoveIndex("remoteitem", "catalog_remote_foreign"),
        migrations.AddIndex(
            "remoteitem",
            models.Index(
                fields=["store", "catalog", "obstacle", "id"],
                condition=Q(variant=None),
                name="catalog_remote_foreign",
            ),
        ),
        migrations.RemoveIndex("remoteitem", "catalog_remote_wanted"),
        migrations.AddIndex(
            "remoteitem",
            models.Index(
                fields=["store", "catalog", "id"],
                condition=Q(variant=None, adopt_pieces__isnull=False),
                name="catalog_remote_wanted",
            ),
        ),
        migrations.RemoveIndex("remoteitem", "catalog_remote_severity"),
        migrations.AddIndex(
            "remoteitem",
            models.Index(
                fields=["store", "catalog", "severity", "id"],
                condition=Q(variant__isnull=False) & ~Q(severity=""),
                name="catalog_remote_severity",
            ),
        ),
    ]
