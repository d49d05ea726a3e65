-- What the procedures of the shop take and give.

CREATE TYPE shop.order_line AS (
	product		int4,
	sku		shop.sku,
	name		text,
	quantity	int4,
	price		shop.money
);
COMMENT ON TYPE shop.order_line IS 'One line of an order';
COMMENT ON COLUMN shop.order_line.price IS 'Of one piece, when it was ordered';

CREATE TYPE shop.order_view AS (
	id		int4,
	ordered_at	timestamptz,
	status		shop.order_status,
	store		int4,
	customer	int4,
	customer_name	text,
	total		shop.money,
	note		text,
	items		shop.order_line[]
);

CREATE TYPE shop.store_view AS (
	id		int4,
	name		text,
	address		shop.address,
	currency	text,
	opened_on	date,
	works_here	boolean
);
COMMENT ON COLUMN shop.store_view.works_here IS
    'Whether you do: then you see its customers and orders';

CREATE TYPE shop.customer_view AS (
	id		int4,
	name		text,
	email		shop.email,
	address		shop.address,
	store		int4,
	newsletter	boolean,
	since		date
);

CREATE TYPE shop.customer_detail AS (
	id		int4,
	name		text,
	email		shop.email,
	address		shop.address,
	store		int4,
	newsletter	boolean,
	since		date,
	orders		int8,
	revenue		numeric,
	last_order	timestamptz
);

CREATE TYPE shop.product_view AS (
	id		int4,
	sku		shop.sku,
	name		text,
	category	text,
	price		shop.money,
	stock		int4,
	tags		text[]
);

CREATE TYPE shop.rule AS (
	field		shop.rule_field,
	test		shop.rule_test,
	value		text
);
COMMENT ON TYPE shop.rule IS 'A condition of a segment; all of them must hold';
COMMENT ON COLUMN shop.rule.value IS
    'A number for orders and revenue, a date for since and last_order, true or false for newsletter, else a word';

CREATE TYPE shop.segment_view AS (
	id		int4,
	name		text,
	description	text,
	own		boolean,
	changed_at	timestamptz,
	rules		shop.rule[]
);
COMMENT ON COLUMN shop.segment_view.own IS 'Whether you may change it';

CREATE TYPE shop.summary_by AS ENUM ('day', 'month', 'store', 'category',
    'status');

CREATE TYPE shop.export AS (
	rows		int4,
	csv		text
);
COMMENT ON COLUMN shop.export.csv IS 'Comma-separated, with a heading';
