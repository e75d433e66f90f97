"""A sweep finds what waits longest in each catalog at the head of an index, however much waits in others."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("catalog", "0035_what_files_change")]

    operations = [
        migrations.RemoveIndex("catalogitem", "catalog_item_stock_waits"),
        migrations.AddIndex(
            "catalogitem",
            models.Index(
                fields=["catalog", "waiting_since"],
                condition=Q(waiting_since__isnull=False, stock_changed=True),
                name="catalog_item_stock_waits",
            ),
        ),
        migrations.RemoveIndex("catalogitem", "catalog_item_given_up"),
        migrations.AddIndex(
            "catalogitem",
            models.Index(
                fields=["catalog", "attempts"],
                condition=Q(state="failed", attempts__gte=3),
                name="catalog_item_given_up",
            ),
        ),
    ]
