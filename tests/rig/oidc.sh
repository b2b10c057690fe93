#!/bin/bash
# An OpenID provider on 127.0.0.1 (npm oidc-provider, a certified one) that signs people in without
# asking: who it is says `login_hint` (alice; `deny` refuses, `unverified` has an address nobody has
# verified). In the foreground: prints PID=… and, when it answers, URL= its issuer; TERM or Ctrl-C
# stops it. Exit 77 with a line SKIP …: something it needs cannot be had.
# Client `cinema` with the secret cinema-client-secret; PKCE is demanded. With client_credentials and
# resource=urn:films:RS256 (PS256, ES256, EdDSA) it gives an access token as a JWT for the audience
# `films`, signed so.
# Environment: PORT (a free one), REDIRECT (where sign-ins may return to), CINEMA_TEST_CACHE (where
# what comes from registries is kept).
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/node.sh"

version=9.13.3
cache=${CINEMA_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libcinema}
modules=$cache/oidc-provider-$version
mkdir -p "$cache"
exec 9>"$cache/oidc.lock" # of two that start at once, one installs
flock 9
node_with_npm "$cache"
if [ ! -e "$modules/complete" ]; then
  rm -rf "$modules"
  mkdir -p "$modules"
  echo '{"private": true}' >"$modules/package.json"
  (cd "$modules" && PATH="$(dirname "$(command -v "${node[0]}")"):$PATH" "${npm[@]}" install \
    --silent --no-audit --no-fund --ignore-scripts "oidc-provider@$version" >npm.log 2>&1) ||
    skip "oidc: npm does not give oidc-provider: $(tail -n 1 "$modules/npm.log")"
  touch "$modules/complete"
fi
exec 9>&-

new_folder oidc
port=${PORT:-$(free_port)}
PORT=$port REDIRECT=${REDIRECT:-http://127.0.0.1:9/cb} \
  PROVIDER=$modules/node_modules/oidc-provider/lib/index.js \
  "${node[@]}" "$(dirname "$0")/oidc.mjs" >"$folder/log" 2>&1 </dev/null &
service=$!
for _ in $(seq 600); do
  if grep -qs ^up "$folder/log"; then break; fi
  kill -0 "$service" 2>/dev/null || die "$folder/log"
  sleep 0.05
done
echo "PID=$service"
echo "URL=http://127.0.0.1:$port"
wait "$service"
