"""Give the addresses that products have already their rows; they are looked at in the days after."""

from django.db import migrations

PICTURES = """
INSERT INTO catalog_picture (store_id, address, digest, finding, width, height, byte_count, status_code,
    failures, not_before, created_at)
SELECT DISTINCT store_id, url, encode(sha256(convert_to(url, 'UTF8')), 'hex'), '', 0, 0, 0, 0, 0, now(), now()
FROM catalog_product, unnest(image_urls) AS url
ON CONFLICT DO NOTHING
"""
USES = """
INSERT INTO catalog_productimage (store_id, product_id, picture_id, position, alt)
SELECT product.store_id, product.id, picture.id, min(entry.place) - 1, ''
FROM catalog_product AS product
CROSS JOIN LATERAL unnest(product.image_urls) WITH ORDINALITY AS entry(url, place)
JOIN catalog_picture AS picture ON picture.store_id = product.store_id AND picture.address = entry.url
GROUP BY product.store_id, product.id, picture.id
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):

    dependencies = [('catalog', '0021_pictures')]

    operations = [migrations.RunSQL([PICTURES, USES], migrations.RunSQL.noop)]
