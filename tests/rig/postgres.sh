#!/bin/bash
# A throwaway PostgreSQL on 127.0.0.1, fsync on, its data in memory where there is room.
# In the foreground: prints PID=… and, when it answers, URL=…; TERM or Ctrl-C stops it and removes
# its data. Exit 77 with a line SKIP …: something it needs is not installed.
# USR1 stops it at once and keeps the data (`immediate`: as after a crash), USR2 starts it again.
# Environment: PORT (a free one), PG_INITDB (more for initdb), PG_EXTRA (more `-c` settings).
set -euo pipefail
. "$(dirname "$0")/common.sh"

bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || skip "postgres: no /usr/lib/postgresql/*/bin (apt-get install postgresql-15)"
new_folder pg
port=${PORT:-$(free_port)}
echo cinema-pw >"$folder/pw"
own "$folder"

cd "$folder"
# shellcheck disable=SC2086 # the extras are words
"${as[@]}" "$bin/initdb" -D "$folder/data" -U cinema --pwfile="$folder/pw" -A scram-sha-256 -E UTF8 \
  --locale=C.UTF-8 ${PG_INITDB:-} >"$folder/initdb.log" 2>&1 || die "$folder/initdb.log"
run() {
  # shellcheck disable=SC2086
  "${as[@]}" "$bin/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories="$folder" -c max_connections=200 ${PG_EXTRA:-} \
    >>"$folder/log" 2>&1 </dev/null &
  service=$!
}
run
stop_signal=INT # disconnects clients; TERM would wait for them
down=''
trap 'down=1; kill -QUIT "$service"' USR1
trap 'down=; wait "$service" || true; run' USR2

url() { echo "postgresql://cinema:cinema-pw@127.0.0.1:$port/$1"; }
wait_until_it_answers "$bin/psql" "$(url postgres)"
"$bin/psql" "$(url postgres)" -qc 'CREATE DATABASE cinema'
echo "PID=$service"
echo "URL=$(url cinema)"
# A signal ends `wait`, not the server.
while [ -n "$down" ] || kill -0 "$service" 2>/dev/null; do wait "$service" || sleep 0.1; done
