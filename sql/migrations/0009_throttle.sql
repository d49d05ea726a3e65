-- Signing in from one network of many addresses.

INSERT INTO core.setting (name, value, description) VALUES
    ('sign_in_site_burst', 20,
     'wrong passwords in a row for one name from one /48 of IPv6');
