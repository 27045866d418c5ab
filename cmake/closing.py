#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last lines of cmake/test.sh: per preset what passed, failed and was skipped and where the
time went; then why something was skipped; last, in ctest's own words, the sum of all presets.

usage: closing.py PRESET:STATUS:BUILD:TESTS:BUILD_PROCESSOR:TESTS_PROCESSOR...
       closing.py --self-test

STATUS is ctest's exit code, `build` when there was nothing to test because the build failed, `none`
when no test was there; then seconds by the clock and seconds of a processor. Two cores have 2,400
of the latter in the twenty minutes that all of it may take: what is over BUDGET is said.

Reads build/PRESET/ctest.xml, which ctest --output-junit writes. Exit 1 if anything failed.
"""
import pathlib
import re
import sys
import tempfile
import xml.etree.ElementTree

BUDGET = 2200
REASON = re.compile(r"^skipped: (.+)$|^\[  SKIPPED \] (\w+)$", re.M)
PROCESSOR = re.compile(r"^processor: ([0-9.]+) s$", re.M)
# How a test's name begins -> its group; the folder else.
GROUPS = (("test_", "unit"), ("fuzz_", "fuzz-corpus"))


class Preset:
    def __init__(self, folder, word):
        self.name, self.status, *seconds = word.split(":")
        self.build, self.tests, self.build_processor, self.tests_processor = map(int, seconds)
        self.count = self.bad = 0
        self.skipped, self.parts, self.groups, self.slowest, self.dearest = [], [], {}, [], []
        self.failed = self.status == "build"
        report = folder / "build" / self.name / "ctest.xml"
        if self.status in ("build", "none"):
            return
        try:
            cases = xml.etree.ElementTree.parse(report).getroot().findall("testcase")
        except (OSError, xml.etree.ElementTree.ParseError):
            cases = []
        for case in cases:
            self.add(case)
        # Tests that pass while ctest does not, or that are not there, are a failure of their own.
        self.failed = self.count == 0 or (self.status != "0" and self.bad == 0)

    def add(self, case):
        name, status = case.get("name"), case.get("status")
        self.count += 1
        seconds = float(case.get("time") or 0)
        group = next(
            (group for start, group in GROUPS if name.startswith(start)), name.partition("/")[0]
        )
        self.groups[group] = self.groups.get(group, 0) + seconds
        self.slowest.append((seconds, name))
        text = (case.findtext("system-out") or "") + (case.findtext("system-err") or "")
        # run_cases.py tells what a script cost; what a program takes by the clock is its cost.
        cost = PROCESSOR.search(text)
        self.dearest.append((float(cost[1]) if cost else seconds, name))
        reasons = [one or two for one, two in REASON.findall(text)]
        # ctest calls a test that a regular expression skipped `notrun`, as one that returned 77.
        if status == "notrun" and (case.find("skipped") is not None) and not self.lost(case):
            self.skipped.append((name, reasons or ["it does not say why"]))
        elif status != "run" and status != "disabled":
            self.bad += 1
        elif reasons:
            self.parts.append((name, reasons))

    @staticmethod
    def lost(case):
        """A program that is not there is not run either: that is no skipped test."""
        message = case.find("skipped").get("message") or ""
        return not message.startswith("SKIP_")

    def line(self):
        if self.status == "build":
            return f"{self.name:8} does not build"
        if self.status == "none":
            return f"{self.name:8} no test carries the label"
        passed = self.count - self.bad - len(self.skipped)
        return (
            f"{self.name:8} {passed} passed, {self.bad} failed, {len(self.skipped)} skipped; "
            f"build {self.build} s, tests {self.tests} s "
            f"(processor {self.build_processor} s, {self.tests_processor} s)"
        )

    def times(self):
        groups = sorted(self.groups.items(), key=lambda pair: -pair[1])

        def first(tests, count):
            return ", ".join(
                f"{name} {seconds:.0f} s" for seconds, name in sorted(tests, reverse=True)[:count]
            )

        return (
            "         "
            + ", ".join(f"{name} {seconds:.0f} s" for name, seconds in groups)
            + f"; longest: {first(self.slowest, 3)}; dearest: {first(self.dearest, 5)}"
        )


def close(folder, words):
    presets = [Preset(folder, word) for word in words]
    lines = ["== all presets"]
    for preset in presets:
        lines.append(preset.line())
        if preset.count:
            lines.append(preset.times())
    spent = sum(preset.build_processor + preset.tests_processor for preset in presets)
    if spent > BUDGET:
        lines.append(f"processor: {spent} s in all, more than the {BUDGET} s that fit 20 minutes")
    # The same reason is said once, with the presets that it holds for.
    said = {}
    for preset in presets:
        for what, tests in (("not tested", preset.skipped), ("not tested in part", preset.parts)):
            for name, reasons in tests:
                for reason in reasons:
                    said.setdefault((what, name, reason), []).append(preset.name)
    lines += [
        f"{what} ({', '.join(where)}): {name}: {reason}"
        for (what, name, reason), where in said.items()
    ]
    total = sum(max(preset.count, 1 if preset.failed else 0) for preset in presets)
    failed = sum(preset.bad + (1 if preset.failed else 0) for preset in presets)
    if total == 0:
        return lines + ["no tests were run"], 1
    lines.append(
        f"{(total - failed) * 100 // total}% tests passed, {failed} tests failed out of {total}"
    )
    return lines, 1 if failed else 0


CASES = {
    "run": '<testcase name="test_a" time="2" status="run"><system-out>all '
    'well</system-out></testcase>',
    "part": '<testcase name="b" time="1" status="run"><system-out>skipped: B.one: no '
    'root\nprocessor: 9.4 s\n</system-out></testcase>',
    "skip": '<testcase name="c" time="1" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>'
    "<system-out>skipped: no browser\n</system-out></testcase>",
    "lost": '<testcase name="d" time="0" status="notrun"><skipped message="Unable to find '
    'executable"/></testcase>',
    "fail": '<testcase name="e" time="1" status="fail"><failure '
    'message=""/><system-out>bad</system-out></testcase>',
}
# (cases, ctest's status, lines that must be there, exit code)
OVER = "processor: {} s in all, more than the 2200 s that fit 20 minutes"
TWINS = [
    (
        ["run", "part", "skip"],
        "0",
        [
            "release  2 passed, 0 failed, 1 skipped; build 1 s, tests 2 s (processor 3 s, 4 s)",
            "         unit 2 s, b 1 s, c 1 s; longest: test_a 2 s, c 1 s, b 1 s; "
            "dearest: b 9 s, test_a 2 s, c 1 s",
            "not tested (release): c: no browser",
            "not tested in part (release): b: B.one: no root",
            "100% tests passed, 0 tests failed out of 3",
        ],
        0,
        4,
    ),
    (
        ["run", "fail"],
        "8",
        [
            "release  1 passed, 1 failed, 0 skipped; build 1 s, tests 2 s (processor 3 s, 4 s)",
            "50% tests passed, 1 tests failed out of 2",
        ],
        1,
        4,
    ),
    (["run", "lost"], "8", ["50% tests passed, 1 tests failed out of 2"], 1, 4),
    (["run"], "8", ["0% tests passed, 1 tests failed out of 1"], 1, 4),
    ([], "0", ["0% tests passed, 1 tests failed out of 1"], 1, 4),
    ([], "build", ["release  does not build", "0% tests passed, 1 tests failed out of 1"], 1, 4),
    ([], "none", ["no tests were run"], 1, 4),
    (["run"], "0", [OVER.format(2201), "100% tests passed, 0 tests failed out of 1"], 0, 2198),
]


def self_test():
    failures = []
    for cases, status, wanted, code, cost in TWINS:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "build" / "release").mkdir(parents=True)
            text = "<testsuite>" + "".join(CASES[case] for case in cases) + "</testsuite>"
            (folder / "build" / "release" / "ctest.xml").write_text(text, encoding="utf-8")
            lines, given = close(folder, [f"release:{status}:1:2:3:{cost}"])
        if (
            given != code
            or [line for line in wanted if line not in lines]
            or lines[-1] != wanted[-1]
            or any(line.startswith("processor: ") for line in lines) != (cost > BUDGET - 3)
        ):
            failures.append(f"{cases}, ctest {status}: exit {given}, {lines}")
    print("\n".join(failures) or f"{len(TWINS)} summaries are right")
    return 1 if failures else 0


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 4
    if sys.argv[1] == "--self-test":
        return self_test()
    lines, code = close(pathlib.Path(__file__).resolve().parents[1], sys.argv[1:])
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
