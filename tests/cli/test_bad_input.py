#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: each ends with one clear line (what, where, what to do), the right exit code, and
nothing left behind.
"""
import json
import os
import pathlib
import re
import resource
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import validate_results  # noqa: E402
from program import CALM, SMALL, STEADY, STREET, CliTest, free_port, some, start

# Words after the program's name, exit code, the line.
COMMAND_LINES = [
    (["rnu"], 4, r"unknown command rnu \(command line\): did you mean run\?"),
    (
        ["frobnicate"],
        4,
        r"unknown command frobnicate \(command line\): say run, check, test, credentials, sweep, "
        r"judge, report, compare, list, show, serve, examine, ics, evidence, init or "
        r"version, or --help",
    ),
    ([""], 4, r"unknown command  \(command line\): say .*"),
    (
        ["--seed", "1", "run", "x.lua"],
        4,
        r"unknown option --seed \(command line\): options follow a command, .*",
    ),
    (
        [STEADY],
        4,
        r"no command before the scenario \(command line\): did you mean blackstart run "
        r".*steady\.lua\?",
    ),
    (["help", "rum"], 4, r"unknown command rum \(command line\): did you mean run\?"),
    (["list", "lows"], 4, r"nothing to list: lows \(blackstart list\): did you mean laws\?"),
    (
        ["list", "full-jitter"],
        4,
        r"full-jitter is a law \(blackstart list\): blackstart list laws .*",
    ),
    (["power-restore-street"], 4, r"no command before the scenario .* blackstart run power-.*"),
    (["list", "laws", "models"], 4, r"models is one word too many \(blackstart list\): .*"),
    (
        ["list", "nowhere.lua"],
        4,
        r"no such scenario \(nowhere\.lua\): blackstart list shows what there is",
    ),
    (["version", "please"], 4, r"please is one word too many \(blackstart version\): .*"),
    (
        ["run"],
        4,
        r"no scenario given \(blackstart run\): name one; blackstart list shows what there is",
    ),
    (["run", ""], 4, r"the scenario's name is empty \(blackstart run\): .*"),
    (
        ["run", "x" * 5000],
        4,
        r"word 2 is too long \(command line\): give at most 4000 bytes, it begins with x+",
    ),
    (
        ["run", "a\nb.lua"],
        4,
        r"word 2 holds control characters or is not UTF-8 \(command line\): .*",
    ),
    (
        ["run", b"\xff.lua"],
        4,
        r"word 2 holds control characters or is not UTF-8 \(command line\): .*",
    ),
    (["run", "\x1b[2Jx"], 4, r"word 2 holds control characters .*"),
    (["run"] + ["x"] * 300, 4, r"302 words are too many \(command line\): give at most 256"),
    (
        ["run", STREET, "--sede", "1"],
        4,
        r"unknown option --sede \(blackstart run\): did you mean --seed\?",
    ),
    (
        ["run", STREET, "--law=fixed"],
        4,
        r"unknown option --law=fixed \(blackstart run\): .* --set law=fixed",
    ),
    (
        ["judge", "--law=fixed"],
        4,
        r"unknown option --law=fixed \(blackstart judge\): see blackstart judge --help",
    ),
    (
        ["run", STREET, "--seed"],
        4,
        r"option --seed has no value \(blackstart run\): see blackstart run --help",
    ),
    (
        ["run", STREET, "--seed", "-1"],
        4,
        r"no seed: -1 \(--seed\): give a whole number from 0 to 9223372036854775807",
    ),
    (
        ["run", STREET, "--threads", "0"],
        4,
        r"no number of threads: 0 \(--threads\): give a whole number from 1 to 256",
    ),
    (
        ["run", STREET, "--set", "homes"],
        4,
        r"no value for the parameter homes \(--set\): write --set NAME=VALUE",
    ),
    (
        ["run", STREET, "--set", "homes=1", "--set", "homes=2"],
        4,
        r"the parameter homes is set twice \(--set\): set it once",
    ),
    (["run", STREET, "--out", ""], 4, r"the results folder has no name \(--out\): .*"),
    (["run", STREET, "--out", ".."], 4, r"\.\. cannot be a results folder \(--out\): .*"),
    (
        ["run", STEADY, "--target", "localhost:5683"],
        4,
        r"the target begins with none of .*: localhost:5683 \(--target\): write coap://.*",
    ),
    (
        ["run", STEADY, "--target", "coap://127.0.0.1/x"],
        4,
        r"the target has a path: .* \(--target\): leave it out; .*",
    ),
    (
        ["run", STEADY, "--target", "coap://127.0.0.1:0"],
        4,
        r"the target's port is not a number from 1 to 65535: .*",
    ),
    (
        ["run", STEADY, "--target", "mqtt://127.0.0.1"],
        4,
        r"the target speaks mqtt and devices of the scenario speak coap: give a target .*",
    ),
    (
        ["run", STEADY, "--target", "coap://127.0.0.1", "--set", "protocol=mqtt"],
        4,
        r"the target speaks coap and devices of the scenario speak mqtt: .*",
    ),
    (
        ["run", STEADY, "--target", "coaps://127.0.0.1"],
        4,
        r"coaps without a key \(--target\): add --psk .* or --psk-file FILE",
    ),
    (
        ["run", STEADY, "--psk", "a:00"],
        4,
        r"keys without a secure target \(--psk\): add --target coaps://HOST:PORT, .*",
    ),
    (
        ["run", STEADY, "--target", "coaps://127.0.0.1", "--psk", "me:secretKey"],
        4,
        r"the key of me is not hexadecimal \(--psk\): write the key's bytes in hex, two digits "
        r"each, or its letters after text:",
    ),
    (
        ["run", STEADY, "--target", "coaps://127.0.0.1", "--psk", "me:abc"],
        4,
        r"the key of me has an odd number of hex digits \(3\) \(--psk\): .*",
    ),
    (
        ["run", STEADY, "--target", "coaps://127.0.0.1", "--psk-file", "nowhere"],
        4,
        r"cannot open the file of keys: No such file or directory \(nowhere\): check --psk-file",
    ),
    (
        ["run", STEADY, "--target", "coap://127.0.0.1", "--source", "127.1.2.3/16"],
        4,
        r"the address has bits set beyond its prefix length: 127\.1\.2\.3/16 \(--source\): .*",
    ),
    (
        ["run", STEADY, "--target", "coap://no-such-host.invalid"],
        5,
        r"no address for no-such-host\.invalid: .* \(--target\): check the name .*",
    ),
    (
        ["serve", "--coap", "example.org:5683"],
        4,
        r"no address to serve on: example\.org:5683 \(--coap\): .*",
    ),
    (["serve", "--connections", "0"], 4, r"no rate: 0 \(--connections\): .*"),
    (["serve", "--close-after", "2d"], 4, r"no time to close .*: 2d \(--close-after\): .*10s"),
    (["serve", "--close-after", "1s", "--closes", "x"], 4, r"no way to close a session: x .*"),
    (["serve", "--closes", "reset"], 4, r"--closes without --close-after .*: add .*"),
    (
        ["sweep", "steady", "--vary", "devices=1,2", "--target", "coap://h"],
        4,
        r"unknown option --target \(blackstart sweep\): blackstart run alone speaks to a real .*",
    ),
    (["serve", "--keep-alive", "90"], 4, r"no keep-alive: 90 \(--keep-alive\): .*such as 60s"),
    (["serve", "--keep-alive", "19h"], 4, r"no keep-alive: 19h \(--keep-alive\): .*"),
    (["serve", "--max-age", "30"], 4, r"no Max-Age: 30 \(--max-age\): .*"),
    (["serve", "--learn", "1h"], 4, r".*nobody examines \(blackstart serve\): add --examine"),
    (
        ["serve", "--examine", "--psk", "me:text:secret"],
        4,
        r"one identity for all devices, and --examine .*",
    ),
    (["serve", "--examine", "--window", "5"], 4, r"no such span: 5 \(--window\): .*"),
    (["serve", "--examine", "--alarm-to", "ftp://x"], 4, r"ftp://x: .*"),
    (["serve", "--coap", "192.0.2.1:5683"], 3, r".*192\.0\.2\.1:5683.*"),
]

# Content of a scenario (None: the street's), words after its name, the line.
SCRIPTS = [
    (None, ["--set", "hoems=5"], r".*hoems.*homes.*"),
    (None, ["--set", "homes=-1"], r".*homes.*-1.*"),
    (None, ["--set", "homes=1e12"], r".*homes.*1e12.*"),
    (None, ["--set", "homes="], r".*homes.*"),
    (None, ["--set", "homes=many"], r".*homes.*many.*"),
    (None, ["--set", "outage=soon"], r".*outage.*soon.*"),
    (None, ["--set", "outage=10"], r".*outage.*10.*"),
    (None, ["--set", "law=fixd"], r".*law.*fixd.*fixed.*"),
    (None, ["--set", "capacity=0"], r".*capacity.*0.*"),
    ("function setup(", [], r".*x\.lua:1.*"),
    ("", [], r".*x\.lua.*"),
    ("error('no')", [], r".*x\.lua.*no.*"),
    ("error({})", [], r".*x\.lua.*"),
    ("while true do end", [], r".*x\.lua.*"),
    ("local s = 'x' while true do s = s .. s end", [], r".*x\.lua.*"),
    ("\x1bLua", [], r".*x\.lua.*"),
    ("os.exit(0)", [], r".*x\.lua:1.*os.*"),
    ("print(\n'\x1b[31m' .. nothing)", [], r".*x\.lua:[12].*"),
    (CALM.replace("thermostat", "thermostt"), [], r".*x\.lua:5.*thermostt.*thermostat.*"),
    (CALM.replace("count", "cuont"), [], r".*x\.lua:5.*cuont.*count.*"),
    (CALM.replace("wait(p.duration)", "wait(p.duraton)"), [], r".*x\.lua:7.*duraton.*duration.*"),
    (CALM.replace("wait(p.duration)", "wait('soon')"), [], r".*x\.lua:7.*soon.*"),
    (CALM.replace("wait(p.duration)", "error('in the drill')"), [], r".*x\.lua:7.*in the drill.*"),
]

# Content of a file of keys, the line.
KEY_FILES = [
    (b"", r"there are no keys in the file \(keys\): write lines of identity,hexkey"),
    (b"a,00\nb\n", r"there is no comma in this line \(keys:2\): write identity,hexkey"),
    (b"a,00\nb,0\n", r"the key of b has an odd number of hex digits \(1\) \(keys:2\): .*"),
    (
        b"a,00\n# twice\na,01\n",
        r"identity a stands in line 1 already \(keys:3\): give each identity once",
    ),
    (b"\x7fELF\x02\x01\0\0", r"this line holds a NUL byte: not a text file \(keys:1\): .*"),
    (b"x" * 100000, r"this line is longer than 512 bytes \(keys:1\): .*"),
    (
        b"a" * 64 + b",00\n",
        r"the identity is too long \(64 bytes\) \(keys:1\): give at most 63 bytes",
    ),
    (
        b"a," + b"00" * 33 + b"\n",
        r"the key of a is too long \(33 bytes\) \(keys:1\): give at most 32 bytes",
    ),
]


class BadInput(CliTest):
    def test_command_lines(self):
        for arguments, code, line in some(COMMAND_LINES):
            with self.subTest(arguments=[str(word)[:60] for word in arguments[:8]]):
                self.expect_refused(arguments, code, line)

    def test_scripts(self):
        for content, arguments, line in some(SCRIPTS):
            with self.subTest(content=content, arguments=arguments):
                scenario = STREET if content is None else self.write("x.lua", content)
                self.expect_refused(["run", scenario, "--quiet", *arguments], 4, line)

    def test_a_mistake_in_the_verdict_costs_no_results(self):
        for verdict, line in (
            ("judge.nothing {}", r"x\.lua:9: .*nothing.*; what the run measured is in o"),
            (
                "judge.answered { at_leats = 1 }",
                r"x\.lua:9: .*at_leats.*at_least.*; what .* is in o",
            ),
            ("error('no more')", r"x\.lua:9: .*no more.*; what the run measured is in o"),
        ):
            with self.subTest(verdict=verdict):
                self.write(
                    "x.lua",
                    CALM
                    + f'function verdict(p) expect("first", true, "It is so.")\n{verdict} end\n',
                )
                process = self.run_program(["run", "x.lua", "--quiet", "--out", "o"])
                self.expect_line(process, 4, line)
                summary = json.loads((self.folder / "o" / "summary.json").read_text())
                self.assertIn("x.lua:9", summary["error"])
                self.assertEqual([v["unit"] for v in summary["verdicts"]], ["first"])
                self.assertIn("<error", (self.folder / "o" / "junit.xml").read_text())
                self.assertEqual(validate_results.validate(self.folder / "o"), [])

    def test_key_files(self):
        for content, line in some(KEY_FILES):
            with self.subTest(content=content[:40]):
                self.write("keys", content)
                self.expect_refused(
                    ["run", STEADY, "--target", "coaps://127.0.0.1", "--psk-file", "keys"], 4, line
                )

    def test_a_scenario_that_is_none(self):
        self.expect_refused(["run", "nowhere.lua"], 4, r"no such scenario \(nowhere\.lua\): .*")
        self.expect_refused(
            ["run", "power-restore-stret"],
            4,
            r"no such scenario \(power-restore-stret\): did you mean "
            r".*/power-restore-street\.lua\?",
        )
        self.expect_refused(["run", "."], 4, r".*\..*")
        self.expect_refused(["run", "/dev/zero"], 4, r".*/dev/zero.*")

    def test_places_where_no_results_can_go(self):
        self.write("file", "not a folder")
        self.write("full/letter.txt", "mine")
        for place in ["file", "file/below", "full", "/proc/nothing", "/dev/null/x"]:
            with self.subTest(place=place):
                self.expect_refused(
                    ["run", STREET, *SMALL, "--quiet", "--out", place],
                    4,
                    r".+; .*--out.*|.+: .*--out.*",
                )
        self.write("results", "a file where the folder should be")
        self.expect_refused(
            ["run", STREET, *SMALL, "--quiet"],
            4,
            r"cannot make the results folder: .* \(results.*\): .* --out",
        )

    def test_a_folder_without_permission(self):
        """Root, to whom nothing is forbidden, goes as nobody."""
        nobody = {"user": 65534} if os.geteuid() == 0 else {}
        self.folder.chmod(0o755)
        (self.folder / "locked").mkdir(mode=0o555)
        try:
            self.expect_refused(
                ["run", STREET, *SMALL, "--quiet", "--out", "locked/x"],
                4,
                r".*locked/x.*Permission denied.*--out.*",
                **nobody,
            )
        except PermissionError:
            self.skipTest("nobody but root may run the program where it lies")

    def test_too_few_descriptors(self):
        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))

        self.expect_refused(
            ["run", STEADY, "--target", "coap://127.0.0.1:9", "--set", "devices=200", "--quiet"],
            3,
            r".*descriptors.*ulimit -n.*",
            preexec_fn=few,
        )

    def test_too_little_memory(self):
        def little():
            resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20))

        # Sanitizers reserve address space of their own.
        if "asan" in os.environ.get("BUILD_DIR", "") or "tsan" in os.environ.get("BUILD_DIR", ""):
            self.skipTest("not under sanitizers")
        self.expect_refused(
            ["run", STREET, "--set", "homes=250k", "--quiet"], 3, r".*memory.*", preexec_fn=little
        )

    def test_two_servers_on_one_port(self):
        place = f"127.0.0.1:{free_port()}"
        first = start(["serve", "--coap", place], self.folder)
        try:
            self.assertEqual(first.stdout.readline(), f"serving coap://{place}\n")
            self.expect_refused(
                ["serve", "--coap", place],
                3,
                f"cannot listen on {re.escape(place)} .*: choose another address or port",
            )
        finally:
            first.terminate()
            first.communicate()

    def test_a_full_disk_for_the_summary(self):
        with open("/dev/full", "w") as full:
            process = self.run_program(["version"], stdout=full)
        self.expect_line(
            process,
            3,
            r"cannot write: No space left on device \(standard output\): make room for it",
        )

    def test_closed_standard_streams(self):
        for closed in [[0], [1], [2], [0, 1, 2]]:
            with self.subTest(closed=closed):

                def close_them():
                    for descriptor in closed:
                        os.close(descriptor)

                process = self.run_program(
                    ["run", STREET, *SMALL, "--quiet", "--out", "o"], preexec_fn=close_them
                )
                self.assertEqual(process.returncode, 0)
                head = (self.folder / "o" / "attempts.csv").read_text().split("\n")[0]
                self.assertEqual(head, "time_s,device,home,trigger,attempt,outcome,latency_s")

    def test_the_net_is_tight(self):
        """The checks of this file notice a wrong code, a wrong line, a second line and a file left
        behind.
        """
        good = ["run", STREET, "--seed", "x"]
        for code, line in [(3, r"no seed.*"), (4, r"no sead.*"), (4, r"no seed")]:
            with self.assertRaises(AssertionError):
                self.expect_refused(good, code, line)
        with self.assertRaises(AssertionError):  # help comes before the line
            self.expect_refused([], 4, r"no command given.*")
        with self.assertRaises(AssertionError):  # results are left
            self.expect_refused(["run", STREET, *SMALL, "--quiet"], 0, "")


if __name__ == "__main__":
    unittest.main()
