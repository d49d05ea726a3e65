-- Whose the rows are: one line a table, and SELECT * FROM grantd.policies
-- shows what came of it.

-- Everybody in the organization.
SELECT grantd.protect('shop.stores', organization => 'organization');
SELECT grantd.protect('shop.products', organization => 'organization');

-- The staff of the store.
SELECT grantd.protect('shop.customers', organization => 'organization',
    "group" => 'store', membership => 'shop.staff');
SELECT grantd.protect('shop.orders', organization => 'organization',
    "group" => 'store', membership => 'shop.staff');

-- Whoever sees the order.
SELECT grantd.protect('shop.items', parent => 'orders');

-- The same for all the world: nothing in it is anybody's.
SELECT grantd.protect('shop.categories', open => true);

-- Who made it; whoever may write segments sees those of the others, too, but
-- does not change them.
SELECT grantd.protect('shop.segments', organization => 'organization',
    person => 'person', read_scopes => '{segments:write}',
    rights => '{select,insert,update,delete}');
SELECT grantd.protect('shop.rules', parent => 'segment',
    rights => '{select,insert,update,delete}');
