#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""The pages of docs/: contents name each of them, every link and anchor leads somewhere, and what
the tutorial and the page about CI tell people to type works as they say.
"""
import os
import re
import shutil
import subprocess
import unittest

from program import PROGRAM, SOURCE, CliTest, environment

PAGES = [*SOURCE.glob("*.md"), *SOURCE.glob("docs/**/*.md"), SOURCE / "tests" / "README.md"]
FENCE = re.compile(r"^```(\w+)(?: +(\S+))?\n(.*?)^```$", re.S | re.M)


def plain(text):
    """Without what is no running text: blocks and spans of code."""
    return re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.S | re.M)


def anchors(text):
    """As GitHub and GitLab make them of headings."""
    found = set()
    for heading in re.findall(
        r"^#+ +(.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M), re.M
    ):
        slug = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        count = sum(
            one == slug or re.fullmatch(re.escape(slug) + r"-\d+", one) is not None for one in found
        )
        found.add(slug if count == 0 else f"{slug}-{count}")
    return found


def astray(path, text):
    """Links of the page that lead nowhere."""
    for target in re.findall(r"\]\(([^)\s]+)\)", plain(text)):
        name, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", name):
            continue
        file = (path.parent / name) if name else path
        if not file.exists():
            yield f"{path}: {target}: no such file"
        elif anchor and anchor not in anchors(
            text if file == path else file.read_text(encoding="utf-8")
        ):
            yield f"{path}: {target}: no such heading"


class Links(unittest.TestCase):
    def test_links_and_anchors(self):
        self.assertEqual(
            [wrong for path in PAGES for wrong in astray(path, path.read_text(encoding="utf-8"))],
            [],
        )
        page = SOURCE / "docs" / "commands.md"
        for twin in ("[x](nowhere.md)", "[x](results.md#no-such-heading)", "[x](#no-such-heading)"):
            self.assertEqual(len(list(astray(page, twin))), 1, twin)

    def test_contents(self):
        contents = (SOURCE / "docs" / "README.md").read_text(encoding="utf-8")
        linked = set(re.findall(r"\]\(([\w./-]+\.md)\)", contents))
        self.assertEqual(
            {p.name for p in (SOURCE / "docs").glob("*.md")} - {"README.md"} - linked, set()
        )


class Typed(CliTest):
    def shell(self, command, wanted=0, folder="."):
        process = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder / folder,
            capture_output=True,
            text=True,
            timeout=120,
            env=environment(PATH=f"{os.path.dirname(PROGRAM)}:{os.environ['PATH']}"),
        )
        self.assertEqual(process.returncode, wanted, f"{command}\n{process.stdout}{process.stderr}")
        return process.stdout

    def read(self, page):
        """Does what the page says, from its beginning to its end; how many commands there were."""
        count = 0
        for language, more, body in FENCE.findall(
            (SOURCE / "docs" / page).read_text(encoding="utf-8")
        ):
            if language == "lua" and more:
                self.write(more, body)
            for line in body.splitlines() if language == "sh" else ():
                self.shell(line, int(more.removeprefix("exit=")) if more else 0)
                count += 1
        return count

    def test_tutorial(self):
        self.assertGreaterEqual(self.read("tutorial.md"), 10)
        for name in ("junit.xml", "ours.pcap", "results/sweep/sweep.html"):
            self.assertTrue((self.folder / name).exists(), name)
        with self.assertRaises(
            AssertionError
        ):  # a command that does not do what the page says is noticed
            self.shell("blackstart run mine/first.lua --set law=fixed --quiet")

    def scenarios(self):
        self.shell("blackstart init mine")
        shutil.copytree(self.folder / "mine", self.folder / "scenarios")

    def test_ci(self):
        self.scenarios()
        self.assertGreaterEqual(self.read("ci.md"), 4)

    def test_ci_files(self):
        try:
            import yaml
        except ImportError:
            self.skipTest("python3-yaml is not installed")
        self.scenarios()
        texts = [
            (".", body)
            for language, _, body in FENCE.findall(
                (SOURCE / "docs/ci.md").read_text(encoding="utf-8")
            )
            if language == "yaml"
        ]
        texts.append(("mine", (self.folder / "mine/.gitlab-ci.yml").read_text(encoding="utf-8")))
        count = 0
        for folder, text in texts:
            about = yaml.safe_load(text)
            self.assertTrue("blackstart" in about or {"name", "jobs"} <= set(about), text)
            commands = [
                c for job in about.values() if isinstance(job, dict) for c in job.get("script", [])
            ]
            commands += [
                s["run"]
                for job in about.get("jobs", {}).values()
                for s in job["steps"]
                if "run" in s
            ]
            for command in (c for c in commands if c.startswith("blackstart ")):
                self.shell(command, folder=folder)
                (self.folder / folder / "junit.xml").unlink()
                count += 1
        self.assertEqual(count, 3)


if __name__ == "__main__":
    unittest.main()
