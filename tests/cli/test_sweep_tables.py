#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`blackstart sweep` gives every figure of two independent simulations, which docs/sweep.md shows beside ours, within 10 %: seven laws for 10,000 devices that
lose their cloud in the same instant (100 admissions a second), and five laws for 100 clients that change one value. The middle of several seeds is held where one seed scatters."""
# test-timeout: 900
# test-cost: 120
import json
import os
import unittest

from program import SCENARIOS, CliTest

SCENARIO = str(SCENARIOS / "5.9-3" / "choosing-a-law.lua")
MEASURES = (
    "attempts per device",
    "busiest second",
    "time to 95 % online",
    "time to 100 % online",
    "back online",
)
TOLERANCE = 0.10

# None: never within the hour. The last figure: how many are back after an hour.
TABLE = {
    "fixed": (37.3, 10000, 730, 780, 1),
    "exponential": (36.5, 10000, None, None, 0.85),
    "spread-5": (9.7, 10198, 481, 489, 1),
    "spread-20": (7.2, 10943, 191, 205, 1),
    "full-jitter": (7.3, 18830, 98, 138, 1),
    "full-jitter-in-60s": (4.6, 845, 103, 136, 1),
    "full-jitter-in-120s": (1.0, 111, 114, 120, 1),
}
# The laws without jitter cost half of all attempts and do not scatter: here a quarter of the fleet at a quarter of the
# capacity shows the same course, its busiest second a quarter as busy.
SMALLER = {"fixed,exponential": 4}
# How many seeds of each; in the soak (tests/soak/tables.sh) the whole fleet, and as many as the middle needs to stay where it
# is with any seeds.
SEEDS = {
    "fixed,exponential": 1,
    "spread-5": 3,
    "spread-20,full-jitter": 1,
    "full-jitter-in-60s,full-jitter-in-120s": 3,
}
if os.environ.get("TABLES_AND_MORE"):
    SMALLER = {}
    SEEDS = {
        "fixed,exponential": 1,
        "spread-5": 5,
        "spread-20,full-jitter": 3,
        "full-jitter-in-60s,full-jitter-in-120s": 7,
    }


CONTENTION = str(SCENARIOS / "laws" / "contended-value.lua")
CONTENTION_MEASURES = ("calls", "time to 95 %", "time to 100 %")
# Calls, and the time until all 100 clients are done; nothing to hold the time of 95 of them against.
CONTENTION_TABLE = {
    "none": (2424, 2.0),
    "exponential": (1858, 63.5),
    "equal-jitter": (811, 6.6),
    "full-jitter": (797, 5.0),
    "decorrelated-jitter": (1006, 4.8),
}


def wrong_cells(figures, expected, measures=MEASURES):
    """The measures that are not within the tolerance."""
    wrong = []
    for name, value, wanted in zip(measures, figures, expected):
        if (value is None) != (wanted is None) or (
            value is not None and abs(value / wanted - 1) > TOLERANCE
        ):
            wrong.append((name, value, wanted))
    return wrong


@unittest.skipUnless(
    os.environ.get("BUILD_DIR", "release").endswith("release"), "the same figures, much later"
)
class Tables(CliTest):
    def rows(self, laws, seeds, *more):
        arguments = [
            "sweep",
            SCENARIO,
            "--vary",
            f"law={laws}",
            "--seeds",
            str(seeds),
            "--meet",
            "attempts per device>=0",
            "--quiet",
            "--out",
            "o",
        ]
        for name in MEASURES:
            arguments += ["--column", name]
        process = self.run_program([*arguments, *more], timeout=800)
        self.expect_line(process, 0, "")
        sweep = json.loads((self.folder / "o" / "sweep.json").read_text())
        self.assertEqual([c["name"] for c in sweep["columns"]], list(MEASURES))
        return {p["values"][0]: [f["median"] for f in p["figures"]] for p in sweep["points"]}

    def test_seven_laws(self):
        self.assertEqual(",".join(SEEDS).split(","), list(TABLE))
        for laws, seeds in SEEDS.items():
            part = SMALLER.get(laws, 1)
            size = ["--set", f"devices={10000 // part}", "--set", f"capacity={100 // part}"]
            for law, figures in self.rows(laws, seeds, *size).items():
                figures[MEASURES.index("busiest second")] *= part
                with self.subTest(law=law):
                    print(
                        law,
                        *(
                            f"{value:.4g} ({wanted:g})"
                            if value is not None and wanted is not None
                            else f"{value} ({wanted})"
                            for value, wanted in zip(figures, TABLE[law])
                        ),
                        flush=True,
                    )
                    self.assertEqual(wrong_cells(figures, TABLE[law]), [])

    def test_another_cloud_has_another_table(self):
        figures = self.rows("full-jitter-in-120s", 1, "--set", "capacity=80")["full-jitter-in-120s"]
        self.assertIn(
            "attempts per device",
            [name for name, _, _ in wrong_cells(figures, TABLE["full-jitter-in-120s"])],
        )

    def contention(self, laws, *more):
        process = self.run_program(
            [
                "sweep",
                CONTENTION,
                "--vary",
                f"law={laws}",
                "--seeds",
                "20",
                "--meet",
                "calls>=0",
                "--quiet",
                "--out",
                "o",
                *more,
            ],
            timeout=800,
        )
        self.expect_line(process, 0, "")
        self.assertNotIn("all back", " ".join(process.out.split()), "nobody was away")
        sweep = json.loads((self.folder / "o" / "sweep.json").read_text())
        self.assertEqual(
            [c["name"] for c in sweep["columns"]],
            list(CONTENTION_MEASURES),
            "columns that nobody had to ask for",
        )
        return {p["values"][0]: [f["median"] for f in p["figures"]][::2] for p in sweep["points"]}

    def wrong_contention(self, law, figures):
        return [
            name for name, _, _ in wrong_cells(figures, CONTENTION_TABLE[law], ("calls", "time"))
        ]

    def test_contended_value(self):
        for law, figures in self.contention(",".join(CONTENTION_TABLE)).items():
            with self.subTest(law=law):
                print(
                    law,
                    *(
                        f"{value:.4g} ({wanted:g})"
                        for value, wanted in zip(figures, CONTENTION_TABLE[law])
                    ),
                    flush=True,
                )
                self.assertEqual(self.wrong_contention(law, figures), [])

    def test_other_pauses_have_another_table(self):
        jittered = "equal-jitter,full-jitter,decorrelated-jitter"
        for law, figures in self.contention(jittered, "--set", "base=20ms").items():
            self.assertIn("calls", self.wrong_contention(law, figures), law)
        for law, figures in self.contention(
            "exponential," + jittered, "--set", "cap=200ms"
        ).items():
            self.assertIn("time", self.wrong_contention(law, figures), law)


if __name__ == "__main__":
    unittest.main()
