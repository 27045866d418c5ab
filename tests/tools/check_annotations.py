#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds scenarios against the annotations of their language, as an editor with lua-language-server
does: words, members, methods and fields that are not there, fields that are missing.

usage: check_annotations.py ANNOTATIONS FILE.lua...     exit 0 clean, 1 not (file, line, word are
                                                        printed)
       check_annotations.py --self-test                 feeds it good and bad twins
"""
import pathlib
import re
import sys

TOKEN = re.compile(
    r"(?P<skip>--\[\[.*?\]\]|--[^\n]*|\s+)|(?P<text>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|"
    r"\[\[.*?\]\])|(?P<name>[A-Za-z_]\w*)|"
    r"(?P<number>\d[\w.]*)|(?P<sign>\.\.\.?|[=~<>]=|//|.)",
    re.S,
)
KEYWORDS = set(
    "and break do else elseif end false for function goto if in local nil not or repeat return "
    "then true until while".split()
)
PHASES = {"setup", "drill", "verdict"}
LUA = {
    "assert",
    "error",
    "ipairs",
    "math",
    "pairs",
    "pcall",
    "select",
    "string",
    "table",
    "tonumber",
    "tostring",
    "type",
}
TEXT_METHODS = set("byte find format gmatch gsub len lower match rep reverse sub upper".split())


class Language:
    """What annotations say there is."""

    def __init__(self, text):
        self.words, self.members, self.methods, self.classes, self.takes = set(), {}, set(), {}, {}
        current, first = None, None
        for line in text.splitlines():
            if found := re.match(r"---@class (?:\(exact\) )?(blackstart[\w.]*)(?:: (\S+))?", line):
                current = self.classes.setdefault(found[1], {})
                current.update(self.classes.get(found[2], {}))
            elif found := re.match(r"---@field (\w+)(\??) (\S+)", line):
                current[found[1]] = (found[3], not found[2])
            elif found := re.match(r"---@param \S+ (\S+)", line):
                first = first or found[1]
            elif found := re.match(r"function ([\w.:]+)\(", line):
                self.add(found[1], first)
                first = None
            elif found := re.match(r"([a-z_, ]+) = (?:nil|\{\})", line):
                for name in found[1].split(", "):
                    self.words.add(name)
                    self.members.setdefault(name, set())

    def add(self, name, takes):
        # a word and a method may be called alike
        self.takes[":" + name.split(":")[1] if ":" in name else name] = takes
        if ":" in name:
            self.methods.add(name.split(":")[1])
        elif "." in name:
            self.members[name.split(".")[0]].add(name.split(".")[1])
        else:
            self.words.add(name)


def tokens_of(text):
    line, found = 1, []
    for match in TOKEN.finditer(text):
        if match.lastgroup != "skip":
            found.append((match.lastgroup, match.group(), line))
        line += match.group().count("\n")
    return found + [("end", "", line)] * 3


def locals_of(tokens):
    """All names that are local anywhere in the file."""
    names = set()
    for at, (_, word, _) in enumerate(tokens):
        if word in ("local", "for"):
            until = {"local": ("=", "function"), "for": ("=", "in")}[word]
            at += 1
            while (
                tokens[at][0] == "name"
                and tokens[at][1] not in until
                and tokens[at][1] not in KEYWORDS
            ):
                names.add(tokens[at][1])
                at += 2 if tokens[at + 1][1] == "," else 1
            if tokens[at][1] == "function":
                names.add(tokens[at + 1][1])
        elif word == "function":
            at += 1 if tokens[at + 1][1] == "(" else 2
            while tokens[at][1] not in (")", ""):
                if tokens[at][0] == "name":
                    names.add(tokens[at][1])
                at += 1
    return names


class Check:
    def __init__(self, language, path, text):
        self.language, self.path, self.found = language, path, []
        self.tokens = tokens_of(text)
        self.locals = locals_of(self.tokens)
        self.keys = set()  # places of names that are keys of a table
        self.brackets()
        self.names()

    def complain(self, line, what):
        self.found.append(f"{self.path}:{line}: {what}")

    def brackets(self):
        """Keys of tables; and the tables that a word takes, held against its class."""
        stack = []
        for at, (_, word, _) in enumerate(self.tokens):
            if word in "{([" and word:
                stack.append(word)
            elif word in "})]" and word and stack:
                stack.pop()
            elif (
                stack
                and stack[-1] == "{"
                and self.tokens[at + 1][1] == "="
                and self.tokens[at][0] == "name"
            ):
                self.keys.add(at)
        for at, (_, word, _) in enumerate(self.tokens):
            if word == "{":
                before = at - 2 if self.tokens[at - 1][1] == "(" else at - 1
                self.table(at, self.taken(before))

    def taken(self, at):
        """The class of the table that the word which ends at `at` takes; None: it takes none, or is
        no word.
        """
        kind, word, _ = self.tokens[at]
        if kind != "name" or word in self.locals and self.tokens[at - 1][1] != ":":
            return None
        if self.tokens[at - 1][1] == ".":
            word = f"{self.tokens[at - 2][1]}.{word}"
        elif self.tokens[at - 1][1] == ":":
            word = ":" + word
        return self.language.takes.get(word)

    def table(self, at, kind):
        if kind is None or not kind.startswith("blackstart."):
            return
        name, _, is_list = kind.partition("[]")
        fields = self.language.classes.get(name)
        line, given, depth, at = self.tokens[at][2], set(), 1, at + 1
        while depth and self.tokens[at][0] != "end":
            word = self.tokens[at][1]
            if depth == 1 and at in self.keys and "[]" not in kind and fields is not None:
                given.add(word)
                if word not in fields:
                    self.complain(self.tokens[at][2], f"{name} has no field '{word}'")
                elif self.tokens[at + 2][1] == "{":
                    self.table(at + 2, fields[word][0])
            elif depth == 1 and word == "{" and "[]" in kind:
                self.table(at, name)
            depth += (word in "{([") - (word in "})]") if word else 0
            at += 1
        if fields is not None and "[]" not in kind:
            for field, (_, needed) in fields.items():
                if needed and field not in given:
                    self.complain(line, f"{name} lacks its field '{field}'")

    def names(self):
        known = self.language.words | self.locals | PHASES | LUA | KEYWORDS
        for at, (kind, word, line) in enumerate(self.tokens):
            if kind != "name" or at in self.keys:
                continue
            before = self.tokens[at - 1][1] if at else ""
            if before == ":":
                if word not in self.language.methods | TEXT_METHODS:
                    self.complain(line, f"no method is called '{word}'")
            elif before == ".":
                group = self.tokens[at - 2][1]
                if (
                    self.language.members.get(group)
                    and group not in self.locals
                    and word not in self.language.members[group]
                ):
                    self.complain(line, f"{group} has no '{word}'")
            elif word not in known:
                self.complain(line, f"nothing is called '{word}'")


def check(annotations, path, text):
    return Check(Language(annotations), path, text).found


TINY = """---@meta
fleet, law = {}, {}
---@class (exact) blackstart.device
---@field model string a text
---@class (exact) blackstart.streets
---@field homes integer how many
---@field devices blackstart.device[]
---@param fields blackstart.streets
function fleet.streets(fields) end
---@param span string
function wait(span) end
function Selection:cut_power() end
---@class (exact) blackstart.model
---@field based_on string a text
---@param fields blackstart.model
function model(fields) end
---@param name string
function Selection:model(name) end
"""
GOOD = """local street -- a comment with nonsense(words)
function setup(p)
    model { based_on = "bulb" }
    street = fleet.streets { homes = p.homes * 2, devices = { { model = "thermostat" }, make("x") } }
