#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`blackstart judge`: a fleet and a device by what they are, and one clear line for everything that
cannot be judged.
"""
import csv
import json
import random
import struct
import unittest

from program import SOURCE, STREET, CliTest, agrees_with_declared

DATA = SOURCE / "tests" / "data" / "judge"
HEAD = "time_s,device,home,trigger,attempt,outcome,latency_s\n"


def fleet(devices, window, law="uniform", back=600):
    """attempts of devices that are online from the start and come back within `window` s after
    `back`.
    """
    draw = random.Random(1)
    rows = [(10 + d / devices, d, "start", 1) for d in range(devices)]
    rows += [
        (
            back + (draw.uniform(0, window) if law == "uniform" else d % 10 / 100),
            d,
            "power restore",
            1,
        )
        for d in range(devices)
    ]
    text = "".join(
        f"{at:.9f},{d},{d},{trigger},{n},online,0.100000000\n" for at, d, trigger, n in sorted(rows)
    )
    return HEAD + text


def device(outages, retries, pause):
    """CSV of one device: `retries` failures in each outage, then online for ten minutes."""
    at, rows = 1.0e9, ["ts,id,status\n"]
    for _ in range(outages):
        for k in range(retries + 1):
            at += pause(k)
            rows.append(f"{at:.6f},thing,{'connected' if k == retries else 'refused'}\n")
        at += 600
    return "".join(rows)


MAP = ["--columns", "time=ts,device=id,outcome=status,home="]


class Judge(CliTest):
    def verdicts(self, arguments, code):
        process = self.run_program(["judge", *arguments, "--out", "o"])
        self.assertEqual(process.returncode, code, process.err)
        return process, json.loads((self.folder / "o" / "summary.json").read_text())["verdicts"]

    def online(self, *seconds):
        """Devices online in these seconds of the log, by its series."""
        with open(self.folder / "o" / "series.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        return [int(rows[second]["online"]) for second in seconds]

    def test_a_fleet_that_spreads_passes_and_its_twin_fails(self):
        good, bad = self.write("good.csv", fleet(1000, 300)), self.write(
            "bad.csv", fleet(1000, 300, law="lock-step")
        )
        process, verdicts = self.verdicts([good, "--capacity", "20"], 0)
        self.assertEqual([v["verdict"] for v in verdicts], ["PASS"])
        self.assertIn("a fleet (B)", process.out)
        summary = json.loads((self.folder / "o" / "summary.json").read_text())
        self.assertRegex(summary["title"], r"\Agood\.csv: .+")
        self.assertEqual(self.online(12, 599, -1), [1000, 1000, 1000])
        self.assertLess(self.online(600)[0], 20)  # the outage took all, some are back
        self.assertEqual(
            [v["verdict"] for v in self.verdicts([bad, "--capacity", "20"], 1)[1]], ["FAIL"]
        )
        _, verdicts = self.verdicts(
            [
                bad,
                "--capacity",
                "20",
                "--threshold",
                "peak-over-capacity=1000",
                "--threshold",
                "peak-to-mean=1e6",
                "--threshold",
                "ten-seconds-over-capacity=100",
            ],
            0,
        )
        self.assertEqual([v["verdict"] for v in verdicts], ["PASS"])
        self.assertEqual(
            [v["verdict"] for v in self.verdicts([good], 5)[1]], ["INCONCLUSIVE"]
        )  # no capacity
        self.assertEqual(
            [
                v["verdict"]
                for v in self.verdicts([good, "--capacity", "20", "--threshold", "devices=2k"], 5)[
                    1
                ]
            ],
            ["INCONCLUSIVE"],
        )

    def test_it_agrees_with_the_run_that_wrote_the_attempts(self):
        self.run_program(
            [
                "run",
                STREET,
                "--set",
                "homes=15",
                "--set",
                "law=fixed",
                "--set",
                "capacity=2",
                "--quiet",
                "--out",
                "run",
            ]
        )
        run = json.loads((self.folder / "run" / "summary.json").read_text())["verdicts"][0]
        _, verdicts = self.verdicts(["run/attempts.csv", "--capacity", "2"], 1)
        value = {m["name"]: m["value"] for m in run["measures"]}
        seen = {m["name"]: m["value"] for m in verdicts[0]["measures"]}
        for name in ("busiest second", "attempts per success"):
            self.assertEqual(seen[name], value[name], name)
        self.assertEqual(verdicts[0]["verdict"], run["verdict"])

    def test_one_device_by_its_pauses(self):
        draw = random.Random(3)
        jitter = self.write("jitter.csv", device(12, 6, lambda k: draw.uniform(0, min(60, 2**k))))
        fixed = self.write("fixed.csv", device(12, 6, lambda k: 10))
        process, verdicts = self.verdicts([jitter, *MAP], 0)
        self.assertIn("one device over its outages (A)", process.out)
        self.assertIn("with jitter", verdicts[0]["sentence"])
        _, verdicts = self.verdicts([fixed, *MAP], 1)
        self.assertIn("fixed 10 s, without jitter", verdicts[0]["sentence"])
        self.assertEqual(
            self.verdicts([self.write("two.csv", device(2, 6, lambda k: 10)), *MAP], 5)[1][0][
                "verdict"
            ],
            "INCONCLUSIVE",
        )
        both = self.write("both.csv", device(12, 6, lambda k: 10) + "1000000000,other,refused\n")
        self.assertIn("a fleet (B)", self.verdicts([both, *MAP], 5)[0].out)
        self.verdicts([both, *MAP, "--device", "thing"], 1)

    def test_a_declared_law(self):
        fixed = self.write("fixed.csv", device(12, 6, lambda k: 10))
        right = self.write("right.json", '{"kind": "fixed", "base": "10s"}')
        wrong = self.write("wrong.json", '{"kind": "full-jitter", "base": "1s", "cap": "1m"}')
        for law, agrees in ((right, True), (wrong, False)):
            verdict = self.verdicts([fixed, *MAP, "--declared", law], 1)[1][0]
            self.assertEqual(agrees_with_declared(verdict), agrees, verdict["sentence"])

    def test_a_fleet_against_its_declared_law(self):
        log = self.write("fleet.csv", fleet(400, 60))
        wide = self.write(
            "wide.json", '{"kind": "full-jitter", "cap": "1m", "initial_window": "2m"}'
        )
        right = self.write(
            "right.json", '{"kind": "full-jitter", "cap": "1m", "initial_window": "1m"}'
        )
        more = [log, "--capacity", "40"]
        _, verdicts = self.verdicts([*more, "--declared", right], 0)
        names = {m["name"]: m for m in verdicts[0]["measures"]}
        self.assertGreater(names["chance of so narrow a first wave"]["value"], 0.01)
        self.assertIn("distance to the declared delays", names)
        _, verdicts = self.verdicts([*more, "--declared", wide], 1)
        self.assertIn("declared law", verdicts[0]["sentence"])
        renamed = self.write(
            "renamed.csv", fleet(400, 60).replace("power restore", "broker restart")
        )
        process, verdicts = self.verdicts([renamed, "--capacity", "40", "--declared", wide], 0)
        self.assertIn("say --power", " ".join(process.out.split()))
        self.verdicts([renamed, "--capacity", "40", "--declared", wide, "--power"], 1)

    def test_the_worst_of_several_outages_decides_and_is_named(self):
        def waves(*laws):
            draw, rows = random.Random(2), [(10 + d / 200, d, "start", 1) for d in range(200)]
            for i, law in enumerate(laws):
                for d in range(200):
                    rows.append(
                        (
                            (i + 1) * 3600 + (draw.uniform(0, 60) if law == "good" else d / 1000),
                            d,
                            f"cut {i + 1}",
                            1,
                        )
                    )
            return HEAD + "".join(
                f"{at:.9f},{d},{d},{trigger},{n},online,0.100000000\n"
                for at, d, trigger, n in sorted(rows)
            )

        process, verdicts = self.verdicts(
            [self.write("mixed.csv", waves("good", "bad", "good")), "--capacity", "20"], 1
        )
        self.assertEqual([v["verdict"] for v in verdicts], ["PASS", "FAIL", "PASS"])
        self.assertIn("FAIL, after the cut 2: it decides", " ".join(process.out.split()))
        self.assertIn("after the cut 2", process.err)
        process, verdicts = self.verdicts(
            [self.write("good.csv", waves("good", "good")), "--capacity", "20"], 0
        )
        self.assertIn("PASS, after the cut 1: it decides", " ".join(process.out.split()))

    def test_declared_laws_that_are_none(self):
        log = self.write("fixed.csv", device(3, 3, lambda k: 10))
        for text, pattern in (
            (
                '{"kind": "fixed", "base": 10}',
                r"no duration in the declared law: base \(law\.json\): .*",
            ),
            (
                '{"kind": "fixed", "base": "10s", "cap": "1s"}',
                r"the declared law contradicts itself: .* \(law\.json\): change it",
            ),
            (
                '{"kind": "fixed", "bases": "10s"}',
                r"unknown member of the declared law: bases \(law\.json\): .*did you mean.*",
            ),
            ('{"kind": "fixt"}', r"unknown kind of law fixt \(law\.json\): .*"),
            ('{"base": "1s"}', r"the declared law has no kind \(law\.json\): .*"),
            ('[1, 2]', r"no JSON object \(law\.json\): .*"),
            (
                '{"kind": "fixed", "kind": "immediate"}',
                r"no law that can be read: law\.json: line 1, column 24: duplicate object key.* "
                r"\(--declared\): .*",
            ),
            ("", r"no law that can be read: law\.json: line 1, column 0: .* \(--declared\): .*"),
            (
                '{"kind": "exponential", "base": "1s", "factor": 0.5}',
                r"the declared law contradicts itself: .*",
            ),
        ):
            with self.subTest(text=text):
                self.write("law.json", text)
                self.expect_refused(["judge", log, *MAP, "--declared", "law.json"], 4, pattern)
        self.expect_refused(
            ["judge", log, *MAP, "--declared", "gone.json"],
            4,
            r"no law that can be read: gone\.json: No such file or directory \(--declared\): .*",
        )

    def test_logs_that_are_none(self):
        for name, content, pattern in (
            ("empty", b"", r"cannot judge it \(empty\): empty: there is nothing to judge"),
            ("poem", b"roses are red\n", r"cannot judge it \(poem\): neither a capture .*"),
            ("noise", bytes(range(256)) * 20, r"cannot judge it \(noise\): neither a capture .*"),
            (
                "cut.pcap",
                (DATA / "tls.pcap").read_bytes()[:10],
                r"cannot judge it \(cut\.pcap\): not a capture .*",
            ),
            (
                "arp.pcap",
                struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 105),
                r"cannot judge it \(arp\.pcap\): packets of link type .*",
            ),
            (
                "nginx",
                b'10.0.0.1 - - [21/Nov/2026:18:30:00 +0000] "GET / HTTP/1.1" 200 612\n' * 9,
                r"cannot judge it \(nginx\): neither a capture .*",
            ),
            ("head.csv", HEAD.encode(), r"cannot judge it \(head\.csv\): not one row .*"),
        ):
            with self.subTest(name=name):
                self.write(name, content)
                self.expect_refused(["judge", name], 4, pattern)
        self.expect_refused(
            ["judge", "gone.pcap"],
            4,
            r"cannot open the log: No such file or directory \(gone\.pcap\): .*",
        )
        self.expect_refused(["judge", "."], 4, r"cannot judge it \(\.\): Is a directory")

    def test_a_clock_that_jumps_back_is_not_judged(self):
        lines = fleet(200, 100).splitlines(keepends=True)
        lines[60], lines[390] = lines[390], lines[60]
        process, verdicts = self.verdicts(
            [self.write("back.csv", "".join(lines)), "--capacity", "20"], 5
        )
        self.assertIn("jumped back", verdicts[0]["sentence"])
        self.assertIn("warning", process.out)

    def test_rows_twice_are_counted_once(self):
        good = fleet(200, 100)
        once = self.verdicts([self.write("once.csv", good), "--capacity", "20"], 0)[1]
        twice = self.write(
            "twice.csv", HEAD + "".join(2 * line for line in good.splitlines(keepends=True)[1:])
        )
        process, verdicts = self.verdicts([twice, "--capacity", "20"], 0)
        self.assertEqual(verdicts, once)
        self.assertIn(
            "400 lines: repeat an earlier attempt of the same device at the same time",
            " ".join(process.out.split()),
        )

    def test_a_log_of_which_a_tenth_cannot_be_read_is_not_judged(self):
        lines = fleet(200, 100).splitlines(keepends=True)
        for bad, code in ((30, 0), (60, 5)):
            log = self.write("bad.csv", "".join(lines[:1] + bad * ["what,is,this\n"] + lines[1:]))
            process, verdicts = self.verdicts([log, "--capacity", "20"], code)
            self.assertEqual(
                "could not be read, first line 2" in verdicts[0]["sentence"], code == 5
            )
            self.assertIn(
                f"{bad} lines: could not be read and were left out (first: line 2)",
                " ".join(process.out.split()),
            )
        process, verdicts = self.verdicts(
            [self.write("one.csv", device(12, 6, lambda k: 10) + 20 * "x,thing,refused\n"), *MAP], 5
        )
        self.assertIn("could not be read", verdicts[0]["sentence"])

    def test_a_capture_with_nonsense_in_it(self):
        capture = bytearray((DATA / "tls.pcap").read_bytes())
        capture[24 + 8 : 24 + 12] = b"\xff\xff\xff\x7f"  # the length of the first packet
        self.expect_line(
            self.run_program(["judge", self.write("long.pcap", bytes(capture))]),
            4,
            r"cannot judge it \(long\.pcap\): .*",
        )

    def test_a_capture_that_ends_early_is_judged_with_a_warning(self):
        name = self.write("cut.pcap", (DATA / "tls.pcap").read_bytes()[:-7])
        self.assertIn("ends in the middle", self.run_program(["judge", name]).out)

    def test_times_of_outages(self):
        log = self.write(
            "fleet.csv", "ts,id\n" + "".join(f"{1700000000 + i},d{i % 100}\n" for i in range(200))
        )
        more = [log, "--columns", "time=ts,device=id", "--capacity", "20"]
        process = self.run_program(["judge", *more, "--outage", "50s..100s"])
        self.assertIn("outage until 1m40s: 100 devices (given)", " ".join(process.out.split()))
        self.assertIn(
            "(given)", self.run_program(["judge", *more, "--trigger", "2023-11-14T22:14:50Z"]).out
        )
        self.assertIn("(given)", self.run_program(["judge", *more, "--trigger", "1700000100"]).out)
        self.assertIn("none was found", self.run_program(["judge", *more]).out)
        for option, value, pattern in (
            ("--trigger", "1h", r"a time outside the log \(--trigger\): it lasts 3m19s"),
            ("--trigger", "soon", r"no time: soon \(--trigger\): .*"),
            ("--outage", "1m", r"no outage: 1m \(--outage\): .*"),
            ("--outage", "2m..1m", r"an outage that ends before it begins: .*"),
            ("--outage", "1m..1700000100", r"two kinds of time: .*"),
        ):
            with self.subTest(value=value):
                self.expect_refused(["judge", *more, option, value], 4, pattern)

    def test_options(self):
        log = self.write("fixed.csv", device(3, 3, lambda k: 10))
        for words, pattern in (
            ([], r"no log given \(blackstart judge\): .*"),
            ([log, "--capacity", "0"], r"no capacity: 0 \(--capacity\): .*"),
            ([log, "--format", "pdf"], r"unknown format pdf \(--format\): .*"),
            ([log, "--format", "csv"], r"a CSV without a map of its columns \(--format\): .*"),
            (
                [log, "--by", "colour"],
                r"neither a way to tell devices apart nor a pack of rules: colour \(--by\): .*",
            ),
            ([log, "--port", "70000"], r"no port: 70000 \(--port\): .*"),
            ([log, "--columns", "ts"], r"no column of ours: ts \(--columns\): .*"),
            ([log, "--columns", "time=ts,time=id"], r"time is mapped twice \(--columns\): .*"),
            (
                [log, "--columns", "time=ts,device=who"],
                r"cannot judge it \(fixed\.csv\): no column who .*",
            ),
            (
                [log, *MAP, "--device", "nobody"],
                r"no device nobody in the log \(--device\): there are 1, the first is thing",
            ),
            (
                [log, *MAP, "--threshold", "variaton=1"],
                r"unknown threshold variaton \(--threshold\): did you mean variation",
            ),
            (
                [log, *MAP, "--threshold", "variation=x"],
                r"no value for the threshold variation: x \(--threshold\): .*",
            ),
            (
                [log, *MAP, "--threshold", "outages=0.5"],
                r"no value for the threshold outages: 0\.5 \(--threshold\): .*",
            ),
        ):
            with self.subTest(words=words):
                self.expect_refused(["judge", *words], 4, pattern)

    def test_names_do_not_steer_the_terminal(self):
        log = self.write("evil.csv", "ts,id\n1,a\x1b[2Jb\n2,a\x1b[2Jb\n3,a\x1b[2Jb\n")
        process = self.run_program(["judge", log, "--columns", "time=ts,device=id"])
        self.assertNotIn("\x1b", process.out + process.err)


if __name__ == "__main__":
    unittest.main()
