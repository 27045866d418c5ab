#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alarms reach an operator: events.jsonl, alarms.csv, a webhook, an MQTT topic; and what does not
arrive was not noticed. Loopback only.
"""
import http.server
import json
import pathlib
import re
import shutil
import socket
import subprocess
import threading
import time
import unittest

from program import CliTest, enough_in_release, some

ATTACK = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "Some devices leak" }
params {
    { name = "examined", kind = "boolean", default = true },
    { name = "strictness", kind = "number", default = 1, minimum = 0.01, maximum = 1000000 },
}
local all
function setup(p)
    examiner { on = p.examined, strictness = p.strictness }
    all = fleet.devices { model = "thermostat", count = 200, law = law.full_jitter {}, report_every = "10m", start_over = "10m", metrics = true }
end
function drill(p)
    wait "1d"
    all:devices():inject { kind = "exfiltration", devices = 6, lasting = "6h" }
    wait "6h"
end
function verdict(p) judge.examined { declared = { "exfiltration" }, sized = true } end
"""


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.headers["Content-Type"], body))
        time.sleep(self.server.delay)
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Attack(CliTest):
    """What both groups of tests share."""

    def webhook(self, status=204, delay=0):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        server.got, server.status, server.delay = [], status, delay
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server, f"http://127.0.0.1:{server.server_port}/alarms"

    def attack(self, *more):
        self.write("attack.lua", ATTACK)
        return self.run_program(["run", "attack.lua", "--out", "o", "--quiet", *more])

    def measures(self):
        summary = json.loads((self.folder / "o" / "summary.json").read_text())
        return {m["name"]: m["value"] for m in summary["verdicts"][0]["measures"]}

    def alarms(self):
        lines = [
            json.loads(line)
            for line in (self.folder / "o" / "events.jsonl").read_text().splitlines()
        ]
        self.assertEqual(
            [line["time_s"] for line in lines], sorted(line["time_s"] for line in lines)
        )
        return [line for line in lines if line["event"] == "alarm"]


