#!/bin/bash
# An OAuth 2.0 server on 127.0.0.1 that behaves as GitHub's: see github-oauth.py. In the foreground:
# prints PID=… and, when it answers, URL=…; TERM or Ctrl-C stops it. Environment: PORT (a free one).
set -euo pipefail
echo "PID=$$"
exec python3 "$(dirname "$0")/github-oauth.py" "${PORT:-0}"
