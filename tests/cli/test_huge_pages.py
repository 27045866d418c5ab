#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A large fleet's program begins anew with huge pages for its heap: same arguments, same results; a
small one, one whose scenario comes out of a pipe, and one whose environment has a word for the C
library do not."""
# test-labels: once
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import system  # noqa: E402

KERNEL = pathlib.Path("/sys/kernel/mm/transparent_hugepage/enabled")
WISH = b"GLIBC_TUNABLES=glibc.malloc.hugetlb=1"


@unittest.skipUnless(
    KERNEL.exists() and "[madvise]" in KERNEL.read_text(), "this kernel offers no huge pages"
)
class HugePages(system.SystemTest):
    def fingerprint(self, name):
        return json.loads((self.folder / name / "summary.json").read_text())["fingerprint"]

    def run_street(self, homes, name, environment=None, source=None):
        """Whether the program asked for huge pages, of a run that must pass."""
        arguments = ["run", source or system.STREET, "--quiet", "--out", name]
        arguments += ["--set", f"homes={homes}", "--set", "security=none", "--set", "outage=1m"]
        feeder = subprocess.Popen(["cat", system.STREET], stdout=subprocess.PIPE)
        with feeder, open(os.devnull, "w") as nowhere:
            process = system.start(
                arguments,
                self.folder,
                stdin=feeder.stdout,
                stdout=nowhere,
                stderr=nowhere,
                env=system.environment(**(environment or {})),
            )
            asked = False
            while process.poll() is None and not asked:
                try:
                    words = pathlib.Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
                except OSError:
                    continue
                asked = WISH in words
                time.sleep(0.01)
            while asked and self.name_of(process) == "exe":
                time.sleep(0.01)  # it has just begun anew
            if asked:
                self.assertEqual(self.name_of(process), "blackstart")
            self.assertEqual(process.wait(), 0)
        return asked

    def name_of(self, process):
        """What `pkill` knows it by; None: it has ended."""
        if process.poll() is not None:
            return None
        return pathlib.Path(f"/proc/{process.pid}/comm").read_text().strip()

    def test_large_fleets_have_them(self):
        self.assertTrue(self.run_street(1250, "large"))
        other = {"GLIBC_TUNABLES": "glibc.malloc.check=0"}
        self.assertFalse(self.run_street(1250, "own", other))
        self.assertEqual(self.fingerprint("large"), self.fingerprint("own"))

    def test_small_fleets_have_not(self):
        self.assertFalse(self.run_street(20, "small"))

    def test_pipes_are_read_once(self):
        self.assertFalse(self.run_street(1250, "piped", source="/dev/stdin"))


if __name__ == "__main__":
    unittest.main()
