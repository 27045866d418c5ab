#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Would the tests notice? Makes small wrong changes to C sources, one at a time, builds, and runs
the tests that can see the source until one fails.

usage: mutants.py [--seed N] [--count N] [--seconds N] [--scripts | --near] [--verbose]
SOURCE|FOLDER...
       mutants.py --self-test

A mutant changes a constant, a comparison, a unit of time, the order of two arguments, an operator
or a field's name, or drops a statement or a condition. Work is done in a copy under build/mutants/.
Which tests see a source: those of the unit tests' programs that the source's object was linked to
(the nearest first: those that include the source's header), and with --scripts those of tests/cli
besides; with --near, which is quick, those only that include the source's header (or, where none
does, one of its folder). --count: mutants per folder (30). A test that takes longer than --seconds
(20) ends as killed only when the same test passes in less without the mutant.

Prints per folder: killed, survived, equivalent, and the survivors. A mutant that cannot change what
anybody sees stands in equivalent_mutants.txt, with the reason. One that does not compile is none.
Exit 1 when fewer than nine of ten of what is left are killed.
"""
import argparse
import os
import pathlib
import random
import re
import resource
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
EQUIVALENT = pathlib.Path(__file__).with_name("equivalent_mutants.txt")
HIDDEN = re.compile(
    r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|/\*.*?\*/|//[^\n]*|^[ \t]*#[^\n]*', re.S | re.M
)
UNITS = {
    "SIM_SECOND": "SIM_MILLISECOND",
    "SIM_MILLISECOND": "SIM_SECOND",
    "SIM_MINUTE": "SIM_SECOND",
    "SIM_HOUR": "SIM_MINUTE",
    "SIM_DAY": "SIM_HOUR",
}
COMPARE = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}


def blank(match):
    return re.sub(r"[^\n]", "\x01", match.group())


def candidates(text):
    """Yields (kind, start, end, replacement) of every small wrong change."""
    code = HIDDEN.sub(blank, text)
    for m in re.finditer(r"(?<![\w.])(\d+)(?![\w.])", code):
        yield "constant", m.start(), m.end(), str(int(m.group()) + 1)
    for m in re.finditer(r"(?<![\w.])\d+\.\d+(?![\w.])", code):
        yield "constant", m.start(), m.end(), repr(
            float(m.group()) * 1.25 + (0.25 if float(m.group()) == 0 else 0)
        )
    for m in re.finditer(r" (<=?|>=?|==|!=) ", code):
        yield "comparison", m.start(1), m.end(1), COMPARE[m.group(1)]
    for m in re.finditer(r" (&&|\|\|) ", code):
        yield "comparison", m.start(1), m.end(1), "||" if m.group(1) == "&&" else "&&"
    for m in re.finditer(r"\b(" + "|".join(UNITS) + r")\b", code):
        yield "unit", m.start(), m.end(), UNITS[m.group()]
    for m in re.finditer(r"(?<=[\w)\]]) ([-+*/]) (?=[\w(])", code):
        yield "operator", m.start(1), m.end(1), {"+": "-", "-": "+", "*": "/", "/": "*"}[m.group(1)]
    for m in re.finditer(r"(?<=\w\()([\w.>&-]+), ([\w.>&-]+)(?=[,)])", code):
        if m.group(1) != m.group(2):
            yield "arguments", m.start(), m.end(), f"{m.group(2)}, {m.group(1)}"
    for m in re.finditer(
        r"^ +([\w.>\[\]-]+ ?(?:[-+|]?= [^;{}\n]*|\+\+|\([^;{}\n]*\)));$", code, re.M
    ):
        if not re.match(r"(return|break|continue|goto)\b", m.group(1)):
            yield "statement", m.start(1), m.end(1), "(void)0"
    for m in re.finditer(r"\bif \(([^\n]*)\) (?=[\w{])", code):
        if m.group(1).count("(") == m.group(1).count(")"):
            yield "condition", m.start(1), m.end(1), "0"
    fields = sorted(set(re.findall(r"(?:->|\.)([a-z]\w+)\b(?! ?\()", code)))
    for m in re.finditer(r"(?<=->)[a-z]\w+\b(?! ?\()", code):
        others = [f for f in fields if f != m.group()]
        if others:
            yield "field", m.start(), m.end(), others[sum(map(ord, m.group())) % len(others)]


def line_of(text, at):
    start = text.rfind("\n", 0, at) + 1
    return " ".join(text[start : text.find("\n", at)].split())


class Mutant:
    def __init__(self, path, text, kind, start, end, replacement):
        self.path, self.kind = path, kind
        self.text = text[:start] + replacement + text[end:]
        self.line = text.count("\n", 0, start) + 1
        self.old, self.new = line_of(text, start), line_of(self.text, start)

    def __str__(self):
        return f"{self.path}:{self.line}: {self.kind}: {self.old}  ->  {self.new}"


def draw(paths, count, seed):
    """`count` mutants of the sources: a kind first, so that constants do not crowd others out."""
    rng, kinds = random.Random(seed), {}
    for path in paths:
        text = (TOP / path).read_text(encoding="utf-8")
        for kind, start, end, replacement in candidates(text):
            kinds.setdefault(kind, []).append((path, text, kind, start, end, replacement))
    drawn = []
    while kinds and len(drawn) < count:
        kind = rng.choice(sorted(kinds))
        drawn.append(Mutant(*kinds[kind].pop(rng.randrange(len(kinds[kind])))))
        if not kinds[kind]:
            del kinds[kind]
    return drawn


def equivalents(text):
    """(path, old line, new line), from lines `PATH | OLD | NEW | REASON`."""
    rows = [
        [" ".join(part.split()) for part in line.split(" | ")]
        for line in text.splitlines()
        if line.strip() and not line.startswith("#")
    ]
    for row in rows:
        if len(row) != 4 or not row[3]:
            raise ValueError(f"equivalent_mutants.txt: not `PATH | OLD | NEW | REASON`: {row}")
    return {tuple(row[:3]) for row in rows}


class House:
    """A copy of the sources, with a build of its own."""

    def __init__(self):
        self.top = TOP / "build" / "mutants" / "src"
        self.build = self.top / "build" / "release"
        self.top.mkdir(parents=True, exist_ok=True)
        listed = (
            subprocess.run(
                ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                cwd=TOP,
                capture_output=True,
                check=True,
            )
            .stdout.decode()
            .split("\0")
        )
        for name in filter(None, listed):
            source, copy = TOP / name, self.top / name
            if source.is_file() and not (
                copy.is_file() and copy.read_bytes() == source.read_bytes()
            ):
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(source.read_bytes())
                copy.chmod(source.stat().st_mode)
        for top in (
            "sim",
            "net",
            "devices",
            "lua",
            "tests",
        ):  # what is gone is gone from the copy, too
            for copy in (self.top / top).rglob("*.[ch]"):
                if not (TOP / copy.relative_to(self.top)).is_file():
                    copy.unlink()
        self.build.parent.mkdir(exist_ok=True)
        deps = self.build.parent / "deps"
        if not deps.exists():
            deps.symlink_to(TOP / "build" / "deps")
        self.run(["cmake", "--preset", "release", "-D", "BLACKSTART_WERROR=OFF"], check=True)
        programs = sorted(
            f"tests/{p.name}_tests"
            for p in [
                self.top / "lua",
                self.top / "net",
                self.top / "devices",
                *self.top.glob("sim/*"),
            ]
            if p.is_dir()
        )
        there = self.run(
            ["ninja", "-C", str(self.build), "-t", "targets", "all"], check=True
        ).stdout
        self.run(
            [
                "ninja",
                "-C",
                str(self.build),
                "blackstart",
                *(p for p in programs if f"\n{p}: " in there),
            ],
            check=True,
        )
        self.includes = self.read_includes()

    def run(self, command, check=False, timeout=900):
        done = subprocess.run(
            command,
            cwd=self.top,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        if check and done.returncode != 0:
            sys.exit(f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done

    def read_includes(self):
        """Unit test -> sources and headers that it was compiled from."""
        found, files = {}, set()
        for line in self.run(["ninja", "-C", str(self.build), "-t", "deps"]).stdout.splitlines():
            name = re.match(r"tests/CMakeFiles/\w+\.dir/unit/(test_\w+)\.c\.o: ", line)
            if name:
                files = found[name.group(1)] = set()
            elif line.startswith("    "):
                files.add(str((self.build / line.strip()).resolve()))
            else:
                files = set()
        return found

    def seen_by(self, path, near):
        """Unit tests whose program holds the source's object, the nearest first."""
        header = str((self.top / path).with_suffix(".h"))
        folder = str((self.top / path).parent)
        objects = [*self.build.glob(f"CMakeFiles/*.dir/{path}.o")]
        symbols = set()
        for one in objects:
            symbols |= {
                line.split()[-1]
                for line in self.run(["nm", "-g", "--defined-only", str(one)]).stdout.splitlines()
            }
        held = {}
        for test, files in self.includes.items():
            program = (self.build / "tests" / test).resolve()
            if program not in held:
                held[program] = bool(
                    symbols
                    & {
                        line.split()[-1]
                        for line in self.run(
                            ["nm", "-g", "--defined-only", str(program)]
                        ).stdout.splitlines()
                    }
                )
        stem = pathlib.PurePath(path).stem
        tests = [test for test in self.includes if held[(self.build / "tests" / test).resolve()]]
        if near:
            tests = [
                test for test in tests if header in self.includes[test] or test == f"test_{stem}"
            ] or [test for test in tests if any(f.startswith(folder) for f in self.includes[test])]

        def distance(test):
            files = self.includes[test]
            return (
                test != f"test_{stem}",
                header not in files,
                not any(f.startswith(folder) for f in files),
                test,
            )

        return sorted(tests, key=distance)


