"""An import knows which SKUs its rows gave up, and a comparison when Meta's list goes in circles."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0036_lanes_in_order")]

    operations = [
        migrations.AddField(
            "comparison",
            "mark",
            models.JSONField(
                blank=True,
                default=dict,
                help_text="A place that was passed: to come there again is to go in circles.",
            ),
        ),
        migrations.AddField(
            "productimport",
            "given_up",
            models.JSONField(
                blank=True, default=dict, help_text="SKUs that rows so far give up for new ones: SKU → row."
            ),
        ),
    ]
