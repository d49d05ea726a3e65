-- What this is called, and what apps may ask people for.

SELECT grantd.describe('The Shop', '1');
SELECT grantd.define_scope('stores:read', 'See stores');
SELECT grantd.define_scope('customers:read',
    'See customers with names and addresses', sensitive => true);
SELECT grantd.define_scope('orders:read', 'See orders and what was bought',
    sensitive => true);
SELECT grantd.define_scope('products:read',
    'See products, categories and prices');
SELECT grantd.define_scope('segments:read',
    'See segments of customers and their rules');
SELECT grantd.define_scope('segments:write',
    'Create, change and delete segments', implies => '{segments:read}',
    sensitive => true);
