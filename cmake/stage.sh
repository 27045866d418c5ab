# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by what makes packages: everything that is installed, in a folder of its own; the version
# as packages write it; the time that files in them bear.

committed=$(git log -1 --format=%ct 2> /dev/null || stat -c %Y CHANGELOG.md)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$committed}
export SOURCE_DATE_EPOCH

# make_stage FOLDER PREFIX: installs build/release anew below FOLDER.
make_stage() {
    rm -rf "$1" "$1".source
    mkdir -p "$1"
    DESTDIR=$PWD/$1 PREFIX=$2 bash cmake/install.sh build/release > /dev/null
}

# 0.2.0-dev+gHASH comes before 0.2.0: Debian writes that with a tilde.
package_version() {
    build/release/blackstart version | sed -n 's/^blackstart //p' | tr - '~'
}
