#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 70
# test-timeout: 300
"""`blackstart judge` finds the laws of clients that are not ours, from a capture on loopback and
from a broker's log: Debian's mosquitto_sub (fixed 1 s), the Paho client for Python (1, 2, 4, 4, ...
s), MQTT.js of Node.js where it is installed (fixed 1 s), libcoap's coap-client in a loop of ours
(every 2 s, and with jitter). Their servers are stopped and started three times.

One capture for all; takes about 70 s. Skipped, with a word why, where a program is missing or
nobody may capture (root may).
"""
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from peers import free_port  # noqa: E402

PROGRAM = str(pathlib.Path(os.environ.get("BLACKSTART", "build/release/blackstart")).resolve())
OUTAGES, DARK, LIGHT = 3, 16.5, 5.0
# seconds that this machine let somebody wait who was due: then pauses of a second are no longer
# what they were
LATE = 0.25
PAHO = """
import paho.mqtt.client as mqtt, sys
client = mqtt.Client("paho-thing")
client.reconnect_delay_set(1, 4)
client.connect("127.0.0.1", int(sys.argv[1]), 60)
client.loop_forever()
"""
NODE = (
    pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
    / "build"
    / "deps"
    / "node"
)
MQTT_JS = """
const client = require('mqtt').connect('mqtt://127.0.0.1:' + process.argv[1], { clientId: 'node-thing' });
client.on('error', () => {});
"""
BROKER = (
    "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest "
    "stderr\nlog_type notice\nlog_type error\nlog_type information\n"
)


def missing():
    broker = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin")
    for name in ("tcpdump", "mosquitto_sub", "coap-client-notls", "coap-server-notls"):
        if shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin") is None:
            return f"{name} is not installed"
    if broker is None:
        return "mosquitto is not installed"
    if (
        subprocess.run(
            ["/usr/bin/python3", "-c", "import paho.mqtt.client"], capture_output=True
        ).returncode
        != 0
    ):
        return "python3-paho-mqtt is not installed"
    return None


def no_node():
    """Why the client of Node.js cannot take part, or None."""
    if shutil.which("node") is None:
        return "node is not installed"
    return (
        None
        if (NODE / "node_modules" / "mqtt").is_dir()
        else "MQTT.js is not installed (bash cmake/setup.sh test brings it where npm is)"
    )


