#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 33
# test-timeout: 900
"""Bad twins of a calm run: a wrong key, an identity that nobody knows, a server that is silent or
dies, a generator that stood still. Each ends with the right exit code, one line that says what to
look at, and results that are valid. They take their time in parallel.
"""
import concurrent.futures
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

sys.path[:0] = [
    str(pathlib.Path(__file__).resolve().parent),
    str(pathlib.Path(__file__).resolve().parents[1] / "tools"),
]
import system  # noqa: E402
from peers import BadBroker, BuiltInCloud, CoapServer, InteropTest, Recorder  # noqa: E402

LOOKS_WRONG = r"the key looks wrong: .+"
CLOSED = "nobody listens there: its port is closed or it cannot be reached"
LATE = (
    r"a machine with more time for them\."  # nobody was online, and this machine was busy besides
)
# what the generator says of itself, and says only when it was late
STOOD_STILL = r"inconclusive \(answered, coap://\S+\): .+ (lay unread|done late) .+busiest second.+"


def inconclusive(reason, scheme="coaps?"):
    """Why nobody was online; what else the judge says is in tests/data/sentences.txt."""
    return rf"inconclusive \(answered, {scheme}://\S+\): [^()]+ \({reason}\): [^:]+\.(?: .+{LATE})?"


def measures(summary):
    return {m["name"]: m for m in summary["verdicts"][0]["measures"]}


