#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""run --live: each second of a run as a line of JSON, while it goes on."""
import csv
import json
import socket
import unittest

from program import CALM, STREET, CliTest, start

REAL = """scenario { title = "Nobody answers" }
function setup(p)
    fleet.devices { model = "thermostat", count = 3, report_every = "1s", start_over = "1s",
                    register = false, law = law.fixed { base = "1s" } }
end
function drill(p) wait "6s" end
"""


class Live(CliTest):
    def rows(self, folder):
        with (self.folder / folder / "series.csv").open() as file:
            return [{k: int(v) for k, v in row.items()} for row in csv.DictReader(file)]

    def test_it_is_what_series_csv_has(self):
        words = ["run", STREET, "--set", "homes=15", "--quiet", "--out", "o"]
        process = self.run_program([*words, "--live", "live.jsonl"])
        self.assertEqual(process.returncode, 0, process.err)
        lines = (self.folder / "live.jsonl").read_text().splitlines()
        rows = self.rows("o")
        self.assertGreater(len(rows), 600)
        self.assertEqual([json.loads(line) for line in lines], rows)
        self.assertNotEqual([json.loads(line) for line in lines[1:]], rows)  # the bad twin

    def test_the_standard_output_is_its_alone(self):
        self.write("calm.lua", CALM)
        process = self.run_program(["run", "calm.lua", "--quiet", "--out", "o", "--live", "-"])
        self.assertEqual(process.returncode, 0, process.err)
        self.assertEqual([json.loads(line) for line in process.out.splitlines()], self.rows("o"))
        self.assertEqual(process.err, "")

    def test_a_line_comes_before_the_run_is_over(self):
        self.write("real.lua", REAL)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            target = f"coap://127.0.0.1:{silent.getsockname()[1]}"
            words = ["run", "real.lua", "--target", target, "--quiet", "--out", "o", "--live", "-"]
            process = start(words, self.folder)
            first = json.loads(process.stdout.readline())
            self.assertIsNone(process.poll(), "it was over before its first line")
            self.assertEqual(first["time_s"], 0)
            process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)

    def test_a_reader_that_goes_away_does_not_end_the_run(self):
        words = ["run", STREET, "--set", "homes=15", "--quiet", "--out", "o", "--live", "-"]
        process = start(words, self.folder)
        process.stdout.readline()
        process.stdout.close()
        error = process.stderr.read()
        process.wait(timeout=60)
        self.assertEqual(process.returncode, 0, error)
        self.assertRegex(error, r"\Anote: the live stream ended after \d+ lines: Broken pipe")
        self.assertTrue((self.folder / "o" / "summary.json").exists())

    def test_what_cannot_be_written_is_wrong_use(self):
        words = ["run", STREET, "--quiet", "--out", "o", "--live", "no/such/folder"]
        process = self.run_program(words)
        self.assertEqual(process.returncode, 4)
        self.assertRegex(process.err, r"\Ablackstart: cannot write the live stream: [^\n]*\n\Z")
        self.assertFalse((self.folder / "o").exists())


if __name__ == "__main__":
    unittest.main()
