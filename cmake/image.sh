#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/image.sh - makes build/package/blackstart-image.tar, a container image in OCI's layout, of
# the newest package in build/package and just those packages of Debian 12 that it needs: no shell,
# no apt. Nobody's user runs it, results go to the volume /results.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/stage.sh

die() {
    echo "image: $1" >&2
    exit 1
}

[ "$(id -u)" -eq 0 ] || die "files of the image belong to root: run make image as root"
package=$(ls -t build/package/blackstart_*.deb 2> /dev/null | head -n 1)
[ -n "$package" ] || die "there is no package to put into it: run make deb first"
# shellcheck disable=SC2016
mirror=$(bash -c 'source cmake/wolfssl.sh; mirrors /etc/apt bookworm' | head -n 1)
[ -n "$mirror" ] || die "apt has no source of Debian 12 (/etc/apt): add one"

folder=build/package/image
rm -rf "$folder" "$folder.oci"
mkdir -p build/package
needs=$(dpkg-deb -f "$package" Depends | sed 's/([^)]*)//g; s/ //g')
mmdebstrap --quiet --variant=extract --include="$needs,ca-certificates" bookworm "$folder" \
    "$mirror" ||
    die "mmdebstrap failed, see above"
dpkg-deb -x "$package" "$folder"

# What only people and shells read goes, the licences stay. Certificates are what
# update-ca-certificates would write.
find "$folder/usr/share/doc" -type f ! -name copyright -delete
rm -rf "$folder"/usr/share/{man,info,locale,lintian,bash-completion,zsh,fish,bug,gcc,gdb} \
    "$folder"/usr/share/common-licenses/GFDL* \
    "$folder"/var/{lib/apt,lib/dpkg,cache,log} "$folder"/usr/lib/x86_64-linux-gnu/{gconv,perl*} \
    "$folder"/usr/{bin,sbin}/{perl*,openssl,c_rehash}
mkdir -p "$folder/etc/ssl/certs" "$folder/results" "$folder/tmp"
find "$folder/usr/share/ca-certificates" -name '*.crt' | LC_ALL=C sort |
    xargs cat > "$folder/etc/ssl/certs/ca-certificates.crt"
printf 'root:x:0:0:root:/:/none\nblackstart:x:1000:1000:blackstart:/results:/none\n' \
    > "$folder/etc/passwd"
printf 'root:x:0:\nblackstart:x:1000:\n' > "$folder/etc/group"
chown 1000:1000 "$folder/results"
chmod 1777 "$folder/tmp"
find "$folder" -type d -empty ! -path "$folder/results" ! -path "$folder/tmp" ! \
    -path "$folder/proc" ! -path "$folder/dev" ! -path "$folder/sys" -delete

tar -C "$folder" --sort=name --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --exclude='./dev/*' \
    -cf "$folder.layer.tar" .
created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
umoci init --layout "$folder.oci"
umoci new --image "$folder.oci:blackstart"
umoci raw add-layer --image "$folder.oci:blackstart" --history.created="$created" \
    "$folder.layer.tar"
umoci config --image "$folder.oci:blackstart" --created "$created" \
    --config.entrypoint /usr/bin/blackstart --config.cmd --help \
    --config.user 1000:1000 --config.workingdir /results --config.volume /results \
    --config.env LC_ALL=C.UTF-8 \
    --config.label "org.opencontainers.image.licenses=GPL-3.0-or-later" \
    --config.label "org.opencontainers.image.version=$(package_version)"
umoci gc --layout "$folder.oci"
tar -C "$folder.oci" --sort=name --owner=0 --group=0 --mtime="@$SOURCE_DATE_EPOCH" \
    -cf build/package/blackstart-image.tar .
size=$(stat -c %s build/package/blackstart-image.tar)
unpacked=$(du -sm "$folder" | cut -f1)
echo "build/package/blackstart-image.tar ($((size / 1000000)) MB, unpacked $unpacked MB)"
rm -rf "$folder.layer.tar"
