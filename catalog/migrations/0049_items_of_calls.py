"""A call keeps which of its items Meta took and which were left, so that each number leads to its rows."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0048_rows_to_look_at")]

    operations = [
        migrations.AddField(
            "pushbatch",
            "taken_items",
            ArrayField(
                models.BigIntegerField(), default=list, help_text="The numbers of the items that Meta took."
            ),
        ),
        migrations.AddField(
            "pushbatch",
            "left_items",
            ArrayField(
                models.BigIntegerField(),
                default=list,
                help_text="The numbers of the items that were kept back, or did not get through with it.",
            ),
        ),
    ]
