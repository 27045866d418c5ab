#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""The table of figures in README.md is what results/reference/figures.json says, and a figure that
does not reproduce is found; so is a cost that is more than results/reference/costs.json has."""
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

from program import SOURCE

sys.path.insert(0, str(SOURCE / "tests" / "tools"))
import costs  # noqa: E402
import figures  # noqa: E402

# What callgrind writes: names once and then by number; a part that was inlined from a header (fi);
# a call, whose cost is its callee's.
CALLGRIND = """version: 1
events: Ir
ob=(1) /x/build/release/blackstart
fl=(1) ../../sim/core/queue.c
fn=(1) sim_queue_pop
10 30
fi=(2) ../../sim/core/time.h
+2 5
fe=(1)
cob=(2) /lib/x86_64-linux-gnu/libc.so.6
cfi=(3) ./malloc/./malloc/malloc.c
cfn=(2) malloc
calls=7 12
* 900
fl=(4) ???
fn=(3) coap_option_next
12 11
fn=(4) wc_AesEncrypt'2
0 13
fn=(5) 0x000000000011dce1
0 2
ob=(2)
fl=(3)
fn=(2)
8 17
fl=(5) ./string/strlen.S
fn=(6) strlen
8 1
ob=(3) /lib/x86_64-linux-gnu/libcbor.so.0.8
fl=(4)
fn=(7) cbor_decode
0 4
"""
SYMBOLS = {"coap_option_next": "coap", "wc_AesEncrypt": "wolfssl"}
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


class Instructions(unittest.TestCase):
    def test_each_is_one_part_s(self):
        parts = costs.shares(costs.own_costs(CALLGRIND.splitlines(True)), SYMBOLS)
        own = {"core": 35, "coap": 11, "wolfssl": 15, "malloc": 17, "libc": 1, "other": 4}
        self.assertEqual(parts, own)

    def test_what_is_not_known_is_outside_of_the_libraries(self):
        parts = costs.shares(costs.own_costs(CALLGRIND.splitlines(True)), {})
        self.assertEqual((parts["coap"], parts["other"]), (0, 4 + 11 + 13))


class Costs(unittest.TestCase):
    """The command against a file of kept figures; what it measures is put in its hand."""

    def setUp(self):
        self.kept = costs.kept_figures()
        self.held = {n: v for n, v in self.kept.items() if costs.slack_of(n) is not None}

    def command(self, found, kept, *more):
        """What it ends with, what it complains about, and what is kept then."""
        with tempfile.TemporaryDirectory() as scratch:
            file = pathlib.Path(scratch, "costs.json")
            if kept is not None:
                file.write_text(json.dumps(kept), encoding="utf-8")
            said = io.StringIO()
            with contextlib.ExitStack() as around:
                around.enter_context(mock.patch.object(costs, "FILE", file))
                measures = {"instructions": lambda *_: found}
                around.enter_context(mock.patch.object(costs, "MEASURES", measures))
                words = ["costs.py", scratch, "instructions", *more]
                around.enter_context(mock.patch.object(sys, "argv", words))
                around.enter_context(contextlib.redirect_stdout(io.StringIO()))
                around.enter_context(contextlib.redirect_stderr(said))
                code = costs.main()
            after = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        return code, said.getvalue(), after

    def test_each_kind_of_figure_is_kept(self):
        for measure in costs.HELD:
            self.assertTrue(any(costs.re.fullmatch(measure, n) for n in self.kept), measure)

    def test_what_was_kept_holds(self):
        self.assertEqual(self.command(self.kept, self.kept)[:2], (0, ""))
        less = {n: 0.7 * v for n, v in self.kept.items()}
        self.assertEqual(self.command(less, self.kept)[:2], (0, ""))

    def test_a_figure_that_was_a_third_less_fails(self):
        for name in self.held:
            with self.subTest(name=name):
                twin = {**self.kept, name: 0.7 * self.kept[name]}
                code, said, _ = self.command(self.kept, twin)
                self.assertEqual(code, 1)
                self.assertEqual(said.count("\n"), 1)
                self.assertIn(f"costs: {name}: ", said)

    def test_a_file_that_is_lost_fails(self):
        name = next(iter(self.held))
        for kept in (None, {"cpu_growth": 1.5}):
            code, said, _ = self.command({name: self.kept[name]}, kept)
            self.assertEqual((code, said.count("\n")), (1, 1))
            self.assertIn(f"has no {name}: keep it", said)
        self.assertEqual(self.command({"cpu_growth": 2.0}, None)[:2], (0, ""))

    def test_a_fleet_of_one_s_own_needs_no_kept_figure(self):
        found = {"instructions_event_40": 1.0}
        self.assertEqual(self.command(found, self.kept, "10")[:2], (0, ""))
        with self.assertRaisesRegex(SystemExit, "usage"):
            self.command(found, self.kept, "ten")

    def test_what_was_promised_of_the_real_world(self):
        for name, most in costs.BUDGETS.items():
            self.assertEqual(self.command({name: 0.99 * most}, self.kept)[:2], (0, ""))
            code, said, _ = self.command({name: 1.01 * most}, {**self.kept, name: 2 * most})
            self.assertEqual((code, said.count("\n")), (1, 1))
            self.assertIn(f"costs: {name}: ", said)

    def test_what_is_written_is_what_holds(self):
        name = next(iter(self.held))
        code, said, after = self.command({name: 12345.678}, self.kept, "--write")
        self.assertEqual((code, said), (0, ""))
        self.assertEqual(after, {**self.kept, name: 12350.0})


if __name__ == "__main__":
    sys.exit(unittest.main())