def passes(house, test, seconds):
    command = [str(house.build / "tests" / test)]
    if "/" in test:
        command = [
            "/usr/bin/python3",
            str(house.top / "tests" / "tools" / "run_cases.py"),
            str(house.top / "tests" / test),
        ]
    env = {
        **os.environ,
        "BLACKSTART": str(house.build / "blackstart"),
        "SOURCE_DIR": str(house.top),
        "BUILD_DIR": str(house.build),
    }
    scratch = house.build / "scratch"
    scratch.mkdir(exist_ok=True)
    most = max(1, round(seconds))
    try:
        done = subprocess.run(
            command,
            cwd=scratch,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=10 * seconds,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (most, most)),
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode in (0, 77)


class Trial:
    def __init__(self, options):
        self.options, self.house, self.sound, self.known = options, House(), {}, {}

    def is_sound(self, test):
        """Whether the test passes in time without a mutant; asked once, before the first change."""
        if test not in self.sound:
            self.sound[test] = passes(self.house, test, self.options.seconds / 2)
        return self.sound[test]

    def tests_of(self, path):
        if path not in self.known:
            scripts = sorted(
                f"cli/{p.name}"
                for p in (TOP / "tests/cli").glob("test_*.py")
                if "slow" not in p.name
            )
            tests = self.house.seen_by(path, self.options.near) + (
                scripts if self.options.scripts else []
            )
            self.known[path] = [test for test in tests if self.is_sound(test)]
        return self.known[path]

    def killer(self, mutant):
        """The name of the test that fails; "" when none does; None when the mutant does not
        compile.
        """
        tests = self.tests_of(mutant.path)
        target = self.house.top / mutant.path
        whole = target.read_text(encoding="utf-8")
        try:
            target.write_text(mutant.text, encoding="utf-8")
            if (
                self.house.run(
                    ["ninja", "-C", str(self.house.build), *self.targets(tests)]
                ).returncode
                != 0
            ):
                return None
            return next(
                (test for test in tests if not passes(self.house, test, self.options.seconds)), ""
            )
        finally:
            target.write_text(whole, encoding="utf-8")  # built with the next mutant

    @staticmethod
    def targets(tests):
        """What must be built for these tests: a unit test's own target; for scripts the program."""
        return sorted({"blackstart" if "/" in test else test for test in tests}) or ["blackstart"]


