#!/bin/bash
# Records what the tables of the primary hold, as the target of a restore drill: restore-record.sh [OPTION_OF_PSQL ...]
#
# A record is exact if no transaction is writing at its snapshot, so several moments are tried.
#
# DRILL_FOLDER  folder that record.json is left in; absent without a record
set -euo pipefail
umask 077
rm -rf "${DRILL_FOLDER:?}"/*
for last in $(yes off | head -n 49) on; do
  psql --no-psqlrc --no-password --quiet --set=ON_ERROR_STOP=1 --set=last="$last" "$@" \
    --set=record_file="$DRILL_FOLDER/record.partial" --file="$MAINTENANCE_FILES/record.sql"
  [ -s "$DRILL_FOLDER/record.partial" ] && break
  sleep 0.2
done
mv "$DRILL_FOLDER/record.partial" "$DRILL_FOLDER/record.json"
