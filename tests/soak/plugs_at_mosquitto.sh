#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PLUGS (2,000) smart plugs at Debian's Mosquitto over TLS, each with its certificate and its
# password: all of them lose their power, the broker restarts, and it stands still. They come back
# by their law; the broker's log, and a capture where tcpdump may take one, say what the run says.
set -euo pipefail
export PLUGS="${PLUGS:-2000}"
cd "$(dirname "${BASH_SOURCE[0]}")/../interop"
exec /usr/bin/python3 test_mosquitto_tls.py AtMosquittoOverTls.test_power_restart_and_standstill
