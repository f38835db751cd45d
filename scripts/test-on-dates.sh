#!/usr/bin/env bash
# Runs the tests that read the clock on dates, times and time zones that often break such tests. Prints one line for each.
#   scripts/test-on-dates.sh [--only name-or-pattern] [test file...]
# Every process gets the date from a preloaded library, through /etc/ld.so.preload in a private mount namespace.
# Environment variables do not work, because servers start with an empty environment. libfaketime does not work, because
# PostgreSQL's signal handlers then read the real time, so that deadlock_timeout and statement_timeout never fire.
set -euo pipefail
cd "$(dirname "$0")/.."

only="*"
if [[ ${1:-} == --only && -n ${2:-} ]]; then
  only=$2
  shift 2
fi
if [[ $(uname) != Linux || $EUID -ne 0 || ! -d /usr/share/zoneinfo || ! -d node_modules ]] || ! command -v cc >/dev/null; then
  echo "test-on-dates needs Linux, root, a C compiler, tzdata and installed packages (run npm test once). Nothing was run." >&2
  exit 2
fi

# Name, time (UTC), time zone, and how the files start: "from" that time, or "across" it, each a little before.
readonly DATES='
monday|2028-06-05 01:10|Pacific/Pago_Pago|from
tuesday|2028-06-06 06:10|Pacific/Kiritimati|from
wednesday|2028-06-07 11:10|Pacific/Pago_Pago|from
thursday|2028-06-08 16:10|Pacific/Kiritimati|from
friday|2028-06-09 21:10|Pacific/Pago_Pago|from
saturday|2028-06-10 02:10|Pacific/Kiritimati|from
sunday|2028-06-11 07:10|UTC|from
month-end|2028-10-31 23:30|UTC|from
leap-day|2028-02-29 12:00|UTC|from
leap-day-ends|2028-03-01 00:00|Pacific/Kiritimati|across
midnight|2028-06-15 00:00|UTC|across
year-end|2029-01-01 00:00|Pacific/Pago_Pago|across
new-york-forward|2028-03-12 07:00|America/New_York|across
new-york-back|2028-11-05 06:00|America/New_York|across
lord-howe-back|2028-04-01 15:00|Australia/Lord_Howe|across
lord-howe-forward|2028-09-30 15:30|Australia/Lord_Howe|across'

if (($# == 0)); then
  mapfile -t readers < <(grep -rlE 'new Date\(\)|Date\.now|\bnow\(\)|current_date|clock_timestamp' tests --include='*.ts')
  mapfile -t files < <(node_modules/.bin/jest --listTests --findRelatedTests "${readers[@]}" | sort)
else
  files=("$@")
fi
node -e 'require("./cli/bootstrap/build.js").ensureBuilt("main")' >/dev/null
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT

# Builds the library that adds a number of seconds to the real time.
make_clock() {
  cc -shared -fPIC -O1 "-DAHEAD=$1" -o "$own/clock.so" -x c - -ldl <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
static int (*real)(clockid_t, struct timespec *);
int clock_gettime(clockid_t clock, struct timespec *at) {
  if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, at);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) at->tv_sec += AHEAD;
  return result;
}
int gettimeofday(struct timeval *restrict at, void *restrict zone) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
  return 0;
}
time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}
END
}

# Runs jest with the clock starting at a time (seconds since 1970), in a time zone.
run_from() {
  make_clock $(($1 - $(date +%s)))
  # shellcheck disable=SC2016 # expanded by the inner shell
  TZ=$2 unshare --mount bash -euc '
    own=$1
    shift
    mount -t tmpfs tmpfs "$own/etc" && cp -a /etc/. "$own/etc"
    cp "$own/clock.so" "$own/etc/clock.so"
    ln -sf "/usr/share/zoneinfo/$TZ" "$own/etc/localtime"
    mount --bind "$own/etc" /etc
    echo /etc/clock.so >/etc/ld.so.preload
    exec node_modules/.bin/jest --maxWorkers=2 "$@"
  ' bash "$own" "${@:3}" </dev/null
}

# Starts a file shortly before a time. If it ends too early, halves the lead and runs it again.
run_across() {
  local lead=16 began
  while ((lead > 1)); do
    began=$SECONDS
    run_from $(($1 - lead)) "$2" "$3" || return 1
    ((SECONDS - began <= lead)) || return 0
    lead=$((lead / 2))
  done
}

mkdir -p "$own/etc" .sark/logs
status=0
while IFS='|' read -r name time zone how; do
  # shellcheck disable=SC2053 # a pattern
  [[ -n $name && $name == $only ]] || continue
  log=.sark/logs/on-$name.log
  start=$(date -u -d "$time" +%s)
  code=0
  if [[ $how == across ]]; then
    for file in "${files[@]}"; do run_across "$start" "$zone" "$file" || code=1; done
  else
    run_from "$start" "$zone" "${files[@]}" || code=1
  fi &>"$log"
  # A file that runs twice counts once; a file with only skipped tests does not count.
  counts=$(awk '/^(PASS|FAIL) / && !seen[$1, $2]++ { n[$1]++ } END { print n["PASS"] + 0, "passed,", n["FAIL"] + 0, "failed" }' "$log")
  echo "$name: $how $time UTC, $zone: of ${#files[@]} files $counts$( ((code == 0)) || echo "; see $log")"
  ((code == 0)) || status=1
done <<<"$DATES"
exit $status
