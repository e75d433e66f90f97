"""All tables of a new database at once; one that has the steps behind it stays as it is."""

import catalog.models.canaries
import catalog.models.product_sets
import catalog.models.products
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import integrations.sealed
import tenancy.constraints
from django.conf import settings
from django.db import migrations, models


REFUSE_NEW_ID = """
CREATE FUNCTION catalog_refuse_new_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'An id that Meta knows never changes (%.%).', TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER catalog_variant_retailer_id_stays BEFORE UPDATE OF retailer_id ON catalog_variant FOR EACH ROW
    WHEN (OLD.retailer_id IS DISTINCT FROM NEW.retailer_id) EXECUTE FUNCTION catalog_refuse_new_id('retailer_id');
CREATE TRIGGER catalog_product_group_id_stays BEFORE UPDATE OF item_group_id ON catalog_product FOR EACH ROW
    WHEN (OLD.item_group_id IS DISTINCT FROM NEW.item_group_id) EXECUTE FUNCTION catalog_refuse_new_id('item_group_id');
"""
"""A variant's retailer_id and a product's item_group_id never change: a changed id would make a second item in
every catalog and leave the first one there for ever."""
ALLOW_NEW_ID = """
DROP TRIGGER catalog_product_group_id_stays ON catalog_product;
DROP TRIGGER catalog_variant_retailer_id_stays ON catalog_variant;
DROP FUNCTION catalog_refuse_new_id();
"""

KEEP_LOW_STOCK = """
CREATE FUNCTION catalog_keep_low_stock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    threshold integer := NEW.low_stock_at;
BEGIN
    IF threshold IS NULL THEN
        SELECT low_stock_at INTO threshold FROM tenancy_store WHERE id = NEW.store_id;
    END IF;
    IF NEW.status = 'active' AND greatest(0, NEW.on_hand - NEW.reserved - NEW.safety_stock) <= threshold THEN
        IF TG_OP = 'INSERT' THEN
            NEW.low_since := now();
            NEW.is_low_told := true;
        ELSE
            NEW.low_since := coalesce(OLD.low_since, now());
            NEW.is_low_told := OLD.low_since IS NOT NULL AND OLD.is_low_told;
        END IF;
    ELSE
        NEW.low_since := NULL;
        NEW.is_low_told := false;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_variant_low_stock
    BEFORE INSERT OR UPDATE OF on_hand, reserved, safety_stock, low_stock_at, status ON catalog_variant
    FOR EACH ROW EXECUTE FUNCTION catalog_keep_low_stock();
"""
"""Whether a variant runs low is kept in the statement that changes its stock or its number, so it is right however
stock changes. A new variant has not fallen, so nobody is told of it; one that has enough again may be told of
once more when it falls."""
LEAVE_LOW_STOCK = """
DROP TRIGGER catalog_variant_low_stock ON catalog_variant;
DROP FUNCTION catalog_keep_low_stock();
"""

KNOW_PRODUCT = """
CREATE FUNCTION catalog_know_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT product_id INTO NEW.product_id FROM catalog_variant WHERE id = NEW.variant_id;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_item_product
    BEFORE INSERT OR UPDATE OF variant_id ON catalog_catalogitem
    FOR EACH ROW EXECUTE FUNCTION catalog_know_product();
"""
"""An item knows its product, whoever makes it; a variant never changes its product."""
FORGET_PRODUCT = """
DROP TRIGGER catalog_item_product ON catalog_catalogitem;
DROP FUNCTION catalog_know_product();
"""

NOTE_COLLECTIONS = """
CREATE FUNCTION catalog_note_collections() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_collection (store_id, kind, name)
    SELECT store_id, kind, name FROM (
        SELECT store_id, 'category' AS kind, category AS name FROM fresh WHERE status = 'active'
        UNION
        SELECT store_id, 'tag', unnest(tags) FROM fresh WHERE status = 'active'
    ) AS said
    WHERE name <> '' AND NOT EXISTS (
        SELECT FROM catalog_collection AS known
        WHERE known.store_id = said.store_id AND known.kind = said.kind AND known.name = said.name
    );
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_product_collections_made AFTER INSERT ON catalog_product
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_note_collections();
CREATE TRIGGER catalog_product_collections_changed AFTER UPDATE ON catalog_product
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_note_collections();
"""
"""A new tag or category is noted, whoever gives it: once a statement, however many products it changes."""
LEAVE_COLLECTIONS = """
DROP TRIGGER catalog_product_collections_made ON catalog_product;
DROP TRIGGER catalog_product_collections_changed ON catalog_product;
DROP FUNCTION catalog_note_collections();
"""


