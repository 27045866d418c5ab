#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 26
"""`blackstart check`: what is wrong with a scenario is told with its line, before any run; what is
right is not complained of.
"""
import pathlib
import unittest

from program import SCENARIOS, CliTest, tree

GOOD = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "Forty thousand homes", provision = "5.9-3", units = { "5.9-3-2 a" } }
params { { name = "homes", kind = "count", default = 40000 } }
local street
function setup(p)
    cloud { connections = 800 }
    street = fleet.streets { homes = p.homes, devices = { { model = "thermostat", law = law.full_jitter() } } }
end
function drill(p)
    wait "10m"
    street:street(64):cut_power()
    street:homes():fraction(0.5):cut_power()
    wait "30d"
    street:restore_power { trigger = "WAN restore" }
    wait_online(1.0, { within = "2h" })
end
function verdict(p)
    local f = judge.reconnect { trigger = "WAN restore", peak_to_mean = 3 }
    expect("it was told", f.sentence ~= "", "Something was told.")
end
"""

# What is changed in it, and the line that is told: file and line are the contract, and the names
# that were probably meant.
TWINS = [
    ("fleet.streets {", "fleet.strets {", r"twin\.lua:7: .*'strets'; did you mean 'streets'\?.*"),
    ("homes = p.homes", "hoems = p.homes", r"twin\.lua:7: .*'hoems'; did you mean 'homes'\?.*"),
    ("street:street(64)", "street:street(9999)", r"twin\.lua:11: .*"),
    (
        ":cut_power()\n    wait",
        ":cut_pwer()\n    wait",
        r"twin\.lua:12: .*cut_pwer.*did you mean 'cut_power'.*",
    ),
    ("wait_online(1.0", "wait_onlin(1.0", r"twin\.lua:15: .*wait_onlin.*"),
    (
        'judge.reconnect { trigger = "WAN restore"',
        'judge.reconnect { trigger = "WAN-restore"',
        r"twin\.lua:18: judge\.reconnect: the drill has no trigger 'WAN-restore'; did you mean "
        r"'WAN restore'\?.*",
    ),
    (
        "peak_to_mean",
        "peak_to_means",
        r"twin\.lua:18: judge\.reconnect: .*'peak_to_means'; did you mean 'peak_to_mean'\?.*",
    ),
    (
        "judge.reconnect",
        "judge.reconect",
        r"twin\.lua:18: judge has no 'reconect'; did you mean 'reconnect'\?.*",
    ),
    ("f.sentence ~=", "f.sentense ~=", r"twin\.lua:19: .*'sentense'.*"),
    (
        '"it was told"',
        '"a name that is longer than there is room for in any result"',
        r"twin\.lua:19: expect: its name: .*",
    ),
    ('"5.9-3-2 a"', '"5.9-3-2a"', r"twin\.lua: 5\.9-3-2a: .*did you mean '5\.9-3-2 a'\?"),
    (
        'provision = "5.9-3"',
        'provision = "5.9.3"',
        r"twin\.lua:2: scenario: a provision looks like \"5\.9-3\", not like '5\.9\.3'",
    ),
    (
        'provision = "5.9-3"',
        'provision = "5.99-3"',
        r"twin\.lua: there is no provision '5\.99-3' .*",
    ),
]


class Check(CliTest):
    def test_what_is_right(self):
        process = self.run_program(["check", self.write("good.lua", GOOD)])
        self.expect_line(process, 0, "")
        self.assertRegex(process.out, r"^ok +.*good\.lua\n$")
        self.assertEqual([str(name) for name in tree(self.folder)], ["good.lua"])

    def test_what_is_wrong(self):
        for right, wrong, line in TWINS:
            with self.subTest(wrong=wrong):
                self.assertIn(right, GOOD)
                self.write("twin.lua", GOOD.replace(right, wrong, 1))
                self.expect_line(self.run_program(["check", "twin.lua"]), 4, line)

    def test_several(self):
        self.write("all/good.lua", GOOD)
        self.write("all/bad.lua", GOOD.replace("judge.reconnect", "judge.reconect"))
        self.write("all/worse.lua", "this is no Lua\n")
        process = self.run_program(["check", "all"])
        self.expect_line(
            process, 4, r"2 of 3 scenarios are wrong \(blackstart check\): all/bad\.lua:18: .*"
        )
        self.assertEqual(
            [line.split()[0] for line in process.out.splitlines()], ["wrong", "ok", "wrong"]
        )

    def test_a_drill_without_an_end_is_looked_at_for_a_while(self):
        """A look ends, whatever the drill does; the words behind an endless loop stay unread, and a
        note says so.
        """
        self.write("endless.lua", GOOD.replace('wait "30d"', 'while true do wait "1s" end'))
        process = self.run_program(["check", "endless.lua"], timeout=200)
        self.expect_line(process, 0, "")
        self.assertRegex(process.out, r"note: .*endless\.lua.*")

    def test_parameters_and_wrong_use(self):
        self.write("good.lua", GOOD)
        self.expect_line(
            self.run_program(["check", "good.lua", "--set", "homes=100"]), 4, r".*good\.lua:11: .*"
        )
        self.expect_refused(["check"], 4, r"no scenario given \(blackstart check\): .*")
        self.expect_line(
            self.run_program(["check", "good.lua", "--set", "hoems=1"]),
            4,
            r".*hoems.*did you mean 'homes'.*",
        )
        self.expect_refused(["check", "nowhere.lua"], 4, r".*nowhere\.lua.*")

    def test_the_scenarios_that_come_with_it(self):
        """All of 5.9-3; the rest goes through the same words in tests/determinism."""
        process = self.run_program(
            ["check", str(SCENARIOS / "5.9-3"), str(SCENARIOS / "5.10-1" / "update-signature.lua")]
        )
        self.expect_line(process, 0, "")
        self.assertEqual(
            process.out.count("ok "), 1 + len(list(pathlib.Path(SCENARIOS / "5.9-3").glob("*.lua")))
        )


if __name__ == "__main__":
    unittest.main()
