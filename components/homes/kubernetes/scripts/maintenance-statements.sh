#!/bin/sh
# Runs the statements that a query answers with, a line each: maintenance-statements.sh FILE [PSQL_OPTION ...]
#
# Each runs in a session of its own, outside of a transaction, as VACUUM and CONCURRENTLY have to. One that fails does
# not keep the others from running; the script then ends with 1.
#
# MAINTENANCE_FOLDER  folder that only this script writes to
set -eu
umask 077
file=$1
shift
statements=$MAINTENANCE_FOLDER/statements

psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 \
  "$@" --file="$file" --output="$statements"

failed=0
while IFS= read -r statement; do
  echo "$statement"
  psql --no-psqlrc --no-password --quiet --set=ON_ERROR_STOP=1 --command="$statement" </dev/null || failed=1
done <"$statements"
exit "$failed"
