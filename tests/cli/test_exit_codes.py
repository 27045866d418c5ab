#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exit codes, one by one: 0 all pass, 1 a check failed, 2 interrupted, 3 internal error, 4 wrong
use, 5 inconclusive. What ends with 0 says nothing on stderr; anything else ends with exactly one
line that begins with the program's name.
"""
import json
import os
import shutil
import signal
import time
import unittest

from program import CALM, FREE, SMALL, STEADY, STREET, CliTest, has_handlers, start, tree

ANSWERED = 'function verdict(p) judge.answered { at_least = "100%" } end\n'
RESULTS = [
    "attempts.csv",
    "events.jsonl",
    "evidence.json",
    "evidence.md",
    "junit.xml",
    "report.html",
    "series.csv",
    "summary.json",
]


class ExitCodes(CliTest):
    def summary(self, folder="o"):
        self.assertEqual(tree(self.folder / folder), RESULTS)
        return json.loads((self.folder / folder / "summary.json").read_text())

    def run_and_read(self, arguments, code, line):
        process = self.run_program(["run", *arguments, "--quiet", "--out", "o"])
        self.expect_line(process, code, line)
        self.assertFalse((self.folder / "o.partial").exists())
        return process, self.summary()

    def test_0_all_pass(self):
        process, _ = self.run_and_read([STREET, *SMALL], 0, "")
        self.assertIn("PASS", process.out)
        self.assertIn("5.9-3-2 a", process.out)

    def test_0_without_a_verdict(self):
        self.run_and_read([self.write("calm.lua", CALM)], 0, "")

    def test_1_a_check_failed(self):
        process, _ = self.run_and_read(
            [STREET, "--set", "law=fixed", *FREE], 1, r"a check failed \(5\.9-3-2 a\): [A-Z0-9].*\."
        )
        self.assertIn("FAIL", process.out)

    def test_1_a_threshold_does_not_hold(self):
        """Value, limit and sample size are in all results; the thresholds that hold are the good
        twins of the one that does not.
        """
        scenario = self.write(
            "own.lua",
            CALM
            + """function verdict(p)
    threshold("connect_latency", "max<1m")
    threshold("reports_answered/reports_due", ">=0%")
    threshold("reports_due", "count>1M")
    expect("many", { value = 3, at_most = 5, unit = "homes", samples = 2 }, "A few.")
