#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""What a word on the command line can become, said by the program and shown by three shells; and
the pages of the manual, which are made from the same rows.
"""
import os
import re
import shlex
import shutil
import subprocess
import unittest

from program import PROGRAM, SOURCE, CliTest

FOLDER = SOURCE / "completions"
STREET = "power-restore-street"
SHELL_LINES = [  # words behind the program's name; what must be offered, what must not
    (["ju"], {"judge"}, {"run"}),
    (["run", "power-re"], {STREET}, {"steady"}),
    (["judge", "--by", "lwm"], {"lwm2m-1.1"}, {"retry-budget"}),
    (["run", STREET, "--trace", "dr"], {"drops"}, {"device="}),
    (["run", STREET, "--se"], {"--seed", "--set"}, {"--threads"}),
]


class Complete(CliTest):
    def offers(self, *words):
        process = self.run_program(["complete", "--", *words])
        self.assertEqual((process.returncode, process.err), (0, ""))
        return [line.partition("\t")[0] for line in process.out.splitlines()]

    def test_words(self):
        for words, wanted, unwanted in [
            *SHELL_LINES,
            ([""], {"run", "test", "list", "help", "--help"}, {"complete", "generate"}),
            (["help", "s"], {"sweep", "serve"}, {"run"}),
            (["run", STREET, "--seed", "1", "--"], {"--set", "--help"}, {"--seed"}),
            (["run", STREET, "--set", "law=fixed", "--s"], {"--set"}, set()),
            (["run", STREET, "--set", ""], {"homes=", "law=", "outage="}, {"law=orderly"}),
            (["run", STREET, "--set", "law="], {"law=orderly", "law=paho-c"}, {"homes="}),
            (["run", STREET, "--set=over="], {"--set=over=busy"}, set()),
            (["run", STREET, "--set", "homes="], {"homes=250"}, set()),
            (["run", "a-week", "--set", "examiner="], {"examiner=true", "examiner=false"}, set()),
            (["sweep", STREET, "--vary", "la"], {"law="}, {"homes="}),
            (["run", "no-such-scenario", "--set", ""], set(), {"homes="}),
            (["run", STREET, "--out", ""], {":folders"}, {":files"}),
            (["run", STREET, "--pcap", ""], {":files"}, {":folders"}),
            (["run", ""], {"steady", "a-week", ":files"}, {"paho-c"}),
            (["list", ""], {"models", "faults", "paho-c", "steady"}, set()),
            (["serve", "--over", "b"], {"busy"}, {"drop"}),
            (["serve", "--over=d"], {"--over=drop"}, {"--over=busy"}),
            (
                ["judge", "--by", ""],
                {"address", "client-id", "lwm2m-1.1", "retry-budget", ":files"},
                {"homes="},
            ),
            (["run", STREET, "--by", "aws"], {"aws-device-advisor"}, {"lwm2m-1.1"}),
            (["run", STREET, "--by=l"], {"--by=lwm2m-1.1"}, {"--by=rfc-timers"}),
            (
                ["test", "--product", ""],
                {f"{os.path.dirname(PROGRAM)}/../../scenarios/products/thermostat.json", ":files"},
                {"lwm2m-1.1"},
            ),
            (["run", STREET, "--trace", ""], {"device=", "street=", "drops"}, {":files"}),
            (
                ["run", STREET, "--trace=d"],
                {"--trace=device=", "--trace=drops"},
                {"--trace=street="},
            ),
            (["judge", "--format", ""], {"attempts", "csv", "pcap", "emqx"}, {":files"}),
            (["ics", "--edition", ""], {"V3.1.3", "V2.1.1"}, {":files"}),
            (["list", "p"], {"packs", "paho-c"}, {"hops"}),
            (["test", ""], {":files", ":folders"}, set()),
            (["show", "the"], {"thermostat"}, {"smart-plug"}),
            (["nonsense", ""], set(), {"run", ":files"}),
        ]:
            with self.subTest(words=words):
                offered = set(self.offers(*words))
                self.assertLessEqual(wanted, offered)
                self.assertEqual(unwanted & offered, set())

    def test_nothing_to_complete(self):
        self.expect_refused(
            ["complete"], 4, r"no words to complete \(blackstart complete\): give them after --"
        )

    def shell(self, *arguments):
        if shutil.which(arguments[0]) is None:
            self.skipTest(f"{arguments[0]} is not installed")
        process = subprocess.run(
            arguments,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=self.folder,
            env={
                **os.environ,
                "HOME": str(self.folder),
                "PATH": f"{os.path.dirname(PROGRAM)}:{os.environ['PATH']}",
            },
        )
        self.assertEqual((process.returncode, process.stderr), (0, ""))
        return process.stdout.splitlines()

    def bash(self, words):
        line = shlex.join(["blackstart", *words])
        split = [
            part for word in ["blackstart", *words] for part in re.findall(r"[=:]|[^=:]+|^$", word)
        ]  # as readline does
        if words[-1].endswith("="):
            split.append("")
        return self.shell(
            "bash",
            "-c",
            f"""
            [ -e /usr/share/bash-completion/bash_completion ] || exit 9
            COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
            . /usr/share/bash-completion/bash_completion
            . {shlex.quote(str(FOLDER / 'blackstart.bash'))}
            compopt() {{ :; }}
            COMP_WORDS=({shlex.join(split)}) COMP_CWORD={len(split) - 1}
            COMP_LINE={shlex.quote(line)} COMP_POINT={len(line)}
            _blackstart
            printf '%s\\n' "${{COMPREPLY[@]}}" """,
        )

    def test_bash(self):
        if not os.path.exists("/usr/share/bash-completion/bash_completion"):
            self.skipTest("bash-completion is not installed")
        for words, wanted, unwanted in SHELL_LINES:
            offered = set(self.bash(words))
            self.assertLessEqual(wanted, offered)
            self.assertEqual(unwanted & offered, set())
        # Readline replaces only what comes after the =.
        self.assertLessEqual({"orderly", "fixed"}, set(self.bash(["run", STREET, "--set", "law="])))
        self.write("mine.lua", "")
        self.assertIn("mine.lua", self.bash(["run", "mi"]))

    def test_fish(self):
        for words, wanted, unwanted in [
            *SHELL_LINES,
            (["run", STREET, "--set", "law=or"], {"law=orderly"}, {"law=fixed"}),
        ]:
            line = " ".join(["blackstart", *words])
            said = self.shell(
                "fish",
                "-N",
                "-c",
                f"source {FOLDER / 'blackstart.fish'}; complete -C {shlex.quote(line)}",
            )
            offered = {one.partition("\t")[0] for one in said}
            self.assertLessEqual(wanted, offered)
            self.assertEqual(unwanted & offered, set())

    def test_zsh(self):
        for words, wanted, unwanted in [
            *SHELL_LINES,
            (["run", STREET, "--set", "law=or"], {"law=orderly"}, {"law=fixed"}),
        ]:
            said = self.shell(
                "zsh",
                "-f",
                "-c",
                f"""
                compadd() {{ print -l -- "$@" }}
                _files() {{ print -l -- _files "$@" }}
                words=(blackstart {shlex.join(words)}); CURRENT={len(words) + 1}
                . {shlex.quote(str(FOLDER / '_blackstart'))}""",
            )
            self.assertLessEqual(wanted, set(said))
            self.assertEqual(unwanted & set(said), set())


class Manual(CliTest):
    def test_pages(self):
        os.mkdir(self.folder / "man")
        self.expect_line(self.run_program(["generate", "manual", "man"]), 0, "")
        commands = re.findall(
            r"^  ([a-z]+) ",
            self.run_program(["--help"]).out.partition("Commands\n")[2].partition("\n\n")[0],
            re.M,
        )
        self.assertGreater(len(commands), 10)
        pages = {path.name for path in (self.folder / "man").iterdir()}
        self.assertEqual(
            {"blackstart.1", "blackstart-scenario.7", *(f"blackstart-{c}.1" for c in commands)},
            pages,
        )
        for command in commands:
            page = (
                (self.folder / "man" / f"blackstart-{command}.1")
                .read_text(encoding="utf-8")
                .replace("\\-", "-")
            )
            help_text = self.run_program(["help", command]).out
            self.assertEqual(help_text, self.run_program([command, "--help"]).out)
            for option in re.findall(r"^  (--[a-z-]+)", help_text, re.M):
                self.assertIn(f"\\fB{option}\\fR", page)
            self.assertIn(
                f".BR blackstart-{command} (1)",
                (self.folder / "man" / "blackstart.1")
                .read_text(encoding="utf-8")
                .replace("\\-", "-"),
            )
        self.look_at(sorted(self.folder.glob("man/*")))

    def test_the_language(self):
        """blackstart-scenario(7) has each word and each field that the annotations have: both are
        made from the rows.
        """
        for kind in ("manual", "annotations"):
            os.mkdir(self.folder / kind)
            self.expect_line(self.run_program(["generate", kind, kind]), 0, "")
        page = (
            (self.folder / "manual" / "blackstart-scenario.7")
            .read_text(encoding="utf-8")
            .replace("\\-", "-")
        )
        terms = set(re.findall(r"^\\fB:?([\w.:]+)", page, re.M))
        annotations = (self.folder / "annotations" / "blackstart.lua").read_text(encoding="utf-8")
        words = {
            word.removeprefix("Selection:")
            for word in re.findall(r"^function ([\w.:]+)", annotations, re.M)
        }
        selections = {word for word in terms if word.startswith("Selection:")}
        self.assertEqual(
            words - terms - {word.removeprefix("Selection:") for word in selections}, set()
        )
        fields = set(re.findall(r"^---@field (\w+)", annotations, re.M)) - {
            "unit",
            "verdict",
            "sentence",
            "measures",
            "kind",
        }
        self.assertGreater(len(fields), 60)
        self.assertEqual(fields - terms, set())
        for name in ("models", "laws"):  # what there is to list
            for word in re.findall(
                r"^  ([a-z][\w-]+)  ", self.run_program(["list", name]).out, re.M
            ):
                self.assertTrue(
                    {word, "law." + word.replace("-", "_")}
                    & set(re.findall(r"^\\fB([\w.-]+)", page, re.M)),
                    word,
                )
        self.look_at([self.folder / "manual" / "blackstart-scenario.7"], examples=True)

    def look_at(self, pages, examples=False):
        """As man shows them: nothing that roff complains of, nothing wider than 80 columns."""
        if shutil.which("man") is None:
            self.skipTest("man is not installed")
        shown = subprocess.run(
            ["man", "-l", "--warnings", *map(str, pages)],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"},
        )
        self.assertEqual((shown.returncode, shown.stderr), (0, ""))
        self.assertEqual(len(re.findall(r"^NAME$", shown.stdout, re.M)), len(pages))
        # Examples of commands stand as they are typed.
        running = (
            shown.stdout
            if examples
            else re.sub(r"^EXAMPLES$.*?(?=^[A-Z])", "", shown.stdout, flags=re.M | re.S)
        )
        self.assertEqual([line for line in running.splitlines() if len(line) > 80], [])

    def test_a_page_that_roff_cannot_read(self):
        self.write("bad.7", ".TH BAD 7\n.SH NAME\nbad \\- x\n.SH A\n.no_such_macro x\n")
        with self.assertRaises(AssertionError):
            self.look_at([self.folder / "bad.7"])

    def test_a_place_that_is_not(self):
        self.expect_refused(["generate", "manual", "nowhere"], 4, r".*nowhere/blackstart\.1.*")
        self.expect_refused(
            ["generate", "annotations", "nowhere"], 4, r".*nowhere/blackstart\.lua.*"
        )
        self.expect_refused(
            ["generate", "poems", "x"], 4, r"nothing to write \(blackstart generate\): say .*"
        )
        self.expect_refused(["generate"], 4, r"nothing to write \(blackstart generate\): say .*")


if __name__ == "__main__":
    unittest.main()
