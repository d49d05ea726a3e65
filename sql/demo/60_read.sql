-- Procedures that read.  They are STABLE and, where they list, of the form
-- BEGIN ATOMIC, which PostgreSQL can merge with the page that is asked for.  None
-- of them asks whose a row is: the policies do.

CREATE OR REPLACE FUNCTION shop.stores(search shop.search DEFAULT NULL,
    country shop.country DEFAULT NULL)
RETURNS SETOF shop.store_view LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT s.id, s.name, s.address, s.currency, s.opened_on,
	    EXISTS (SELECT FROM shop.staff f WHERE f.store = s.id
		AND f.person = grantd.person())
	FROM shop.stores s
	WHERE (stores.search IS NULL
	    OR strpos(lower(s.name), lower(stores.search)) > 0)
	AND (stores.country IS NULL OR (s.address).country = stores.country);
END;
COMMENT ON FUNCTION shop.stores IS
'Stores
The stores of your organization, and in which of them you work.
@param search part of the name
@param country only stores in this country
@example {"arguments": {"country": "AT"}}';

CREATE OR REPLACE FUNCTION shop.get_store(id int4) RETURNS shop.store_view
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	shop.store_view;
BEGIN
	SELECT s.* INTO v FROM shop.stores() s WHERE s.id = get_store.id;
	IF NOT FOUND THEN
		PERFORM grantd.problem(404, 'store_not_found',
		    format('There is no store %s, or you may not see it.', id));
	END IF;
	RETURN v;
END
$$;
COMMENT ON FUNCTION shop.get_store IS
'One store
@param id number of the store';

CREATE OR REPLACE FUNCTION shop.customers(search shop.search DEFAULT NULL,
    store int4 DEFAULT NULL, newsletter boolean DEFAULT NULL)
RETURNS SETOF shop.customer_view LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT c.id, c.name, c.email, c.address, c.store, c.newsletter, c.since
	FROM shop.customers c
	WHERE (customers.search IS NULL
	    OR strpos(lower(c.name), lower(customers.search)) > 0
	    OR strpos(lower(c.email), lower(customers.search)) > 0)
	AND (customers.store IS NULL OR c.store = customers.store)
	AND (customers.newsletter IS NULL OR c.newsletter = customers.newsletter);
END;
COMMENT ON FUNCTION shop.customers IS
'Customers
The customers of the stores that you work in, in the order of their numbers.
@param search part of the name or of the e-mail address
@param store only customers of this store
@param newsletter only those who asked for it, or who did not
@example {"arguments": {"search": "novak"}}';

CREATE OR REPLACE FUNCTION shop.get_customer(id int4)
RETURNS shop.customer_detail LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	shop.customer_detail;
BEGIN
	SELECT c.id, c.name, c.email, c.address, c.store, c.newsletter, c.since,
	    count(DISTINCT o.id), coalesce(sum(i.quantity * i.price), 0),
	    max(o.ordered_at)
	INTO v
	FROM shop.customers c
	LEFT JOIN shop.orders o ON o.customer = c.id AND o.status <> 'cancelled'
	LEFT JOIN shop.items i ON i.orders = o.id
	WHERE c.id = get_customer.id
	GROUP BY c.id;
	IF NOT FOUND THEN
		PERFORM grantd.problem(404, 'customer_not_found',
		    format('There is no customer %s, or you may not see it.', id));
	END IF;
	RETURN v;
END
$$;
COMMENT ON FUNCTION shop.get_customer IS
'One customer
With what was ordered so far; cancelled orders do not count.
@param id number of the customer';

CREATE OR REPLACE FUNCTION shop.orders(status shop.order_status DEFAULT NULL,
    store int4 DEFAULT NULL, customer int4 DEFAULT NULL,
    since date DEFAULT NULL, until date DEFAULT NULL)
