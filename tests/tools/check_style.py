#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what a reviewer should not have to: licence line, promises left in the code, calls that
break repeatability, format.

usage: check_style.py SOURCE_DIR     exit 0 clean, 1 not (file, line, rule are printed)
       check_style.py --self-test    feeds it good and bad twins

- The first line (the second after #!) of every source is `SPDX-License-Identifier:
  GPL-3.0-or-later` in the language's comment.
- No "to do", "fix me" and their like.
- No rand() and its like in our C; the heap only through sim/core/heap.h.
- No line of C, Lua, Python, shell, CMake or a Makefile is wider than 100 columns, but in WIDE and
  in a text of several lines of a Python source (another language's). (clang-format leaves comments
  alone.)
- Each "design D5" has its heading in docs/architecture.md ("### D5 ..."), where that file is there.
- No word that docs/glossary.md retired comes back (RETIRED).
- clang-format agrees with every C source, and black with every Python source. Where one of them is
  not installed, that part is skipped and a last line says so.
"""
import ast
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
COMMENT = {
    ".c": "/* {} */",
    ".h": "/* {} */",
    ".lua": "-- {}",
    ".sh": "# {}",
    ".py": "# {}",
    ".cmake": "# {}",
    ".js": "// {}",
    ".mjs": "// {}",
    ".css": "/* {} */",
}
NAMED = {"CMakeLists.txt": "# {}", "Makefile": "# {}", "run": "# {}"}  # .ci/run
SKIPPED_FOLDERS = {"build", "results", ".git", "corpus", "__pycache__", "node_modules"}
PROMISE = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")

WIDTH = 100
LONG_TEXT = re.compile(r"""[rRbBfF]{0,2}('{3}|"{3})""")
# Whose bytes are the stamp of a library, which any change builds anew.
WIDE = r"cmake/(wolfssl|mosquitto)\.sh"
NARROW = (".c", ".h", ".lua", ".sh", ".cmake", "CMakeLists.txt", "Makefile", ".ci/run")
# Word -> (what is said instead, files where it stays: another thing, or not renamed yet).
RETIRED = {
    "sight": ("glance", r""),
    "twin": (
        "clone, or copy",
        r"sim/(judge/(reconnect|pattern|statistics)\.[ch]|cli/psk\.c|serve/serve\.c)|"
        r"net/real_socket\.h",
    ),
    "mischief": ("anomaly", r""),
    "crew": ("workers", r""),
    "run_note": ("fleet_device", r""),
    "commons": ("shared", r""),
    "tally": ("sums", r"sim/(report/(sweep\w*|suite)|judge/(pattern|statistics)|core/heap)\.[ch]"),
}

# (pattern of a call, where it may stand, rule)
LAYERS = ("sim/", "net/", "devices/", "lua/")
CALLS = [
    (
        re.compile(r"(?<![\w.>])(s?rand|rand_r|random|srandom|[dlm]rand48)\s*\("),
        r"",
        "randomness comes from sim/core/random.h, or the run does not repeat",
    ),
    (
        re.compile(r"(?<![\w.>])(malloc|calloc|realloc|reallocarray|strdup|strndup)\s*\("),
        r"sim/core/heap\.c",
        "the heap is reached through sim/core/heap.h, or the failing tests do not see it",
    ),
]
STRINGS_AND_COMMENTS = re.compile(
    r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|/\*.*?\*/|//[^\n]*', re.S
)


def sources(root):
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        for name in sorted(files):
            if name in NAMED or pathlib.PurePath(name).suffix in COMMENT:
                yield (pathlib.Path(folder) / name).relative_to(root).as_posix()


def check_licence(path, lines):
    name = pathlib.PurePosixPath(path)
    wanted = (NAMED.get(name.name) or COMMENT[name.suffix]).format(LICENCE)
    at = 1 if lines and lines[0].startswith("#!") else 0
    if len(lines) <= at or lines[at] != wanted:
        yield f"{path}:{at + 1}: this line must be {wanted}"


def check_promises(path, lines):
    for number, line in enumerate(lines, 1):
        if PROMISE.search(line):
            yield f"{path}:{number}: a promise left in the code: do it, or write it down elsewhere"


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def check_calls(path, text):
    if not path.startswith(LAYERS) or not path.endswith((".c", ".h")):
        return
    for number, line in enumerate(STRINGS_AND_COMMENTS.sub(blank, text).split("\n"), 1):
        for pattern, places, rule in CALLS:
            found = pattern.search(line)
            if found and not re.fullmatch(places, path):
                yield f"{path}:{number}: {found.group(1)}: {rule}"


def foreign_lines(text):
    """Numbers of the lines of a Python source that lie in a text of several lines: another
    language's. A docstring is ours.
    """
    tree = ast.parse(text)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and id(node) not in docs
        for line in range(node.lineno, node.end_lineno + 1)
        if LONG_TEXT.match(text.split("\n")[node.lineno - 1][node.col_offset :])
    }


def check_python_width(path, lines):
    try:
        foreign = foreign_lines("\n".join(lines))
    except SyntaxError as error:
        yield f"{path}:{error.lineno}: no Python: {error.msg}"
        return
    for number, line in enumerate(lines, 1):
        if len(line) > WIDTH and number not in foreign:
            yield f"{path}:{number}: wider than {WIDTH} columns"


def check_width(path, lines):
    if path.endswith(".py"):
        yield from check_python_width(path, lines)
        return
    if not path.endswith(NARROW) or re.fullmatch(WIDE, path):
        return
    for number, line in enumerate(lines, 1):
        if len(line) > WIDTH:
            yield f"{path}:{number}: wider than {WIDTH} columns"


def check_words(path, lines):
    if not path.endswith((".c", ".h")) or not path.startswith(LAYERS):
        return
    for number, line in enumerate(lines, 1):
        for word, (instead, places) in RETIRED.items():
            plain = re.sub("bad[ _]twin", "", line.lower())
            if re.search(rf"(?<![a-z]){word}s?(?![a-z])", plain) and not re.fullmatch(places, path):
                yield f"{path}:{number}: {word}: a retired word; say {instead}"


def check_design(path, lines, decisions):
    """`decisions`: the headings of docs/architecture.md; None when it is not there."""
    if decisions is None or path.startswith("tests/tools/"):
        return
    for number, line in enumerate(lines, 1):
        for name in re.findall(r"\bdesign,? (D\d+)\b", line):
            if name not in decisions:
                yield f"{path}:{number}: design {name}: docs/architecture.md has no such decision"


def decisions_of(root):
    file = root / "docs" / "architecture.md"
    if not file.is_file():
        return None
    return set(re.findall(r"^#+ (D\d+)\b", file.read_text(encoding="utf-8"), re.M))


def check_format(root, paths):
    """A complaint for each file that clang-format would change; None when it is not installed."""
    program = shutil.which("clang-format")
    if program is None:
        return None
    files = [p for p in paths if p.endswith((".c", ".h"))]
    if not files:
        return []
    done = subprocess.run(
        [program, "--dry-run", "-Werror", "--style=file", *files],
        cwd=root,
        capture_output=True,
        text=True,
    )
    first = {}
    for line in re.findall(r"^(.+?:\d+):\d+: error: ", done.stderr, re.M):
        first.setdefault(line.rpartition(":")[0], line)
    found = [
        f"{line}: not in format; put it right with: clang-format -i {path}"
        for path, line in first.items()
    ]
    if done.returncode != 0 and not found:
        found = [f"clang-format failed: {done.stderr.strip()[:200]}"]
    return found


def check_layout(root, paths):
    """A complaint for each file that black would change; None when it is not installed."""
    program = shutil.which("black")
    files = [p for p in paths if p.endswith(".py")]
    if program is None or not files:
        return None if program is None else []
    line = [program, "--check", "-l", str(WIDTH), "-S", "-C"]
    done = subprocess.run([*line, *files], cwd=root, capture_output=True, text=True)
    found = [
        f"{path}:1: not in black's layout; put it right with: black -l {WIDTH} -S -C -q {path}"
        for path in re.findall(r"^would reformat (.+)$", done.stderr, re.M)
    ]
    if done.returncode != 0 and not found:
        found = [f"black failed: {done.stderr.strip()[:200]}"]
    return found


def check(root):
    paths = list(sources(root))
    complaints = []
    decisions = decisions_of(root)
    for path in paths:
        text = (root / path).read_text(encoding="utf-8", errors="replace")
        lines = text.splitlines()
        complaints += check_licence(path, lines)
        complaints += check_promises(path, lines)
        complaints += check_calls(path, text)
        complaints += check_width(path, lines)
        complaints += check_words(path, lines)
        complaints += check_design(path, lines, decisions)
    ugly = {"clang-format": check_format(root, paths), "black": check_layout(root, paths)}
    return complaints, ugly, len(paths)


HEAD = "/* " + LICENCE + " */\n"
PYTHON = "# " + LICENCE + "\n"
GOOD = [
    ("sim/core/heap.c", HEAD + "void *f(unsigned long n) {\n    return malloc(n);\n}\n"),
    (
        "sim/core/a.c",
        HEAD + '/* like malloc(3) or rand() */\nconst char *t = "rand()";\nint x = sim_malloc('
        "');\nint y = '"
        ';\n',
    ),
    ("lua/prelude.lua", "-- " + LICENCE + "\n"),
    ("sim/report/page/a.js", "// " + LICENCE + "\nf();\n"),
    ("sim/report/page/a.css", "/* " + LICENCE + " */\n"),
    ("tests/cli/test_a.sh", "#!/usr/bin/env bash\n# " + LICENCE + "\n"),
    ("tests/a.py", PYTHON + 'LUA = """\n' + "a" * 101 + '\n"""\n'),
    ("sim/cli/c.c", HEAD + "/* (design D5) */\n"),
    ("sim/cli/b.c", HEAD + "/* its bad twin; foresight */\n"),
    ("sim/core/heap.h", HEAD + "int tally;\n"),
    ("cmake/a.sh", "# " + LICENCE + "\necho " + "a" * 95 + "\n"),
    ("cmake/wolfssl.sh", "# " + LICENCE + "\necho " + "a" * 100 + "\n"),
    ("tests/unit/test_a.c", HEAD + "void *p = malloc(3);\n"),
]
BAD = [
    ("sim/core/a.c", "int x;\n", ":1: this line must be"),
    ("lua/a.lua", "print(1)\n", ":1: this line must be"),
    ("tests/cli/test_a.sh", "#!/bin/sh\necho\n", ":2: this line must be"),
    ("cmake/a.cmake", "", ":1: this line must be"),
    ("CMakeLists.txt", "project(a)\n", ":1: this line must be"),
    ("sim/report/page/a.js", "/* " + LICENCE + " */\n", ":1: this line must be"),
    ("sim/report/page/a.css", "body {}\n", ":1: this line must be"),
    ("tests/a.py", PYTHON + "x = 1  # " + "a" * 95 + "\n", ":2: wider than"),
    ("tests/a.py", PYTHON + 'def f():\n    """' + "a " * 50 + '"""\n', ":3: wider than"),
    ("tests/a.py", PYTHON + 'f("' + "a" * 97 + '")\n', ":2: wider than"),
    ("tests/a.py", PYTHON + "def f(:\n", ":2: no Python"),
    ("net/a.c", HEAD + "/* TO" "DO: later */\n", ":2: a promise"),
    ("net/a.c", HEAD + "/* " + "a" * 95 + " */\n", ":2: wider than"),
    ("scenarios/a.lua", "-- " + LICENCE + "\nlocal a = \"" + "a" * 95 + "\"\n", ":2: wider than"),
    ("cmake/a.sh", "# " + LICENCE + "\n    # " + "a" * 95 + "\n", ":2: wider than"),
    ("cmake/a.sh", "# " + LICENCE + "\necho " + "a" * 96 + "\n", ":2: wider than"),
    ("cmake/a.cmake", "# " + LICENCE + "\nset(a " + "a" * 95 + ")\n", ":2: wider than"),
    ("Makefile", "# " + LICENCE + "\na:\n\t@echo " + "a" * 95 + "\n", ":3: wider than"),
    ("sim/CMakeLists.txt", "# " + LICENCE + "\n# " + "a" * 99 + "\n", ":2: wider than"),
    ("sim/read/a.c", HEAD + "int a_sight;\n", ":2: sight: a retired"),
    ("sim/read/a.h", HEAD + "enum { TWINS_MAX };\n", ":2: twin: a retired"),
    ("net/a.h", HEAD + "/* (design D55) */\n", ":2: design D55: docs/architecture.md has no"),
    ("net/a.h", HEAD + "int run_note_of(void);\n", ":2: run_note: a retired"),
    ("net/a.c", HEAD + "int x = rand();\n", ":2: rand: randomness"),
    ("net/a.c", HEAD + "\nvoid *p = calloc(1, 2);\n", ":3: calloc: the heap"),
]
UGLY = {
    "clang-format": ("net/a.c", HEAD + "int   x=3 ;\n"),
    "black": ("tests/a.py", PYTHON + "x=1\n"),
}


def run_twin(path, text):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "docs").mkdir()
        (root / "docs" / "architecture.md").write_text(
            "# A\n### D5 Measured at the edge\n", encoding="utf-8"
        )
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
        own = pathlib.Path(__file__).resolve().parents[2] / ".clang-format"
        if own.is_file():
            shutil.copy(own, root / ".clang-format")
        return check(root)


def self_test():
    failures = []
    for path, text in GOOD:
        failures += [f"good twin was refused: {line}" for line in run_twin(path, text)[0]]
    for path, text, rule in BAD:
        complaints = run_twin(path, text)[0]
        if len(complaints) != 1 or path + rule not in complaints[0]:
            failures.append(
                f"bad twin {path} {text!r} gave {complaints}, not one complaint with {rule!r}"
            )
    tail = ""
    for tool, twin in UGLY.items():
        ugly = run_twin(*twin)[1][tool]
        if ugly is None:
            tail += f"; {tool} is not installed, its twin was left out"
        elif len(ugly) != 1 or twin[0] not in ugly[0]:
            failures.append(f"an ugly twin went through {tool}: {ugly}")
    number = len(BAD) + len(UGLY)
    print(
        "\n".join(failures)
        or f"{len(GOOD)} good twins passed, {number} bad twins were caught{tail}"
    )
    return 1 if failures else 0


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 4
    if sys.argv[1] == "--self-test":
        return self_test()
    complaints, ugly, count = check(pathlib.Path(sys.argv[1]).resolve())
    if count == 0:
        complaints.append(f"{sys.argv[1]}: no sources found: nothing was checked")
    for found in ugly.values():
        complaints += found or []
    for line in complaints:
        print(line)
    if complaints:
        return 1
    print(f"{count} files are in style")
    for tool, found in ugly.items():
        if found is None:
            print(f"skipped: the layout that {tool} would see to, because it is not installed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
