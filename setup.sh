#!/bin/sh
# Gets this machine ready for healq: Node, a Redis server, npm's packages, and Chromium and tmux for the tests.
#
#   ./setup.sh                    everything that `npm start` and `npm test` need
#   HEALQ_SETUP=run ./setup.sh    only what running needs: no Chromium, no programs for tests
#
# Run it as often as you like: what is there is left alone. It installs with apt, dnf, apk or brew, with sudo only when
# it is not root.
set -eu
cd "$(dirname "$0")"

say() { printf 'setup: %s\n' "$*"; }
fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }
has_any() {
  for program in "$@"; do
    if has "$program"; then return 0; fi
  done
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif has sudo; then
    sudo "$@"
  else
    fail "this needs root, and there is no sudo; run as root: $*"
  fi
}

# The package manager of this machine; empty when it has none that we know.
manager() {
  for candidate in apt-get dnf apk brew; do
    if has "$candidate"; then
      echo "$candidate"
      return
    fi
  done
}

# install PACKAGE: true when the package manager put it there.
install() {
  case "$(manager)" in
    apt-get)
      if [ -z "${updated:-}" ]; then
        as_root apt-get update -qq || return 1
        updated=yes
      fi
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" </dev/null
      ;;
    dnf) as_root dnf install -y -q "$1" ;;
    apk) as_root apk add --no-cache -q "$1" ;;
    brew) brew install --quiet "$1" ;;
    *) return 1 ;;
  esac
}

# install_first WHAT PACKAGE…: installs the first of the packages that this machine's package manager has.
install_first() {
  what=$1
  shift
  say "installing $what …"
  for package in "$@"; do
    if install "$package"; then return 0; fi
  done
  fail "could not install $what; install one of these yourself and run ./setup.sh again: $*"
}

node_is_new_enough() {
  has node && node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'
}

check_node() {
  if node_is_new_enough && has npm; then return; fi
  if has node; then found="found $(node --version)"; else found="found none"; fi
  fail "healq needs Node 20.19 or newer with npm ($found).
       Get it from https://nodejs.org/en/download, or with a version manager (\`nvm install 22\`, \`fnm install 22\`);
       on macOS \`brew install node\`, on Alpine \`apk add nodejs npm\`, on Fedora \`dnf install nodejs\`."
}

check_redis() {
  if [ -n "${HEALQ_REDIS_SERVER:-}" ] || has_any redis-server valkey-server; then return; fi
  case "$(manager)" in
    dnf | apk) install_first "a Redis server" valkey redis ;;
    apt-get) install_first "a Redis server" redis-server valkey-server ;;
    *) install_first "a Redis server" redis valkey ;;
  esac
}

check_chromium() {
  if [ "${HEALQ_SETUP:-}" = run ] || [ -n "${HEALQ_CHROMIUM:-}" ]; then return; fi
  if has_any chromium chromium-browser google-chrome google-chrome-stable; then return; fi
  if [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]; then return; fi
  case "$(manager)" in
    apt-get) install_first "Chromium, for the tests" chromium chromium-browser ;;
    *) install_first "Chromium, for the tests" chromium ;;
  esac
}

# What the tests look at and make: the Nagios plugins as they are shipped, certificates, locks of the sqlite3 program, (by script) terminals, and
# the shells that completions are for.
check_test_programs() {
  if [ "${HEALQ_SETUP:-}" = run ]; then return; fi
  if ! has openssl; then install_first "openssl, for the tests" openssl; fi
  if ! has sqlite3; then install_first "sqlite3, for the tests" sqlite3 sqlite; fi
  for shell in zsh fish; do
    if ! has "$shell"; then install_first "$shell, for the tests" "$shell"; fi
  done
  if ! has script; then install_first "script, for the tests" bsdutils util-linux-script util-linux-misc util-linux; fi
  for folder in /usr/lib/nagios/plugins /usr/lib64/nagios/plugins /usr/lib/monitoring-plugins /opt/homebrew/opt/monitoring-plugins/libexec; do
    if [ -x "$folder/check_disk" ] && [ -x "$folder/check_file_age" ]; then return; fi
  done
  case "$(manager)" in
    dnf) install_first "the Nagios plugins, for the tests" nagios-plugins-all ;;
    apt-get) install_first "the Nagios plugins, for the tests" monitoring-plugins-basic ;;
    *) install_first "the Nagios plugins, for the tests" monitoring-plugins ;;
  esac
}

check_tmux() {
  if [ "${HEALQ_SETUP:-}" = run ] || has tmux; then return; fi
  install_first "tmux, for the tests" tmux
}

# For the tests, which start servers of their own out of it.
check_postgres() {
  if [ "${HEALQ_SETUP:-}" = run ]; then return; fi
  if [ -d /usr/lib/postgresql ] || has postgres; then return; fi
  case "$(manager)" in
    dnf) install_first "PostgreSQL, for the tests" postgresql-server ;;
    *) install_first "PostgreSQL, for the tests" postgresql ;;
  esac
}

# The tests of `install` make virtual environments; Debian has what those need in a package of its own.
check_python() {
  if [ "${HEALQ_SETUP:-}" = run ]; then return; fi
  if python3 -c 'import venv, ensurepip' >/dev/null 2>&1; then return; fi
  case "$(manager)" in
    apt-get) install_first "Python with venv, for the tests" python3-venv ;;
    apk) install_first "Python, for the tests" python3 && install_first "pip, for the tests" py3-pip ;;
    *) install_first "Python, for the tests" python3 ;;
  esac
}

# Without it one test, of a clock that is set, is left out; in CI it fails.
check_faketime() {
  if [ "${HEALQ_SETUP:-}" = run ] || has_any faketime; then return; fi
  case "$(manager)" in
    apt-get) install_first "faketime, for the tests" faketime ;;
    dnf | apk) install_first "faketime, for the tests" libfaketime ;;
  esac
}

check_mariadb() {
  if [ "${HEALQ_SETUP:-}" = run ] || has_any mariadbd /usr/sbin/mariadbd; then return; fi
  case "$(manager)" in
    apk) install_first "MariaDB, for the tests" mariadb ;;
    *) install_first "MariaDB, for the tests" mariadb-server mariadb ;;
  esac
}

# Our copy of the lock inside node_modules says for which lock that was made. No install scripts: nothing of ours needs one.
check_packages() {
  mark=node_modules/.healq-lock
  if [ -f "$mark" ] && cmp -s package-lock.json "$mark"; then return; fi
  say "installing npm's packages …"
  npm ci --no-audit --no-fund --ignore-scripts --loglevel=error </dev/null
  cp package-lock.json "$mark"
}

check_node
check_redis
check_chromium
check_test_programs
check_tmux
check_postgres
check_faketime
check_mariadb
check_python
check_packages
say "ready: npm start runs the example, npm test the tests"
