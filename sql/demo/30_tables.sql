-- The tables of the shop.  Rows belong to an organization of grantd, and most
-- of them to a store, whose staff are persons of grantd.

CREATE SCHEMA IF NOT EXISTS shop;
COMMENT ON SCHEMA shop IS 'a small shop: stores, customers, orders, products, segments';

CREATE DOMAIN shop.email AS text CHECK (VALUE ~ '^[^@\s]+@[^@\s]+\.[^@\s]+$')
    CHECK (length(VALUE) <= 254);
COMMENT ON DOMAIN shop.email IS 'An e-mail address';
CREATE DOMAIN shop.country AS text CHECK (VALUE ~ '^[A-Z]{2}$');
COMMENT ON DOMAIN shop.country IS 'A country, ISO 3166-1 alpha-2';
CREATE DOMAIN shop.sku AS text CHECK (VALUE ~ '^[A-Z]{3}-[0-9]{4}$');
COMMENT ON DOMAIN shop.sku IS 'Number of a product, as it stands on its label';
CREATE DOMAIN shop.money AS numeric(12,2) CHECK (VALUE >= 0);
COMMENT ON DOMAIN shop.money IS 'An amount in the currency of the store';
CREATE DOMAIN shop.search AS text CHECK (length(VALUE) BETWEEN 1 AND 100);
COMMENT ON DOMAIN shop.search IS 'Words to look for; capital letters do not matter';

CREATE TYPE shop.order_status AS ENUM ('new', 'paid', 'shipped', 'delivered',
    'returned', 'cancelled');
CREATE TYPE shop.staff_role AS ENUM ('manager', 'clerk');
CREATE TYPE shop.address AS (
	street		text,
	postcode	text,
	city		text,
	country		shop.country
);
COMMENT ON TYPE shop.address IS 'A postal address';

CREATE TABLE shop.stores (
	id		int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	organization	uuid NOT NULL DEFAULT grantd.organization(),
	name		text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
	address		shop.address NOT NULL,
	currency	text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	opened_on	date NOT NULL
);
CREATE INDEX stores_organization ON shop.stores (organization, id);

CREATE TABLE shop.staff (
	store		int4 NOT NULL REFERENCES shop.stores,
	person		uuid NOT NULL,
	role		shop.staff_role NOT NULL DEFAULT 'clerk',
	PRIMARY KEY (person, store)
);
CREATE INDEX staff_store ON shop.staff (store);
COMMENT ON TABLE shop.staff IS 'who works where, and so sees customers and orders';

CREATE TABLE shop.categories (
	name		text PRIMARY KEY CHECK (name ~ '^[a-z][a-z-]*$'),
	title		text NOT NULL,
	parent		text REFERENCES shop.categories
);

CREATE TABLE shop.products (
	id		int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	organization	uuid NOT NULL DEFAULT grantd.organization(),
	sku		shop.sku NOT NULL,
	name		text NOT NULL,
	category	text NOT NULL REFERENCES shop.categories,
	price		shop.money NOT NULL,
	stock		int4 NOT NULL CHECK (stock >= 0),
	tags		text[] NOT NULL DEFAULT '{}',
	UNIQUE (organization, sku)
);
CREATE INDEX products_category ON shop.products (organization, category, id);

CREATE TABLE shop.customers (
	id		int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	organization	uuid NOT NULL DEFAULT grantd.organization(),
	store		int4 NOT NULL REFERENCES shop.stores,
	name		text NOT NULL,
	email		shop.email NOT NULL,
	address		shop.address NOT NULL,
	newsletter	boolean NOT NULL DEFAULT false,
	since		date NOT NULL
);
CREATE INDEX customers_organization ON shop.customers (organization, id);
CREATE INDEX customers_store ON shop.customers (store, id);

CREATE TABLE shop.orders (
	id		int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	organization	uuid NOT NULL DEFAULT grantd.organization(),
	store		int4 NOT NULL REFERENCES shop.stores,
	customer	int4 NOT NULL REFERENCES shop.customers,
	status		shop.order_status NOT NULL DEFAULT 'new',
	ordered_at	timestamptz NOT NULL,
	note		text
);
CREATE INDEX orders_organization ON shop.orders (organization, id);
CREATE INDEX orders_store ON shop.orders (store, id);
CREATE INDEX orders_customer ON shop.orders (customer);
CREATE INDEX orders_time ON shop.orders (organization, ordered_at);

CREATE TABLE shop.items (
	id		int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	orders		int4 NOT NULL REFERENCES shop.orders ON DELETE CASCADE,
	product		int4 NOT NULL REFERENCES shop.products,
	quantity	int4 NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
	price		shop.money NOT NULL
);
CREATE INDEX items_orders ON shop.items (orders);
CREATE INDEX items_product ON shop.items (product);

-- Groups of customers by rules, which somebody made up and keeps.
CREATE TYPE shop.rule_field AS ENUM ('country', 'city', 'newsletter', 'since',
    'orders', 'revenue', 'last_order', 'category');
CREATE TYPE shop.rule_test AS ENUM ('is', 'is not', 'at least', 'at most');

CREATE TABLE shop.segments (
	id		int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	organization	uuid NOT NULL DEFAULT grantd.organization(),
	person		uuid DEFAULT grantd.person(),
	name		text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
	description	text NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
	changed_at	timestamptz NOT NULL DEFAULT now(),
	UNIQUE (organization, name)
);
COMMENT ON COLUMN shop.segments.person IS 'who made it, and may change it';
CREATE INDEX segments_person ON shop.segments (person);

CREATE TABLE shop.rules (
	segment		int4 NOT NULL REFERENCES shop.segments ON DELETE CASCADE,
	place		int4 NOT NULL,
	field		shop.rule_field NOT NULL,
	test		shop.rule_test NOT NULL,
	value		text NOT NULL CHECK (length(value) BETWEEN 1 AND 100),
	PRIMARY KEY (segment, place)
);
