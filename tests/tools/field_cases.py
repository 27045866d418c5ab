#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of field cases in docs/field-cases.md, made from the one in tests/cli/test_field.py,
which holds each of them against the program.

usage: field_cases.py           exit 1 when the page is not what the table says
       field_cases.py --write   writes it
"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
PAGE = TOP / "docs" / "field-cases.md"
sys.path.insert(0, str(TOP / "tests" / "cli"))
import test_field  # noqa: E402

WORDS = {0: "PASS", 1: "FAIL", 5: "INCONCLUSIVE"}
HEAD = """<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
# Field cases

Logs and captures as people have them, made for this project after public bug reports and log formats; names and addresses in them are
invented. They lie in `tests/data/field/`, each stands for a kind, and `tests/cli/test_field.py` holds what [`blackstart judge`](judge.md) says against
this page, which is made from its table (`python3 tests/tools/field_cases.py --write`).

"""


def code(words):
    return "`" + " ".join(words).replace("|", "\\|") + "`" if words else ""


def table(head, rows):
    return (
        "\n".join(
            [
                "| " + " | ".join(head) + " |",
                "| " + " | ".join("---" for _ in head) + " |",
                *("| " + " | ".join(row) + " |" for row in rows),
            ]
        )
        + "\n"
    )


def shown(data):
    """Bytes of a file as a reader can take them."""
    return "`" + re.sub(r"[^ -~]", ".", data.decode("latin-1")).replace("|", "\\|").strip() + "`"


def page(field):
    judged = [
        (", ".join(f"`{name}`" for name in files), code(options), WORDS[exit_code])
        for files, options, exit_code, _ in field.TABLE
    ]
    refused = [
        (
            f"`{name}`",
            code(options),
            re.sub(r"\\(.)", r"\1", pattern.replace(".*", "…")).replace("|", "\\|"),
        )
        for name, options, pattern in getattr(field, "REFUSED", ())
    ]
    twins = [
        (f"`{name}`", shown(old), shown(new), WORDS[exit_code])
        for name, old, new, _, exit_code, _ in field.TWINS
    ]
    text = HEAD + "## What is judged\n\n" + table(("file", "options", "verdict"), judged)
    text += "\n## What is not read, and how that is said\n\nOne line, exit code 4.\n\n" + table(
        ("file", "options", "the line"), refused
    )
    text += (
        "\n## Bad twins\n\nThe same with one thing changed, which must be judged otherwise, "
        "or for another reason.\n\n"
    )
    return text + table(("file", "instead of", "stands", "verdict"), twins)


def main():
    wanted = page(test_field)
    if "--write" in sys.argv:
        PAGE.write_text(wanted, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != wanted:
        print(
            "docs/field-cases.md is not what tests/cli/test_field.py says: python3 "
            "tests/tools/field_cases.py --write"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
