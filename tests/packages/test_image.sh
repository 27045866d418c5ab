#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The image: unpacked as a runtime does it, run by crun where the machine lets it, else in a chroot,
# as the user and with the entry point that it names itself. It holds no shell, and the scenario has
# the fingerprint that it has here.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/chroot.sh"

root=$(mktemp -d "$CHROOTS/root.XXXXXX")
trap 'rm -rf "$root"' EXIT
mkdir "$root/layout"
tar -C "$root/layout" -xf "$SOURCE_DIR/build/package/blackstart-image.tar"
umoci unpack --image "$root/layout:blackstart" "$root/bundle" > /dev/null
config=$(python3 - "$root/bundle/config.json" << 'EOF'
import json, sys
about = json.load(open(sys.argv[1]))
process = about["process"]
print(process["user"]["uid"], process["user"]["gid"], process["cwd"], *process["args"])
EOF
)
expect "user, folder, entry point" "1000 1000 /results /usr/bin/blackstart --help" "$config"
[ ! -e "$root/bundle/rootfs/bin/sh" ] || { echo "there is a shell in the image"; exit 1; }
mb=$(($(stat -c %s "$SOURCE_DIR/build/package/blackstart-image.tar") / 1000000))
[ "$mb" -le 60 ] || { echo "the image has grown to $mb MB"; exit 1; }

# by_crun WORD...: as a container, with the volume from outside and no network.
by_crun() {
    python3 - "$root/bundle/config.json" "$root/results" "$@" << 'EOF'
import json, sys
path, results, *words = sys.argv[1:]
about = json.load(open(path))
about["process"].update(terminal=False, args=["/usr/bin/blackstart", *words])
about["mounts"] = [m for m in about["mounts"] if m["destination"] != "/results"]
about["mounts"].append({"destination": "/results", "type": "bind", "source": results,
                        "options": ["bind", "rw"]})
json.dump(about, open(path, "w"))
EOF
    crun --root "$root/crun" run --bundle "$root/bundle" "blackstart-test-$$"
}

by_chroot() {
    # shellcheck disable=SC2016
    unshare --mount sh -c 'root=$1; results=$2; shift 2; mkdir -p "$root/proc" &&
        mount -t proc proc "$root/proc" &&
        mount --bind "$results" "$root/results" && cd / &&
        exec chroot --userspec=1000:1000 "$root" /usr/bin/blackstart "$@"' _ \
        "$root/bundle/rootfs" "$root/results" "$@"
}

mkdir "$root/results"
chown 1000:1000 "$root/results"
if command -v crun > /dev/null && by_crun version > "$root/version" 2> "$root/why"; then
    how=by_crun
else
    why=$(head -n 1 "$root/why" 2> /dev/null || echo not installed)
    echo "crun does not run containers here ($why): in a chroot"
    how=by_chroot
    by_chroot version > "$root/version"
fi
grep -q '^blackstart ' "$root/version" || { echo "the image does not say its version"; exit 1; }
$how run power-restore-street --quiet --out /results/first | grep -q 'PASS  5.9-3-2 a' ||
    { echo "the scenario does not pass there"; exit 1; }
expect "fingerprint" "$(what_it_is_here)" "$(fingerprint "$root/results/first")"
expect "whose the results are" 1000 "$(stat -c %u "$root/results/first/summary.json")"
status=0
$how run power-restore-street --set law=fixed --quiet --out /results/twin > /dev/null 2>&1 ||
    status=$?
expect "exit code of the bad twin" 1 "$status"
echo "the image: as expected ($how, $mb MB)"
