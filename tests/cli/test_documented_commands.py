#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 35
# test-timeout: 600
"""Every command that README.md and docs/ tell to type works: it is run as it stands there, page by
page and in the order of the page, by bash, in a folder that has the files that it names; or another
test holds it, which HELD names. A command that is neither is a mistake of the page, and so is one
that ends otherwise than it says. What would be dear is made small (SMALL), and no other word of it
is changed, but for what a page leaves open (MEANT) and for addresses, which are those of a `serve`
on free ports.
"""
import collections
import gzip
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import unittest

from program import PROGRAM, SOURCE, CliTest, enough_in_release, environment, free_port
from program import has_handlers, start

sys.path[:0] = [str(SOURCE / "tests" / name) for name in ("tools", "interop")]
from peers import Recorder  # noqa: E402
import shown  # noqa: E402
import told  # noqa: E402
import truths  # noqa: E402

# Commands that other tests hold: pages whose name begins so, how the command stands there
# (told.py), the words that it begins with; why; the test that holds it, and words of it that say
# so.
Held = collections.namedtuple("Held", "page how text why test says")
HELD = [
    Held(*(part.strip() for part in line.split("|")))
    for line in """
 | shown | | its output is held, too | tests/cli/test_shown.py | test_the_pages
docs/tutorial.md | sh | | the page is done whole | tests/cli/test_pages.py | read("tutorial.md")
docs/ci.md | sh | | the page is done whole | tests/cli/test_pages.py | read("ci.md")
docs/ci.md | yaml | blackstart test | read out of the YAML | tests/cli/test_pages.py | test_ci_files
docs/add/ | sh | | the example is built first | tests/tools/add_pages.py | def run_steps
docs/scenarios.md | block | blackstart test scenarios/5.9-3 --product | for its table | \
tests/cli/test_documents.py | test_the_table_of_one_product
docs/commands.md | span | blackstart show smart-plug --graph | Graphviz draws it | \
tests/cli/test_show.py | "--graph"
 | | podman | a runtime of containers | tests/packages/test_image.sh | crun
 | | docker logs | what it prints is read | tests/cli/test_logs.py | docker logs -t
 | | docker compose logs | what it prints is read | tests/cli/test_logs.py | docker compose logs
 | | apt-get | it installs the package | tests/packages/test_deb.sh | apt
 | | apt install gnuplot-nox | it installs | cmake/packages.txt | gnuplot-nox
 | | mmdebstrap | a bare Debian from a mirror | tests/packages/chroot.sh | mmdebstrap
 | | man | it wants what is installed | tests/cli/test_install.py | man7/blackstart-scenario.7
 | | curl | the page is read by another client | tests/cli/test_metrics.py | prometheus_client
 | | tcpdump | it wants root | tests/interop/test_judge_foreign.py | tcpdump
 | | mosquitto_sub | it wants a broker | tests/interop/test_mosquitto.py | mosquitto_sub
 | | python3 tests/tools/field_cases.py | it rewrites the page | tests/cli/test_field_cases.py | \
test_the_page_is_made_from_the_table
 | | ctest --preset release | it is a test | tests/unit/test_nab.c | main
 | | cmake --preset asan | it builds for minutes | cmake/test.sh | release asan tsan
 | | make run | it installs what is missing | tests/tools/check_setup.sh | setup.sh
 | | make install | it installs | tests/cli/test_install.py | install.sh
 | | make uninstall | it uninstalls | tests/cli/test_install.py | uninstall.sh
 | | make deb | it packs for minutes | tests/packages/test_deb.sh | blackstart_
 | | make archive | it packs for minutes | tests/packages/test_archive.sh | archive
 | | make image | it packs for minutes | tests/packages/test_image.sh | blackstart-image.tar
 | | make package-test | these are what it runs | tests/packages/test_deb.sh | chroot.sh
 | | make bench | it measures for minutes | tests/cli/test_figures.py | reproduce
 | | make figures | it measures for minutes | tests/cli/test_figures.py | measured
 | | make soak | it takes a quarter of an hour | tests/soak/a_week.sh | WEEK
 | | make fuzz | its corpus is run | tests/fuzz/corpus_main.c | corpus
 | | make page | it wants Node.js | tests/page/test_bundle.sh | bundle
 | | make test | this is a part of it | cmake/test.sh | release asan tsan
""".splitlines()
    if line
]

