#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""The table of figures in README.md is what results/reference/figures.json says, and a figure that
does not reproduce is found."""
import json
import sys
import unittest

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
    """What costs more than is kept, or than its budget, is found, each by itself."""

    KEPT = {"compiler": "gcc 1", "costs": {"instructions_event_1000": 2e4, "cpu_growth": 2.0}}

    def names(self, found, compiler="gcc 1"):
        return [line.split(":")[0] for line in costs.too_dear(found, self.KEPT, compiler)]

    def test_the_same_again(self):
        self.assertEqual(self.names(self.KEPT["costs"]), [])

    def test_each_that_is_too_dear(self):
        for name, value in (
            ("instructions_event_1000", 2.07e4),
            ("cpu_growth", 2.9),
            ("real_2000", 121),
            ("real_10000", 56),
        ):
            self.assertEqual(self.names({name: value}), [name])
        self.assertEqual(self.names({"real_2000": 119, "real_10000": 54}), [])

    def test_another_compiler_makes_other_instructions(self):
        found = {"instructions_event_1000": 3e4, "cpu_growth": 2.9}
        self.assertEqual(self.names(found, "gcc 2"), ["cpu_growth"])

    def test_what_is_kept_is_what_is_measured(self):
        """Each cost of the file is compared, so that a word of SLACK that fits none is found."""
        kept = json.loads(costs.FILE.read_text(encoding="utf-8"))
        for name, value in kept["costs"].items():
            if name.startswith(("instructions", "cpu_growth")):
                lines = costs.too_dear({name: 2 * value}, kept, kept["compiler"])
                self.assertEqual(len(lines), 1, name)


if __name__ == "__main__":
    sys.exit(unittest.main())
