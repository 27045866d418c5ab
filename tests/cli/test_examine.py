#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`blackstart examine` as a user meets it: files, pipes in real time, readers that go away, several
series, rows that cannot be scored, foreign alarms. Every check has its bad twin: an input that
differs in one thing and must come out differently.
"""
import gzip
import os
import pathlib
import random
import re
import resource
import select
import signal
import subprocess
import time
import unittest

from program import (
    CliTest,
    PROGRAM,
    SOURCE,
    enough_in_release,
    environment,
    has_handlers,
    is_asleep,
    read_exactly,
    some,
    start,
)

WARM_UP = 250  # points of a series without a score
HEADER = "timestamp,value,score,alarm"
SPIKE_AT = 1500


def quiet(seed=1, count=2000):
    """A series in which nothing happens."""
    noise = random.Random(seed)
    return [20 + noise.gauss(0, 1) for _ in range(count)]


def spiked(seed=1):
    """The same with one point that is far off."""
    return [value + (60 if i == SPIKE_AT else 0) for i, value in enumerate(quiet(seed))]


def lines_of(values, key=None):
    return [
        f"{60 * i},{value:.4f}" + ("" if key is None else f",{key}")
        for i, value in enumerate(values)
    ]


def csv(lines, header="timestamp,value"):
    return "\n".join([header, *lines, ""])


class Examine(CliTest):
    def examine(self, *arguments, text=None, code=0, line=None):
        """Rows behind the header, each split. Stderr holds nothing, or what `line` says."""
        more = {}
        if text is not None:
            self.write("in", text)
            more["stdin"] = open(self.folder / "in", "rb")
            self.addCleanup(more["stdin"].close)
        process = self.run_program(["examine", *arguments], **more)
        if line is None:
            self.expect_line(process, code, "")
        elif code == 0:
            self.assertEqual(process.returncode, 0, process.err)
            self.assertRegex(process.err, re.compile(line + r"\Z"))
            self.assertNotIn("blackstart: ", process.err)
        else:
            self.expect_line(process, code, line)
        rows = process.out.split("\n")
        self.assertEqual(rows.pop(), "")
        self.head = rows[0] if rows else None
        return [row.split(",") for row in rows[1:]]

    def pipe(self, *arguments):
        process = start(["examine", *arguments], self.folder, stdin=subprocess.PIPE, bufsize=1)
        self.addCleanup(self.leave, process)
        return process

    def leave(self, process):
        if process.poll() is None:
            process.kill()
        process.wait()
        for end in (process.stdin, process.stdout, process.stderr):
            if end is not None:
                end.close()

    def answer(self, process, within=60):
        """The next line of the output, None when none comes in time."""
        line = b""
        while not line.endswith(b"\n"):  # past Python's own buffer, which select does not see
            ready, _, _ = select.select([process.stdout], [], [], within)
            byte = os.read(process.stdout.fileno(), 1) if ready else b""
            if byte == b"":
                return None
            line += byte
        return line.decode()


class Scores(Examine):
    def test_a_file(self):
        rows = self.examine(self.write("in.csv", csv(lines_of(spiked()))))
        self.assertEqual(self.head, HEADER)
        self.assertEqual(len(rows), 2000)
        self.assertTrue(all(row[2] == "" and row[3] == "0" for row in rows[:WARM_UP]))
        self.assertTrue(all(0 <= float(row[2]) <= 1 for row in rows[WARM_UP + 1 :]))
        self.assertEqual([row[0] for row in rows], [str(60 * i) for i in range(2000)])
        self.assertEqual(rows[SPIKE_AT][3], "1")
        twin = self.examine(self.write("twin.csv", csv(lines_of(quiet()))))
        self.assertEqual(twin[SPIKE_AT][3], "0")
        self.assertLess(float(twin[SPIKE_AT][2]), float(rows[SPIKE_AT][2]))

    def test_nothing_is_looked_at_in_advance(self):
        whole = self.examine("-", text=csv(lines_of(spiked())))
        self.assertEqual(self.examine("-", text=csv(lines_of(spiked()[:1600]))), whole[:1600])
        self.assertNotEqual(self.examine("-", text=csv(lines_of(quiet()))), whole)

    def test_the_threshold(self):
        text = csv(lines_of(spiked()))
        for threshold in ("0.01", "0.5", "0.6", "1"):
            with self.subTest(threshold=threshold):
                rows = self.examine("-", "--threshold", threshold, text=text)
                self.assertTrue(
                    all(float(row[2]) >= float(threshold) - 1e-4 for row in rows if row[3] == "1")
                )
        self.assertFalse(any(row[3] == "1" for row in rows), "nothing reaches 1")

    def test_series_are_told_apart(self):
        """Interleaved, each comes out as if it were alone; without the key they are one, and come
        out otherwise.
        """
        a, b = spiked(1), [1000 + 50 * value for value in quiet(2)]
        mixed = [line for pair in zip(lines_of(a, "a"), lines_of(b, "b")) for line in pair]
        rows = self.examine("-", "--key", "device", text=csv(mixed, "timestamp,value,device"))
        self.assertEqual(self.head, HEADER + ",key")
        for key, values in (("a", a), ("b", b)):
            alone = self.examine("-", text=csv(lines_of(values)))
            self.assertEqual([row[:4] for row in rows if row[4] == key], alone)
        self.assertNotEqual(
            [row[:4] for row in rows], self.examine("-", text=csv(mixed, "timestamp,value,device"))
        )

    def test_columns_by_name_and_number(self):
        lines = [
            f"{device},{value},{at}"
            for at, value, device in (line.split(",") for line in lines_of(spiked(), "x"))
        ]
        text = csv(lines, "who,what,when")
        rows = self.examine(
            "-", "--timestamp", "when", "--value", "what", "--key", "who", text=text
        )
        self.assertEqual(
            self.examine("-", "--timestamp=3", "--value=2", "--key=1", text=text), rows
        )
        self.assertEqual(rows[SPIKE_AT][3:], ["1", "x"])
        self.examine(
            "-",
            "--timestamp",
            "when",
            "--value",
            "waht",
            text=text,
            code=4,
            line=r'standard input: no column "waht" \(line 1\): name one of who, what, when',
        )

    @enough_in_release
    def test_a_benchmark_series(self):
        folder = SOURCE / "tests" / "data" / "nab" / "data"
        rows = self.examine(str(folder / "artificialWithAnomaly" / "art_daily_jumpsup.csv"))
        self.assertIn("1", [row[3] for row in rows])
        twin = self.examine(str(folder / "artificialNoAnomaly" / "art_flatline.csv"))
        self.assertNotIn("1", [row[3] for row in twin])


class Pipes(Examine):
    def test_real_time(self):
        """A row comes back before the next is sent; half a row does not."""
        process = self.pipe("-")
        process.stdin.write("timestamp,value\n")
        self.assertEqual(self.answer(process), HEADER + "\n")
        for i, value in enumerate(spiked()[:300]):
            process.stdin.write(f"{60 * i},{value:.4f}\n")
            row = self.answer(process)
            self.assertTrue(row is not None and row.startswith(f"{60 * i},"), row)
        process.stdin.write("18000,2")
        process.stdin.flush()
        self.assertIsNone(self.answer(process, within=0.2))
        process.stdin.close()
        self.assertRegex(self.answer(process), r"\A18000,2,0\.\d{4},1\n\Z")
        self.assertEqual(process.wait(10), 0)

    def test_a_reader_that_goes_away(self):
        """As with `| head -1`: quiet, and 0. The twin writes to a full device: one line, and 3."""
        name = self.write("in.csv", csv(lines_of(quiet(1, 50000)) + ["nonsense"]))
        command = f"set -o pipefail; '{PROGRAM}' examine {name} | head -1"
        process = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(
            (process.returncode, process.stdout, process.stderr), (0, HEADER + "\n", "")
        )
        if pathlib.Path("/dev/full").exists():
            with open("/dev/full", "w") as full:
                process = self.run_program(["examine", name], stdout=full)
            self.expect_line(
                process,
                3,
                r"cannot write: No space left on device \(standard output\): make room for it",
            )

    def test_a_reader_that_goes_away_while_nothing_comes(self):
        process = self.pipe("-")
        process.stdin.write("timestamp,value\n1,nan\n")
        self.assertEqual(
            [self.answer(process), self.answer(process)], [HEADER + "\n", "1,nan,,0\n"]
        )
        process.stdout.close()
        self.assertEqual(process.wait(10), 0)
        self.assertEqual(process.stderr.read(), "")  # not even the note
        twin = self.pipe("-")  # with a reader it goes on
        with self.assertRaises(subprocess.TimeoutExpired):
            twin.wait(0.2)

    def test_interrupted(self):
        """One signal is enough: while it waits for a row, and while it waits for a reader that
        rests.
        """
        text = csv(lines_of(quiet(1, 50000)))
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number, waits="for a row"):
                process = self.pipe("-")
                process.stdin.write("timestamp,value\n1,2\n")
                self.assertEqual(self.answer(process), HEADER + "\n")
                process.send_signal(number)
                self.assertEqual(process.wait(10), 2)
                self.assertEqual(
                    process.stderr.read(),
                    "blackstart: interrupted (standard input): the scores end there\n",
                )
            with self.subTest(signal=number, waits="for a reader"):
                process = start(["examine", self.write("in.csv", text)], self.folder)
                self.addCleanup(self.leave, process)
                has_handlers(process)
                is_asleep(process)  # the pipe is full now
                self.assertEqual(
                    len(read_exactly(process.stdout.fileno(), 10000)), 10000
                )  # room for a part of what waits
                is_asleep(process)
                process.send_signal(number)
                self.assertEqual(process.wait(10), 2)

    def test_a_pipe_that_does_not_block(self):
        """As some parents leave it: nothing there yet is no error."""
        readable, writable = os.pipe()
        os.set_blocking(readable, False)
        process = start(["examine", "-"], self.folder, stdin=readable)
        os.close(readable)
        has_handlers(process)
        is_asleep(process)
        os.write(writable, b"timestamp,value\n1,2\n")
        os.close(writable)
        out, err = process.communicate(timeout=10)
        self.assertEqual((process.returncode, out, err), (0, HEADER + "\n1,2,,0\n", ""))


class RowsThatCannotBeScored(Examine):
    def test_kinds(self):
        """Row, what is said of it. The twin of all is test_a_file, which is silent."""
        cases = [
            ("0,nan", "the value is no finite number"),
            ("0,inf", "the value is no finite number"),
            ("0,-Infinity", "the value is no finite number"),
            ("0,1e999", "the value is no finite number"),
            ("0,", "the value is no finite number"),
            ("0,0x10", "the value is no finite number"),
            ("noon,1", "the timestamp cannot be read"),
            ("2026-02-30,1", "the timestamp cannot be read"),
            ("0", "the line lacks a column"),
            ("0," + "1" * 5000, "the line is longer than 4096 bytes"),
        ]
        for row, says in cases:
            with self.subTest(row=row[:20]):
                rows = self.examine(
                    "-",
                    text=csv(["0,1", row, "60,2"]),
                    line=rf"note: 1 row, first in line 3: {says} \(standard input\)\n",
                )
                self.assertEqual([r[-2:] for r in rows], [["", "0"]] * 3)
                self.assertEqual([r[0] for r in rows][::2], ["0", "60"])

    def test_they_leave_no_trace(self):
        """A series with rows between that cannot be scored comes out as without them."""
        good = lines_of(spiked())
        bad = [row for line in good for row in (line, "x,1", "0,nan")]
        rows = self.examine(
            "-", text=csv(bad), line=r"(note: 2000 rows, first in line [34]: .*\n){2}"
        )
        self.assertEqual(rows[::3], self.examine("-", text=csv(good)))
        self.assertTrue(all(row[2:] == ["", "0"] for row in rows[1::3] + rows[2::3]))

    def test_time_that_runs_backwards(self):
        lines = lines_of(spiked())
        rows = self.examine(
            "-",
            text=csv(lines[::-1]),
            line=r"note: 1999 rows, first in line 3: the time runs backwards \(scored all the "
            r"same\) .*\n",
        )
        self.assertTrue(all(row[2] != "" for row in rows[WARM_UP + 1 :]))
        self.examine("-", text=csv([lines[0]] * 3))  # the same time again is no step back

    def test_no_header(self):
        lines = lines_of(spiked(), "a")
        note = (
            r"note: no header, the columns are taken as timestamp, value{} \(standard input\): "
            r"name them if that is wrong\n"
        )
        rows = self.examine("-", text="\n".join(lines) + "\n", line=note.format(""))
        self.assertEqual(rows, self.examine("-", text=csv(lines, "timestamp,value,device")))
        rows = self.examine("-", "--key=3", text="\n".join(lines), line=note.format(", key"))
        self.assertEqual(rows[SPIKE_AT][3:], ["1", "a"])

    def test_nothing_to_examine(self):
        for text in ("", "\n\n\r\n", "\0" * 100000):
            with self.subTest(text=text[:5]):
                rows = self.examine(
                    "-",
                    text=text,
                    code=4,
                    line=r"nothing to examine \(standard input\): give lines of timestamp,value",
                )
                self.assertEqual(rows, [])
        self.assertEqual(self.examine("-", text="timestamp,value\n"), [])  # a header is something

    def test_noise_for_a_file(self):
        noise = random.Random(1)
        for _ in range(20):
            self.examine(
                "-",
                text=noise.randbytes(20000),
                code=4,
                line=r"standard input: no column \"timestamp\" \(line 1\): name one of "
                r".*|nothing .*",
            )
        text = csv(["0,1"]).encode() + noise.randbytes(200000).replace(b"\0", b"")
        rows = self.examine("-", text=text, line=r"(note: .*\n)+")
        self.assertEqual(rows[0], ["0", "1", "", "0"])
        self.assertTrue(all(row[-2:] == ["", "0"] for row in rows), "nothing was scored")

    def test_files_as_spreadsheets_write_them(self):
        text = (
            '\ufeff"timestamp","value","device"\r\n'
            '"2026-01-01T00:00:00Z","1.5","a, b"\r\n'
            '"2026-01-01 00:01","2","say ""x"""'
        )
        rows = self.examine("-", "--key", "device", text=text)
        self.assertEqual(
            [",".join(row) for row in rows],
            ['2026-01-01T00:00:00Z,1.5,,0,"a, b"', '2026-01-01 00:01,2,,0,"say ""x"""'],
        )
        rows = self.examine("-", text="timestamp;value\n1;2,5\n")
        self.assertEqual([",".join(row) for row in rows], ['1,"2,5",,0'])
        self.examine(
            "-",
            text="when;value\n1;2\n",
            code=4,
            line=r'standard input: no column "timestamp" \(line 1\): name one of when, value',
        )

    def test_what_cannot_be_read_is_no_success(self):
        for text, line in (
            (
                "timestamp,value\nx,1\ny,2\n",
                r'not one of 2 rows could be read \(line 2, "x"\): the timestamp cannot be '
                r'read: write .*',
            ),
            (
                "timestamp,value\n1,x\n2,y\n",
                r'not one of 2 rows could be read \(line 2, "x"\): the value is no finite '
                r'number: .*',
            ),
            (
                "timestamp,value\n1700000000,1.5\n".encode("utf-16"),
                r"UTF-16 text, which is not read: convert it with iconv .*",
            ),
            (
                "timestamp,value\n1700000000,1.5\n".encode("utf-16-le"),
                r"UTF-16 text, which is not read: .*",
            ),
            (
                gzip.compress(b"timestamp,value\n1700000000,1.5\n"),
                r"a file packed by gzip, which is not read: unpack it with gzip -d",
            ),
            (
                "timestamp,value\n45244.9259,1.5\n45244.9294,1.6\n",
                r"times such as 45244\.9259 look like days of a spreadsheet \(line 3\): .*",
            ),
        ):
            with self.subTest(text=text[:30]):
                rows = self.examine("-", text=text, code=4, line="standard input: " + line)
                self.assertTrue(all(row[-2:] == ["", "0"] for row in rows))

    def test_units_of_time_are_told_apart(self):
        field = SOURCE / "tests" / "data" / "telemetry"
        reference = self.examine(str(field / "42-hour-seconds-reference.csv"))
        day = [row[1:] for row in reference]
        self.assertEqual([row[2] for row in day if row[2] == "1"], ["1"] * 4)
        for text in (
            (field / "42-hour-milliseconds.csv").read_text(),
            re.sub(
                r"(?m)^(\d+),",
                r"\g<1>000000,",
                (field / "42-hour-seconds-reference.csv").read_text(),
            ),
            re.sub(
                r"(?m)^(\d+),",
                r"\g<1>000000000,",
                (field / "42-hour-seconds-reference.csv").read_text(),
            ),
        ):
            self.assertEqual([row[1:] for row in self.examine("-", text=text)], day)
        # The twin: hours told a thousand times too long are other hours.
        wrong = re.sub(
            r"(?m)^170(\d+),", r"170\g<1>0,", (field / "42-hour-seconds-reference.csv").read_text()
        )
        self.assertNotEqual([row[1:] for row in self.examine("-", text=wrong)], day)

    @enough_in_release
    def test_a_million_keys(self):
        """With a bound they cost no memory; those within it are scored as ever."""
        keys = 1000000
        first = lines_of(spiked(), "first")
        name = self.write(
            "in.csv", csv([f"0,1,{i}" for i in range(keys)] + first, "timestamp,value,key")
        )

        def bounded(bytes_most):
            return {
                "preexec_fn": lambda: resource.setrlimit(
                    resource.RLIMIT_AS, (bytes_most, bytes_most)
                )
            }

        limits = (
            {} if re.search("[at]san", PROGRAM) else bounded(200 << 20)
        )  # a sanitizer's shadow is larger than any bound
        with open(self.folder / "out", "w") as out:
            process = self.run_program(
                ["examine", name, "--key", "key", "--series", "500"], stdout=out, **limits
            )
        self.assertEqual(process.returncode, 0, process.err)
        self.assertEqual(
            process.err,
            f"note: {keys - 500 + 2000} rows, first in line 502: there are more series than the "
            f"bound allows (in.csv)\n",
        )
        with open(self.folder / "out") as out:
            self.assertEqual(sum(1 for _ in out), keys + 2000 + 1)
        text = csv(first + [f"0,1,{i}" for i in range(1000)], "timestamp,value,key")
        rows = self.examine(
            "-", "--key", "key", "--series", "1", text=text, line=r"note: 1000 rows, .*\n"
        )
        self.assertEqual(rows[SPIKE_AT][3:], ["1", "first"])
        if limits:  # without the bound there is too little memory: one line, and 3
            process = self.run_program(
                ["examine", name, "--key", "key", "--series", "1M"],
                stdout=subprocess.DEVNULL,
                **limits,
            )
            self.expect_line(
                process, 3, r"out of memory with \d+ series \(in\.csv\): give a smaller --series"
            )


