#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the judge's sentences in one place: what it says is held by tests/data/sentences.txt, and
every other test compares verdicts, measures and names of defects.

usage: check_sentences.py SOURCE_DIR    exit 0 no other test holds a piece of a sentence, 1 one does
       check_sentences.py --self-test   feeds it good and bad twins

A piece is four words or more in a row of a sentence of that file, numbers aside, in a text of a
test in Python or C. What is no sentence may stand anywhere: names of measures and of defects, and
whole sentences of a reader or of the program.
"""
import ast
import pathlib
import re
import sys

GOLDEN = "tests/data/sentences.txt"
WORDS = 4
NOT_LOOKED_AT = {"tests/unit/test_sentences.c", "tests/tools/check_sentences.py"}
# How a text of a test is parted before it is compared: places of printf, of regular expressions.
PARTS = re.compile(
    r"%[-+.*\d]*(?:PRIu64|ll|l|z)?[a-zA-Z%]|\.[*+]|\[[^\]]*\][*+]?|[|()^$\n]|\\[dSw][+*]?"
)
LITERAL_C = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
# How a measure or a defect is named in the sources of the judge: the last group is the name.
NAMES = (
    re.compile(r'\b(?:judge_finding_)?(?:measure|inform)\w*\(\s*\w+,\s*"([^"]+)"'),
    re.compile(r'^\s*X\(\w+, "([^"]+)",\s', re.M),
    # a table of names of which one is handed to a measure
    re.compile(
        r"\*const (\w+)\[\w*\] = \{([^}]*)\}" r"(?=.*(?:measure|inform)\w*\(\s*\w+,\s*\1\[)", re.S
    ),
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


def names_in(source):
    for form in NAMES:
        for found in form.finditer(source):
            yield plain(found[found.lastindex])


def names_of(folder):
    """Names of measures and of defects."""
    return {
        name
        for path in (folder / "sim/judge").glob("*.[ch]")
        for name in names_in(path.read_text(encoding="utf-8"))
    }


def look(folder):
    """All complaints."""
    golden = golden_of((folder / GOLDEN).read_text(encoding="utf-8"))
    names = names_of(folder)
    for path in sorted((folder / "tests").rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix not in (".py", ".c", ".h") or name in NOT_LOOKED_AT:
            continue
        texts = texts_of_python if path.suffix == ".py" else texts_of_c
        for line, piece in pieces(texts(path.read_text(encoding="utf-8")), golden, names):
            yield (
                f"{name}:{line}: \"{piece}\" is what the judge says: compare measures, or hold "
                f"the sentence in {GOLDEN}"
            )


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
    for source, found in (
        ('judge_finding_measure(out, "jitter", "", value', True),
        ('measure_sample(out, "jitter", "", &rate', True),
        ('*const all[2] = {"jitter", "drift"}; judge_finding_inform(out, all[i], "s"', True),
        ('*const all[2] = {"jitter", "drift"}; judge_finding_say(out, all[i])', False),
        ('judge_finding_say(out, "jitter")', False),
    ):
        assert any("jitter" in name for name in names_in(source)) == found, source
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
