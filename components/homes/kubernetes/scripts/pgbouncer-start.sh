#!/bin/sh
# Starts PgBouncer and stays its parent, for what it does not do by itself: trust several authorities, read certificates
# again when they change, and end gracefully when it is told to end by a TERM.
# Usage: pgbouncer-start.sh INI OPEN_FILES SECONDS AUTHORITIES CERTIFICATE BUNDLE
#   OPEN_FILES  limit to start with; it has to be allowed, since past its limit PgBouncer lets clients hang
#   SECONDS     between two looks at the certificates
set -eu
ini=$1
open_files=$2
seconds=$3
shift 3
scripts=$(dirname "$0")

ulimit -n "$open_files"
seen=$(sh "$scripts/pgbouncer-bundle.sh" "$@")

pgbouncer "$ini" &
pid=$!

# By an INT it accepts nobody, lets each running transaction end, and ends. By a TERM it would wait until its clients
# leave, which pools of an application never do; and a second signal of either kind would end it in mid-transaction.
drain() {
  trap '' TERM INT QUIT
  echo "PgBouncer ends after the running transactions"
  kill -INT "$pid"
}
trap drain TERM INT QUIT

sh "$scripts/pgbouncer-reload.sh" "$pid" "$seen" "$seconds" "$@" &
watcher=$!

status=0
# A signal ends the wait, not PgBouncer.
while kill -0 "$pid" 2>/dev/null; do
  status=0
  wait "$pid" || status=$?
done
kill "$watcher" 2>/dev/null || true
exit "$status"
