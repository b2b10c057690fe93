-- cursor.sql - the installation's own secret.

-- name: installation_read
SELECT secret FROM installation WHERE nr = 1
