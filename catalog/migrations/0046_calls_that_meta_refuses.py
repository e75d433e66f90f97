"""A catalog counts the calls that Meta refuses as a whole, so that its owners are told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0045_removals_in_doubt")]

    operations = [
        migrations.AddField(
            "catalog",
            "refused_calls",
            models.PositiveIntegerField(
                default=0,
                help_text="Calls with items since the last one taken, of which Meta says that we may not.",
            ),
        ),
    ]
