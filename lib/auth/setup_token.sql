-- setup_token.sql - whether there is an administrator.

-- An account that may do everything and can sign in.
-- name: setup_administrator
SELECT 1 FROM account_role x JOIN role r ON r.nr = x.role_nr JOIN account a ON a.nr = x.account_nr
    WHERE r.name = 'admin' AND a.status = 'active' LIMIT 1
