#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud that is there and says nothing: who notices, how soon, and who never does."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import system  # noqa: E402

DEVICES = 20
SILENT = str(system.SCENARIOS / "5.9-1" / "silent-cloud.lua")


class Silence(system.SystemTest):
    def silent(self, folder, code, *sets, threads="2"):
        words = [word for one in (f"devices={DEVICES}", *sets) for word in ("--set", one)]
        process = self.run_program(
            [
                "run",
                SILENT,
                "--out",
                folder,
                "--quiet",
                "--repeatable",
                "--threads",
                threads,
                *words,
            ]
        )
        self.assertEqual(process.returncode, code, process.err)
        results = self.results(folder)
        found = next(v for v in results["verdicts"] if v["unit"] == "silence")
        return results, found["verdict"], {m["name"]: m["value"] for m in found["measures"]}

    def test_good_devices_notice(self):
        for protocol in ("mqtt", "coap", "coap-tcp"):
            results, verdict, measures = self.silent(protocol, 0, f"protocol={protocol}")
            self.assertEqual(verdict, "PASS", protocol)
            self.assertEqual((measures["noticed"], measures["not noticed"]), (DEVICES, 0), protocol)
            self.assertGreater(measures["time to notice"], 0.5, protocol)
            self.assertEqual(
                results["metrics"]["devices_online"]["value"], DEVICES, protocol
            )  # they are back

    def test_deaf_ones_never_do(self):
        _, verdict, measures = self.silent("deaf", 1, "device=deaf")
        self.assertEqual((verdict, measures["not noticed"]), ("FAIL", DEVICES))
        self.assertGreater(measures["time to notice"], 1.5)

    def test_those_that_want_no_answer_never_do(self):
        """Non-confirmable, with No-Response (RFC 7967)."""
        for protocol in ("coap", "coap-tcp"):
            sets = ("device=deaf", f"protocol={protocol}")
            _, verdict, measures = self.silent(f"deaf-{protocol}", 1, *sets)
            self.assertEqual((verdict, measures["not noticed"]), ("FAIL", DEVICES), protocol)

    # by protocol and answer: do those notice that wait for it, do those that want no answer
    KINDS = {
        ("mqtt", "puback"): ("PASS", "FAIL"),
        ("mqtt", "pingresp"): ("PASS", "FAIL"),
        ("coap", "changed"): ("PASS", "FAIL"),
        ("coap-tcp", "changed"): ("PASS", "FAIL"),
        ("coap-tcp", "pong"): ("PASS", "FAIL"),
        # who has its connection's sake in other hands than its own gives up none the less
        ("mqtt", "handshake"): ("PASS", "PASS"),
        ("mqtt", "connack"): ("PASS", "PASS"),
        ("coap", "handshake"): ("PASS", "PASS"),
        ("coap", "created"): ("PASS", "PASS"),
        ("coap-tcp", "csm"): ("PASS", "PASS"),
        ("coap-tcp", "created"): ("PASS", "PASS"),
        ("coap-tcp", "handshake"): ("PASS", "FAIL"),
    }

    @system.enough_in_release
    def test_one_kind_of_answer(self):
        for (protocol, what), verdicts in self.KINDS.items():
            for device, wanted in zip(("good", "deaf"), verdicts):
                sets = [f"protocol={protocol}", f"what={what}", f"device={device}"]
                sets += ["keep_alive=20s"] if what == "pong" else []
                code, name = 0 if wanted == "PASS" else 1, f"{protocol}-{what}-{device}"
                _, verdict, measures = self.silent(name, code, *sets)
                self.assertEqual(verdict, wanted, name)
                silent = "noticed" if wanted == "PASS" else "not noticed"
                self.assertEqual(measures[silent], DEVICES, name)

    def test_what_leaves_nobody_without_an_answer(self):
        """Who is told nothing new is answered all the same."""
        for protocol in ("coap", "coap-tcp"):
            sets = ("what=notification", f"protocol={protocol}")
            self.assertEqual(self.silent(protocol, 5, *sets)[1], "INCONCLUSIVE")

    def test_too_short_to_tell(self):
        self.assertEqual(self.silent("short", 5, "lasting=20s")[1], "INCONCLUSIVE")

    @system.enough_in_release
    def test_any_number_of_threads(self):
        for protocol in ("mqtt", "coap", "coap-tcp"):
            prints = {
                self.silent(f"{protocol}{t}", 0, f"protocol={protocol}", threads=t)[0][
                    "fingerprint"
                ]
                for t in ("1", "2", "7")
            }
            self.assertEqual(len(prints), 1, protocol)

    def test_what_no_device_waits_for(self):
        for protocol, what in (
            ("coap", "puback"),
            ("coap-tcp", "connack"),
            ("coap", "pong"),
            ("coap", "csm"),
            ("mqtt", "created"),
        ):
            sets = ["--set", f"protocol={protocol}", "--set", f"what={what}"]
            process = self.run_program(["run", SILENT, "--out", "c", "--quiet", *sets])
            self.assertEqual(process.returncode, 4)
            self.assertIn("no device here waits for that", process.err)
            self.assertEqual(process.err.count("\n"), 1)


if __name__ == "__main__":
    unittest.main()
