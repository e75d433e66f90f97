"""All tables of a new database at once; one that has the steps behind it stays as it is."""

import django.db.models.deletion
import django.utils.timezone
import tenancy.constraints
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('leads', '0001_initial'), ('leads', '0002_words_of_the_options'), ('leads', '0003_one_index_for_a_store')]

    initial = True

    dependencies = [
        ('integrations', '0001_squashed_0016_runs_of_a_job'),
        ('tenancy', '0001_squashed_0006_one_index_for_a_store'),
    ]

    operations = [
        migrations.CreateModel(
            name='LeadForm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form_id', models.CharField(max_length=64)),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('status', models.CharField(blank=True, help_text="Meta's word: ACTIVE, ARCHIVED, …", max_length=20)),
                ('questions', models.JSONField(blank=True, default=dict, help_text='Label by key.')),
                ('options', models.JSONField(blank=True, default=dict, help_text='Words of the answers to choose from, by question and by key.')),
                ('newest_lead_at', models.DateTimeField(blank=True, help_text='The newest lead that a check has read: where the next one starts.', null=True)),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lead_forms', to='integrations.connectedpage')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(fields=('store', 'form_id'), name='leads_form_once'), tenancy.constraints.SameStore(field='page', name='leads_leadform_page_same_store', target='integrations.ConnectedPage'), models.UniqueConstraint(fields=('store', 'id'), name='leads_leadform_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='MetaLead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leadgen_id', models.CharField(max_length=64)),
                ('ad_id', models.CharField(blank=True, max_length=64)),
                ('adset_id', models.CharField(blank=True, max_length=64)),
                ('campaign_id', models.CharField(blank=True, max_length=64)),
                ('platform', models.CharField(blank=True, help_text="Meta's word: fb or ig.", max_length=20)),
                ('answers', models.JSONField(blank=True, default=dict, help_text='Values by question.')),
                ('created_at_meta', models.DateTimeField(blank=True, null=True)),
                ('received_at', models.DateTimeField(auto_now_add=True)),
                ('fetched_at', models.DateTimeField(blank=True, null=True)),
                ('state', models.CharField(choices=[('waiting', 'Being fetched'), ('fetched', 'Fetched'), ('failed', 'Could not be fetched')], default='waiting', max_length=10)),
                ('reason', models.TextField(blank=True, help_text="Why it could not be fetched, in the merchant's words.")),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now)),
                ('form', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='meta_leads', to='leads.leadform')),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='meta_leads', to='integrations.connectedpage')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['not_before'], name='leads_meta_lead_due'), models.Index(condition=models.Q(('state', 'failed')), fields=['store', '-id'], name='leads_meta_lead_failed')],
                'constraints': [models.UniqueConstraint(fields=('store', 'leadgen_id'), name='leads_meta_lead_once'), models.CheckConstraint(condition=models.Q(('leadgen_id', ''), _negated=True), name='leads_meta_lead_has_id'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'fetched', 'failed'])), name='leads_meta_lead_state'), tenancy.constraints.SameStore(field='page', name='leads_metalead_page_same_store', target='integrations.ConnectedPage'), tenancy.constraints.SameStore(field='form', name='leads_metalead_form_same_store', target='leads.LeadForm'), models.UniqueConstraint(fields=('store', 'id'), name='leads_metalead_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='Lead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('phone', models.CharField(blank=True, help_text='As the person wrote it.', max_length=40, verbose_name='phone')),
                ('phone_digits', models.CharField(blank=True, help_text='For search and for comparing.', max_length=40)),
                ('status', models.CharField(choices=[('new', 'New'), ('contacted', 'Contacted'), ('won', 'Won'), ('lost', 'Lost')], default='new', max_length=10, verbose_name='status')),
                ('source', models.CharField(choices=[('lead_form', 'Lead form'), ('manual', 'Added by hand')], default='lead_form', max_length=10)),
                ('submitted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
                ('meta_lead', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='leads', to='leads.metalead')),
            ],
            options={
                'ordering': ['-submitted_at', '-id'],
                'indexes': [models.Index(fields=['store', '-submitted_at', '-id'], name='leads_lead_newest'), models.Index(fields=['store', 'status', '-submitted_at', '-id'], name='leads_lead_newest_of_status')],
                'constraints': [models.UniqueConstraint(fields=('store', 'meta_lead'), name='leads_lead_of_meta_lead_once'), models.CheckConstraint(condition=models.Q(('status__in', ['new', 'contacted', 'won', 'lost'])), name='leads_lead_status'), tenancy.constraints.SameStore(field='meta_lead', name='leads_lead_meta_lead_same_store', target='leads.MetaLead'), models.UniqueConstraint(fields=('store', 'id'), name='leads_lead_store_id_uniq')],
            },
        ),
    ]
