"""Removals of which Meta refused one without saying which are sent again in smaller calls."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0044_batches_that_are_over")]

    operations = [
        migrations.AddField(
            "catalogfinding",
            "most_beside",
            models.PositiveIntegerField(
                blank=True,
                help_text="So many a call takes out at most with it: Meta refused one and did not say which.",
                null=True,
            ),
        ),
    ]
