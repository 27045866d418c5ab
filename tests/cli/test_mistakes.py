#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes that people make with command lines and scenarios: the one line says what is wrong,
where, and what to do. Each row has a twin without the mistake that goes through, so that no line is
about something else.
"""
import unittest

from program import SCENARIOS, STREET, CliTest, some

METASTABLE = str(SCENARIOS / "5.9-3" / "metastable.lua")
SWEEP = ["sweep", STREET, "--set", "homes=15", "--vary", "capacity=5..10/2"]

# Words, exit code, and what the line holds: what, where, what to do.
COMMAND_LINES = [
    (
        ["run", STREET, "--sed", "3"],
        4,
        ["unknown option --sed", "(blackstart run)", "did you mean --set or --seed?"],
    ),
    (
        ["run", STREET, "--set", "outage=30"],
        4,
        ["outage takes a duration", "--set outage=30", "30 has no unit: write 30s, 30m or 30h"],
    ),
    (
        ["run", STREET, "--law=fixed"],
        4,
        ["unknown option --law=fixed", "(blackstart run)", "--set law=fixed"],
    ),
    (
        ["run", STREET, "--law", "fixed"],
        4,
        ["unknown option --law ", "(blackstart run)", "--set law=VALUE"],
    ),
    (["run", str(SCENARIOS)], 4, ["Is a directory", f"{SCENARIOS}: ", "blackstart test"]),
    (["run", "field"], 4, ["a folder is no scenario", "(field)", "blackstart test field runs all"]),
    (
        ["run", "power-restore"],
        4,
        ["no such scenario", "(power-restore)", "did you mean", "power-restore-street.lua?"],
    ),
    (
        ["run", STREET, "--target", "mqtt://127.0.0.1"],
        4,
        [
            "speaks mqtt and devices of the scenario speak coap",
            "(--target)",
            "give a target of their protocol",
            "--set protocol=mqtt",
        ],
    ),
    (
        ["sweep", STREET, "--vary", "capcity=5,10"],
        4,
        ["no parameter 'capcity'", "--vary: ", "did you mean 'capacity'?"],
    ),
    (
        ["sweep", STREET, "--vary", "capacity=5-10"],
        4,
        ["capacity=5-10 is no range", "(--vary)", "capacity=5..10"],
    ),
    (
        [*SWEEP, "--meet", "time to 95% online<=2m"],
        4,
        ["no measure 'time to 95% online'", "--meet", "did you mean 'time to 95 % online'?"],
    ),
    (
        [*SWEEP, "--column", "busiest secnd"],
        4,
        ["no measure 'busiest secnd'", "--column", "did you mean 'busiest second'?"],
    ),
    (
        ["run", METASTABLE, "--set", "overload_cost=150%"],
        4,
        ["overload_cost takes a fraction", "--set overload_cost=150%", "at most 100%"],
    ),
    (
        ["run", STREET, "--set", "homes=25 k"],
        4,
        ["homes takes a count", "--set homes=25 k", "did you mean 25k?"],
    ),
    (
        ["run", STREET, "--set", "homes=15K"],
        4,
        ["homes takes a count", "--set homes=15K", "did you mean 15k?"],
    ),
    (["run", STREET, "--json"], 4, ["unknown option --json", "(blackstart run)", "summary.json"]),
    (["run", STREET, "-v"], 4, ["unknown option -v", "(blackstart run)", "folder of --out"]),
    (
        ["run", "power-restore-stret", "--set", "homes=15"],
        4,
        ["no such scenario", "power-restore-stret", "did you mean"],
    ),
    (
        ["run", "power-restore-street", "--set", "homes=15", "--quiet"],
        0,
        [],
    ),  # a bare name is enough
]

SCENARIO = """scenario { title = "A black hole", provision = "5.9-3", units = { "5.9-3-2 a" } }
params { { name = "homes", kind = "count", default = 60 } }
local street
function setup(p)
    cloud { connections = 20 }
    local mine = law.orderly { devices = 60, capacity = 20 }
    street = fleet.streets { homes = p.homes, devices = { { model = "thermostat", per_home = 1, law = mine } } }
end
function drill(p)
    wait "10m"
    street:cut_network()
    wait "30m"
    street:restore_network { trigger = "WAN restore" }
    wait "20m"
end
function verdict(p)
    local f = judge.reconnect { unit = "5.9-3-2 a", trigger = "WAN restore", peak_to_mean = 20 }
    expect("back in time", f.measures["time to 95 % online"] <= 300, "95 % were back within five minutes.")
