#!/bin/sh
# What every container of docstrata begins with. `healthcheck` reads afterwards what the container is for.
set -eu
umask 0002
if ! mkdir -p "$DOCSTRATA_HOME" || ! [ -w "$DOCSTRATA_HOME" ]; then
    echo "DOCSTRATA_HOME is $DOCSTRATA_HOME, which user $(id -u) cannot write: mount a volume that belongs to it" >&2
    exit 2
fi
printf '%s\n' "$*" > "${TMPDIR:-/tmp}/docstrata-command"
exec "$@"
