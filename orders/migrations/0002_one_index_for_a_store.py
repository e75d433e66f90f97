"""A store's rows are found by its unique (store_id, id); an index of the store alone is written for nothing."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0001_initial'),
        ('tenancy', '0006_one_index_for_a_store'),
    ]

    operations = [
        migrations.AlterField(
            model_name='externalordermapping',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='order',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='ordercounter',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='orderemail',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='orderevent',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='orderline',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
    ]
