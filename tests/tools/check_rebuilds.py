#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what a change of a header costs: how many sources the build compiles again, by its own list of dependencies.

usage: check_rebuilds.py BUILD_DIR        exit 0 all within their limits, 1 not; 77 the build is not ninja's
       check_rebuilds.py --list BUILD_DIR  all headers of ours with their counts
       check_rebuilds.py --self-test       feeds it good and bad twins

A run was once one header, sim/run/run.h, and touching it cost 72 sources. Its successors may cost a fifth of that.
"""
import pathlib
import re
import subprocess
import sys

LIMIT = 72 // 5
FOLDER = "sim/run/"
# A header -> its own limit, tests left out, and why.
OTHERS = {
    "sim/run/run_private.h": (
        15,
        "the inside of a run: its folder's own files, and each test that looks into it by choice",
    )
}


def count(deps):
    """Header of ours -> the sources that include it, from what `ninja -t deps` says."""
    found = {}
    source = None
    for line in deps.splitlines():
        if not line.startswith(" "):
            source = None
            continue
        path = re.sub(r"^(?:\.\./)+|^/.*?/(?=(?:sim|net|devices|lua|tests)/)", "", line.strip())
        if source is None:
            source = path
        elif re.match(r"(?:sim|net|devices|lua)/.*\.h$", path):
            found.setdefault(path, set()).add(source)
    return {
        header: len([s for s in sources if header not in OTHERS or not s.startswith("tests/")])
        for header, sources in found.items()
    }


def check(counts):
    ours = {header: n for header, n in counts.items() if header.startswith(FOLDER)}
    complaints = (
        [] if ours else [f"{FOLDER}: the build knows none of its headers: nothing was checked"]
    )
    for header, n in sorted(ours.items()):
        limit, _ = OTHERS.get(header, (LIMIT, ""))
        if n > limit:
            complaints.append(
                f"{header}:1: {n} sources are compiled again when it changes, and {limit} may: declare ahead what is "
                "only pointed at (typedef struct X X;), or part the header by what it is for"
            )
    complaints += [
        f"{header}: it has a limit of its own and is not there"
        for header in OTHERS
        if ours and header not in ours
    ]
    return complaints, len(ours)


def dependencies(build):
    """None: the build folder is not ninja's."""
    if not (build / "build.ninja").is_file():
        return None
    return subprocess.run(
        ["ninja", "-C", str(build), "-t", "deps"], capture_output=True, text=True, check=True
    ).stdout


def twin(users):
    private = "sim/run/run_private.h"
    return "".join(
        f"{n}.o: #deps 3, deps mtime 1 (VALID)\n    ../../sim/run/{n}.c\n    /usr/include/stdio.h\n"
        f"    ../../sim/run/x.h\n    ../../{private}\n\n"
        for n in range(users)
    )


def self_test():
    failures = []
    if check(count(twin(LIMIT)))[0]:
        failures.append("as many as may be were too many")
    for deps, rule in (
        (twin(LIMIT + 1), "compiled again"),
        ("", "nothing was checked"),
        (twin(3).replace("run_private", "y"), "not there"),
    ):
        complaints = check(count(deps))[0]
        if len(complaints) != 1 or rule not in complaints[0]:
            failures.append(f"a bad twin gave {complaints}, not {rule!r}")
    if count(twin(2) + twin(2)) != {"sim/run/x.h": 2, "sim/run/run_private.h": 2}:
        failures.append("one source was counted twice")
    print("\n".join(failures) or "2 good twins passed, 3 bad twins were caught")
    return 1 if failures else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 4
    deps = dependencies(pathlib.Path(sys.argv[-1]).resolve())
    if deps is None:
        print("skipped: the build folder is not ninja's")
        return 77
    counts = count(deps)
    if sys.argv[1] == "--list":
        for header, n in sorted(counts.items(), key=lambda row: (-row[1], row[0])):
            print(f"{n:4} {header}")
        return 0
    complaints, number = check(counts)
    print(
        "\n".join(complaints)
        or f"{number} headers of {FOLDER} cost at most {LIMIT} sources each, but for {len(OTHERS)}"
    )
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