# What commands are made small by: the first row whose pattern the command has. An option that it
# has gets this value; one of `--set` that it lacks is added, unless it varies that parameter.
SMALL = (
    (r"devices_per_home=1", "--set homes=60 --set capacity=5"),
    (r"power-restore-street", "--set homes=15 --set capacity=5"),
    (r"steady.* --target ", "--set devices=5 --set period=500ms --set duration=1s"),
    (r"steady", "--set devices=5 --set duration=5s"),
    (r"a-week", "--set devices=240 --set days=0.5"),
    (r"exfiltration", "--set devices=100"),
    (r"choosing-a-law", "--set devices=100 --seeds 1"),
    (r"contended-value", "--seeds 1"),
    (r"isp-outage", "--set homes=4"),
    (r"a-city", "--set homes=20"),
    (r"broker-restart", "--set homes=15"),
    (r"village", "--set homes=80"),
    (r"two-boots", "--set homes=30"),
    (r"non-associated", "--set homes=15"),
    (r"silent-cloud", "--set devices=20"),
    (r"test scenarios/5\.9-3", "--set homes=15 --set devices=60"),
    (r"truths\.py", "--count 4"),
)

# What ends otherwise than with 0, and why.
CODES = (
    (r"power-restore-street.* law=fixed", 1, "the bad twin"),
    (r"broker-restart\.lua --set law=full-jitter", 1, "its first attempts come at once"),
    (r"a-week", 1, "half a day is too short to learn in"),
    (r"test .*scenarios/5\.9-3", 1, "one trigger of twelve is too much for so few"),
    (r"examiner=no", 1, "the bad twin"),
    (r"two-boots --set randomness=constant", 1, "a bad twin"),
    (r"non-associated --set device=other-dependent", 1, "a bad twin"),
    (r"silent-cloud --set device=deaf", 1, "a bad twin"),
    (r"blackstart ics \w", 1, "a statement that nobody has filled in"),
)

# What a page leaves open: the words of a form, names of commands without what they work on.
MEANT = (
    (r"^blackstart (judge|examine|sweep|run|test|compare|ics|check|report)$", r"blackstart \1 ..."),
    (r" judge \.\.\.$", " judge FILE"),
    (r" examine \.\.\.$", " examine FILE.csv"),
    (r" sweep \.\.\.$", " sweep SCENARIO --vary NAME=VALUES"),
    (r" run \.\.\.$", " run SCENARIO"),
    (r" test \.\.\.$", " test DIR"),
    (r" compare \.\.\.$", " compare DIR DIR"),
    (r" ics \.\.\.$", " ics FILE.json"),
    (
        r" examine --(truth|operator)$",
        " examine telemetry.csv --operator alarms.csv --truth truth.csv",
    ),
    (r" judge --declared$", " judge device.pcap --declared law.json"),
    (r" judge --port 5684$", " judge edge.pcap --port 5684 --capacity 5"),
    (
        r" run --credentials DIR$",
        " run SCENARIO --target coaps://127.0.0.1 --credentials made-papers",
    ),
    (r" run --live ", " run SCENARIO --live "),
    (r" serve --seed$", " serve --seed 1"),
    (r" credentials --out( DIR)?$", " credentials --out new-papers"),
    (r" --target URL", " --target coap://127.0.0.1:5683"),
    (r" --vary NAME=VALUES", " --vary devices=5,10"),
    (r" --product FILE", " --product scenarios/products/thermostat.json"),
    (r" run SCENARIO --by NAME", " run power-restore-street --by retry-budget"),
    (r" --by NAME", " --by aws-device-advisor"),
    (r" --live FILE", " --live live.jsonl"),
    (r" -o FILE", " -o page.html"),
    (r" judge FILE", " judge device.pcap"),
    (r" judge -$", " judge - < device.pcap"),
    (r" examine -$", " examine - < readings.csv"),
    (r" FILE\.csv", " readings.csv"),
    (r" FILE\.json", " statement.json"),
    (r" FILE\.lua", " ours/first.lua"),
    (r" init DIR", " init new"),
    (r" (check|test) DIR", r" \1 ours"),
    (r" compare DIR DIR", " compare results/one results/two"),
    (r" (report|evidence) DIR", r" \1 results/one"),
    (r" show (MODEL|NAME)", " show smart-plug"),
    (r" PRESET", " paho-c"),
    (r" SCENARIO", " scenarios/steady.lua"),
    (r" COMMAND", " run"),
    (r" -- WORD", " -- run power"),
    # the folder that the run above it has made
    (r"results/\.\.\./", "$(ls -d results/exfiltration-* | head -1)/"),
    # which ends, when what stands in the file was read: process 4194304 is none
    (r"^tail -n \+1 -f ", "tail --pid=4194304 -n +1 -f "),
)

