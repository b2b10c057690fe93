#!/bin/bash
# pgbouncer in transaction mode before a PostgreSQL URL, as pooled Neon and Supabase addresses are.
# Usage: pgbouncer.sh postgresql://user:password@127.0.0.1:5432/database. Otherwise like postgres.sh.
# Environment: PORT, POOL_SIZE (2: small, so that server connections are shared), PGBOUNCER (another
# binary), MAXPREP (for 1.21 and newer).
set -euo pipefail
. "$(dirname "$0")/common.sh"

upstream=${1:?needs the URL of a PostgreSQL}
bin=${PGBOUNCER:-/usr/sbin/pgbouncer}
[ -x "$bin" ] || skip "pgbouncer: no $bin (apt-get install pgbouncer)"
command -v psql >/dev/null || skip "pgbouncer: no psql (apt-get install postgresql-client)"
[[ $upstream =~ ^postgres(ql)?://([^:]+):([^@]+)@([^:/]+):([0-9]+)/([^?]+) ]] ||
  { echo "no URL with user, password, host and port: $upstream" >&2; exit 1; }
user=${BASH_REMATCH[2]} password=${BASH_REMATCH[3]} host=${BASH_REMATCH[4]}
up_port=${BASH_REMATCH[5]} database=${BASH_REMATCH[6]}
new_folder pgbouncer
port=${PORT:-$(free_port)}

cat >"$folder/ini" <<I
[databases]
* = host=$host port=$up_port
[pgbouncer]
listen_addr=127.0.0.1
listen_port=$port
unix_socket_dir=
auth_type=scram-sha-256
auth_file=$folder/users
pool_mode=transaction
default_pool_size=${POOL_SIZE:-2}
max_client_conn=500
admin_users=$user
ignore_startup_parameters=extra_float_digits
${MAXPREP:+max_prepared_statements=$MAXPREP}
I
printf '"%s" "%s"\n' "$user" "$password" >"$folder/users"
own "$folder"
"${as[@]}" "$bin" -q "$folder/ini" >"$folder/log" 2>&1 </dev/null &
service=$!
stop_signal=TERM

url="postgresql://$user:$password@127.0.0.1:$port/$database"
wait_until_it_answers psql "$url"
echo "PID=$service"
echo "URL=$url"
wait "$service"
