#!/bin/sh
# Has PgBouncer read its certificates again when the mounted ones change: the operator's authorities and cert-manager's
# certificates live for 90 days, PgBouncer reads them once, and a restart would cost its clients their connections.
# Usage: pgbouncer-reload.sh PID FINGERPRINT SECONDS AUTHORITIES CERTIFICATE BUNDLE
#   PID          PgBouncer; the script ends with it
#   FINGERPRINT  what pgbouncer-bundle.sh printed before PgBouncer was started
#   SECONDS      between two looks
set -u
pid=$1
seen=$2
seconds=$3
shift 3
bundle=$(dirname "$0")/pgbouncer-bundle.sh

while sleep "$seconds" && kill -0 "$pid" 2>/dev/null; do
  # A file that is missing or empty for a moment must not cost the certificates that work.
  now=$(sh "$bundle" "$@") || continue
  if [ "$now" != "$seen" ]; then
    echo "certificates changed: PgBouncer reads them again"
    kill -HUP "$pid"
    seen=$now
  fi
done
