#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of figures in README.md is what results/reference/figures.json says, and a figure that
does not reproduce is found."""
import json
import sys
import unittest

from program import SOURCE

sys.path.insert(0, str(SOURCE / "tests" / "tools"))
import figures  # noqa: E402

KEPT = json.loads(figures.FILE.read_text(encoding="utf-8"))
README = figures.README.read_text(encoding="utf-8")


class Figures(unittest.TestCase):
    def changed(self, factor, *names):
        return {n: v * factor if n in names else v for n, v in KEPT["figures"].items()}

    def test_the_table_is_what_was_measured(self):
        self.assertEqual(figures.with_table(README, KEPT), README)
        for name in KEPT["figures"]:  # the bad twin of each row
            twin = {**KEPT, "figures": self.changed(3, name)}
            self.assertNotEqual(figures.with_table(README, twin), README, name)
        self.assertNotEqual(
            figures.with_table(README, {**KEPT, "machine": {**KEPT["machine"], "cores": 0}}), README
        )

    def test_each_figure_has_a_row(self):
        self.assertEqual(set(KEPT["figures"]), {f.name for f in figures.FIGURES})

    def test_another_machine_is_as_good(self):
        speeds = {f.name for f in figures.FIGURES if f.kind == "more"}
        slow = {f.name for f in figures.FIGURES if f.kind == "less"}
        half = {
            n: v / 2 if n in speeds else v * 2 if n in slow else v
            for n, v in KEPT["figures"].items()
        }
        self.assertEqual(figures.wrong(KEPT["figures"], KEPT["figures"]), [])
        self.assertEqual(figures.wrong(half, KEPT["figures"]), [])

    def test_what_does_not_reproduce_is_found(self):
        for factor, name in (
            (12600 / 39000, "handshakes"),
            (2, "coap_exchange_both_ends"),
            (1.2, "run_device_memory"),
            (0.4, "abandoned_share_dtls12_psk"),
            (2.1, "run_share_outside_libcoap_and_wolfssl"),
        ):
            with self.subTest(name=name):
                found = figures.wrong(self.changed(factor, name), KEPT["figures"])
                self.assertEqual([line.split(":")[0] for line in found], [name])


if __name__ == "__main__":
    sys.exit(unittest.main())
