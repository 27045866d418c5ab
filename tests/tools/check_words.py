#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps protocols out of the rooms that must not know them (design D13): no word of CoAP, MQTT,
DTLS or TLS, in code or comment.

usage: check_words.py SOURCE_DIR     exit 0 none is there, 1 one is (file, line, word are printed)
       check_words.py --self-test    feeds it good and bad twins

What devices and runs need of a connection is in net/link.h; what a protocol is called, its row
knows (net/protocol.h).
"""
import pathlib
import re
import sys
import tempfile

ROOMS = ["devices", "sim/run"]
WORD = re.compile(r"coap|mqtt|dtls|tls", re.IGNORECASE)

# File -> (what may stand there, why). What is left of a line without it is held against the rule.
EXCEPTIONS = {
    "devices/presets.c": (
        r"(?:esp-mqtt|ESP-MQTT|picomqtt|PicoMQTT|mqtt-js|MQTT\.js|MQTTAsync\.c|HiveMQ MQTT|MQTT "
        r"Client Features|AWS CRT, MQTT 5"
        r"|\"coap\"|CoAP retransmission|\"dtls\"|DTLS handshake "
        r"timer|xdrv_02_9_mqtt\.ino|MqttDisconnected|MqttRetry"
        r"|MQTT_RECONNECT_DELAY_MIN)",
        "names of clients, of their documents and of the laws that protocols prescribe: data "
        "that users see",
    ),
    "devices/law_one_draw.c": (
        r"CoAP's retransmission, RFC 7252",
        "a law's sentence for users: whose law it is",
    ),
    "sim/run/machine.c": (r"a coaps:// target", "a sentence for users about what they typed"),
}


def complaints_of(path, text):
    allowed = EXCEPTIONS.get(path)
    for number, line in enumerate(text.splitlines(), 1):
        rest = re.sub(allowed[0], "", line) if allowed else line
        for found in WORD.finditer(rest):
            yield (
                f"{path}:{number}: {found.group()}: a protocol is net's business: ask "
                f"net/link.h or net/protocol.h"
            )


def check(root):
    """All complaints, exceptions that nothing uses among them, and the number of files read."""
    complaints, count = [], 0
    for room in ROOMS:
        for file in sorted((root / room).rglob("*")):
            if file.suffix not in (".c", ".h") or not file.is_file():
                continue
            count += 1
            text = file.read_text(encoding="utf-8", errors="replace")
            path = file.relative_to(root).as_posix()
            complaints += complaints_of(path, text)
            if path in EXCEPTIONS and not re.search(EXCEPTIONS[path][0], text):
                complaints.append(
                    f"{path}:1: nothing needs its exception in check_words.py any more"
                )
    return complaints, count


GOOD = [
    ("devices/a.c", "net_link_ask(l, now, &ask); /* its protocol knows how */"),
    ("devices/presets.c", '{"esp-mqtt", "ESP-MQTT", source},'),
    ("sim/run/machine.c", '"a coaps:// target needs credentials"'),
    ("sim/cloud/door.c", "net_coap_server *pool;"),
    ("net/protocol_coap.c", "CoAP over DTLS"),
]
BAD = [
    ("devices/a.c", "net_coap_request r;", "coap"),
    ("devices/a.h", "/* over DTLS */", "DTLS"),
    ("devices/deep/a.h", "bool mqtt;", "mqtt"),
    ("sim/run/a.c", "/* plain CoAP */", "CoAP"),
    ("sim/run/a.c", "int tls_port;", "tls"),
    ("devices/presets.c", "net_coap_method m;", "coap"),
    ("sim/run/machine.c", "if (is_coaps(target)) return;", "coap"),
]


def twin(path, text):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        used = (
            ""
            if path not in EXCEPTIONS or re.search(EXCEPTIONS[path][0], text)
            else "/* a coaps:// target, esp-mqtt */\n"
        )
        (root / path).write_text(text + "\n" + used, encoding="utf-8")
        return check(root)[0]


def self_test():
    failures = [
        f"good twin was refused: {line}" for path, text in GOOD for line in twin(path, text)
    ]
    for path, text, word in BAD:
        found = twin(path, text)
        if path in EXCEPTIONS:
            found = [line for line in found if not line.startswith(f"{path}:2:")]
        if len(found) != 1 or f"{path}:1: {word}:" not in found[0]:
            failures.append(
                f"bad twin {path} {text!r} gave {found}, not one complaint about {word!r}"
            )
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "sim/run").mkdir(parents=True)
        (root / "sim/run/machine.c").write_text("int nothing;\n", encoding="utf-8")
        if "any more" not in "".join(check(root)[0]):
            failures.append("an exception that nothing needs was not noticed")
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
    print("\n".join(complaints) or f"{count} files, none names a protocol")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
