#!/bin/bash
# Dumps the snapshot that psql holds into a pipe, and says whether the dump is complete. psql runs this from dump.sql.
#
# A dump is complete when pg_dump has ended well and pg_restore has read and unpacked every row of the same bytes.
#
# DUMP_SNAPSHOT       exported snapshot
# DUMP_OPTIONS        more options of pg_dump
# DUMP_FOLDER         folder shared with the container that uploads
# MAINTENANCE_FOLDER  folder that only this container writes to
set -uo pipefail
umask 077
reason=$MAINTENANCE_FOLDER/reason
mkfifo -m 0660 "$DUMP_FOLDER/data"

# Without the rows of unlogged tables: they are lost in every crash, and nobody misses them.
# shellcheck disable=SC2086 # several options
if ! pg_dump --format=custom --no-password --no-unlogged-table-data --snapshot="$DUMP_SNAPSHOT" $DUMP_OPTIONS \
  2>"$reason" | tee "$DUMP_FOLDER/data" | pg_restore --verbose --file=/dev/null 2>"$MAINTENANCE_FOLDER/restored"; then
  grep 'error:' "$MAINTENANCE_FOLDER/restored" >>"$reason"
  echo failed >"$DUMP_FOLDER/dumped"
  exit 1
fi
tables=$(grep -c 'processing data for table' "$MAINTENANCE_FOLDER/restored")
if [ "$tables" -eq 0 ]; then
  echo "the dump of $PGDATABASE has no tables in it" >"$reason"
  echo failed >"$DUMP_FOLDER/dumped"
  exit 1
fi
echo complete >"$DUMP_FOLDER/dumped"
echo "$tables tables"

# What is left to upload is less than a part and the manifest.
for ((waited = 0; waited < 600; waited++)); do
  [ -e "$DUMP_FOLDER/uploaded.json" ] && exit 0
  [ -e "$DUMP_FOLDER/upload-failed" ] && exit 1
  sleep 1
done
echo "the upload did not end" >"$reason"
exit 1
