-- Every statement that the broker sends, by name.  A build step makes an
-- enum and a table of this file; tests prepare each statement as the role
-- that runs it.  One statement, one step of a protocol: what belongs
-- together is one function.
--
-- Form:
--   query      the name; C calls it QUERY_<NAME>
--   role       login: as grantd_broker itself; api: after the switch to
--              grantd_api, behind gate_enter in the same pipeline unit
--   operation  the operation that it serves and its class
--              (read or readbatch, write, plan or planbatch, commit or
--              batch)
--   params     type names in order
--   binds      where each parameter comes from (src/broker/bind.h); calls
--              and plans take args, commits the usual nine, unless they say
--   columns    name and type in order
--
-- Secrets are never parameters.  Where a body shows a new secret, SQL writes
-- chr(1) || '0' (access token) or chr(1) || '1' (refresh secret).

-- query: gate_enter
-- role: login
-- params: bytea, int4, int8, uuid, text, text, uuid, int4, text, text, text, text, bytea, bytea, bytea, int8, uuid, text
-- binds: credential, credential_kind, hint_expiry, hint_family, operation, phase
-- binds: request_id, timeout, peer, method, path, client, csrf_want, csrf_given
-- binds: secret, secret_expiry, secret_family, assertion
-- columns: entered void, search_path text, role text
SELECT gate.enter($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
	$15, $16, $17, $18),
    CASE current_setting('search_path') WHEN 'pg_catalog, pg_temp' THEN ''
	ELSE set_config('search_path', 'pg_catalog, pg_temp', true) END,
    set_config('role', 'grantd_api', true);

-- query: gate_refusals
-- role: login
-- params: bytea[], int4[], int8[], uuid[], text[], uuid[], text[], text[], text[], int4[], text[], text[], bytea[], uuid[]
-- binds: credential, credential_kind, hint_expiry, hint_family, operation
-- binds: request_id, peer, method, path, status, code, client, secret
-- binds: secret_family
-- columns: refusals void
SELECT gate.refusals($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
	$14);

-- The keys that may have signed a client's assertion: DER of X.509 (SPKI).
-- query: gate_assertion_key
-- role: login
-- params: text, text
-- binds: client, header
-- columns: alg text, spki bytea
SELECT alg, spki FROM gate.assertion_key($1, $2);

-- query: gate_version
-- role: login
-- params:
-- columns: version int4
SELECT gate.version();

-- The switch alone: what runs as the API's role is prepared behind it.
-- query: become_api
-- role: login
-- params:
-- columns: role text
SELECT set_config('role', 'grantd_api', true);

-- Only ever of a backend of the broker's own read lane.
-- query: cancel_backend
-- role: login
-- params: int4
-- columns: cancelled bool
SELECT pg_cancel_backend($1);

-- query: gate_maintain
-- role: login
-- params:
-- columns: maintained text
SELECT gate.maintain();

-- query: gate_publish_key
-- role: login
-- params: text, text, text, bytea
-- columns: published void
SELECT gate.publish_key($1, $2, $3, $4);

-- query: gate_signing_keys
-- role: login
-- params:
-- columns: kid text, alg text, jwk text, mac bytea, stale bool
SELECT kid, alg, jwk, mac, stale FROM gate.signing_keys();

-- What is published, for the broker and for its frontend.  The first row
-- has the text for frontends, the others a procedure each.
-- query: gate_catalogue
-- role: login
-- params:
-- columns: generation int8, body text, name text, writes bool, timeout_ms int4, trusted bool
SELECT generation, body, name, writes, timeout_ms, trusted
FROM gate.catalogue();

-- query: gate_catalogue_generation
-- role: login
-- params:
-- columns: generation int8
SELECT gate.catalogue_generation();

-- query: gate_catalogue_follow
-- role: login
-- params: text
-- columns: changed int4, versions text
SELECT changed, versions FROM gate.catalogue_follow($1);

-- query: gate_lint
-- role: login
-- params:
-- columns: severity text, object text, problem text, remedy text
SELECT severity, object, problem, remedy FROM gate.lint();

-- Of a published procedure.  Which one is in the context: its operation, by
-- the name of a door ("api:shop.orders"), is what the gate let in.  What the
-- broker may cancel and repeat shall not write, also when the procedure has
-- become one that does a moment ago.
-- query: procedure_read
-- role: api
-- operation: procedure.read read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.procedure_call($1)
WHERE current_setting('transaction_read_only') = 'on'
UNION ALL
SELECT 503, '' WHERE current_setting('transaction_read_only') <> 'on';

