#!/bin/sh
# Installs Debian packages named as arguments, without starting the services among them. Needs root.
set -eu

# Package scripts ask this file whether they may start a service; 101 means no (invoke-rc.d's policy interface).
policy=/usr/sbin/policy-rc.d
kept=$policy.kept-by-confab
if [ -e "$policy" ]; then mv "$policy" "$kept"; fi
restore() {
  rm -f "$policy"
  if [ -e "$kept" ]; then mv "$kept" "$policy"; fi
}
trap restore EXIT
trap 'exit 1' INT TERM
printf '#!/bin/sh\nexit 101\n' > "$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
# Without a network it is to end soon: what is there already may do.
apt_get() { apt-get -q -o Acquire::http::Timeout=20 -o Acquire::Retries=1 "$@"; }
apt_get update
apt_get install -y --no-install-recommends --no-remove "$@"
