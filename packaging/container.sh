#!/bin/sh
# The start of the container: refuses a throw-away identity, then serves /srv/maquis as $MAQUIS_HOST, or by the
# configuration in /etc/maquis if there is one. With arguments: maquis itself, as in `podman run maquis certificate`.
set -eu

state=${STATE_DIRECTORY:-/var/lib/maquis}
if [ "$#" -gt 0 ]; then
    exec maquis "$@"
fi
# A volume is a mount point of its own.
if ! cut -d' ' -f5 "${MOUNTS:-/proc/self/mountinfo}" | grep -qxF "$state"; then
    echo "maquis: $state is no volume: the key pair that readers trust would die with this container." >&2
    echo "maquis: give it one: -v maquis-state:$state" >&2
    exit 78
fi
if [ -f /etc/maquis/config.toml ]; then
    exec maquis serve --config /etc/maquis/config.toml
fi
if [ -z "${MAQUIS_HOST:-}" ]; then
    echo "maquis: which name? -e MAQUIS_HOST=blog.example.org, or -v ./config.toml:/etc/maquis/config.toml:ro" >&2
    echo "maquis: under Docker that file must belong to root or to the user inside: sudo chown root config.toml" >&2
    exit 78
fi
exec maquis serve /srv/maquis --host "$MAQUIS_HOST"