def folders(words):
    found = {}
    for word in words:
        path = (pathlib.Path.cwd() / word).resolve().relative_to(TOP)
        for source in sorted((TOP / path).glob("*.c")) if (TOP / path).is_dir() else [TOP / path]:
            found.setdefault(str(source.parent.relative_to(TOP)), []).append(
                str(source.relative_to(TOP))
            )
    return found


def try_all(options):
    trial = Trial(options)
    known = equivalents(EQUIVALENT.read_text(encoding="utf-8"))
    low = False
    for path in sum(folders(options.paths).values(), []):
        trial.tests_of(path)  # which are sound must be known before the first change
    for folder, paths in folders(options.paths).items():
        killed, survived, equivalent, dead = 0, [], 0, 0
        for mutant in draw(paths, options.count, options.seed):
            if (mutant.path, mutant.old, mutant.new) in known:
                equivalent += 1
                continue
            by = trial.killer(mutant)
            if options.verbose:
                found = "killed by " + by if by else "SURVIVED"
                print(f"{'does not compile' if by is None else found}: {mutant}", flush=True)
            dead += by is None
            killed += bool(by)
            if by == "":
                survived.append(mutant)
        total = killed + len(survived)
        share = f"{100 * killed / total:.0f} %" if total else "nothing to kill"
        print(
            f"{folder}, seed {options.seed}: {killed} killed, {len(survived)} survived ({share}), "
            f"{equivalent} equivalent, "
            f"{dead} did not compile"
        )
        for mutant in survived:
            print(f"  survived: {mutant}")
        low = low or 10 * killed < 9 * total
    return 1 if low else 0


