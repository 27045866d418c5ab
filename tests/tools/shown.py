#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outputs that README.md and docs/ show, held against what the program prints.

usage: shown.py PROGRAM            exit 0: all are what it prints; 1: the difference of each that
                                   is not, on the standard output
       shown.py PROGRAM --write    rewrites those that are not (make docs)

A comment stands above a block of code, indented or fenced, that is an output:

    <!-- shown: COMMANDS -->       the block is what they print
    <!-- shown -->                 the first line of the block is the command, the rest its output
    <!-- shown: | FILTER -->       the same, through a filter

COMMANDS and FILTER are lines of bash, in an empty folder in which scenarios/ and tests/ lie and
`blackstart` is the program. What they say on standard error is shown where they say 2>&1: else a
run tells there how far it is, on a machine that is slow enough. A long output is shown in part by
a filter that takes the part (sed -n '/from/,/to/p'). A block that begins with a command of
blackstart and goes on with what is neither that nor a comment is an output, and wants its mark.
"""
import difflib
import itertools
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass

TOP = pathlib.Path(__file__).resolve().parents[2]
MARK = re.compile(r"<!-- shown(?::\s*(.*?))?\s*-->\n", re.S)
FENCE = re.compile(r"```[^\n]*\n(.*?)^```$", re.S | re.M)
INDENTED = re.compile(r"((?:    [^\n]*\n|\n(?=(?:\n)*    ))+)")
SECONDS = 250  # for one of them


@dataclass
class Shown:
    """An output in a page: where its text is, and what makes it."""

    page: pathlib.Path
    line: int
    commands: str
    kept: str  # the line of the block that is the command, with its end; "" where it is not there
    body: str
    start: int
    end: int
    indent: str

    def text(self):
        return plain(self.body)


def plain(text):
    """Without what no reader sees: the indentation of all lines, blanks at their ends, and empty
    lines around."""
    lines = [line.rstrip() for line in textwrap.dedent(text).splitlines()]
    return textwrap.dedent("\n".join(lines)).strip("\n") + "\n"


def block_at(text, at):
    """(start, end, indent) of the body of the block that begins there; None: there is none."""
    while text[at : at + 1] == "\n":
        at += 1
    fence = FENCE.match(text, at)
    if fence:
        return fence.start(1), fence.end(1), ""
    indented = INDENTED.match(text, at)
    return (indented.start(1), indented.end(1), "    ") if indented else None


def outputs(page, text):
    """What the page shows; ValueError: a mark without a block, or one that is not written so."""
    if text.count("<!-- shown") != len(MARK.findall(text)):
        raise ValueError(f"{page}: a mark is not written as tests/tools/shown.py has it")
    for mark in MARK.finditer(text):
        line = text.count("\n", 0, mark.start()) + 1
        block = block_at(text, mark.end())
        if block is None:
            raise ValueError(f"{page}:{line}: no block of code below the mark")
        start, end, indent = block
        commands, kept = mark[1] or "", ""
        if commands == "" or commands.startswith("|"):
            kept = text[start : text.index("\n", start) + 1]
            commands = f"{{ {kept.strip()}; }} {commands}"
        yield Shown(page, line, commands, kept, text[start + len(kept) : end], start, end, indent)


def unmarked(page, text):
    """Blocks that show an output and do not say so."""
    marked = {block_at(text, mark.end())[0] for mark in MARK.finditer(text)}
    blocks = [(m.start(1), m[1]) for m in FENCE.finditer(text)]
    blocks += [(m.start(1), m[1]) for m in re.finditer(r"(?<=\n\n)" + INDENTED.pattern, text)]
    for start, body in blocks:
        lines = [line.strip() for line in body.splitlines() if line.strip()]
        command = re.compile(r"(\$ )?(blackstart|[a-z]+ .*\| *blackstart|cd|make|sudo|curl) ?")
        told = itertools.takewhile(lambda line: not line.startswith("#"), lines[1:])
        after = [line for line in told if not command.match(line)]
        if start not in marked and lines and lines[0].startswith("blackstart ") and after:
            line = text.count("\n", 0, start) + 1
            yield f"{page}:{line}: an output without its comment: {after[0]}"


def printed(shown, program, folder):
    """What the program prints now."""
    where = pathlib.Path(folder)
    for name in ("scenarios", "tests", "docs"):
        if not (where / name).exists():
            (where / name).symlink_to(TOP / name)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG"))}
    environment |= {"NO_COLOR": "1", "PATH": f"{program.parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", shown.commands],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=SECONDS,
        env=environment,
        text=True,
    )
    return plain(done.stdout)


def rewritten(text, shown, now):
    lines = [(shown.indent + line).rstrip() for line in now.splitlines()]
    gap = "\n" if shown.kept else ""
    return text[: shown.start] + shown.kept + gap + "\n".join(lines) + "\n" + text[shown.end :]


def look(page, program, write=False):
    """A text for each thing that is wrong with a page, which `write` mends."""
    text = page.read_text(encoding="utf-8")
    shows = list(outputs(page, text))
    wrong = list(unmarked(page, text))
    for shown in reversed(shows):
        with tempfile.TemporaryDirectory() as folder:
            now = printed(shown, program, folder)
        if now == shown.text():
            continue
        if write:
            text = rewritten(text, shown, now)
            continue
        told, is_now = shown.text().splitlines(), now.splitlines()
        names = f"{page}:{shown.line}", "what is printed"
        wrong.append("\n".join(difflib.unified_diff(told, is_now, *names, lineterm="")))
    if write:
        page.write_text(text, encoding="utf-8")
    return wrong


def pages():
    return [TOP / "README.md", *sorted((TOP / "docs").rglob("*.md"))]


def main():
    words = sys.argv[1:]
    if len(words) not in (1, 2) or words[1:] not in ([], ["--write"]):
        sys.exit(__doc__)
    program = pathlib.Path(words[0]).resolve()
    if not program.is_file():
        sys.exit(f"no such program: {words[0]}")
    wrong = [line for page in pages() for line in look(page, program, words[1:] != [])]
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
