#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud that is there and says nothing: who notices, how soon, and who never does."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import system  # noqa: E402

SILENT = str(system.SCENARIOS / "5.9-1" / "silent-cloud.lua")


class Silence(system.SystemTest):
    def silent(self, folder, code, *sets, threads="2"):
        words = [word for one in ("devices=100", *sets) for word in ("--set", one)]
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
            self.assertEqual((measures["noticed"], measures["not noticed"]), (100, 0), protocol)
            self.assertGreater(measures["time to notice"], 0.5, protocol)
            self.assertEqual(
                results["metrics"]["devices_online"]["value"], 100, protocol
            )  # they are back

    def test_deaf_ones_never_do(self):
        _, verdict, measures = self.silent("deaf", 1, "device=deaf")
        self.assertEqual((verdict, measures["not noticed"]), ("FAIL", 100))
        self.assertGreater(measures["time to notice"], 1.5)

    @system.enough_in_release
    def test_one_kind_of_answer(self):
        _, verdict, measures = self.silent("puback", 0, "what=puback")
        self.assertEqual((verdict, measures["noticed"]), ("PASS", 100))
        _, verdict, measures = self.silent("ping", 0, "what=pingresp")
        self.assertEqual((verdict, measures["noticed"]), ("PASS", 100))
        _, verdict, measures = self.silent("deaf-ping", 1, "what=pingresp", "device=deaf")
        self.assertEqual((verdict, measures["not noticed"]), ("FAIL", 100))
        self.assertEqual(
            self.silent("connack", 5, "what=connack")[1], "INCONCLUSIVE"
        )  # who is in is answered: nothing falls silent for him

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

    def test_what_no_coap_device_hears(self):
        for protocol in ("coap", "coap-tcp"):
            sets = ["--set", f"protocol={protocol}", "--set", "what=puback"]
            process = self.run_program(["run", SILENT, "--out", "c", "--quiet", *sets])
            self.assertEqual(process.returncode, 4)
            self.assertIn("answers of MQTT", process.err)
            self.assertEqual(process.err.count("\n"), 1)


if __name__ == "__main__":
    unittest.main()
