"""A variant's retailer_id and a product's item_group_id never change: PostgreSQL refuses it.

A changed id would make a second item in every catalog and leave the first one there for ever.
"""

from django.db import migrations

REFUSE = """
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
ALLOW = """
DROP TRIGGER catalog_product_group_id_stays ON catalog_product;
DROP TRIGGER catalog_variant_retailer_id_stays ON catalog_variant;
DROP FUNCTION catalog_refuse_new_id();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
