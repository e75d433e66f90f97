"""All tables of a new database at once; one that has the steps behind it stays as it is."""

import datetime
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import integrations.sealed
import integrations.webhooks.records
import tenancy.constraints
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('integrations', '0001_initial'), ('integrations', '0002_event_lanes'), ('integrations', '0003_event_replays'), ('integrations', '0004_graph_calls'), ('integrations', '0005_connect_dialog'), ('integrations', '0006_policy'), ('integrations', '0007_connection_tests'), ('integrations', '0008_logins'), ('integrations', '0009_asset_facts'), ('integrations', '0010_stray_events'), ('integrations', '0011_replay_pauses'), ('integrations', '0012_runs_that_wait'), ('integrations', '0013_told_of_the_end'), ('integrations', '0014_totals_of_runs'), ('integrations', '0015_one_index_for_a_store'), ('integrations', '0016_runs_of_a_job')]

    initial = True

    dependencies = [
        ('tenancy', '0001_squashed_0006_one_index_for_a_store'),
    ]

    operations = [
        migrations.CreateModel(
            name='Mailbox',
            fields=[
                ('name', models.CharField(help_text="The asset's id, or object:….", max_length=100, primary_key=True, serialize=False)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('claimed_until', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name_plural': 'mailboxes',
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='integrations_mailbox_due')],
            },
        ),
        migrations.CreateModel(
            name='MetaAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sealed_token', integrations.sealed.EncryptedTextField(blank=True, default='', editable=False)),
                ('auth_failures', models.PositiveSmallIntegerField(default=0, help_text='Dead-token answers in a row.')),
                ('auth_subcode', models.PositiveIntegerField(default=0, help_text="Meta's reason for the last of them.")),
                ('broken_since', models.DateTimeField(blank=True, null=True)),
                ('owners_told_at', models.DateTimeField(blank=True, help_text='When owners got an e-mail of it.', null=True)),
                ('meta_user_id', models.CharField(max_length=64)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('token_kind', models.CharField(blank=True, help_text="In Meta's words: USER, SYSTEM_USER.", max_length=20)),
                ('granted_scopes', models.JSONField(default=list)),
                ('missing_scopes', models.JSONField(default=list)),
                ('refused_scopes', models.JSONField(default=dict, help_text='Permission: declined or expired.')),
                ('scope_targets', models.JSONField(default=dict, help_text='Permission: the ids it covers. One that is not here covers all.')),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('data_access_expires_at', models.DateTimeField(blank=True, null=True)),
                ('available_pages', models.JSONField(default=list, help_text='What the picker offers; holds no token.')),
                ('connected_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('checked_at', models.DateTimeField(blank=True, help_text='When Meta last said what it allows.', null=True)),
                ('expiry_warning', models.CharField(blank=True, help_text='The last warning sent: day of the end / days before it.', max_length=20)),
                ('connected_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'meta_user_id'), name='integrations_account_once'), models.UniqueConstraint(fields=('store', 'id'), name='integrations_metaaccount_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='ConnectedPage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sealed_token', integrations.sealed.EncryptedTextField(blank=True, default='', editable=False)),
                ('auth_failures', models.PositiveSmallIntegerField(default=0, help_text='Dead-token answers in a row.')),
                ('auth_subcode', models.PositiveIntegerField(default=0, help_text="Meta's reason for the last of them.")),
                ('broken_since', models.DateTimeField(blank=True, null=True)),
                ('owners_told_at', models.DateTimeField(blank=True, help_text='When owners got an e-mail of it.', null=True)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('state', models.CharField(choices=[('connecting', 'Connecting'), ('active', 'Connected'), ('needs_reconnect', 'Needs reconnecting'), ('disabled', 'Paused'), ('disconnected', 'Disconnected')], default='connecting', max_length=16)),
                ('connected_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_event_at', models.DateTimeField(blank=True, null=True)),
                ('last_synced_at', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.TextField(blank=True)),
                ('last_error_at', models.DateTimeField(blank=True, null=True)),
                ('error_count', models.PositiveIntegerField(default=0, help_text='Errors since the last success.')),
                ('policy_action', models.CharField(blank=True, choices=[('warning', 'Meta warned'), ('block', 'Meta blocked'), ('unblock', 'No complaint')], default='', max_length=10)),
                ('policy_reason', models.TextField(blank=True, default='', help_text="Meta's own words.")),
                ('policy_at', models.DateTimeField(blank=True, help_text='When Meta said so last.', null=True)),
                ('details', models.JSONField(blank=True, default=dict, help_text="Facts in Meta's names, as text.")),
                ('longest_silence', models.DurationField(default=datetime.timedelta(0), help_text='Between two events of Meta; slowly forgotten.')),
                ('erase_requested_at', models.DateTimeField(blank=True, null=True)),
                ('page_id', models.CharField(max_length=64)),
                ('category', models.CharField(blank=True, max_length=200)),
                ('tasks', models.JSONField(default=list)),
                ('subscribed_fields', models.JSONField(default=list)),
                ('stray_events', models.PositiveIntegerField(default=0, help_text='Sent since it was disconnected; see `strays`.')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pages', to='integrations.metaaccount')),
            ],
            options={
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(fields=('store', 'page_id'), name='integrations_page_once_a_store'), models.UniqueConstraint(condition=models.Q(('state', 'disconnected'), _negated=True), fields=('page_id',), name='integrations_page_in_one_store'), tenancy.constraints.SameStore(field='account', name='integrations_connectedpage_account_same_store', target='integrations.MetaAccount'), models.UniqueConstraint(fields=('store', 'id'), name='integrations_connectedpage_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='OAuthAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state_hash', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('display', models.CharField(choices=[('page', 'In this window'), ('popup', 'In a window of its own')], default='page', max_length=10)),
                ('return_to', models.CharField(blank=True, help_text='Where to go when Pages are chosen.', max_length=500)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('store', 'id'), name='integrations_oauthattempt_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='PageTransfer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('page_id', models.CharField(max_length=64)),
                ('page_name', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('waiting', 'Waiting for an answer'), ('accepted', 'Agreed, being moved'), ('done', 'Moved'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn'), ('expired', 'Not answered in time'), ('failed', 'Agreed, but could not be connected')], default='waiting', max_length=10)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('announced_at', models.DateTimeField(blank=True, help_text='When the owners there were told.', null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('end_told_at', models.DateTimeField(blank=True, help_text='When who asked heard how it ended.', null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='transfers', to='integrations.metaaccount')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('from_store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'accepted'])), fields=('store', 'page_id'), name='integrations_transfer_open_once'), tenancy.constraints.SameStore(field='account', name='integrations_pagetransfer_account_same_store', target='integrations.MetaAccount'), models.UniqueConstraint(fields=('store', 'id'), name='integrations_pagetransfer_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='SyncRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job', models.CharField(help_text='catalog.push, leads.sync, page.refresh, …', max_length=40)),
                ('asset_id', models.CharField(help_text="Meta's id of the Page, account or catalog.", max_length=64)),
                ('state', models.CharField(choices=[('waiting', 'Waiting to start'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Stopped')], default='running', max_length=10)),
                ('rows_total', models.PositiveIntegerField(blank=True, help_text='What was to be done when it began; null when nobody can know.', null=True)),
                ('rows_done', models.PositiveIntegerField(default=0)),
                ('rows_failed', models.PositiveIntegerField(default=0)),
                ('error', models.TextField(blank=True)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', 'asset_id', '-id'], name='integrations_run_newest'), models.Index(fields=['store', 'job', '-id'], name='integrations_run_of_job'), models.Index(fields=['finished_at'], name='integrations_run_over')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('store', 'job', 'asset_id'), name='integrations_run_waits_once'), models.UniqueConstraint(fields=('store', 'id'), name='integrations_syncrun_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('body', models.BinaryField()),
                ('signed_by', models.CharField(help_text='Which app secret fitted: facebook or instagram.', max_length=10)),
                ('state', models.CharField(choices=[('received', 'Received'), ('unpacked', 'Unpacked'), ('ignored', 'Ignored'), ('parked', 'Needs a look')], db_default='received', max_length=10)),
                ('reason', models.TextField(blank=True, db_default='')),
                ('event_count', models.PositiveIntegerField(db_default=0)),
                ('duplicate_count', models.PositiveIntegerField(db_default=0)),
            ],
            options={
                'verbose_name_plural': 'webhook deliveries',
                'indexes': [models.Index(condition=models.Q(('state', 'received')), fields=['id'], name='integrations_delivery_waiting'), models.Index(fields=['received_at'], name='integrations_delivery_age')],
            },
        ),
        migrations.CreateModel(
            name='WebhookEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mailbox', models.CharField(max_length=100)),
                ('lane', models.CharField(blank=True, db_default='', help_text='The conversation or order whose events wait for each other; empty when nobody has to.', max_length=200)),
                ('kind', models.CharField(max_length=40)),
                ('object', models.CharField(max_length=40)),
                ('channel', models.CharField(help_text='messaging, standby, changes, …: where it stood.', max_length=20)),
                ('asset_id', models.CharField(blank=True, max_length=64)),
                ('dedupe_key', models.CharField(help_text='SHA-256 over what makes it one.', max_length=64, unique=True)),
                ('item', models.TextField(help_text='The inner event as JSON text: jsonb refuses some of what Meta sends.')),
                ('entry_time', models.BigIntegerField(blank=True, null=True)),
                ('happened_at', models.DateTimeField(blank=True, null=True)),
                ('received_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done'), ('ignored', 'Ignored'), ('parked', 'Needs a look')], default='waiting', max_length=10)),
                ('reason', models.TextField(blank=True, default='')),
                ('traceback', models.TextField(blank=True, default='')),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('not_before', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('duration_ms', models.PositiveIntegerField(blank=True, null=True)),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='integrations.webhookdelivery')),
                ('store', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenancy.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['mailbox', 'not_before', 'id'], name='integrations_event_due'), models.Index(condition=models.Q(('state', 'waiting'), models.Q(('lane', ''), _negated=True)), fields=['mailbox', 'lane'], name='integrations_event_lane'), models.Index(fields=['store', '-received_at', '-id'], name='integrations_event_newest'), models.Index(condition=models.Q(('state__in', ('waiting', 'parked')), ('store__isnull', False)), fields=['store', '-received_at', '-id'], name='integrations_event_open'), models.Index(fields=['state', '-id'], name='integrations_event_state'), models.Index(fields=['mailbox', '-id'], name='integrations_event_mailbox')],
            },
        ),
        migrations.CreateModel(
            name='AssetPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asset_id', models.CharField(help_text="Meta's id; the asset need not be connected.", max_length=64)),
                ('content', models.BinaryField()),
                ('content_type', models.CharField(max_length=20)),
                ('fetched_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'asset_id'), name='integrations_picture_once'), models.UniqueConstraint(fields=('store', 'id'), name='integrations_assetpicture_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='ConnectionTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(default=integrations.webhooks.records.make_test_number, max_length=32)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('http_status', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('problem', models.CharField(blank=True, choices=[('timeout', 'No answer in time'), ('unreachable', 'Not reachable'), ('certificate', 'Certificate not valid')], max_length=12)),
                ('answer_ms', models.PositiveIntegerField(blank=True, null=True)),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tests', to='integrations.connectedpage')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'abstract': False,
                'constraints': [tenancy.constraints.SameStore(field='page', name='integrations_connectiontest_page_same_store', target='integrations.ConnectedPage'), models.UniqueConstraint(fields=('store', 'id'), name='integrations_connectiontest_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='EventReplay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pick', models.CharField(choices=[('failed', 'What failed'), ('parked', 'What needs a look'), ('ignored', 'What was ignored'), ('paused', 'What came during a pause'), ('done', 'What was done'), ('all', 'Everything')], default='failed', max_length=10)),
                ('kind', models.CharField(blank=True, max_length=40)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('total', models.PositiveIntegerField(help_text='How many events there were to replay at the start.')),
                ('replayed', models.PositiveIntegerField(default=0)),
                ('last_event_id', models.BigIntegerField(default=0)),
                ('until_event_id', models.BigIntegerField()),
                ('mailboxes', models.JSONField(default=list, help_text='Of the slice that is being worked on.')),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('finished_at__isnull', True)), fields=['id'], name='integrations_replay_open')],
            },
        ),
        migrations.CreateModel(
            name='GraphCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField()),
                ('asset_id', models.CharField(blank=True, help_text='The id that the path begins with.', max_length=64)),
                ('method', models.CharField(max_length=8)),
                ('path', models.CharField(help_text='With ids replaced by what they are.', max_length=120)),
                ('http_status', models.PositiveSmallIntegerField(help_text='Null when no answer came.', null=True)),
                ('kind', models.CharField(blank=True, help_text="The error's class; empty when all went well.", max_length=20)),
                ('code', models.PositiveIntegerField(default=0)),
                ('subcode', models.PositiveIntegerField(default=0)),
                ('trace', models.CharField(blank=True, max_length=64)),
                ('duration_ms', models.PositiveIntegerField()),
                ('usage_percent', models.PositiveSmallIntegerField(null=True)),
                ('store', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenancy.store')),
            ],
            options={
                'indexes': [models.Index(fields=['created_at'], name='integrations_call_age'), models.Index(fields=['store', '-id'], name='integrations_call_store')],
            },
        ),
        migrations.CreateModel(
            name='GraphUsage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.CharField(max_length=90)),
                ('bucket', models.CharField(max_length=32)),
                ('object_id', models.CharField(blank=True, max_length=64)),
                ('percent', models.PositiveSmallIntegerField()),
                ('blocked_until', models.DateTimeField(null=True)),
                ('read_at', models.DateTimeField()),
                ('store', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'verbose_name_plural': 'graph usage',
                'indexes': [models.Index(fields=['object_id', 'bucket'], name='integrations_usage_object')],
                'constraints': [models.UniqueConstraint(fields=('line', 'bucket', 'object_id'), name='integrations_usage_once')],
            },
        ),
        migrations.CreateModel(
            name='InstagramAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sealed_token', integrations.sealed.EncryptedTextField(blank=True, default='', editable=False)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('state', models.CharField(choices=[('connecting', 'Connecting'), ('active', 'Connected'), ('needs_reconnect', 'Needs reconnecting'), ('disabled', 'Paused'), ('disconnected', 'Disconnected')], default='connecting', max_length=16)),
                ('connected_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_event_at', models.DateTimeField(blank=True, null=True)),
                ('last_synced_at', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.TextField(blank=True)),
                ('last_error_at', models.DateTimeField(blank=True, null=True)),
                ('error_count', models.PositiveIntegerField(default=0, help_text='Errors since the last success.')),
                ('policy_action', models.CharField(blank=True, choices=[('warning', 'Meta warned'), ('block', 'Meta blocked'), ('unblock', 'No complaint')], default='', max_length=10)),
                ('policy_reason', models.TextField(blank=True, default='', help_text="Meta's own words.")),
                ('policy_at', models.DateTimeField(blank=True, help_text='When Meta said so last.', null=True)),
                ('details', models.JSONField(blank=True, default=dict, help_text="Facts in Meta's names, as text.")),
                ('longest_silence', models.DurationField(default=datetime.timedelta(0), help_text='Between two events of Meta; slowly forgotten.')),
                ('erase_requested_at', models.DateTimeField(blank=True, null=True)),
                ('instagram_id', models.CharField(max_length=64)),
                ('username', models.CharField(blank=True, max_length=200)),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='instagram_accounts', to='integrations.connectedpage')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'ordering': ['username', 'id'],
                'constraints': [models.UniqueConstraint(fields=('store', 'instagram_id'), name='integrations_instagram_once_a_store'), models.UniqueConstraint(condition=models.Q(('state', 'disconnected'), _negated=True), fields=('instagram_id',), name='integrations_instagram_in_one_store'), tenancy.constraints.SameStore(field='page', name='integrations_instagramaccount_page_same_store', target='integrations.ConnectedPage'), models.UniqueConstraint(fields=('store', 'id'), name='integrations_instagramaccount_store_id_uniq')],
            },
        ),
    ]