end
""",
        )
        process, summary = self.run_and_read(
            [scenario],
            1,
            r"a check failed \(reports_due count\): reports_due count is [0-9,]+ where it should "
            r"be at least 1,?000,?000\.",
        )
        found = {verdict["unit"]: verdict for verdict in summary["verdicts"]}
        self.assertEqual(
            {unit: verdict["verdict"] for unit, verdict in found.items()},
            {
                "connect_latency max": "PASS",
                "reports_answered/reports_due": "PASS",
                "reports_due count": "FAIL",
                "many": "PASS",
            },
        )
        self.assertEqual(found["connect_latency max"]["measures"][0]["threshold"], 60)
        self.assertEqual(found["many"]["measures"][0]["samples"], 2)
        for name in ("junit.xml", "evidence.json", "report.html"):
            self.assertIn("reports_due count", (self.folder / "o" / name).read_text(), name)
        self.assertIn("at least 1,000,000", process.out)

    def test_5_a_measure_that_nobody_could_take(self):
        """An INCONCLUSIVE judge measures nothing: a threshold on it says so, and the results stay.
        Read as a Lua value it is a mistake of the scenario's.
        """
        judged = 'local f = judge.reconnect { unit = "5.9-3-2 a", trigger = "none such" }\n'
        _, summary = self.run_and_read(
            [
                self.write(
                    "t.lua",
                    CALM + f'function verdict(p) {judged} threshold("time to 95 % online", '
                    f'"<=5m") end\n',
                )
            ],
            5,
            r"inconclusive .+",
        )
        self.assertEqual(
            [v["verdict"] for v in summary["verdicts"]], ["INCONCLUSIVE", "INCONCLUSIVE"]
        )
        _, summary = self.run_and_read(
            [
                self.write(
                    "m.lua",
                    CALM + f'function verdict(p) {judged} expect("back", f.measures["time to 95 % '
                    f'online"] <= 300, "Soon.") end\n',
                )
            ],
            4,
            r"m\.lua:[0-9]+: .+time to 95 % online.+",
        )
        self.assertIn("time to 95 % online", summary["error"])

    def test_5_inconclusive(self):
        self.run_and_read([STREET, "--set", "homes=2"], 5, r"inconclusive \(5\.9-3-2 a\): .*")

    def test_5_nobody_answers(self):
        scenario = self.write("short.lua", CALM + ANSWERED)
        target = ["--set", "duration=3s", "--target"]
        nobody = f"127.0.0.1:{self.closed_port()}"
        for more in (["coap://" + nobody], ["coaps://" + nobody, "--psk", "me:00"]):
            with self.subTest(target=more):
                process, summary = self.run_and_read(
                    [scenario, *target, *more],
                    5,
                    r"inconclusive \(answered, coaps?://127\.0\.0\.1:[0-9]+\): .+",
                )
                (verdict,) = summary["verdicts"]
                online = next(m for m in verdict["measures"] if m["name"] == "devices ever online")
                self.assertEqual((online["value"], online["samples"]), (0, 2))
                self.assertIn(f": {verdict['sentence']}", process.err)

    def test_4_no_arguments(self):
        process = self.run_program([])
        self.assertEqual(process.returncode, 4)
        self.assertEqual(process.out, "")
        own = [line for line in process.err.split("\n") if line.startswith("blackstart: ")]
        self.assertEqual(
            own,
            [
                "blackstart: no command given (command line): say run, check, test, credentials, "
                "sweep, judge, report, compare, list, show, serve, examine, ics, evidence, init "
                "or version"
            ],
        )
        self.assertIn("\nExit codes\n", process.err)

    def test_0_help_and_lists(self):
        for arguments in (
            ["--help"],
            ["help"],
            ["help", "run"],
            ["run", "--help"],
            ["list", "--help"],
            ["serve", "--help"],
            ["version", "--help"],
            ["version"],
            ["--version"],
            ["list", "models"],
            ["list", "laws"],
        ):
            with self.subTest(arguments=arguments):
                process = self.run_program(arguments)
                self.expect_line(process, 0, "")
                self.assertGreater(len(process.out), 20)
        self.assertIn("thermostat", self.run_program(["list", "models"]).out)
        self.assertIn("full-jitter", self.run_program(["list", "laws"]).out)
        self.assertRegex(
            self.run_program(["list", "laws"]).out,
            r"(?s)paho-c .*each times 0\.8333 to 1\.2\n.*source: .*Floyd",
        )
        self.assertRegex(self.run_program(["list", STREET]).out, r"\n  homes +250\n")

    def test_0_list_of_scenarios(self):
        """Beside the program when the folder has none; in the folder when it has; one that cannot
        be read is named.
        """
        self.write("scenarios/a/calm.lua", CALM)
        self.write("scenarios/broken.lua", "function (")
        process = self.run_program(["list"])
        self.expect_line(process, 0, "")
        self.assertIn("Scenarios in scenarios ", process.out)
        self.assertIn("  scenarios/a/calm.lua\n      Two devices, one minute\n", process.out)
        self.assertIn("  scenarios/broken.lua\n      cannot be read: ", process.out)

    def begin(self, arguments, **more):
        """Starts a run and waits until its unfinished folder stands."""
        process = start(["run", *arguments, "--quiet", "--out", "o"], self.folder, **more)
        self.addCleanup(lambda: (process.poll() is None and process.kill(), process.communicate()))
        for _ in range(600):
            if (self.folder / "o.partial").exists() or process.poll() is not None:
                break
            time.sleep(0.05)
        has_handlers(process)
        self.assertIsNone(process.poll(), "the run ended before it could be interrupted")
        return process

    def end(self, process):
        process.out, process.err = process.communicate(timeout=120)

    def long_run(self):
        """A run of hours of wall time that can be stopped at any moment."""
        return [self.write("long.lua", CALM + ANSWERED), "--set", "duration=30d"]

    def test_2_interrupted_in_order(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                process = self.begin(self.long_run())
                process.send_signal(number)
                self.end(process)
                self.expect_line(
                    process,
                    2,
                    r"interrupted \(at .+ of the run\): what was seen until then is in o",
                )
                summary = self.summary()
                self.assertTrue(summary["interrupted"])
                self.assertIn("INCONCLUSIVE", process.out)

    def test_2_interrupted_real_run(self):
        process = self.begin(
            [STEADY, "--set", "devices=2", "--set", "duration=1h"]
            + ["--target", f"coap://127.0.0.1:{self.closed_port()}"]
        )
        process.send_signal(signal.SIGINT)
        self.end(process)
        self.expect_line(
            process, 2, r"interrupted \(at .+ of the run\): what was seen until then is in o"
        )
        self.assertTrue(self.summary()["interrupted"])

    def test_2_terminated_twice_within_a_second_is_once(self):
        """timeout(1) signals its child, then the group of both: that must not cost the results."""
        process = self.begin([STREET, "--set", "homes=5k"])
        process.send_signal(signal.SIGTERM)
        time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        self.end(process)
        self.assertEqual(process.returncode, 2)
        self.assertTrue((self.folder / "o" / "summary.json").is_file())
        self.assertFalse((self.folder / "o.partial").exists())

    def test_2_interrupted_twice_at_once_is_once(self):
        """timeout -s INT does the same. A busy machine may deliver the second late: one of some
        tries."""
        for _ in range(8):
            process = self.begin([STREET, "--set", "homes=5k"])
            process.send_signal(signal.SIGINT)
            time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            self.end(process)
            self.assertEqual(process.returncode, 2)
            if (self.folder / "o" / "summary.json").is_file():
                return
            shutil.rmtree(self.folder / "o.partial", ignore_errors=True)
        self.fail("each time the second signal threw the results away")

    def test_2_interrupted_twice(self):
        process = self.begin(
            [STREET, "--set", "homes=25k"]
        )  # large: it takes a while to end in order
        # While it stands still, both wait for it: it gets the second before it did anything about
        # the first.
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        self.end(process)
        self.assertEqual(process.returncode, 2)
        self.assertFalse(
            (self.folder / "o").exists(), "the second signal ends at once: nothing is finished"
        )

    def test_0_a_server_is_ended_by_a_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                process, port, line = self.serve(
                    "--coap", "127.0.0.1:{port}", "--coaps", "[::1]:{port}"
                )
                self.assertEqual(line, f"serving coap://127.0.0.1:{port}\n")
                self.assertEqual(process.stdout.readline(), f"serving coaps://[::1]:{port}\n")
                process.send_signal(number)
                self.end(process)
                self.expect_line(process, 0, "")
                self.assertRegex(process.out, r"\Aattempts 0, .*\n\Z")

    def test_3_a_broken_promise(self):
        """SIGABRT stands for one: the exit code, and how to repeat the run."""
        process = self.begin(self.long_run())
        process.send_signal(signal.SIGABRT)
        self.end(process)
        self.expect_line(
            process,
            3,
            r"a bug of ours .*: please report it with what repeats it: .* run long\.lua --set "
            r"duration=30d --seed 1",
        )

    def test_a_reader_that_goes_away_is_no_trouble(self):
        readable, writable = os.pipe()
        os.close(readable)
        process = self.run_program(["list", "laws"], stdout=writable)
        os.close(writable)
        self.expect_line(process, 0, "")


if __name__ == "__main__":
    unittest.main()