RETURNS SETOF shop.order_view LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT o.id, o.ordered_at, o.status, o.store, o.customer, c.name,
	    l.total::shop.money, o.note, l.items
	FROM shop.orders o
	JOIN shop.customers c ON c.id = o.customer
	CROSS JOIN LATERAL (
		SELECT coalesce(sum(i.quantity * i.price), 0) AS total,
		    array_agg(ROW(p.id, p.sku, p.name, i.quantity, i.price)
			::shop.order_line ORDER BY i.id) AS items
		FROM shop.items i JOIN shop.products p ON p.id = i.product
		WHERE i.orders = o.id
	) l
	WHERE (orders.status IS NULL OR o.status = orders.status)
	AND (orders.store IS NULL OR o.store = orders.store)
	AND (orders.customer IS NULL OR o.customer = orders.customer)
	AND (orders.since IS NULL OR o.ordered_at >= orders.since)
	AND (orders.until IS NULL OR o.ordered_at < orders.until + 1);
END;
COMMENT ON FUNCTION shop.orders IS
'Orders
Orders of the stores that you work in, with what was bought, oldest first.
@param status only orders in this state
@param store only orders of this store
@param customer only orders of this customer
@param since ordered on this day or later
@param until ordered on this day or earlier
@example {"arguments": {"status": "paid", "since": "2026-01-01"}}';

CREATE OR REPLACE FUNCTION shop.get_order(id int4) RETURNS shop.order_view
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	shop.order_view;
BEGIN
	SELECT o.* INTO v FROM shop.orders() o WHERE o.id = get_order.id;
	IF NOT FOUND THEN
		PERFORM grantd.problem(404, 'order_not_found',
		    format('There is no order %s, or you may not see it.', id));
	END IF;
	RETURN v;
END
$$;
COMMENT ON FUNCTION shop.get_order IS
'One order
@param id number of the order';

CREATE OR REPLACE FUNCTION shop.categories()
RETURNS TABLE (name text, title text, parent text) LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT c.name, c.title, c.parent FROM shop.categories c;
END;
COMMENT ON FUNCTION shop.categories IS
'Categories of products
The same for everybody: no sign-in is needed.';

CREATE OR REPLACE FUNCTION shop.products(category text DEFAULT NULL,
    search shop.search DEFAULT NULL, max_price shop.money DEFAULT NULL,
    in_stock boolean DEFAULT false, tags text[] DEFAULT '{}')
RETURNS SETOF shop.product_view LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT p.id, p.sku, p.name, p.category, p.price, p.stock, p.tags
	FROM shop.products p
	WHERE (products.category IS NULL OR p.category IN (
	    SELECT c.name FROM shop.categories c
	    WHERE products.category IN (c.name, c.parent)))
	AND (products.search IS NULL
	    OR strpos(lower(p.name), lower(products.search)) > 0)
	AND (products.max_price IS NULL OR p.price <= products.max_price)
	AND (NOT coalesce(products.in_stock, false) OR p.stock > 0)
	AND p.tags @> coalesce(products.tags, '{}');
END;
COMMENT ON FUNCTION shop.products IS
'Products
What your organization sells, with prices and stock.
@param category of this category or one below it
@param search part of the name
@param max_price not dearer than this
@param in_stock only what is there
@param tags only what has all of these
@complete category coffee, garden, kitchen, knives, paper, seeds
@example {"arguments": {"category": "kitchen", "in_stock": true}}';

CREATE OR REPLACE FUNCTION shop.product_sheet(id int4) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	text;
BEGIN
	SELECT format(E'# %s\n\n%s, in %s\n\n- Price: %s\n- In stock: %s\n%s',
	    p.name, p.sku, c.title, p.price, p.stock,
	    CASE WHEN p.tags <> '{}' THEN format(E'- Tags: %s\n',
		array_to_string(p.tags, ', ')) END)
	INTO v
	FROM shop.products p JOIN shop.categories c ON c.name = p.category
	WHERE p.id = product_sheet.id;
	IF NOT FOUND THEN
		PERFORM grantd.problem(404, 'product_not_found',
		    format('There is no product %s.', id));
	END IF;
	RETURN v;
END
$$;
COMMENT ON FUNCTION shop.product_sheet IS
'A product''s sheet
Name, price and stock for people to read.
@param id number of the product';

