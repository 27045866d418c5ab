#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake/mosquitto.sh - builds the client library of Mosquitto as a static archive into
# build/deps/mosquitto and does nothing when it is there already.
#
# Without threads: a device is stepped by whoever owns it. Without TLS, SRV records, SOCKS and
# sockets of files: protection and transport are floors of our own below it. The source is Debian's
# own source package (cmake/source_package.sh) or, if set, the folder BLACKSTART_MOSQUITTO_SRC.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly name=mosquitto version=2.0.21 marker=lib/Makefile given_name=BLACKSTART_MOSQUITTO_SRC
readonly made_by=(cmake/mosquitto.sh)
source cmake/source_package.sh

without=(WITH_TLS=no WITH_TLS_PSK=no WITH_THREADING=no WITH_SRV=no WITH_CJSON=no WITH_SOCKS=no WITH_UNIX_SOCKETS=no WITH_STRIP=no)

# A folder that the user gave must hold the version that we know.
check_given_source() {
    grep -qs "^VERSION=$version\$" "$1/config.mk"
}

# build_from DIR: nothing is written there. The steps are chained because a caller that tests the
# result switches `set -e` off.
build_from() {
    mkdir "$work/tree" &&
        cp -R "$1"/{config.h,config.mk,deps,include,lib} "$work/tree/" &&
        cd "$work/tree/lib" &&
        make -j "${BLACKSTART_JOBS:-$(nproc)}" CC=gcc CFLAGS="-O2" "${without[@]}" WITH_STATIC_LIBRARIES=yes WITH_SHARED_LIBRARIES=no libmosquitto.a &&
        mkdir -p "$work/out/mosquitto/lib" "$work/out/mosquitto/include" &&
        cp libmosquitto.a "$work/out/mosquitto/lib/" &&
        cp ../include/mosquitto.h ../include/mqtt_protocol.h "$work/out/mosquitto/include/"
}

# What was left out must not have come back by a default of the makefile.
check_library() {
    if nm "$1" 2> /dev/null | grep -qE ' U (SSL_|pthread_|ares_)'; then die "built with TLS, threads or SRV records"; fi
    nm "$1" 2> /dev/null | grep -c ' T mosquitto_loop_read$' > /dev/null || die "built without the client"
}

source_package_main lib/libmosquitto.a
