#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 100
# test-timeout: 300
"""A fleet of smart plugs at Debian's Mosquitto: they connect, publish at QoS 1, lose their power
all at once, and live through a broker that restarts and one that stands still. The broker's log and
its $SYS counters say the same as the report, to the message; and the judge finds in the broker's
log what the run found at its own edge.
"""
import contextlib
import csv
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from peers import InteropTest, free_port, system  # noqa: E402

SCENARIO = str(pathlib.Path(__file__).resolve().parent / "scenarios" / "plugs-at-a-broker.lua")
BROKER = "/usr/sbin/mosquitto"
NODE = (
    pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
    / "build"
    / "deps"
    / "node"
)
FRONT = """
const { WebSocketServer, createWebSocketStream } = require('ws');
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/mqtt', handleProtocols: words => words.has('mqtt') ? 'mqtt' : false });
server.on('listening', () => console.log(server.address().port));
server.on('connection', socket => {
  const stream = createWebSocketStream(socket), broker = require('net').connect(process.argv[1], '127.0.0.1');
  for (const end of [stream, broker]) end.on('error', () => {});
  stream.pipe(broker).pipe(stream);
});
"""
DEVICES = int(os.environ.get("PLUGS", "100"))
CONF = """{user}listener {port} 127.0.0.1
allow_anonymous true
persistence false
sys_interval 1
max_keepalive 65535
log_dest stderr
log_type all
log_timestamp_format %Y-%m-%dT%H:%M:%S
"""


