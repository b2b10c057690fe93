# common.sh - what the start scripts of services share; sourced by them.
# shellcheck shell=bash disable=SC2034 # they use what is set here
service='' folder='' stop_signal=TERM

skip() { echo "SKIP $*" >&2; exit 77; }

# Says why a service did not come up.
die() { cat "$1" >&2; exit 1; }

# Not one of those that outgoing connections get: one of them would take it before the service does.
free_port() {
  python3 - <<'P'
import random, socket
outgoing = int(open("/proc/sys/net/ipv4/ip_local_port_range").read().split()[0])
while True:
    port = random.randrange(min(10000, outgoing - 1), outgoing)
    try:
        socket.create_server(("127.0.0.1", port)).close()
        break
    except OSError:
        pass
print(port)
P
}

# Servers refuse to run as root.
as=()
if [ "$(id -u)" = 0 ]; then
  command -v setpriv >/dev/null || skip "setpriv is needed to drop root"
  as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
own() { if [ "$(id -u)" = 0 ]; then chown -R 65534:65534 "$1"; fi; }

# Memory where 1 GiB is free there: fsync stays on, but costs nothing.
new_folder() {
  local base=${TMPDIR:-/tmp}
  if [ -z "${RIG_DIR:-}" ] && [ -w /dev/shm ] &&
    [ "$(df --output=avail -k /dev/shm | tail -n 1)" -gt 1048576 ]; then
    base=/dev/shm
  fi
  folder=$(mktemp -d "${RIG_DIR:-$base}/cinema-$1.XXXXXX")
  chmod 755 "$folder"
}

stop() {
  trap - EXIT TERM INT HUP
  if [ -n "$service" ]; then
    kill -"$stop_signal" "$service" 2>/dev/null || true
    kill -CONT "$service" 2>/dev/null || true # a test may have left it hanging
    wait "$service" 2>/dev/null || true
  fi
  if [ -n "$folder" ]; then rm -rf "$folder"; fi
  exit "$1"
}
trap 'stop 0' TERM INT HUP
trap 'stop $?' EXIT

wait_until_it_answers() { # psql url
  for _ in $(seq 400); do
    if PGCONNECT_TIMEOUT=2 "$1" "$2" -Atc 'select 1' >/dev/null 2>&1; then return; fi
    kill -0 "$service" 2>/dev/null || die "$folder/log"
    sleep 0.05
  done
  die "$folder/log"
}
