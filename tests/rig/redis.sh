#!/bin/bash
# A throwaway Redis on 127.0.0.1, its data in memory only.
# In the foreground: prints PID=… and, when it answers, URL=…; TERM or Ctrl-C stops it. Exit 77 with
# a line SKIP …: something it needs is not installed.
# MODE=plain (the default): no password. MODE=tls: TLS only, the default user off, an ACL user who
# may do what the driver does and nothing else. NAMES: what the certificate is for.
# Environment: PORT (a free one), REDIS_EXTRA (more arguments).
set -euo pipefail
. "$(dirname "$0")/common.sh"

command -v redis-server >/dev/null || skip "redis: no redis-server (apt-get install redis-server)"
new_folder redis
port=${PORT:-$(free_port)}
settings=(--bind 127.0.0.1 --dir "$folder" --save '' --maxmemory 128mb --maxmemory-policy noeviction)
ask=(redis-cli --no-auth-warning -h 127.0.0.1 -p "$port")
if [ "${MODE:-plain}" = tls ]; then
  command -v openssl >/dev/null || skip "redis: no openssl (apt-get install openssl)"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
    -keyout "$folder/key.pem" -out "$folder/cert.pem" -subj /CN=cinema \
    -addext "subjectAltName=${NAMES:-DNS:localhost,IP:127.0.0.1}" 2>/dev/null
  settings+=(--port 0 --tls-port "$port" --tls-cert-file "$folder/cert.pem"
    --tls-key-file "$folder/key.pem" --tls-ca-cert-file "$folder/cert.pem" --tls-auth-clients no
    --user default off
    --user cinema on '>cinema-pw' '~*' -@all +ping +select +get +getdel +set +del +incrby +pexpire
    +time +eval +evalsha)
  ask+=(--tls --insecure --user cinema --pass cinema-pw)
  url="rediss://cinema:cinema-pw@localhost:$port/0?sslrootcert=$folder/cert.pem"
else
  settings+=(--port "$port")
  url="redis://127.0.0.1:$port/0"
fi
own "$folder"

# shellcheck disable=SC2086 # the extras are words
"${as[@]}" redis-server "${settings[@]}" ${REDIS_EXTRA:-} >"$folder/log" 2>&1 </dev/null &
service=$!
for _ in $(seq 400); do
  if [ "$("${ask[@]}" ping 2>/dev/null)" = PONG ]; then break; fi
  kill -0 "$service" 2>/dev/null || die "$folder/log"
  sleep 0.05
done
echo "PID=$service"
echo "URL=$url"
wait "$service"