SIZED = "(?:run|test|sweep|check|credentials)"  # commands that have --set
# The programs that commands may call here: a command that calls another wants a row of HELD.
RUN = {"blackstart", "diff", "grep", "head", "jq", "python3", "tail", "taskset", "zcat"}

DOORS = ("coap", "coaps", "coap-tcp", "mqtt", "mqtts")
ANYWHERE = re.compile(r"\b([a-z]+(?:\+tcp)?)://(?:127\.0\.0\.1|localhost)(?::\d+)?(?![\d:/])")
LEAST = 100  # commands that are run: fewer than there are, but pages that are not read are noticed
SPREAD = {"kind": "full-jitter", "base": "20s", "cap": "4m", "initial_window": "3m"}
LAW = {"kind": "equal-jitter", "base": "3s", "cap": "10m"}
PASSES = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "Two devices, one minute" }
function setup()
    fleet.devices { model = "thermostat", count = 2, law = law.fixed { base = "1s" } }
end
function drill() wait "1m" end
function verdict() judge.answered { at_least = "100%" } end
"""


def verbs():
    text = (SOURCE / "docs" / "commands.md").read_text(encoding="utf-8")
    return set(re.findall(r"^## ([a-z]+)$", text, re.M))


def all_told():
    for page in shown.pages():
        name = str(page.relative_to(shown.TOP))
        yield name, told.commands(name, page.read_text(encoding="utf-8"), verbs())


def holds(row, command):
    return (
        command.page.startswith(row.page)
        and row.how in ("", command.how)
        and (f"{command.text} ").startswith(f"{row.text} " if row.text else "")
    )


def meant(text):
    for pattern, words in MEANT:
        text = re.sub(pattern, words, text)
    return text


def small(text):
    words = next((words for pattern, words in SMALL if re.search(pattern, text)), "").split()
    for option, value in zip(words[::2], words[1::2]):
        name = f"{value.split('=')[0]}=" if option == "--set" else ""
        there = rf"(?<= {option} {name})[^\s;]+"
        if re.search(there, text):
            text = re.sub(there, value[len(name) :], text)
        elif name and f"--vary {name}" not in text:
            text = re.sub(rf"(blackstart {SIZED})\b", rf"\1 {option} {value}", text, count=1)
    return text


def code_of(text):
    return next((code for pattern, code, _ in CODES if re.search(pattern, text)), 0)


def runs(command):
    """What is run in its place: a text for each of its forms."""
    return [small(meant(form)) for form in told.forms(command.text)]


def wrong_with_rows(rows, commands):
    """What is not so of rows of HELD."""
    for row in rows:
        test = SOURCE / row.test
        if not any(holds(row, command) for command in commands):
            yield f"no command is held by {row}"
        if not test.is_file() or row.says not in test.read_text(encoding="utf-8"):
            yield f"{row.test} does not hold it: {row}"


def targets():
    """Those of the Makefile."""
    lines = re.findall(r"^([a-z][a-z -]*):", (SOURCE / "Makefile").read_text("utf-8"), re.M)
    return {name for line in lines for name in line.split()}


def tcp_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def port_for(door):
    """One at which nobody is."""
    return free_port() if door in ("coap", "coaps") else tcp_port()


class Documented(CliTest):
    """A folder as readers have it, and `serve` where they have a server."""

    maxDiff = None

    def setUp(self):
        super().setUp()
        self.made = self.folder / "made"
        self.made.mkdir()
        self.path = f"{os.path.dirname(PROGRAM)}:{os.environ['PATH']}"

    def ours(self, *words, code=0):
        process = self.run_program([*words], cwd=self.made)
        self.assertEqual(process.returncode, code, f"{words}\n{process.err}")
        return process.out

    # ---- what commands name ----

    def make(self):
        """The files that commands name, once for all pages."""
        for name in ("scenarios", "tests", "docs"):
            (self.made / name).symlink_to(SOURCE / name)
        (self.made / "build" / "release").mkdir(parents=True)
        (self.made / "build" / "release" / "blackstart").symlink_to(PROGRAM)
        self.put("ours/first.lua", PASSES)
        self.put("law.json", json.dumps(LAW))
        self.logs()
        self.tables()
        self.put("statement.json", self.ours("ics", "--template"))
        self.put("keys.csv", self.ours("credentials", "--count", "5"))
        self.ours("credentials", "--count", "5", "--out", "made-papers")
        street = ["run", "power-restore-street", "--set", "homes=15", "--set", "capacity=5"]
        self.ours(*street, "--quiet", "--out", "results/one", "--pcap", "edge.pcap")
        self.ours(*street, "--quiet", "--set", "law=fixed", "--out", "results/two", code=1)
        for name in ("A", "B"):
            self.ours("run", "ours/first.lua", "--quiet", "--out", name)

    def put(self, name, content):
        path = self.made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def logs(self):
        """A device that passes, in a capture and in the shapes of brokers; a fleet that does."""
        device = truths.Truth(law=LAW, outages=11, retries=6, told=False, format="pcap")
        device = truths.live(device, random.Random(7))
        self.put("device.pcap", self.written(device))
        words = [
            (truths.EPOCH + at, "connected" if how == truths.OK else "connect_failed")
            for at, _, how, _, _ in device.attempts
        ]

        def lines(row):
            return "".join(json.dumps(row(at, event)) + "\n" for at, event in words)

        self.put(
            "lifecycle.jsonl",
            lines(lambda at, e: {"timestamp": int(at * 1000), "clientId": "d", "eventType": e}),
        )
        self.put(
            "sys.jsonl",
            lines(
                lambda at, e: {
                    "topic": f"$SYS/brokers/emqx@127.0.0.1/clients/d/{e}",
                    "payload": {"clientid": "d", "ts": int(at * 1000), "reason": ""},
                }
            ),
        )
        self.put(
            "PT1H.json",
            lines(
                lambda at, e: {
                    "time": truths.stamp(at - truths.EPOCH) + "Z",
                    "operationName": e,
                    "properties": json.dumps({"deviceId": "d"}),
                }
            ),
        )
        plain = lines(lambda at, e: {"timestamp": at, "clientId": "d", "event": e})
        self.put("events.jsonl.gz", gzip.compress(plain.encode()))
        fleet = truths.Truth(law=SPREAD, devices=60, outages=1, lasting=400, told=False)
        fleet.format = "mosquitto"
        self.put("ten.log", self.written(truths.live(fleet, random.Random(7))))

    def written(self, truth):
        files, _ = truths.write(truth, self.made, "truth")
        with open(files[0], "rb") as file:
            return file.read()

    def tables(self):
        """Telemetry of two devices, one of which jumps, and who told of it."""
        begin = truths.EPOCH
        rows = [
            f"{begin + 300 * i},{60 if device and i > 580 else 20 + i * 7 % 5},{device}\n"
            for i in range(600)
            for device in (0, 1)
        ]
        self.put("readings.csv", "timestamp,value,device\n" + "".join(rows))
        self.put("telemetry.csv", "timestamp,value,device\n" + "".join(rows))
        injected = f"{begin + 300 * 581},{begin + 300 * 600},jump,1\n"
        for name in ("injected.csv", "truth.csv"):
            self.put(name, "start,end,kind,key\n" + injected)
        self.put("alarms.csv", f"timestamp,key\n{begin + 300 * 583},1\n")

    def page_folder(self, page, text):
        """What the page's reader has: the files above, and those whose content the page shows."""
        folder = self.folder / page.replace("/", "-")
        shutil.copytree(self.made, folder, symlinks=True)
        village = re.search(r"^```lua\n(.*?)^```", text, re.S | re.M)
        blocks = [re.sub(r"^    ", "", b[1], flags=re.M) for b in shown.INDENTED.finditer(text)]
        objects = [
            block.split("\n}\n")[0] + "\n}\n"
            for block in blocks
            if block.lstrip().startswith('{\n')
        ]
        rows = [block for block in blocks if block.lstrip().startswith("room,")]
        if page == "docs/scenarios.md":
            (folder / "village.lua").write_text(village[1], encoding="utf-8")
        if page == "docs/dialects.md":
            for name, content in zip(("ours.json", "devices.json"), objects):
                (folder / name).write_text(content, encoding="utf-8")
            (folder / "rooms.csv").write_text(rows[0].strip() + "\n", encoding="utf-8")
        return folder

    # ---- servers ----

    def cloud(self):
        """`serve` at every door of DOORS, for the commands that want a server."""
        for last in (False, False, True):
            ports = {door: port_for(door) for door in DOORS}
            where = {d: f"localhost:{p}" if d == "mqtts" else str(p) for d, p in ports.items()}
            words = [word for door in DOORS for word in (f"--{door}", where[door])]
            words += ["--cert", "made-papers/broker.pem", "--key", "made-papers/broker.key"]
            process = start(["serve", *words], self.made, stdout=subprocess.PIPE)
            lines = [process.stdout.readline() for _ in DOORS]
            if all(lines):
                break
            error = process.communicate()[1]
            if last or "in use" not in error:
                self.fail(error)
        self.addCleanup(process.communicate)
        self.addCleanup(process.terminate)
        self.ports = {door.replace("-tcp", "+tcp"): port for door, port in ports.items()}
        recorder = Recorder()
        self.enterContext(recorder)
        self.foreign = recorder.plain  # a server that knows no paths, and so takes all
        self.metrics = str(tcp_port())
        self.nobody = self.closed_port()

    def addressed(self, text):
        """The command with addresses that are there."""
        text = text.replace("http://127.0.0.1:8080/", f"http://127.0.0.1:{self.nobody}/")
        text = text.replace("9464", self.metrics)
        if " devices.json" in text or "/devices.json" in text:
            return ANYWHERE.sub(self.foreign, text)
        return ANYWHERE.sub(
            lambda m: f"{m[1]}://{'localhost' if m[1] == 'mqtts' else '127.0.0.1'}"
            f":{self.ports[m[1]]}",
            text,
        )

    # ---- running ----

    def popen(self, text, folder):
        return subprocess.Popen(
            ["bash", "-c", "set -o pipefail\n" + text],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=environment(PATH=self.path),
            text=True,
            errors="replace",
        )

    def ended(self, process, text):
        """What is wrong with how it has ended; "": nothing."""
        try:
            out, error = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return "still goes on after two minutes"
        wanted = code_of(text)
        if process.returncode == wanted and "No such file" not in error:
            return ""
        return f"ends with {process.returncode}, not {wanted}: {error}{out[-1500:]}"

    def served(self, text, folder):
        """A command that serves until it is told to end."""
        for last in (False, False, True):
            asked = re.sub(
                r"(--(?:coaps?|mqtts?|wss?)(?:-tcp)?) (?:\d+|PORT)",
                lambda m: f"{m[1]} {port_for(m[1].strip('-'))}",
                text,
            )
            if not re.search(r" --(coap|mqtt|ws)", asked):
                asked += f" --coap {port_for('coap')} --coaps {port_for('coaps')}"
            process = self.popen(f"exec {asked}", folder)
            if process.stdout.readline().startswith("serving "):
                has_handlers(process)
                process.send_signal(signal.SIGTERM)
                return self.ended(process, text)
            wrong = self.ended(process, text)
            if last or "in use" not in wrong:
                return wrong or "serves nothing"

    def wrong_with(self, text, folder):
        """What is wrong with a text of `runs`; "": nothing."""
        text = self.addressed(text)
        if text.startswith("blackstart serve"):
            return self.served(text, folder)
        for _ in range(3):
            wrong = self.ended(self.popen(text, folder), text)
            if "enerator was late" not in wrong:
                return wrong
        return ""  # this machine was too slow for a run in real time to say anything

    def look(self, page, text, known, done):
        """What is wrong with the commands of a page; what was run is added to `done`. Words of
        running text that were run before are not run again."""
        folder = self.page_folder(page, text)
        for command in told.commands(page, text, verbs()):
            if any(holds(row, command) for row in known):
                continue
            if not set(told.programs(command.text)) <= RUN:
                yield f"{command}: neither run here nor held by another test"
                continue
            for one in runs(command):
                if command.how == "span" and one in done:
                    continue
                wrong = self.wrong_with(one, folder)
                done.append(one)
                if wrong:
                    yield f"{command}: {one}: {wrong}"

    # ---- tests ----

    def test_each_row_holds_a_command(self):
        commands = [command for _, page in all_told() for command in page]
        self.assertEqual(list(wrong_with_rows(HELD, commands)), [])
        good = HELD[0]
        for twin in (
            good._replace(text="blackstart fly"),
            good._replace(test="tests/cli/test_nothing.py"),
            good._replace(says="what nobody has written"),
        ):
            self.assertEqual(len(list(wrong_with_rows([twin], commands))), 1, twin)
        left = [c for c in commands if not any(holds(row, c) for row in HELD)]
        texts = [form for command in left for form in told.forms(command.text)]
        steps = {step for text in texts for step in self.steps(text)}
        for pattern, _ in MEANT:
            self.assertTrue(any(re.search(pattern, step) for step in steps), pattern)
        whole = [meant(text) for text in texts]
        for pattern, *_ in (*SMALL, *CODES):
            self.assertTrue(any(re.search(pattern, text) for text in whole), pattern)

    def steps(self, text):
        """A text after each row of MEANT."""
        yield text
        for pattern, words in MEANT:
            text = re.sub(pattern, words, text)
            yield text

    def test_make_has_what_pages_tell_to_make(self):
        asked = {
            word
            for _, page in all_told()
            for command in page
            if command.text.startswith("make ")
            for word in command.text.split("#")[0].split()[1:]
        }
        self.assertGreater(len(asked), 8)
        self.assertEqual(asked - targets(), set())
        self.assertNotIn("soaked", targets())

    def test_reading(self):
        text = (
            "Say `blackstart list` or `run x --set a=1`, not `blackstart` or `run`.\n\n"
            "    blackstart run a \\\n        --set b=2   # c\n"
            "    blackstart report DIR      says so\n"
            "    homes = 5\n\n```yaml\n- run: blackstart test x\n```\n\n```lua\nmake x\n```\n"
        )
        self.assertEqual(
            [(c.line, c.how, c.text) for c in told.commands("p", text, {"run"})],
            [
                (1, "span", "blackstart list"),
                (1, "span", "blackstart run x --set a=1"),
                (3, "block", "blackstart run a --set b=2   # c"),
                (5, "block", "blackstart report DIR"),
                (9, "yaml", "blackstart test x"),
            ],
        )
        self.assertEqual(told.forms("a x|y [options]"), ["a x", "a y"])
        self.assertEqual(told.forms("a FILE... [b|c]"), ["a FILE", "a FILE b", "a FILE c"])
        self.assertEqual(
            small("blackstart run steady --set devices=9k > o"),
            "blackstart run --set duration=5s steady --set devices=5 > o",
        )

    @enough_in_release
    def test_each_command_works(self):
        self.make()
        self.cloud()
        done = []
        for page, commands in all_told():
            text = (SOURCE / page).read_text(encoding="utf-8")
            with self.subTest(page=page):
                self.assertEqual("\n".join(self.look(page, text, HELD, done)), "")
        self.assertGreater(len(done), LEAST)

    @enough_in_release
    def test_what_does_not_work_is_noticed(self):
        self.make()
        self.cloud()
        for twin, complaint in (
            ("blackstart fly scenarios/steady.lua", "ends with 4, not 0"),
            ("blackstart run scenarios/steady.lua --set homez=2", "ends with 4, not 0"),
            ("blackstart run scenarios/no-such.lua", "ends with 4, not 0"),
            ("blackstart judge no-such.pcap | head -1", "ends with 4, not 0"),
            ("blackstart serve --coat 5683", "ends with 4, not 0"),
            ("blackstart run power-restore-street --set law=immediate", "ends with 1, not 0"),
            ("blackstart run power-restore-street --set law=fixed", ""),
            ("systemctl start blackstart", "neither run here nor held"),
            ("docker run blackstart", "neither run here nor held"),
            ("make soaked", "neither run here nor held"),
            ("blackstart version", ""),
        ):
            with self.subTest(twin):
                page = f"twin-{len(list(self.folder.iterdir()))}"
                wrong = "\n".join(self.look(page, f"Text.\n\n    {twin}\n", HELD, []))
                self.assertEqual(wrong != "", complaint != "", wrong)
                self.assertIn(complaint, wrong)


if __name__ == "__main__":
    unittest.main()
