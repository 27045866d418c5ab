#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 50
"""Brokers and servers of CoAP that are none, over TCP and over TLS, and machines that run out of
what connections need: each is an outcome that the results name, never a hang and never an abort. A
row is a run of its own; they take their time side by side, some at once.
"""
import concurrent.futures
import pathlib
import resource
import socket
import ssl
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from peers import BadBroker, InteropTest, free_port, system  # noqa: E402

DEVICES = 10
AT_ONCE = 16  # runs, and brokers of this process: with all of them some would hear too late
SCENARIO = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "Whoever is there", units = { "5.9-3-2 a" } }
params {
    { name = "devices", kind = "count", default = 10, minimum = 1, maximum = 100000,
        help = "so many" },
    { name = "over", kind = "duration", default = "200ms", maximum = "1m",
        help = "they begin within" },
    { name = "protocol", kind = "choice", default = "mqtt", choices = { "mqtt", "mqtt-ws", "coap-tcp" },
        help = "what they speak" },
    { name = "keep_alive", kind = "duration", default = "1m", help = "as they declare it" },
    { name = "waits", kind = "duration", default = "5s", minimum = "1s", maximum = "1m",
        help = "so long" },
}
function setup(p)
    fleet.devices {
        model = "smart-plug", protocol = p.protocol, count = p.devices, start_over = p.over,
        boot = { "0s", "200ms" }, law = law.fixed { base = "500ms" }, report_every = "1s",
        keep_alive = p.keep_alive,
    }
