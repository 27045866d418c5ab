#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""--dialect and --data over CoAP: requests as they come to a server that is not ours, taken apart
by hand.
"""
import json
import pathlib
import socket
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from peers import InteropTest  # noqa: E402
from test_coap_letter import ACCEPT, FORMAT, GET, PATH, POST, PUT, QUERY, answer_of  # noqa: E402

FLEET = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "Two plugs" }
params { { name = "method", kind = "choice", default = "POST", choices = { "POST", "PUT", "GET" } },
         { name = "path", kind = "text", default = "t" } }
function setup(p)
    fleet.devices { model = "smart-plug", count = 2, report_every = "250ms", start_over = "250ms", boot = "0s",
                    method = p.method, path = p.path, register = false,
                    law = law.fixed { base = "1s" } }
end
function drill(p) wait "1250ms" end
function verdict(p)
    judge.answered { at_least = "100%" }
end
"""
OURS = {
    "title": "Ours",
    "report": [
        {
            "topic": "devices/${device}/telemetry?token=${password}&room=${room}",
            "method": "PUT",
            "payload": {"watts": "${power}", "level": "${level}", "by": "${user_name}"},
            "accept": "json",
        }
    ],
}


class Server:
    """Answers 2.04, or 2.05 to a GET, and keeps what it was asked: method, path, query, other
    options, payload.
    """

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"coap://127.0.0.1:{self.socket.getsockname()[1]}"
        self.asked = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            datagram, sender = self.socket.recvfrom(2048)
            if not datagram:
                self.socket.close()
                return
            _, _, options = answer_of(datagram)
            by = {}
            for number, value in options:
                by.setdefault(number, []).append(value)
            path = b"/".join(by.get(PATH, [])).decode()
            query = b"&".join(by.get(QUERY, [])).decode()
            forms = [int.from_bytes(by[n][0], "big") if n in by else None for n in (FORMAT, ACCEPT)]
            _, mark, payload = datagram[4 + (datagram[0] & 15) :].partition(b"\xff")
            self.asked.append((datagram[1], path, query, *forms, payload if mark else b""))
            code = 0x45 if datagram[1] == GET else 0x44
            token = datagram[4 : 4 + (datagram[0] & 15)]
            head = bytes([0x60 | len(token), code]) + datagram[2:4] + token
            self.socket.sendto(head + (b"\xffx" if code == 0x45 else b""), sender)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.socket.getsockname())


class DialectsOfCoap(InteropTest):
    def asked(self, *more):
        self.write("fleet.lua", FLEET)
        with Server() as server:

            def run(attempt):
                server.asked.clear()
                words = ["run", "fleet.lua", "--quiet", "--out", f"o{attempt}"]
                return (self.run_program([*words, "--target", server.url, *more]),)

            (process,) = self.in_time(run)
            self.assertEqual(process.returncode, 0, process.err)
            self.assertGreater(len(server.asked), 4)
            return server.asked

    def test_requests_are_as_the_dialect_says(self):
        self.write("ours.json", json.dumps(OURS))
        self.write("rooms.csv", "room,level\nkitchen,7\nhall,high\n")
        words = ["--dialect", "./ours.json", "--data", "rooms.csv"]
        words += ["--username", "me", "--password", "s3cret"]
        rooms = {}
        for method, path, query, form, accept, payload in self.asked(*words):
            self.assertEqual((method, form, accept), (PUT, 50, 50))
            said = json.loads(payload)
            self.assertEqual(said["by"], "me")
            self.assertIsInstance(said["watts"], (int, float))
            rooms.setdefault(path, set()).add((query, said["level"]))
        ours = "token=s3cret&room="
        self.assertEqual(
            rooms,
            {
                "devices/bs-00000000/telemetry": {(ours + "kitchen", 7)},
                "devices/bs-00000001/telemetry": {(ours + "hall", "high")},
            },
        )
        levels = [
            json.loads(row[-1])["level"] for row in self.asked(*words, "--data-per", "request")
        ]
        self.assertEqual(levels, [7, "high"] * (len(levels) // 2) + [7] * (len(levels) % 2))

    def test_a_shipped_one_and_one_without_a_payload(self):
        for method, path, _, form, _, payload in self.asked(
            "--dialect", "thingsboard-coap", "--username", "T0KEN"
        ):
            self.assertEqual((method, path, form), (POST, "api/v1/T0KEN/telemetry", 50))
            self.assertIn("power", json.loads(payload)["values"])
        for asked in self.asked("--set", "method=GET", "--set", "path=now/${device}?x=1"):
            self.assertRegex(asked[1], r"\Anow/bs-0000000[01]\Z")
            self.assertEqual((asked[0], *asked[2:]), (GET, "x=1", None, None, b""))

    def test_what_does_not_fit_is_refused(self):
        self.write("fleet.lua", FLEET)
        self.write("ours.json", json.dumps({**OURS, "will": {"topic": "a", "payload": "b"}}))
        self.write("bad.csv", "room,device\na,b\n")
        words = ["run", "fleet.lua", "--out", "o", "--target", "coap://127.0.0.1:9"]
        for more, line in (
            (
                ["--dialect", "./ours.json"],
                r"no dialect of this target: .*leave out will \(--dia.*",
            ),
            (["--dialect", "plain"], r"no dialect of this target: .*"),
            (["--data", "bad.csv"], r"--data without a dialect .*"),
            (
                ["--dialect", "thingsboard-coap", "--data", "bad.csv"],
                r"no table: a column has the name of a word .*\(--data bad\.csv, line 1\): .*",
            ),
            (["--username", "me"], r"--username without a broker .*"),
            (
                ["--dialect", "thingsboard-coap", "--data-per", "request"],
                r"--data-per without data .*",
            ),
        ):
            self.expect_refused([*words, *more], 4, line)


if __name__ == "__main__":
    unittest.main()