DAY = 86400
TELEMETRY = csv(
    [f"{at},1,{device}" for at in (0, 10 * DAY) for device in "ab"], "timestamp,value,device"
)  # 20 device-days
TRUTH = csv(["1000,2000,spike,a", "5000,6000,spike,b", "9000,9500,drift,b"], "start,end,kind,key")


class Operators(Examine):
    def score(self, alarms, *arguments, truth=TRUTH):
        self.write("data.csv", TELEMETRY)
        self.write("alarms.csv", alarms)
        self.write("truth.csv", truth)
        process = self.run_program(
            [
                "examine",
                "data.csv",
                "--key",
                "device",
                "--operator",
                "alarms.csv",
                "--truth",
                "truth.csv",
                *arguments,
            ]
        )
        self.expect_line(process, 0, "")
        table = {
            row[0]: row[1:5]
            for row in (line.split() for line in process.out.split("\n\n")[0].split("\n")[1:])
        }
        counts = re.search(r"alarms (\d+), false (\d+), precision ([\d.]+)", process.out)
        rate = re.search(
            r"false alarms per device-day ([\d.]+) \(([\d.]+) device-days\)", process.out
        )
        return {
            kind: (int(row[0]), int(row[1]), float(row[2])) for kind, row in table.items()
        }, tuple(map(float, counts.groups() + rate.groups()))

    def test_recall_and_precision(self):
        """Worked out by hand: of two spikes one is noticed, the drift (within its grace) too; of
        four alarms one is false.
        """
        alarms = csv(
            ["1500,a,1", "1600,a,1", "9900,b,1", "30000,a,1", "5500,b,0"], "timestamp,key,alarm"
        )
        kinds, figures = self.score(alarms)
        self.assertEqual(kinds, {"spike": (2, 1, 0.5), "drift": (1, 1, 1.0), "all": (3, 2, 0.667)})
        self.assertEqual(figures, (4, 1, 0.75, 0.05, 20.0))

    def test_each_thing_counts(self):
        """Twins of the one above: a shorter grace, the wrong device, silence, a noisy platform."""
        alarms = ["1500,a,1", "1600,a,1", "9900,b,1", "30000,a,1"]
        head = "timestamp,key,alarm"
        kinds, figures = self.score(csv(alarms, head), "--grace", "1m")
        self.assertEqual((kinds["drift"][1], figures[:3]), (0, (4, 2, 0.5)))
        kinds, figures = self.score(csv([row.replace(",a,", ",b,") for row in alarms], head))
        self.assertEqual((kinds["spike"][1], figures[:3]), (0, (4, 3, 0.25)))
        kinds, figures = self.score(csv([], head))
        self.assertEqual((kinds["all"], figures[:2]), ((3, 0, 0.0), (0, 0)))
        kinds, figures = self.score(csv([f"{at}" for at in range(0, 100000, 100)], "timestamp"))
        self.assertEqual(kinds["all"], (3, 3, 1.0))
        self.assertLess(figures[2], 0.05)

    def test_our_own_output_can_be_given(self):
        lines = lines_of(spiked(), "a")
        self.write("in.csv", csv(lines, "timestamp,value,key"))
        process = self.run_program(["examine", "in.csv", "--key", "key"])
        alarms = [row.split(",") for row in process.out.split("\n") if ",1," in row]
        self.write("alarms.csv", "\ufeff" + process.out)
        arguments = [
            "examine",
            "in.csv",
            "--key",
            "key",
            "--operator",
            "alarms.csv",
            "--truth",
            "truth.csv",
        ]
        for start_at, noticed in ((60 * SPIKE_AT, 1), (60 * SPIKE_AT + 60, 0)):
            self.write("truth.csv", f"start,end,kind,key\n{start_at},{start_at},spike,a\n")
            process = self.run_program([*arguments, "--grace", "0s"])
            self.expect_line(process, 0, "")
            self.assertRegex(process.out, rf"\nspike +1 +{noticed} ")
            self.assertIn(f"alarms {len(alarms)},", process.out)

    def test_telemetry_from_a_pipe(self):
        self.write("alarms.csv", "timestamp\n1500\n")
        self.write("truth.csv", TRUTH)
        process = self.pipe(
            "-", "--key", "device", "--operator", "alarms.csv", "--truth", "truth.csv"
        )
        out, err = process.communicate(TELEMETRY, timeout=10)
        self.assertEqual((process.returncode, err), (0, ""))
        self.assertIn("(20.0 device-days)", out)
        twin = self.pipe("-", "--operator", "alarms.csv", "--truth", "truth.csv")
        has_handlers(twin)
        is_asleep(twin)
        twin.send_signal(signal.SIGTERM)
        self.assertEqual(twin.wait(10), 2)
        self.assertEqual(
            twin.stderr.read(),
            "blackstart: interrupted (standard input): nothing was scored, run it again\n",
        )

    def test_bad_files(self):
        cases = [
            ("alarms.csv", "", r"empty file \(alarms\.csv\): .*"),
            ("alarms.csv", "when\n1\n", r'no column "timestamp" \(alarms\.csv, line 1\): .*'),
            (
                "alarms.csv",
                "timestamp\n\nnoon\n",
                r"the timestamp cannot be read \(alarms\.csv, line 3\): mend the line",
            ),
            (
                "alarms.csv",
                "timestamp\n" + "1" * 5000,
                r"the line is too long \(alarms\.csv, line \d\): .*",
            ),
            ("truth.csv", "start,end\n1,2\n", r'no column "kind" \(truth\.csv, line 1\): .*'),
            ("truth.csv", "start,end,kind\n", r"no injection \(truth\.csv\): .*"),
            (
                "truth.csv",
                "start,end,kind\n2,1,x\n",
                r"the end lies before the start \(truth\.csv, line 2\): .*",
            ),
            (
                "truth.csv",
                csv([f"1,2,k{i}" for i in range(65)], "start,end,kind"),
                r"more than 64 kinds \(truth\.csv, line 66\): .*",
            ),
            ("data.csv", "timestamp,value\n1,2\n", r'no column "device" \(data\.csv, line 1\): .*'),
            ("data.csv", os.urandom(10000), r".* \(data\.csv, line \d+\): .*"),
        ]
        for name, content, line in some(cases):
            with self.subTest(name=name, content=content[:30]):
                files = {
                    "data.csv": TELEMETRY,
                    "alarms.csv": "timestamp\n1\n",
                    "truth.csv": TRUTH,
                    name: content,
                }
                for file, text in files.items():
                    self.write(file, text)
                self.expect_refused(
                    [
                        "examine",
                        "data.csv",
                        "--key",
                        "device",
                        "--operator",
                        "alarms.csv",
                        "--truth",
                        "truth.csv",
                    ],
                    4,
                    line,
                )
        self.score("timestamp\n1\n")  # and without any of that it is fine


