#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches the headers of sim/, net/, devices/ and lua/.

usage: check_headers.py SOURCE_DIR BUILD_DIR   exit 0 clean, 1 not (file, line, rule are printed)
       check_headers.py --self-test             feeds it good and bad twins

- Each header compiles alone, with what it includes itself.
- Any two compile together: all of them in one source, in order of name and in the reverse order;
  the pair is looked for only when that fails.
- What a header declares for others begins with its layer's prefix (PREFIXES), but for OTHERS, each
  with its reason. `typedef struct X X;`, which stands there instead of an #include, is no
  declaration for others where X is a struct in a header of a layer that the arrows of
  tests/tools/check_includes.py lead to from this one.
- No declaration is broken for a trailing comment: no line of a header holds a type and nothing
  else.
"""
import concurrent.futures
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from check_includes import LAYERS

TOPS = ("sim", "net", "devices", "lua")
PREFIXES = {
    "sim/core": "sim",
    "sim/record": "record",
    "net": "net",
    "devices": "dev",
    "sim/cloud": "cloud",
    "sim/examine": "examine",
    "sim/judge": "judge",
    "sim/read": "read",
    "sim/assess": "assess",
    "sim/report": "report",
    "sim/fleet": "fleet",
    "sim/serve": "serve",
    "sim/run": "run",
    "lua": "script",
    "sim/cli": "cli",
}
# A regular expression of PATH:NAME -> why it may be.
OTHERS = {
    r"net/vkernel_calls\.h:"
    r"vk_\w+": "stand-ins, named as the system calls that the libraries' symbols are renamed to",
    r"net/real_\w+\.h:uv_loop_s": "libuv's, declared so that its header is not included",
    r"sim/cloud/door_coap_private\.h:"
    r"coap_\w+": "a door's own, named by its protocol, seen by the door's files only",
}
COMPILER = [
    "gcc",
    "-std=gnu17",
    "-fsyntax-only",
    "-D_GNU_SOURCE=",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-x",
    "c",
]
COMMENTS = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|/\*.*?\*/|//[^\n]*', re.S)
KEYWORDS = set(
    "if for while switch return sizeof defined __attribute__ static_assert _Static_assert "
    "_Alignas _Generic void".split()
)
BARE = re.compile(
    r"\s*(?:const |static |extern |unsigned |signed )*(?:struct |enum |union )?"
    r"(?:u?int\d*_t|size_t|bool|double|float|char|int|long|short|void|[a-z]\w*_\w+)(?: "
    r"const)?\s*\**\s*$"
)


def include_folders(build):
    """Where the build looks for headers of others, and for those that it makes."""
    found = []
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        for folder in re.findall(r"-(?:I|isystem) ?(\S+)", entry["command"]):
            if folder not in found:
                found.append(folder)
    return found


def headers(root):
    return sorted(
        path.relative_to(root).as_posix() for top in TOPS for path in (root / top).rglob("*.h")
    )


def compiles(root, includes, names):
    """None, or what the compiler says about a source that includes `names` in this order."""
    text = "".join(f'#include "{name}"\n' for name in names) + "extern int nothing_else;\n"
    done = subprocess.run(
        [*COMPILER, *(f"-I{folder}" for folder in (root, *includes)), "-"],
        input=text,
        capture_output=True,
        text=True,
        cwd=root,
    )
    if done.returncode == 0:
        return None
    return next(
        (line for line in done.stderr.splitlines() if "error" in line),
        done.stderr.strip()[:300] or "it does not compile",
    )


def check_alone(root, includes, names):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        said = [*pool.map(lambda name: compiles(root, includes, [name]), names)]
    return [f"{name}:1: does not compile alone: {what}" for name, what in zip(names, said) if what]


def check_together(root, includes, names):
    for order in (names, names[::-1]):
        what = compiles(root, includes, order)
        if what:
            return [f"{order[-1]}:1: {find_pair(root, includes, order)}: {what}"]
    return []


def find_pair(root, includes, order):
    """The shortest beginning that fails ends with one of the two; the other stands before it."""
    low, high = 1, len(order)
    while low < high:
        middle = (low + high) // 2
        low, high = (
            (low, middle) if compiles(root, includes, order[:middle]) else (middle + 1, high)
        )
    last = order[low - 1]
    for other in order[: low - 1]:
        if compiles(root, includes, [other, last]):
            return f"{other} and {last} do not compile together"
    return f"{last} does not compile after the headers before it"


def blank(match):
    return re.sub(r"[^\n]", " ", match.group()) if match.group()[0] in "/" else '""'


def declared(text):
    """Yields (line, name) of what a header without its comments declares at its top level."""
    depth, number, held, start = 0, 1, "", 1
    lines = text.split("\n")
    skip = False
    for number, line in enumerate(lines, 1):
        macro = re.match(r"\s*#\s*define\s+(\w+)", line)
        if macro:
            yield number, macro.group(1)
        if skip or re.match(r"\s*#", line):
            skip = line.rstrip().endswith("\\")
            continue
        for c in line:
            if c == "{":
                depth += 1
                if depth == 1:
                    held += " {} "
            elif c == "}":
                depth -= 1
                if depth == 0 and re.search(
                    r"\)\s*\{\}\s*$", held
                ):  # the body of a function has no semicolon
                    yield from names(start, held)
                    held = ""
            elif depth == 0 and c == ";":
                yield from names(start, held)
                held = ""
            elif depth == 0:
                if not held.strip():
                    start = number
                    held = ""
                held += c
            elif depth == 1 and re.search(r"\benum\b[^;()]*\{\}\s*$", held) and c not in "\n":
                held_enum.append(c)
        if depth == 0:
            if held_enum:
                for value in re.findall(
                    r"(?:^|,)\s*([A-Za-z_]\w*)",
                    re.sub(r"\([^()]*\)|=[^,]*", "", "".join(held_enum)),
                ):
                    yield number, value
                held_enum.clear()
        elif held_enum:
            held_enum.append(" ")
        held += " "


held_enum = []


def names(line, held):
    held = re.sub(
        r"\b(SIM_MUST_USE|SIM_PRINTF\([^)]*\)|__attribute__\s*\(\([^()]*(?:\([^)]*\))?[^()]*\)\))",
        " ",
        held,
    )
    tag = re.match(r"\s*(?:typedef\s+)?(?:struct|union|enum)\s+(\w+)", held)
    if tag and ("{}" in held or re.fullmatch(r"\s*(?:struct|union|enum)\s+\w+\s*", held)):
        yield line, tag.group(1)
    pointer = re.search(r"\(\s*\*\s*(?:const\s+)?(\w+)\s*(?:\[[^]]*\])?\)\s*\(", held)
    if held.lstrip().startswith("typedef"):
        last = (
            pointer
            or re.search(r"(\w+)\s*(?:\[[^]]*\])*\s*$", held)
            or re.search(r"(\w+)\s*\([^()]*\)\s*$", held)
        )
        if last and last.group(1) not in KEYWORDS:
            yield line, last.group(1)
        return
    call = re.search(r"(\w+)\s*\(", held)
    if call and call.group(1) not in KEYWORDS and not re.match(r"\s*_Static_assert", held):
        yield line, call.group(1)
    elif re.match(r"\s*(extern|static const|static)\b", held):
        last = re.search(r"(\w+)\s*(?:\[[^]]*\])*\s*(?:=.*)?$", held.replace("{}", ""), re.S)
        if last:
            yield line, last.group(1)


def structs_of(root):
    """Folder -> the structs that its headers define."""
    found = {}
    for path in headers(root):
        text = COMMENTS.sub(blank, (root / path).read_text(encoding="utf-8"))
        found.setdefault(pathlib.PurePosixPath(path).parent.as_posix(), set()).update(
            re.findall(r"^(?:typedef )?struct (\w+) \{", text, re.M)
        )
    return found


def reached(folder):
    """The folders that the arrows lead to, over others too: what a layer hands on it need not see
    the inside of.
    """
    found, ahead = set(), [folder]
    while ahead:
        fresh = set(LAYERS.get(ahead.pop(), [])) - found
        found |= fresh
        ahead += fresh
    return found


def borrowed(text, folder, structs):
    """The names that a header declares ahead instead of including who defines them."""
    ahead = re.findall(r"^typedef struct (\w+) (\w+);$", text, re.M)
    known = set().union(*(structs.get(other, set()) for other in reached(folder)))
    return {tag for tag, name in ahead if tag == name and tag in known}


def check_names(path, text, structs):
    folder = pathlib.PurePosixPath(path).parent.as_posix()
    prefix = PREFIXES.get(folder)
    if prefix is None:
        return [f"{path}:1: this folder has no prefix; add it to tests/tools/check_headers.py"]
    found = []
    guard = re.sub(r"\W", "_", path.upper())
    ahead = borrowed(text, folder, structs)
    for line, name in declared(COMMENTS.sub(blank, text)):
        if name in (prefix, guard) or name in ahead:  # `run` is the run itself
            continue
        if not name.lower().startswith(prefix + "_") and not any(
            re.fullmatch(o, f"{path}:{name}") for o in OTHERS
        ):
            complaint = (
                f"{path}:{line}: {name}: what {folder}/ declares for others begins with {prefix}_"
            )
            if complaint not in found:
                found.append(complaint)
    return found


def check_bare(path, text):
    return [
        f"{path}:{number}: a type and nothing else: the declaration is broken; put the "
        f"comment above it"
        for number, line in enumerate(COMMENTS.sub(blank, text).split("\n"), 1)
        if BARE.fullmatch(line)
    ]


def check(root, includes):
    paths = headers(root)
    structs = structs_of(root)
    complaints = []
    for path in paths:
        text = (root / path).read_text(encoding="utf-8")
        complaints += check_names(path, text, structs) + check_bare(path, text)
    if shutil.which("gcc"):
        alone = check_alone(root, includes, paths)
        complaints += alone or check_together(root, includes, paths)
    return complaints, len(paths)


GUARD = "#pragma once\n"
GOOD = [
    {
        "sim/core/a.h": GUARD
        + "#include <stddef.h>\ntypedef struct sim_a {\n    size_t n; /* x */\n} sim_a;\n"
        "enum { SIM_ONE = 1, SIM_TWO = (2 + 3) };\nsize_t sim_f(int x, int (*call)(void *owner));\n"
        "typedef void (*sim_call)(int n);\nstatic inline int sim_g(void) {\n    int other = 3;\n  "
        "  return other;\n}\n"
        "#define SIM_X(a) (a)\nextern const char *const sim_words[3];\nenum sim_e { SIM_A, "
        "SIM_B };\n",
        "net/b.h": GUARD + '#include "sim/core/a.h"\nsim_a *net_new(void);\n',
        "net/c.h": GUARD + "typedef struct sim_a sim_a;\nvoid net_look(const sim_a *a);\n",
    }
]
BAD = [
    ({"net/a.h": GUARD + "size_t net_f(void);\n"}, "does not compile alone"),
    (
        {"net/a.h": GUARD + "typedef int net_x;\n", "net/b.h": GUARD + "typedef long net_x;\n"},
        "do not compile together",
    ),
    (
        {
            "net/a.h": GUARD + "#include <stdint.h>\n#ifdef NET_B\n#error late\n#endif\n",
            "net/b.h": GUARD + "#define NET_B 1\n",
        },
        "do not compile together",
    ),
    ({"net/a.h": GUARD + "int open_it(void);\n"}, "open_it"),
    ({"net/a.h": GUARD + "typedef struct thing {\n    int n;\n} thing;\n"}, "thing"),
    ({"net/a.h": GUARD + "typedef void (*callback)(int n);\n"}, "callback"),
    ({"net/a.h": GUARD + "enum { NET_ONE, TWO };\n"}, "TWO"),
    ({"net/a.h": GUARD + "typedef struct sim_a sim_a;\n"}, "sim_a"),  # nobody defines it
    (
        {
            "net/a.h": GUARD + "typedef struct run_a run_a;\n",
            "sim/run/a.h": GUARD + "typedef struct run_a {\n    int n;\n} run_a;\n",
        },
        "run_a",
    ),  # no arrow leads there
    ({"net/a.h": GUARD + "#define LIMIT 3\n"}, "LIMIT"),
    ({"net/a.h": GUARD + "extern const int limit;\n"}, "limit"),
    ({"net/a.h": GUARD + "static inline int twice(int n) {\n    return 2 * n;\n}\n"}, "twice"),
    (
        {
            "net/a.h": GUARD
            + "#include <stdint.h>\ntypedef struct net_a {\n    uint32_t /* long comment */\n     "
            "   n;\n} net_a;\n"
        },
        "a type and nothing else",
    ),
]


def run_twin(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        return check(root, [])[0]


def self_test():
    failures = [f"good twin was refused: {line}" for files in GOOD for line in run_twin(files)]
    for files, rule in BAD:
        complaints = run_twin(files)
        if not complaints or any(rule not in line for line in complaints):
            failures.append(f"bad twin {files} gave {complaints}, not {rule!r}")
    print("\n".join(failures) or f"{len(GOOD)} good twins passed, {len(BAD)} bad twins were caught")
    return 1 if failures else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 4
    root, build = [pathlib.Path(word).resolve() for word in sys.argv[1:]]
    complaints, count = check(root, include_folders(build))
    if count == 0:
        complaints.append(f"{sys.argv[1]}: no headers found: nothing was checked")
    print("\n".join(complaints) or f"{count} headers are in order")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
