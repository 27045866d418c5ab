#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""clang-tidy with .clang-tidy over every C source of ours that the build compiled, two at a time.

usage: run_clang_tidy.py SOURCE_DIR BUILD_DIR [--analyzer]
       run_clang_tidy.py --self-test

Unit tests are left out: cmocka's macros are not ours. The clang-analyzer family, which takes most
of the time, runs with --analyzer only (`make lint`). A source is looked at again only when it, a
header of ours that it includes (ninja knows which), the checks or its command changed. Exit 77
(skipped) where clang-tidy is not installed.
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

FOLDERS = ("sim/", "net/", "devices/", "lua/", "tests/fuzz/", "tests/bench/", "tests/support/")
BATCH = 16
NOISE = re.compile(r"^\d+ warnings? (generated|treated).*\n|^Suppressed .*\n", re.M)


def commands(source_dir, build_dir):
    """Source of ours -> (its command, its object)."""
    found = {}
    for entry in json.loads((build_dir / "compile_commands.json").read_text(encoding="utf-8")):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if path.is_relative_to(source_dir) and str(path.relative_to(source_dir)).startswith(
            FOLDERS
        ):
            found[path] = (
                entry["command"],
                entry.get("output") or re.search(r" -o (\S+)", entry["command"]).group(1),
            )
    return found


def included(listing):
    """Object -> files that it was made from, as `ninja -t deps` prints it."""
    found, files = {}, []
    for line in listing.splitlines():
        if line.startswith("    "):
            files.append(line.strip())
        elif ": #deps" in line:
            files = found[line.partition(":")[0]] = []
    return found


def key(source_dir, build_dir, checks, command, files):
    """Digest of all that the verdict on a source depends on."""
    digest = hashlib.sha256((checks + "\0" + command).encode())
    for file in sorted({(build_dir / file).resolve() for file in files}):
        if file.is_relative_to(source_dir) and not file.is_relative_to(build_dir):
            digest.update(
                str(file.relative_to(source_dir)).encode() + b"\0" + file.read_bytes() + b"\0"
            )
    return digest.hexdigest()[:40]


def tidy(build_dir, sources, extra):
    """What one clang-tidy says of all these sources; None when it is content."""
    done = subprocess.run(
        [
            "clang-tidy",
            "--quiet",
            "-p",
            str(build_dir),
            "--extra-arg=-Wno-unknown-warning-option",
            *extra,
            *map(str, sources),
        ],
        capture_output=True,
        text=True,
    )
    return None if done.returncode == 0 else done.stdout + NOISE.sub("", done.stderr)


def tidy_all(look, work):
    """(source, complaint or None) for each (source, mark) of a batch, whose clean ones are marked.
    A process for many sources costs a third of one for each; only a batch with a complaint is
    looked at one by one.
    """
    work = [(source, mark) for source, mark in work if not mark.exists()]
    if not work:
        return []
    content = look([source for source, _ in work]) is None
    said = [(source, None if content else look([source])) for source, _ in work]
    for (_, mark), (_, text) in zip(work, said):
        if text is None:
            mark.touch()
    return said


def check(source_dir, build_dir, extra):
    clean = build_dir / "tests" / "clang-tidy-clean"
    clean.mkdir(parents=True, exist_ok=True)
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, text=True).stdout
    checks = (source_dir / ".clang-tidy").read_text(encoding="utf-8") + version + repr(extra)
    listing = subprocess.run(
        ["ninja", "-C", str(build_dir), "-t", "deps"], capture_output=True, text=True
    ).stdout
    made_from = included(listing)
    work = []
    for source, (command, output) in sorted(commands(source_dir, build_dir).items()):
        if output in made_from:  # what was not built is not looked at: its headers are not known
            work.append(
                (source, clean / key(source_dir, build_dir, checks, command, made_from[output]))
            )
    fresh = sum(1 for _, mark in work if mark.exists())
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        done = pool.map(
            lambda batch: tidy_all(lambda sources: tidy(build_dir, sources, extra), batch),
            [work[i : i + BATCH] for i in range(0, len(work), BATCH)],
        )
    return (
        [
            (source.relative_to(source_dir), text)
            for said in done
            for source, text in said
            if text is not None
        ],
        len(work),
        fresh,
    )


def self_test():
    failures = []
    listing = (
        "a.o: #deps 2, deps mtime 1 (VALID)\n    ../x.c\n    ../x.h\n\nb.o: #deps 1, deps "
        "mtime 1 (VALID)\n    ../y.c\n\n"
    )
    if included(listing) != {"a.o": ["../x.c", "../x.h"], "b.o": ["../y.c"]}:
        failures.append(f"ninja's list was read as {included(listing)}")
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder).resolve()
        build = top / "build"
        build.mkdir()
        for name in ("x.c", "x.h", "y.h"):
            (top / name).write_text("int a;\n", encoding="utf-8")

        def now(checks="c", command="gcc"):
            return key(top, build, checks, command, ["../x.c", "../x.h", "/usr/include/stdio.h"])

        first = now()
        (top / "y.h").write_text("int b;\n", encoding="utf-8")
        if now() != first:
            failures.append("a header that the source does not include made it be looked at again")
        (top / "x.h").write_text("int b;\n", encoding="utf-8")
        if now() == first:
            failures.append("a changed header went unnoticed")
        if now() == now(checks="d") or now() == now(command="gcc -O1"):
            failures.append("changed checks or a changed command went unnoticed")
        asked = []

        def look(sources):  # y.c is bad
            asked.append([source.name for source in sources])
            return "bad" if top / "y.c" in sources else None

        batch = [(top / name, top / (name + ".clean")) for name in ("x.c", "y.c", "z.c")]
        if [text for _, text in tidy_all(look, batch)] != [None, "bad", None]:
            failures.append("of a batch another source than the bad one was told")
        if tidy_all(look, batch) != [(top / "y.c", "bad")] or asked[-1] != ["y.c"]:
            failures.append("what was clean is looked at again, or what was bad is not")
        if tidy_all(look, batch[:1]) or asked[-1] != ["y.c"]:
            failures.append("a clean source is looked at again")
    print("\n".join(failures) or "what changed is looked at again, and nothing else")
    return 1 if failures else 0


def main():
    arguments = sys.argv[1:]
    if arguments == ["--self-test"]:
        return self_test()
    analyzer = "--analyzer" in arguments
    folders = [pathlib.Path(a).resolve() for a in arguments if a != "--analyzer"]
    if len(folders) != 2:
        print(__doc__, file=sys.stderr)
        return 4
    if shutil.which("clang-tidy") is None:
        print("skipped: clang-tidy is not installed")
        return 77
    found, count, fresh = check(*folders, [] if analyzer else ["--checks=-clang-analyzer-*"])
    if count == 0:
        print("no C sources: nothing was checked")
        return 1
    for source, text in found:
        print(f"{text.rstrip()}\nclang-tidy: {source}: see above")
    print(
        f"clang-tidy: {count} sources, {fresh} of them unchanged since they were clean, "
        f"{len(found)} are not clean"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
