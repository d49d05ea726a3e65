-- What of the gate for people the operations may run.

GRANT EXECUTE ON FUNCTION
    gate.me(), gate.my_organizations(), gate.organization_counts(uuid),
    gate.organization_make(text, text, text),
    gate.member_put(text, text, uuid[], text, bytea), gate.may_link(uuid),
    gate.member_link(uuid, bytea), gate.member_gone(uuid),
    gate.member_links_end(uuid),
    gate.person_rename(text),
    gate.own_sessions(), gate.session_end(uuid, text),
    gate.session_switch(uuid), gate.link_show(jsonb, bytea),
    gate.session_create_plan(jsonb),
    gate.session_create_commit(jsonb, jsonb, boolean, text, bytea),
    gate.own_password_plan(jsonb),
    gate.session_confirm_commit(jsonb, jsonb, boolean, text),
    gate.person_password_change_commit(jsonb, jsonb, boolean, text),
    gate.link_answer(jsonb, bytea),
    gate.link_use_plan(jsonb, bytea),
    gate.link_use_commit(jsonb, jsonb, bytea, text, bytea),
    gate.member_create_plan(jsonb),
    gate.member_create_commit(jsonb, text, bytea)
    TO grantd_api;
