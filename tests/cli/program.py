#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the command line share: the program (environment variable BLACKSTART), run in
an empty folder of its own.
"""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ.get("BLACKSTART", "build/release/blackstart")
PROGRAM = str(pathlib.Path(PROGRAM).resolve())
SOURCE = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
SCENARIOS = SOURCE / "scenarios"
STREET = str(SCENARIOS / "5.9-3" / "power-restore-street.lua")
STEADY = str(SCENARIOS / "steady.lua")
# How long a run may take by the clock before it is taken for stuck: short of what ctest gives a whole
# script, since on a busy machine a run of 7 s took two minutes and more.
PATIENCE = 280
# The other builds run more slowly by far, and look for other mistakes: what is only done more often
# is done less often there.
RELEASE = os.environ.get("BUILD_DIR", "release").endswith("release")
enough_in_release = unittest.skipUnless(RELEASE, "the release build does it")


def some(rows):
    """Rows of a table that each begin the program anew: all of them in the release build, every
    third in the others, where a program takes a fifth of a second to begin and to end.
    """
    return [*rows][:: 1 if RELEASE else 3]


SMALL = ["--set", "homes=15"]  # 60 devices: enough for a verdict, and quick

# A scenario of our own where a test needs to know every word of it: two devices, a minute.
CALM = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "Two devices, one minute" }
params { { name = "duration", kind = "duration", default = "1m" } }
function setup(p)
    fleet.devices { model = "thermostat", count = 2, law = law.fixed { base = "1s" }, report_every = "10s" }
end
function drill(p) wait(p.duration) end
"""


def environment(**changes):
    """The environment of every run: no colours, no locale, unless the test says so."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LC_") and name not in ("LANG", "NO_COLOR")
    }
    return {**clean, **changes}


def start(arguments, folder, **more):
    settings = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "env": environment(),
        **more,
    }
    return subprocess.Popen(
        [PROGRAM, *arguments], cwd=folder, text=True, errors="surrogateescape", **settings
    )


def agrees_with_declared(verdict):
    """Whether the pauses that a verdict of one device rests on are those of the declared law."""
    measures = {m["name"]: m for m in verdict["measures"]}
    chance, sooner = measures["chance of such delays"], measures["sooner than declared"]
    return chance["relation"] != "none" and chance["holds"] and sooner["holds"]


def wait_until(condition, what, seconds=60):
    """On a busy machine everything takes its time; only what never comes is an error."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"after {seconds} s still not: {what}")
        time.sleep(0.01)


def has_handlers(process):
    """Waits until the program's own handlers of SIGINT and SIGTERM stand: a signal before would
    just end it.
    """

    def stand():
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        caught = int(re.search(r"^SigCgt:\s*([0-9a-f]+)$", status, re.M).group(1), 16)
        return all(caught >> (number - 1) & 1 for number in (signal.SIGINT, signal.SIGTERM))

    wait_until(stand, "handlers of SIGINT and SIGTERM stand")


def is_asleep(process):
    """Waits until the program waits for something: its only thread, twice in a row."""

    def sleeps():
        stat = pathlib.Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii")
        return stat.rpartition(")")[2].split()[0] == "S"

    wait_until(lambda: sleeps() and (time.sleep(0.02), sleeps())[1], "the program waits")


def read_exactly(descriptor, size):
    """One read of a pipe gives what is there, not what was asked for."""
    read = b""
    while len(read) < size:
        piece = os.read(descriptor, size - len(read))
        if piece == b"":
            break
        read += piece
    return read


def free_port():
    """A UDP port where nobody listens, on IPv4 and IPv6 alike."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.bind(("::", 0))
        return probe.getsockname()[1]


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*"))


class CliTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def closed_port(self):
        """A port of loopback at which nobody listens, and nobody else can while the test lasts: the
        stream that is bound to it does not listen, and the datagrams that it takes are those of one
        peer. Everybody else is told that nobody is there.
        """
        for _ in range(100):
            udp, tcp = socket.socket(type=socket.SOCK_DGRAM), socket.socket()
            self.addCleanup(udp.close)
            self.addCleanup(tcp.close)
            udp.bind(("127.0.0.1", 0))
            udp.connect(("127.0.0.1", 1))
            try:
                tcp.bind(udp.getsockname())
            except OSError:  # somebody's stream has that number
                continue
            return udp.getsockname()[1]
        return self.fail("no port of loopback is free for both")

    def serve(self, *words):
        """The built-in cloud, {port} in its words a free one; again, when somebody else was quicker
        to take it. The process, the port, the first line that it said.
        """
        for last in (False, False, True):
            port = free_port()
            process = start(["serve", *(word.format(port=port) for word in words)], self.folder)
            line = process.stdout.readline()
            if line != "":
                return process, port, line
            error = process.communicate()[1]
            if last or "in use" not in error:
                self.fail(error)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def run_program(self, arguments, timeout=PATIENCE, **more):
        process = start(arguments, more.pop("cwd", self.folder), **more)
        try:
            process.out, process.err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.fail(f"{arguments}: still running after {timeout} s")
        return process

    def expect_line(self, process, code, pattern):
        """The exit code, and on stderr exactly one line, which the whole of `pattern` matches; none
        with 0.
        """
        self.assertEqual(process.returncode, code, f"exit code; stderr: {process.err}")
        lines = process.err.split("\n")
        self.assertEqual(lines.pop(), "", "stderr ends with a line end")
        if code == 0:
            self.assertEqual(lines, [])
            return
        self.assertEqual(len(lines), 1, f"lines on stderr: {lines}")
        self.assertRegex(lines[0], re.compile("blackstart: (?:" + pattern + r")\Z"))

    def expect_refused(self, arguments, code, pattern, **more):
        """A run that comes to nothing: the line, nothing on stdout, and not a file more or less
        than before.
        """
        before = tree(self.folder)
        process = self.run_program(arguments, **more)
        self.expect_line(process, code, pattern)
        self.assertEqual(process.out, "")
        self.assertEqual(tree(self.folder), before)

    def findings(self, out):
        """What a run or a judge has found, in its folder of results."""
        return json.loads((self.folder / out / "summary.json").read_text())["verdicts"]

    def expect_measures(self, finding, wanted, what=None):
        """`wanted`: by the name of a measure its value, to two in a thousand; (value, of how many);
        (least, most, of how many; None: of any), or None for a measure without a value. Nothing
        wanted: there is no measure at all. What is said of them, tests/data/sentences.txt holds.
        """
        measures = {measure["name"]: measure for measure in finding["measures"]}
        what = f"{what}: {finding['verdict']}: {finding['sentence']}"
        if not wanted:
            self.assertEqual(measures, {}, what)
        for name, value in wanted.items():
            self.assertIn(name, measures, what)
            values = value if isinstance(value, tuple) else (value,)
            found = measures[name]["value"]
            if len(values) > 1 and values[-1] is not None:
                self.assertEqual(measures[name]["samples"], values[-1], f"{name}: {what}")
            if values[0] is None:
                self.assertIsNone(found, f"{name}: {what}")
            else:
                least, most = values[0], values[len(values) // 3]
                self.assertIsNotNone(found, f"{name}: {what}")
                self.assertGreaterEqual(found, least - abs(least) * 0.002, f"{name}: {what}")
                self.assertLessEqual(found, most + abs(most) * 0.002, f"{name}: {what}")
