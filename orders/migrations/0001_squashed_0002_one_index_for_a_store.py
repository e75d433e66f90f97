"""All tables of a new database at once; one that has the steps behind it stays as it is."""

import django.db.models.deletion
import django.utils.timezone
import tenancy.constraints
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('orders', '0001_initial'), ('orders', '0002_one_index_for_a_store')]

    initial = True

    dependencies = [
        ('catalog', '0001_squashed_0044_batches_that_are_over'),
        ('tenancy', '0001_squashed_0006_one_index_for_a_store'),
    ]

    operations = [
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('source', models.CharField(choices=[('FACEBOOK', 'Facebook'), ('INSTAGRAM', 'Instagram'), ('WEBSITE', 'Website'), ('MANUAL', 'By hand')], max_length=10, verbose_name='source')),
                ('door', models.CharField(choices=[('checkout', 'Checkout page'), ('conversation', 'Conversation'), ('cart', 'Messenger cart'), ('event', 'Sent by a sales channel'), ('hand', 'Entered by hand')], max_length=12)),
                ('status', models.CharField(choices=[('new', 'New'), ('confirmed', 'Confirmed'), ('shipped', 'Shipped'), ('completed', 'Completed'), ('cancelled', 'Cancelled')], default='new', max_length=10, verbose_name='status')),
                ('buyer_name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('buyer_email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('buyer_phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                ('shipping_address', models.JSONField(blank=True, default=dict, help_text='See orders.requests.ADDRESS_KEYS.')),
                ('currency', models.CharField(max_length=3)),
                ('subtotal_minor', models.BigIntegerField()),
                ('shipping_minor', models.BigIntegerField(default=0)),
                ('tax_minor', models.BigIntegerField(default=0)),
                ('discount_minor', models.BigIntegerField(default=0)),
                ('total_minor', models.BigIntegerField()),
                ('needs_attention', models.TextField(blank=True, help_text='One sentence a line; empty when all is well.')),
                ('placed_at', models.DateTimeField(help_text='When the buyer ordered.')),
                ('created_at', models.DateTimeField(auto_now_add=True, help_text='When the order reached us.')),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'ordering': ['-number'],
                'indexes': [models.Index(fields=['store', 'status', '-number'], name='orders_order_of_status'), models.Index(condition=models.Q(('needs_attention', ''), _negated=True), fields=['store', '-number'], name='orders_order_attention'), models.Index(fields=['store', 'placed_at'], name='orders_order_placed')],
                'constraints': [models.UniqueConstraint(fields=('store', 'number'), name='orders_order_number_once'), models.CheckConstraint(condition=models.Q(('status__in', ['new', 'confirmed', 'shipped', 'completed', 'cancelled'])), name='orders_order_status'), models.CheckConstraint(condition=models.Q(('source__in', ['FACEBOOK', 'INSTAGRAM', 'WEBSITE', 'MANUAL'])), name='orders_order_source'), models.CheckConstraint(condition=models.Q(('door__in', ['checkout', 'conversation', 'cart', 'event', 'hand'])), name='orders_order_door'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='orders_order_currency'), models.CheckConstraint(condition=models.Q(('discount_minor__gte', 0), ('shipping_minor__gte', 0), ('subtotal_minor__gte', 0), ('tax_minor__gte', 0), ('total_minor__gte', 0)), name='orders_order_amounts_not_negative'), models.UniqueConstraint(fields=('store', 'id'), name='orders_order_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='ExternalOrderMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source_system', models.CharField(max_length=20)),
                ('external_id', models.CharField(max_length=200)),
                ('versions', models.JSONField(blank=True, default=dict)),
                ('waiting', models.JSONField(blank=True, default=dict)),
                ('last_updated', models.DateTimeField(blank=True, help_text='The newest version we were told of.', null=True)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
                ('order', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mappings', to='orders.order')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'source_system', 'external_id'), name='orders_mapping_external_id_once'), models.CheckConstraint(condition=models.Q(('external_id', ''), _negated=True), name='orders_mapping_has_external_id'), tenancy.constraints.SameStore(field='order', name='orders_externalordermapping_order_same_store', target='orders.Order'), models.UniqueConstraint(fields=('store', 'id'), name='orders_externalordermapping_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='OrderCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('last_number', models.PositiveIntegerField()),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store',), name='orders_counter_once'), models.UniqueConstraint(fields=('store', 'id'), name='orders_ordercounter_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='OrderEmail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('confirmation', 'Order confirmation')], default='confirmation', max_length=12)),
                ('automatic', models.BooleanField(default=True)),
                ('state', models.CharField(choices=[('waiting', 'Being sent'), ('sent', 'Sent'), ('failed', 'Not sent'), ('dropped', 'Not needed any more')], default='waiting', max_length=10)),
                ('reason', models.TextField(blank=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now)),
                ('queued_at', models.DateTimeField(auto_now_add=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='emails', to='orders.order')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['not_before'], name='orders_email_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('automatic', True)), fields=('store', 'order', 'kind'), name='orders_email_automatic_once'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='orders_email_sent_has_a_time'), tenancy.constraints.SameStore(field='order', name='orders_orderemail_order_same_store', target='orders.Order'), models.UniqueConstraint(fields=('store', 'id'), name='orders_orderemail_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='OrderEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('placed', 'Order placed'), ('stock_taken', 'Stock taken'), ('stock_short', 'Not enough stock'), ('stock_returned', 'Stock put back'), ('updated', 'Details updated'), ('status_changed', 'Status changed'), ('cancelled', 'Order cancelled'), ('email_sent', 'E-mail sent'), ('email_failed', 'E-mail not sent'), ('settled', 'Looked at')], max_length=20)),
                ('details', models.JSONField(blank=True, default=dict)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='orders.order')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['store', 'order', '-id'], name='orders_event_newest')],
                'constraints': [tenancy.constraints.SameStore(field='order', name='orders_orderevent_order_same_store', target='orders.Order'), models.UniqueConstraint(fields=('store', 'id'), name='orders_orderevent_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('retailer_id', models.CharField(blank=True, max_length=100)),
                ('title', models.CharField(max_length=300)),
                ('quantity', models.PositiveIntegerField()),
                ('unit_price_minor', models.BigIntegerField()),
                ('stock_held', models.PositiveIntegerField(default=0, help_text='Pieces taken from stock and not given back.')),
                ('problem', models.TextField(blank=True)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.order')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
                ('variant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='order_lines', to='catalog.variant')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('store', 'order', 'position'), name='orders_line_position_once'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='orders_line_quantity'), models.CheckConstraint(condition=models.Q(('unit_price_minor__gte', 0)), name='orders_line_price_not_negative'), models.CheckConstraint(condition=models.Q(('stock_held__lte', models.F('quantity'))), name='orders_line_holds_no_more_than_sold'), tenancy.constraints.SameStore(field='order', name='orders_orderline_order_same_store', target='orders.Order'), tenancy.constraints.SameStore(field='variant', name='orders_orderline_variant_same_store', target='catalog.Variant'), models.UniqueConstraint(fields=('store', 'id'), name='orders_orderline_store_id_uniq')],
            },
        ),
    ]
