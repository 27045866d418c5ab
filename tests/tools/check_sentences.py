#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the judge's sentences in one place: what it says is held by tests/data/sentences.txt, and
every other test compares verdicts, measures and names of defects.

usage: check_sentences.py SOURCE_DIR    exit 0 no other test holds a piece of a sentence, 1 one does
       check_sentences.py --self-test   feeds it good and bad twins

A piece is four words or more in a row of a sentence of that file, numbers aside, in a text of a
test in Python or C. What is no sentence may stand anywhere: names of measures and of defects, and
whole sentences of a reader or of the program. Lines of error that say what failed, and tests in C
of what makes the sentences, which are older than the file, are counted in HELD: a number there may
only become smaller.
"""
import ast
import pathlib
import re
import sys

GOLDEN = "tests/data/sentences.txt"
WORDS = 4
NOT_LOOKED_AT = {"tests/unit/test_sentences.c", "tests/tools/check_sentences.py"}
HELD = {
    # lines of error, which name what failed in the judge's words
    "tests/cli/test_exit_codes.py": 1,
    "tests/cli/test_outlets.py": 1,
    "tests/interop/test_targets_that_fail.py": 8,
    # what makes the sentences
    "tests/unit/test_answered.c": 15,
    "tests/unit/test_check.c": 3,
    "tests/unit/test_check_silence.c": 1,
    "tests/unit/test_contention.c": 5,
    "tests/unit/test_declaration.c": 9,
    "tests/unit/test_examined.c": 1,
    "tests/unit/test_pack.c": 1,
}
# How a text of a test is parted before it is compared: places of printf, of regular expressions.
PARTS = re.compile(
    r"%[-+.*\d]*(?:PRIu64|ll|l|z)?[a-zA-Z%]|\.[*+]|\[[^\]]*\][*+]?|[|()^$\n]|\\[dSw][+*]?"
)
LITERAL_C = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
NAMES = (
    ("sim/judge", re.compile(r'judge_finding_(?:measure|inform)\(\s*\w+,\s*"([^"]+)"')),
    ("sim/judge", re.compile(r'^\s*X\(\w+, "([^"]+)",\s', re.M)),
)


def plain(text):
    """Numbers and blanks as one sign each, no escapes."""
    text = re.sub(r"\d[\d,.]*", "#", text.replace("\\", ""))
    return re.sub(r"\s+", " ", text).strip(" .,;:#")


def texts_of_python(source):
    """Line and text of each that is no documentation."""
    tree, documentation = ast.parse(source), set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                documentation.add(id(first.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in documentation:
                yield node.lineno, node.value


def texts_of_c(source):
    """Line and text of each, those that follow one another as one."""
    source = re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), source, flags=re.S)
    for found in re.finditer(LITERAL_C.pattern + r"(?:\s*" + LITERAL_C.pattern + ")*", source):
        yield source.count("\n", 0, found.start()) + 1, "".join(LITERAL_C.findall(found[0]))


def pieces(texts, golden, names):
    """Line and piece of each text that holds a part of a golden sentence."""
    for line, text in texts:
        for part in map(plain, PARTS.split(re.sub(r"\\(?=[.()])", "", text))):
            if len(part.split()) >= WORDS and part in golden and not any(part in n for n in names):
                yield line, part


def golden_of(text):
    """Verdict by verdict what is said, without the names of defects."""
    rows = [line.split(" | ", 3) for line in text.splitlines() if not line.startswith("#")]
    return "\n".join(plain(row[3]) for row in rows if len(row) == 4)


def names_of(folder):
    """Names of measures and of defects."""
    return {
        plain(name)
        for where, form in NAMES
        for path in (folder / where).glob("*.[ch]")
        for name in form.findall(path.read_text(encoding="utf-8"))
    }


def look(folder):
    """All complaints."""
    golden = golden_of((folder / GOLDEN).read_text(encoding="utf-8"))
    names, counts = names_of(folder), {}
    for path in sorted((folder / "tests").rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix not in (".py", ".c", ".h") or name in NOT_LOOKED_AT:
            continue
        texts = texts_of_python if path.suffix == ".py" else texts_of_c
        found = list(pieces(texts(path.read_text(encoding="utf-8")), golden, names))
        counts[name] = len(found)
        if len(found) > HELD.get(name, 0):
            for line, piece in found:
                yield (
                    f"{name}:{line}: \"{piece}\" is what the judge says: compare measures, or hold "
                    f"the sentence in {GOLDEN}"
                )
    for name, held in HELD.items():
        if counts.get(name, 0) < held:
            yield f"{name}: it holds {counts.get(name, 0)} pieces now: say so in HELD, not {held}"


def self_test():
    golden = golden_of(
        "# unit | evidence | verdict | text\n"
        "5.9 | one | FAIL | In the busiest second 400 attempts arrived where 20 are admitted.\n"
        "5.9 | two | PASS | Each device was back: 1 | 2. Defect: jitter lost at the cap.\n"
    )
    names = {"jitter lost at the cap"}
    for text, held in (
        ('x = "in the busiest second 12 attempts"', False),  # another letter begins it
        ('x = "the busiest second 12 attempts arrived"', True),
        ('x = r"^.* busiest second \\d+ attempts arrived"', False),
        ('x = r"attempts arrived where 7 are.*"', True),
        ('x = f"{y}: attempts arrived where {z} are admitted"', False),
        ('"""the busiest second 12 attempts arrived"""', False),
        ('x = {"jitter lost at the cap": 1}', False),
        ('x = "attempts arrived where"', False),
    ):
        assert bool(list(pieces(texts_of_python(text), golden, names))) == held, text
    for text, held in (
        ('say("the busiest second "\n    "%u attempts arrived");', False),
        ('say("the busiest second 400 "\n    "attempts arrived");', True),
        ('/* "the busiest second 400 attempts arrived" */', False),
        ('is("Each device was back: 1 | 2");', True),
    ):
        assert bool(list(pieces(texts_of_c(text), golden, names))) == held, text
    print("the reading of sentences holds")
    return 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    complaints = list(look(pathlib.Path(arguments[0])))
    print("\n".join(complaints) if complaints else "the judge's sentences are in one place")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
