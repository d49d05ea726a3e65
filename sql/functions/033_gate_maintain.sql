-- Forgets what is over, a little at a time; nothing that a request needs
-- waits for it.  Called every half minute; one worker at a time.

-- Empties the slot whose period is over, if nobody holds it.  The lock is
-- asked for at most 20 ms, for requests queue behind it meanwhile; a long
-- transaction that has read the ring makes it give up until the next call.
-- Late in a period it keeps away: tokens of a clock that is ahead may already
-- be written there (gate.slots_now).
CREATE FUNCTION gate.truncate_slot() RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	v_now	int8 := floor(extract(epoch FROM clock_timestamp()))::int8;
	v_slot	int4 := (v_now / core.slot_length() + 7) % 8;
	v_any	boolean;
	v_live	boolean;
BEGIN
	IF v_now % core.slot_length() >= core.slot_length() * 3 / 4 THEN
		RETURN 'late';
	END IF;
	EXECUTE format('SELECT EXISTS (SELECT FROM token.access_token_%s)', v_slot)
	    INTO v_any;
	IF NOT v_any THEN
		RETURN 'empty';
	END IF;
	EXECUTE format('SELECT EXISTS (SELECT FROM token.access_token_%s '
	    'WHERE expires_at > clock_timestamp())', v_slot) INTO v_live;
	IF v_live THEN
		RETURN 'live';
	END IF;
	PERFORM set_config('lock_timeout', '20', true);
	BEGIN
		EXECUTE format('TRUNCATE token.access_token_%s', v_slot);
		RETURN 'truncated';
	EXCEPTION WHEN lock_not_available THEN
		RETURN 'busy';
	END;
END
$$;

CREATE FUNCTION gate.setting_interval(p_name text) RETURNS interval
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN make_interval(secs => (SELECT s.value FROM core.setting s
	    WHERE s.name = p_name));
END
$$;

-- What it did, as JSON; null: another worker is at it.
CREATE FUNCTION gate.maintain() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_families int8; v_uses int8; v_counters int8; v_refused int8;
	v_siem int8; v_sink int8;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtext('grantd maintain')) THEN
		RETURN NULL;
	END IF;
	DELETE FROM token.family f USING (
		SELECT organization, id FROM token.family
		WHERE ended_at < now() - gate.setting_interval('family_retention')
		OR (token_type <> 'default' AND expires_at
		    < now() - gate.setting_interval('family_retention'))
		LIMIT 1000 FOR UPDATE SKIP LOCKED) d
	WHERE f.organization = d.organization AND f.id = d.id;
	GET DIAGNOSTICS v_families = ROW_COUNT;
	DELETE FROM token.successor_use u USING (
		SELECT ctid FROM token.successor_use
		WHERE at < now() - interval '1 day' - gate.refresh_grace()
		LIMIT 1000) d
	WHERE u.ctid = d.ctid;
	GET DIAGNOSTICS v_uses = ROW_COUNT;
	DELETE FROM audit.unknown_credential u USING (
		SELECT minute, peer, code FROM audit.unknown_credential
		WHERE minute < now() - gate.setting_interval('counter_retention')
		LIMIT 1000) d
	WHERE u.minute = d.minute AND u.peer = d.peer AND u.code = d.code;
	GET DIAGNOSTICS v_counters = ROW_COUNT;
	DELETE FROM audit.refused_client u USING (
		SELECT t.ctid FROM audit.refused_client t
		WHERE t.minute < now() - gate.setting_interval('counter_retention')
		LIMIT 1000) d
	WHERE u.ctid = d.ctid;
	GET DIAGNOSTICS v_refused = ROW_COUNT;
	DELETE FROM connector.siem_event e USING (
		SELECT organization, integration, id FROM connector.siem_event
		WHERE created_at < now() - gate.setting_interval('connector_retention')
		LIMIT 1000) d
	WHERE e.organization = d.organization
	AND e.integration = d.integration AND e.id = d.id;
	GET DIAGNOSTICS v_siem = ROW_COUNT;
	DELETE FROM connector.sink_event e USING (
		SELECT organization, integration, id FROM connector.sink_event
		WHERE created_at < now() - gate.setting_interval('connector_retention')
		LIMIT 1000) d
	WHERE e.organization = d.organization
	AND e.integration = d.integration AND e.id = d.id;
	GET DIAGNOSTICS v_sink = ROW_COUNT;
	-- Last: the lock of a truncation lasts to the end of the transaction.
	RETURN json_build_object('families', v_families, 'uses', v_uses,
	    'counters', v_counters + v_refused, 'siem_events', v_siem,
	    'sink_events', v_sink, 'people', gate.maintain_people(),
	    'oauth', gate.maintain_oauth(),
	    'published', gate.maintain_publish(), 'slot', gate.truncate_slot())::text;
END
$$;
