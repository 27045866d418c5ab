#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Would the tests notice? Makes small wrong changes to C sources, one at a time, builds, and runs
the tests that can see the source until one fails.

usage: mutants.py [--seed N[,N...]] [--count N] [--seconds N] [--near] [--scripts] [--severe]
                  [--verbose] [SOURCE|FOLDER...]
       mutants.py --self-test

A mutant changes a constant, a comparison, a unit of time, the order of two arguments, an operator
or a field's name, or drops a statement or a condition. Work is done in a copy under
build/mutants/, which is built once: of a mutant one object is compiled, and each program of tests
linked anew with it when its turn comes. Which tests see a source: those of the unit tests'
programs that the source's object was linked to (the nearest first, of those that are as near the
cheapest, up to the first assertion that fails); with --near, which is quick, those only that
include the source's header or, where none does, one of its folder; with --scripts, the scripts of
tests/cli and tests/determinism besides that look at what the folder does (SCRIPTS); a source that
no unit test sees has them in any case. With --severe first those of severe_mutants.txt, all of
which must be killed. --count: mutants per folder and seed (30). What kills must have passed without
any mutant; a test that takes longer than --seconds (20) of a processor with one kills where it does
not without.

Prints per folder and seed: killed, survived, equivalent, and the survivors. A mutant that cannot
change what anybody sees stands in equivalent_mutants.txt, with the reason. One that the compiler
refuses (warnings are errors) is none. Exit 1 when of what is left fewer are killed than the
folder's floor: 90 % where a verdict, the cloud's capacity or a device is made, 85 % elsewhere.
"""
import argparse
import json
import os
import pathlib
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
SEVERE = pathlib.Path(__file__).with_name("severe_mutants.txt")
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
SHARP = ("sim/judge", "sim/cloud", "devices", "net")  # nine of ten; elsewhere 85 of 100
SCRIPTS = {  # what sees a folder's work besides unit tests
    "lua": ("cli/test_check.py", "cli/test_mistakes.py"),
    "sim/read": ("cli/test_logs.py", "cli/test_pcap.py", "cli/test_captures.py"),
    "sim/report": (
        "cli/test_assessment.py",
        "cli/test_tables.py",
        "cli/test_one_truth.py",
        "cli/test_terminal.py",
    ),
    "sim/run": ("cli/test_outlets.py", "determinism/test_silence.py", "cli/test_triggers.py"),
    "sim/cli": ("cli/test_exit_codes.py", "cli/test_bad_input.py", "cli/test_examine.py"),
    "sim/assess": ("cli/test_assessment.py",),
    "sim/judge": ("cli/test_judge.py", "cli/test_truths.py", "determinism/test_bad_twins.py"),
}
FAST_LINKER = ["-fuse-ld=mold"] if shutil.which("mold") else []
PATIENCE = 20  # times --seconds that a test may take without any mutant
JOBS = os.environ.get("BLACKSTART_JOBS", "2")
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


def rows_of(text, name):
    """(path, old, new) from lines `PATH | OLD | NEW | REASON`."""
    rows = [
        [" ".join(part.split()) for part in line.split(" | ")]
        for line in text.splitlines()
        if line.strip() and not line.startswith("#")
    ]
    for row in rows:
        if len(row) != 4 or not row[3]:
            raise ValueError(f"{name}: not `PATH | OLD | NEW | REASON`: {row}")
    return [tuple(row[:3]) for row in rows]


def equivalents(text):
    return set(rows_of(text, EQUIVALENT.name))


def severe(text):
    """The mutants that are listed by hand; ValueError when one is not (or no longer) in its source
    once.
    """
    made = []
    for path, old, new in rows_of(text, SEVERE.name):
        source = (TOP / path).read_text(encoding="utf-8")
        if source.count(old) != 1:
            raise ValueError(f"{SEVERE.name}: {source.count(old)} times in {path}: {old}")
        start = source.index(old)
        made.append(Mutant(path, source, "severe", start, start + len(old), new))
    return made


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
        self.run(["cmake", "--preset", "release"], check=True)
        there = self.run(
            ["ninja", "-C", str(self.build), "-t", "targets", "all"], check=True
        ).stdout
        programs = re.findall(r"^(tests/\w+_tests): C_EXECUTABLE", there, re.M)
        programs += [
            f"tests/{source.stem}"
            for source in (TOP / "tests" / "unit").glob("test_*.c")
            if f"\ntests/{source.stem}: C_EXECUTABLE" in there
        ]
        self.ninja(["blackstart", *programs], check=True)
        self.includes, self.held = self.read_includes(), {}

    def ninja(self, targets, check=False):
        return self.run(["ninja", "-C", str(self.build), "-j", JOBS, *targets], check, 3600)

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

    def symbols(self, binary, *only):
        """Names that it defines. Of a program all: some linkers make each of them local."""
        listed = self.run(["nm", "--defined-only", *only, str(binary)]).stdout
        return {line.split()[-1] for line in listed.splitlines() if line.strip()}

    def cost(self, test):
        """Seconds, as the test's own comment says; few, where it says nothing."""
        text = (self.top / "tests" / "unit" / f"{test}.c").read_text(encoding="utf-8")
        said = re.search(r"test-cost: +(\d+)", text)
        return int(said.group(1)) if said else 0

    def seen_by(self, path, near):
        """Unit tests whose program holds the source's object, the nearest first."""
        header = str((self.top / path).with_suffix(".h"))
        folder = str((self.top / path).parent)
        defined = set()
        for one in self.build.glob(f"CMakeFiles/*.dir/{path}.o"):
            defined |= self.symbols(one, "-g")
        for test in self.includes:
            program = (self.build / "tests" / test).resolve()
            if program not in self.held:
                self.held[program] = self.symbols(program)
        tests = [
            test
            for test in self.includes
            if defined & self.held[(self.build / "tests" / test).resolve()]
        ]
        stem = pathlib.PurePath(path).stem

        def distance(test):
            """0: named like the source, 1: includes its header, 2: of its folder, 3: neither."""
            files = self.includes[test]
            if test == f"test_{stem}":
                return 0
            if header in files:
                return 1
            return 2 if any(f.startswith(folder) for f in files) else 3

        far = {test: distance(test) for test in tests}
        if near:
            nearest = 1 if any(d < 2 for d in far.values()) else 2
            tests = [test for test in tests if far[test] <= nearest]
        return sorted(tests, key=lambda test: (far[test], self.cost(test), test))


