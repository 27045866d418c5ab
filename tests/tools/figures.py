#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of README.md: measured, written down with the machine that they are of, and held.

usage: figures.py BUILD --write   measures, keeps results/reference/figures.json, rewrites the
                                  table of README.md (make figures)
       figures.py BUILD           measures and compares with the file; exit 1 when a figure does
                                  not reproduce (make bench)

BUILD is a folder of the release preset with its benchmarks. Figures of speed are of one machine,
so they are compared by their ratios: another machine is quicker or slower in all of them, by the
middle of what it is in each, and none may be more than SLACK worse than that. Sizes and shares do
not hang on the machine: they have a tolerance of their own. What is slower was disturbed, so the
best of ROUNDS counts.
"""
import json
import os
import pathlib
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass

TOP = pathlib.Path(__file__).resolve().parents[2]
FILE = TOP / "results" / "reference" / "figures.json"
README = TOP / "README.md"
BEGIN, END = "<!-- figures: make figures writes them -->\n", "<!-- end of the figures -->"
ROUNDS = 3
SLACK = (
    0.6  # noise of a shared machine; 39,000 handshakes/s claimed and 12,600 measured lie below it
)
STREET = "scenarios/5.9-3/power-restore-street.lua"
SMALL, LARGE = 250, 5000  # homes of the two runs whose CPU time per event is compared


@dataclass(frozen=True)
class Figure:
    """A row of the table."""

    name: str  # what its benchmark prints
    what: str
    program: str
    told: str  # how its value is written
    scale: float = 1  # of the value in it
    kind: str = "more"  # is better; "less"; "size": a tenth more at most; "share": half to twice


FIGURES = (
    Figure(
        "engine_events_1_thread_1000",
        "events of the bare engine, one thread, one street of 1,000 devices",
        "bench_engine",
        "{:.1f} million/s",
        1e-6,
    ),
    Figure(
        "coap_exchange_both_ends",
        "CoAP exchange, both ends, stock libcoap",
        "bench_coap",
        "{:.1f} us",
        1e-3,
        "less",
    ),
    Figure(
        "handshakes", "DTLS 1.2 PSK handshakes, both ends on one core", "bench_secure", "{:,.0f}/s"
    ),
    Figure(
        "abandoned_share_dtls12_psk",
        "of its cost to a server: one whose client is gone after the server's first flight",
        "bench_abandoned",
        "{:.2f}",
        kind="share",
    ),
    Figure(
        "run_events", "a whole run of 10,000 devices, one thread, events", "bench_run", "{:,.0f}/s"
    ),
    Figure("run_handshakes", "the same, handshakes", "bench_run", "{:,.0f}/s"),
    Figure("run_device", "the same, CPU time of a device", "bench_run", "{:.2f} ms", 1e-6, "less"),
    Figure(
        "run_share_outside_libcoap_and_wolfssl",
        "share of its CPU time outside libcoap and wolfSSL",
        "bench_run",
        "{:.0f} %",
        kind="share",
    ),
    Figure(
        "run_device_memory",
        "memory of a device, both ends, session open, set-point observed",
        "bench_run",
        "{:.1f} KB",
        1e-3,
        "size",
    ),
    Figure("run_device_resident", "the same, resident", "bench_run", "{:.1f} KB", 1e-3, "size"),
    Figure(
        "large_to_small",
        "CPU time an event, 20,000 devices to 1,000, one thread",
        "run",
        "{:.2f} times",
        kind="share",
    ),
    Figure(
        "stream_points_per_second",
        "telemetry examined, one core, 1,000 series",
        "bench_examine",
        "{:.2f} million points/s",
        1e-6,
    ),
)


def lines_of(text):
    """`name value unit` lines as a benchmark prints them."""
    return {
        match[1]: float(match[2])
        for match in re.finditer(r"^(\w[\w.]*) ([-+\d.e]+) \S+$", text, re.M)
    }


def cpu_per_event(build, homes):
    with tempfile.TemporaryDirectory() as scratch:
        command = [build / "blackstart", "run", STREET, "--set", f"homes={homes}", "--quiet"]
        command += ["--threads", "1", "--out", f"{scratch}/o"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=TOP, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        summary = json.loads(pathlib.Path(scratch, "o", "summary.json").read_text())
        return spent / summary["machine"]["events"]


def output_of(build, program):
    if program == "run":
        return {"large_to_small": cpu_per_event(build, LARGE) / cpu_per_event(build, SMALL)}
    process = subprocess.run(
        [build / "tests" / program], cwd=TOP, check=True, capture_output=True, text=True
    )
    print(f"== {program}\n{process.stdout}", end="", flush=True)
    return lines_of(process.stdout)


def measure(build):
    """Name -> value, the best of the rounds."""
    found = {}
    for program in dict.fromkeys(f.program for f in FIGURES):
        rounds = [output_of(build, program) for _ in range(ROUNDS)]
        for figure in (f for f in FIGURES if f.program == program):
            values = [r[figure.name] for r in rounds]
            best = {"more": max, "less": min, "size": min, "share": statistics.median}[figure.kind]
            found[figure.name] = float(f"{best(values):.4g}")
    return found


def machine():
    """The machine by what its figures hang on, without its name."""
    model = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    system = re.search(r'^PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text(), re.M)
    compiler = subprocess.run(
        ["gcc", "-dumpfullversion"], check=True, capture_output=True, text=True
    )
    return {
        "processor": model[1] if model else platform.machine(),
        "cores": os.cpu_count(),
        "system": system[1] if system else platform.system(),
        "compiler": f"gcc {compiler.stdout.strip()}",
    }


def table(kept):
    """What README.md says of a file of figures."""
    m = kept["machine"]
    rows = [
        f"Measured on {m['cores']} cores of a shared virtual machine ({m['processor']}, "
        f"{m['system']}, {m['compiler']}, release preset).",
        "",
        "| what | figure | command |",
        "| --- | --- | --- |",
    ]
    for f in FIGURES:
        told = f.told.format(kept["figures"][f.name] * f.scale)
        command = f"`make bench` ({f.program})"
        if f.program == "run":
            command = f"`blackstart run {STREET} --set homes={LARGE} --threads 1`"
        rows.append(f"| {f.what} | {told} | {command} |")
    return "\n".join(rows) + "\n"


def with_table(readme, kept):
    """The text of README.md with the table of these figures."""
    before, rest = readme.split(BEGIN)
    return before + BEGIN + table(kept) + END + rest.split(END)[1]


def advantage(figure, measured, claimed):
    return claimed / measured if figure.kind == "less" else measured / claimed


def wrong(measured, claimed):
    """One line for each figure that does not reproduce."""
    of_speed = [f for f in FIGURES if f.kind in ("more", "less")]
    here = statistics.median(advantage(f, measured[f.name], claimed[f.name]) for f in of_speed)
    found = []
    for f in FIGURES:
        ratio = advantage(f, measured[f.name], claimed[f.name])
        low, high = {"size": (0, 1.1), "share": (0.5, 2)}.get(f.kind, (SLACK * here, float("inf")))
        if not low <= ratio <= high:
            found.append(
                f"{f.name}: {measured[f.name]:.4g} measured, {claimed[f.name]:.4g} claimed: "
                f"{ratio:.2f} of it, and this machine has {here:.2f} of the other in the middle; "
                "mend what costs, or make figures"
            )
    return found


def main():
    words = [word for word in sys.argv[1:] if word != "--write"]
    if len(words) != 1:
        sys.exit(__doc__)
    build = pathlib.Path(words[0]).resolve()
    measured = measure(build)
    for figure in FIGURES:
        print(f"{figure.name}: {figure.told.format(measured[figure.name] * figure.scale)}")
    if "--write" in sys.argv:
        kept = {"machine": machine(), "figures": measured}
        FILE.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        README.write_text(with_table(README.read_text(encoding="utf-8"), kept), encoding="utf-8")
        return 0
    found = wrong(measured, json.loads(FILE.read_text(encoding="utf-8"))["figures"])
    for line in found:
        print(f"does not reproduce: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
