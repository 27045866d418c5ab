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
         { name = "path", kind = "text", default = "t" },
         { name = "protocol", kind = "choice", default = "coap", choices = { "coap", "mqtt" } } }
function setup(p)
    fleet.devices { model = "smart-plug", count = 2, report_every = "250ms", start_over = "250ms",
                    boot = "0s", method = p.method, path = p.path,
                    protocol = p.protocol, register = p.protocol == "mqtt",
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

    def test_rows_stand_in_messages_that_nobody_acknowledges(self):
        """MQTT of QoS 0, which is answered once it is sent."""
        message = {"topic": "up/${room}", "payload": "${level}", "qos": 0}
        self.write("fleet.lua", FLEET)
        self.write("rooms.csv", "room,level\nkitchen,7\nhall,high\n")
        self.write("up.json", json.dumps({"title": "Up", "report": [message]}))
        words = ["run", "fleet.lua", "--quiet", "--out", "o", "--set", "protocol=mqtt"]
        words += ["--dialect", "./up.json", "--data", "rooms.csv"]
        cloud, port, _ = self.serve("--mqtt", "{port}", "--totals", "json")
        self.addCleanup(cloud.communicate)
        self.addCleanup(cloud.kill)
        process = self.run_program([*words, "--target", f"mqtt://127.0.0.1:{port}"])
        self.assertEqual(process.returncode, 0, process.err)
        cloud.terminate()
        last = json.loads(cloud.stdout.read().splitlines()[-1])
        self.assertEqual((last["attempts_online"], last["last"]), (2, True))
        self.assertGreaterEqual(last["cloud_requests"], 2 + 4)

    def test_what_could_not_be_said_is_told(self):
        self.write("fleet.lua", FLEET)
        halves = {"a": "x" * 600, "b": "x" * 600}
        for name, message, told in (
            (
                "miss",
                {"topic": "t/${colour}", "payload": "b"},
                r"note: \d+ reports were not said: ",
            ),
            ("long", {"topic": "t", "payload": halves}, r"note: \d+ reports were not sent: they "),
        ):
            self.write(f"{name}.json", json.dumps({"title": name, "report": [message]}))
            words = ["run", "fleet.lua", "--quiet", "--out", name, "--dialect", f"./{name}.json"]
            with Server() as server:
                process = self.run_program([*words, "--target", server.url])
            self.assertEqual((process.returncode, server.asked), (5, []), process.err)
            self.assertRegex(process.err, rf"\A{told}[^\n]*\nblackstart: [^\n]*\n\Z")

    def test_what_does_not_fit_is_refused(self):
        self.write("fleet.lua", FLEET)
        self.write("ours.json", json.dumps({**OURS, "will": {"topic": "a", "payload": "b"}}))
        self.write("bad.csv", "room,device\na,b\n")
        message = {"topic": "a", "payload": {"a": "x" * 1024}}
        self.write("long.json", json.dumps({"title": "Long", "report": [message]}))
        message = {"topic": "a", "payload": "b", "model": "bulb"}
        self.write("bulbs.json", json.dumps({"title": "Bulbs", "report": [message]}))
        words = ["run", "fleet.lua", "--out", "o", "--set", "protocol=mqtt"]
        line = r"no dialect of this target: report 1: method and accept are CoAP's: .*"
        self.expect_refused([*words, "--dialect", "thingsboard-coap"], 4, line)
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
            (["--dialect", "./long.json"], r"no dialect: report 1: a text has more than 1,023 .*"),
            (["--dialect", "./bulbs.json"], r"no word for any device of the fleet \(--dial.*"),
            (["--username", "me"], r"--username without a broker .*"),
            (
                ["--dialect", "thingsboard-coap", "--data-per", "request"],
                r"--data-per without data .*",
            ),
        ):
            self.expect_refused([*words, *more], 4, line)


if __name__ == "__main__":
    unittest.main()
