"""All tables of a new database at once; one that has the steps behind it stays as it is."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import tenancy.constraints
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('messaging', '0001_initial'), ('messaging', '0002_conversations_tell_when_they_changed'), ('messaging', '0003_edits_reactions_origins'), ('messaging', '0004_standing_by_index'), ('messaging', '0005_one_index_for_a_store')]

    initial = True

    dependencies = [
        ('integrations', '0001_squashed_0016_runs_of_a_job'),
        ('tenancy', '0001_squashed_0006_one_index_for_a_store'),
    ]

    operations = [
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.CharField(choices=[('messenger', 'Messenger'), ('instagram', 'Instagram')], max_length=10)),
                ('asset_id', models.CharField(help_text="Meta's id of the Page or Instagram account.", max_length=64)),
                ('person_id', models.CharField(help_text='PSID or IGSID.', max_length=200)),
                ('name', models.CharField(blank=True, default='', max_length=200)),
                ('username', models.CharField(blank=True, default='', max_length=200)),
                ('picture_url', models.TextField(blank=True, default='', help_text="Meta's address; it expires.")),
                ('profile_attempts', models.PositiveIntegerField(default=0)),
                ('profile_due_at', models.DateTimeField(blank=True, default=django.utils.timezone.now, help_text='When to ask Meta for the name; empty: no more.', null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('profile_due_at__isnull', False)), fields=['profile_due_at'], name='messaging_contact_due')],
                'constraints': [models.UniqueConstraint(fields=('store', 'asset_id', 'person_id'), name='messaging_contact_once'), models.UniqueConstraint(fields=('store', 'id'), name='messaging_contact_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='Conversation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(editable=False)),
                ('platform', models.CharField(choices=[('messenger', 'Messenger'), ('instagram', 'Instagram')], max_length=10)),
                ('asset_id', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('delivered_until', models.DateTimeField(blank=True, help_text="Meta's delivery watermark.", null=True)),
                ('read_until', models.DateTimeField(blank=True, help_text="Meta's read watermark.", null=True)),
                ('early_receipts', models.JSONField(blank=True, default=dict, help_text='mid → state, for receipts that came before their message.')),
                ('seen_message_id', models.BigIntegerField(default=0, help_text='Staff have looked at all up to this one.')),
                ('done_message_id', models.BigIntegerField(default=0, help_text='Staff need no answer up to this one.')),
                ('revision', models.BigIntegerField(default=0)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now, help_text='Our clock, for live pages.')),
                ('last_message_at', models.DateTimeField(blank=True, null=True)),
                ('last_inbound_at', models.DateTimeField(blank=True, help_text='Opens the reply window.', null=True)),
                ('last_received_at', models.DateTimeField(blank=True, help_text='Our clock, for new-message hints.', null=True)),
                ('waiting_since', models.DateTimeField(blank=True, help_text='First message without an answer.', null=True)),
                ('unread_count', models.PositiveIntegerField(default=0)),
                ('has_failed_reply', models.BooleanField(default=False)),
                ('snippet', models.CharField(blank=True, default='', max_length=160)),
                ('snippet_kind', models.CharField(blank=True, default='', help_text='text, deleted, image, …', max_length=20)),
                ('snippet_is_ours', models.BooleanField(default=False)),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conversations', to='messaging.contact')),
                ('page', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='conversations', to='integrations.connectedpage')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', '-last_message_at', '-id'], name='messaging_conversation_newest'), models.Index(condition=models.Q(('waiting_since__isnull', False)), fields=['store', 'waiting_since', 'id'], name='messaging_conversation_waiting'), models.Index(fields=['store', 'last_received_at'], name='messaging_conversation_news'), models.Index(fields=['store', '-changed_at'], name='messaging_conversation_live')],
                'constraints': [models.UniqueConstraint(fields=('store', 'uuid'), name='messaging_conversation_once'), tenancy.constraints.SameStore(field='page', name='messaging_conversation_page_same_store', target='integrations.ConnectedPage'), tenancy.constraints.SameStore(field='contact', name='messaging_conversation_contact_same_store', target='messaging.Contact'), models.UniqueConstraint(fields=('store', 'id'), name='messaging_conversation_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mid', models.CharField(blank=True, default='', help_text="Meta's id; empty until sent.", max_length=255)),
                ('reference', models.UUIDField(blank=True, help_text='Ours, sent as metadata; empty: not from here.', null=True)),
                ('direction', models.CharField(choices=[('in', 'From the customer'), ('out', 'From the store')], max_length=3)),
                ('kind', models.CharField(choices=[('message', 'Message'), ('quick_reply', 'Quick reply'), ('postback', 'Button'), ('cart', 'Cart'), ('unsupported', "Not shown outside Meta's apps")], default='message', max_length=12)),
                ('state', models.CharField(choices=[('received', 'Received'), ('queued', 'Waiting to be sent'), ('sending', 'Sending'), ('sent', 'Sent'), ('delivered', 'Delivered'), ('read', 'Seen'), ('failed', 'Not sent')], max_length=10)),
                ('text', models.TextField(blank=True, default='')),
                ('payload', models.TextField(blank=True, default='', help_text='Of a pressed button or quick reply.')),
                ('cart', models.JSONField(blank=True, default=list, help_text='Lines of a cart, as `carts` writes them.')),
                ('reply_to_mid', models.CharField(blank=True, default='', max_length=255)),
                ('app_id', models.CharField(blank=True, default='', help_text="Who sent it, by Meta's echo.", max_length=64)),
                ('happened_at', models.DateTimeField(help_text="Meta's clock once Meta has told, ours until then.")),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='When it came to us.')),
                ('echoed_at', models.DateTimeField(blank=True, help_text="Meta's time of the echo.", null=True)),
                ('edited_at', models.DateTimeField(blank=True, help_text='When its words were last changed.', null=True)),
                ('edit_number', models.PositiveIntegerField(default=0, help_text='How often its words were changed.')),
                ('deleted_at', models.DateTimeField(blank=True, help_text='Taken back; its words are erased here.', null=True)),
                ('is_awaited', models.BooleanField(default=False, help_text='Only a change of it, or its taking back, has come; not the message itself.')),
                ('revision', models.BigIntegerField(default=0)),
                ('error', models.TextField(blank=True, default='', help_text='Why it was not sent, for the merchant.')),
                ('error_code', models.CharField(blank=True, default='', max_length=20)),
                ('error_detail', models.TextField(blank=True, default='', help_text="Meta's own words, for staff.")),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now, help_text='When somebody should look next.')),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='messaging.conversation')),
                ('sent_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'indexes': [models.Index(fields=['conversation', '-happened_at', '-id'], name='messaging_message_newest'), models.Index(fields=['conversation', 'revision'], name='messaging_message_changed'), models.Index(condition=models.Q(('direction', 'in')), fields=['conversation', 'id'], name='messaging_message_heard'), models.Index(condition=models.Q(('direction', 'out')), fields=['conversation', '-happened_at'], name='messaging_message_said'), models.Index(condition=models.Q(('state__in', ['sent', 'delivered'])), fields=['conversation', '-happened_at'], name='messaging_message_unseen'), models.Index(condition=models.Q(('state', 'failed')), fields=['conversation', 'id'], name='messaging_message_failed'), models.Index(condition=models.Q(('state__in', ['queued', 'sending'])), fields=['not_before'], name='messaging_message_unsettled')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('mid', ''), _negated=True), fields=('store', 'conversation', 'mid'), name='messaging_message_mid_once'), models.UniqueConstraint(fields=('store', 'conversation', 'reference'), name='messaging_message_reference_once'), models.CheckConstraint(condition=models.Q(models.Q(('direction', 'in'), ('state', 'received')), models.Q(('direction', 'out'), models.Q(('state', 'received'), _negated=True)), _connector='OR'), name='messaging_message_direction_state'), tenancy.constraints.SameStore(field='conversation', name='messaging_message_conversation_same_store', target='messaging.Conversation'), models.UniqueConstraint(fields=('store', 'id'), name='messaging_message_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', models.CharField(max_length=40)),
                ('url', models.TextField(blank=True, default='')),
                ('title', models.TextField(blank=True, default='')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='messaging.message')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [tenancy.constraints.SameStore(field='message', name='messaging_attachment_message_same_store', target='messaging.Message'), models.UniqueConstraint(fields=('store', 'id'), name='messaging_attachment_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='Origin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(help_text='SHA-256 of what makes it the same one.', max_length=64)),
                ('source', models.TextField(blank=True, default='', help_text='ADS, SHORTLINK, …')),
                ('ref', models.TextField(blank=True, default='', help_text="The shop's own word in the link.")),
                ('ad_id', models.TextField(blank=True, default='')),
                ('ad_title', models.TextField(blank=True, default='')),
                ('post_id', models.TextField(blank=True, default='')),
                ('product_id', models.TextField(blank=True, default='', help_text="Meta's id of the item.")),
                ('picture_url', models.TextField(blank=True, default='', help_text='Of the ad; it expires.')),
                ('last_at', models.DateTimeField(help_text='When the customer last came this way.')),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='origins', to='messaging.conversation')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'conversation', 'fingerprint'), name='messaging_origin_once'), tenancy.constraints.SameStore(field='conversation', name='messaging_origin_conversation_same_store', target='messaging.Conversation'), models.UniqueConstraint(fields=('store', 'id'), name='messaging_origin_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='Reaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mid', models.CharField(max_length=255)),
                ('from_account', models.BooleanField(help_text="Set by the account's side, not by the customer.")),
                ('emoji', models.CharField(blank=True, default='', max_length=40)),
                ('name', models.CharField(blank=True, default='', help_text="love, like, …: Meta's word.", max_length=40)),
                ('removed', models.BooleanField(default=False)),
                ('happened_at', models.DateTimeField()),
                ('reacted_at', models.DateTimeField(blank=True, help_text='Opens the reply window.', null=True)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reactions', to='messaging.conversation')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('store', 'conversation', 'mid', 'from_account'), name='messaging_reaction_once'), tenancy.constraints.SameStore(field='conversation', name='messaging_reaction_conversation_same_store', target='messaging.Conversation'), models.UniqueConstraint(fields=('store', 'id'), name='messaging_reaction_store_id_uniq')],
            },
        ),
    ]