end
function drill(p) wait(p.waits) end
"""


class BadTlsBroker(BadBroker):
    """The same behind a handshake; or, `raw`, in its place, and then it may be part of one."""

    MORE = {
        "half a record": b"\x16\x03\x03\x01\x00\x02",
        "large record": b"\x16\x03\x03\xff\xff" + bytes(65535),
        "says no": b"\x15\x03\x03\x00\x02\x02\x28",  # an alert: handshake failure
    }

    def __init__(self, row, papers, raw=False, protocol="mqtt"):
        super().__init__(row, protocol)
        self.papers, self.raw = papers, raw

    def treat(self, connection):
        if not self.raw:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.papers / "broker.pem", self.papers / "broker.key")
            try:
                connection = context.wrap_socket(connection, server_side=True)
            except OSError:
                return
        super().treat(connection)

    def __enter__(self):
        super().__enter__()
        self.plain = self.plain.replace(f"{self.scheme}://127.0.0.1", f"{self.secured}://localhost")
        return self


class BrokersThatFail(InteropTest):
    def setUp(self):
        super().setUp()
        self.write("s.lua", SCENARIO)
        process = self.run_program(["credentials", "--count", str(DEVICES), "--out", "papers"])
        self.expect_line(process, 0, "")
        self.papers = self.folder / "papers"

    def run_at(self, name, target, *more):
        return system.start(
            ["run", "s.lua", "--quiet", "--target", target, "--out", name, *more], self.folder
        )

    def metrics(self, name, process, timeout=120):
        process, summary = self.ended(process, name, timeout)
        self.assertEqual(process.returncode, 5, process.err)  # it judges nothing
        self.assertNotIn("Sanitizer", process.err)
        return {key: metric.get("value") for key, metric in summary["metrics"].items()}

    def row(self, name, broker, counts, online=0):
        tls = ["--ca", str(self.papers / "ca.pem")] if isinstance(broker, BadTlsBroker) else []
        speaks = ["--set", f"protocol={broker.protocol}"]
        with broker:
            metrics = self.metrics(name, self.run_at(name, broker.plain, *tls, *speaks))
            self.assertGreater(broker.taken, 0, name)
        self.assertEqual(metrics["devices_online"], online, name)
        if broker.row == "closes":
            ends = ("attempts_ended_closed", "attempts_ended_reset")
            self.assertGreater(sum(metrics.get(end, 0) for end in ends), 0, (name, metrics))
        for metric in counts:
            self.assertGreater(metrics.get(metric, 0), 0, (name, metric, metrics))

    def test_what_is_no_broker(self):
        """What each of them does, and the metric that names it."""
        rows = {
            "silent": ("attempts_without_outcome",),
            "closes": (),  # by an end or a reset, as the kernel has it
            "garbage": ("attempts_ended_protocol",),
            "half": ("attempts_without_outcome",),
            "huge": ("attempts_ended_protocol",),
            "wrong": ("attempts_refused",),
            "refuses": ("attempts_refused", "answers_0x87"),
            "elsewhere": ("attempts_refused", "answers_0x9c"),
        }
        coap = {
            "silent": ("attempts_without_outcome",),
            "closes": (),
            "garbage": ("attempts_ended_protocol",),
            "half": ("attempts_without_outcome",),
            "huge": ("attempts_ended_protocol",),
            "mute": ("attempts_without_outcome",),
            "hasty": ("attempts_ended_protocol",),
            "abort": ("attempts_ended_aborted",),
            "release": ("attempts_ended_closed",),
            "elsewhere": ("attempts_ended_elsewhere",),
            "hold-off": ("attempts_ended_busy",),
        }
        framed = {
            "closes": (),
            "garbage": ("attempts_ended_protocol",),
            "page": ("attempts_ended_refused",),
            "endless": ("attempts_ended_protocol",),
            "impostor": ("attempts_ended_protocol",),
            "unasked": ("attempts_ended_protocol",),
            "mute": ("attempts_without_outcome",),
            "text": ("attempts_ended_protocol",),
            "masked": ("attempts_ended_protocol",),
            "huge": ("attempts_ended_protocol",),
            "leaves": ("attempts_ended_closed",),
            "refuses": ("attempts_refused", "answers_0x87"),
        }
        cases = [(row, BadBroker(row), counts) for row, counts in rows.items()]
        cases += [(f"w-{row}", BadBroker(row, "mqtt-ws"), counts) for row, counts in framed.items()]
        cases += [(f"c-{row}", BadBroker(row, "coap-tcp"), counts) for row, counts in coap.items()]
        cases += [
            (f"c-tls-{row}", BadTlsBroker(row, self.papers, protocol="coap-tcp"), coap[row])
            for row in ("silent", "closes", "huge", "abort")
        ]
        cases += [
            (f"tls-{row}", BadTlsBroker(row, self.papers), counts) for row, counts in rows.items()
        ]
        cases += [
            ("raw-silent", BadTlsBroker("silent", self.papers, raw=True), rows["silent"]),
            ("raw-closes", BadTlsBroker("closes", self.papers, raw=True), ()),
            ("raw-garbage", BadTlsBroker("garbage", self.papers, raw=True), rows["garbage"]),
            ("raw-half", BadTlsBroker("half a record", self.papers, raw=True), rows["half"]),
            ("raw-large", BadTlsBroker("large record", self.papers, raw=True), rows["huge"]),
            ("raw-no", BadTlsBroker("says no", self.papers, raw=True), ("attempts_ended_aborted",)),
        ]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for name, run in [(case[0], pool.submit(self.row, *case)) for case in cases]:
                with self.subTest(name):
                    run.result()

    def test_who_fails_later(self):
        """Everybody is in, and then it happens: what ended the sessions has its name."""
        rows = {
            "later-garbage": "sessions_ended_protocol",
            "later-alias": "sessions_ended_protocol",
            "later-goes": "sessions_ended_closed",
            "later-half": "sessions_ended_lost",
        }

        def run(row):
            with BadBroker(row) as broker:
                quick = ["--set", "devices=3", "--set", "keep_alive=5s", "--set", "waits=9s"]
                return self.metrics(row, self.run_at(row, broker.plain, *quick))

        with concurrent.futures.ThreadPoolExecutor(len(rows)) as pool:
            for row, metrics in zip(rows, pool.map(run, rows)):
                self.assertGreaterEqual(metrics["attempts_online"], 3, row)
                self.assertGreater(metrics.get(rows[row], 0), 0, (row, metrics))

    def test_a_black_hole(self):
        """Nobody takes the connections that come, and the kernel's list is full: a SYN falls."""
        with socket.create_server(("127.0.0.1", 0), backlog=0) as hole:
            port = hole.getsockname()[1]
            full = [socket.socket() for _ in range(4)]
            for one in full:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            metrics = self.metrics("hole", self.run_at("hole", f"mqtt://127.0.0.1:{port}"))
            for one in full:
                one.close()
        self.assertEqual(metrics["devices_online"], 0)
        self.assertGreater(metrics["attempts"], 0)
        self.assertEqual(metrics.get("attempts_ended_refused", 0), 0)

    def test_nobody_listens_to_thousands(self):
        """Ten thousand at once, at a port that the kernel gives to none of their own sockets."""
        port = free_port(socket.SOCK_STREAM)
        many = ["--set", "devices=10000", "--set", "waits=6s"]
        metrics = self.metrics("many", self.run_at("many", f"mqtt://127.0.0.1:{port}", *many))
        self.assertGreater(metrics["attempts_ended_refused"], 0)
        self.assertGreaterEqual(metrics["wire_refused"], metrics["attempts_ended_refused"])

    def test_a_name_that_is_none(self):
        process = self.run_program(
            ["run", "s.lua", "--quiet", "--target", "mqtt://broker.invalid", "--out", "o"]
        )
        self.expect_line(process, 5, r"no address for broker\.invalid: .* \(--target\): .*")

    def test_descriptors_run_out(self):
        """In its middle: who has a connection keeps it, others wait, and the results say so."""
        port = free_port(socket.SOCK_STREAM)
        broker = system.start(["serve", "--mqtt", str(port)], self.folder)
        self.addCleanup(broker.communicate)
        self.addCleanup(broker.kill)
        broker.stdout.readline()
        many = ["--set", "devices=200", "--set", "over=3s", "--set", "waits=6s"]
        process = self.run_at("few", f"mqtt://127.0.0.1:{port}", *many)
        descriptors = pathlib.Path(f"/proc/{process.pid}/fd")
        while process.poll() is None and len(list(descriptors.iterdir())) < 30:
            time.sleep(0.02)
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (60, 60))
        metrics = self.metrics("few", process)
        self.assertGreater(metrics["wire_starved"], 0)
        self.assertGreater(metrics["devices_online"], 0)
        self.assertLess(metrics["devices_online"], 200)

    def test_papers_that_are_none(self):
        """Told before the run begins, in one line that shows nothing of a key."""
        self.write("text.pem", "this is no paper\n")
        one, other = (str(self.papers / "devices" / f"bs-0000000{i}") for i in (0, 1))
        ca = ["--ca", str(self.papers / "ca.pem")]
        for words in (
            ["--ca", "text.pem"],
            ["--ca", "nowhere.pem"],
            [*ca, "--client-cert", f"{one}.pem", "--client-key", f"{other}.key"],
            [*ca, "--client-cert", "text.pem", "--client-key", f"{one}.key"],
            [*ca, "--client-cert", f"{one}.pem", "--client-key", "text.pem"],
        ):
            with self.subTest(words=words):
                process = self.run_program(
                    ["run", "s.lua", "--target", "mqtts://localhost:1", "--out", "o", *words]
                )
                self.expect_line(process, 4, r"(papers that do not fit|cannot read): .*|cannot .*")
                self.nothing_like_a_result("o")


if __name__ == "__main__":
    unittest.main(verbosity=2)