-- query: procedure_write
-- role: api
-- operation: procedure.write write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.procedure_call($1);

-- query: api_visible
-- role: api
-- operation: api.visible read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.api_visible($1);

-- query: mcp_visible
-- role: api
-- operation: mcp.visible read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.mcp_visible($1);

-- query: organization_get
-- role: api
-- operation: organization.get read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.organization_get($1);

-- query: account_list
-- role: api
-- operation: account.list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.account_list($1);

-- query: account_create
-- role: api
-- operation: account.create write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.account_create($1);

-- query: account_get
-- role: api
-- operation: account.get read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.account_get($1);

-- query: account_update
-- role: api
-- operation: account.update write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.account_update($1);

-- query: account_patch
-- role: api
-- operation: account.patch write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.account_patch($1);

-- query: account_delete
-- role: api
-- operation: account.delete write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.account_delete($1);

-- query: integration_list
-- role: api
-- operation: integration.list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.integration_list($1);

-- query: integration_create_plan
-- role: api
-- operation: integration.create plan
-- params: jsonb
-- columns: kind int4, audience int4, refresh int4, ttl int4, organization uuid, family uuid, generation int4, subject text, client_id text, scope text, seed_key int4, seed bytea, carry jsonb
SELECT kind, audience, refresh, ttl, organization, family, generation,
    subject, client_id, scope, seed_key, seed, carry
FROM api.integration_create_plan($1);