class Stage:
    """Servers that are stopped and started, clients that live through it, and one capture of it
    all.
    """

    def __init__(self, folder):
        self.folder, self.children, self.servers = pathlib.Path(folder), [], []
        self.env = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"}
        self.ports = {name: free_port(socket.SOCK_STREAM) for name in ("sub", "paho", "node")}
        self.ports |= {name: free_port(socket.SOCK_DGRAM) for name in ("loop", "jitter")}
        self.capture = self.folder / "all.pcap"
        self.late = 0.0

    def start(self, *words, **more):
        settings = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "env": self.env,
            **more,
        }
        child = subprocess.Popen([str(word) for word in words], **settings)
        self.children.append(child)
        return child

    def begin_capture(self):
        """False, with the reason in self.why, when this user may not capture."""
        ports = " or ".join(f"port {port}" for port in self.ports.values())
        with open(self.folder / "tcpdump.log", "wb") as log:
            self.tcpdump = self.start(
                "tcpdump",
                "-i",
                "lo",
                "-U",
                "-Z",
                "root",
                "-w",
                self.capture,
                f"{ports} or icmp",
                stderr=log,
            )
        for _ in range(600):
            time.sleep(0.1)
            self.why = (self.folder / "tcpdump.log").read_text().strip()
            if self.tcpdump.poll() is not None:
                return False
            if "listening on" in self.why:
                return True
        return False

    def light(self):
        self.servers = []
        for name in ("sub", "paho", "node"):
            conf = self.folder / f"{name}.conf"
            conf.write_text(BROKER.format(port=self.ports[name]))
            with open(self.folder / f"{name}.log", "ab") as log:
                self.servers.append(self.start("mosquitto", "-c", conf, stderr=log))
        for name in ("loop", "jitter"):
            self.servers.append(
                self.start("coap-server-notls", "-A", "127.0.0.1", "-p", self.ports[name])
            )

    def dark(self):
        for server in self.servers:
            server.terminate()
        for server in self.servers:
            server.wait(timeout=60)

    def clients(self):
        self.start(
            "mosquitto_sub",
            "-h",
            "127.0.0.1",
            "-p",
            self.ports["sub"],
            "-t",
            "x",
            "-i",
            "sub-thing",
        )
        self.start("/usr/bin/python3", "-c", PAHO, self.ports["paho"])
        if no_node() is None:
            self.start("node", "-e", MQTT_JS, self.ports["node"], cwd=NODE)

    def tick(self, due, draw):
        """Starts libcoap's client whenever it is due: a request, a second of patience."""
        now = time.monotonic()
        for name in due:
            if now >= due[name]:
                self.start(
                    "coap-client-notls", "-B", "1", f"coap://127.0.0.1:{self.ports[name]}/time"
                )
                due[name] += 2 if name == "loop" else draw.uniform(1, 3)

    def play(self):
        due, draw = {"loop": time.monotonic(), "jitter": time.monotonic()}, random.Random(1)
        self.light()
        self.wait_for_all(" running", 1, due, draw)
        self.clients()
        self.wait_for_all("New client connected", 1, due, draw)
        self.wait(2, due, draw)
        for n in range(OUTAGES):
            self.dark()
            self.wait(DARK, due, draw)
            self.light()
            self.wait_for_all("New client connected", 2 + n, due, draw)
            self.wait(LIGHT, due, draw)

    def wait_for_all(self, said, times, due, draw):
        """Until each broker has said so so often, however slowly it or its client starts. Nobody
        else connects to find out: the capture would show it.
        """
        names = ("sub", "paho") if no_node() is not None else ("sub", "paho", "node")
        logs = [self.folder / f"{name}.log" for name in names]
        until = time.monotonic() + 60
        while any(log.read_text().count(said) < times for log in logs):
            if time.monotonic() > until:
                raise AssertionError(f"{said} not {times} times in {[log.name for log in logs]}")
            self.wait(0.2, due, draw)

    def wait(self, seconds, due, draw):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.tick(due, draw)
            before = time.monotonic()
            time.sleep(0.005)
            self.late = max(self.late, time.monotonic() - before - 0.005)

    def end(self):
        if self.tcpdump.poll() is None:
            self.tcpdump.send_signal(signal.SIGINT)
            self.tcpdump.wait(timeout=60)
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()


