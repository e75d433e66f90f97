"""All products of a list are changed by a worker, and the store sees how far it is."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0046_calls_that_meta_refuses'),
        ('tenancy', '0001_squashed_0006_one_index_for_a_store'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(choices=[('edit', 'Change'), ('archive', 'Archive'), ('restore', 'Put on sale again')], max_length=10)),
                ('state', models.CharField(choices=[('running', 'Under way'), ('done', 'Finished'), ('stopped', 'Stopped')], default='running', max_length=10)),
                ('listed', models.JSONField(blank=True, default=dict, help_text='show, search, tag, category of the list.')),
                ('change', models.JSONField(blank=True, default=dict, help_text='What an edit changes, field by field.')),
                ('newest_product', models.BigIntegerField(default=0, help_text='Products made later are left alone.')),
                ('last_product', models.BigIntegerField(default=0)),
                ('rows_total', models.PositiveIntegerField(blank=True, null=True)),
                ('rows_done', models.PositiveIntegerField(default=0)),
                ('changed_products', models.PositiveIntegerField(default=0)),
                ('left_out', models.PositiveIntegerField(default=0)),
                ('problems', models.JSONField(blank=True, default=list, help_text='product, title, sentence: the first that were left out.')),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'running')), fields=['not_before'], name='catalog_bulk_due'), models.Index(fields=['finished_at'], name='catalog_bulk_over')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('store',), name='catalog_bulk_one_at_a_time'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_bulkchange_store_id_uniq')],
            },
        ),
    ]