-- query: integration_create_commit
-- role: api
-- operation: integration.create commit
-- params: jsonb, jsonb, uuid, bytea, int8, int8, bytea, bytea, int4
-- columns: status int4, body text
SELECT status, body
FROM api.integration_create_commit($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- query: integration_verify_new
-- role: api
-- operation: integration.verify_new read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.integration_verify_new($1);

-- query: integration_verify
-- role: api
-- operation: integration.verify read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.integration_verify($1);

-- query: integration_get
-- role: api
-- operation: integration.get read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.integration_get($1);

-- query: integration_update
-- role: api
-- operation: integration.update write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.integration_update($1);

-- query: integration_patch
-- role: api
-- operation: integration.patch write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.integration_patch($1);

-- query: integration_delete
-- role: api
-- operation: integration.delete write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.integration_delete($1);

-- query: token_list
-- role: api
-- operation: token.list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.token_list($1);

-- query: token_info
-- role: api
-- operation: token.info read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.token_info($1);

-- query: token_create_plan
-- role: api
-- operation: token.create plan
-- params: jsonb
-- columns: kind int4, audience int4, refresh int4, ttl int4, organization uuid, family uuid, generation int4, subject text, client_id text, scope text, seed_key int4, seed bytea, carry jsonb
SELECT kind, audience, refresh, ttl, organization, family, generation,
    subject, client_id, scope, seed_key, seed, carry
FROM api.token_create_plan($1);

-- query: token_create_commit
-- role: api
-- operation: token.create commit
-- params: jsonb, jsonb, uuid, bytea, int8, int8, bytea, bytea, int4
-- columns: status int4, body text
SELECT status, body
FROM api.token_create_commit($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- One row for each element, in order; sqlstate is null where it succeeded.
-- query: token_issue_plan
-- role: login
-- operation: token.issue planbatch
-- params: bytea[], int4[], int8[], uuid[], jsonb[]
-- binds: credential, credential_kind, hint_expiry, hint_family, args
-- columns: kind int4, audience int4, refresh int4, ttl int4, organization uuid, family uuid, generation int4, subject text, client_id text, scope text, seed_key int4, seed bytea, carry text, sqlstate text, message text, detail text, hint text, code text, parameter text, location text, needs text
SELECT kind, audience, refresh, ttl, organization, family, generation,
    subject, client_id, scope, seed_key, seed, carry, sqlstate, message,
    detail, hint, code, parameter, location, needs
FROM gate.token_issue_plan($1, $2, $3, $4, $5);

-- query: token_issue_batch
-- role: login
-- operation: token.issue batch
-- params: bytea[], int4[], int8[], uuid[], text[], jsonb[], uuid[], bytea[], int8[]
-- binds: credential, credential_kind, hint_expiry, request_id, peer, carry
-- binds: jti, access_hash, exp
-- columns: status int4, body text, sqlstate text, message text, detail text, hint text, code text, parameter text, location text, scope text
SELECT status, body, sqlstate, message, detail, hint, code, parameter,
    location, scope
FROM gate.token_issue_batch($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- query: token_refresh_plan
-- role: api
-- operation: token.refresh plan
-- params: jsonb
-- columns: kind int4, audience int4, refresh int4, ttl int4, organization uuid, family uuid, generation int4, subject text, client_id text, scope text, seed_key int4, seed bytea, carry jsonb
SELECT kind, audience, refresh, ttl, organization, family, generation,
    subject, client_id, scope, seed_key, seed, carry
FROM api.token_refresh_plan($1);

-- query: token_refresh_commit
-- role: api
-- operation: token.refresh commit
-- params: jsonb, jsonb, uuid, bytea, int8, int8, bytea, bytea, int4
-- columns: status int4, body text
SELECT status, body
FROM api.token_refresh_commit($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- query: token_remove_secondary
-- role: api
-- operation: token.remove_secondary write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.token_remove_secondary($1);

-- query: token_rotate_plan
-- role: api
-- operation: token.rotate plan
-- params: jsonb
-- columns: kind int4, audience int4, refresh int4, ttl int4, organization uuid, family uuid, generation int4, subject text, client_id text, scope text, seed_key int4, seed bytea, carry jsonb
SELECT kind, audience, refresh, ttl, organization, family, generation,
    subject, client_id, scope, seed_key, seed, carry
FROM api.token_rotate_plan($1);

-- query: token_rotate_commit
-- role: api
-- operation: token.rotate commit
-- params: jsonb, jsonb, uuid, bytea, int8, int8, bytea, bytea, int4
-- columns: status int4, body text
SELECT status, body
FROM api.token_rotate_commit($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- query: token_reset_plan
-- role: api
-- operation: token.reset plan
-- params: jsonb
-- columns: kind int4, audience int4, refresh int4, ttl int4, organization uuid, family uuid, generation int4, subject text, client_id text, scope text, seed_key int4, seed bytea, carry jsonb
SELECT kind, audience, refresh, ttl, organization, family, generation,
    subject, client_id, scope, seed_key, seed, carry
FROM api.token_reset_plan($1);

-- query: token_reset_commit
-- role: api
-- operation: token.reset commit
-- params: jsonb, jsonb, uuid, bytea, int8, int8, bytea, bytea, int4
-- columns: status int4, body text
SELECT status, body
FROM api.token_reset_commit($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- query: token_delete
-- role: api
-- operation: token.delete write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.token_delete($1);

-- query: ticketing_project_list
-- role: api
-- operation: ticketing.project_list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.ticketing_project_list($1);

-- query: ticketing_ticket_list
-- role: api
-- operation: ticketing.ticket_list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.ticketing_ticket_list($1);

-- query: ticketing_ticket_create
-- role: api
-- operation: ticketing.ticket_create write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.ticketing_ticket_create($1);

-- query: ticketing_ticket_get
-- role: api
-- operation: ticketing.ticket_get read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.ticketing_ticket_get($1);

-- query: ticketing_ticket_patch
-- role: api
-- operation: ticketing.ticket_patch write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.ticketing_ticket_patch($1);

-- query: notifications_create
-- role: api
-- operation: notifications.create write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.notifications_create($1);

-- query: notifications_get
-- role: api
-- operation: notifications.get read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.notifications_get($1);

-- query: notifications_clear
-- role: api
-- operation: notifications.clear write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.notifications_clear($1);

-- query: siem_event_list
-- role: api
-- operation: siem.event_list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.siem_event_list($1);

-- query: siem_event_create
-- role: api
-- operation: siem.event_create write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.siem_event_create($1);

-- query: sink_event_create
-- role: api
-- operation: sink.event_create write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.sink_event_create($1);

-- query: storage_file_list
-- role: api
-- operation: storage.file_list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.storage_file_list($1);

-- The body is {"content": base64, "content_type": text, "name": text}.
-- query: storage_file_get
-- role: api
-- operation: storage.file_get read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.storage_file_get($1);

-- query: storage_file_put
-- role: api
-- operation: storage.file_put write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.storage_file_put($1);

-- query: storage_file_delete
-- role: api
-- operation: storage.file_delete write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.storage_file_delete($1);

-- query: organization_create
-- role: api
-- operation: organization.create write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.organization_create($1);

-- query: organization_list
-- role: api
-- operation: organization.list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.organization_list($1);

-- query: organization_token_create_plan
-- role: api
-- operation: organization.token_create plan
-- params: jsonb
-- columns: kind int4, audience int4, refresh int4, ttl int4, organization uuid, family uuid, generation int4, subject text, client_id text, scope text, seed_key int4, seed bytea, carry jsonb
SELECT kind, audience, refresh, ttl, organization, family, generation,
    subject, client_id, scope, seed_key, seed, carry
FROM api.organization_token_create_plan($1);

-- query: organization_token_create_commit
-- role: api
-- operation: organization.token_create commit
-- params: jsonb, jsonb, uuid, bytea, int8, int8, bytea, bytea, int4
-- columns: status int4, body text
SELECT status, body
FROM api.organization_token_create_commit($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- People, and the pages of administration.

-- query: page_frame
-- role: api
-- operation: page.frame read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.page_frame($1);

-- query: page_docs
-- role: api
-- operation: page.docs read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.page_frame($1);

-- query: session_new
-- role: api
-- operation: session.new read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.session_new($1);

-- query: session_create_plan
-- role: api
-- operation: session.create plan
-- params: jsonb
-- binds: args
-- columns: password_hash text, carry jsonb
SELECT password_hash, carry FROM gate.session_create_plan($1);

-- query: session_create_commit
-- role: api
-- operation: session.create commit
-- params: jsonb, jsonb, bool, text, bytea
-- binds: args, carry, password_ok, password_hash, fresh(gss_)
-- columns: status int4, body text
SELECT status, body FROM gate.session_create_commit($1, $2, $3, $4, $5);

-- query: session_end
-- role: api
-- operation: session.end write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.session_end($1);

-- query: session_confirm_plan
-- role: api
-- operation: session.confirm plan
-- params: jsonb
-- binds: args
-- columns: password_hash text, carry jsonb
SELECT password_hash, carry FROM gate.own_password_plan($1);

-- query: session_confirm_commit
-- role: api
-- operation: session.confirm commit
-- params: jsonb, jsonb, bool, text
-- binds: args, carry, password_ok, password_hash
-- columns: status int4, body text
SELECT status, body FROM gate.session_confirm_commit($1, $2, $3, $4);

-- query: session_list
-- role: api
-- operation: session.list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.session_list($1);

-- query: session_end_one
-- role: api
-- operation: session.end_one write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.session_end_one($1);

-- query: session_end_others
-- role: api
-- operation: session.end_others write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.session_end_others($1);

-- query: person_password_change_plan
-- role: api
-- operation: person.password_change plan
-- params: jsonb
-- binds: args
-- columns: password_hash text, carry jsonb
SELECT password_hash, carry FROM gate.own_password_plan($1);

-- query: person_password_change_commit
-- role: api
-- operation: person.password_change commit
-- params: jsonb, jsonb, bool, text
-- binds: args, carry, password_ok, password_hash
-- columns: status int4, body text
SELECT status, body FROM gate.person_password_change_commit($1, $2, $3, $4);

-- query: person_update
-- role: api
-- operation: person.update write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.person_update($1);

-- query: link_show
-- role: api
-- operation: link.show read
-- params: jsonb, bytea
-- binds: args, secret
-- columns: status int4, body text
SELECT status, body FROM gate.link_show($1, $2);

-- query: link_use_plan
-- role: api
-- operation: link.use plan
-- params: jsonb, bytea
-- binds: args, secret
-- columns: password_hash text, carry jsonb
SELECT password_hash, carry FROM gate.link_use_plan($1, $2);

-- query: link_use_commit
-- role: api
-- operation: link.use commit
-- params: jsonb, jsonb, bytea, text, bytea
-- binds: args, carry, secret, password_hash, fresh(gss_)
-- columns: status int4, body text
SELECT status, body FROM gate.link_use_commit($1, $2, $3, $4, $5);

-- query: link_join
-- role: api
-- operation: link.join write
-- params: jsonb, bytea
-- binds: args, secret
-- columns: status int4, body text
SELECT status, body FROM gate.link_answer($1, $2);

-- query: link_decline
-- role: api
-- operation: link.decline write
-- params: jsonb, bytea
-- binds: args, secret
-- columns: status int4, body text
SELECT status, body FROM gate.link_answer($1, $2);

-- query: organization_switch
-- role: api
-- operation: organization.switch write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.organization_switch($1);

-- query: member_create_plan
-- role: api
-- operation: member.create plan
-- params: jsonb
-- binds: args
-- columns: password_hash text, carry jsonb
SELECT password_hash, carry FROM gate.member_create_plan($1);

-- query: member_create_commit
-- role: api
-- operation: member.create commit
-- params: jsonb, text, bytea
-- binds: args, password_hash, fresh(gsl_)
-- columns: status int4, body text
SELECT status, body FROM gate.member_create_commit($1, $2, $3);

-- query: admin_home
-- role: api
-- operation: admin.home read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_home($1);

-- query: admin_organization_list
-- role: api
-- operation: admin.organization_list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_organization_list($1);

-- query: admin_organization_show
-- role: api
-- operation: admin.organization_show read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_organization_show($1);

-- query: admin_organization_create
-- role: api
-- operation: admin.organization_create write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_organization_create($1);

-- query: admin_organization_update
-- role: api
-- operation: admin.organization_update write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_organization_update($1);

-- query: admin_organization_disable
-- role: api
-- operation: admin.organization_disable write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_organization_disable($1);

-- query: admin_organization_enable
-- role: api
-- operation: admin.organization_enable write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_organization_enable($1);

-- query: admin_member_list
-- role: api
-- operation: admin.member_list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_member_list($1);

-- query: admin_member_show
-- role: api
-- operation: admin.member_show read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_member_show($1);

-- query: admin_member_new
-- role: api
-- operation: admin.member_new read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_member_new($1);

-- query: admin_member_add
-- role: api
-- operation: admin.member_add write
-- params: jsonb, bytea
-- binds: args, fresh(gsl_)
-- columns: status int4, body text
SELECT status, body FROM api.admin_member_add($1, $2);

-- query: admin_member_roles
-- role: api
-- operation: admin.member_roles write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_member_roles($1);

-- query: admin_member_remove
-- role: api
-- operation: admin.member_remove write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_member_remove($1);

-- query: admin_member_disable
-- role: api
-- operation: admin.member_disable write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_member_disable($1);

-- query: admin_member_enable
-- role: api
-- operation: admin.member_enable write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_member_enable($1);

-- query: admin_member_link
-- role: api
-- operation: admin.member_link write
-- params: jsonb, bytea
-- binds: args, fresh(gsl_)
-- columns: status int4, body text
SELECT status, body FROM api.admin_member_link($1, $2);

-- query: admin_role_list
-- role: api
-- operation: admin.role_list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_role_list($1);

-- query: admin_role_show
-- role: api
-- operation: admin.role_show read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_role_show($1);

-- query: admin_role_new
-- role: api
-- operation: admin.role_new read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_role_new($1);

-- query: admin_role_create
-- role: api
-- operation: admin.role_create write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_role_create($1);

-- query: admin_role_update
-- role: api
-- operation: admin.role_update write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_role_update($1);

-- query: admin_role_delete
-- role: api
-- operation: admin.role_delete write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_role_delete($1);

-- query: admin_scope_list
-- role: api
-- operation: admin.scope_list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_scope_list($1);

-- query: admin_account_list
-- role: api
-- operation: admin.account_list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_account_list($1);

-- query: admin_account_show
-- role: api
-- operation: admin.account_show read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_account_show($1);

-- query: admin_account_create
-- role: api
-- operation: admin.account_create write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_account_create($1);

-- query: admin_account_update
-- role: api
-- operation: admin.account_update write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_account_update($1);

-- query: admin_account_delete
-- role: api
-- operation: admin.account_delete write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_account_delete($1);

-- query: admin_integration_list
-- role: api
-- operation: admin.integration_list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_integration_list($1);

-- query: admin_integration_show
-- role: api
-- operation: admin.integration_show read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_integration_show($1);

-- query: admin_integration_new
-- role: api
-- operation: admin.integration_new read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_integration_new($1);

-- query: admin_integration_create_plan
-- role: api
-- operation: admin.integration_create plan
-- params: jsonb
-- columns: kind int4, audience int4, refresh int4, ttl int4, organization uuid, family uuid, generation int4, subject text, client_id text, scope text, seed_key int4, seed bytea, carry jsonb
SELECT kind, audience, refresh, ttl, organization, family, generation,
    subject, client_id, scope, seed_key, seed, carry
FROM api.admin_integration_create_plan($1);

-- query: admin_integration_create_commit
-- role: api
-- operation: admin.integration_create commit
-- params: jsonb, jsonb, uuid, bytea, int8, int8, bytea, bytea, int4
-- columns: status int4, body text
SELECT status, body
FROM api.admin_integration_create_commit($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- query: admin_integration_reset_plan
-- role: api
-- operation: admin.integration_reset plan
-- params: jsonb
-- columns: kind int4, audience int4, refresh int4, ttl int4, organization uuid, family uuid, generation int4, subject text, client_id text, scope text, seed_key int4, seed bytea, carry jsonb
SELECT kind, audience, refresh, ttl, organization, family, generation,
    subject, client_id, scope, seed_key, seed, carry
FROM api.admin_integration_reset_plan($1);

-- query: admin_integration_reset_commit
-- role: api
-- operation: admin.integration_reset commit
-- params: jsonb, jsonb, uuid, bytea, int8, int8, bytea, bytea, int4
-- columns: status int4, body text
SELECT status, body
FROM api.admin_integration_reset_commit($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- query: admin_integration_delete
-- role: api
-- operation: admin.integration_delete write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_integration_delete($1);

-- query: admin_token_list
-- role: api
-- operation: admin.token_list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_token_list($1);

-- query: admin_token_create_plan
-- role: api
-- operation: admin.token_create plan
-- params: jsonb
-- columns: kind int4, audience int4, refresh int4, ttl int4, organization uuid, family uuid, generation int4, subject text, client_id text, scope text, seed_key int4, seed bytea, carry jsonb
SELECT kind, audience, refresh, ttl, organization, family, generation,
    subject, client_id, scope, seed_key, seed, carry
FROM api.admin_token_create_plan($1);

-- query: admin_token_create_commit
-- role: api
-- operation: admin.token_create commit
-- params: jsonb, jsonb, uuid, bytea, int8, int8, bytea, bytea, int4
-- columns: status int4, body text
SELECT status, body
FROM api.admin_token_create_commit($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- query: admin_token_revoke
-- role: api
-- operation: admin.token_revoke write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_token_revoke($1);

-- query: admin_key_list
-- role: api
-- operation: admin.key_list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_key_list($1);

-- query: admin_audit_list
-- role: api
-- operation: admin.audit_list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.admin_audit_list($1);

-- The OAuth provider.

-- Whether the metadata document of a client is to be fetched first, and what
-- came of it.
-- query: gate_document_wanted
-- role: login
-- params: text, text
-- binds: client, peer
-- columns: wanted bool
SELECT gate.document_wanted($1, $2);

-- query: gate_document_store
-- role: login
-- params: text, int4, bytea, int4
-- columns: stored text
SELECT gate.document_store($1, $2, $3, $4);

-- query: authorization_start
-- role: api
-- operation: authorization.start write
-- params: jsonb, bytea
-- binds: args, fresh(gac_)
-- columns: status int4, body text
SELECT status, body FROM gate.authorization_start($1, $2);

-- query: authorization_decide
-- role: api
-- operation: authorization.decide write
-- params: jsonb, bytea
-- binds: args, fresh(gac_)
-- columns: status int4, body text
SELECT status, body FROM gate.authorization_decide($1, $2);

-- query: oauth_revoke
-- role: api
-- operation: oauth.revoke write
-- params: jsonb, bytea, int8, uuid
-- binds: args, secret, secret_expiry, secret_family
-- columns: status int4, body text
SELECT status, body FROM gate.oauth_revoke($1, $2, $3, $4);

-- query: oauth_introspect
-- role: login
-- operation: oauth.introspect readbatch
-- params: text[], bytea[], int4[], text[], uuid[], bytea[], int8[], uuid[]
-- binds: client, credential, credential_kind, assertion, request_id
-- binds: secret, secret_expiry, secret_family
-- columns: status int4, body text, sqlstate text, message text, detail text, hint text, code text, parameter text, location text, scope text
SELECT status, body, sqlstate, message, detail, hint, code, parameter,
    location, scope
FROM gate.oauth_introspect($1, $2, $3, $4, $5, $6, $7, $8);

-- query: oauth_userinfo
-- role: api
-- operation: oauth.userinfo read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.oauth_userinfo($1);

-- query: oauth_scopes
-- role: api
-- operation: oauth.scopes read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.oauth_scopes($1);

-- query: oauth_end_session
-- role: api
-- operation: oauth.end_session read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.oauth_end_session($1);

-- query: oauth_end_session_decide
-- role: api
-- operation: oauth.end_session_decide write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.oauth_end_session_decide($1);

-- query: registration_create
-- role: api
-- operation: registration.create write
-- params: jsonb, bytea, bytea, bytea
-- binds: args, credential, fresh(gcs_), fresh(grr_)
-- columns: status int4, body text
SELECT status, body FROM gate.registration_create($1, $2, $3, $4);

-- query: registration_get
-- role: api
-- operation: registration.get read
-- params: jsonb, bytea
-- binds: args, shown
-- columns: status int4, body text
SELECT status, body FROM gate.registration_get($1, $2);

-- query: registration_update
-- role: api
-- operation: registration.update write
-- params: jsonb, bytea, bytea
-- binds: args, shown, secret
-- columns: status int4, body text
SELECT status, body FROM gate.registration_update($1, $2, $3);

-- query: registration_delete
-- role: api
-- operation: registration.delete write
-- params: jsonb, bytea
-- binds: args, credential
-- columns: status int4, body text
SELECT status, body FROM gate.registration_delete($1, $2);

-- query: app_list
-- role: api
-- operation: app.list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.app_list($1);

-- query: app_new
-- role: api
-- operation: app.new read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.app_new($1);

-- query: app_create
-- role: api
-- operation: app.create write
-- params: jsonb, bytea
-- binds: args, fresh(gcs_)
-- columns: status int4, body text
SELECT status, body FROM gate.client_create($1, $2);

-- query: app_show
-- role: api
-- operation: app.show read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.app_show($1);

-- query: app_update
-- role: api
-- operation: app.update write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.client_update($1);

-- query: app_secret_new
-- role: api
-- operation: app.secret_new write
-- params: jsonb, bytea
-- binds: args, fresh(gcs_)
-- columns: status int4, body text
SELECT status, body FROM gate.client_secret_new($1, $2);

-- query: app_secret_end
-- role: api
-- operation: app.secret_end write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.client_secret_end($1);

-- query: app_revoke_tokens
-- role: api
-- operation: app.revoke_tokens write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.client_end($1);

-- query: app_delete
-- role: api
-- operation: app.delete write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.client_end($1);

-- query: connection_list
-- role: api
-- operation: connection.list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.connection_list($1);

-- query: connection_revoke
-- role: api
-- operation: connection.revoke write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.connection_revoke($1);

-- query: client_admin_list
-- role: api
-- operation: client_admin.list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.client_admin_list($1);

-- query: client_admin_new
-- role: api
-- operation: client_admin.new read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.client_admin_new($1);

-- query: client_admin_create
-- role: api
-- operation: client_admin.create write
-- params: jsonb, bytea
-- binds: args, fresh(gcs_)
-- columns: status int4, body text
SELECT status, body FROM gate.client_create($1, $2);

-- query: client_admin_show
-- role: api
-- operation: client_admin.show read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.client_admin_show($1);

-- query: client_admin_update
-- role: api
-- operation: client_admin.update write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.client_update($1);

-- query: client_admin_secret_new
-- role: api
-- operation: client_admin.secret_new write
-- params: jsonb, bytea
-- binds: args, fresh(gcs_)
-- columns: status int4, body text
SELECT status, body FROM gate.client_secret_new($1, $2);

-- query: client_admin_secret_end
-- role: api
-- operation: client_admin.secret_end write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.client_secret_end($1);

-- query: client_admin_suspend
-- role: api
-- operation: client_admin.suspend write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.client_status($1);

-- query: client_admin_resume
-- role: api
-- operation: client_admin.resume write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.client_status($1);

-- query: client_admin_revoke
-- role: api
-- operation: client_admin.revoke write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.client_end($1);

-- query: client_admin_delete
-- role: api
-- operation: client_admin.delete write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.client_end($1);

-- query: client_admin_initial_list
-- role: api
-- operation: client_admin.initial_list read
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM api.client_admin_initial_list($1);

-- query: client_admin_initial_create
-- role: api
-- operation: client_admin.initial_create write
-- params: jsonb, bytea
-- binds: args, fresh(gri_)
-- columns: status int4, body text
SELECT status, body FROM gate.client_admin_initial_create($1, $2);

-- query: client_admin_initial_end
-- role: api
-- operation: client_admin.initial_end write
-- params: jsonb
-- columns: status int4, body text
SELECT status, body FROM gate.client_admin_initial_end($1);

-- query: token_redeem_plan
-- role: login
-- operation: token.redeem planbatch
-- params: text[], bytea[], int4[], text[], uuid[], jsonb[], bytea[]
-- binds: client, credential, credential_kind, assertion, request_id, args
-- binds: secret
-- columns: kind int4, audience int4, refresh int4, ttl int4, organization uuid, family uuid, generation int4, subject text, client_id text, scope text, seed_key int4, seed bytea, carry text, id_token int4, auth_time int8, nonce text, sqlstate text, message text, detail text, hint text, code text, parameter text, location text, needs text
SELECT kind, audience, refresh, ttl, organization, family, generation,
    subject, client_id, scope, seed_key, seed, carry, id_token, auth_time,
    nonce, sqlstate, message, detail, hint, code, parameter, location, needs
FROM gate.redeem_plan($1, $2, $3, $4, $5, $6, $7);

-- query: token_redeem_batch
-- role: login
-- operation: token.redeem batch
-- params: text[], bytea[], int4[], text[], uuid[], text[], jsonb[], bytea[], uuid[], bytea[], int8[], bytea[], bytea[], int4[]
-- binds: client, credential, credential_kind, assertion, request_id, peer
-- binds: carry, secret, jti, access_hash, exp, refresh_hash, seed, seed_key
-- columns: status int4, body text, sqlstate text, message text, detail text, hint text, code text, parameter text, location text, scope text
SELECT status, body, sqlstate, message, detail, hint, code, parameter,
    location, scope
FROM gate.redeem_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
    $13, $14);

-- query: token_oauth_refresh_plan
-- role: login
-- operation: token.oauth_refresh planbatch
-- params: text[], bytea[], int4[], text[], uuid[], jsonb[], bytea[], uuid[], int4[]
-- binds: client, credential, credential_kind, assertion, request_id, args
-- binds: secret, secret_family, secret_generation
-- columns: kind int4, audience int4, refresh int4, ttl int4, organization uuid, family uuid, generation int4, subject text, client_id text, scope text, seed_key int4, seed bytea, carry text, id_token int4, auth_time int8, nonce text, sqlstate text, message text, detail text, hint text, code text, parameter text, location text, needs text
SELECT kind, audience, refresh, ttl, organization, family, generation,
    subject, client_id, scope, seed_key, seed, carry, id_token, auth_time,
    nonce, sqlstate, message, detail, hint, code, parameter, location, needs
FROM gate.oauth_refresh_plan($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- query: token_oauth_refresh_batch
-- role: login
-- operation: token.oauth_refresh batch
-- params: text[], bytea[], int4[], text[], uuid[], text[], jsonb[], uuid[], bytea[], int8[], bytea[]
-- binds: client, credential, credential_kind, assertion, request_id, peer
-- binds: carry, jti, access_hash, exp, refresh_hash
-- columns: status int4, body text, sqlstate text, message text, detail text, hint text, code text, parameter text, location text, scope text
SELECT status, body, sqlstate, message, detail, hint, code, parameter,
    location, scope
FROM gate.oauth_refresh_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- query: token_client_credentials_plan
-- role: login
-- operation: token.client_credentials planbatch
-- params: text[], bytea[], int4[], text[], uuid[], jsonb[]
-- binds: client, credential, credential_kind, assertion, request_id, args
-- columns: kind int4, audience int4, refresh int4, ttl int4, organization uuid, family uuid, generation int4, subject text, client_id text, scope text, seed_key int4, seed bytea, carry text, id_token int4, auth_time int8, nonce text, sqlstate text, message text, detail text, hint text, code text, parameter text, location text, needs text
SELECT kind, audience, refresh, ttl, organization, family, generation,
    subject, client_id, scope, seed_key, seed, carry, id_token, auth_time,
    nonce, sqlstate, message, detail, hint, code, parameter, location, needs
FROM gate.client_credentials_plan($1, $2, $3, $4, $5, $6);

-- query: token_client_credentials_batch
-- role: login
-- operation: token.client_credentials batch
-- params: text[], bytea[], int4[], text[], uuid[], text[], jsonb[], uuid[], bytea[], int8[]
-- binds: client, credential, credential_kind, assertion, request_id, peer
-- binds: carry, jti, access_hash, exp
-- columns: status int4, body text, sqlstate text, message text, detail text, hint text, code text, parameter text, location text, scope text
SELECT status, body, sqlstate, message, detail, hint, code, parameter,
    location, scope
FROM gate.client_credentials_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- What a trusted procedure may have left in its session goes.
-- query: gate_session_clean
-- role: login
-- params:
-- columns: cleaned void
SELECT gate.session_clean();
