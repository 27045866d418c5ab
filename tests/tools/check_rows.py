#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each row has its test: a file of a fault, check, hop, law or model, and a file of tests/unit/
that is about it.

usage: check_rows.py SOURCE_DIR   exit 0 each has one, 1 one has none
       check_rows.py --self-test  feeds it good and bad twins

Of sim/fleet/fault_NAME.c the test is test_fault_NAME.c, and so of the others; of a check
test_NAME.c does, too. Laws and hops are values, and are tried side by side: test_law.c and
test_hop.c do for a row that they name.
"""
import pathlib
import re
import sys
import tempfile

# kind -> files of its rows, and the test of all of them, with what names a row there.
KINDS = {
    "fault": ("sim/fleet/fault_*.c", None, None),
    "check": ("sim/judge/check_*.c", None, None),
    "hop": ("net/hop_*.c", "test_hop.c", "net_hop_{}"),
    "law": ("devices/law_*.c", "test_law.c", "DEV_LAW_{}"),
}
MODEL = re.compile(r"^const dev_model dev_(\w+) = ", re.M)
# A file that looks like a row and is none -> why.
OTHERS = {"devices/law_one_draw.c": "a step that several laws share"}


def names_row(root, common, row):
    """Whether the test of all rows of a kind names this one."""
    if common is None or not (root / "tests/unit" / common).is_file():
        return False
    text = (root / "tests/unit" / common).read_text(encoding="utf-8")
    return re.search(rf"\b{row}\b", text, re.I) is not None


def check(root):
    units = {path.name for path in (root / "tests/unit").glob("test_*.c")}
    complaints, rows = [], 0
    for kind, (pattern, common, row) in KINDS.items():
        for path in sorted(root.glob(pattern)):
            place = path.relative_to(root).as_posix()
            if place in OTHERS:
                continue
            rows += 1
            name = path.stem[len(kind) + 1 :]
            tests = {f"test_{path.stem}.c"} | ({f"test_{name}.c"} if kind == "check" else set())
            if not tests & units and not names_row(root, common, (row or "").format(name)):
                complaints.append(
                    f"{place}:1: this {kind} has no test: write tests/unit/test_{path.stem}.c"
                )
    for path in sorted((root / "devices").glob("*.c")):
        for name in MODEL.findall(path.read_text(encoding="utf-8")):
            rows += 1
            if f"test_{name}.c" not in units:
                complaints.append(
                    f"{path.relative_to(root).as_posix()}:1: this model has no test: write "
                    f"tests/unit/test_{name}.c"
                )
    return complaints, rows


GOOD = {
    "sim/fleet/fault_rain.c": "",
    "tests/unit/test_fault_rain.c": "",
    "sim/judge/check_calm.c": "",
    "tests/unit/test_calm.c": "",
    "devices/law_slow.c": "",
    "tests/unit/test_law.c": "DEV_LAW_SLOW",
    "devices/lamp.c": "const dev_model dev_lamp = {};",
    "tests/unit/test_lamp.c": "",
    "devices/law_one_draw.c": "",
}


def twin(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        return check(root)


def self_test():
    failures = []
    complaints, rows = twin(GOOD)
    if complaints or rows != 4:
        failures.append(f"the good twin gave {complaints}, {rows} rows")
    for test in (path for path in GOOD if path.startswith("tests/")):
        complaints, _ = twin(
            {path: text for path, text in GOOD.items() if path != test}
            | {"tests/unit/test_x.c": ""}
        )
        if len(complaints) != 1:
            failures.append(f"without {test}: {complaints}")
    short = {
        path.replace("fault_rain.c", "rain.c") if "unit" in path else path: text
        for path, text in GOOD.items()
    }
    if len(twin(short)[0]) != 1:
        failures.append("a test of another rain did")
    if len(twin(GOOD | {"tests/unit/test_law.c": "DEV_LAW_SLOWER"})[0]) != 1:
        failures.append("a test that names another row did")
    print("\n".join(failures) or "1 good twin passed, 6 bad twins were caught")
    return 1 if failures else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 4
    complaints, rows = check(pathlib.Path(sys.argv[1]).resolve())
    if rows == 0:
        complaints.append(f"{sys.argv[1]}: no rows found: nothing was checked")
    print("\n".join(complaints) or f"each of {rows} rows has its test")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