def compile_as(command, source, made):
    """The words of a compilation, of another source into another object, without what only a
    debugger reads.
    """
    words = shlex.split(command)
    if pathlib.PurePath(words[0]).name == "ccache":
        del words[0]
    words[words.index("-o") + 1] = str(made)
    words[words.index("-c") + 1] = str(source)
    return words + ["-g0"]


def link_as(commands, mutant, own, made):
    """The words of a link, with the mutant's object before all libraries, or in the place of the
    `own` one; what a test defines anew stays as the test has it.
    """
    words = shlex.split(commands.split(" && ")[1])
    at = words.index("-o")
    words[at + 1] = str(made)
    words = [str(mutant) if word == own else word for word in words]
    if str(mutant) not in words:
        words.insert(at + 2, str(mutant))
    return words + ["-Wl,-z,muldefs", "-Wl,--strip-debug"] + FAST_LINKER


PASSED, FAILED, LATE = "passed", "failed", "late"


def fate_of(house, test, program, seconds):
    command = [str(program)]
    if "/" in test:
        command = [
            "/usr/bin/python3",
            str(house.top / "tests" / "tools" / "run_cases.py"),
            str(house.top / "tests" / test),
        ]
    env = {
        **os.environ,
        "BLACKSTART": str(program),
        "SOURCE_DIR": str(house.top),
        "BUILD_DIR": str(house.build),
        "CMOCKA_TEST_ABORT": "1",  # the first failure is enough
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
        return LATE
    late = done.returncode in (-signal.SIGXCPU, -signal.SIGKILL, 128 + signal.SIGXCPU)
    return LATE if late else PASSED if done.returncode in (0, 77) else FAILED


class Trial:
    """Each mutant is one object, compiled beside the copy's build, which stays as it was: a test's
    program is linked anew with that object before the libraries that have the sound one.
    """

    def __init__(self, options):
        self.options, self.house, self.sound, self.known = options, House(), {}, {}
        compiled = json.loads((self.house.build / "compile_commands.json").read_text())
        self.compiled = {
            str(pathlib.Path(one["file"]).relative_to(self.house.top)): one["command"]
            for one in compiled
            if pathlib.Path(one["file"]).is_relative_to(self.house.top)
        }
        self.linked = {}
        self.bin = TOP / "build" / "mutants" / "bin"
        self.bin.mkdir(exist_ok=True)

    def tests_of(self, path):
        if path not in self.known:
            scripts = SCRIPTS.get(str(pathlib.PurePath(path).parent), ())
            tests = self.house.seen_by(path, self.options.near)
            self.known[path] = tests + [*(scripts if self.options.scripts or not tests else ())]
            if not self.known[path]:
                sys.exit(f"{path}: no test sees it: try --scripts")
        return self.known[path]

    def program_of(self, test):
        """The sound program that a test runs."""
        return (self.house.build / ("blackstart" if "/" in test else f"tests/{test}")).resolve()

    def compiles(self, mutant):
        source = self.bin / "mutant.c"
        source.write_text(mutant.text, encoding="utf-8")
        command = compile_as(self.compiled[mutant.path], source, self.bin / "mutant.o")
        return self.in_build(command).returncode == 0

    def links(self, program, mutant):
        """Whether the mutant's own copy of a program is there."""
        if program not in self.linked:
            asked = ["ninja", "-t", "commands", "-s", str(program.relative_to(self.house.build))]
            self.linked[program] = self.in_build(asked).stdout
        # Only libraries hold the sound object, but for the one of main.
        own = f"CMakeFiles/blackstart.dir/{mutant.path}.o"
        command = link_as(self.linked[program], self.bin / "mutant.o", own, self.bin / program.name)
        return self.in_build(command).returncode == 0

    def in_build(self, command):
        return subprocess.run(
            command,
            cwd=self.house.build,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=900,
        )

    def fate_of(self, test, program, patience=1):
        """With a link of the test's name to the program: it looks at that."""
        seconds = self.options.seconds * patience
        if "/" in test:
            return fate_of(self.house, test, program, seconds)
        named = self.bin / "named" / test
        named.parent.mkdir(exist_ok=True)
        named.unlink(missing_ok=True)
        named.symlink_to(program)
        return fate_of(self.house, test, named, seconds)

    def is_sound(self, test, fate):
        """Whether a test that ends so with the mutant passes without it, in time where it is late;
        asked once each.
        """
        if (test, fate) not in self.sound:
            patience = PATIENCE if fate == FAILED else 1
            without = self.fate_of(test, self.program_of(test), patience)
            self.sound[test, fate] = without == PASSED
        return self.sound[test, fate]

    def killer(self, mutant):
        """The name of the test that fails; "" when none does; None when the mutant does not
        compile.
        """
        tests, fresh = self.tests_of(mutant.path), {}
        if not self.compiles(mutant):
            return None
        for test in tests:
            program = self.program_of(test)
            if program not in fresh:
                fresh[program] = self.links(program, mutant)
            if not fresh[program] or self.sound.get((test, FAILED)) is False:
                continue
            fate = self.fate_of(test, self.bin / program.name)
            if fate != PASSED and self.is_sound(test, fate):
                return test
        if not any(fresh.values()):
            sys.exit(f"{mutant.path}: no test can be linked with a mutant of it")
        return ""


def folders(words):
    found = {}
    for word in words:
        path = (pathlib.Path.cwd() / word).resolve().relative_to(TOP)
        for source in sorted((TOP / path).glob("*.c")) if (TOP / path).is_dir() else [TOP / path]:
            found.setdefault(str(source.parent.relative_to(TOP)), []).append(
                str(source.relative_to(TOP))
            )
    return found


def floor_of(folder):
    """The share of mutants that must be killed, in percent."""
    return 90 if folder.startswith(SHARP) else 85


def try_mutants(trial, known, mutants, name, floor):
    """Whether `floor` percent of the mutants are killed; of those that must all be, each must
    compile, too.
    """
    killed, survived, equivalent, dead = 0, [], 0, 0
    for mutant in mutants:
        if (mutant.path, mutant.old, mutant.new) in known:
            equivalent += 1
            continue
        by = trial.killer(mutant)
        if trial.options.verbose:
            fate = "does not compile" if by is None else f"killed by {by}" if by else "SURVIVED"
            print(f"{fate}: {mutant}", flush=True)
        dead += by is None
        killed += bool(by)
        if by == "":
            survived.append(mutant)
    total = killed + len(survived)
    share = f"{100 * killed / total:.0f} %" if total else "nothing to kill"
    print(
        f"{name}: {killed} killed, {len(survived)} survived ({share}), "
        f"{equivalent} equivalent, {dead} did not compile",
        flush=True,
    )
    for mutant in survived:
        print(f"  survived: {mutant}")
    return 100 * killed >= floor * (total if floor < 100 else total + dead)


def try_all(options):
    trial = Trial(options)
    known = equivalents(EQUIVALENT.read_text(encoding="utf-8"))
    enough = []
    if options.severe:
        listed = severe(SEVERE.read_text(encoding="utf-8"))
        enough += [try_mutants(trial, known, listed, "severe", 100)]
    for folder, paths in folders(options.paths).items():
        for seed in map(int, options.seed.split(",")):
            drawn, name = draw(paths, options.count, seed), f"{folder}, seed {seed}"
            enough += [try_mutants(trial, known, drawn, name, floor_of(folder))]
    return 0 if all(enough) else 1


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


def wrong_commands():
    """What is wrong with the words of compilations and links."""
    compiled = compile_as("/usr/bin/ccache gcc -O2 -Ia -o x/a.c.o -c /s/a.c", "m.c", "m.o")
    if compiled != ["gcc", "-O2", "-Ia", "-o", "m.o", "-c", "m.c", "-g0"]:
        return [f"a mutant is compiled as {compiled}"]
    link = ": && gcc -O2 CMakeFiles/blackstart.dir/sim/main.c.o -o p liba.a && cd x && y\n"
    of_library = link_as(link, "m.o", "CMakeFiles/blackstart.dir/sim/a.c.o", "q")
    of_main = link_as(link, "m.o", "CMakeFiles/blackstart.dir/sim/main.c.o", "q")
    failures = []
    if of_library[3:7] != ["-o", "q", "m.o", "liba.a"] or "y" in of_library:
        failures.append(f"a mutant is linked as {of_library}")
    if of_main[2:6] != ["m.o", "-o", "q", "liba.a"]:
        failures.append(f"a mutant of main is linked as {of_main}")
    return failures


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
    if [floor_of(f) for f in ("sim/judge", "sim/cloud", "sim/report")] != [90, 90, 85]:
        failures.append("a folder has another's floor")
    try:
        severe(SEVERE.read_text(encoding="utf-8"))
        severe("sim/core/queue.c | no line has this | nor this | why\n")
        failures.append("a mutant that is nowhere in its source went through")
    except ValueError as error:
        if "no line has this" not in str(error):
            failures.append(str(error))
    failures += wrong_commands()
    here = [str(pathlib.Path("sim/core/queue.c"))]
    if [str(m) for m in draw(here, 5, 7)] != [str(m) for m in draw(here, 5, 7)]:
        failures.append("the same seed drew other mutants")
    print("\n".join(failures) or f"{len(made)} mutants of the sample, as wanted")
    return 1 if failures else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    parser = argparse.ArgumentParser(usage=__doc__.replace("%", "%%"))
    parser.add_argument("--seed", default="1")
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--near", action="store_true")
    parser.add_argument("--scripts", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--severe", action="store_true")
    parser.add_argument("paths", nargs="*")
    return try_all(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
