"""All tables of a new database at once; one that has the steps behind it stays as it is."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('tenancy', '0001_initial'), ('tenancy', '0002_api_tokens'), ('tenancy', '0003_when_sold_out'), ('tenancy', '0004_low_stock'), ('tenancy', '0005_measures_stock'), ('tenancy', '0006_one_index_for_a_store')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Store',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, validators=[django.core.validators.MinLengthValidator(2)], verbose_name='name')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='address')),
                ('currency', models.CharField(default='GBP', help_text='Three letters, such as EUR or GBP.', max_length=3, verbose_name='currency')),
                ('timezone', models.CharField(default='UTC', max_length=64, verbose_name='time zone')),
                ('when_sold_out', models.CharField(choices=[('show', 'Show it as sold out'), ('hide', 'Hide it until there is stock')], default='show', max_length=4, verbose_name='when nothing is left')),
                ('low_stock_at', models.PositiveIntegerField(blank=True, default=2, help_text='With so many pieces or fewer something runs low; nothing does without a number.', null=True, verbose_name='running low from')),
                ('measures_stock', models.BooleanField(default=True, help_text='With one hidden item in each Meta catalog, which no buyer ever sees.', verbose_name='measure how fast stock arrives')),
                ('low_stock_told_at', models.DateTimeField(blank=True, editable=False, help_text='When owners were last told what runs low.', null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('name', models.CharField(blank=True, max_length=150, verbose_name='name')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('is_staff', models.BooleanField(default=False, help_text='May sign in to the admin of the platform.', verbose_name='platform staff')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ('last_store', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='tenancy.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='tenancy_user_email_once')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('viewer', 'Viewer'), ('agent', 'Agent'), ('manager', 'Manager'), ('owner', 'Owner')], max_length=10, verbose_name='role')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='tenancy.store')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('store', 'user'), name='tenancy_membership_once'), models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'agent', 'manager', 'owner'])), name='tenancy_membership_role')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('role', models.CharField(choices=[('viewer', 'Viewer'), ('agent', 'Agent'), ('manager', 'Manager'), ('owner', 'Owner')], default='agent', max_length=10, verbose_name='role')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('sent_at__isnull', True)), fields=['created_at'], name='tenancy_invitation_unsent')],
                'constraints': [models.UniqueConstraint(models.F('store'), django.db.models.functions.text.Lower('email'), condition=models.Q(('accepted_at__isnull', True)), name='tenancy_invitation_open_once'), models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'agent', 'manager', 'owner'])), name='tenancy_invitation_role'), models.UniqueConstraint(fields=('store', 'id'), name='tenancy_invitation_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(help_text='Dotted and past: page.connected, member.removed.', max_length=60)),
                ('target_type', models.CharField(blank=True, max_length=60)),
                ('target_id', models.CharField(blank=True, max_length=64)),
                ('details', models.JSONField(blank=True, default=dict)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['store', '-id'], name='tenancy_audit_newest')],
                'constraints': [models.UniqueConstraint(fields=('store', 'id'), name='tenancy_auditentry_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='StoreApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('secret_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('hint', models.CharField(editable=False, help_text='How the secret begins.', max_length=12)),
                ('scopes', models.JSONField(default=list, verbose_name='allowed')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'verbose_name': 'store API token',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('store', 'name'), name='tenancy_api_token_name_once'), models.UniqueConstraint(fields=('store', 'id'), name='tenancy_storeapitoken_store_id_uniq')],
            },
        ),
        migrations.AddField(
            model_name='Store',
            name='members',
            field=models.ManyToManyField(related_name='stores', through='tenancy.Membership', to=settings.AUTH_USER_MODEL),
        ),
    ]