class Outlets(Attack):
    def test_event_log_and_table(self):
        process = self.attack()
        self.assertEqual(process.returncode, 0, process.out + process.err)
        alarms = self.alarms()
        self.assertGreaterEqual(len(alarms), 1)
        self.assertIn("exfiltration", {alarm["kind"] for alarm in alarms})
        rows = (self.folder / "o" / "alarms.csv").read_text().splitlines()
        self.assertEqual(len(rows), 1 + len(alarms))
        self.assertTrue(rows[0].startswith("timestamp,key,alarm,kind,"))
        for row, alarm in zip(rows[1:], alarms):
            self.assertEqual(float(row.split(",")[0]), alarm["time_s"])
            self.assertEqual(alarm["delivered_s"], alarm["time_s"])

    @enough_in_release
    def test_the_table_of_alarms_can_be_scored_as_somebody_elses(self):
        self.assertEqual(self.attack().returncode, 0)
        telemetry = "".join(f"{at},{device},1\n" for device in range(200) for at in (0, 30 * 3600))
        self.write("telemetry.csv", "timestamp,device,value\n" + telemetry)
        process = self.run_program(
            [
                "examine",
                "telemetry.csv",
                "--key",
                "device",
                "--operator",
                "o/alarms.csv",
                "--truth",
                "o/truth.csv",
            ]
        )
        self.assertEqual(process.returncode, 0, process.err)
        self.assertRegex(process.out, r"exfiltration +6 +6 +1\.000")

    @enough_in_release
    def test_without_an_examiner_nothing_is_noticed(self):
        process = self.attack("--set", "examined=false")
        self.expect_line(process, 1, r"a check failed \(5\.10-1 detection\): .+")
        measures = self.measures()
        self.assertEqual(measures["recall, exfiltration"], 0)
        self.assertEqual(measures["false alarms per device-day"], 0)
        self.assertFalse((self.folder / "o" / "alarms.csv").exists())

    @enough_in_release
    def test_an_absurd_threshold_notices_nothing(self):
        process = self.attack("--set", "strictness=100000")
        self.assertEqual(process.returncode, 1, process.out)
        self.assertEqual(self.measures()["recall, exfiltration"], 0)

    def test_webhook(self):
        server, url = self.webhook(delay=0.3)
        process = self.attack("--alarm-to", url)
        self.assertEqual(process.returncode, 0, process.err)
        alarms = self.alarms()
        self.assertEqual(
            [json.loads(body)["time_s"] for _, body in server.got],
            [alarm["time_s"] for alarm in alarms],
        )
        self.assertEqual({kind for kind, _ in server.got}, {"application/json"})
        for alarm in alarms:
            self.assertGreaterEqual(
                alarm["delivered_s"] - alarm["time_s"], 0.29, "the delay counts until there"
            )

    def test_webhook_that_says_no(self):
        server, url = self.webhook(status=500)
        process = self.attack("--alarm-to", url)
        self.assertEqual(process.returncode, 1, process.out)
        self.assertRegex(
            process.err,
            r"note: \d+ of \d+ alarms did not reach http://127\.0\.0\.1:\d+/alarms: answered with "
            r"status 500",
        )
        self.assertEqual(self.measures()["recall, exfiltration"], 0)
        self.assertEqual({alarm["delivered_s"] for alarm in self.alarms()}, {None})

    def test_nobody_listens(self):
        for url in some(
            (f"mqtt://127.0.0.1:{closed_port()}/alarms", f"http://127.0.0.1:{closed_port()}/")
        ):
            with self.subTest(url=url):
                shutil.rmtree(self.folder / "o", ignore_errors=True)
                begin = time.monotonic()
                process = self.attack("--alarm-to", url)
                self.assertEqual(process.returncode, 1)
                self.assertIn("did not reach", process.err)
                self.assertLess(time.monotonic() - begin, 30, "a dead outlet rests")

    @enough_in_release
    def test_one_of_two_is_enough(self):
        _, url = self.webhook()
        process = self.attack("--alarm-to", f"http://127.0.0.1:{closed_port()}/", "--alarm-to", url)
        self.assertEqual(process.returncode, 0, process.err)
        self.assertIn("did not reach", process.err)

    def test_addresses_that_are_none(self):
        for url, line in (
            ("", r": not an address that begins with http.*"),
            ("ftp://127.0.0.1/x", r".*not an address that begins with http:// or https://.*"),
            ("mqtt://127.0.0.1", r".*not an address like mqtt://HOST:1883/TOPIC.*"),
            ("mqtt://127.0.0.1/#", r".*without wildcards.*"),
            ("mqtt://127.0.0.1:99999/x", r".*not an address like mqtt.*"),
            ("mqtt://a:secret@127.0.0.1:0/x", r"(?!.*secret).*not an address like mqtt.*"),
        ):
            with self.subTest(url=url):
                process = self.attack("--alarm-to", url)
                self.assertEqual(process.returncode, 4, process.err)
                self.assertRegex(process.err.strip(), r"^blackstart: " + line + r"$")
                self.assertFalse((self.folder / "o").exists())

    def test_examine_calls_too(self):
        server, url = self.webhook()
        lines = ["timestamp,value"] + [
            f"{60 * i},{20 + (i * 7919 % 100) / 100 + (60 if i == 1500 else 0)}"
            for i in range(2000)
        ]
        self.write("readings.csv", "\n".join(lines) + "\n")
        process = self.run_program(["examine", "readings.csv", "--alarm-to", url])
        self.assertEqual(process.returncode, 0, process.err)
        raised = [line for line in process.out.splitlines() if line.endswith(",1")]
        self.assertGreaterEqual(len(raised), 1)
        self.assertEqual(
            [json.loads(body)["time"] for _, body in server.got],
            [line.split(",")[0] for line in raised],
        )
        self.assertIn(str(60 * 1500), [json.loads(body)["time"] for _, body in server.got])


@unittest.skipUnless(
    shutil.which("mosquitto") or pathlib.Path("/usr/sbin/mosquitto").exists(),
    "mosquitto is not installed",
)
class Topic(Attack):
    def broker(self):
        port = closed_port()
        self.write("mosquitto.conf", f"listener {port} 127.0.0.1\nallow_anonymous true\n")
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        broker = subprocess.Popen(
            [program, "-c", "mosquitto.conf"],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.addCleanup(broker.wait)
        self.addCleanup(broker.kill)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return port
            time.sleep(0.05)
        self.fail("the broker does not listen")
        return None

    def test_topic(self):
        port = self.broker()
        listener = subprocess.Popen(
            [
                "stdbuf",
                "-oL",
                "mosquitto_sub",
                "-p",
                str(port),
                "-h",
                "127.0.0.1",
                "-t",
                "ops/#",
                "-v",
                "-d",
            ],
            text=True,
            bufsize=1,
            stdout=subprocess.PIPE,
            cwd=self.folder,
        )
        self.addCleanup(listener.stdout.close)
        self.addCleanup(listener.wait)
        self.addCleanup(listener.kill)
        deadline = threading.Timer(60, listener.kill)  # whatever happens, reading ends
        deadline.start()
        self.addCleanup(deadline.cancel)
        for line in listener.stdout:
            if "SUBACK" in line:
                break
        process = self.attack("--alarm-to", f"mqtt://127.0.0.1:{port}/ops/alarms")
        self.assertEqual(process.returncode, 0, process.err)
        wanted = [alarm["time_s"] for alarm in self.alarms()]
        got = []
        while len(got) < len(wanted):
            line = listener.stdout.readline()
            self.assertNotEqual(line, "", "the listener ended early")
            found = re.match(r"ops/alarms (\{.*\})$", line)
            if found:
                got.append(json.loads(found[1])["time_s"])
        self.assertEqual(got, wanted)


if __name__ == "__main__":
    unittest.main(verbosity=2)
