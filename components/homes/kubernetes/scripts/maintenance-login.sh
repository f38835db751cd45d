#!/bin/sh
# Runs a program as the maintenance login: maintenance-login.sh PROGRAM [ARGUMENT ...]
#
# libpq takes no password file that a group may read, which a mounted Secret is. So the file is copied, with a mode of
# its own, to where PGPASSFILE points: a folder in memory, gone with the pod.
#
# MAINTENANCE_LOGIN  password file as it is mounted
# PGPASSFILE         where the copy goes
set -eu
umask 077
cat "$MAINTENANCE_LOGIN" >"$PGPASSFILE"
exec "$@"
