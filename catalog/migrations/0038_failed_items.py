"""What failed in a catalog is counted by its kinds in an index alone, however many items are well."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("catalog", "0037_skus_and_circles")]

    operations = [
        migrations.RemoveIndex("catalogitem", "catalog_item_given_up"),
        migrations.AddIndex(
            "catalogitem",
            models.Index(
                fields=["catalog", "attempts", "product"],
                include=["store", "id"],
                condition=Q(state="failed"),
                name="catalog_item_failed",
            ),
        ),
    ]
