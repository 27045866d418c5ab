#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches the arrows between the layers: reads every #include of our C sources and holds it against
the rules below.

usage: check_includes.py SOURCE_DIR     exit 0 all arrows allowed, 1 one is not (file, line, rule
                                        are printed)
       check_includes.py --self-test    feeds it good and bad twins

The rules are the table of the design, section 3, "Folders are layers".
"""
import pathlib
import re
import sys
import tempfile

# Folder -> folders of ours that it may include besides itself.
LAYERS = {
    "sim/core": [],
    "sim/record": ["sim/core"],
    "net": ["sim/core", "sim/record"],
    "devices": ["sim/core", "sim/record", "net"],
    "sim/cloud": ["sim/core", "sim/record", "net"],
    "sim/examine": ["sim/core", "sim/record"],
    "sim/judge": ["sim/core", "sim/record"],
    "sim/read": ["sim/core", "sim/record", "sim/judge"],
    "sim/assess": ["sim/core", "sim/record", "sim/judge"],
    "sim/report": ["sim/core", "sim/record", "sim/judge", "sim/read", "sim/assess"],
    "sim/fleet": [
        "sim/core",
        "sim/record",
        "net",
        "devices",
        "sim/cloud",
        "sim/examine",
        "sim/judge",
    ],
    "sim/serve": [
        "sim/core",
        "sim/record",
        "net",
        "devices",
        "sim/cloud",
        "sim/examine",
        "sim/fleet",
        "sim/report",
    ],
    "sim/run": [
        "sim/core",
        "sim/record",
        "net",
        "devices",
        "sim/cloud",
        "sim/examine",
        "sim/judge",
        "sim/report",
        "sim/fleet",
    ],
    "lua": ["sim/core", "sim/record", "sim/fleet", "sim/run"],
}
LAYERS["sim/cli"] = [*LAYERS]
LAYERS["sim"] = LAYERS["sim/cli"] + ["sim/cli"]  # sim/main.c

# Header of someone else -> files that may see it.
FOREIGN = [
    (
        r"uv(/.*|-.*)?\.h",
        r"sim/run/drive_real\.c|net/real_[^/]*\.[ch]",
        "only sim/run/drive_real.c and net/real_* see uv.h",
    ),
    (r"(lua|lauxlib|lualib|luaconf)\.h", r"lua/.*", "only lua/ sees lua.h"),
    (r"coap[23]?/.*", r"net/coap[^/]*\.[ch]", "only net/coap* sees libcoap"),
    (
        r"wolfssl/.*",
        r"net/(secure[^/]*|signature|seal)\.[ch]",
        "only net/secure*, net/signature and net/seal see wolfSSL",
    ),
    (
        r"(virtual/)?mosquitto.*\.h|mqtt_protocol\.h",
        r"net/mqtt[^/]*\.[ch]",
        "only net/mqtt* sees libmosquitto",
    ),
    (r"wslay/.*", r"net/websocket\.[ch]", "only net/websocket sees libwslay"),
    (r"curl/.*", r"net/webhook\.[ch]", "only net/webhook sees libcurl"),
    (r"microhttpd\.h", r"net/http_page\.[ch]", "only net/http_page sees libmicrohttpd"),
    (
        r"jansson(_config)?\.h",
        r"sim/record/json_(read|write)\.h|sim/(assess|report|cli)/.*",
        "only sim/record/json_*.h, sim/assess/, sim/report/ and sim/cli/ see jansson",
    ),
    (r"libxml/.*", r"sim/report/.*", "only sim/report/ sees libxml2"),
    (r"gsl/.*", r"sim/(judge|read)/.*", "only sim/judge/ and sim/read/ see GSL"),
    (r"popt\.h", r"sim/cli/.*", "only sim/cli/ sees popt"),
    (r"cbor(/.*)?\.?h?", r"net/(cbor|senml)\.c", "only net/cbor and net/senml see libcbor"),
    (r"pcap(/.*)?\.?h?", r"sim/read/[^/]*\.c", "only sim/read/ sees libpcap"),
    (
        r"zlib\.h",
        r"sim/read/gzip\.c|devices/store\.c",
        "only sim/read/gzip.c and devices/store.c (for its sums) see zlib",
    ),
]

# The C library: C17, and POSIX as Linux has it.
STANDARD = set(
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal "
    "stdalign stdarg stdatomic stdbool "
    "stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype "
    "dirent fcntl ftw glob getopt langinfo libgen malloc pthread pwd sched semaphore spawn "
    "strings sysexits syslog termios unistd "
    "endian execinfo".split()
)
STANDARD_SYSTEM = set(
    "mman random resource stat statvfs time times types utsname wait ioctl uio".split()
)
# Sockets and readiness are the network's business; the command line turns the name of a target into
# an address for it.
NETWORK = re.compile(
    r"sys/(socket|epoll|timerfd|eventfd|select|un)\.h|netinet/.*|arpa/.*|net/.*|netdb\.h|poll\.h|"
    r"ifaddrs\.h|linux/.*"
)
NETWORK_PLACES = re.compile(r"net/.*|sim/cli/.*|sim/read/[^/]*\.c")

GENERATED = {"blackstart_version.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]*)"|<([^>]*)>|(\S.*))')


def layer_of(path):
    """The layer that a path relative to the source folder belongs to, or None."""
    parent = pathlib.PurePosixPath(path).parent
    if parent.as_posix() == "sim":
        return "sim"
    for folder in [parent, *parent.parents]:
        if folder.as_posix() in LAYERS and folder.as_posix() != "sim":
            return folder.as_posix()
    return None


def is_standard(name):
    if not name.endswith(".h"):
        return False
    stem = name[:-2]
    return stem in STANDARD or (stem.startswith("sys/") and stem[4:] in STANDARD_SYSTEM)


def judge_system(path, name):
    """<name> or a foreign header in quotes: the rule that it breaks, or None."""
    for pattern, places, rule in FOREIGN:
        if re.fullmatch(pattern, name):
            return None if re.fullmatch(places, path) else rule
    if NETWORK.fullmatch(name):
        return (
            None
            if NETWORK_PLACES.fullmatch(path)
            else "only net/ sees sockets, and sim/cli/ for the names of targets"
        )
    if not is_standard(name):
        return (
            "a header that no rule knows; if it belongs here, add it to "
            "tests/tools/check_includes.py and to the design"
        )
    return None


def judge_own(root, path, name):
    if name in GENERATED:
        return None
    if "/" not in name or name.startswith((".", "/")):
        return "includes of ours are written from the top folder of the project"
    target = layer_of(name)
    if target is None:
        return judge_system(path, name)
    layer = layer_of(path)
    if target != layer and target not in LAYERS[layer]:
        allowed = ", ".join(LAYERS[layer]) or "the C library only"
        return f"{layer}/ may include {allowed}; not {target}/"
    if not (root / name).is_file():
        return "there is no such file"
    return None


def check_file(root, path):
    """Yields (line number, include, rule) for every include of a file that is not allowed."""
    text = (root / path).read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        own, system, computed = found.groups()
        if computed is not None:
            yield number, computed, "an include must name its file, not a macro"
            continue
        rule = judge_own(root, path, own) if own is not None else judge_system(path, system)
        if rule:
            yield number, own if own is not None else system, rule


def sources(root):
    for top in ("sim", "net", "devices", "lua"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in (".c", ".h") and file.is_file():
                yield file.relative_to(root).as_posix()


def check(root):
    """All complaints as lines of text, and the number of files read."""
    complaints, count = [], 0
    for path in sources(root):
        count += 1
        if layer_of(path) is None:
            complaints.append(f"{path}:1: this folder is not a layer of the design")
            continue
        for number, name, rule in check_file(root, path):
            complaints.append(f"{path}:{number}: {name}: {rule}")
    return complaints, count


GOOD = [
    ("sim/core/queue.c", '#include "sim/core/queue.h"\n#include <stdint.h>\n#include <pthread.h>'),
    ("net/vkernel.c", "#include <sys/epoll.h>\n#include <netinet/in.h>"),
    ("net/coap_client.c", "#include <coap3/coap.h>"),
    ("net/secure.c", "#include <wolfssl/options.h>"),
    ("net/real_udp.c", '#include <uv.h>\n#include "sim/core/queue.h"'),
    ("net/senml.c", "#include <cbor.h>"),
    ("devices/thermostat.c", '#include "net/hop.h"'),
    ("sim/cloud/front.c", '#include "net/hop.h"'),
    ("sim/judge/law.c", "#include <gsl/gsl_cdf.h>"),
    ("sim/record/json_write.h", "#include <jansson.h>"),
    ("sim/assess/evidence.c", '#include <jansson.h>\n#include "sim/judge/law.h"'),
    ("sim/report/json.c", '#include <jansson.h>\n#include "sim/judge/law.h"'),
    ("sim/run/drive_real.c", '#include <uv.h>\n#include "devices/model.h"'),
    ("lua/bind.c", '#include <lua.h>\n#include "sim/run/run.h"'),
    (
        "sim/cli/options.c",
        '#include <popt.h>\n#include "lua/script.h"\n#include "blackstart_version.h"',
    ),
    ("sim/main.c", '#include "sim/cli/options.h"'),
]
HEADERS = [
    "sim/core/queue.h",
    "net/hop.h",
    "devices/model.h",
    "sim/judge/law.h",
    "sim/run/run.h",
    "lua/script.h",
    "sim/cli/options.h",
    "sim/cloud/front.h",
    "sim/report/json.h",
]
BAD = [
    ("sim/core/a.c", '#include "net/hop.h"', "sim/core/ may include"),
    ("net/a.c", '#include "devices/model.h"', "net/ may include"),
    ("devices/a.c", '#include "sim/run/run.h"', "devices/ may include"),
    ("devices/a.c", "#include <uv.h>", "uv.h"),
    ("devices/a.c", "#  include  <lua.h>", "lua.h"),
    ("devices/thermostat.c", "#include <cbor.h>", "libcbor"),
    ("sim/cloud/front.c", "#include <cbor.h>", "libcbor"),
    ("sim/cloud/a.c", '#include "devices/model.h"', "sim/cloud/ may include"),
    ("sim/judge/a.c", '#include "net/hop.h"', "sim/judge/ may include"),
    ("sim/judge/a.c", '#include "sim/report/json.h"', "sim/judge/ may include"),
    ("sim/report/a.c", '#include "sim/cloud/front.h"', "sim/report/ may include"),
    ("sim/run/a.c", '#include "lua/script.h"', "sim/run/ may include"),
    ("sim/run/a.c", "#include <uv.h>", "uv.h"),
    ("sim/run/a.c", "#include <jansson.h>", "jansson"),
    ("sim/record/a.c", "#include <jansson.h>", "jansson"),
    ("sim/judge/a.c", "#include <jansson.h>", "jansson"),
    ("sim/assess/a.c", '#include "sim/report/json.h"', "sim/assess/ may include"),
    ("lua/a.c", '#include "net/hop.h"', "lua/ may include"),
    ("net/vkernel.c", "#include <coap3/coap.h>", "libcoap"),
    ("net/coap.c", "#include <wolfssl/ssl.h>", "wolfSSL"),
    ("net/secure.c", "#include <uv.h>", "uv.h"),
    ("sim/cloud/a.c", "#include <gsl/gsl_math.h>", "GSL"),
    ("sim/run/a.c", "#include <popt.h>", "popt"),
    ("sim/core/a.c", "#include <sys/socket.h>", "sockets"),
    ("sim/cli/a.c", "#include <libxml/xmlwriter.h>", "libxml2"),
    ("sim/core/a.c", "#include <openssl/ssl.h>", "no rule knows"),
    ("sim/core/a.c", '#include "queue.h"', "from the top folder"),
    ("sim/cli/a.c", '#include "../main.h"', "from the top folder"),
    ("sim/core/a.c", '#include "sim/core/gone.h"', "no such file"),
    ("sim/core/a.c", "#include HEADER", "not a macro"),
    ("net/a.c", '#include "uv.h"', "from the top folder"),
    ("devices/a.c", '#include "coap3/coap.h"', "libcoap"),
]


def run_twin(path, text):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, content in [(h, "") for h in HEADERS] + [(path, text + "\n")]:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content, encoding="utf-8")
        return check(root)[0]


def self_test():
    failures = []
    for path, text in GOOD:
        failures += [f"good twin was refused: {line}" for line in run_twin(path, text)]
    for path, text, rule in BAD:
        complaints = run_twin(path, "/* first line */\n" + text)
        if (
            len(complaints) != 1
            or rule not in complaints[0]
            or not complaints[0].startswith(f"{path}:2: ")
        ):
            failures.append(
                f"bad twin {path} {text!r} gave {complaints}, not one complaint with {rule!r} "
                f"in line 2"
            )
    if "not a layer" not in "".join(run_twin("sim/strange/a.c", "")):
        failures.append("a folder that is no layer was not noticed")
    print(
        "\n".join(failures)
        or f"{len(GOOD)} good twins passed, {len(BAD) + 1} bad twins were caught"
    )
    return 1 if failures else 0


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 4
    if sys.argv[1] == "--self-test":
        return self_test()
    complaints, count = check(pathlib.Path(sys.argv[1]).resolve())
    if count == 0:
        complaints.append(f"{sys.argv[1]}: no C sources found: nothing was checked")
    print("\n".join(complaints) or f"{count} files, all includes follow the layers")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
