-- Segments: groups of customers by rules; the procedures that write.

CREATE OR REPLACE FUNCTION shop.segments(search shop.search DEFAULT NULL)
RETURNS SETOF shop.segment_view LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT s.id, s.name, s.description,
	    coalesce(s.person = grantd.person(), false), s.changed_at,
	    ARRAY(SELECT ROW(r.field, r.test, r.value)::shop.rule
		FROM shop.rules r WHERE r.segment = s.id ORDER BY r.place)
	FROM shop.segments s
	WHERE segments.search IS NULL
	OR strpos(lower(s.name), lower(segments.search)) > 0;
END;
COMMENT ON FUNCTION shop.segments IS
'Segments
Your segments of customers with their rules; with the right to write segments,
also those of your colleagues.
@param search part of the name
@example {"arguments": {}}';

CREATE OR REPLACE FUNCTION shop.get_segment(id int4)
RETURNS shop.segment_view LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	shop.segment_view;
BEGIN
	SELECT s.* INTO v FROM shop.segments() s WHERE s.id = get_segment.id;
	IF NOT FOUND THEN
		PERFORM grantd.problem(404, 'segment_not_found',
		    format('There is no segment %s, or you may not see it.', id));
	END IF;
	RETURN v;
END
$$;
COMMENT ON FUNCTION shop.get_segment IS
'One segment
@param id number of the segment';

CREATE OR REPLACE FUNCTION shop.check_rules(p_rules shop.rule[]) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
	r	shop.rule;
