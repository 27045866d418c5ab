#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs, measured so that a busy machine says what a quiet one says.

usage: costs.py BUILD instructions [HOMES]   instructions an event, and whose they are
       costs.py BUILD cpu                    processor time an event of small and large fleets,
                                             and both ends' bytes a device
       costs.py BUILD real                   processor time of 1,000 requests in the real world
       costs.py BUILD threads                instructions an event of one thread and of two
       ... --write                           keeps them in results/reference/costs.json
                                             (make figures)

BUILD is a folder of the release preset. Each line is `name value unit`, and what was kept.
Instructions are counted by callgrind and are the same whatever else the machine does; but
valgrind's processor has none for SHA, so that what wolfSSL hashes counts for more than it costs.
Times are compared with each other, taken in turn, the best of each. Without --write, a figure
that hangs on no machine (HELD) and is worse than the kept one is told, and the end is 1.
"""
import collections
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
STREET = "scenarios/5.9-3/power-restore-street.lua"
STEADY = "scenarios/steady.lua"
FOREIGN = ("coap", "mosquitto", "wolfssl")  # foreign/lib*_virtual.a, lib*_lean.a
FLEETS = {1000: 250, 10000: 2500, 100000: 25000}  # devices: homes
COUNTED = (250, 2500)  # homes of the fleets whose instructions are counted
ROUNDS = 3
THREADS, THREADED = (1, 2), 1250  # homes: five streets
LOADS = {2000: "1s", 10000: "200ms"}  # requests a second of 2,000 devices: their period
FILE = TOP / "results" / "reference" / "costs.json"
# Figures by their names, and how many times the kept one they may be. Times are of one machine, and
# where two threads meet is another place each time: these are kept to be read.
HELD = {r"instructions_(event|outside|outside_share)_\d+": 1.03, r"bytes_device_\d+": 1.05}
# What the client of 2,000 and of 10,000 requests a second may take for 1,000 of them, ms.
BUDGETS = {"real_2000": 120, "real_10000": 55}


# ---- whose instructions ----


def symbols_of(build):
    """Function -> foreign library that it is of."""
    found = {}
    for library in FOREIGN:
        archives = list((build / "foreign").glob(f"lib{library}_*.a"))
        if len(archives) != 1:
            raise SystemExit(f"costs: {build}/foreign has no lib{library}_*.a: build blackstart")
        listing = subprocess.run(
            ["nm", archives[0]], check=True, capture_output=True, text=True
        ).stdout
        for name in re.findall(r"^[0-9a-f]+ [tTwW] (\S+)$", listing, re.M):
            found[name] = library
    return found


def part_of(function, file, object_file, symbols):
    """Whose a function is: a foreign library, a folder of ours, or another library."""
    if not object_file.endswith("/blackstart"):
        if "/libc.so" in object_file:
            return "malloc" if "malloc" in file else "libc"
        return "other"
    layer = re.search(r"(?:^|/)(net|devices|lua|sim/\w+)/[^/]+$", file)
    if layer:
        return layer[1].removeprefix("sim/")
    if function.startswith("0x"):
        return "wolfssl"  # the only one of the three with an assembler's nameless parts
    return symbols.get(function.split("'")[0], "other")


# What callgrind names, and what kind of name it is: of a function in hand, of one that it calls.
KINDS = {"ob": "ob", "fl": "fl", "fi": "fl", "fe": "fl", "fn": "fn"}
KINDS |= {"cob": "ob", "cfl": "fl", "cfi": "fl", "cfn": "fn"}


def own_costs(lines):
    """(object, file, function) -> instructions of its own, of what callgrind wrote."""
    names, costs, calls = {}, collections.Counter(), False
    at = {"ob": "", "fl": "", "fn": ""}
    for line in lines:
        word = re.match(r"(\w+)=(?:\((\d+)\))? ?(.*)$", line)
        if word and word[1] in KINDS:
            kind = KINDS[word[1]]
            if word[2] and word[3]:
                names[kind, word[2]] = word[3]
            if word[1] in at:  # inlined parts (fi, fe) count for the function's own file
                at[kind] = names.get((kind, word[2]), word[3])
        elif line.startswith("calls="):
            calls = True  # the next line is what the call cost, and is its callee's
        elif line[:1] in "+-*0123456789":
            if not calls and " " in line:
                costs[at["ob"], at["fl"], at["fn"]] += int(line.split()[1])
            calls = False
    return costs


def shares(costs, symbols):
    """Part -> instructions."""
    parts = collections.Counter()
    for (object_file, file, function), count in costs.items():
        parts[part_of(function, file, object_file, symbols)] += count
    return parts


def machine_of(folder):
    return json.loads(pathlib.Path(folder, "summary.json").read_text())["machine"]


def events_of(folder):
    return machine_of(folder)["events"]


def run_of(build, homes, folder, threads=1):
    words = [build / "blackstart", "run", STREET, "--set", f"homes={homes}", "--quiet"]
    return [*words, "--threads", str(threads), "--out", f"{folder}/o"]


def must_have_run(code):
    if code not in (0, 1, 5):  # a verdict, or none: of a load that is as it is
        raise SystemExit(f"costs: blackstart ended with {code}")


def counted(build, homes, threads=1):
    """Part -> instructions, and events, of a run."""
    with tempfile.TemporaryDirectory() as scratch:
        tool = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={scratch}/c"]
        ended = subprocess.run(
            [*tool, *run_of(build, homes, scratch, threads)],
            cwd=TOP,
            stdout=subprocess.DEVNULL,
            # It begins no second time for huge pages, which are nothing to valgrind.
            env={**os.environ, "GLIBC_TUNABLES": "glibc.malloc.hugetlb=0"},
            # Valgrind lets one thread at a time go on: on one processor none looks in vain.
            preexec_fn=lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}),
        )
        must_have_run(ended.returncode)
        with open(f"{scratch}/c", encoding="utf-8", errors="replace") as lines:
            return shares(own_costs(lines), symbols_of(build)), events_of(f"{scratch}/o")


def instructions(build, *homes_of):
    found = {}
    for homes in homes_of or COUNTED:
        parts, events = counted(build, homes)
        total = sum(parts.values())
        outside = total - sum(parts[library] for library in FOREIGN)
        for part, count in parts.most_common():
            found[f"instructions_{part}_{4 * homes}"] = count / events
        found[f"instructions_event_{4 * homes}"] = total / events
        found[f"instructions_outside_{4 * homes}"] = outside / events
        found[f"instructions_outside_share_{4 * homes}"] = 100 * outside / total
    return found


# ---- processor time ----


def timed(words):
    """Processor time of a program, seconds: in user mode, and in all."""
    process = subprocess.Popen(words, cwd=TOP, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    must_have_run(process.returncode)
    return used.ru_utime, used.ru_utime + used.ru_stime


def cpu(build):
    """The sizes in turn, so that a bad minute of the machine is one of all."""
    best, sizes = {}, {}
    for _ in range(ROUNDS):
        for devices, homes in FLEETS.items():
            with tempfile.TemporaryDirectory() as scratch:
                user, _ = timed(run_of(build, homes, scratch))
                each = 1e6 * user / events_of(f"{scratch}/o")
                best[devices] = min(each, best.get(devices, each))
                sizes[f"bytes_device_{devices}"] = machine_of(f"{scratch}/o")["bytes_per_device"]
    found = {f"cpu_event_{devices}": each for devices, each in best.items()}
    found["cpu_growth"] = best[max(best)] / best[min(best)]
    return found | sizes


def threads(build):
    """Instructions an event with one thread and with two; bench_run has windows and waits."""
    found = {}
    for number in THREADS:
        parts, events = counted(build, THREADED, number)
        found[f"instructions_threads_{number}"] = sum(parts.values()) / events
    return found


# ---- the real world ----


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers_of(folder):
    summary = json.loads(pathlib.Path(folder, "summary.json").read_text())
    return summary["metrics"]["reports_answered"]["value"]


def one_load(build, period, scratch):
    """Processor time of the client, ms for 1,000 requests that were answered."""
    port = free_port()
    with open(f"{scratch}/serve", "w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [build / "blackstart", "serve", "--coap", str(port)], cwd=TOP, stdout=log, stderr=log
        )
    try:
        until = time.monotonic() + 60
        while str(port) not in pathlib.Path(scratch, "serve").read_text():
            if time.monotonic() > until or server.poll() is not None:
                raise SystemExit("costs: serve does not begin")
            time.sleep(0.05)
        words = [build / "blackstart", "run", STEADY, "--quiet", "--out", f"{scratch}/o"]
        words += ["--target", f"coap://127.0.0.1:{port}", "--set", "devices=2000"]
        words += ["--set", f"period={period}", "--set", "duration=10s"]
        words += ["--set", "method=POST", "--set", "path=t"]
        _, both = timed(words)
        return 1e6 * both / answers_of(f"{scratch}/o")
    finally:
        server.terminate()
        server.wait()


def real(build):
    best = {}
    for _ in range(ROUNDS):
        for load, period in LOADS.items():
            with tempfile.TemporaryDirectory() as scratch:
                each = one_load(build, period, scratch)
                best[load] = min(each, best.get(load, each))
    return {f"real_{load}": each for load, each in best.items()}


MEASURES = {"instructions": instructions, "cpu": cpu, "real": real, "threads": threads}


def unit_of(name):
    units = (
        ("share", "%"),
        ("instructions", "1/event"),
        ("cpu_event", "us"),
        ("real", "ms"),
        ("bytes", "B"),
    )
    return next((unit for word, unit in units if word in name), "1")


# ---- what is kept ----


def kept_figures():
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def keep(found):
    figures = kept_figures() | {name: float(f"{value:.4g}") for name, value in found.items()}
    FILE.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def slack_of(name):
    """How many times the kept figure it may be; None: it is not held."""
    return next((slack for row, slack in HELD.items() if re.fullmatch(row, name)), None)


def worse(found, kept):
    """One line for each figure that is held and is more than it was."""
    lines = []
    for name, value in found.items():
        slack = slack_of(name)
        if slack is not None and name in kept and value > slack * kept[name]:
            lines.append(
                f"{name}: {value:.4g} measured, {kept[name]:.4g} kept, {slack} of it allowed: "
                "mend what costs, or say why it does and keep it (--write)"
            )
    return lines


def over_budget(found):
    """One line for each that is more than was promised, whatever it was before."""
    return [
        f"{name}: {found[name]:.4g} {unit_of(name)} measured, {most} promised: mend what costs"
        for name, most in BUDGETS.items()
        if found.get(name, 0) > most
    ]


def unkept(found, kept):
    """A line when nothing that is held can be compared: a file that is lost holds nothing."""
    held = [name for name in found if slack_of(name) is not None]
    if not held or any(name in kept for name in held):
        return []
    return [f"results/reference/{FILE.name} has no {held[0]}: keep it (--write)"]


def told(build, measure, homes, kept):
    """Name -> value, printed as a benchmark prints it, with what was kept of it."""
    print(f"== {measure}")
    found = MEASURES[measure](build, *homes)
    for name, value in found.items():
        before = f" (kept: {kept[name]:.4g})" if name in kept else ""
        print(f"{name} {value:.4g} {unit_of(name)}{before}", flush=True)
    return found


def main():
    words = [word for word in sys.argv[1:] if word != "--write"]
    homes = [int(word) for word in words[2:] if word.isdecimal()]
    if len(words) not in (2, 3) or words[1] not in MEASURES or len(homes) != len(words) - 2:
        sys.exit(__doc__)
    if homes and words[1] != "instructions":
        sys.exit(f"costs: {words[1]} takes no HOMES: its fleets are given")
    kept = kept_figures()
    found = told(pathlib.Path(words[0]).resolve(), words[1], homes, kept)
    if "--write" in sys.argv:
        keep(found)
        return 0
    lines = worse(found, kept) + over_budget(found) + ([] if homes else unkept(found, kept))
    for line in lines:
        print(f"costs: {line}", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
