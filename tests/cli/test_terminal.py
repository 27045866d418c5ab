#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""What a user sees: progress in place on a terminal and in lines elsewhere, colours and marks where
they can be shown, and a line that repeats a run.
"""
import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import termios
import unittest

from program import CALM, PROGRAM, SMALL, STREET, CliTest, environment, tree

# Long enough for several looks at the progress, whatever the machine: one thread, and reports every
# 100 ms of 200 devices.
BUSY = CALM.replace("count = 2", "count = 200").replace(
    'report_every = "10s"', 'report_every = "100ms"'
)


def on_terminal(arguments, folder, columns=100, **changes):
    """Runs the program with stdout and stderr on one pseudo-terminal; returns exit code and what
    came out of it.
    """
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [PROGRAM, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
        env=environment(**{"TERM": "xterm", **changes}),
    )
    os.close(follower)
    text = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # the terminal is gone with its last program
            break
        if not piece:
            break
        text += piece
    os.close(leader)
    return process.wait(), text.decode()


class Terminal(CliTest):
    def busy(self):
        return ["run", self.write("busy.lua", BUSY), "--set", "duration=2m", "--threads", "1"]

    def test_progress_in_place(self):
        code, text = on_terminal(self.busy(), self.folder, columns=70)
        self.assertEqual(code, 0)
        shown = re.findall(r"\r\x1b\[K([^\r\x1b\n]*)", text)
        self.assertGreater(len(shown), 2, text[:400])
        for line in shown:
            self.assertLess(len(line), 70)
            self.assertTrue(
                line == "" or re.fullmatch(r"(\d+[hms]){1,3}   \d+ of 200 online.*", line), line
            )
        self.assertRegex("".join(shown), r"online   about \d.* to 2m00s   ")
        self.assertEqual(shown[-1], "")  # wiped at the end

    def test_quiet_and_dumb_terminals_rewrite_nothing(self):
        for arguments, changes in ((["--quiet"], {}), ([], {"TERM": "dumb"})):
            with self.subTest(arguments=arguments, changes=changes):
                code, text = on_terminal([*self.busy(), *arguments], self.folder, **changes)
                self.assertEqual(code, 0)
                self.assertNotIn("\x1b[K", text)

    def test_colours_and_marks(self):
        utf8 = {"LANG": "C.UTF-8"}
        street = ["run", STREET, *SMALL, "--quiet"]
        for arguments, changes, colours in (
            (street, utf8, True),
            (street, {**utf8, "NO_COLOR": "1"}, False),
            ([*street, "--no-color"], utf8, False),
            (street, {**utf8, "TERM": "dumb"}, False),
        ):
            with self.subTest(arguments=arguments, changes=changes):
                code, text = on_terminal(arguments, self.folder, **changes)
                self.assertEqual(code, 0)
                self.assertEqual("\x1b[" in text, colours, text[:300])
        code, text = on_terminal(street, self.folder, LANG="de_DE.ISO-8859-1")
        self.assertTrue(text.isascii())

    def test_plain_where_there_is_no_terminal(self):
        process = self.run_program(
            ["run", STREET, *SMALL], env=environment(LANG="C.UTF-8", TERM="xterm")
        )
        self.expect_line(process, 0, "")
        self.assertNotIn("\x1b", process.out)

    def test_the_verdict_is_the_last_line(self):
        """Of run, judge and test: whoever sees the last screen of a terminal or of a log has it."""
        small = ["--set", "homes=15", "--quiet"]
        for words, code, last in (
            (["run", STREET, *small, "--out", "good"], 0, r"PASS  5\.9-3-2 a"),
            (
                [
                    "run",
                    STREET,
                    *small,
                    "--set",
                    "law=fixed",
                    "--set",
                    "capacity=2",
                    "--out",
                    "bad",
                ],
                1,
                r"FAIL  5\.9-3-2 a: busiest second \d+ attempts/s, at most 2",
            ),
            (
                ["judge", "bad/attempts.csv", "--capacity", "2", "--out", "judged"],
                1,
                r"FAIL  5\.9-3-2 a: busiest second \d+ attempts/s, at most 2",
            ),
            (["test", STREET, "--set", "homes=15"], 0, r"PASS  1 passed, 0 failed, .*"),
            (
                ["test", STREET, "--set", "homes=15", "--set", "law=fixed", "--set", "capacity=2"],
                1,
                r"FAIL  0 passed, 1 failed, .*",
            ),
            (["run", self.write("calm.lua", CALM), "--quiet"], 0, "NO VERDICT"),
            (["run", "calm.lua", "--quiet", "--strict", "--out", "strict"], 5, "NO VERDICT"),
            (["run", STREET, "--set", "homes=15", "--quiet", "--strict"], 0, r"PASS  .*"),
        ):
            with self.subTest(words=words):
                process = self.run_program(words)
                self.assertEqual(process.returncode, code)
                self.assertRegex(process.out.splitlines()[-1], rf"\A{last}\Z")

    def test_paths_are_left_whole(self):
        """Longer than a line or not: they are there to be copied."""
        deep = (
            "a-folder-of-results-whose-name-is-as-long-as-names-in-build-servers-are/" * 2 + "run"
        )
        process = self.run_program(["run", STREET, *SMALL, "--quiet", "--out", deep])
        self.assertRegex(process.out, rf"(?m)^    results\.*: {deep}$")
        self.assertRegex(process.out, rf"(?m)^    page\.*: {deep}/report\.html$")

    def test_the_line_that_repeats_a_run(self):
        """Pasted into a shell it does the same again: same fingerprint."""
        first = self.run_program(
            [
                "run",
                STREET,
                *SMALL,
                "--set",
                "law=fixed",
                "--seed",
                "77",
                "--threads",
                "2",
                "--quiet",
                "--out",
                "it's mine",
            ]
        )
        self.assertIn(first.returncode, (0, 1, 5))
        fingerprint = re.search(r"fingerprint\.*: (\w+)", first.out)[1]
        command = first.out[first.out.index("To repeat this run:") :].split("\n")[1].strip()
        self.assertEqual(
            shlex.split(command)[1:], ["run", STREET, *SMALL, "--set", "law=fixed", "--seed", "77"]
        )
        again = subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            capture_output=True,
            text=True,
            env=environment(),
        )
        self.assertEqual(again.returncode, first.returncode)
        self.assertIn(fingerprint, again.stdout)

    def test_no_key_is_left_in_results(self):
        arguments = [
            "run",
            self.write("calm.lua", CALM),
            "--set",
            "duration=1s",
            "--quiet",
            "--out",
            "o",
            "--target",
            f"coaps://127.0.0.1:{self.closed_port()}",
            "--psk",
            "me:text:topsecret",
        ]
        process = self.run_program(arguments)
        for path in tree(self.folder / "o"):
            self.assertNotIn("topsecret", (self.folder / "o" / path).read_text())
            self.assertNotIn("topsecret".encode().hex(), (self.folder / "o" / path).read_text())
        self.assertNotIn("topsecret", process.out + process.err)
        self.assertIn("me:text:KEY", process.out)

    def test_default_folders_do_not_meet(self):
        processes = [
            subprocess.Popen(
                [PROGRAM, "run", STREET, *SMALL, "--quiet"],
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
            )
            for _ in range(4)
        ]
        self.assertEqual([process.wait() for process in processes], [0] * 4)
        folders = os.listdir(self.folder / "results")
        self.assertEqual(len(folders), 4)
        for name in folders:
            self.assertRegex(name, r"\Apower-restore-street-seed1-\d{8}-\d{6}(-[234])?\Z")


if __name__ == "__main__":
    unittest.main()
