#!/usr/bin/env bash
# Installs the programs that tests speak to, from Debian's packages. Run it as root; what is there already is left alone.
#   kannel: a gateway for text messages (tests/server/providers/kannel)
#   postfix: a relay for emails (tests/server/providers/smtp)
set -euo pipefail
packages=(kannel postfix)

missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
apt-get update --quiet
DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