end
local function make(name) return { model = name, whatever = 1 } end
function drill(p)
    for i = 1, 3 do wait "10m" end
    street:cut_power()
    local text = ("a"):rep(3)
end
"""
TWINS = [
    ("wait \"10m\"", "wate \"10m\"", "nothing is called 'wate'"),
    ("cut_power", "cut_pwer", "no method is called 'cut_pwer'"),
    ("fleet.streets {", "fleet.street {", "fleet has no 'street'"),
    ("{ homes =", "{ hoems =", "has no field 'hoems'"),
    ("homes = p.homes * 2, ", "", "lacks its field 'homes'"),
    ("model { based_on = \"bulb\" }", "model {}", "lacks its field 'based_on'"),
    ("{ model = \"thermostat\" }", "{ modle = \"thermostat\" }", "has no field 'modle'"),
]


def self_test():
    wrong = [f"the good one: {found}" for found in check(TINY, "good.lua", GOOD)]
    for old, new, wanted in TWINS:
        found = check(TINY, "twin.lua", GOOD.replace(old, new, 1))
        if GOOD.replace(old, new, 1) == GOOD or not any(wanted in one for one in found):
            wrong.append(f"{new!r}: {found} instead of {wanted!r}")
    return wrong


def main(arguments):
    if arguments == ["--self-test"]:
        found = self_test()
    else:
        annotations = pathlib.Path(arguments[0]).read_text(encoding="utf-8")
        found = [
            one
            for path in arguments[1:]
            for one in check(annotations, path, pathlib.Path(path).read_text(encoding="utf-8"))
        ]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
