"""A file's preview names good rows that may not be meant so; SKUs are found whatever their capitals."""

from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("catalog", "0047_whole_lists")]

    operations = [
        migrations.AddField(
            "productimport",
            "notes",
            models.JSONField(
                blank=True,
                default=list,
                help_text="row, column, sentence: good rows that a person should look at.",
            ),
        ),
        migrations.AddIndex(
            "variant", models.Index(F("store"), Upper("sku"), name="catalog_variant_sku_any_case")
        ),
    ]
