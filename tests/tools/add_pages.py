#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds and runs the example of each page of docs/add/, and counts the files that it touches.

usage: add_pages.py BUILD_DIR [PAGE...]     each by itself; exit 0 all examples hold, 1 one does not
       add_pages.py BUILD_DIR --together    all of them over one tree, built once
       add_pages.py --self-test             feeds the reading of pages good and bad twins

A page holds its example in fenced blocks whose first line names the language and a file of the
source tree:

    ```c devices/sprinkler.c          a file that is not there yet, whole
    ```diff devices/models.c          lines to add to a file that is there: ' ' what stands there,
                                      '+' what comes after it
    ```sh                             a command line of the program, `blackstart ...`, that must
                                      succeed
    ```sh exit=1                      one that must end with this exit code
    ```text                           what its output must hold, line by line, in this order

The example is laid over the source tree in a folder of its own: only what it changes, and what
includes a header that it changes, is compiled anew, and linked before the libraries of BUILD_DIR. A
file tests/unit/test_*.c is built to a program of its own, and run. An example may stand on that of
another page, which is then laid first and not counted: a line `The example stands on that of
[page](page.md)...`. Files are counted but for those under docs/ and tests/: what is added is one
file and one test, and at most one line in a list.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
PAGES = TOP / "docs" / "add"
MAIN = "sim/main.c"
BELOW = re.compile(r"^The example stands on that of \[(\w+)\]\(\1\.md\)", re.M)
FENCE = re.compile(r"^```([a-z]+)(?: +(\S+))?\n(.*?)^```$", re.S | re.M)


class Wrong(Exception):
    pass


def blocks(text):
    """The example of a page: new files, edits, steps (command, exit code, lines of its output)."""
    files, edits, steps = {}, {}, []
    for language, name, body in FENCE.findall(text):
        if language == "diff":
            if not name:
                raise Wrong("a diff names no file")
            edits.setdefault(name, []).append(body)
        elif language == "sh":
            code = int(name[5:]) if name.startswith("exit=") else 0
            steps += [
                [line, code, []] for line in body.splitlines() if line.startswith("blackstart ")
            ]
        elif language == "text":
            if not steps:
                raise Wrong("a text follows no command")
            steps[-1][2] = [line.strip() for line in body.splitlines() if line.strip()]
        elif name:
            files[name] = body
    return files, edits, steps


def edited(text, change):
    """`text` with the '+' lines of `change` after the ' ' lines before them, which must stand there
    once.
    """
    lines = change.splitlines()
    if not any(line.startswith("+") for line in lines) or not all(
        line[:1] in ("+", " ", "") for line in lines
    ):
        raise Wrong("a diff has '+' lines and ' ' lines, and no others")
    before = "".join(line[1:] + "\n" for line in lines if not line.startswith("+"))
    after = "".join(line[1:] + "\n" for line in lines)
    if before == "" or text.count(before) != 1:
        raise Wrong(f"what the diff stands on is there {text.count(before)} times:\n{before}")
    return text.replace(before, after)


def budget(files, edits):
    """Complaints about what the example touches."""
    code = [name for name in files if not name.startswith(("docs/", "tests/", "scenarios/"))]
    tests = [name for name in files if name.startswith("tests/")]
    lists = {
        name: "".join(bodies).count("\n+") + "".join(bodies).startswith("+")
        for name, bodies in edits.items()
        if not name.startswith(("docs/", "tests/"))
    }
    if len(code) > 1:
        yield f"{len(code)} files: {', '.join(code)}"
    if len(lists) > 1 or sum(lists.values()) > 1:
        yield f"more than a line in a list: {lists}"
    if not tests:
        yield "the example has no test"


def link_words(line, first, out):
    """The command that links the program to `out`, of what ninja says, with `first` in the place of
    its objects.
    """
    words = shlex.split(line)
    words = words[words.index("&&") + 1 :]
    words = words[: words.index("&&")] if "&&" in words else words
    words[words.index("-o") + 1] = str(out)
    at = next(i for i, word in enumerate(words) if word.endswith(".o"))
    return [
        *words[:at],
        *(str(f) for f in first),
        *(word for word in words[at:] if not word.endswith(".o")),
    ]


class Tree:
    """The source tree with an example over it."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        commands = json.loads((build / "compile_commands.json").read_text())
        every = {os.path.relpath(c["file"], TOP): c for c in commands}
        self.commands = {name: c for name, c in every.items() if not name.startswith("tests/")}
        self.support = {name: c for name, c in every.items() if name.startswith("tests/support/")}
        self.like_a_test = next(
            c for c in commands if re.search(r"/tests/unit/test_\w+\.c$", c["file"])
        )

    def lay(self, files, edits):
        for name, body in files.items():
            if (TOP / name).exists():
                raise Wrong(f"{name} is there already")
            self.write(name, body)
        for name, changes in edits.items():
            text = (TOP / name).read_text(encoding="utf-8")
            for change in changes:
                text = edited(text, change)
            self.write(name, text)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def includers(self, headers):
        """Sources that include one of these headers."""
        listing = subprocess.run(
            ["ninja", "-C", str(self.build), "-t", "deps"],
            capture_output=True,
            text=True,
            check=True,
        )
        found, target = set(), ""
        for line in listing.stdout.splitlines():
            if not line.startswith(" "):
                source = ""
            elif source == "":
                source = os.path.relpath((self.build / line.strip()).resolve(), TOP)
            elif os.path.relpath((self.build / line.strip()).resolve(), TOP) in headers:
                found.add(source)
        return found

    def compile(self, name, like):
        out = self.folder / (name.replace("/", "_") + ".o")
        source = self.folder / name if (self.folder / name).exists() else TOP / name
        words = shlex.split(like["command"])
        at = [i for i, word in enumerate(words) if word in ("-c", "-o", "-MT", "-MF")]
        kept = [w for i, w in enumerate(words) if i not in at and i - 1 not in at and w != "-MD"]
        kept = [w for w in kept if not w.startswith("-DTEST_MAIN") and not w.startswith("-Dmain=")]
        if not (self.folder / name).exists():  # only the types that it knows have changed
            kept = [w if w != "-O2" else "-O0" for w in kept if w != "-g"]
        kept.insert(next(i for i, w in enumerate(kept) if w.startswith("-I")), f"-I{self.folder}")
        self.call(
            [*kept, "-c", str(source), "-o", str(out)], self.build, f"{name} does not compile"
        )
        return out

    def link(self, name, first):
        """As ninja links the program, with `first` in the place of its main.c."""
        lines = subprocess.run(
            ["ninja", "-C", str(self.build), "-t", "commands", "blackstart"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        out = self.folder / name
        self.call(link_words(lines[-1], first, out), self.build, f"{name} does not link")
        return out

    def call(self, words, where, what):
        done = subprocess.run(
            words,
            cwd=where,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={**os.environ, "SOURCE_DIR": str(TOP)},
        )
        if done.returncode != 0:
            raise Wrong(f"{what}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done

    def compile_all(self, names):
        """Their objects, by name."""

        def one(name):
            known = self.commands.get(name) or self.support.get(name)
            return self.compile(
                name,
                known
                or next(
                    c
                    for f, c in self.commands.items()
                    if os.path.dirname(f) == os.path.dirname(name)
                ),
            )

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return dict(zip(names, pool.map(one, names)))

    def make(self, files, edits):
        """Compiles what differs from the build; the program of the example, and what its tests are
        linked with.
        """
        headers = {name for name in edits if name.endswith(".h")}
        sources = {
            name
            for name in [*files, *edits]
            if name.endswith(".c") and not name.startswith("tests/")
        }
        touched = self.includers(headers) if headers else set()
        sources |= touched & set(self.commands)
        objects = self.compile_all(sorted(sources | touched & set(self.support)))
        beside = [out for name, out in objects.items() if name != MAIN]
        main = objects.get(MAIN) or self.compile(MAIN, self.commands[MAIN])
        program = [out for name, out in objects.items() if name in sources and name != MAIN]
        return self.link("blackstart", [main, *program]), beside

    def test(self, name, objects):
        own = self.compile(name, self.like_a_test)
        program = self.link(
            pathlib.Path(name).stem, [own, *objects, "tests/libtest_support.a", "-lcmocka"]
        )
        self.call([str(program)], self.folder, f"{name} fails")


def run_steps(tree, program, steps):
    for line, code, wanted in steps:
        words = shlex.split(line)
        done = subprocess.run(
            [str(program), *words[1:]],
            cwd=tree.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode != code:
            raise Wrong(
                f"`{line}` ends with {done.returncode}, not "
                f"{code}:\n{done.stderr}{done.stdout[-2000:]}"
            )
        rest = done.stdout
        for text in wanted:
            if text not in rest:
                raise Wrong(
                    f"`{line}`: {text!r} is not in its output (in this "
                    f"order):\n{done.stdout[-4000:]}"
                )
            rest = rest[rest.index(text) + len(text) :]


def example(page):
    """What is to be laid below the example of a page: (files, edits); and the example itself:
    (files, edits, steps).
    """
    if not page.is_file():
        raise Wrong("there is no such page")
    text = page.read_text(encoding="utf-8")
    files, edits, steps = blocks(text)
    if not files and not edits:
        raise Wrong("the page has no example")
    below = BELOW.search(text)
    return below and blocks((PAGES / f"{below[1]}.md").read_text(encoding="utf-8")), (
        files,
        edits,
        steps,
    )


def hold(build, pages):
    """Builds the examples of these pages over one tree and runs each; a line of what each touches.
    What one stands on is laid once.
    """
    every, changed, own = {}, {}, []
    for page in pages:
        below, (files, edits, steps) = example(page)
        wrong = list(budget(files, edits))
        if wrong:
            raise Wrong(f"{page.stem}: {'; '.join(wrong)}")
        own.append((page.stem, files, edits, steps))
        for more, changes in [(files, edits), *([below[:2]] if below else [])]:
            every.update(more)
            for name, bodies in changes.items():
                known = changed.setdefault(name, [])
                known += [body for body in bodies if body not in known]
    with tempfile.TemporaryDirectory() as scratch:
        tree = Tree(build, pathlib.Path(scratch))
        os.symlink(TOP / "scenarios", tree.folder / "shipped")
        tree.lay(every, changed)
        program, objects = tree.make(every, changed)
        for page, files, edits, steps in own:
            for name in files:
                if re.fullmatch(r"tests/unit/test_\w+\.c", name):
                    tree.test(name, objects)
            run_steps(tree, program, steps)
            touched = ", ".join([*files, *edits])
            yield f"{page}: {len(files)} new files, {len(edits)} edited: {touched}"


def pages_of(told, there):
    """All pages: those that README.md names, and those that are there."""
    return sorted({*re.findall(r"\]\((\w+)\.md\)", told), *there} - {"README"})


def self_test():
    page = (
        "x\n```c devices/a.c\nint a;\n```\n```diff devices/l.c\n one,\n+two,\n```\n```sh "
        "exit=1\nblackstart run x\n```\n"
        "```text\n  FAIL\n```\n```c tests/unit/test_a.c\nint main;\n```\n"
    )
    files, edits, steps = blocks(page)
    assert files == {"devices/a.c": "int a;\n", "tests/unit/test_a.c": "int main;\n"}, files
    assert steps == [["blackstart run x", 1, ["FAIL"]]], steps
    assert edited("zero,\none,\nthree,\n", edits["devices/l.c"][0]) == "zero,\none,\ntwo,\nthree,\n"
    assert not list(budget(files, edits))
    assert list(budget({"a.c": "", **files}, edits))
    assert list(budget(files, {"a.c": [" x\n+1\n+2\n"]}))
    assert list(budget({"devices/a.c": ""}, edits))
    for bad, text in (
        (" one,\n", "one,\n"),
        (" no\n+x\n", "one,\n"),
        (" one,\n+x\n", "one,\none,\n"),
        ("-one,\n+x\n", "one,\n"),
    ):
        try:
            edited(text, bad)
        except Wrong:
            continue
        raise AssertionError(bad)
    with tempfile.TemporaryDirectory() as scratch:
        stands = pathlib.Path(scratch) / "a.md"
        stands.write_text(page, encoding="utf-8")
        assert example(stands) == (None, blocks(page))
        stands.write_text(
            page + "\nThe example stands on that of [law](law.md): more.\n", encoding="utf-8"
        )
        below, own = example(stands)
        assert own == blocks(page) and "devices/law_linear.c" in below[0]
        for bad in ("words alone\n", None):
            stands.unlink(missing_ok=True)
            if bad:
                stands.write_text(bad, encoding="utf-8")
            try:
                example(stands)
            except Wrong:
                continue
            raise AssertionError(bad)
    words = ["gcc", "x.o", "-o", "/o", "l.a", "-lm"]
    for tail in (" && :", " && cd tests && python3 one_symbol.py main.c.o", ""):
        assert (
            link_words(": && gcc main.c.o -o blackstart l.a -lm" + tail, ["x.o"], "/o") == words
        ), tail
    assert pages_of("[a](a.md) [b](../b.md) [c](c.md#d)", ["z", "README"]) == ["a", "z"]
    print("the reading of pages holds")
    return 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    build = pathlib.Path(arguments[0]).resolve()
    told = (PAGES / "README.md").read_text(encoding="utf-8")
    every = pages_of(told, [page.stem for page in PAGES.glob("*.md")])
    together = arguments[1:] == ["--together"]
    names = arguments[1:] if arguments[1:] and not together else every
    pages = [PAGES / f"{name}.md" for name in names]
    wrong = 0
    for some in [pages] if together else [[page] for page in pages]:
        try:
            for line in hold(build, some):
                print(line, flush=True)
        except Wrong as trouble:
            wrong += 1
            print(f"{', '.join(page.stem for page in some)}: {trouble}", flush=True)
    return 1 if wrong or not names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
