#!/bin/sh
# Puts the servers' authorities into the one file that PgBouncer takes, and prints a fingerprint of all that PgBouncer
# reads for TLS.
# Usage: pgbouncer-bundle.sh AUTHORITIES CERTIFICATE BUNDLE
#   AUTHORITIES  folder with a certificate of an authority in each *.crt
#   CERTIFICATE  folder with PgBouncer's own tls.crt and tls.key
#   BUNDLE       file to write; replaced at once, so that nobody reads half of it
set -eu
authorities=$1
certificate=$2
bundle=$3

for file in "$authorities"/*.crt; do
  cat "$file"
  # A file that does not end in a line break would spoil the first line of the next one.
  echo
done >"$bundle.new"
for file in "$bundle.new" "$certificate/tls.crt" "$certificate/tls.key"; do
  test -r "$file"
  test -s "$file"
done
fingerprint=$(cat "$bundle.new" "$certificate/tls.crt" "$certificate/tls.key" | cksum)
mv "$bundle.new" "$bundle"
echo "$fingerprint"
