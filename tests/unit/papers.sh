#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# tests/unit/papers.sh - makes tests/unit/papers.h anew: two authorities, and what the first one
# signed for a server named localhost and for a client. They are valid from the day on which this
# runs, for a hundred years.
set -euo pipefail
out=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/papers.h
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2> /dev/null; }

authority() {
    key "$1"
    openssl req -x509 -new -key "$1.key" -subj "/CN=$1" -days 36500 \
        -addext basicConstraints=critical,CA:TRUE -out "$1.pem"
}

signed() { # NAME SUBJECT EXTENSION
    key "$1"
    openssl req -new -key "$1.key" -subj "/CN=$2" |
        openssl x509 -req -CA ours.pem -CAkey ours.key -days 36500 -extfile <(echo "$3") \
            -out "$1.pem" 2> /dev/null
}

text() { # C_NAME FILE
    echo "static const char $1[] ="
    sed 's/.*/    "&\\n"/' "$2"
    echo ";"
}

authority ours
authority theirs
signed server localhost "subjectAltName=DNS:localhost,IP:127.0.0.1"
signed client bs-00000001 "extendedKeyUsage=clientAuth"
{
    echo "/* SPDX-License-Identifier: GPL-3.0-or-later */"
    echo "/* tests/unit/papers.h - certificates and keys for tests, made by papers.sh. */"
    echo "#ifndef TESTS_UNIT_PAPERS_H"
    echo "#define TESTS_UNIT_PAPERS_H"
    echo
    text papers_ours ours.pem
    text papers_theirs theirs.pem
    text papers_server server.pem
    text papers_server_key server.key
    text papers_client client.pem
    text papers_client_key client.key
    echo
    echo "#endif"
} > "$out"
clang-format -i "$out"