class Mosquitto:
    """On a free port of loopback, with a log of everything. In a `with`."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.log = self.folder / "mosquitto.log"
        self.port = free_port(socket.SOCK_STREAM)
        self.plain = self.target = f"mqtt://127.0.0.1:{self.port}"
        self.login = ["-h", "127.0.0.1"]  # how a client of Mosquitto's own gets in
        user = (
            "user root\n" if os.getuid() == 0 else ""
        )  # else it takes another name, and cannot read what only root may
        (self.folder / "mosquitto.conf").write_text(
            CONF.format(port=self.port, user=user), encoding="utf-8"
        )

    def start(self):
        before = self.count("mosquitto version .* running") if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [BROKER, "-c", str(self.folder / "mosquitto.conf")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.wait_for(
            "mosquitto version .* running", before + 1
        )  # a connection to see would be a stranger in the log

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)

    def count(self, pattern):
        """Lines of the log."""
        return len(re.findall(pattern, self.log.read_text(encoding="utf-8", errors="replace")))

    def wait_for(self, pattern, number, seconds=90):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.count(pattern) >= number:
                return
            time.sleep(0.2)
        raise AssertionError(
            f"{pattern}: {self.count(pattern)} of {number} lines in the broker's log after "
            f"{seconds} s"
        )

    def given_up(self):
        """Sessions that end before anything came on them: the broker had their CONNECT in a queue
        for longer than the device waited for its answer.
        """
        new, count = set(), 0
        for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines():
            if found := re.search(r"New client connected from \S+ as (\S+)", line):
                new.add(found[1])
            elif found := re.search(r"Received \S+ from (\S+)", line):
                new.discard(found[1])
            elif found := re.search(r"Client (\S+) (?:disconnected|closed)", line):
                count += found[1] in new
                new.discard(found[1])
        return count

    def sys(self, *topics):
        """Counters of $SYS as they stand once nothing moves: the broker tells them every second."""
        time.sleep(2.5)
        command = ["mosquitto_sub", "-p", str(self.port), *self.login, "-F", "%p"]
        command += ["-C", "1", "-W", "20", "-t"]
        return [
            int(
                subprocess.run(
                    [*command, f"$SYS/broker/{topic}"],
                    capture_output=True,
                    text=True,
                    check=True,
                    timeout=60,
                ).stdout
            )
            for topic in topics
        ]

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()


@unittest.skipUnless(
    os.path.exists(BROKER), "mosquitto is not installed (bash cmake/setup.sh test brings it)"
)
class AtMosquitto(InteropTest):
    CONNECTED, PUBLISHED = r"New client connected from \S+ as bs-", r"Received PUBLISH from bs-"
    FOLLOWED = r"Received SUBSCRIBE from bs-"  # of whom knows that it is connected

    def plugs(self, name, broker, *more):
        command = [
            "run",
            SCENARIO,
            "--quiet",
            "--target",
            broker.target,
            "--out",
            name,
            "--set",
            f"devices={DEVICES}",
            *more,
        ]
        return system.start(command, self.folder)

    def metrics(self, summary):
        return {name: metric.get("value") for name, metric in summary["metrics"].items()}

    def expect_agreement(self, broker, metrics):
        """What was answered was published and acknowledged; what was published and not answered had
        its device or its broker fail in between.
        """
        published, acknowledged = broker.count(self.PUBLISHED + r".*q1"), broker.count(
            r"Sending PUBACK to bs-"
        )
        self.assertEqual(broker.count(self.PUBLISHED), published, "all at QoS 1")
        self.assertGreaterEqual(published, metrics["reports_answered"])
        self.assertLessEqual(published, metrics["reports_sent"])
        on_their_way = metrics["reports_sent"] - sum(
            metrics[f"reports_{end}"] for end in ("answered", "refused", "failed")
        )  # reports_failed_cut are among those that failed
        self.assertIn(on_their_way, range(DEVICES + 1), ("as the run ended", metrics))
        self.assertGreaterEqual(acknowledged, metrics["reports_answered"])
        self.given_up = broker.given_up()
        self.assertIn(self.given_up, range(int(metrics["attempts_without_outcome"]) + 1))
        self.assertEqual(broker.count(self.CONNECTED) - self.given_up, metrics["attempts_online"])

    def test_a_calm_day_agrees_to_the_message(self):
        with Mosquitto(self.folder) as broker:
            options = [
                "--set",
                "protocol=mqtt",
                "--set",
                "model=smart-plug",
                "--set",
                "method=POST",
                "--set",
                f"devices={DEVICES}",
            ]
            process, summary = self.calm_run("calm", broker.plain, *options)
            metrics = self.metrics(summary)
            published, connects = broker.count(self.PUBLISHED), broker.count(self.CONNECTED)
            (received,) = broker.sys("publish/messages/received")
        self.expect_answered(process, summary, DEVICES)
        runs = len(list(self.folder.glob("calm-*/summary.json")))
        self.assertEqual((metrics["attempts"], metrics["attempts_online"]), (DEVICES, DEVICES))
        self.assertEqual(connects, runs * DEVICES)
        if runs == 1:  # else those of a run that could not say anything are among them
            self.assertEqual(metrics["reports_sent"], metrics["reports_answered"])
            self.assertEqual(published, metrics["reports_answered"])
            self.assertEqual(received, metrics["reports_answered"])

    @contextlib.contextmanager
    def front(self, broker):
        """A web server before the broker (Node's ws): Debian's Mosquitto cannot open a listener of
        its own for WebSockets in every container. Gives its URL.
        """
        process = subprocess.Popen(
            ["node", "-e", FRONT, str(broker.port)], cwd=NODE, stdout=subprocess.PIPE, text=True
        )
        try:
            yield f"ws://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()
            process.communicate()

    @unittest.skipUnless(
        (NODE / "node_modules" / "ws").is_dir(),
        "ws of Node.js is not installed (bash cmake/setup.sh test brings it where npm is)",
    )
    def test_in_a_websocket(self):
        """The same in a WebSocket; and at a path that the server does not know, it is refused by
        name.
        """
        with Mosquitto(self.folder) as broker, self.front(broker) as url:
            options = [
                "--set",
                "protocol=mqtt",
                "--set",
                "model=smart-plug",
                "--set",
                "method=POST",
                "--set",
                f"devices={DEVICES}",
            ]
            process, summary = self.calm_run("socket", url + "/mqtt", *options)
            elsewhere, missed = self.ended(
                self.steady("elsewhere", url + "/else", *options), "elsewhere"
            )
            published = broker.count(self.PUBLISHED)
        self.expect_answered(process, summary, DEVICES)
        self.assertGreaterEqual(published, self.metrics(summary)["reports_answered"])
        self.assertEqual(elsewhere.returncode, 5, elsewhere.err)
        self.assertGreater(self.metrics(missed)["attempts_ended_refused"], 0)

    def test_power_restart_and_standstill(self):
        with Mosquitto(self.folder) as broker:
            self.troubles(broker)

    @contextlib.contextmanager
    def capture(self, broker):
        """Gives the file of all that the broker's port sees, whole when this is over; None where
        this user may not look.
        """
        file = self.folder / "lo.pcap"
        command = ["tcpdump", "-i", "lo", "-U", "-Z", "root", "-s", "600", "-B", "65536"]
        if shutil.which("tcpdump") is None:
            yield None
            return
        tcpdump = subprocess.Popen(
            [*command, "-w", file, f"tcp port {broker.port}"], stderr=subprocess.PIPE, text=True
        )
        listens = "listening on" in tcpdump.stderr.readline()
        try:
            yield file if listens else None
        finally:
            tcpdump.send_signal(signal.SIGINT)
            self.said = tcpdump.communicate(timeout=60)[1]

    def troubles(self, broker, *more, seconds=200):
        """All of them lose their power, then the broker restarts, then it stands still. Gives what
        the run says.
        """
        with self.capture(broker) as capture:
            process = self.plugs("troubles", broker, "--set", "trouble=16s", *more)
            broker.wait_for(self.FOLLOWED, DEVICES)
            broker.wait_for(self.FOLLOWED, 2 * DEVICES)  # their power was cut
            time.sleep(6)
            broker.stop()
            time.sleep(1)
            broker.start()
            broker.wait_for(self.FOLLOWED, 3 * DEVICES)
            broker.process.send_signal(signal.SIGSTOP)
            time.sleep(3)
            broker.process.send_signal(signal.SIGCONT)
            process, summary = self.ended(process, "troubles", seconds)
        metrics = self.metrics(summary)
        # 1: so many of them, by that law, are a herd, and the judge says so
        self.assertIn(process.returncode, (0, 1, 5), process.err)
        self.assertEqual([v["verdict"] for v in summary["verdicts"][:3]], ["PASS"] * 3)
        self.expect_agreement(broker, metrics)
        self.assertEqual(metrics["wire_half_open"], DEVICES, "nobody took his leave without power")
        self.assertEqual(
            broker.count(r"Client bs-\S+ already connected, closing old connection"),
            DEVICES,
            "and the broker had not noticed",
        )
        self.assertGreater(metrics["attempts_ended_refused"], 0, "while it was gone")
        self.judge_agrees(broker, summary)
        if capture is not None and "\n0 packets dropped by kernel" in self.said:
            self.judge_sees_the_same(capture, metrics)
        (received,) = broker.sys("publish/messages/received")
        since = broker.log.read_text(encoding="utf-8", errors="replace").rpartition(" starting\n")
        self.assertEqual(received, len(re.findall(self.PUBLISHED, since[2])), "since its restart")
        return summary

    def judge_agrees(self, broker, summary):
        """Of the broker's log: the same devices, and as many sessions as the run saw attempts
        succeed. Who never said his name is one more, by his address.
        """
        judged, attempts = self.judged(broker.log)
        nameless = broker.count(r"Client connection from \S+ failed") > 0
        self.assertEqual(judged["devices"], summary["devices"] + nameless)
        self.assertEqual(
            sum(row["outcome"] == "online" for row in attempts),
            summary["metrics"]["attempts_online"]["value"] + self.given_up,
        )

    def judge_sees_the_same(self, capture, metrics):
        """Of all packets at the broker's port: an attempt for each of the run's, and no other."""
        _, attempts = self.judged(capture)
        self.assertEqual(len(attempts), metrics["attempts"])
        online = sum(row["outcome"] == "online" for row in attempts)
        self.assertIn(online - metrics["attempts_online"], range(self.given_up + 1))

    def judged(self, file, *more):
        out = self.folder / f"judged {pathlib.Path(file).suffix}"
        process = self.run_program(["judge", str(file), "--out", str(out), *more], timeout=60)
        self.assertIn(process.returncode, (0, 1, 5), process.stderr)
        with open(out / "attempts.csv", encoding="utf-8") as attempts:
            rows = list(csv.DictReader(attempts))
        return json.loads((out / "summary.json").read_text(encoding="utf-8")), rows


if __name__ == "__main__":
    unittest.main(verbosity=2)
