#!/bin/sh
# Makes a release: what packaging/build.sh builds, once .well-known/security.txt (RFC 9116) says whom to tell of a fault,
# and until when that holds.
set -eu
cd "$(dirname "$0")/.."

file=.well-known/security.txt
refuse() {
    echo "$file: $1" >&2
    exit 78
}

grep -Eq '^Contact: (mailto:|tel:|https://).+' "$file" ||
    refuse 'no Contact: write where the maintainers are reached, as mailto:, tel: or https://'
grep -Eq '^Policy: https://.+' "$file" || refuse 'no Policy: write the https:// address at which SECURITY.md is read'
expires=$(sed -n 's/^Expires: \([0-9-]*T[0-9:]*Z\)$/\1/p' "$file")
[ -n "$expires" ] || refuse 'no Expires: write the day, as in 2027-11-01T00:00:00Z'
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
first=$(printf '%s\n%s\n' "$expires" "$now" | LC_ALL=C sort | head -n 1)
[ "$first" = "$now" ] || refuse "it held until $expires: see whether Contact is still right, and move Expires on"

exec ./packaging/build.sh "$@"