end
"""

# What is written instead of what, exit code, and what the line holds.
SCRIPTS = [
    ([], 0, []),
    (
        [("params { { name", "params { name")],
        4,
        ["unexpected symbol near '}'", "x.lua:2:", "a { missing"],
    ),
    (
        [('    wait "20m"\nend\nfunction verdict', '    wait "20m"\nfunction verdict')],
        4,
        ["'end' expected", "at line 9", "write the end that is missing"],
    ),
    (
        [("params { { name", "params { name"), ("60 } }", "60 }")],
        4,
        ["each parameter stands in braces of its own", "x.lua:2: params", "params { { name = "],
    ),
    (
        [("params { { name", "params name"), ("60 } }", "60")],
        4,
        ["syntax error near 'name'", "x.lua:2:", "is there a brace"],
    ),
    (
        [("params { { name", "params\n { name"), ("60 } }", "60 }, { name = 'x' }\n}")],
        4,
        ["syntax error near ','", "x.lua:3:", "in braces of their own: params { {"],
    ),
    (
        [('wait "20m"', 'wait_online(1.0, "1h")')],
        4,
        ["'1h' is not a table", "x.lua:14: wait_online", 'did you mean { within = "1h" }?'],
    ),
    ([('wait "20m"', 'wait("20m", "1h")')], 4, ["'1h' is one value too many", "x.lua:14: wait"]),
    (
        [('restore_network { trigger = "WAN restore" }', 'restore_network "WAN restore"')],
        4,
        [
            "'WAN restore' is not a table",
            "x.lua:13: restore_network",
            'did you mean { trigger = "WAN restore" }?',
        ],
    ),
    (
        [("law.orderly { devices = 60, capacity = 20 }", 'law.named("full_jiter")')],
        4,
        ["'full_jiter' is not the name of a law", "x.lua:6: law.named", "mean 'full-jitter'?"],
    ),
    (
        [('wait "20m"', 'if p.homes = 3 then wait "20m" end')],
        4,
        ["'then' expected near '='", "x.lua:14:", "== asks whether two are the same"],
    ),
    (
        [('wait "20m"', 'if p.homes != 3 then wait "20m" end')],
        4,
        ["'then' expected near '!'", "x.lua:14:", "Lua writes ~="],
    ),
    (
        [('wait "20m"', 'say("homes: " .. p)')],
        4,
        ["attempt to concatenate a table value", "x.lua:14:", "as in p.homes"],
    ),
    (
        [("local street\n", "local street\n"), ("    street = fleet", "    local street = fleet")],
        4,
        ["attempt to index a nil value", "x.lua:11:", "declare it once, above both"],
    ),
    (
        [("local f = judge.reconnect {", "local f = judge {")],
        4,
        ["attempt to call a table value", "x.lua:17:", "as in judge.reconnect { ... }"],
    ),
    (
        [("peak_to_mean = 20", "capacity = -30")],
        4,
        [
            "capacity: -30",
            "x.lua:17: judge.reconnect",
            "from 0.001 to 1000000000 (connections a second",
        ],
    ),
    (
        [(", law = mine", "")],
        4,
        [
            "'law' is missing",
            "x.lua:7: fleet.streets: devices",
            "how a device that lost its cloud tries again",
        ],
    ),
    (
        [('"WAN restore", peak', '"WAN restore" peak')],
        4,
        ["'}' expected near 'peak_to_mean'", "x.lua:17:", "comma missing"],
    ),
    ([('wait "20m"', "wait “20m”")], 4, ["near '<\\226>'", "x.lua:14:", "straight quotes"]),
    (
        [('"WAN restore", peak', '"WAN-restore", peak')],
        4,
        ["The WAN-restore did not happen", "x.lua:18:", "did you mean 'WAN restore'?"],
    ),
    (
        [
            ('"WAN restore", peak', '"WAN-restore", peak'),
            (
                '    expect("back in time", f.measures["time to 95 % online"] <= 300, "95 % were '
                'back within five minutes.")\n',
                "",
            ),
        ],
        5,
        [
            "The WAN-restore did not happen",
            "(5.9-3-2 a)",
            "did you mean 'WAN restore'? There are: start, WAN restore",
        ],
    ),
    (
        [('unit = "5.9-3-2 a"', 'unit = "5.9-3-2a"')],
        4,
        ["unit: '5.9-3-2a'", "x.lua:17: judge.reconnect", "did you mean '5.9-3-2 a'?"],
    ),
    (
        [('units = { "5.9-3-2 a" }', 'units = { "5.9-3-2a" }')],
        5,
        ["its verdict did not judge it", "(5.9-3-2a)", "did you mean '5.9-3-2 a'?"],
    ),
    (
        [('provision = "5.9-3"', 'provision = "5.9.3"')],
        4,
        ["not like '5.9.3'", "x.lua:1: scenario", 'looks like "5.9-3"'],
    ),
    (
        [("restore_network", "restore_power")],
        4,
        [
            "The WAN restore did not happen",
            "x.lua:18:",
            "It struck nobody",
            "its network with restore_network",
        ],
    ),
    (
        [('    street:restore_network { trigger = "WAN restore" }\n', "")],
        4,
        [
            "The WAN restore did not happen",
            "x.lua:17:",
            "what brings service back names one: restore_network",
        ],
    ),
    (
        [("<= 300", '<= "5m"')],
        4,
        ["attempt to compare number with string", "x.lua:18:", 'write 300 for "5m"'],
    ),
]


class Mistakes(CliTest):
    def holds(self, process, code, parts, errors_only=True):
        self.assertEqual(process.returncode, code, process.err)
        if code == 0:
            self.assertEqual(process.err, "")
            return
        self.assertRegex(process.err, r"\Ablackstart: [^\n]*\n\Z")  # one line
        for part in parts:
            self.assertIn(part, process.err)

    def test_command_lines(self):
        (self.folder / "field").mkdir()
        for words, code, parts in some(COMMAND_LINES):
            with self.subTest(words=words):
                quiet = ["--quiet"] if words[0] == "sweep" and len(words) > 4 else []
                self.holds(self.run_program([*words, *quiet]), code, parts)

    def test_scenarios(self):
        for changes, code, parts in some(SCRIPTS):
            with self.subTest(changes=changes):
                text = SCENARIO
                for old, new in changes:
                    self.assertIn(old, text)
                    text = text.replace(old, new)
                self.write("x.lua", text)
                self.holds(self.run_program(["run", "x.lua", "--quiet", "--out", "o"]), code, parts)

    def test_there_are_ten_and_sixteen(self):
        self.assertGreaterEqual(len(COMMAND_LINES) + len(SCRIPTS), 26)


if __name__ == "__main__":
    unittest.main()
