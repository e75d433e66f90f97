"""A store's rows are found by its unique (store_id, id); an index of the store alone is written for nothing.

An item is written at each step of a push, so it has no index that another one can stand in for.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0041_rows_in_doubt'),
        ('tenancy', '0006_one_index_for_a_store'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='catalogitem',
            name='catalog_item_standing',
        ),
        migrations.AlterField(
            model_name='canary',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='catalog',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='catalogcount',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='catalogcreation',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='catalogdiagnostic',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='catalogfinding',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='catalogitem',
            name='batch',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='items', to='catalog.pushbatch'),
        ),
        migrations.AlterField(
            model_name='catalogitem',
            name='catalog',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='catalog.catalog'),
        ),
        migrations.AlterField(
            model_name='catalogitem',
            name='overtook',
            field=models.ForeignKey(blank=True, db_index=False, help_text='The newest batch that was unanswered when a newer one took the item.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='overtaken', to='catalog.pushbatch'),
        ),
        migrations.AlterField(
            model_name='catalogitem',
            name='sent_at',
            field=models.DateTimeField(blank=True, help_text='When it was put into its batch.', null=True),
        ),
        migrations.AlterField(
            model_name='catalogitem',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='catalogsearch',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='catalogswitch',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='collection',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='comparison',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='instagramtagging',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='picture',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='product',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='productimage',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='productimport',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='productset',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='pushbatch',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='remoteitem',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='reservation',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='stocklag',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='stockmovement',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AlterField(
            model_name='variant',
            name='store',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store'),
        ),
        migrations.AddIndex(
            model_name='catalogitem',
            index=models.Index(condition=models.Q(('batch__isnull', False)), fields=['batch'], name='catalog_item_batch'),
        ),
        migrations.AddIndex(
            model_name='catalogitem',
            index=models.Index(fields=['catalog', 'store', 'state', 'id'], name='catalog_item_standing'),
        ),
    ]
