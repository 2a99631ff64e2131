#!/bin/sh
# Installs what healq is measured beside: monit and supervisor (apt), pm2 (npm, into bench/peers/node_modules). Neither healq nor
# its tests need any of them. Run it as often as you like. A system service that comes with a package that was not there before is
# switched off: the benches start their own.
set -eu
cd "$(dirname "$0")/peers"

say() { printf 'peers: %s\n' "$*"; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# need PROGRAM PACKAGE: installs the package unless the program is there.
need() {
  if PATH="$PATH:/usr/sbin" command -v "$1" >/dev/null; then
    say "$2 is there"
    return
  fi
  if ! command -v apt-get >/dev/null; then
    say "$2 is not there, and this is no Debian: install it by hand; until then its rows say that it is not installed"
    return
  fi
  if [ -z "${updated:-}" ]; then
    as_root apt-get update -qq
    updated=yes
  fi
  say "installing $2"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" </dev/null >/dev/null
  if [ -d /run/systemd/system ]; then
    as_root systemctl disable --now "$2"
  elif [ -x "/etc/init.d/$2" ]; then
    as_root "/etc/init.d/$2" stop >/dev/null 2>&1 || true
  fi
}

need monit monit
need supervisord supervisor
say "pm2 from npm"
npm ci --silent --ignore-scripts --no-audit --no-fund
