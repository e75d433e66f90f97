"""A store's rows are found by its unique (store_id, id); an index of the store alone is written for nothing."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0002_words_of_the_options'),
        ('tenancy', '0006_one_index_for_a_store'),
    ]

    operations = [
        migrations.AlterField(
            model_name='lead',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='leadform',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='metalead',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
    ]