class Migration(migrations.Migration):

    replaces = [('catalog', '0001_initial'), ('catalog', '0002_retailer_id_is_immutable'), ('catalog', '0003_holds_and_safety_stock'), ('catalog', '0004_product_facts'), ('catalog', '0005_reconciling'), ('catalog', '0006_sale_edges'), ('catalog', '0007_taking_items_over'), ('catalog', '0008_advice'), ('catalog', '0009_finding_products'), ('catalog', '0010_product_sets'), ('catalog', '0011_sold_out'), ('catalog', '0012_importing_files'), ('catalog', '0013_telling_of_failures'), ('catalog', '0014_holding_back'), ('catalog', '0015_waiting_in_order'), ('catalog', '0016_pieces_at_meta'), ('catalog', '0017_when_sold_out'), ('catalog', '0018_choosing_products'), ('catalog', '0019_low_stock'), ('catalog', '0020_overtaking'), ('catalog', '0021_pictures'), ('catalog', '0022_rows_of_pictures'), ('catalog', '0023_linking_catalogs'), ('catalog', '0024_canaries'), ('catalog', '0025_inventory_snapshot'), ('catalog', '0026_reading_files'), ('catalog', '0027_full_push_runs'), ('catalog', '0028_variant_picture'), ('catalog', '0029_what_became_of_batches'), ('catalog', '0030_starting_comparisons_anew'), ('catalog', '0031_refused_content'), ('catalog', '0032_refused_canaries'), ('catalog', '0033_standing_of_items'), ('catalog', '0034_warnings'), ('catalog', '0035_what_files_change'), ('catalog', '0036_lanes_in_order'), ('catalog', '0037_skus_and_circles'), ('catalog', '0038_failed_items'), ('catalog', '0039_collections'), ('catalog', '0040_counting'), ('catalog', '0041_rows_in_doubt'), ('catalog', '0042_one_index_for_a_store'), ('catalog', '0043_items_to_ask_the_review_of'), ('catalog', '0044_batches_that_are_over')]

    initial = True

    dependencies = [
        ('integrations', '0001_squashed_0016_runs_of_a_job'),
        ('tenancy', '0001_squashed_0006_one_index_for_a_store'),
    ]

    operations = [
        migrations.CreateModel(
            name='Catalog',
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
                ('catalog_id', models.CharField(max_length=64)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now, help_text='Nothing is sent earlier: Meta asked us to wait, or a call failed.')),
                ('is_held', models.BooleanField(default=False, help_text='Nothing is sent until a person agrees: before the first push, or stopped.')),
                ('is_automatic', models.BooleanField(default=True, help_text='Changes are sent by themselves; otherwise when somebody asks for it.')),
                ('send_all_since', models.DateTimeField(blank=True, help_text='What Meta answered before this is sent again, whatever we know of it.', null=True)),
                ('send_asked_at', models.DateTimeField(blank=True, help_text='Somebody asked to send what waits; until nothing waits any more.', null=True)),
                ('leaving_since', models.DateTimeField(blank=True, help_text='Our items are taken out of it; then it is disconnected.', null=True)),
                ('is_listening', models.BooleanField(default=False, help_text='Meta was asked to send us its events.')),
                ('choice', models.CharField(blank=True, choices=[('', 'Not chosen yet'), ('all', 'All products'), ('tags', 'Products with certain tags'), ('categories', 'Products of certain categories'), ('picked', 'Only products that you pick one by one')], default='all', max_length=10)),
                ('choice_words', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, help_text='The tags, or the categories.', size=None)),
                ('look_every_minutes', models.PositiveSmallIntegerField(choices=[(15, 'Every 15 minutes'), (60, 'Every hour'), (360, 'Every 6 hours'), (1440, 'Once a day')], default=60)),
                ('look_due_at', models.DateTimeField(default=django.utils.timezone.now, help_text='When each variant is looked at again.')),
                ('look_position', models.BigIntegerField(blank=True, help_text='The variant up to which the present look has come.', null=True)),
                ('look_not_before', models.DateTimeField(default=django.utils.timezone.now, help_text='The lease of who is looking; after it another worker goes on.')),
                ('looked_at', models.DateTimeField(blank=True, help_text='When the last look was over.', null=True)),
                ('told_at', models.DateTimeField(blank=True, help_text='When people were last told that items do not get through.', null=True)),
                ('mirrors_sets', models.BooleanField(default=True, help_text='Tags and categories are product sets at Meta.')),
                ('sets_wanted_at', models.DateTimeField(blank=True, default=django.utils.timezone.now, help_text='Products changed since the sets were looked at.', null=True)),
                ('sets_not_before', models.DateTimeField(default=django.utils.timezone.now, help_text='When the sets may be looked at next; the lease of who is at it.')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='catalogs', to='integrations.metaaccount')),
                ('push_run', models.ForeignKey(blank=True, help_text='The full push that is on its way.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='integrations.syncrun')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(fields=('store', 'catalog_id'), name='catalog_catalog_once_a_store'), models.UniqueConstraint(condition=models.Q(('state', 'disconnected'), _negated=True), fields=('catalog_id',), name='catalog_catalog_in_one_store'), tenancy.constraints.SameStore(field='account', name='catalog_catalog_account_same_store', target='integrations.MetaAccount'), tenancy.constraints.SameStore(field='push_run', name='catalog_catalog_push_run_same_store', target='integrations.SyncRun'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_catalog_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='Canary',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('retailer_id', models.CharField(default=catalog.models.canaries.make_canary_id, editable=False, max_length=100)),
                ('is_at_meta', models.BooleanField(default=False, help_text='It was sent at least once.')),
                ('is_late', models.BooleanField(default=False)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now, help_text='When it is changed next.')),
                ('removal_not_before', models.DateTimeField(default=django.utils.timezone.now, help_text='When we may try next to take it out, where it is not wanted.')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='canaries', to='catalog.catalog')),
            ],
            options={
                'verbose_name_plural': 'canaries',
                'indexes': [models.Index(fields=['due_at'], name='catalog_canary_due')],
                'constraints': [models.UniqueConstraint(fields=('store', 'catalog'), name='catalog_canary_once'), tenancy.constraints.SameStore(field='catalog', name='catalog_canary_catalog_same_store', target='catalog.Catalog'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_canary_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='CatalogCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(help_text='“rehearsal” for what would be sent now; the digest of a choice otherwise.', max_length=64)),
                ('rule', models.JSONField(blank=True, default=list, help_text='That choice: what it shows, and its words.')),
                ('numbers', models.JSONField(blank=True, default=dict)),
                ('counted_at', models.DateTimeField(blank=True, help_text='When the count began; changes since are not in it.', null=True)),
                ('asked_at', models.DateTimeField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(default=django.utils.timezone.now)),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='counts', to='catalog.catalog')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'catalog', 'subject'), name='catalog_count_once'), tenancy.constraints.SameStore(field='catalog', name='catalog_catalogcount_catalog_same_store', target='catalog.Catalog'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_catalogcount_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='CatalogCreation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('business_id', models.CharField(max_length=64)),
                ('business', models.CharField(blank=True, max_length=200)),
                ('name', models.CharField(max_length=100)),
                ('state', models.CharField(choices=[('asked', 'Being made'), ('done', 'Made'), ('failed', 'Not made')], default='asked', max_length=10)),
                ('known_ids', models.JSONField(blank=True, null=True)),
                ('catalog_id', models.CharField(blank=True, max_length=64)),
                ('error', models.TextField(blank=True)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='catalog_creations', to='integrations.metaaccount')),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'asked')), fields=['not_before'], name='catalog_creation_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('store', 'business_id', 'name'), name='catalog_creation_asked_once'), tenancy.constraints.SameStore(field='account', name='catalog_catalogcreation_account_same_store', target='integrations.MetaAccount'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_catalogcreation_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='CatalogDiagnostic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('severity', models.CharField(choices=[('must_fix', 'Must be mended'), ('opportunity', 'Could be better')], max_length=12)),
                ('kind', models.CharField(max_length=60)),
                ('title', models.CharField(max_length=300)),
                ('subtitle', models.TextField(blank=True)),
                ('item_count', models.PositiveIntegerField(default=0)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='diagnostics', to='catalog.catalog')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'abstract': False,
                'constraints': [tenancy.constraints.SameStore(field='catalog', name='catalog_catalogdiagnostic_catalog_same_store', target='catalog.Catalog'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_catalogdiagnostic_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='CatalogSearch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('found', models.JSONField(default=list, help_text='catalog_id, name, vertical, business, is_shared: one object per catalog.')),
                ('businesses', models.JSONField(default=list, help_text='business_id, name: those the account may see.')),
                ('error', models.TextField(blank=True)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='catalog_searches', to='integrations.metaaccount')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'verbose_name_plural': 'catalog searches',
                'constraints': [models.UniqueConstraint(fields=('store', 'account'), name='catalog_search_once'), tenancy.constraints.SameStore(field='account', name='catalog_catalogsearch_account_same_store', target='integrations.MetaAccount'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_catalogsearch_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='Collection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('category', 'Category'), ('tag', 'Tag')], max_length=10)),
                ('name', models.CharField(max_length=100)),
                ('product_count', models.PositiveIntegerField(db_default=0, default=0, help_text='Products on sale at the last look; 0 for a word that is new.')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', 'kind', 'name'], name='catalog_collection_word'), models.Index(models.F('store'), models.OrderBy(models.F('product_count'), descending=True), models.F('kind'), models.F('name'), name='catalog_collection_largest')],
                'constraints': [models.UniqueConstraint(fields=('store', 'id'), name='catalog_collection_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_scheduled', models.BooleanField(default=False, help_text='The weekly one mends what is safe to mend.')),
                ('state', models.CharField(choices=[('running', 'Comparing'), ('done', 'Finished'), ('failed', 'Not finished'), ('stopped', 'Stopped')], default='running', max_length=10)),
                ('step', models.CharField(choices=[('remote', 'Reading what Meta has'), ('local', 'Looking for what is missing')], default='remote', max_length=10)),
                ('place', models.JSONField(blank=True, default=dict, help_text="Where Meta's next page begins.")),
                ('mark', models.JSONField(blank=True, default=dict, help_text='A place that was passed: to come there again is to go in circles.')),
                ('page_count', models.PositiveIntegerField(default=0)),
                ('last_item', models.BigIntegerField(default=0, help_text='The item up to which was looked for missing ones.')),
                ('rows_total', models.PositiveIntegerField(default=0)),
                ('rows_done', models.PositiveIntegerField(default=0)),
                ('failures', models.PositiveIntegerField(default=0, help_text='Failed steps in a row.')),
                ('restarts', models.PositiveIntegerField(default=0, help_text='How often it began anew.')),
                ('error', models.TextField(blank=True)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comparisons', to='catalog.catalog')),
                ('run', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='integrations.syncrun')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', 'catalog', '-id'], name='catalog_comparison_newest'), models.Index(condition=models.Q(('state', 'running')), fields=['not_before'], name='catalog_comparison_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('catalog',), name='catalog_comparison_one_at_a_time'), tenancy.constraints.SameStore(field='catalog', name='catalog_comparison_catalog_same_store', target='catalog.Catalog'), tenancy.constraints.SameStore(field='run', name='catalog_comparison_run_same_store', target='integrations.SyncRun'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_comparison_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='InstagramTagging',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('may_tag', models.BooleanField(blank=True, null=True)),
                ('catalog_ids', models.JSONField(blank=True, default=list)),
                ('error', models.TextField(blank=True)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('instagram', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='taggings', to='integrations.instagramaccount')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'instagram'), name='catalog_tagging_once'), tenancy.constraints.SameStore(field='instagram', name='catalog_instagramtagging_instagram_same_store', target='integrations.InstagramAccount'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_instagramtagging_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='Picture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=2000)),
                ('digest', models.CharField(max_length=64)),
                ('finding', models.CharField(blank=True, choices=[('', 'Fits'), ('private', 'Picture is not public'), ('unreachable', 'Picture is not reachable'), ('empty', 'Picture is an empty file'), ('web_page', 'Picture is a web page'), ('drawing', 'Picture is an SVG drawing'), ('unknown', 'Not a picture'), ('broken', 'Picture is damaged'), ('moving', 'Picture moves'), ('kind', 'Picture is neither JPEG nor PNG'), ('too_many_bytes', 'Picture larger than 8 MB'), ('too_many_pixels', 'Picture has too many pixels'), ('too_small', 'Picture too small'), ('narrow', 'Picture long and narrow')], max_length=16)),
                ('width', models.PositiveIntegerField(default=0)),
                ('height', models.PositiveIntegerField(default=0)),
                ('byte_count', models.PositiveIntegerField(default=0)),
                ('status_code', models.PositiveSmallIntegerField(default=0, help_text='Of the last answer; 0 for none.')),
                ('failures', models.PositiveSmallIntegerField(default=0, help_text='Looks without an answer, in a row.')),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('not_before', models.DateTimeField(blank=True, default=django.utils.timezone.now, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('not_before__isnull', False)), fields=['not_before'], name='catalog_picture_due'), models.Index(fields=['created_at'], name='catalog_picture_age')],
                'constraints': [models.UniqueConstraint(fields=('store', 'digest'), name='catalog_picture_once'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_picture_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('description', models.TextField(blank=True, max_length=5000, verbose_name='description')),
                ('brand', models.CharField(blank=True, max_length=100, verbose_name='brand')),
                ('condition', models.CharField(choices=[('new', 'New'), ('refurbished', 'Refurbished'), ('used', 'Used')], default='new', max_length=12, verbose_name='condition')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('active', 'Active'), ('archived', 'Archived')], default='active', max_length=10, verbose_name='status')),
                ('category', models.CharField(blank=True, max_length=100, verbose_name='category')),
                ('google_category', models.CharField(blank=True, max_length=250, verbose_name='Google category')),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('image_urls', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2000), blank=True, default=list, help_text='Addresses of its pictures in their order, the main one first; files of ours as paths.', size=None)),
                ('picture_causes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, editable=False, size=None)),
                ('option_names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('colour', models.CharField(blank=True, max_length=100, verbose_name='colour')),
                ('size', models.CharField(blank=True, max_length=100, verbose_name='size')),
                ('material', models.CharField(blank=True, max_length=100, verbose_name='material')),
                ('pattern', models.CharField(blank=True, max_length=100, verbose_name='pattern')),
                ('gender', models.CharField(blank=True, choices=[('female', 'Women'), ('male', 'Men'), ('unisex', 'Everybody')], max_length=10, verbose_name='for whom')),
                ('age_group', models.CharField(blank=True, choices=[('adult', 'Adults'), ('all ages', 'All ages'), ('teen', 'Teenagers'), ('kids', 'Children'), ('toddler', 'Toddlers'), ('infant', 'Infants'), ('newborn', 'Newborns')], max_length=10, verbose_name='age')),
                ('when_sold_out', models.CharField(choices=[('inherit', 'As the store says'), ('show', 'Show it as sold out'), ('hide', 'Hide it until there is stock')], default='inherit', max_length=7, verbose_name='when nothing is left')),
                ('readiness', models.CharField(choices=[('ready', 'Ready'), ('warning', 'Can be better'), ('blocked', 'Meta would refuse it')], default='ready', editable=False, max_length=10)),
                ('causes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, editable=False, size=None)),
                ('variant_words', models.TextField(blank=True, editable=False, help_text='What its variants are called, to find the product by.')),
                ('search', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.SearchVector('title', 'brand', 'category', 'variant_words', config='simple'), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('item_group_id', models.CharField(default=catalog.models.products.make_group_id, editable=False, max_length=100)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['store', 'status', '-id'], include=('readiness',), name='catalog_product_newest'), models.Index(fields=['store', 'category', '-id'], name='catalog_product_category'), models.Index(models.F('store'), models.F('status'), models.F('readiness'), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('readiness', 'ready'), _negated=True), name='catalog_product_unready'), django.contrib.postgres.indexes.GinIndex(fields=['search'], name='catalog_product_search'), django.contrib.postgres.indexes.GinIndex(fields=['tags'], name='catalog_product_tags')],
                'constraints': [models.UniqueConstraint(fields=('store', 'item_group_id'), name='catalog_product_group_once'), models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'active', 'archived'])), name='catalog_product_status'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_product_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='ProductImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('alt', models.CharField(blank=True, max_length=200, verbose_name='what it shows')),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('picture', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='uses', to='catalog.picture')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='images', to='catalog.product')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'ordering': ['position', 'id'],
                'indexes': [models.Index(condition=models.Q(('removed_at__isnull', False)), fields=['removed_at'], name='catalog_image_removed')],
                'constraints': [models.UniqueConstraint(fields=('store', 'product', 'picture'), name='catalog_image_once'), tenancy.constraints.SameStore(field='product', name='catalog_productimage_product_same_store', target='catalog.Product'), tenancy.constraints.SameStore(field='picture', name='catalog_productimage_picture_same_store', target='catalog.Picture'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_productimage_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='ProductImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=200)),
                ('content', models.BinaryField(default=bytes)),
                ('state', models.CharField(choices=[('checking', 'Being read'), ('checked', 'Waits for your word'), ('importing', 'Being imported'), ('done', 'Imported'), ('stopped', 'Stopped'), ('failed', 'Cannot be read')], default='checking', max_length=10)),
                ('rows_total', models.PositiveIntegerField(default=0)),
                ('rows_done', models.PositiveIntegerField(default=0)),
                ('good_rows', models.PositiveIntegerField(default=0)),
                ('bad_rows', models.PositiveIntegerField(default=0)),
                ('new_products', models.PositiveIntegerField(default=0)),
                ('changed_products', models.PositiveIntegerField(default=0)),
                ('unchanged_products', models.PositiveIntegerField(default=0)),
                ('problems', models.JSONField(blank=True, default=list, help_text='row, column, sentence: one per problem.')),
                ('pictures', models.JSONField(blank=True, default=list, help_text='row, column, address: pictures that the preview looks at.')),
                ('changes', models.JSONField(blank=True, default=list, help_text='row, product, column, before, after: the first changes of what the store has.')),
                ('given_up', models.JSONField(blank=True, default=dict, help_text='SKUs that rows so far give up for new ones: SKU → row.')),
                ('stock_changes', models.PositiveIntegerField(default=0, help_text='Variants of the store of which the file says another number of pieces.')),
                ('sets_stock', models.BooleanField(default=False, help_text='A person wants those numbers, too.')),
                ('unread', models.JSONField(blank=True, default=list, help_text='The headings that mean nothing to us.')),
                ('error', models.TextField(blank=True)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state__in', ['checking', 'importing'])), fields=['not_before'], name='catalog_import_due'), models.Index(fields=['store', '-id'], name='catalog_import_newest')],
                'constraints': [models.UniqueConstraint(fields=('store', 'id'), name='catalog_productimport_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='ProductSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('category', 'Category'), ('tag', 'Tag')], max_length=10)),
                ('name', models.CharField(max_length=100)),
                ('retailer_id', models.CharField(default=catalog.models.product_sets.make_set_id, editable=False, max_length=100)),
                ('set_id', models.CharField(blank=True, max_length=64)),
                ('fingerprint', models.CharField(blank=True, help_text='Of what Meta has confirmed.', max_length=64)),
                ('item_count', models.PositiveIntegerField(default=0)),
                ('error', models.TextField(blank=True)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='product_sets', to='catalog.catalog')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'ordering': ['kind', 'name', 'id'],
                'constraints': [models.UniqueConstraint(fields=('store', 'catalog', 'kind', 'name'), name='catalog_set_once'), models.UniqueConstraint(fields=('store', 'retailer_id'), name='catalog_set_retailer_id_once'), tenancy.constraints.SameStore(field='catalog', name='catalog_productset_catalog_same_store', target='catalog.Catalog'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_productset_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='PushBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('handle', models.CharField(blank=True, max_length=500)),
                ('state', models.CharField(choices=[('claimed', 'Being sent'), ('sent', 'Meta is working on it'), ('finished', 'Finished'), ('failed', 'Not sent')], default='claimed', max_length=10)),
                ('row_count', models.PositiveIntegerField(default=0)),
                ('live_count', models.PositiveIntegerField(default=0)),
                ('failed_count', models.PositiveIntegerField(default=0)),
                ('refused_items', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, help_text='The numbers of the items that Meta refused.', size=None)),
                ('warned_items', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, help_text='The numbers of the items that Meta took with a warning.', size=None)),
                ('unreviewed_items', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, help_text='The numbers of the items that Meta took, and of whose review we have not asked since.', size=None)),
                ('door_warnings', models.JSONField(default=dict, help_text='What Meta said when it took the batch, until it is over: retailer_id → warnings.')),
                ('nameless_count', models.PositiveIntegerField(default=0, help_text='Of so many rows Meta said that it refuses them, but not which they are.')),
                ('taken_over', models.JSONField(default=dict, help_text="Its items that an older batch holds, too, unanswered: that batch's number → theirs.")),
                ('error', models.TextField(blank=True)),
                ('poll_count', models.PositiveIntegerField(default=0)),
                ('not_before', models.DateTimeField()),
                ('claimed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='batches', to='catalog.catalog')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'verbose_name_plural': 'push batches',
                'indexes': [models.Index(condition=models.Q(('state__in', ['claimed', 'sent'])), fields=['not_before'], name='catalog_batch_due'), models.Index(fields=['store', 'catalog', '-id'], name='catalog_batch_newest'), models.Index(condition=models.Q(('unreviewed_items', []), _negated=True), fields=['catalog', 'id'], name='catalog_batch_unreviewed'), models.Index(fields=['finished_at'], name='catalog_batch_over')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('handle', ''), _negated=True), fields=('store', 'catalog', 'handle'), name='catalog_batch_handle_once'), tenancy.constraints.SameStore(field='catalog', name='catalog_pushbatch_catalog_same_store', target='catalog.Catalog'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_pushbatch_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='StockLag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField()),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('shown_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('', 'On its way'), ('shown', 'Seen at Meta'), ('lost', 'Never seen'), ('refused', 'Meta refused the item'), ('void', 'Not counted: the catalog had to wait meanwhile')], default='', max_length=7)),
                ('looks', models.PositiveIntegerField(default=0)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now)),
                ('batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.pushbatch')),
                ('canary', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lags', to='catalog.canary')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', 'canary', '-id'], name='catalog_lag_newest'), models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['not_before'], name='catalog_lag_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('store', 'canary'), name='catalog_lag_one_open'), tenancy.constraints.SameStore(field='canary', name='catalog_stocklag_canary_same_store', target='catalog.Canary'), tenancy.constraints.SameStore(field='batch', name='catalog_stocklag_batch_same_store', target='catalog.PushBatch'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_stocklag_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='Variant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(blank=True, help_text='Such as: Blue, large.', max_length=100, verbose_name='options')),
                ('option_values', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('sku', models.CharField(blank=True, max_length=100, verbose_name='SKU')),
                ('gtin', models.CharField(blank=True, max_length=14, verbose_name='GTIN')),
                ('mpn', models.CharField(blank=True, max_length=70, verbose_name='MPN')),
                ('retailer_id', models.CharField(default=catalog.models.products.make_retailer_id, editable=False, max_length=100)),
                ('image_url', models.CharField(blank=True, help_text="One of the product's, shown first for it.", max_length=2000, verbose_name='picture')),
                ('price_minor', models.BigIntegerField(verbose_name='price')),
                ('sale_price_minor', models.BigIntegerField(blank=True, null=True, verbose_name='sale price')),
                ('sale_starts_at', models.DateTimeField(blank=True, null=True, verbose_name='sale from')),
                ('sale_ends_at', models.DateTimeField(blank=True, null=True, verbose_name='sale until')),
                ('sale_edge_at', models.DateTimeField(editable=False, help_text='When its sale next begins or ends: then it is sent again.', null=True)),
                ('on_hand', models.IntegerField(default=0, editable=False, help_text='Changed by movements only.', verbose_name='on hand')),
                ('reserved', models.IntegerField(default=0, editable=False, help_text='The sum of what is held of it.', verbose_name='held')),
                ('safety_stock', models.PositiveIntegerField(default=0, help_text='So many pieces are kept back and not offered.', verbose_name='safety stock')),
                ('low_stock_at', models.PositiveIntegerField(blank=True, help_text="Without a number, the store's counts.", null=True, verbose_name='running low from')),
                ('low_since', models.DateTimeField(editable=False, help_text='Since when it runs low. PostgreSQL keeps it, however stock changes.', null=True)),
                ('is_low_told', models.BooleanField(default=False, editable=False, help_text='Owners know that it runs low. PostgreSQL takes it back.')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('active', 'Active'), ('archived', 'Archived')], default='active', max_length=10, verbose_name='status')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='variants', to='catalog.product')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(condition=models.Q(('on_hand__lte', django.db.models.expressions.CombinedExpression(models.F('reserved'), '+', models.F('safety_stock'))), ('status', 'active')), fields=['store', 'product'], name='catalog_variant_sold_out'), models.Index(condition=models.Q(('low_since__isnull', False)), fields=['store', 'product'], name='catalog_variant_low'), models.Index(condition=models.Q(('is_low_told', False), ('low_since__isnull', False)), fields=['low_since'], name='catalog_variant_low_untold'), models.Index(condition=models.Q(('sale_edge_at__isnull', False)), fields=['sale_edge_at'], name='catalog_variant_sale_edge')],
                'constraints': [models.UniqueConstraint(fields=('store', 'retailer_id'), name='catalog_variant_retailer_id_once'), models.UniqueConstraint(condition=models.Q(('sku', ''), _negated=True), fields=('store', 'sku'), name='catalog_variant_sku_once'), models.CheckConstraint(condition=models.Q(('retailer_id__regex', '^[^,:]+$')), name='catalog_variant_retailer_id_fits'), models.CheckConstraint(condition=models.Q(('price_minor__gte', 0)), name='catalog_variant_price_not_negative'), models.CheckConstraint(condition=models.Q(('on_hand__gte', 0)), name='catalog_variant_on_hand_not_negative'), models.CheckConstraint(condition=models.Q(('reserved__gte', 0)), name='catalog_variant_reserved_not_negative'), models.CheckConstraint(condition=models.Q(models.Q(('sale_price_minor__gt', 0), ('sale_price_minor__lt', models.F('price_minor'))), ('sale_price_minor__isnull', True), _connector='OR'), name='catalog_variant_sale_below_price'), models.CheckConstraint(condition=models.Q(('sale_ends_at__gt', models.F('sale_starts_at')), ('sale_starts_at__isnull', True), ('sale_ends_at__isnull', True), _connector='OR'), name='catalog_variant_sale_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'active', 'archived'])), name='catalog_variant_status'), tenancy.constraints.SameStore(field='product', name='catalog_variant_product_same_store', target='catalog.Product'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_variant_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='CatalogItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'Waiting to be sent'), ('sent', 'Sent, Meta is checking'), ('live', 'Live'), ('failed', 'Refused by Meta'), ('removed', 'Removed')], default='waiting', max_length=16)),
                ('waiting_since', models.DateTimeField(blank=True, default=django.utils.timezone.now, null=True)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now)),
                ('stock_changed', models.BooleanField(default=False, help_text='It waits in the fast lane.')),
                ('delete_wanted', models.BooleanField(default=False)),
                ('sent_fingerprint', models.CharField(blank=True, help_text='What Meta may have by now.', max_length=64)),
                ('confirmed_fingerprint', models.CharField(blank=True, help_text='What Meta has confirmed.', max_length=64)),
                ('refused_content', models.CharField(blank=True, help_text='What Meta refused last; until it changes, nothing but stock is sent.', max_length=64)),
                ('sent_quantity', models.PositiveIntegerField(blank=True, help_text='Pieces in what was sent last; none when that was a removal.', null=True)),
                ('confirmed_quantity', models.PositiveIntegerField(blank=True, help_text='Pieces in what Meta has confirmed last.', null=True)),
                ('attempts', models.PositiveIntegerField(default=0, help_text='Failed tries since the last answer about it.')),
                ('error', models.TextField(blank=True, help_text="In the merchant's words.")),
                ('meta_message', models.TextField(blank=True, help_text="In Meta's words.")),
                ('meta_warnings', models.TextField(blank=True, help_text='What Meta remarked of what it took last, in its words, one a line.')),
                ('most_beside', models.PositiveIntegerField(blank=True, help_text='So many rows a call has at most that carries it: Meta refused one and did not say which.', null=True)),
                ('sent_at', models.DateTimeField(blank=True, help_text='When it was put into its batch.', null=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='catalog.catalog')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
                ('product', models.ForeignKey(editable=False, help_text='That of its variant; PostgreSQL writes it.', on_delete=django.db.models.deletion.CASCADE, related_name='items', to='catalog.product')),
                ('batch', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='items', to='catalog.pushbatch')),
                ('overtook', models.ForeignKey(blank=True, db_index=False, help_text='The newest batch that was unanswered when a newer one took the item.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='overtaken', to='catalog.pushbatch')),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='catalog.variant')),
            ],
            options={
                'indexes': [models.Index(models.F('catalog'), models.OrderBy(models.F('stock_changed'), descending=True), models.OrderBy(models.F('delete_wanted'), descending=True), models.F('waiting_since'), models.F('id'), condition=models.Q(('batch__isnull', True), ('waiting_since__isnull', False)), name='catalog_item_waiting'), models.Index(condition=models.Q(('stock_changed', True), ('waiting_since__isnull', False)), fields=['catalog', 'waiting_since'], name='catalog_item_stock_waits'), models.Index(condition=models.Q(('overtook__isnull', False)), fields=['overtook'], name='catalog_item_overtook'), models.Index(condition=models.Q(('batch__isnull', False)), fields=['catalog', 'batch'], name='catalog_item_in_batch'), models.Index(condition=models.Q(('batch__isnull', False)), fields=['batch'], name='catalog_item_batch'), models.Index(fields=['catalog', 'store', 'state', 'id'], name='catalog_item_standing'), models.Index(condition=models.Q(('state', 'failed')), fields=['store', 'product', 'catalog', 'attempts'], name='catalog_item_refused'), models.Index(condition=models.Q(('meta_warnings', ''), _negated=True), fields=['catalog'], name='catalog_item_warned'), models.Index(condition=models.Q(('state', 'failed')), fields=['catalog', 'attempts', 'product'], include=('store', 'id'), name='catalog_item_failed')],
                'constraints': [models.UniqueConstraint(fields=('store', 'variant', 'catalog'), name='catalog_item_once'), tenancy.constraints.SameStore(field='variant', name='catalog_catalogitem_variant_same_store', target='catalog.Variant'), tenancy.constraints.SameStore(field='catalog', name='catalog_catalogitem_catalog_same_store', target='catalog.Catalog'), tenancy.constraints.SameStore(field='product', name='catalog_catalogitem_product_same_store', target='catalog.Product'), tenancy.constraints.SameStore(field='batch', name='catalog_catalogitem_batch_same_store', target='catalog.PushBatch'), tenancy.constraints.SameStore(field='overtook', name='catalog_catalogitem_overtook_same_store', target='catalog.PushBatch'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_catalogitem_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='InventorySnapshot',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('catalog.catalogitem',),
        ),
        migrations.CreateModel(
            name='StockMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('delta', models.IntegerField()),
                ('on_hand_after', models.IntegerField()),
                ('reason', models.CharField(choices=[('opening', 'Opening stock'), ('order', 'Sold'), ('cancelled', 'Order cancelled'), ('returned', 'Returned by a buyer'), ('delivered', 'Delivery from a supplier'), ('counted', 'Count corrected'), ('damaged', 'Damaged or lost'), ('undone', 'Undone')], max_length=12)),
                ('reference', models.CharField(blank=True, help_text='What caused it, such as order:17.', max_length=100)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='movements', to='catalog.variant')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['store', 'variant', '-id'], name='catalog_movement_newest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('reference', ''), _negated=True), fields=('store', 'reason', 'reference', 'variant'), name='catalog_movement_once'), models.CheckConstraint(condition=models.Q(('delta', 0), _negated=True), name='catalog_movement_moves'), models.CheckConstraint(condition=models.Q(('on_hand_after__gte', 0)), name='catalog_movement_not_below_zero'), tenancy.constraints.SameStore(field='variant', name='catalog_stockmovement_variant_same_store', target='catalog.Variant'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_stockmovement_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField()),
                ('reference', models.CharField(help_text='What holds them, such as hand:… or checkout:…', max_length=100)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reservations', to='catalog.variant')),
            ],
            options={
                'ordering': ['expires_at', 'id'],
                'indexes': [models.Index(fields=['expires_at'], name='catalog_reservation_expiry')],
                'constraints': [models.UniqueConstraint(fields=('store', 'reference', 'variant'), name='catalog_reservation_once'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='catalog_reservation_holds'), tenancy.constraints.SameStore(field='variant', name='catalog_reservation_variant_same_store', target='catalog.Variant'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_reservation_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='RemoteItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('retailer_id', models.CharField(max_length=200)),
                ('meta_id', models.CharField(max_length=64)),
                ('title', models.CharField(blank=True, max_length=300)),
                ('review_status', models.CharField(blank=True, choices=[('', 'Not known yet'), ('pending', 'Meta is reviewing it'), ('approved', 'Approved'), ('outdated', 'Approved in an older version'), ('rejected', 'Rejected by Meta')], max_length=20)),
                ('rejection_reasons', models.JSONField(blank=True, default=list)),
                ('tagging_status', models.CharField(blank=True, help_text='Whether Instagram may tag it.', max_length=20)),
                ('problems', models.JSONField(blank=True, default=list, help_text='kind, text, is_urgent: one per problem.')),
                ('severity', models.CharField(blank=True, choices=[('must_fix', 'Must be mended'), ('opportunity', 'Could be better')], help_text='Of the worst problem.', max_length=12)),
                ('facts', models.JSONField(blank=True, default=dict, help_text='In the names of items_batch; kept of items that are none of ours.')),
                ('obstacle', models.CharField(blank=True, help_text='Why it cannot become a product.', max_length=20)),
                ('adopt_pieces', models.PositiveIntegerField(blank=True, help_text='It shall become a product; with so many pieces if Meta knows no number.', null=True)),
                ('seen_in', models.BigIntegerField(default=0, help_text='The comparison that saw it last.')),
                ('seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='remote_items', to='catalog.catalog')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
                ('variant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='remote_items', to='catalog.variant')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('review_status', 'pending'), ('variant__isnull', False)), fields=['catalog', 'seen_at'], name='catalog_remote_pending'), models.Index(condition=models.Q(('variant__isnull', False)), fields=['store', 'catalog', 'review_status', 'id'], name='catalog_remote_review'), models.Index(condition=models.Q(('variant', None)), fields=['store', 'catalog', 'obstacle', 'id'], name='catalog_remote_foreign'), models.Index(condition=models.Q(('variant__isnull', False), models.Q(('severity', ''), _negated=True)), fields=['store', 'catalog', 'severity', 'id'], name='catalog_remote_severity'), models.Index(condition=models.Q(('adopt_pieces__isnull', False), ('variant', None)), fields=['store', 'catalog', 'id'], name='catalog_remote_wanted')],
                'constraints': [models.UniqueConstraint(fields=('store', 'catalog', 'retailer_id'), name='catalog_remote_item_once'), tenancy.constraints.SameStore(field='catalog', name='catalog_remoteitem_catalog_same_store', target='catalog.Catalog'), tenancy.constraints.SameStore(field='variant', name='catalog_remoteitem_variant_same_store', target='catalog.Variant'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_remoteitem_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='CatalogSwitch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_shown', models.BooleanField()),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='switches', to='catalog.catalog')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='switches', to='catalog.product')),
                ('variant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='switches', to='catalog.variant')),
            ],
            options={
                'verbose_name_plural': 'catalog switches',
                'constraints': [models.UniqueConstraint(condition=models.Q(('variant', None)), fields=('store', 'catalog', 'product'), name='catalog_switch_product_once'), models.UniqueConstraint(condition=models.Q(('variant__isnull', False)), fields=('store', 'catalog', 'variant'), name='catalog_switch_variant_once'), tenancy.constraints.SameStore(field='catalog', name='catalog_catalogswitch_catalog_same_store', target='catalog.Catalog'), tenancy.constraints.SameStore(field='product', name='catalog_catalogswitch_product_same_store', target='catalog.Product'), tenancy.constraints.SameStore(field='variant', name='catalog_catalogswitch_variant_same_store', target='catalog.Variant'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_catalogswitch_store_id_uniq')],
            },
        ),
        migrations.CreateModel(
            name='CatalogFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('missing', 'Missing at Meta'), ('different', 'Different at Meta'), ('orphaned', 'Only at Meta')], max_length=10)),
                ('state', models.CharField(choices=[('open', 'Open'), ('asked', 'Being mended'), ('sent', 'Sent, to be seen at the next comparison'), ('kept', 'Left as it is')], default='open', max_length=10)),
                ('retailer_id', models.CharField(max_length=200)),
                ('title', models.CharField(blank=True, max_length=300)),
                ('differences', models.JSONField(blank=True, default=list, help_text='field, ours, theirs: one per field.')),
                ('is_ours', models.BooleanField(default=True, help_text='We have put it there.')),
                ('handle', models.CharField(blank=True, help_text='Of the call that takes it out.', max_length=500)),
                ('error', models.TextField(blank=True)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now)),
                ('seen_in', models.BigIntegerField(default=0, help_text='The comparison that saw it last.')),
                ('found_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='catalog.catalog')),
                ('store', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.store')),
                ('variant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='findings', to='catalog.variant')),
            ],
            options={
                'indexes': [models.Index(fields=['store', 'catalog', 'kind', 'id'], name='catalog_finding_kind'), models.Index(condition=models.Q(('state', 'kept'), _negated=True), fields=['store', 'catalog', 'kind'], name='catalog_finding_open'), models.Index(condition=models.Q(('state', 'asked')), fields=['not_before'], name='catalog_finding_asked')],
                'constraints': [models.UniqueConstraint(fields=('store', 'catalog', 'retailer_id'), name='catalog_finding_once'), tenancy.constraints.SameStore(field='catalog', name='catalog_catalogfinding_catalog_same_store', target='catalog.Catalog'), tenancy.constraints.SameStore(field='variant', name='catalog_catalogfinding_variant_same_store', target='catalog.Variant'), models.UniqueConstraint(fields=('store', 'id'), name='catalog_catalogfinding_store_id_uniq')],
            },
        ),
        migrations.RunSQL(REFUSE_NEW_ID, ALLOW_NEW_ID),
        migrations.RunSQL(KEEP_LOW_STOCK, LEAVE_LOW_STOCK),
        migrations.RunSQL(KNOW_PRODUCT, FORGET_PRODUCT),
        migrations.RunSQL(NOTE_COLLECTIONS, LEAVE_COLLECTIONS),
    ]
