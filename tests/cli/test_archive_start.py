#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""The line that the portable archive says where it cannot run, and the version as a package has it.
What is in the packages is tried by `make package-test`, in chroots.
"""
import os
import subprocess
import unittest

from program import SOURCE, CliTest


class ArchiveStart(CliTest):
    def setUp(self):
        super().setUp()
        start = (SOURCE / "cmake" / "archive_start.sh").read_text(encoding="utf-8")
        start = start.replace("@MACHINE@", "x86_64").replace("@NEEDS@", "2.36")
        self.assertNotIn("@", start.replace('"$@"', ""))
        for folder in ("bin", "lib", "share", "fake"):
            os.mkdir(self.folder / folder)
        self.executable("blackstart", start)
        self.executable("bin/blackstart", '#!/bin/sh\necho "started with $1"\n')
        self.write("share/libraries.txt", "libone.so.1\n")
        self.write("lib/libone.so.1", "")
        self.system("x86_64", "glibc 2.36")

    def executable(self, name, text):
        self.write(name, text)
        os.chmod(self.folder / name, 0o755)

    def system(self, machine, glibc):
        self.executable("fake/uname", f"#!/bin/sh\necho {machine}\n")
        self.executable("fake/getconf", f"#!/bin/sh\n{f'echo {glibc}' if glibc else 'exit 1'}\n")

    def start(self):
        os.symlink(self.folder / "blackstart", self.folder / "link") if not os.path.islink(
            self.folder / "link"
        ) else None
        return subprocess.run(
            [self.folder / "link", "word"],
            capture_output=True,
            text=True,
            timeout=60,
            env={"PATH": f"{self.folder}/fake:/usr/bin:/bin"},
        )

    def refuses(self, line):
        done = self.start()
        self.assertEqual(
            (done.returncode, done.stdout, done.stderr), (3, "", f"blackstart: {line}\n")
        )

    def test_starts(self):
        for glibc in ("glibc 2.36", "glibc 2.41", "glibc 2.100"):
            self.system("x86_64", glibc)
            self.assertEqual(self.start().stdout, "started with word\n", glibc)

    def test_cannot(self):
        for machine, glibc, line in (
            (
                "sparc64",
                "glibc 2.36",
                "this archive is for x86_64, this machine is a sparc64: take another, or build "
                "from the sources",
            ),
            (
                "x86_64",
                "glibc 2.31",
                "this system has glibc 2.31, and 2.36 or newer is needed: take a newer system, or "
                "build from the sources",
            ),
            (
                "x86_64",
                "",
                "this system has no glibc, and glibc 2.36 or newer is needed: take another "
                "system, or the container image",
            ),
        ):
            self.system(machine, glibc)
            self.refuses(line)
        self.system("x86_64", "glibc 2.36")
        os.unlink(self.folder / "lib/libone.so.1")
        self.refuses(
            f"{self.folder.resolve()}/lib/libone.so.1 is missing: unpack the archive again, "
            f"as a whole"
        )
        os.unlink(self.folder / "share/libraries.txt")
        self.refuses(
            f"{self.folder.resolve()}/lib/share/libraries.txt is missing: unpack the archive "
            f"again, as a whole"
        )


class Version(CliTest):
    def test_a_package_of_before_a_release_is_older(self):
        def package_version(said):
            os.makedirs(self.folder / "build/release", exist_ok=True)
            self.write(
                "build/release/blackstart",
                f"#!/bin/sh\necho 'blackstart {said}'\necho 'commit x'\n",
            )
            os.chmod(self.folder / "build/release/blackstart", 0o755)
            return subprocess.run(
                ["bash", "-c", f". {SOURCE}/cmake/stage.sh; package_version"],
                cwd=self.folder,
                text=True,
                capture_output=True,
                env={**os.environ, "SOURCE_DATE_EPOCH": "1"},
                timeout=60,
            ).stdout.strip()

        self.assertEqual(package_version("0.2.0"), "0.2.0")
        self.assertEqual(package_version("0.2.0-dev+g0123"), "0.2.0~dev+g0123")
        older = subprocess.run(
            ["dpkg", "--compare-versions", package_version("0.2.0-dev+g0123"), "lt", "0.2.0"],
            check=False,
        )
        self.assertEqual(older.returncode, 0)


if __name__ == "__main__":
    unittest.main()