SAMPLE = """int f(struct s *a, int b) {
    /* if (1 < 2) */
    if (a->count < 3 && b == SIM_SECOND) return 0;
    a->other = b + 1;
    call(a, b);
    return a->count;
}
"""
WANTED = {
    "    if (a->count <= 3 && b == SIM_SECOND) return 0;",
    "    if (a->count < 4 && b == SIM_SECOND) return 0;",
    "    if (a->count < 3 || b == SIM_SECOND) return 0;",
    "    if (a->count < 3 && b != SIM_SECOND) return 0;",
    "    if (a->count < 3 && b == SIM_MILLISECOND) return 0;",
    "    if (0) return 0;",
    "    a->other = b - 1;",
    "    (void)0;",
    "    call(b, a);",
    "    return a->other;",
}


def self_test():
    failures = []
    made = [
        (kind, SAMPLE[:start] + new + SAMPLE[end:]) for kind, start, end, new in candidates(SAMPLE)
    ]
    lines = {line for _, text in made for line in text.split("\n")}
    failures += [f"no mutant has the line {line!r}" for line in WANTED - lines]
    failures += [
        f"a comment was changed: {text}" for _, text in made if "/* if (1 < 2) */" not in text
    ]
    if equivalents("# why\na.c | x < 1 | x <= 1 | x is odd\n") != {("a.c", "x < 1", "x <= 1")}:
        failures.append("the list of equivalents was not read")
    try:
        equivalents("a.c | x < 1 | x <= 1 | \n")
        failures.append("an equivalent mutant without a reason went through")
    except ValueError:
        pass
    here = [str(pathlib.Path("sim/core/queue.c"))]
    if [str(m) for m in draw(here, 5, 7)] != [str(m) for m in draw(here, 5, 7)]:
        failures.append("the same seed drew other mutants")
    print("\n".join(failures) or f"{len(made)} mutants of the sample, as wanted")
    return 1 if failures else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--scripts", action="store_true")
    parser.add_argument("--near", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("paths", nargs="+")
    return try_all(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
