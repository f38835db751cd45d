#!/bin/bash
# Dumps a database into a pipe, from which another container uploads it: maintenance-dump.sh [OPTION_OF_PG_DUMP ...]
#
# psql holds the snapshot: it makes the record of all tables, has pg_dump read the same rows, and waits. The run is
# recorded in backup_runs, also if it failed.
#
# MAINTENANCE_FILES   folder of the scripts and the SQL
# MAINTENANCE_FOLDER  folder that only this container writes to
# DUMP_FOLDER         folder shared with the container that uploads
set -euo pipefail
umask 077
export DUMP_OPTIONS="$*"
started=$(date -u +%Y-%m-%dT%H:%M:%SZ)
psql=(psql --no-psqlrc --no-password --quiet --set=ON_ERROR_STOP=1)

# A dump that nobody uploads would hold its snapshot until the deadline.
for ((waited = 0; waited < ${DUMP_WAIT:-300}; waited++)); do
  [ -e "$DUMP_FOLDER/ready" ] || [ -e "$DUMP_FOLDER/upload-failed" ] && break
  sleep 1
done
if [ ! -e "$DUMP_FOLDER/ready" ]; then
  echo "the container that uploads did not start; see its status and log" >"$MAINTENANCE_FOLDER/reason"
fi

if [ -e "$DUMP_FOLDER/ready" ] && "${psql[@]}" --set=start_file="$DUMP_FOLDER/start.json" --file="$MAINTENANCE_FILES/dump.sql" && [ -e "$DUMP_FOLDER/uploaded.json" ]; then
  succeeded=true
  report=$DUMP_FOLDER/uploaded.json
else
  succeeded=false
  # The other container waits for it, also if pg_dump was never started.
  echo failed >"$DUMP_FOLDER/dumped"
  report=$MAINTENANCE_FOLDER/report.json
  reason=$(cat "$MAINTENANCE_FOLDER/reason" "$DUMP_FOLDER/upload-failed" 2>/dev/null || true)
  "${psql[@]}" --tuples-only --no-align --set=reason="${reason:-no record of the tables could be made}" \
    <<<"select json_build_object('failed', :'reason');" >"$report"
  cat "$report" >&2
fi
MAINTENANCE_REPORT=$report "${psql[@]}" --set=kind=dump --set=started="$started" --set=succeeded="$succeeded" \
  --file="$MAINTENANCE_FILES/backup-run.sql"
"$succeeded"
