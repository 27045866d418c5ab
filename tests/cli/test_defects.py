#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong is named by its class, wherever a verdict is read: runs of ours and logs with a
mistake each, and their good twins without.
"""
import dataclasses
import json
import random
import re
import sys
import unittest

from program import SCENARIOS, SOURCE, CliTest, enough_in_release

sys.path.insert(0, str(SOURCE / "tests" / "tools"))
import truths  # noqa: E402

CLASSES = {
    "hammering",
    "fixed",
    "lock-step",
    "jitter too small",
    "jitter lost at the cap",
    "no first window",
    "first window too narrow",
    "reset on connect",
    "gives up",
}
AWAY = ["down=15m", "over=refuse", "homes=15", "capacity=5"]

# scenario, parameters, classes that it must show
RUNS = (
    ("broker-restart", ["law=fixed", *AWAY], {"fixed", "lock-step", "no first window"}),
    (
        "broker-restart",
        ["law=jitter-lost-at-cap", *AWAY],
        {"jitter lost at the cap", "no first window"},
    ),
    ("broker-restart", ["law=give-up", *AWAY], {"gives up", "no first window"}),
    (
        "accept-then-close",
        ["law=reset-on-connect", "homes=15", "capacity=5"],
        {"reset on connect", "no first window"},
    ),
)

# The law of a fleet of 80 that is refused until its service is back, what else is so, and the
# classes that its capture must show at 10 connections a second.
FLEET = truths.Truth(law={}, devices=80, outages=1, lasting=900, latency=0.05, format="pcap")
RANDOM = {"kind": "spread", "base": "5s", "cap": "1m", "low": 0.5, "high": 1.5}
LOGS = (
    ({"kind": "exponential", "base": "5s", "cap": "1m"}, {}, {"lock-step"}),
    (
        {"kind": "spread", "base": "5s", "cap": "1m", "low": 0.965, "high": 1.035},
        {},
        {"jitter too small"},
    ),
    (
        {"kind": "spread", "base": "600ms", "cap": "600ms", "factor": 1, "low": 0.8, "high": 1.2},
        {"lasting": 60},
        {"hammering"},
    ),
    (
        {**RANDOM, "base": "5m", "cap": "5m", "factor": 1},
        {"boot": 12, "lasting": 0},
        {"first window too narrow"},
    ),
)


def lived(law, **more):
    return truths.live(
        dataclasses.replace(FLEET, law=law, attempts=[], times=[], **more), random.Random(5)
    )


# First attempts of 80 devices, whose cloud admits 10 a second, by the window that they have.
WINDOWS = (
    ("0s", {"no first window"}),
    ("500ms", {"no first window"}),
    ("2s", {"first window too narrow"}),
    ("4s", {"first window too narrow"}),
    ("2m", set()),
)


class Defects(CliTest):
    def verdict(self, arguments, code):
        """The classes of the first verdict of 5.9-3-2 a; they are in the sentence, on the terminal,
        in JUnit and in the evidence as in summary.json.
        """
        process = self.run_program([*arguments, "--out", self.fresh()], timeout=300)
        self.assertEqual(process.returncode, code, process.err + process.out)
        folder = self.folder / self.last
        verdict = next(
            one
            for one in json.loads((folder / "summary.json").read_text())["verdicts"]
            if one["unit"] == "5.9-3-2 a"
        )
        found = verdict.get("defects", [])
        said = f" Defect{'s' if len(found) > 1 else ''}: {', '.join(found)}."
        texts = [verdict["sentence"], " ".join(process.out.split())]
        texts += [
            " ".join((folder / name).read_text().split())
            for name in ("junit.xml", "evidence.md", "report.html")
            if (folder / name).exists()
        ]
        for text in texts:
            self.assertEqual(said in text, bool(found), text[:3000])
            self.assertEqual("Defect" in text.replace("defects", ""), bool(found))
        return set(found)

    def fresh(self):
        self.last = f"o{len(list(self.folder.iterdir()))}"
        return self.last

    def test_each_class_has_a_bad_twin(self):
        met = set()
        for name, parameters, classes in RUNS:
            with self.subTest(f"{name} {parameters}"):
                settings = [word for parameter in parameters for word in ("--set", parameter)]
                found = self.verdict(
                    ["run", str(SCENARIOS / "5.9-3" / f"{name}.lua"), *settings], 1
                )
                self.assertLessEqual(classes, found)
                met |= classes
        for law, more, classes in LOGS:
            with self.subTest(f"{law}"):
                files, options = truths.write(lived(law, **more), self.folder, f"log{len(met)}")
                found = self.verdict(["judge", *files, *options, "--capacity", "10"], 1)
                self.assertLessEqual(classes, found)
                met |= classes
        self.assertEqual(met, CLASSES)

    @enough_in_release
    def test_a_window_that_is_too_narrow_is_one(self):
        for window, classes in WINDOWS:
            with self.subTest(window):
                law = {**RANDOM, "base": "5m", "cap": "5m", "factor": 1, "initial_window": window}
                files, options = truths.write(lived(law, lasting=0), self.folder, f"w{window}")
                found = self.verdict(
                    ["judge", *files, *options, "--capacity", "10"], 1 if classes else 0
                )
                self.assertEqual(found, classes)

    def test_few_outages_tell_fixed_from_growing(self):
        """A trend is not decided by them, and no two statements are made about one thing."""
        for kind, cap, defect in (("fixed", "7s", "fixed"), ("exponential", "10m", "lock-step")):
            truth = truths.Truth(
                law={"kind": kind, "base": "7s", "cap": cap}, outages=4, retries=4, format="pcap"
            )
            files, options = truths.write(
                truths.live(truth, random.Random(3)), self.folder, f"few-{kind}"
            )
            self.assertEqual(self.verdict(["judge", *files, *options], 1), {defect})

    def test_one_pause_is_no_hammering(self):
        law = {"kind": "full-jitter", "base": "2s", "cap": "1m"}
        truth = truths.live(
            truths.Truth(law=law, devices=200, outages=1, lasting=1, boot=1, format="pcap"),
            random.Random(5),
        )
        files, options = truths.write(truth, self.folder, "one")
        found = self.verdict(["judge", *files, *options, "--capacity", "10"], 1)
        self.assertNotIn("hammering", found)

    @enough_in_release
    def test_the_good_twin_has_none(self):
        files, options = truths.write(
            lived({**RANDOM, "initial_window": "2m", "base": "20s", "cap": "4m"}),
            self.folder,
            "good",
        )
        self.assertEqual(self.verdict(["judge", *files, *options, "--capacity", "10"], 0), set())

    @enough_in_release
    def test_pauses_of_a_device_outage_by_outage(self):
        fixed, declared = {"kind": "fixed", "base": "7s"}, {
            "kind": "full-jitter",
            "base": "7s",
            "cap": "2m",
        }
        truth = truths.live(
            truths.Truth(law=fixed, outages=26, retries=6, format="pcap"), random.Random(3)
        )
        files, options = truths.write(truth, self.folder, "device")
        law = self.write("law.json", json.dumps(declared))
        self.verdict(["judge", *files, *options, "--declared", law], 1)
        episodes = json.loads((self.folder / self.last / "summary.json").read_text())["verdicts"][
            0
        ]["episodes"]
        self.assertEqual((len(episodes["outages"]), episodes["more"]), (24, 2))
        for outage in episodes["outages"]:
            self.assertEqual(
                (outage["pauses"], outage["back"], outage["from_start"]), (6, True, [False] * 6)
            )
            for pause in outage["pauses_s"]:
                self.assertAlmostEqual(pause, 7, delta=0.1)
        for k, pause in enumerate(episodes["declared"]):
            widest = min(120, 7 * 2**k)  # full jitter is uniform
            for name, share in (("p5_s", 0.05), ("median_s", 0.5), ("p95_s", 0.95)):
                self.assertAlmostEqual(pause[name], share * widest, delta=0.06 * widest)
        page = (self.folder / self.last / "report.html").read_text()
        table = re.search(r'<table class="episodes">.*?</table>', page, re.S).group(0)
        self.assertEqual(table.count("<tr"), 1 + 24 + 2)
        self.assertIn("declared, 5 % to 95 %", table)
        self.assertIn("And 2 more.", page)
        self.assertRegex(
            page,
            r"no verdict by it: Regulation \(EU\) 2024/2847 \(Cyber Resilience Act\), Annex I, "
            r"part I, \(2\)\(i\)",
        )

    def test_a_device_that_passes_has_no_such_table(self):
        truth = truths.live(
            truths.Truth(
                law={"kind": "equal-jitter", "base": "3s", "cap": "10m"},
                outages=11,
                retries=6,
                format="pcap",
            ),
            random.Random(3),
        )
        files, options = truths.write(truth, self.folder, "device")
        self.verdict(["judge", *files, *options], 0)
        self.assertNotIn(
            "episodes",
            json.loads((self.folder / self.last / "summary.json").read_text())["verdicts"][0],
        )
        self.assertNotIn('class="episodes"', (self.folder / self.last / "report.html").read_text())


if __name__ == "__main__":
    unittest.main()
