"""A store's rows are found by its unique (store_id, id); an index of the store alone is written for nothing."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0014_totals_of_runs'),
        ('tenancy', '0006_one_index_for_a_store'),
    ]

    operations = [
        migrations.AlterField(
            model_name='assetpicture',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='connectedpage',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='connectiontest',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='instagramaccount',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='metaaccount',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='oauthattempt',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='pagetransfer',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='syncrun',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
    ]