class TargetsThatFail(InteropTest):
    def expect(self, ended, code, verdict, line):
        process, summary = ended
        self.expect_line(process, code, line)
        self.assertEqual([v["verdict"] for v in summary["verdicts"]], [verdict])
        self.assertFalse(summary["interrupted"])

    def expect_nobody(self, ended, reason, devices=200, **how):
        self.expect(ended, 5, "INCONCLUSIVE", inconclusive(reason, **how))
        online = measures(ended[1])["devices ever online"]
        self.assertEqual((online["value"], online["samples"]), (0, devices))

    def wrong_key(self, flavour):
        with CoapServer(flavour, "-k", "secret") as server:
            ended = self.ended(
                self.steady(flavour, server.secure, "--psk", "me:text:Secret"), flavour
            )
        self.expect_nobody(ended, LOOKS_WRONG)

    def openssl_with_a_wrong_key(self):
        self.wrong_key("openssl")

    def gnutls_with_a_wrong_key(self):
        self.wrong_key("gnutls")

    def our_cloud(self, name, psk, reason):
        with BuiltInCloud(self.folder, "--psk", "me:text:secret") as cloud:
            ended = self.ended(self.steady(name, cloud.secure, "--psk", psk), name)
            totals = cloud.end()
        self.expect_nobody(ended, reason)
        self.assertEqual(totals["registered"], 0)

    def our_cloud_with_a_wrong_key(self):
        self.our_cloud("ours-key", "me:text:Secret", LOOKS_WRONG)

    def our_cloud_with_an_unknown_identity(self):
        self.our_cloud(
            "ours-identity", "you:text:secret", "the identity or the key looks wrong: .+"
        )

    def silence(self, name, url, *more):
        with Recorder(deaf=True) as recorder:
            ended = self.ended(self.steady(name, getattr(recorder, url), *more), name)
        self.expect_nobody(ended, "not one datagram came back from there")

    def silence_in_plain_coap(self):
        self.silence("deaf", "plain")

    def silence_in_dtls(self):
        self.silence("deaf-secure", "secure", "--psk", "me:00")

    def dead_port(self):
        target = f"coaps://127.0.0.1:{self.closed_port()}"
        ended = self.ended(self.steady("dead", target, "--psk", "me:00"), "dead")
        self.expect_nobody(ended, CLOSED)

    def killed(self, name, flavour, url, *more):
        def run(attempt):
            with CoapServer(flavour, "-k", "secret") as server:
                process = self.steady(
                    f"{name}-{attempt}",
                    getattr(server, url),
                    *more,
                    period="1s",
                    duration="15s",
                    quiet=False,
                )
                self.all_online(process)
                server.kill()
                return self.ended(
                    process, f"{name}-{attempt}", 300
                )  # who was not yet online tries on

        ended = self.in_time(run, "generator was late|" + LATE)
        self.expect(ended, 1, "FAIL", r"a check failed \(answered, coaps?://\S+\): .+")
        found = measures(ended[1])
        self.assertEqual(found["answered"]["threshold"], 1)
        self.assertGreater(found["answered"]["samples"], 0)
        self.assertLess(found["answered"]["value"], 1)

    def plain_server_dies(self):
        self.killed("dies", "notls", "plain")

    def secure_server_dies(self):
        self.killed("dies-secure", "gnutls", "secure", "--psk", "me:text:secret")

    def generator_stands_still(self):
        with CoapServer("notls") as server:
            process = self.steady("stop", server.plain, duration="15s", quiet=False)
            self.all_online(process)
            process.send_signal(signal.SIGSTOP)
            time.sleep(2)  # that is how long it stands still, and no wait for anything
            process.send_signal(signal.SIGCONT)
            ended = self.ended(process, "stop")
        self.expect(ended, 5, "INCONCLUSIVE", STOOD_STILL)

    def frozen_for_a_while(self):
        """A server that stands still shows in the percentiles, although it answers all in the end:
        of what was due in 20 s, a fifth waited for it.
        """
        with CoapServer("notls") as server:
            process = self.steady(
                "frozen", server.plain, period="500ms", duration="20s", quiet=False
            )
            self.all_online(process)
            server.process.send_signal(signal.SIGSTOP)
            time.sleep(5)  # likewise
            server.process.send_signal(signal.SIGCONT)
            process, summary = self.ended(process, "frozen")
        latency, metrics = summary["metrics"]["request_latency"], summary["metrics"]
        self.assertEqual(latency["samples"], metrics["reports_due"]["value"], "all that was due")
        self.assertGreater(metrics["reports_skipped_waiting"]["value"], 0)
        self.assertGreater(latency["p95"], 2.0, latency)
        self.assertGreater(measures(summary)["not sent, waiting"]["value"], 0)

    def registration_refused(self):
        """A server that knows no registration says so to everybody: the run does not wait out its
        drill.
        """
        with CoapServer("notls", "-d", "0") as server:  # or it makes what is asked for
            process = system.start(
                [
                    "run",
                    system.STREET,
                    "--quiet",
                    "--target",
                    server.plain,
                    "--out",
                    "stranger",
                    "--set",
                    "homes=10",
                ],
                self.folder,
            )
            process, summary = self.ended(process, "stranger")
        self.expect_line(
            process, 5, r"inconclusive .+the server refused the first request with 4\.0[45] .+.+"
        )
        self.assertLess(summary["duration_s"], 120)
        self.assertRegex(
            summary["story"][-1]["text"],
            r"the target refuses every device with 4\.0[45] .+: the run ends here",
        )
        self.assertGreaterEqual(
            sum(
                m["value"]
                for name, m in summary["metrics"].items()
                if name.startswith("answers_4_0")
            ),
            5,
        )

    def generator_without_a_processor(self):
        """Told by what was due and by the answers that lay unread, whichever shows it first; never
        as a FAIL of the server.
        """
        with CoapServer("notls") as server:
            process = self.steady(
                "starved", server.plain, period="100ms", duration="15s", quiet=False
            )
            self.all_online(process)
            with self.hogs(process.pid):
                time.sleep(5)  # likewise
            ended = self.ended(process, "starved")
        self.expect(ended, 5, "INCONCLUSIVE", STOOD_STILL)

    def broker(self, row, line, story, **counts):
        """A broker that is none: what it does has a name in the results, nobody hangs, and nothing
        grows.
        """
        with BadBroker(row) as broker:
            process = self.steady(
                row, broker.plain, "--set", "protocol=mqtt", "--set", "devices=20"
            )
            process, summary = self.ended(process, row)
            taken = broker.taken
        self.expect_nobody((process, summary), line, devices=20, scheme="mqtt")
        self.assertRegex(summary["story"][-1]["text"], story)
        metrics = {name: metric.get("value") for name, metric in summary["metrics"].items()}
        self.assertGreaterEqual(taken, 20, row)
        self.assertLessEqual(metrics["wire_refused"] + metrics["wire_starved"], 0, row)
        for name, at_least in counts.items():
            self.assertGreaterEqual(metrics.get(name, 0), at_least, (row, name))

    def bad_brokers(self):
        nobody = "no device is online after 32s: the run ends here"
        refused = "the target refuses every device"
        # It ends once nobody is let in: after some answers, not after everybody's.
        rows = {
            "silent": ("connections are taken there, and nothing is answered on them", nobody, {}),
            "closes": ("(connection reset|closed) by the peer", nobody, {}),
            "garbage": ("peer broke the protocol", nobody, {"attempts_ended_protocol": 20}),
            "half": ("connections are taken there, and nothing is answered on them", nobody, {}),
            "huge": ("peer broke the protocol", nobody, {"attempts_ended_protocol": 20}),
            "wrong": ("the server refused the first request", refused, {"attempts_refused": 5}),
            "refuses": (
                "the server refused the first request with 0x87 Not authorized",
                refused + " with 0x87",
                {"answers_0x87": 5},
            ),
            "elsewhere": (
                "the server refused the first request with 0x9C Use another server",
                refused + " with 0x9C",
                {"answers_0x9c": 5},
            ),
        }
        with concurrent.futures.ThreadPoolExecutor(len(rows)) as pool:
            for run in [
                pool.submit(self.broker, row, line, story, **counts)
                for row, (line, story, counts) in rows.items()
            ]:
                run.result()

    def dead_port_of_a_broker(self):
        target = f"mqtt://127.0.0.1:{self.closed_port()}"
        process, summary = ended = self.ended(
            self.steady("dead-broker", target, "--set", "protocol=mqtt"), "dead-broker"
        )
        self.expect_nobody(ended, CLOSED, scheme="mqtt")
        self.assertGreaterEqual(summary["metrics"]["attempts_ended_refused"]["value"], 20)
        self.assertEqual(
            summary["metrics"]["wire_refused"]["value"],
            summary["metrics"]["attempts_ended_refused"]["value"],
        )

    @staticmethod
    @contextlib.contextmanager
    def hogs(pid):
        """That process gets next to nothing of the one processor that it may use: another one does
        not stop on it.
        """
        one = {min(os.sched_getaffinity(0))}
        hog = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        try:
            os.sched_setaffinity(hog.pid, one)
            os.sched_setaffinity(pid, one)
            os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
            yield
        finally:
            hog.kill()
            hog.wait()

    def test_no_place_to_send_a_fleet_to(self):
        """Told before the run begins: groups, everybody, and what there is no way to (a link-local
        address names no link).
        """
        for host, code, line in (
            ("224.0.1.187", 4, "that of a group"),
            ("255.255.255.255", 4, "that of a group"),
            ("[ff02::fd]", 4, "that of a group"),
            ("[fe80::1]", 5, "no way from this machine"),
        ):
            with self.subTest(host=host):
                process = self.run_program(
                    ["run", system.STEADY, "--quiet", "--out", "o", "--target", f"coap://{host}"]
                )
                self.expect_line(process, code, f"--target: .*{line}.*")
                self.nothing_like_a_result("o")

    def test_side_by_side(self):
        cases = [
            self.openssl_with_a_wrong_key,
            self.gnutls_with_a_wrong_key,
            self.our_cloud_with_a_wrong_key,
            self.our_cloud_with_an_unknown_identity,
            self.silence_in_plain_coap,
            self.silence_in_dtls,
            self.dead_port,
            self.plain_server_dies,
            self.secure_server_dies,
            self.generator_stands_still,
            self.generator_without_a_processor,
            self.frozen_for_a_while,
            self.registration_refused,
            self.bad_brokers,
            self.dead_port_of_a_broker,
        ]
        with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
            for case, run in [(case.__name__, pool.submit(case)) for case in cases]:
                with self.subTest(case=case):
                    run.result()


if __name__ == "__main__":
    unittest.main(verbosity=2)
