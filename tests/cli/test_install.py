#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""What `make install` puts under a prefix: it is all there, works from any folder, and goes away
again.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from program import PROGRAM  # noqa: E402

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["BUILD_DIR"])
STAGE = pathlib.Path("stage").resolve()
PREFIX = STAGE / "usr"


def script(name, **environment):
    return subprocess.run(
        ["bash", SOURCE / "cmake" / name, BUILD],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
    )


def files():
    return sorted(p.relative_to(STAGE).as_posix() for p in STAGE.rglob("*") if not p.is_dir())


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(STAGE, ignore_errors=True)
        done = script("install.sh", DESTDIR=str(STAGE), PREFIX="/usr")
        assert done.returncode == 0, done.stderr
        cls.said = done.stdout

    def run_installed(self, *arguments, folder="elsewhere"):
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        return subprocess.run(
            [PREFIX / "bin" / "blackstart", *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=folder,
        )

    def test_what_is_there(self):
        there = files()
        for name in (
            "usr/bin/blackstart",
            "usr/share/blackstart/scenarios/5.9-3/power-restore-street.lua",
            "usr/share/blackstart/schema/summary.schema.json",
            "usr/share/doc/blackstart/LICENSE",
            "usr/share/doc/blackstart/notices.txt",
            "usr/share/man/man1/blackstart.1",
            "usr/share/man/man1/blackstart-run.1",
            "usr/share/man/man7/blackstart-scenario.7",
            "usr/share/blackstart/luals/blackstart.lua",
            "usr/share/bash-completion/completions/blackstart",
            "usr/share/zsh/site-functions/_blackstart",
            "usr/share/fish/vendor_completions.d/blackstart.fish",
        ):
            self.assertIn(name, there)
        for folder, place in (
            ("scenarios", "scenarios"),
            ("docs/schema", "schema"),
        ):  # all of it: packs, products, traces, ...
            shipped = {
                p.relative_to(SOURCE / folder).as_posix()
                for p in (SOURCE / folder).rglob("*")
                if p.is_file()
            }
            self.assertEqual(
                {
                    n.removeprefix(f"usr/share/blackstart/{place}/")
                    for n in there
                    if n.startswith(f"usr/share/blackstart/{place}/")
                },
                shipped,
            )
        notices = (PREFIX / "share" / "doc" / "blackstart" / "notices.txt").read_text(
            encoding="utf-8"
        )
        for word in ("@observablehq/plot", "ISC", "libcoap", "wolfSSL"):
            self.assertIn(word, notices)

    def test_a_scenario_by_its_name(self):
        done = self.run_installed(
            "run", "power-restore-street", "--quiet", "--set", "homes=50", "--out", "installed"
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("blackstart run power-restore-street --set homes=50 --seed 1", done.stdout)
        subprocess.run(
            [
                PROGRAM,
                "run",
                SOURCE / "scenarios/5.9-3/power-restore-street.lua",
                "--quiet",
                "--set",
                "homes=50",
                "--out",
                "built",
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        prints = [
            json.loads(pathlib.Path(p, "summary.json").read_text())["fingerprint"]
            for p in ("elsewhere/installed", "built")
        ]
        self.assertEqual(prints[0], prints[1])

    def test_names_in_every_command(self):
        self.assertIn("homes", self.run_installed("list", "power-restore-street").stdout)
        self.assertIn("homes", self.run_installed("list", "5.9-3/power-restore-street.lua").stdout)
        self.assertIn("1 passed", self.run_installed("test", "declaration").stdout)
        self.assertIn("power-restore-street.lua", self.run_installed("list").stdout)

    def test_what_init_points_to(self):
        """The annotations that are installed, and nothing of its own."""
        self.assertEqual(self.run_installed("init", "demo").returncode, 0)
        about = json.loads(pathlib.Path("elsewhere/demo/.luarc.json").read_text(encoding="utf-8"))
        self.assertEqual(
            about["workspace.library"], [str(PREFIX / "share" / "blackstart" / "luals")]
        )
        self.assertIn(
            "---@meta",
            (PREFIX / "share" / "blackstart" / "luals" / "blackstart.lua").read_text(
                encoding="utf-8"
            ),
        )
        self.assertFalse(pathlib.Path("elsewhere/demo/.luals").exists())

    def test_a_pack_by_its_name(self):
        self.assertIn("lwm2m-1.1", self.run_installed("list", "packs").stdout)

    def test_a_name_that_is_there_twice(self):
        """One's own comes before the program's, and a line says so; of two of one's own neither."""
        os.makedirs("twice/scenarios/old", exist_ok=True)
        pathlib.Path("twice/scenarios/steady.lua").write_text(
            'scenario { title = "mine" }\n'
            "function setup(p)\n"
            '  fleet.devices { model = "thermostat", count = 5, law = law.immediate {} }\n'
            "end\n"
            'function drill(p) wait "1m" end\n'
            'function verdict(p) expect("five", true, "Five devices.") end\n'
        )

        def asked(*words):
            return subprocess.run(
                [PREFIX / "bin" / "blackstart", *words],
                capture_output=True,
                text=True,
                cwd="twice",
                timeout=60,
            )

        for words in (("run", "--quiet"), ("test",), ("list",), ("check",)):
            done = asked(*words, "steady")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(
                done.stderr,
                r"^note: steady is scenarios/steady\.lua here, not the program's own "
                r"\(/.*/share/blackstart/scenarios/steady\.lua\)\n$",
            )
        pathlib.Path("twice/scenarios/old/steady.lua").write_text("-- older\n")
        for command in ("run", "test", "list"):
            done = asked(command, "steady")
            self.assertEqual(done.returncode, 4)
            self.assertEqual(
                done.stderr,
                "blackstart: two scenarios have this name (steady): say which, "
                "scenarios/old/steady.lua or scenarios/steady.lua\n",
            )

    def test_a_prefix_that_cannot_be(self):
        for prefix, words in (
            (
                "/proc/blackstart",
                r"/proc cannot be written to: be root, or say PREFIX=\$HOME/\.local",
            ),
            ("/dev/null/blackstart", r"/dev/null is no folder: name another with PREFIX"),
            ("here", r"PREFIX is no absolute path \(here\): say PREFIX=/.*/here"),
        ):
            done = script("install.sh", PREFIX=prefix, DESTDIR="")
            self.assertEqual(done.returncode, 1, prefix)
            self.assertRegex(done.stderr, rf"^install: .*{words}\n$")

    def test_zz_goes_away_without_a_trace(self):
        done = script("uninstall.sh", DESTDIR=str(STAGE))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(files(), [])
        self.assertEqual([p for p in STAGE.rglob("*") if p.name.startswith("blackstart")], [])
        done = script("uninstall.sh", DESTDIR=str(STAGE))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(
            done.stderr,
            r"^uninstall: nothing was installed from here .*: run make install first\n$",
        )


if __name__ == "__main__":
    unittest.main()
