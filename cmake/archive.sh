#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/archive.sh - makes build/package/blackstart-MACHINE.tar.xz of what build/release holds: the
# program with all of its libraries but those of glibc, for other Linux systems with a glibc that is
# not older. Unpacked anywhere, by anybody, blackstart-MACHINE/blackstart runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/stage.sh

name=blackstart-$(uname -m)
stage=build/package/archive
top=$stage/$name
make_stage "$stage" "/$name"
mkdir "$top/lib"

# dpkg knows a file by the path of before /lib became a link to /usr/lib, or by that of after.
package_of() {
    { dpkg-query -S "$1" || dpkg-query -S "${1#/usr}"; } 2> /dev/null | sed -n '1s/:.*//p'
}

# glibc is the system's own; a second one beside it would not fit its loader. Of each other library
# the licence goes along.
own='^(linux-vdso|ld-linux.*|libc|libm|libpthread|libdl|librt|libresolv)\.so'
mkdir -p "$top/share/doc/libraries"
while read -r soname path; do
    [[ $soname =~ $own ]] && continue
    install -m 644 "$path" "$top/lib/$soname"
    package=$(package_of "$(realpath "$path")")
    cp -L "/usr/share/doc/$package/copyright" "$top/share/doc/libraries/$package" 2> /dev/null || {
        echo "archive: no licence of $soname is to be found" \
            "(/usr/share/doc/$package/copyright): install its package again" >&2
        exit 1
    }
done < <(ldd "$top/bin/blackstart" | sed -n 's/^\t\([^ ]*\) => \([^ ]*\) (.*/\1 \2/p')

# An old-fashioned rpath of the program is looked at for the libraries of its libraries, too.
patchelf --force-rpath --set-rpath "\$ORIGIN/../lib" "$top/bin/blackstart"

# The newest version of glibc that anything in here names.
needs=$(objdump -T "$top/bin/blackstart" "$top"/lib/* | grep -o 'GLIBC_2\.[0-9]*' |
    sort -t. -k2 -n -u | tail -n 1 | cut -d_ -f2)
(cd "$top/lib" && printf '%s\n' *) > "$top/share/libraries.txt"
sed "s/@NEEDS@/$needs/g; s/@MACHINE@/$(uname -m)/g" cmake/archive_start.sh > "$top/blackstart"
chmod 755 "$top/blackstart"

chmod -R u=rwX,go=rX "$top"
tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
    -cf - "$name" |
    xz -T1 -6 > "build/package/$name.tar.xz"
size=$(du -k --apparent-size "build/package/$name.tar.xz" | cut -f1)
echo "build/package/$name.tar.xz ($size KB, needs glibc $needs)"
