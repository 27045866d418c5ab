#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The net under every change of the program: what each shipped scenario gave when its results were
last wanted.

usage: reference.py PROGRAM [SCENARIO...]           runs the scenarios, prints what moved; exit 1 if
                                                    anything did
       reference.py PROGRAM --write [SCENARIO...]   the same, and keeps the new results as the
                                                    reference
       reference.py PROGRAM --all [SCENARIO...]     each seed with each number of threads, for the
                                                    soak

results/reference/scenarios.json holds, per scenario and seed, the fingerprint and a digest of every
file of the results; 1, 2 and 7 threads must all give them. One seed is run with 7, the other with
1 or with 2, scenario by scenario in turn: what threads could disturb does not hang on the seed, and
the reference itself was written with all of them. The version of the program, and the script and
style of report.html, are left out of the digests: they change without any run taking another
course.
"""
import concurrent.futures
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
SCENARIOS = TOP / "scenarios"
REFERENCE = TOP / "results" / "reference" / "scenarios.json"
THREADS = (1, 2, 7)
RUNS = ({1: (7,), 2: (1,)}, {1: (7,), 2: (2,)})  # seed -> threads, of one scenario and the next
ALL_RUNS = {seed: THREADS for seed in (1, 2)}  # what is kept as the reference was run so

# Parameters that make a scenario quick and yet large enough for eight streets (of 250 homes). A
# scenario that is not here runs with its defaults.
SMALL = {
    "5.3/update-authenticity.lua": ["devices=2000", "size=2000"],
    "5.9-1/outages.lua": ["homes=80", "how=short"],
    "5.9-2/hub-loss.lua": ["homes=90"],
    "5.9-2/interrupted.lua": ["homes=80", "times=2"],
    "5.9-2/isp-outage.lua": ["homes=80", "outage=20m"],
    "5.9-2/non-associated.lua": ["homes=240"],
    "5.9-2/regional-blackout.lua": ["homes=90"],
    "5.9-3/accept-then-close.lua": ["homes=2000", "devices_per_home=1", "lasts=10m"],
    "5.9-3/broker-restart.lua": ["homes=2000", "devices_per_home=1"],
    "5.9-3/choosing-a-law.lua": ["devices=2000", "capacity=20"],
    "5.9-3/declaration.lua": ["observed=2000"],
    "5.9-3/hub-restart.lua": ["homes=2000", "devices_per_home=1"],
    "5.9-3/metastable.lua": ["homes=2000", "devices_per_home=1"],
    "5.9-3/refuse-busy.lua": ["homes=2000", "devices_per_home=1"],
    "5.9-3/wan-black-hole.lua": ["homes=2000", "devices_per_home=1", "outage=5m"],
    "5.9-3/two-boots.lua": ["homes=480"],
    "5.9-3/update-wave.lua": ["devices=2000"],
    "5.9-3/power-restore-street.lua": ["homes=2000", "devices_per_home=1", "outage=10m"],
    "5.9-3/window-contacts.lua": ["homes=2000", "contacts_per_home=1"],
    "laws/contended-value.lua": ["devices=250", "streets=8", "limit=10s"],
    **{
        f"5.10-1/{kind}.lua": ["devices=2000", "days=0.15", "report_every=20m"]
        for kind in (
            "battery-drain",
            "botnet-scan",
            "clone",
            "credential-stuffing",
            "exfiltration",
            "out-of-range",
            "silent-device",
            "slow-drift",
            "stuck-sensor",
            "update-signature",
        )
    },
    "5.10-1/a-week.lua": ["devices=8004", "days=0.1"],
    "a-city.lua": ["homes=600"],
    "steady.lua": ["devices=2000", "duration=20s", "period=5s"],
}


def scenarios():
    return sorted(str(path.relative_to(SCENARIOS)) for path in SCENARIOS.rglob("*.lua"))


def sets(parameters):
    return [word for parameter in parameters for word in ("--set", parameter)]


def run(program, scenario, folder, seed, threads):
    """The results of one run: name of a file -> its bytes."""
    command = [
        program,
        "run",
        f"scenarios/{scenario}",
        "--repeatable",
        "--quiet",
        "--seed",
        str(seed),
        "--threads",
        str(threads),
        "--out",
        str(folder),
        *sets(SMALL.get(scenario, [])),
    ]
    process = subprocess.run(
        command, cwd=TOP, stdin=subprocess.DEVNULL, capture_output=True, timeout=600, check=False
    )
    if process.returncode not in (0, 1, 5):
        raise RuntimeError(
            f"{scenario}: exit {process.returncode}: {process.stderr.decode(errors='replace')}"
        )
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def digests(files):
    """File -> digest, without what says nothing about the run; and the fingerprint."""
    summary = json.loads(files["summary.json"])
    version = summary["version"].encode()
    found = {}
    for name, content in files.items():
        if name.endswith(".html"):
            content = re.sub(
                rb"<style>.*?</style>|<script>.*?</script>|<meta http-equiv[^>]*>",
                b"",
                content,
                flags=re.S,
            )
        found[name] = hashlib.sha256(content.replace(version, b"VERSION")).hexdigest()[:16]
    return summary["fingerprint"], found


def observe(program, scenario, folder, runs):
    """Seed -> what its runs gave; complains of threads that disagree."""
    found, wrong = {}, []
    for seed, threads in runs.items():
        results = {
            n: digests(run(program, scenario, folder / f"{seed}-{n}", seed, n)) for n in threads
        }
        for n in threads[1:]:
            if results[n] != results[threads[0]]:
                wrong.append(
                    f"{scenario}: seed {seed}: {n} threads give other results than {threads[0]}"
                )
        fingerprint, files = results[threads[0]]
        found[str(seed)] = {"fingerprint": fingerprint, "files": files}
    return found, wrong


def differences(scenario, before, now):
    """A line for each thing that moved."""
    if before is None:
        yield f"{scenario}: has no reference yet"
        return
    if before["parameters"] != now["parameters"]:
        yield f"{scenario}: parameters: {before['parameters']} -> {now['parameters']}"
    for seed in now["seeds"]:
        old, new = before["seeds"].get(seed, {"fingerprint": None, "files": {}}), now["seeds"][seed]
        if old["fingerprint"] != new["fingerprint"]:
            yield (
                f"{scenario}: seed {seed}: fingerprint {old['fingerprint']} -> "
                f"{new['fingerprint']}"
            )
        for name in sorted(old["files"].keys() | new["files"].keys()):
            if old["files"].get(name) != new["files"].get(name):
                yield (
                    f"{scenario}: seed {seed}: {name}: {old['files'].get(name)} -> "
                    f"{new['files'].get(name)}"
                )


def load():
    return json.loads(REFERENCE.read_text(encoding="utf-8")) if REFERENCE.exists() else {}


def keep(reference):
    REFERENCE.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(reference, indent=1, sort_keys=True, ensure_ascii=False)
    REFERENCE.write_text(text + "\n", encoding="utf-8")


def few_runs(name):
    """What this scenario is run with, where not all of it is."""
    return RUNS[scenarios().index(name) % len(RUNS)]


def look(program, names, runs=None):
    """Scenario -> what it gives now; and the complaints about threads."""
    now, wrong = {}, []
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting = {}
        program = shutil.copy2(program, scratch)  # a build that goes on meanwhile does not disturb
        for name in names:
            folder = pathlib.Path(scratch) / name.replace("/", "_")
            folder.mkdir()
            waiting[name] = pool.submit(observe, program, name, folder, runs or few_runs(name))
        for name, observed in waiting.items():
            seeds, bad = observed.result()
            now[name] = {"parameters": SMALL.get(name, []), "seeds": seeds}
            wrong += bad
    return now, wrong


def main(arguments):
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    write, thorough = "--write" in arguments, "--all" in arguments
    program, *names = [a for a in arguments if a not in ("--write", "--all")]
    everything = scenarios()
    unknown = set(names) - set(everything)
    if unknown:
        print(f"no such scenario: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    reference = load()
    now, wrong = look(
        str(pathlib.Path(program).resolve()),
        names or everything,
        ALL_RUNS if thorough or write else None,
    )
    moved = [line for name in now for line in differences(name, reference.get(name), now[name])]
    gone = [] if names else sorted(reference.keys() - set(everything))
    moved += [f"{name}: is gone" for name in gone]
    print("\n".join(wrong + moved) if wrong or moved else f"{len(now)} scenarios: nothing moved")
    if write and not wrong:
        for name in gone:
            del reference[name]
        keep({**reference, **now})
        return 0
    return 1 if wrong or moved else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
