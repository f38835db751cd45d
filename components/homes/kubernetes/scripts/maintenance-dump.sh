#!/bin/sh
# Dumps a database into one file: maintenance-dump.sh [OPTION_OF_PG_DUMP ...]
#
# The file counts as a dump when it has been read from end to end: pg_restore --list reads the table of contents, which
# a file that was cut short still has, so every row is read and unpacked as well.
#
# PGDATABASE   what is dumped
# DUMP_FOLDER  folder that the file is left in, as NAME-TIME.dump
# DUMP_NAME    what the file is called by
set -eu
umask 077
# A container that ended early and is started again finds what it had.
rm -f "$DUMP_FOLDER"/*.dump "$DUMP_FOLDER"/*.partial
partial=$DUMP_FOLDER/$DUMP_NAME.partial
started=$(date -u +%Y-%m-%dT%H%M%SZ)

# Without the rows of unlogged tables: they are lost in every crash, and nobody misses them.
pg_dump --format=custom --no-password --no-unlogged-table-data "$@" --file="$partial"

tables=$(pg_restore --list "$partial" | grep -c ' TABLE DATA ') || {
  echo "the dump of $PGDATABASE has no tables in it" >&2
  exit 1
}
pg_restore --file=/dev/null "$partial"
mv "$partial" "$DUMP_FOLDER/$DUMP_NAME-$started.dump"
echo "$tables tables in $(wc -c <"$DUMP_FOLDER/$DUMP_NAME-$started.dump") bytes"
