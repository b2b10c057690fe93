#!/bin/bash
# An HTTPS server on 127.0.0.1 that answers every GET with 200 and `here`; its certificate is its own
# authority's. In the foreground: prints PID=…, FILE= its certificate and, when it answers, URL=…;
# TERM or Ctrl-C stops it. Exit 77 with a line SKIP …: something it needs is not installed.
# Environment: PORT (a free one), NAMES (what the certificate is for).
set -euo pipefail
. "$(dirname "$0")/common.sh"

command -v openssl >/dev/null || skip "https: no openssl (apt-get install openssl)"
new_folder https
port=${PORT:-$(free_port)}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
  -keyout "$folder/key.pem" -out "$folder/cert.pem" -subj /CN=cinema \
  -addext "subjectAltName=${NAMES:-DNS:localhost,IP:127.0.0.1}" 2>/dev/null

python3 - "$folder" "$port" >"$folder/log" 2>&1 <<'P' &
import http.server, ssl, sys
folder, port = sys.argv[1], int(sys.argv[2])
class Here(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"here")
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Here)
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(folder + "/cert.pem", folder + "/key.pem")
server.socket = tls.wrap_socket(server.socket, server_side=True)
print("up", flush=True)
server.serve_forever()
P
service=$!
for _ in $(seq 400); do
  if grep -qs ^up "$folder/log"; then break; fi
  kill -0 "$service" 2>/dev/null || die "$folder/log"
  sleep 0.05
done
echo "PID=$service"
echo "FILE=$folder/cert.pem"
echo "URL=https://127.0.0.1:$port"
wait "$service"
