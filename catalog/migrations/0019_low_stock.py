"""Whether a variant runs low is kept by PostgreSQL, in the statement that changes its stock or its number.

So it is right however stock changes: by an order, a hold, a file, several at once. A new variant has not
fallen, so nobody is told of it; one that has enough again may be told of once more when it falls.
"""

from django.db import migrations, models
from django.db.models import Q

KEEP = """
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
STOP = """
DROP TRIGGER catalog_variant_low_stock ON catalog_variant;
DROP FUNCTION catalog_keep_low_stock();
"""
JUDGE = """
UPDATE catalog_variant SET low_since = now(), is_low_told = true FROM tenancy_store
    WHERE tenancy_store.id = catalog_variant.store_id AND catalog_variant.status = 'active'
    AND greatest(0, on_hand - reserved - safety_stock) <= tenancy_store.low_stock_at;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0018_choosing_products"), ("tenancy", "0004_low_stock")]

    operations = [
        migrations.AddField(
            "variant",
            "low_stock_at",
            models.PositiveIntegerField(
                blank=True,
                help_text="Without a number, the store's counts.",
                null=True,
                verbose_name="running low from",
            ),
        ),
        migrations.AddField(
            "variant",
            "low_since",
            models.DateTimeField(
                editable=False,
                help_text="Since when it runs low. PostgreSQL keeps it, however stock changes.",
                null=True,
            ),
        ),
        migrations.AddField(
            "variant",
            "is_low_told",
            models.BooleanField(
                default=False,
                editable=False,
                help_text="Owners know that it runs low. PostgreSQL takes it back.",
            ),
        ),
        migrations.AddIndex(
            "variant",
            models.Index(
                fields=["store", "product"],
                condition=Q(low_since__isnull=False),
                name="catalog_variant_low",
            ),
        ),
        migrations.AddIndex(
            "variant",
            models.Index(
                fields=["low_since"],
                condition=Q(low_since__isnull=False, is_low_told=False),
                name="catalog_variant_low_untold",
            ),
        ),
        migrations.RunSQL(KEEP, STOP),
        migrations.RunSQL(JUDGE, migrations.RunSQL.noop),
    ]
