-- What is reachable, and with which scope.  Nothing else is.

SELECT grantd.publish('shop.stores', 'stores:read', page_key => '{id}');
SELECT grantd.publish('shop.get_store', 'stores:read');
SELECT grantd.publish('shop.customers', 'customers:read', page_key => '{id}');
SELECT grantd.publish('shop.get_customer', 'customers:read');
SELECT grantd.publish('shop.orders', 'orders:read', page_key => '{id}');
SELECT grantd.publish('shop.get_order', 'orders:read');
SELECT grantd.publish('shop.sales_summary', 'orders:read', max_rows => 1000,
    page_key => '{label}');
SELECT grantd.publish('shop.export_orders', 'orders:read',
    timeout => '1 minute');
SELECT grantd.publish('shop.categories', 'public', page_key => '{name}');
SELECT grantd.publish('shop.products', 'products:read', page_key => '{id}');
SELECT grantd.publish('shop.segments', 'segments:read', page_key => '{id}');
SELECT grantd.publish('shop.get_segment', 'segments:read');
SELECT grantd.publish('shop.segment_preview', 'segments:read',
    page_key => '{id}');
SELECT grantd.publish('shop.create_segment', 'segments:write',
    destructive => false);
SELECT grantd.publish('shop.update_segment', 'segments:write',
    idempotent => true);
SELECT grantd.publish('shop.delete_segment', 'segments:write',
    destructive => true,
    confirm => 'Delete this segment? Its rules cannot be brought back.');

SELECT grantd.publish_resource('shop.product_sheet', 'products:read',
    'shop://products/{id}', 'text/markdown');
SELECT grantd.publish_table('shop.categories', 'products:read',
    'shop://categories');
SELECT grantd.publish_prompt('shop.review_week', 'orders:read');
