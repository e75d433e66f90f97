"""Tags and categories are named without a look at all products. PostgreSQL notes a new one, whoever gives it.

A statement notes its words once, however many products it changes, and waits for nobody.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F

NOTE = """
CREATE FUNCTION catalog_note_collections() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_collection (store_id, kind, name)
    SELECT store_id, kind, name FROM (
        SELECT store_id, 'category' AS kind, category AS name FROM fresh WHERE status = 'active'
        UNION
        SELECT store_id, 'tag', unnest(tags) FROM fresh WHERE status = 'active'
    ) AS said
    WHERE name <> '' AND NOT EXISTS (
        SELECT FROM catalog_collection AS known
        WHERE known.store_id = said.store_id AND known.kind = said.kind AND known.name = said.name
    );
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_product_collections_made AFTER INSERT ON catalog_product
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_note_collections();
CREATE TRIGGER catalog_product_collections_changed AFTER UPDATE ON catalog_product
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_note_collections();
"""
STOP = """
DROP TRIGGER catalog_product_collections_made ON catalog_product;
DROP TRIGGER catalog_product_collections_changed ON catalog_product;
DROP FUNCTION catalog_note_collections();
"""
COUNT = """
INSERT INTO catalog_collection (store_id, kind, name, product_count)
SELECT store_id, kind, name, count(*) FROM (
    SELECT store_id, 'category' AS kind, category AS name FROM catalog_product WHERE status = 'active'
    UNION ALL
    SELECT store_id, 'tag', unnest(tags) FROM catalog_product WHERE status = 'active'
) AS said
WHERE name <> '' GROUP BY store_id, kind, name;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0038_failed_items"), ("tenancy", "0005_measures_stock")]

    operations = [
        migrations.CreateModel(
            "Collection",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("category", "Category"), ("tag", "Tag")], max_length=10),
                ),
                ("name", models.CharField(max_length=100)),
                (
                    "product_count",
                    models.PositiveIntegerField(
                        db_default=0,
                        default=0,
                        help_text="Products on sale at the last look; 0 for a word that is new.",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenancy.store",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["store", "kind", "name"], name="catalog_collection_word"),
                    models.Index(
                        F("store"),
                        F("product_count").desc(),
                        F("kind"),
                        F("name"),
                        name="catalog_collection_largest",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("store", "id"), name="catalog_collection_store_id_uniq"
                    )
                ],
            },
        ),
        migrations.RunSQL(NOTE, STOP),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
