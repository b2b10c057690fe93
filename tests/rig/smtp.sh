#!/bin/bash
# A throwaway mail server on 127.0.0.1 (aiosmtpd, PyPI): STARTTLS and AUTH demanded.
# In the foreground: prints PID=… and, when it answers, URL=…; TERM or Ctrl-C stops it. Exit 77 with
# a line SKIP …: something it needs cannot be had.
# Beside the certificate that the URL names: `ports`, those of STARTTLS, of TLS from the start, and
# of none at all; `box`, a folder with what was taken, a file a message: a line of JSON (from, to,
# tls, login), then its bytes. Recipients: bounce@ is refused for good, later@ for now, slow@ is
# answered after SLOW seconds (60), drop@ never; late@ is answered so slowly when all has been taken.
set -euo pipefail
. "$(dirname "$0")/common.sh"

here=$(dirname "$(realpath "$0")")
command -v openssl >/dev/null || skip "smtp: no openssl (apt-get install openssl)"
venv=$("$here/../contract/venv" "$here/smtp-requirements.txt" aiosmtpd) || exit $?
new_folder smtp
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
  -keyout "$folder/key.pem" -out "$folder/cert.pem" -subj /CN=cinema \
  -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" 2>/dev/null
mkdir "$folder/box"
SLOW=${SLOW:-60} "$venv/bin/python" -B "$here/smtp.py" "$folder" >"$folder/log" 2>&1 </dev/null &
service=$!
for _ in $(seq 400); do
  if [ -e "$folder/ports" ]; then break; fi
  kill -0 "$service" 2>/dev/null || die "$folder/log"
  sleep 0.05
done
read -r port _ <"$folder/ports"
echo "PID=$service"
echo "URL=smtp://cinema:cinema%2Fpw@localhost:$port?sslrootcert=$folder/cert.pem"
wait "$service"
