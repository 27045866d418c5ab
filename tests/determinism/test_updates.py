#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware roll-outs and a stolen update service: what good devices pass, their bad twins fail, by
name and by exit code.
"""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import system  # noqa: E402

WAVE = str(system.SCENARIOS / "5.9-3" / "update-wave.lua")
AUTHENTICITY = str(system.SCENARIOS / "5.3" / "update-authenticity.lua")
ATTACKS = {
    "tampered image",
    "truncated image",
    "wrong key",
    "altered manifest",
    "wrong model",
    "replayed old version",
}
CUTS = {"power cut in a download", "power cut in writing"}


class Updates(system.SystemTest):
    def verdicts(self, scenario, code, *sets):
        words = [word for parameter in sets for word in ("--set", parameter)]
        process = self.run_program(
            ["run", scenario, "--out", "r", "--quiet", "--repeatable", *words]
        )
        self.assertEqual(process.returncode, code, process.err)
        return {v["unit"]: v["verdict"] for v in self.results("r")["verdicts"]}

    def wave(self, code, verdict, *sets):
        self.assertEqual(
            self.verdicts(WAVE, code, *sets), {"5.9-3-2 a": verdict, "rolled out": "PASS"}, sets
        )

    def test_an_orderly_law_passes(self):
        self.wave(0, "PASS")

    @system.enough_in_release
    def test_laws_without_a_window_fail(self):
        for law in ("fixed", "immediate", "full-jitter", "paho-c"):
            # a cloud that turns away for nothing: the herd is in after minutes
            self.wave(1, "FAIL", f"law={law}", "overload_cost=0")

    @system.enough_in_release
    def test_a_patient_maker_helps_a_poor_law(self):
        self.wave(0, "PASS", "law=fixed", "spread=1h")

    @system.enough_in_release
    def test_too_few_devices(self):
        self.wave(5, "INCONCLUSIVE", "devices=20")

    def test_a_roll_out_that_does_not_arrive_fails(self):
        """Most of the devices are told after the scenario's end."""
        text = pathlib.Path(WAVE).read_text()
        self.assertEqual(text.count("over = p.spread"), 1)
        late = self.write("late.lua", text.replace("over = p.spread", 'over = "20h"'))
        self.assertEqual(self.verdicts(late, 1)["rolled out"], "FAIL")

    def test_only_what_the_maker_signed_is_installed(self):
        self.assertEqual(
            self.verdicts(AUTHENTICITY, 0),
            {unit: "PASS" for unit in {"valid update"} | ATTACKS | CUTS},
        )

    def test_devices_that_check_nothing_fail(self):
        found = self.verdicts(AUTHENTICITY, 1, "verifies=no")
        self.assertEqual({unit for unit, verdict in found.items() if verdict == "FAIL"}, ATTACKS)

    def test_devices_with_a_single_slot_fail(self):
        found = self.verdicts(AUTHENTICITY, 1, "slots=1")
        self.assertEqual(
            {unit for unit, verdict in found.items() if verdict == "FAIL"}, {"power cut in writing"}
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
