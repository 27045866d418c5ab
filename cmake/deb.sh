#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/deb.sh - makes build/package/blackstart_VERSION_ARCHITECTURE.deb of what build/release
# holds. The same commit gives the same bytes on the same release of Debian. Where lintian is there,
# it has its say: an error of its is one of ours.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/stage.sh

stage=build/package/deb
make_stage "$stage" /usr
version=$(package_version)
maintainer="Blackstart <blackstart@packages.invalid>"
architecture=$(dpkg --print-architecture)
package=build/package/blackstart_${version}_$architecture.deb

# As Debian's policy has it: one text of copyright, the changelog beside it, manual and changelog
# compressed.
share=$stage/usr/share
mkdir -p "$share/zsh/vendor-completions"
mv "$share/zsh/site-functions/_blackstart" "$share/zsh/vendor-completions/"
rmdir "$share/zsh/site-functions"
{ cat cmake/copyright.txt; echo; cat "$share/doc/blackstart/notices.txt"; } \
    > "$share/doc/blackstart/copyright"
rm "$share/doc/blackstart/LICENSE" "$share/doc/blackstart/notices.txt"
cat > "$share/doc/blackstart/changelog" << EOF
blackstart ($version) unstable; urgency=medium

  * What changed for whoever uses Blackstart is in CHANGELOG.md, beside this.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
EOF
find "$share/man" "$share/doc/blackstart/changelog" -type f -exec gzip -9n {} +
find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

# What it is linked with, as dpkg names it. The tool wants a source package around it.
depends=$(mkdir -p "$stage.source/debian" && cd "$stage.source" &&
    printf '%s\n' 'Source: blackstart' '' 'Package: blackstart' 'Architecture: any' \
        > debian/control &&
    dpkg-shlibdeps -O "../deb/usr/bin/blackstart" 2> shlibdeps.log) || {
    echo "deb: dpkg-shlibdeps failed: $(tail -n 1 "$stage.source/shlibdeps.log")" >&2
    exit 1
}
mkdir "$stage/DEBIAN"
(cd "$stage" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) \
    > "$stage/DEBIAN/md5sums"
cat > "$stage/DEBIAN/control" << EOF
Package: blackstart
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --apparent-size "$stage/usr" | cut -f1)
Depends: ${depends#shlibs:Depends=}
Section: net
Priority: optional
Description: fleet simulator for IoT devices that come back after an outage
 Blackstart runs virtual IoT devices on real protocol code, takes their
 power and networks away by script, and judges against ETSI EN 303 645
 how they came back: in virtual time against a built-in cloud, or in real
 time against a server of yours.
EOF
chmod -R u=rwX,go=rX "$stage"
rm -f build/package/blackstart_*_"$architecture".deb
dpkg-deb --root-owner-group -Zxz --build "$stage" "$package" > /dev/null

if command -v lintian > /dev/null; then
    lintian --tag-display-limit 0 --allow-root --fail-on error "$package" || {
        echo "deb: lintian has found errors in $package: see above" >&2
        exit 1
    }
fi
echo "$package ($(du -k --apparent-size "$package" | cut -f1) KB)"
