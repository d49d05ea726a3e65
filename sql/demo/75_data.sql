-- Rows for an organization, the same each time: shop.load(organization,
-- persons).  The first person works in every store, the others in two each.

-- A number from 0 to p_below - 1 that looks like chance and is not.
CREATE OR REPLACE FUNCTION shop.dice(p_what text, p_n int4, p_below int4)
RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT ((hashtextextended(p_what, p_n) >> 8) & 2147483647)::int4 % p_below
$$;

CREATE OR REPLACE FUNCTION shop.pick(p_what text, p_n int4, p_list text[])
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT p_list[1 + shop.dice(p_what, p_n, cardinality(p_list))]
$$;

CREATE OR REPLACE FUNCTION shop.load_stores(p_organization uuid,
    p_persons uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO shop.stores (organization, name, address, currency, opened_on)
	SELECT p_organization, 'Shop ' || v.city, ROW(v.street, v.postcode, v.city,
	    v.country)::shop.address, v.currency, v.opened::date
	FROM (VALUES
	    ('Lisboa', 'Rua Augusta 24', '1100-053', 'PT', 'EUR', '2014-03-01'),
	    ('Wien', 'Neubaugasse 8', '1070', 'AT', 'EUR', '2015-09-14'),
	    ('Kraków', 'ulica Grodzka 40', '31-044', 'PL', 'PLN', '2016-05-02'),
	    ('Göteborg', 'Kungsgatan 19', '411 19', 'SE', 'SEK', '2017-10-21'),
	    ('Dublin', 'Drury Street 33', 'D02 R2C5', 'IE', 'EUR', '2018-04-09'),
	    ('Bologna', 'Via Clavature 5', '40124', 'IT', 'EUR', '2019-06-15'),
	    ('Utrecht', 'Oudegracht 112', '3511 AW', 'NL', 'EUR', '2021-02-08'),
	    ('Zürich', 'Niederdorfstrasse 51', '8001', 'CH', 'CHF', '2022-11-18'))
	    AS v(city, street, postcode, country, currency, opened);
	INSERT INTO shop.staff (store, person, role)
	SELECT s.id, p.id, CASE p.n WHEN 1 THEN 'manager' ELSE 'clerk' END
	    ::shop.staff_role
	FROM unnest(p_persons) WITH ORDINALITY p(id, n)
	JOIN (SELECT t.id, row_number() OVER (ORDER BY t.id) AS n
	    FROM shop.stores t WHERE t.organization = p_organization) s
	    ON p.n = 1 OR (s.n - 1) / 2 = (p.n - 2) % 4;
END
$$;

CREATE OR REPLACE FUNCTION shop.load_products(p_organization uuid)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO shop.categories (name, title, parent) VALUES
	    ('kitchen', 'Kitchen', NULL), ('coffee', 'Coffee and tea', 'kitchen'),
	    ('knives', 'Knives', 'kitchen'), ('garden', 'Garden', NULL),
	    ('seeds', 'Seeds', 'garden'), ('paper', 'Paper and pens', NULL)
	ON CONFLICT DO NOTHING;
	INSERT INTO shop.products (organization, sku, name, category, price,
	    stock, tags)
	SELECT p_organization, upper(left(k.category, 3)) || '-'
	    || to_char(i, 'FM0000'), shop.pick('colour', i,
		'{Blue,Green,Grey,Red,White,Black,Ochre,Plain}') || ' '
	    || shop.pick('thing', i, k.things), k.category,
	    k.base + shop.dice('price', i, k.base * 300) / 100.0,
	    shop.dice('stock', i, 250), array_remove(ARRAY[
		CASE WHEN shop.dice('new', i, 6) = 0 THEN 'new' END,
		CASE WHEN shop.dice('gift', i, 4) = 0 THEN 'gift' END,
		CASE WHEN shop.dice('last', i, 9) = 0 THEN 'last-pieces' END], NULL)
	FROM generate_series(1, 120) i
	JOIN (VALUES
	    (0, 'coffee', 18, '{mug,teapot,grinder,filter,kettle,tin}'::text[]),
	    (1, 'knives', 30, '{paring knife,bread knife,whetstone,cleaver}'),
	    (2, 'kitchen', 12, '{bowl,board,pan,jar,sieve,apron}'),
	    (3, 'seeds', 2, '{poppies,beans,tomatoes,basil,radishes}'),
	    (4, 'garden', 15, '{spade,gloves,watering can,trowel,lantern}'),
	    (5, 'paper', 4, '{notebook,pencils,envelopes,calendar,ink}'))
	    AS k(n, category, base, things) ON k.n = i % 6;
END
$$;

CREATE OR REPLACE FUNCTION shop.load_customers(p_organization uuid,
    p_count int4)
RETURNS void LANGUAGE sql AS $$
	INSERT INTO shop.customers (organization, store, name, email, address,
	    newsletter, since)
	SELECT p_organization, s.id, n.first || ' ' || n.last,
	    lower(n.first || '.' || n.last) || i || '@example.'
		|| shop.pick('mail', i, '{com,org,net}'),
	    ROW(shop.pick('street', i, '{Mill Lane,Station Road,Church Street,Park Avenue,Hill Road,Harbour Quay}')
		|| ' ' || 1 + shop.dice('house', i, 180),
		to_char(1000 + shop.dice('code', i, 9000), 'FM0000'),
		(s.address).city, (s.address).country)::shop.address,
	    shop.dice('letter', i, 3) = 0,
	    '2019-01-01'::date + shop.dice('since', i, 2500)
	FROM generate_series(1, p_count) i
	CROSS JOIN LATERAL (SELECT
	    shop.pick('first', i, '{Ana,Ben,Clara,David,Elif,Finn,Greta,Hugo,Ines,Jonas,Kaja,Liam,Maria,Nils,Olga,Pavel,Quentin,Rosa,Sven,Tomas,Ursula,Vera,Willem,Yara,Zofia}'),
	    shop.pick('last', i, '{Almeida,Bauer,Costa,Dahl,Eriksen,Fontana,Gruber,Horvat,Ivanova,Jansen,Kowalski,Lindqvist,Moreau,Novak,Oliveira,Petrov,Rossi,Silva,Tanaka,Urban,Visser,Weber,Yilmaz,Zeller}')
	    ) AS n(first, last)
	JOIN (SELECT t.*, row_number() OVER (ORDER BY t.id) - 1 AS n
	    FROM shop.stores t WHERE t.organization = p_organization) s
	    ON s.n = shop.dice('store', i, 8)
$$;

CREATE OR REPLACE FUNCTION shop.load_orders(p_organization uuid, p_count int4)
RETURNS void LANGUAGE sql AS $$
	WITH customer AS (
		SELECT c.id, c.store, row_number() OVER (ORDER BY c.id) - 1 AS n,
		    count(*) OVER () AS all_of_them
		FROM shop.customers c WHERE c.organization = p_organization
	), made AS (
		INSERT INTO shop.orders (organization, store, customer, status,
		    ordered_at, note)
		SELECT p_organization, c.store, c.id, CASE
		    WHEN i > p_count - 20 THEN 'new'
		    WHEN i > p_count - 60 THEN 'paid'
		    WHEN i > p_count - 120 THEN 'shipped'
		    WHEN shop.dice('status', i, 25) = 0 THEN 'returned'
		    WHEN shop.dice('status', i, 25) = 1 THEN 'cancelled'
		    ELSE 'delivered' END::shop.order_status,
		    '2025-01-01 08:00Z'::timestamptz
			+ i * (interval '500 days' / p_count)
			+ shop.dice('minute', i, 600) * interval '1 minute',
		    shop.pick('note', i, '{NULL,NULL,NULL,NULL,NULL,Leave it with the neighbour,As a gift please,Ring twice}')
		FROM generate_series(1, p_count) i
		JOIN customer c ON c.n = (shop.dice('a', i, 1000)
		    * shop.dice('b', i, 1000)::int8 * c.all_of_them / 1000000)
		ORDER BY i
		RETURNING id
	), product AS (
		SELECT p.id, p.price, row_number() OVER (ORDER BY p.id) - 1 AS n
		FROM shop.products p WHERE p.organization = p_organization
	)
	INSERT INTO shop.items (orders, product, quantity, price)
	SELECT o.id, p.id, 1 + shop.dice('quantity', o.n * 10 + l, 3), p.price
	FROM (SELECT id, row_number() OVER (ORDER BY id)::int4 AS n FROM made) o
	CROSS JOIN LATERAL generate_series(0, shop.dice('lines', o.n, 4)) l
	JOIN product p ON p.n = shop.dice('product', o.n * 10 + l, 120)
	ORDER BY o.n, l
$$;

CREATE OR REPLACE FUNCTION shop.load_segments(p_organization uuid,
    p_persons uuid[])
RETURNS void LANGUAGE sql AS $$
	WITH made AS (
		INSERT INTO shop.segments (organization, person, name, description,
		    changed_at)
		SELECT p_organization,
		    p_persons[1 + (v.n - 1) % cardinality(p_persons)], v.name,
		    v.description, '2026-05-01 09:00Z'::timestamptz + v.n * interval '1 day'
		FROM (VALUES
		    (1, 'Regulars', 'Five orders or more'),
		    (2, 'Newsletter readers', 'Asked for the newsletter'),
		    (3, 'Coffee lovers', 'Bought something for coffee or tea'),
		    (4, 'Big baskets', 'Spent 300 or more'),
		    (5, 'Old friends', 'With us since before 2021'),
		    (6, 'Sleepers', 'No order since the beginning of 2026'))
		    AS v(n, name, description)
		WHERE cardinality(p_persons) > 0
		RETURNING id, name
	)
	INSERT INTO shop.rules (segment, place, field, test, value)
	SELECT m.id, v.place, v.field::shop.rule_field, v.test::shop.rule_test,
	    v.value
	FROM made m JOIN (VALUES
	    ('Regulars', 1, 'orders', 'at least', '5'),
	    ('Newsletter readers', 1, 'newsletter', 'is', 'true'),
	    ('Coffee lovers', 1, 'category', 'is', 'coffee'),
	    ('Big baskets', 1, 'revenue', 'at least', '300'),
	    ('Big baskets', 2, 'orders', 'at most', '10'),
	    ('Old friends', 1, 'since', 'at most', '2020-12-31'),
	    ('Sleepers', 1, 'last_order', 'at most', '2025-12-31'),
	    ('Sleepers', 2, 'orders', 'at least', '1'))
	    AS v(name, place, field, test, value) ON v.name = m.name
$$;

-- Loads an organization that has no rows yet; says how many it has.
CREATE OR REPLACE FUNCTION shop.load(p_organization uuid, p_persons uuid[],
    p_customers int4 DEFAULT 600, p_orders int4 DEFAULT 3000)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM shop.stores WHERE organization = p_organization) THEN
		PERFORM shop.load_stores(p_organization, p_persons),
		    shop.load_products(p_organization),
		    shop.load_customers(p_organization, p_customers),
		    shop.load_orders(p_organization, p_orders),
		    shop.load_segments(p_organization, p_persons);
	END IF;
	RETURN format('%s customers, %s orders', (SELECT count(*)
	    FROM shop.customers WHERE organization = p_organization),
	    (SELECT count(*) FROM shop.orders WHERE organization = p_organization));
END
$$;
