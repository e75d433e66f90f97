"""What would be sent, and what a choice changes, is counted in the background and kept with its time."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import tenancy.constraints


class Migration(migrations.Migration):
    dependencies = [("catalog", "0039_collections"), ("tenancy", "0005_measures_stock")]

    operations = [
        migrations.CreateModel(
            "CatalogCount",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        help_text="“rehearsal” for what would be sent now; the digest of a choice otherwise.",
                        max_length=64,
                    ),
                ),
                (
                    "rule",
                    models.JSONField(
                        blank=True, default=list, help_text="That choice: what it shows, and its words."
                    ),
                ),
                ("numbers", models.JSONField(blank=True, default=dict)),
                (
                    "counted_at",
                    models.DateTimeField(
                        blank=True, help_text="When the count began; changes since are not in it.", null=True
                    ),
                ),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "catalog",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="counts",
                        to="catalog.catalog",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=["store", "catalog", "subject"], name="catalog_count_once"
                    ),
                    tenancy.constraints.SameStore(
                        field="catalog",
                        name="catalog_catalogcount_catalog_same_store",
                        target="catalog.Catalog",
                    ),
                    models.UniqueConstraint(
                        fields=("store", "id"), name="catalog_catalogcount_store_id_uniq"
                    ),
                ],
            },
        ),
    ]
