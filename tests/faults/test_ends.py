#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 30
"""Runs that end before their time: killed, interrupted, out of memory, on a full disk. Nothing
half-written looks like a result, what is written is valid, and the next run into the same folder
works. (Bad input and the exit codes of an ordinary end: tests/cli.)
"""
import contextlib
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import system  # noqa: E402

SANITIZED = any(kind in os.environ.get("BUILD_DIR", "") for kind in ("asan", "tsan"))
LONG = [
    system.STEADY,
    "--set",
    "devices=300",
    "--set",
    "duration=30d",
    "--set",
    "period=10s",
    "--quiet",
    "--out",
    "o",
]
BUSY = [system.STREET, "--set", "homes=2500", "--quiet"]


class Ends(system.SystemTest):
    def under_way(self, arguments, seconds=0.7):
        process = system.start(["run", *arguments], self.folder)
        until = time.monotonic() + 60
        while not (self.folder / "o.partial").exists():
            self.assertIsNone(process.poll(), "it ended by itself")
            self.assertLess(time.monotonic(), until)
            time.sleep(0.02)
        time.sleep(seconds)
        self.assertIsNone(process.poll(), "it ended by itself")
        return process

    def expect_the_next_run_works(self):
        process = self.run_program(["run", system.STREET, *system.SMALL, "--quiet", "--out", "o"])
        self.expect_line(process, 0, "")
        self.results("o")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["o"])

    def test_killed(self):
        process = self.under_way(LONG)
        process.kill()
        process.communicate()
        self.nothing_like_a_result("o")
        self.expect_the_next_run_works()

    def test_killed_over_an_older_result(self):
        self.expect_the_next_run_works()
        before = {path.name: path.read_bytes() for path in (self.folder / "o").iterdir()}
        process = self.under_way(LONG)
        process.kill()
        process.communicate()
        self.assertEqual(
            {path.name: path.read_bytes() for path in (self.folder / "o").iterdir()},
            before,
            "the older result is as it was",
        )
        self.expect_the_next_run_works()

    def test_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                process = self.under_way(LONG)
                process.send_signal(number)
                process.out, process.err = process.communicate(timeout=60)
                self.expect_line(
                    process,
                    2,
                    r"interrupted \(at .+ of the run\): what was seen until then is in o",
                )
                summary = self.results("o")
                self.assertTrue(summary["interrupted"])
                self.assertGreater(summary["duration_s"], 0)
                self.assertEqual({v["verdict"] for v in summary["verdicts"]}, {"INCONCLUSIVE"})

    def test_interrupted_while_a_thousand_streets_run(self):
        process = self.under_way(
            [*BUSY, "--set", "devices_per_home=8", "--threads", "2", "--out", "o"], seconds=0.2
        )
        process.send_signal(signal.SIGINT)
        process.out, process.err = process.communicate(timeout=60)
        self.expect_line(
            process, 2, r"interrupted \(at .+ of the run\): what was seen until then is in o"
        )
        self.assertTrue(self.results("o")["interrupted"])

    @unittest.skipIf(SANITIZED, "sanitizers reserve address space of their own")
    def test_out_of_memory_at_any_time(self):
        """From a limit at which the program hardly starts to one that is enough: a line and 3, or
        it works.
        """
        codes = set()
        for megabytes in (40, 80, 120, 160, 200, 300, 600, 2400):
            with self.subTest(megabytes=megabytes):
                size = megabytes << 20
                process = self.run_program(
                    ["run", *BUSY, "--threads", "1", "--out", "o"],
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)),
                )
                codes.add(process.returncode)
                if process.returncode == 0:
                    self.results("o")
                    continue
                if process.returncode == 127:
                    continue  # the loader had no room for the libraries: not ours to say
                self.expect_line(process, 3, r".*memory.*")
                self.nothing_like_a_result("o")
                self.assertEqual(list(self.folder.iterdir()), [])
        self.assertLessEqual({0, 3}, codes, "the limits were all too wide or all too narrow")

    def test_a_disk_that_fills_up(self):
        place = self.folder / "small"
        place.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "blackstart-test", str(place)],
            capture_output=True,
            check=False,
        )
        if mounted.returncode != 0:
            self.skipTest(
                "may not mount a file system here; a limit on the size of files stands in for it "
                "in the next test"
            )
        try:
            for arguments in ([system.STREET], LONG[:-2]):
                process = self.run_program(
                    ["run", *arguments, "--quiet", "--out", "small/o"]
                    if "--quiet" not in arguments
                    else ["run", *arguments, "--out", "small/o"]
                )
                self.expect_line(process, 3, r".*(No space left on device|disk).*")
                self.assertEqual(list(place.iterdir()), [], "what was begun is gone")
        finally:
            subprocess.run(["umount", str(place)], check=True)

    def test_files_that_may_not_grow(self):
        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

        process = self.run_program(
            ["run", system.STREET, "--quiet", "--out", "o"], preexec_fn=small_files
        )
        self.expect_line(process, 3, r".*(File too large|disk).*")
        self.nothing_like_a_result("o")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_too_few_descriptors_for_sockets(self):
        """Before the run begins; a prefix of source addresses needs none."""

        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

        run = [
            "run",
            system.STEADY,
            "--target",
            f"coap://127.0.0.1:{self.closed_port()}",
            "--set",
            "period=1s",
            "--quiet",
            "--out",
            "o",
            "--set",
        ]
        # A run that began would not end before the test's patience does.
        process = self.run_program([*run, "duration=1h"], preexec_fn=few)
        self.expect_line(
            process,
            3,
            r"200 devices need [0-9]+ file descriptors and 64 are allowed: .*ulimit -n.*--source.*",
        )
        self.assertEqual(list(self.folder.iterdir()), [])
        process = self.run_program(
            [*run, "duration=1s", "--source", "127.16.0.0/12"], preexec_fn=few
        )
        self.assertEqual(
            process.returncode, 5, process.err
        )  # the port is dead, but the sockets were enough
        self.results("o")

    def test_a_folder_that_goes_away(self):
        process = self.under_way(LONG)
        with contextlib.suppress(OSError):
            for path in (self.folder / "o.partial").iterdir():
                path.unlink()
            (self.folder / "o.partial").rmdir()
        process.send_signal(signal.SIGINT)
        process.out, process.err = process.communicate(timeout=60)
        self.expect_line(process, 3, r".+")
        self.nothing_like_a_result("o")


if __name__ == "__main__":
    unittest.main(verbosity=2)