BEGIN
	IF coalesce(cardinality(p_rules), 0) NOT BETWEEN 1 AND 10 THEN
		PERFORM grantd.problem(422, 'bad_rules',
		    'A segment has 1 to 10 rules.');
	END IF;
	FOREACH r IN ARRAY p_rules LOOP
		IF r.field IS NULL OR r.test IS NULL OR coalesce(r.value, '') = ''
		    OR (r.test IN ('at least', 'at most') AND r.field NOT IN
			('since', 'orders', 'revenue', 'last_order'))
		    OR (r.field IN ('orders', 'revenue')
			AND r.value !~ '^[0-9]{1,9}(\.[0-9]{1,2})?$')
		    OR (r.field IN ('since', 'last_order')
			AND r.value !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$')
		    OR (r.field = 'newsletter'
			AND r.value NOT IN ('true', 'false')) THEN
			PERFORM grantd.problem(422, 'bad_rule', format(
			    'The rule "%s %s %s" makes no sense.', r.field, r.test,
			    r.value), to_jsonb(r));
		END IF;
	END LOOP;
END
$$;

-- Whether two values stand as the rule says.
CREATE OR REPLACE FUNCTION shop.rule_holds(p_rule shop.rule, p_is anyelement,
    p_value anyelement)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(CASE p_rule.test WHEN 'is' THEN p_is = p_value
	    WHEN 'is not' THEN p_is <> p_value
	    WHEN 'at least' THEN p_is >= p_value
	    ELSE p_is <= p_value END, p_rule.test = 'is not')
$$;

CREATE OR REPLACE FUNCTION shop.segment_preview(rules shop.rule[])
RETURNS SETOF shop.customer_detail LANGUAGE plpgsql STABLE ROWS 100 AS $$
BEGIN
	PERFORM shop.check_rules(rules);
	RETURN QUERY SELECT c.id, c.name, c.email, c.address, c.store,
	    c.newsletter, c.since, coalesce(f.orders, 0),
	    coalesce(f.revenue, 0), f.last_order
	FROM shop.customers c
	LEFT JOIN (
		SELECT o.customer, count(DISTINCT o.id) AS orders,
		    sum(i.quantity * i.price) AS revenue,
		    max(o.ordered_at) AS last_order,
		    array_agg(DISTINCT p.category) AS categories
		FROM shop.orders o JOIN shop.items i ON i.orders = o.id
		JOIN shop.products p ON p.id = i.product
		WHERE o.status <> 'cancelled' GROUP BY o.customer
	) f ON f.customer = c.id
	WHERE NOT EXISTS (SELECT FROM unnest(segment_preview.rules) r
	    WHERE NOT CASE r.field
	    WHEN 'country' THEN shop.rule_holds(r, lower((c.address).country),
		lower(r.value))
	    WHEN 'city' THEN shop.rule_holds(r, lower((c.address).city),
		lower(r.value))
	    WHEN 'newsletter' THEN shop.rule_holds(r, c.newsletter,
		r.value::boolean)
	    WHEN 'since' THEN shop.rule_holds(r, c.since, r.value::date)
	    WHEN 'orders' THEN shop.rule_holds(r,
		coalesce(f.orders, 0)::numeric, r.value::numeric)
	    WHEN 'revenue' THEN shop.rule_holds(r, coalesce(f.revenue, 0),
		r.value::numeric)
	    WHEN 'last_order' THEN shop.rule_holds(r, f.last_order::date,
		r.value::date)
	    ELSE (r.value = ANY (coalesce(f.categories, '{}')))
		= (r.test = 'is') END)
	ORDER BY c.id;
END
$$;
COMMENT ON FUNCTION shop.segment_preview IS
'Who would be in a segment
The customers that rules hold for, without keeping them as a segment.
@param rules all of them must hold
@example {"arguments": {"rules": [{"field": "orders", "test": "at least", "value": "5"}, {"field": "country", "test": "is", "value": "IE"}]}}';

-- Refuses with a word that helps: 404 what cannot be seen, 403 what is not own.
CREATE OR REPLACE FUNCTION shop.must_own(p_segment int4) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF NOT (shop.get_segment(p_segment)).own THEN
		PERFORM grantd.problem(403, 'not_your_segment',
		    'Only who made a segment can change it.');
	END IF;
END
$$;

CREATE OR REPLACE FUNCTION shop.create_segment(name text, rules shop.rule[],
    description text DEFAULT '')
RETURNS shop.segment_view LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	v_id	int4;
BEGIN
	PERFORM shop.check_rules(rules);
	INSERT INTO shop.segments (name, description)
	VALUES (create_segment.name, coalesce(create_segment.description, ''))
	RETURNING id INTO v_id;
	INSERT INTO shop.rules (segment, place, field, test, value)
	SELECT v_id, u.place, u.field, u.test, u.value
	FROM unnest(rules) WITH ORDINALITY u(field, test, value, place);
	RETURN shop.get_segment(v_id);
END
$$;
COMMENT ON FUNCTION shop.create_segment IS
'Create a segment
@param name not taken yet in your organization
@param rules all of them must hold
@param description what it is for
@example {"arguments": {"name": "Irish regulars", "rules": [{"field": "country", "test": "is", "value": "IE"}, {"field": "orders", "test": "at least", "value": "5"}]}}';

CREATE OR REPLACE FUNCTION shop.update_segment(id int4,
    name text DEFAULT NULL, description text DEFAULT NULL,
    rules shop.rule[] DEFAULT NULL)
RETURNS shop.segment_view LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT shop.must_own(update_segment.id),
	    CASE WHEN update_segment.rules IS NOT NULL
		THEN shop.check_rules(update_segment.rules) END;
	UPDATE shop.segments s SET name = coalesce(update_segment.name, s.name),
	    description = coalesce(update_segment.description, s.description),
	    changed_at = now()
	WHERE s.id = update_segment.id;
	DELETE FROM shop.rules r WHERE r.segment = update_segment.id
	AND update_segment.rules IS NOT NULL;
	INSERT INTO shop.rules (segment, place, field, test, value)
	SELECT update_segment.id, u.place, u.field, u.test, u.value
	FROM unnest(update_segment.rules)
	    WITH ORDINALITY u(field, test, value, place);
	SELECT * FROM shop.get_segment(update_segment.id);
END;
COMMENT ON FUNCTION shop.update_segment IS
'Change a segment
What is left out stays as it is; rules are replaced as a whole.
@param id number of the segment
@param name another name
@param description another description
@param rules other rules';

CREATE OR REPLACE FUNCTION shop.delete_segment(id int4) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT shop.must_own(delete_segment.id);
	DELETE FROM shop.segments s WHERE s.id = delete_segment.id;
END;
COMMENT ON FUNCTION shop.delete_segment IS
'Delete a segment
Its rules go with it; customers stay.
@param id number of the segment';

-- What the published ones call in their turn.
GRANT EXECUTE ON FUNCTION shop.check_rules(shop.rule[]),
    shop.rule_holds(shop.rule, anyelement, anyelement), shop.must_own(int4)
    TO grantd_app;