class Foreign(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = missing()
        if reason is not None:
            raise unittest.SkipTest(reason)
        for _ in range(3):  # again when this machine had no time for the clients
            cls.holder = tempfile.TemporaryDirectory()
            cls.addClassCleanup(cls.holder.cleanup)
            cls.stage = Stage(cls.holder.name)
            cls.addClassCleanup(cls.stage.end)
            if not cls.stage.begin_capture():
                raise unittest.SkipTest(f"no capture on loopback: {cls.stage.why}")
            cls.stage.play()
            time.sleep(0.5)
            cls.stage.end()
            if cls.stage.late <= LATE:
                return
        raise unittest.SkipTest(
            f"this machine was {cls.stage.late:.2f} s late: run it where less else runs"
        )

    def judge(self, log, *more):
        """Exit code, verdict and measures by name, sentence."""
        out = pathlib.Path(self.holder.name) / "out"
        shutil.rmtree(out, ignore_errors=True)
        process = subprocess.run(
            [PROGRAM, "judge", str(log), "--out", str(out), *map(str, more)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertIn(process.returncode, (0, 1, 5), process.stderr)
        verdict = json.loads((out / "summary.json").read_text())["verdicts"][0]
        measures = {m["name"]: m["value"] for m in verdict["measures"]}
        self.broken = {m["name"] for m in verdict["measures"] if not m["holds"]}
        return process.returncode, verdict["sentence"], measures

    def agrees_with_declared(self, measures):
        """Whether what the last verdict rests on is the declared law's doing."""
        self.assertIsNotNone(measures["chance of such delays"])
        return not self.broken & {"chance of such delays", "sooner than declared"}

    def port(self, name):
        return self.stage.ports[name]

    def declare(self, text):
        path = pathlib.Path(self.holder.name) / "law.json"
        path.write_text(text)
        return path

    def near(self, value, wanted):
        self.assertLess(abs(value / wanted - 1), 0.05, f"{value} s is not within 5 % of {wanted} s")

    def test_mosquitto_sub_retries_at_a_fixed_pause_without_jitter(self):
        code, sentence, measures = self.judge(self.stage.capture, "--port", self.port("sub"))
        self.assertIn("retries: fixed", sentence)
        self.assertIn("without jitter", sentence)
        self.near(measures["interval"], 1.0)
        self.assertEqual((code, measures["outages"]), (1, OUTAGES))

    def test_paho_grows_without_jitter(self):
        code, sentence, measures = self.judge(self.stage.capture, "--port", self.port("paho"))
        self.assertIn("retries: growing", sentence)
        self.assertIn("without jitter", sentence)
        self.near(measures["interval"], 1.0)
        self.near(measures["growth"], 2.0)
        self.near(measures["cap"], 4.0)
        self.assertEqual(code, 1)

    def test_mqtt_js_retries_at_a_fixed_pause_without_jitter(self):
        if no_node() is not None:
            self.skipTest(no_node())
        code, sentence, measures = self.judge(
            self.stage.capture,
            "--port",
            self.port("node"),
            "--declared",
            self.declare('{"preset": "mqtt-js"}'),
        )
        self.assertIn("retries: fixed", sentence)
        self.assertIn("without jitter", sentence)
        self.assertTrue(self.agrees_with_declared(measures), sentence)
        self.near(measures["interval"], 1.0)
        self.assertEqual((code, measures["outages"]), (1, OUTAGES))

    def test_coap_client_in_a_loop_is_fixed(self):
        code, sentence, measures = self.judge(self.stage.capture, "--port", self.port("loop"))
        self.assertIn("retries: fixed", sentence)
        self.assertIn("without jitter", sentence)
        self.near(measures["interval"], 2.0)
        self.assertEqual(code, 1)

    def test_a_loop_with_jitter_is_told_from_one_without(self):
        code, sentence, measures = self.judge(self.stage.capture, "--port", self.port("jitter"))
        self.assertIn("with jitter", sentence)
        self.assertGreater(measures["variation"], 0.15)  # uniform in 1..3 s: 0.29
        self.assertEqual(code, 5)  # three outages are not enough to pass

    def test_a_declared_law_is_held_against_it(self):
        right = self.declare('{"kind": "exponential", "base": "1s", "cap": "4s"}')
        _, sentence, measures = self.judge(
            self.stage.capture, "--port", self.port("paho"), "--declared", right
        )
        self.assertTrue(self.agrees_with_declared(measures), sentence)
        wrong = self.declare('{"kind": "fixed", "base": "10s"}')
        code, sentence, measures = self.judge(
            self.stage.capture, "--port", self.port("paho"), "--declared", wrong
        )
        self.assertFalse(self.agrees_with_declared(measures), sentence)
        self.assertEqual(code, 1)

    def test_the_brokers_log_tells_outages(self):
        process = subprocess.run(
            [PROGRAM, "judge", str(self.stage.folder / "sub.log")],
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(
            process.returncode, 5, process.stderr
        )  # a broker that is down sees no retries
        self.assertIn("Mosquitto", process.stdout)
        self.assertEqual(process.stdout.count("connections were lost together"), OUTAGES)


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=1).result
    for _, reason in result.skipped:
        print(f"skipped: {reason}")
    sys.exit(0 if result.wasSuccessful() else 1)
