#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""The judge against truths that somebody else made (tests/tools/truths.py): 40 of them here, 500
with `make soak`.
"""
import random
import sys
import unittest

from program import PROGRAM, SOURCE, CliTest

sys.path.insert(0, str(SOURCE / "tests" / "tools"))
import truths  # noqa: E402

COUNT = 40


class Truths(CliTest):
    def test_verdicts_are_those_of_the_truth(self):
        table, lines = truths.judge_all(PROGRAM, 2, COUNT, self.folder)
        self.assertEqual(sum(table.values()), COUNT)
        self.assertEqual(
            [line for line in lines if "got INCONCLUSIVE" not in line], [], truths.table_text(table)
        )
        self.assertLessEqual(truths.rates(table)[1], 0.15, "\n".join(lines))

    def test_a_judge_that_lies_is_found_out(self):
        for code, share in ((0, 0.3), (1, 0.3)):
            liar = self.folder / f"liar{code}"
            liar.write_text(f"#!/bin/sh\nexit {code}\n")
            liar.chmod(0o755)
            table, lines = truths.judge_all(str(liar), 2, COUNT, self.folder)
            self.assertGreater(truths.rates(table)[0], share)
            self.assertGreater(len(lines), 0)
        (self.folder / "mute").write_text("#!/bin/sh\nexit 5\n")
        (self.folder / "mute").chmod(0o755)
        self.assertEqual(
            truths.rates(truths.judge_all(str(self.folder / "mute"), 2, COUNT, self.folder)[0]),
            (0, 1),
        )

    def test_a_truth_can_be_made_again(self):
        self.assertEqual(truths.draw(3, 5), truths.draw(3, 5))
        self.assertNotEqual(truths.draw(3, 5), truths.draw(4, 5))

    def test_all_kinds_of_truths_are_drawn(self):
        drawn = [truths.draw(1, number) for number in range(150)]
        self.assertEqual(
            {truth.format for truth, _, _ in drawn}, {"csv", "jsonl", "mosquitto", "emqx", "pcap"}
        )
        self.assertEqual({truth.nat for truth, _, _ in drawn}, {False, True})
        self.assertEqual({truth.told for truth, _, _ in drawn}, {False, True})
        self.assertEqual({truth.split for truth, _, _ in drawn}, {1, 2, 3})
        self.assertEqual(
            {verdict for _, right, _ in drawn for verdict in right},
            {"PASS", "FAIL", "INCONCLUSIVE"},
        )

    def test_laws_draw_what_they_are_declared_to(self):
        rng = random.Random(1)

        def first(law, n=6):
            return [pause for pause, _ in zip(truths.Law(law).retries(rng), range(n))]

        self.assertEqual(first({"kind": "fixed", "base": "7s"}), [0, 7, 7, 7, 7, 7])
        self.assertEqual(
            first({"kind": "exponential", "base": "1s", "cap": "5s"}), [0, 1, 2, 4, 5, 5]
        )
        self.assertEqual(first({"kind": "steps", "pauses": ["3s", "0s"]}), [0, 3, 0, 0, 0, 0])
        self.assertEqual(first({"kind": "exponential", "base": "1s", "tries": 3}), [0, 1, 2])
        for pause in first({"kind": "full-jitter", "base": "1s", "cap": "5s"}, 50)[1:]:
            self.assertTrue(0 <= pause <= 5)


if __name__ == "__main__":
    unittest.main()
