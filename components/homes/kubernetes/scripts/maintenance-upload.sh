#!/bin/sh
# Copies the dumps of a folder to the object store: maintenance-upload.sh [OPTION_OF_AWS ...]
#
# DUMP_FOLDER  folder of the dumps
# DUMP_TARGET  where they go, such as s3://bucket/dumps/sark
set -eu
copied=0
for file in "$DUMP_FOLDER"/*.dump; do
  [ -e "$file" ] || break
  target=$DUMP_TARGET/${file##*/}
  aws s3 cp --only-show-errors "$@" "$file" "$target"
  echo "$target"
  copied=$((copied + 1))
done
if [ "$copied" -eq 0 ]; then
  echo "there is no dump in $DUMP_FOLDER" >&2
  exit 1
fi