CREATE OR REPLACE FUNCTION shop.sales_summary(
    "by" shop.summary_by DEFAULT 'month', since date DEFAULT '2026-01-01',
    until date DEFAULT NULL)
RETURNS TABLE (label text, orders int8, pieces int8, revenue numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT CASE sales_summary."by"
	    WHEN 'day' THEN to_char(o.ordered_at, 'YYYY-MM-DD')
	    WHEN 'month' THEN to_char(o.ordered_at, 'YYYY-MM')
	    WHEN 'store' THEN s.name
	    WHEN 'category' THEN p.category
	    ELSE o.status::text END,
	    count(DISTINCT o.id), sum(i.quantity), sum(i.quantity * i.price)
	FROM shop.orders o
	JOIN shop.stores s ON s.id = o.store
	JOIN shop.items i ON i.orders = o.id
	JOIN shop.products p ON p.id = i.product
	WHERE o.ordered_at >= sales_summary.since
	AND (sales_summary.until IS NULL
	    OR o.ordered_at < sales_summary.until + 1)
	AND (o.status <> 'cancelled' OR sales_summary."by" = 'status')
	GROUP BY 1;
END;
COMMENT ON FUNCTION shop.sales_summary IS
'Sales in numbers
Orders, pieces and revenue of your stores; cancelled orders do not count, but
when the summary is by status.
@param by what the lines stand for
@param since first day
@param until last day; today, if it is left out
@example {"arguments": {"by": "store", "since": "2026-03-01"}}';

CREATE OR REPLACE FUNCTION shop.export_orders(since date DEFAULT '2025-01-01',
    until date DEFAULT '2026-12-31')
RETURNS shop.export LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	shop.export := ROW(0, E'order,ordered_at,status,store,customer,total\n');
	v_month	date := date_trunc('month', since);
	v_months int4 := 12 * (extract(year FROM until) - extract(year FROM since))
		    + extract(month FROM until) - extract(month FROM since) + 1;
	v_done	int4 := 0;
	r	record;
BEGIN
	IF NOT coalesce(v_months BETWEEN 1 AND 120, false) THEN
		PERFORM grantd.problem(422, 'bad_period',
		    'The period must be of 1 to 120 months.');
	END IF;
	WHILE v_done < v_months LOOP
		SELECT count(*) AS rows, string_agg(format(E'%s,%s,%s,%s,%s,%s\n',
		    t.id, to_char(t.ordered_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
		    t.status, t.store, t.customer, t.total), '' ORDER BY t.id) AS csv
		INTO r
		FROM (SELECT o.id, o.ordered_at, o.status, o.store, o.customer,
		    coalesce(sum(i.quantity * i.price), 0) AS total
		    FROM shop.orders o LEFT JOIN shop.items i ON i.orders = o.id
		    WHERE o.ordered_at >= greatest(v_month, since)
		    AND o.ordered_at < least(v_month + interval '1 month', until + 1)
		    GROUP BY o.id) t;
		v.rows := v.rows + r.rows;
		v.csv := v.csv || coalesce(r.csv, '');
		v_month := v_month + interval '1 month';
		v_done := v_done + 1;
		PERFORM grantd.progress(v_done, v_months,
		    format('%s orders', v.rows));
	END LOOP;
	RETURN v;
END
$$;
COMMENT ON FUNCTION shop.export_orders IS
'Export orders
All orders of a period as comma-separated values.  Tells how far it is.
@param since first day
@param until last day
@example {"arguments": {"since": "2026-01-01", "until": "2026-03-31"}}';

CREATE OR REPLACE FUNCTION shop.review_week(store text DEFAULT 'all stores')
RETURNS text LANGUAGE sql STABLE
RETURN format('Look at the orders of the last week of %s. '
    'Use the tools sales_summary and orders. Say in five sentences how it '
    'went, which products sold best, and what should be ordered again.', store);
COMMENT ON FUNCTION shop.review_week IS
'Review of the week
Asks for a short report on the orders of a store.
@param store name of the store';
