"""Rows of which Meta refused one without saying which are sent again in smaller calls."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0040_counting")]

    operations = [
        migrations.AddField(
            "catalogitem",
            "most_beside",
            models.PositiveIntegerField(
                blank=True,
                help_text="So many rows a call has at most that carries it: "
                "Meta refused one and did not say which.",
                null=True,
            ),
        ),
    ]
