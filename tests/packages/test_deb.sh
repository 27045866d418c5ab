#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The package on a bare Debian 12: apt takes it with what it needs, an ordinary user runs a scenario
# by its name and judges what was captured, and it goes away without a trace.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/chroot.sh"
package=$(ls "$SOURCE_DIR"/build/package/blackstart_*.deb)

bare bookworm minbase
cp "$package" "$root/home/"
apt() { inside env DEBIAN_FRONTEND=noninteractive apt-get -qq -y "$@" > "$root/apt.log" 2>&1 ||
    { cat "$root/apt.log"; exit 1; }; }
apt update
before=$(inside dpkg-query -W -f '${Package}\n' | wc -l)
apt install --no-install-recommends "/home/$(basename "$package")"
after=$(inside dpkg-query -W -f '${Package}\n' | wc -l)
echo "it brings $((after - before - 1)) packages that a bare system lacks"

somebody 'blackstart run power-restore-street --quiet --out first --pcap first.pcap' |
    grep -q 'PASS  5.9-3-2 a' ||
    { echo "the scenario does not pass there"; exit 1; }
expect "fingerprint" "$(what_it_is_here)" "$(fingerprint "$root/home/somebody/first")"
somebody 'blackstart judge first.pcap --capacity 20' > "$root/judged" ||
    { cat "$root/judged"; echo "the judge does not pass it"; exit 1; }
# The bad twin fails there, too.
status=0
somebody 'blackstart run power-restore-street --set law=fixed --quiet --out twin' > /dev/null \
    2>&1 || status=$?
expect "exit code of the bad twin" 1 "$status"

apt purge blackstart
left=$(cd "$root" && find usr etc var/lib/dpkg -iname '*blackstart*')
expect "what is left of it" "" "$left"
echo "the package: as expected"
