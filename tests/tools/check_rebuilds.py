#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what a change of a header costs: how many sources the build compiles again, by its own
list of dependencies.

usage: check_rebuilds.py BUILD_DIR         exit 0: within the limits, 1: not, 77: not ninja
       check_rebuilds.py --list BUILD_DIR  all headers of ours with their counts
       check_rebuilds.py --self-test       feeds it good and bad twins

A run was once one header, sim/run/run.h, and touching it cost 72 sources. Its successors may cost a
fifth of that, and so may the street, which cost 64 while its struct lay open.
"""
import pathlib
import re
import subprocess
import sys

LIMIT = 72 // 5
FOLDER = "sim/run/"
# Headers for which tests do not count, as they look inside by choice: the limit of each, and why.
OTHERS = {
    "sim/run/run_private.h": (LIMIT, "the inside of a run"),
    "sim/fleet/street.h": (LIMIT, "a street, for who drives it"),
}
# A header that only its own folder's sources may include: their number grows with the faults, each
# of which is a file (docs/add/fault.md). Tests look inside by choice.
INSIDE = "sim/fleet/street_private.h"


def users(deps):
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
    return found


def count(found):
    return {
        header: len([s for s in sources if header not in OTHERS or not s.startswith("tests/")])
        for header, sources in found.items()
    }


def outsiders(found):
    folder = INSIDE.rpartition("/")[0] + "/"
    for source in sorted(found.get(INSIDE, ())):
        if not source.startswith((folder, "tests/")):
            yield f"{source}:1: includes {INSIDE}, which is for {folder} alone: use its verbs"


def check(found):
    counts = count(found)
    ours = {h: n for h, n in counts.items() if h.startswith(FOLDER) or h in OTHERS}
    complaints = [] if ours else [f"{FOLDER}: the build knows none of its headers"]
    for header, n in sorted(ours.items()):
        limit, _ = OTHERS.get(header, (LIMIT, ""))
        if n > limit:
            complaints.append(
                f"{header}:1: {n} sources are compiled again when it changes, and {limit} may: "
                "declare ahead what is only pointed at (typedef struct X X;), or part the header "
                "by what it is for"
            )
    complaints += [
        f"{header}: it has a limit of its own and is not there"
        for header in OTHERS
        if ours and header not in ours
    ]
    return complaints + list(outsiders(found)), len(ours)


def dependencies(build):
    """None: the build folder is not ninja's."""
    if not (build / "build.ninja").is_file():
        return None
    return subprocess.run(
        ["ninja", "-C", str(build), "-t", "deps"], capture_output=True, text=True, check=True
    ).stdout


def twin(sources):
    """What a build says of that many sources, which include one header more than they may."""
    others = "".join(f"    ../../{header}\n" for header in OTHERS)
    return "".join(
        f"{n}.o: #deps 3, deps mtime 1 (VALID)\n    ../../sim/run/{n}.c\n"
        f"    /usr/include/stdio.h\n    ../../sim/run/x.h\n{others}\n"
        for n in range(sources)
    )


def self_test():
    failures = []
    if check(users(twin(LIMIT)))[0]:
        failures.append("as many as may be were too many")
    one_more = twin(LIMIT + 1)
    bad = [(one_more.replace("sim/run/x.h", "net/x.h"), "sim/fleet/street.h:1: 15 sources")]
    bad += [(one_more, "sim/run/x.h:1: 15 sources"), ("", "knows none")]
    bad += [(twin(3).replace("run_private", "y"), "run_private.h: it has a limit of its own and")]
    inside = twin(1).replace("run_private.h", "run_private.h\n    ../../" + INSIDE)
    bad += [(inside, "sim/run/0.c:1: includes sim/fleet/street_private.h")]
    for deps, rule in bad:
        complaints = check(users(deps))[0]
        if not any(rule in c for c in complaints):
            failures.append(f"a bad twin gave {complaints}, not {rule!r}")
    if count(users(twin(2) + twin(2))) != {"sim/run/x.h": 2, **dict.fromkeys(OTHERS, 2)}:
        failures.append("one source was counted twice")
    with_tests = twin(2).replace("../../sim/run/1.c", "../../tests/unit/1.c")
    if count(users(with_tests)) != {"sim/run/x.h": 2, **dict.fromkeys(OTHERS, 1)}:
        failures.append("a test counted where tests do not")
    print("\n".join(failures) or f"3 good twins passed, {len(bad)} bad twins were caught")
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
    found = users(deps)
    if sys.argv[1] == "--list":
        for header, n in sorted(count(found).items(), key=lambda row: (-row[1], row[0])):
            print(f"{n:4} {header}")
        return 0
    complaints, number = check(found)
    print(
        "\n".join(complaints)
        or f"{number} headers of {FOLDER} and of the street cost no more sources than they may"
    )
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
