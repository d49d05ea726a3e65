-- Who may declare, review and try what protects tables.

-- Only its owner's rights count in it.
GRANT CREATE ON SCHEMA published TO grantd_app;
ALTER FUNCTION published.protection_probe(text, text, text) OWNER TO grantd_app;
REVOKE CREATE ON SCHEMA published FROM grantd_app;
GRANT USAGE ON SCHEMA published TO grantd_publisher;
GRANT EXECUTE ON FUNCTION published.protection_probe(text, text, text)
    TO grantd_publisher;

GRANT EXECUTE ON FUNCTION
    grantd.protect_parent(regclass, text), grantd.protection(regclass),
    grantd.protect_list(jsonb), grantd.protect_json(text),
    grantd.protect_condition(regclass, text, jsonb, boolean, jsonb, int4),
    grantd.protect_words(regclass, jsonb, boolean), grantd.protect_digest(oid),
    grantd.protect_apply(regclass, jsonb),
    grantd.protect_column(regclass, text, boolean),
    grantd.protect_grant(regclass, text[]),
    grantd.protect(regclass, text, text, text, regclass, text, text, text,
	boolean, text[], text[], text[]), grantd.unprotect(regclass),
    grantd.policy_state(oid), grantd.test_unit(text[]),
    grantd.test_subjects(regclass), grantd.test_callers(regclass),
    grantd.test_protection(regclass)
    TO grantd_publisher;
GRANT EXECUTE ON FUNCTION
    grantd.lint_rights(), grantd.lint_schemas(), grantd.lint_tables(),
    grantd.lint_parents(regclass), grantd.protect_json(text),
    grantd.lint_columns(), grantd.lint_functions(), grantd.lint_protection(),
    grantd.protection(regclass), grantd.protect_parent(regclass, text),
    grantd.protect_list(jsonb), grantd.protect_digest(oid),
    grantd.policy_state(oid)
    TO grantd_publisher, grantd_definer;
GRANT SELECT ON grantd.policies TO grantd_publisher, grantd_definer,
    grantd_auditor;
GRANT USAGE ON SCHEMA grantd TO grantd_auditor;
GRANT EXECUTE ON FUNCTION grantd.policy_state(oid), grantd.protect_digest(oid),
    grantd.protect_json(text) TO grantd_auditor;