class WrongUse(Examine):
    def test_options(self):
        self.write("in.csv", csv(["0,1"]))
        see = r"see blackstart examine --help"
        cases = [
            (
                [],
                r"no file given \(blackstart examine\): name a CSV file, or give - for "
                r"standard input",
            ),
            ([""], r"no file given \(blackstart examine\): .*"),
            (
                ["in.csv", "x.csv"],
                r"x\.csv is one word too many \(blackstart examine\): examine one file at a time",
            ),
            (
                ["in.csv", "--kee", "x"],
                r"unknown option --kee \(blackstart examine\): did you mean --key\?",
            ),
            (
                ["in.csv", "--frobnicate"],
                rf"unknown option --frobnicate \(blackstart examine\): {see}",
            ),
            (["in.csv", "--key"], rf"option --key has no value \(blackstart examine\): {see}"),
            (
                ["in.csv", "--key", "a", "--key", "b"],
                r"--key stands twice \(blackstart examine\): give it once",
            ),
            *(
                (
                    ["in.csv", "--threshold", bad],
                    rf"no score: {bad} \(--threshold\): give a number above 0, at most 1",
                )
                for bad in ("0", "-1", "1.1", "nan", "inf", "x", "")
            ),
            *(
                (["in.csv", "--series", bad], rf"no number of series: {bad} \(--series\): .*")
                for bad in ("0", "-1", "1.5", "1G", "x")
            ),
            *(
                (["in.csv", "--grace", bad], rf"no duration: {bad} \(--grace\): .*")
                for bad in ("5", "-1s", "soon")
            ),
            (
                ["in.csv", "--operator", "a.csv"],
                r"--operator and --truth need each other \(blackstart examine\): give both files",
            ),
            (["in.csv", "--truth", "a.csv"], r"--operator and --truth need each other .*"),
            (
                ["-", "--operator", "a.csv", "--truth", "-"],
                r"standard input is read once only \(blackstart examine\): .*",
            ),
            (
                ["nowhere.csv"],
                r"cannot open: No such file or directory \(nowhere\.csv\): give a CSV file or - "
                r"for standard input",
            ),
            (["."], r"cannot read: Is a directory \(\.\): .*"),
            (
                ["in.csv", "--operator", "nowhere.csv", "--truth", "in.csv"],
                r"cannot open: No such file or directory \(nowhere\.csv\): give a CSV file",
            ),
            (
                ["in.csv", "--value", "velue"],
                r'in\.csv: no column "velue" \(line 1\): name one of timestamp, value',
            ),
            (["in.csv", "--key", "65"], r'in\.csv: no column "65" \(line 1\): .*'),
        ]
        for arguments, line in some(cases):
            with self.subTest(arguments=arguments):
                self.expect_refused(["examine", *arguments], 4, line)
        rows = self.examine(
            "--threshold", "1", "--series=1", "--grace", "0s", "in.csv", "--value", "2"
        )
        self.assertEqual(rows, [["0", "1", "", "0"]])

    def test_help(self):
        told = self.run_program(["examine", "--help"])
        self.expect_line(told, 0, "")
        self.assertEqual(self.run_program(["help", "examine"]).out, told.out)
        self.assertIn("\n  examine  ", self.run_program(["--help"]).out)
        self.expect_refused(
            ["exmine"], 4, r"unknown command exmine \(command line\): did you mean examine\?"
        )


if __name__ == "__main__":
    unittest.main()
