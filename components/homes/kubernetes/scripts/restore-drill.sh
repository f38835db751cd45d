#!/bin/bash
# Starts a server on restored data, recovers it to the record, checks it, and records the drill in backup_runs of the
# primary: restore-drill.sh [OPTION_OF_PSQL ...]
#
# The server listens on a Unix socket only, and runs no background workers, so TimescaleDB's policies change nothing.
#
# DRILL_FOLDER        folder with record.json, fetched.json, data and wal
# DRILL_PRELOAD       shared_preload_libraries of the server
# DRILL_DIGESTS       verify, to verify the digests of the audit trail, or skip
# DRILL_SECONDS       most seconds that recovery may take
# MAINTENANCE_FILES   folder of the scripts and the SQL
# MAINTENANCE_FOLDER  folder that only this container writes to
set -euo pipefail
umask 077
started=$(date -u +%Y-%m-%dT%H:%M:%SZ)
data=$DRILL_FOLDER/data
wal=$DRILL_FOLDER/wal
log=$MAINTENANCE_FOLDER/server.log
checks=$MAINTENANCE_FOLDER/checks
export DRILL_RECORD=$DRILL_FOLDER/record.json
primary=(psql --no-psqlrc --no-password --quiet --set=ON_ERROR_STOP=1)
# The variables of libpq are for the primary.
restored=(env -i PATH="$PATH" PGOPTIONS="-c search_path=pg_catalog,pg_temp" MAINTENANCE_FILES="$MAINTENANCE_FILES" DRILL_RECORD="$DRILL_RECORD")
local=(--host="$MAINTENANCE_FOLDER" --username=postgres --no-password)

check() { # NAME PASSED DETAIL
  "${primary[@]}" --tuples-only --no-align --set=name="$1" --set=passed="$2" --set=detail="$3" \
    <<<"select json_build_object('name', :'name', 'passed', :'passed'::boolean, 'detail', :'detail');" >>"$checks" || exit 1
}

# Value of a key of a JSON file; empty if it is absent.
value() { # FILE KEY
  "${primary[@]}" --tuples-only --no-align --set=json="$(cat "$1")" --set=key="$2" \
    <<<"select :'json'::json ->> :'key';"
}

recover() {
  if [ -n "$failed" ]; then
    check 'backup and WAL' false "$failed"
    return 1
  fi
  check 'backup and WAL' true "$detail"
  : >"$data/postgresql.auto.conf"
  touch "$data/recovery.signal"
  echo 'local all postgres trust' >"$MAINTENANCE_FOLDER/hba.conf"
  : >"$MAINTENANCE_FOLDER/ident.conf"
  cat >"$MAINTENANCE_FOLDER/drill.conf" <<END
listen_addresses = ''
unix_socket_directories = '$MAINTENANCE_FOLDER'
hba_file = '$MAINTENANCE_FOLDER/hba.conf'
ident_file = '$MAINTENANCE_FOLDER/ident.conf'
shared_preload_libraries = '$DRILL_PRELOAD'
shared_buffers = 64MB
max_worker_processes = 0
fsync = off
# Otherwise recovery asks for as many connections as the primary allows.
hot_standby = off
restore_command = 'cp "$wal/%f" "%p"'
recovery_target_lsn = '$target'
recovery_target_inclusive = off
recovery_target_action = promote
END
  trap 'pg_ctl stop --pgdata="$data" --mode=immediate --silent >/dev/null 2>&1 || true' EXIT
  "${restored[@]}" pg_ctl start --pgdata="$data" --log="$log" --no-wait --silent \
    --options="-c config_file=$MAINTENANCE_FOLDER/drill.conf"
  local began=$SECONDS
  # It accepts connections when recovery has ended, and ends itself when it cannot reach the record.
  until "${restored[@]}" pg_isready --quiet --host="$MAINTENANCE_FOLDER" --username=postgres; do
    sleep 1
    if ! "${restored[@]}" pg_ctl status --pgdata="$data" >/dev/null || [ $((SECONDS - began)) -gt "$DRILL_SECONDS" ]; then
      check 'recovery' false "$(grep -E 'FATAL|PANIC|ERROR' "$log" | tail -n 3 || tail -n 3 "$log")"
      return 1
    fi
  done
  check 'recovery' true "to the record in $((SECONDS - began)) s"
}

examine() {
  "${restored[@]}" psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 "${local[@]}" --dbname="$PGDATABASE" "$@" \
    --file="$MAINTENANCE_FILES/restored.sql" >>"$checks" 2>"$MAINTENANCE_FOLDER/error" ||
    check 'rows and checksums' false "$(cat "$MAINTENANCE_FOLDER/error")"
  local said
  if [ "$DRILL_DIGESTS" = verify ]; then
    # All days; a digest that is not made yet is no fault of the backup.
    said=$("${restored[@]}" psql --no-psqlrc --quiet --csv --tuples-only --set=ON_ERROR_STOP=1 "${local[@]}" \
      --dbname="$PGDATABASE" --set=within="interval '100 years'" --set=kept_head="'none'" \
      --file="$MAINTENANCE_FILES/verify-audit-digests.sql" 2>&1) || said="failed,$said"
    check 'digests of the trail' "$(grep -qvE '^(intact|expired|not digested|older than the chain),' <<<"$said" && echo false || echo true)" \
      "$(cut -d, -f1 <<<"$said" | sort | uniq -c | tr -s ' \n' ' ')"
  fi
  if said=$("${restored[@]}" pg_amcheck "${local[@]}" --install-missing --heapallindexed --database="$PGDATABASE" 2>&1); then
    check 'tables and indexes' true 'pg_amcheck found nothing'
  else
    check 'tables and indexes' false "$(head -c 2000 <<<"$said")"
  fi
  "${restored[@]}" pg_ctl stop --pgdata="$data" --mode=fast --wait --timeout="$DRILL_SECONDS" --silent
  if said=$(pg_checksums --check --pgdata="$data" 2>&1); then
    check 'page checksums' true "$(grep 'Blocks scanned' <<<"$said")"
  else
    check 'page checksums' false "$(head -c 2000 <<<"$said")"
  fi
}

: >"$checks"
# Read here, where an error ends the script: inside of an `if` it would not.
failed=$(value "$DRILL_FOLDER/fetched.json" failed)
detail=$(value "$DRILL_FOLDER/fetched.json" detail)
target=$(value "$DRILL_RECORD" lsn)
[[ $target =~ ^[0-9A-F]+/[0-9A-F]+$ ]]
if recover; then examine "$@"; fi
succeeded=true
if [ ! -s "$checks" ] || grep -qv '"passed" : true' "$checks"; then succeeded=false; fi
cat "$checks"
export MAINTENANCE_REPORT=$MAINTENANCE_FOLDER/report.json
"${primary[@]}" --tuples-only --no-align --set=record="$(cat "$DRILL_RECORD")" --set=fetched="$(cat "$DRILL_FOLDER/fetched.json")" \
  --set=checks="$(sed '$!s/$/,/' "$checks")" --file=- >"$MAINTENANCE_REPORT" <<'END'
select :'fetched'::jsonb || :'record'::jsonb - 'tables'
       || jsonb_build_object('target', :'record'::jsonb -> 'time', 'checks', ('[' || :'checks' || ']')::jsonb);
END
"${primary[@]}" --set=kind='restore drill' --set=started="$started" --set=succeeded="$succeeded" \
  --file="$MAINTENANCE_FILES/backup-run.sql"
"$succeeded"
