# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that README.md and docs/ tell to type: lines of their blocks of code, and words in
backquotes. What is done with them: tests/cli/test_documented_commands.py.
"""
import re
from dataclasses import dataclass

import shown

# Whose commands these are. A program's name alone is its name, and no command; but for our own,
# whose `blackstart` alone is the name, too.
OTHERS = (
    "apt apt-get bash cmake ctest curl diff docker make man mmdebstrap mosquitto mosquitto_sub npm "
    "podman python3 sudo systemctl tail taskset tcpdump zcat"
).split()
FIRST = re.compile(r"(?:^|[|;&(] +|<\()((?:[\w.-]+/)*[\w.-]+)(?= |$)")
LANGUAGES = ("", "sh", "bash", "yaml", "console")
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.S | re.M)
SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")


@dataclass
class Command:
    """`how` it stands there: shown (with its output, tests/tools/shown.py), in a fence (its
    language), in an indented block (block), or in running text (span)."""

    page: str
    line: int
    how: str
    text: str

    def __str__(self):
        return f"{self.page}:{self.line}: `{self.text}`"


def programs(text):
    """The programs that a line of bash calls, by their names."""
    return [name.rsplit("/", 1)[-1] for name in FIRST.findall(text)]


def is_command(line):
    return any(name == "blackstart" or name in OTHERS for name in programs(line))


def blank(text, start, end):
    """The text without that part, its lines where they were."""
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def lines_of(body):
    """(number, line) of a block: without the prompt or the key of YAML in front, what explains it
    behind, and breaks."""
    number = 0
    for line in re.sub(r"\\\n *", lambda m: "\0" * m[0].count("\n"), body).split("\n"):
        plain = re.sub(r"^(?:- )?(?:run: )?(?:\$ )?", "", line.replace("\0", "").strip())
        yield number, re.split(r" {3,}(?![# ])", plain)[0]
        number += 1 + line.count("\0")


def in_span(words, verbs):
    """The command that words in backquotes are; None: none."""
    text = " ".join(words.split())
    if "…" in text or " " not in text:  # names of commands, and what stands for any
        return None
    if text.split()[0] in verbs:  # `run --live -`: of which program is plain there
        return f"blackstart {text}"
    return text if FIRST.match(text) and is_command(text) else None


def commands(page, text, verbs):
    """All of a page, in the order in which they stand; `verbs` are the program's own commands."""
    found = []

    def add(at, how, line):
        found.append((at, Command(page, text.count("\n", 0, at) + 1, how, line)))

    rest = text
    for one in shown.outputs(page, text):
        add(one.start, "shown", one.commands)
        rest = blank(rest, one.start - len(one.kept), one.end)
    for comment in re.finditer(r"<!--.*?-->", text, re.S):
        rest = blank(rest, *comment.span())
    blocks = [(fence.start(2), fence[2], fence[1], fence.span()) for fence in FENCE.finditer(rest)]
    for _, _, _, (start, end) in blocks:
        rest = blank(rest, start, end)
    blocks += [
        (block.start(1), block[1], "block", block.span(1))
        for block in re.finditer(r"(?<=\n\n)" + shown.INDENTED.pattern, rest)
    ]
    for start, body, how, span in blocks:
        rest = blank(rest, *span)
        for number, line in lines_of(body) if how in (*LANGUAGES, "block") else ():
            if is_command(line):
                at = start + sum(len(one) + 1 for one in body.split("\n")[:number])
                add(at, how, line)
    for span in SPAN.finditer(rest):
        line = in_span(span[1], verbs)
        if line:
            add(span.start(), "span", line)
    return [command for _, command in sorted(found, key=lambda one: one[0])]


def forms(text):
    """What a line that leaves things open may mean: `[THIS|THAT]` may be there or not, of
    `THIS|THAT` there is one, `...` may be more, and options may be none."""
    text = re.sub(r" ?\.\.\.(?=[ |]|$)", "", text.replace(" [options]", ""))
    if ", blackstart " in text:
        return [one for part in re.split(", (?=blackstart )", text) for one in forms(part)]
    for choice in (r" \[([^\]]*)\]", r" ([\w.-]+(?:\|[\w.-]+)+)(?= |$)"):
        told = re.search(choice, text)
        if told:
            ways = [f" {way}" for way in told[1].split("|")]
            ways = ["", *ways] if choice.startswith(r" \[") else ways
            head, tail = text[: told.start()], text[told.end() :]
            return [one for way in ways for one in forms(head + way + tail)]
    return [text]
