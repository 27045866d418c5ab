#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Truths for the judge: devices whose law, outages and number are known, written as the logs and
captures that people have.

usage: truths.py PROGRAM [--count N] [--seed N] [--folder DIR]   judges N truths and prints verdict
                                                                 against truth; exit 1 when more
                                                                 than
                                                           1 % of the verdicts given are wrong, or
                                                           15 % say nothing that could be said

A truth is drawn by (seed, number), so each can be made again by itself. Laws, latencies and formats
are written here once more, from the documents, and not taken from the program: what is judged must
not be made by the judge.
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import datetime
import gzip
import json
import os
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile

NEVER = float("inf")
EPOCH = 1767225600  # 2026-01-01T00:00:00Z
UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text):
    if text == "never":
        return NEVER
    return sum(
        float(number) * UNITS[unit]
        for number, unit in re.findall(r"([0-9.]+)(ns|us|ms|s|m|h|d)", text)
    )


class Law:
    """As docs/judge.md describes the file of a declared law; `retries` draws the pauses of one
    outage.
    """

    def __init__(self, law):
        self.law = law
        self.kind = law["kind"]
        self.base, self.cap = seconds(law.get("base", "1s")), seconds(law.get("cap", "never"))
        self.factor, self.window = law.get("factor", 2), seconds(law.get("initial_window", "0s"))
        one = self.kind in ("one-draw", "steps")
        self.low, self.high = law.get("low", 1 if one else 0.5), law.get(
            "high", {"one-draw": 1.5, "steps": 1}.get(self.kind, 1.5)
        )
        self.steps = [
            seconds(pause) for pause in law.get("pauses", ["1s", "2s", "5s", "10s", "30s", "60s"])
        ]
        self.tries = law.get("tries", 0)

    def pause(self, k, state, rng):
        """Before retry k, from 1."""
        v = min(self.cap, self.base * self.factor ** (k - 1))
        uncapped = self.base * self.factor ** (k - 1) if self.law.get("jitter_before_cap") else v
        draw = {
            "fixed": lambda: self.base,
            "exponential": lambda: v,
            "full-jitter": lambda: uncapped * rng.random(),
            "equal-jitter": lambda: uncapped / 2 * (1 + rng.random()),
            "spread": lambda: uncapped * rng.uniform(self.low, self.high),
            "decorrelated-jitter": lambda: rng.uniform(
                self.base, max(self.base, 3 * state.get("last", self.base))
            ),
            "one-draw": lambda: state.setdefault(
                "draw", self.base * rng.uniform(self.low, self.high)
            )
            * self.factor ** (k - 1),
            "steps": lambda: self.steps[min(k, len(self.steps)) - 1]
            * rng.uniform(self.low, self.high),
        }[self.kind]()
        state["last"] = draw if self.kind == "steps" else min(draw, self.cap)
        return state["last"]

    def retries(self, rng):
        """The first pause, then those before each retry, until it gives up."""
        state, k = {}, 1
        yield rng.uniform(0, self.window) if self.window > 0 else 0
        while self.tries == 0 or k < self.tries:
            yield self.pause(k, state, rng)
            k += 1


@dataclasses.dataclass
class Truth:
    law: dict
    devices: int = 1
    outages: int = 10
    retries: int = 0  # of the first device until service is back; 0: `lasting` tells
    lasting: float = 300.0
    capacity: float = 0.0  # connections a second that are let in; 0: all
    format: str = "csv"
    split: int = 1
    nat: bool = False
    told: bool = True  # the outages are given to the judge
    latency: float = 0.05
    between: float = 1800.0
    boot: float = 0.05
    same: bool = False  # all devices draw the same pauses
    attempts: list = dataclasses.field(
        default_factory=list
    )  # (time, device, outcome, end, session's end)
    times: list = dataclasses.field(default_factory=list)  # (from, to)
    until: float = 0.0


OK, REFUSED = "ok", "refused"


def live(truth, rng):
    """Fills what the devices did: all go online, and in each outage all lose their sessions at
    once.
    """
    law = Law(truth.law)
    now, online = 60.0, {}
    for device in range(truth.devices):
        at = 1 + 50 * rng.random() if truth.devices > 1 else 1.0
        online[device] = [at, device, OK, at + truth.latency * rng.uniform(0.5, 1.5), None]
        truth.attempts.append(online[device])
    for _ in range(truth.outages):
        now += truth.between * rng.uniform(0.8, 1.2)
        now = outage(truth, law, now, online, rng)
    truth.until = now + truth.between
    for row in online.values():
        row[4] = row[4] or truth.until
    truth.attempts.sort(key=lambda row: row[0])
    return truth


def outage(truth, law, lost, online, rng):
    """One of them, from `lost` on; when the last device was back."""
    plans, back, end = [], lost + truth.lasting, lost
    for device in range(truth.devices):
        if device in online:
            online.pop(device)[4] = lost + rng.uniform(0, 0.2)
        own = random.Random(lost) if truth.same else rng
        plans.append((device, law.retries(own), truth.boot * rng.random()))
    if truth.retries > 0:
        back = None
    queue = []
    for device, pauses, boot in plans:
        queue.append([lost + 0.2 + boot + next(pauses), device, pauses, 0])
    admitted = collections.Counter()
    while queue:
        queue.sort(key=lambda plan: plan[0])
        at, device, pauses, tried = queue.pop(0)
        if back is None and device == 0 and tried == truth.retries:
            back = at - 0.01
        let_in = (
            back is not None
            and at >= back
            and (not truth.capacity or admitted[int(at)] < truth.capacity)
        )
        took = truth.latency * rng.uniform(0.5, 1.5)
        if let_in:
            admitted[int(at)] += 1
            online[device] = [at, device, OK, at + took, None]
            truth.attempts.append(online[device])
            end = max(end, at)
            continue
        truth.attempts.append([at, device, REFUSED, at + took, None])
        pause = next(pauses, None)
        if pause is None:
            end = max(end, at)  # it has given up; the next outage finds it booted
        else:
            queue.append([at + took + pause, device, pauses, tried + 1])
    truth.times.append((lost, back if back is not None else end))
    return end


# ---- formats ----


def stamp(t):
    return datetime.datetime.fromtimestamp(EPOCH + t, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%S.%f"
    )[:-3]


def address(truth, device):
    return (
        "10.0.0.1" if truth.nat else f"10.{device >> 16 & 255}.{device >> 8 & 255}.{device & 255}"
    )


def events(truth):
    """(time, kind, row, port): in order."""
    found = []
    for number, row in enumerate(truth.attempts):
        port = 20000 + number % 40000
        found.append((row[0], "begin", row, port))
        found.append((row[3], row[2], row, port))
        if row[2] == OK and row[4] is not None and row[4] < truth.until:
            found.append((row[4], "lost", row, port))
    return sorted(found, key=lambda event: event[0])


def csv_text(truth):
    rows = (
        f"{EPOCH + at:.3f},dev-{device},{outcome},{end - at:.3f}\n"
        for at, device, outcome, end, _ in truth.attempts
    )
    return ("ts,id,status,took\n", list(rows))


def json_lines(truth):
    return (
        "",
        [
            json.dumps(
                {
                    "timestamp": int((EPOCH + at) * 1000),
                    "clientId": f"dev-{device}",
                    "eventType": "connected" if outcome == OK else "connect_failed",
                }
            )
            + "\n"
            for at, device, outcome, _, _ in truth.attempts
        ],
    )


# What the versions of Mosquitto say: the time before it, and of a connection its beginning, its
# admission, its refusal and its loss.
MOSQUITTO = {
    "1.4": (
        "epoch",
        "New connection from {ip} on port 1883.",
        "New client connected from {ip} as {name} (c1, k60).",
        "Client {name} disconnected, not authorised.",
        "Socket error on client {name}, disconnecting.",
    ),
    "1.6": (
        "epoch",
        "New connection from {ip} on port 1883.",
        "New client connected from {ip} as {name} (p2, c1, k60, u'{name}').",
        "Client {name} disconnected, not authorised.",
        "Socket error on client {name}, disconnecting.",
    ),
    "2.0": (
        "iso",
        "New connection from {ip}:{port} on port 1883.",
        "New client connected from {ip}:{port} as {name} (p2, c1, k60).",
        "Client {name} disconnected, not authorised.",
        "Client {name} closed its connection.",
    ),
    "2.1": (
        "iso",
        "New connection from {ip}:{port} on port 1883.",
        "New client connected from {ip}:{port} as {name} (p2, c1, k60, u'{name}').",
        "Client {name} [{ip}:{port}] disconnected: not authorised.",
        "Client {name} [{ip}:{port}] closed its connection.",
    ),
}


def mosquitto(truth, version="2.0"):
    times, begin, let_in, refused, lost = MOSQUITTO[version]
    sentences = {"begin": begin, OK: let_in, REFUSED: refused, "lost": lost}
    lines = []
    for at, kind, row, port in events(truth):
        when = stamp(at) if times == "iso" else f"{EPOCH + int(at)}"
        lines.append(
            f"{when}: "
            + sentences[kind].format(ip=address(truth, row[1]), port=port, name=f"dev-{row[1]}")
            + "\n"
        )
    return ("", lines)


def emqx_text(truth, version):
    """At level debug: CONNECT, CONNACK, and what ended the connection."""
    lines = []
    for at, kind, row, port in events(truth):
        name, peer, when = (
            f"dev-{row[1]}",
            f"{address(truth, row[1])}:{port}",
            stamp(at) + "000+00:00",
        )
        connect = (
            f"CONNECT(Q0, R0, D0, ClientId={name}, ProtoName=MQTT, ProtoVsn=4, "
            f"CleanStart=true, KeepAlive=60, Username=u, Password=******)"
        )
        code = 0 if kind == OK else 5
        if version == "4":
            said = {
                "begin": f"[debug] {peer} [MQTT] RECV {connect}",
                "lost": f"[info] {name}@{peer} file: emqx_connection.erl, line: 520, "
                "mfa: {emqx_connection,terminate,2}, msg: terminate, pid: <0.18856.2>, reason: "
                "{shutdown,tcp_closed}",
            }.get(
                kind,
                f"[debug] {name}@{peer} [MQTT] SEND CONNACK(Q0, R0, D0, AckFlags=0, "
                f"ReasonCode={code})",
            )
        else:
            head = f"peername: {peer}, clientid: {name}, "
            said = {
                "begin": f"[debug] msg: mqtt_packet_received, mfa: emqx_channel:handle_in/2, "
                f"line: 356, {head}packet: {connect}, tag: MQTT",
                "lost": f"[info] msg: terminate, mfa: emqx_connection:terminate/2, line: 682, "
                f"{head}reason: {{shutdown,tcp_closed}}, tag: SOCKET",
            }.get(
                kind,
                "[debug] msg: mqtt_packet_sent, mfa: "
                "emqx_connection:serialize_and_inc_stats_fun/1, line: 838, "
                f"{head}packet: CONNACK(Q0, R0, D0, AckFlags=0, ReasonCode={code}), tag: MQTT",
            )
        lines.append(f"{when} {said}\n")
    return ("", lines)


def emqx(truth):
    lines = []
    for at, kind, row, port in events(truth):
        if kind in ("begin", REFUSED):
            continue
        event = "client.connected" if kind == OK else "client.disconnected"
        lines.append(
            json.dumps(
                {
                    "event": event,
                    "clientid": f"dev-{row[1]}",
                    "peername": f"{address(truth, row[1])}:{port}",
                    "timestamp": int((EPOCH + at) * 1000),
                }
            )
            + "\n"
        )
    return ("", lines)


def checksummed_ip(source, to, payload):
    head = struct.pack(
        "!BBHHHBBH4s4s",
        0x45,
        0,
        20 + len(payload),
        0,
        0,
        64,
        6,
        0,
        bytes(map(int, source.split("."))),
        bytes(map(int, to.split("."))),
    )
    return head + payload


def tcp(source, sport, to, dport, flags, sequence, body=b""):
    return checksummed_ip(
        source,
        to,
        struct.pack("!HHIIBBHHH", sport, dport, sequence, 0, 0x50, flags, 8192, 0, 0) + body,
    )


def connect_packet(name):
    body = b"\0\4MQTT\4\2\0<" + struct.pack("!H", len(name)) + name.encode()
    return bytes([0x10, len(body)]) + body


def pcap(truth):
    """TCP to port 1883 of 10.255.0.1, raw IP: refused by RST before anything is said; let in with a
    CONNACK.
    """
    head = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 101)
    server, packets = "10.255.0.1", []
    for at, kind, row, port in events(truth):
        client = address(truth, row[1])
        if kind == "begin":
            packets.append((at, tcp(client, port, server, 1883, 2, 1000)))
        elif kind == REFUSED:
            packets.append((at, tcp(server, 1883, client, port, 0x14, 0)))
        elif kind == OK:
            start = row[0]
            packets.append(
                (start + (at - start) * 0.3, tcp(server, 1883, client, port, 0x12, 5000))
            )
            packets.append(
                (
                    start + (at - start) * 0.5,
                    tcp(client, port, server, 1883, 0x18, 1001, connect_packet(f"dev-{row[1]}")),
                )
            )
            packets.append((at, tcp(server, 1883, client, port, 0x18, 5001, b"\x20\2\0\0")))
        else:
            packets.append((at, tcp(server, 1883, client, port, 0x14, 5005)))
    packets.sort(key=lambda packet: packet[0])
    records = []
    for at, data in packets:
        whole = int(at)
        records.append(
            struct.pack("<IIII", EPOCH + whole, int((at - whole) * 1e9), len(data), len(data))
            + data
        )
    return (head, records)


def pcapng(truth):
    """The same packets, in blocks."""

    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))

    head = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(
        1, struct.pack("<HHI", 101, 0, 65535)
    )
    records = []
    for record in pcap(truth)[1]:
        seconds, nanoseconds, length, _ = struct.unpack("<IIII", record[:16])
        at = seconds * 1000000 + nanoseconds // 1000
        records.append(
            block(
                6, struct.pack("<IIIII", 0, at >> 32, at & 0xFFFFFFFF, length, length) + record[16:]
            )
        )
    return (head, records)


FORMATS = {
    "csv": csv_text,
    "jsonl": json_lines,
    "mosquitto": mosquitto,
    "emqx": emqx,
    "pcap": pcap,
    "pcapng": pcapng,
    "emqx-4": lambda truth: emqx_text(truth, "4"),
    "emqx-5": lambda truth: emqx_text(truth, "5"),
    **{
        f"mosquitto-{version}": lambda truth, version=version: mosquitto(truth, version)
        for version in MOSQUITTO
    },
}
OPTIONS = {
    "csv": ["--columns", "time=ts,device=id,outcome=status,latency=took"],
    "jsonl": ["--json", "time=timestamp,device=clientId,event=eventType"],
}


def write(truth, folder, name, packed=False):
    """The files (each packed, if wanted), and the options that read them."""
    head, pieces = FORMATS[truth.format](truth)
    paths = []
    for part in range(truth.split):
        chosen = pieces[part * len(pieces) // truth.split : (part + 1) * len(pieces) // truth.split]
        path = pathlib.Path(folder) / f"{name}-{part}.{truth.format}"
        data = (
            head + b"".join(chosen)
            if isinstance(head, bytes)
            else (head + "".join(chosen)).encode()
        )
        if packed:
            path, data = path.with_name(path.name + ".gz"), gzip.compress(data, 1)
        path.write_bytes(data)
        paths.append(str(path))
    options = list(OPTIONS.get(truth.format, []))
    if truth.told:
        for lost, back in truth.times:
            options += ["--outage", f"{EPOCH + lost:.3f}..{EPOCH + back:.3f}"]
    return paths, options


# ---- truths with a verdict ----

GOOD = ("full-jitter", "equal-jitter", "spread", "decorrelated-jitter")
BAD = ("fixed", "exponential", "no growth", "tiny jitter", "lost at the cap")


def good_law(rng):
    kind = rng.choice(GOOD)
    law = {"kind": kind, "base": f"{rng.choice([1, 2, 3, 5])}s"}
    if kind != "decorrelated-jitter":
        law["factor"] = rng.choice([1.8, 2, 2.5])
    if kind == "spread":
        law.update(low=rng.choice([0.5, 0.7, 0.8]), high=rng.choice([1.2, 1.3, 1.5]))
    if kind == "decorrelated-jitter" or rng.random() < 0.5:
        law["cap"] = f"{rng.choice([120, 300, 600])}s"
    return law


def bad_law(rng):
    base = rng.choice([2, 3, 5])
    return {
        "fixed": {"kind": "fixed", "base": f"{base}s"},
        "exponential": {
            "kind": "exponential",
            "base": f"{base}s",
            "cap": f"{rng.choice([60, 120, 600])}s",
        },
        "no growth": {
            "kind": "spread",
            "base": f"{2 * base}s",
            "factor": 1,
            "low": 0.7,
            "high": 1.3,
        },
        "tiny jitter": {
            "kind": "spread",
            "base": f"{base}s",
            "factor": 2,
            "low": 0.99,
            "high": 1.01,
        },
        "lost at the cap": {
            "kind": "spread",
            "base": f"{base}s",
            "factor": 2,
            "low": 1,
            "high": 1.5,
            "cap": f"{4 * base}s",
            "jitter_before_cap": True,
        },
    }[rng.choice(BAD)]


def device(rng, good):
    few = good and rng.random() < 0.1
    truth = Truth(
        law=good_law(rng) if good else bad_law(rng),
        outages=rng.randint(4, 8) if few else rng.randint(10, 14),
        retries=rng.randint(6, 8),
        format=rng.choice(["csv", "jsonl", "mosquitto", "pcap"]),
    )
    return truth, ["INCONCLUSIVE"] if few else ["PASS"] if good else ["FAIL"]


def fleet(rng, good):
    devices = rng.randint(60, 250)
    capacity = devices // rng.randint(6, 12)
    law = (
        {"kind": "full-jitter", "base": "5s", "cap": "2m"}
        if good
        else rng.choice(
            [
                {"kind": "fixed", "base": f"{rng.choice([5, 10, 30])}s"},
                {"kind": "exponential", "base": "2s", "cap": "1m"},
                {"kind": "full-jitter", "base": "2s", "cap": "1m", "seed": "constant"},
            ]
        )
    )
    window = f"{3 * max(60, devices * 4 // capacity)}s"
    law = {**law, "initial_window": window} if good else law
    return (
        Truth(
            law=law,
            devices=devices,
            outages=rng.randint(1, 2),
            lasting=rng.uniform(120, 400),
            boot=1.0,
            nat=rng.random() < 0.3,
            format=rng.choice(["csv", "jsonl", "mosquitto", "emqx", "pcap"]),
        ),
        capacity,
    )


def busiest(truth):
    """Attempts in the fullest second after a return of the service."""
    most = 0
    for _, back in truth.times:
        times = [row[0] for row in truth.attempts if back <= row[0] < back + truth.between / 2]
        most = max(
            [
                most,
                *(
                    sum(at <= other < at + 1 for other in times[k : k + 2000])
                    for k, at in enumerate(times)
                ),
            ]
        )
    return most


def draw(seed, number):
    """A truth, the verdicts that are right, and more options."""
    rng = random.Random(f"{seed} {number}")
    good = rng.random() < 0.5
    options = []
    if rng.random() < 0.5:
        truth, right = device(rng, good)
        live(truth, rng)
    else:
        while (
            True
            # how full the fullest second was is what decides; next to the threshold there is no
            # truth
        ):
            truth, capacity = fleet(rng, good)
            if truth.law.get("seed") == "constant":
                truth.law = {key: value for key, value in truth.law.items() if key != "seed"}
                truth.same = True
            live(truth, rng)
            most = busiest(truth)
            if (most <= 0.8 * capacity) if good else (most >= 1.3 * capacity):
                break
        right = ["PASS"] if good else ["FAIL"]
        options = ["--capacity", str(capacity)]
    truth.latency *= rng.choice([1, 4])
    truth.split = rng.choice([1, 1, 2, 3])
    truth.told = rng.random() < 0.6
    return truth, right, options


def shown(truth):
    return (
        f"{truth.format}{' nat' if truth.nat else ''}{' given' if truth.told else ' found'} "
        f"{truth.split} files, {truth.devices} devices, "
        f"{truth.outages} outages, {json.dumps(truth.law)}"
    )


def judged(program, folder, seed, number):
    truth, right, options = draw(seed, number)
    name = f"truth-{seed}-{number}"
    files, reading = write(truth, folder, name)
    process = subprocess.run(
        [program, "judge", *files, *reading, *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    for path in files:
        os.unlink(path)
    words = {0: "PASS", 1: "FAIL", 5: "INCONCLUSIVE"}
    verdict = words.get(process.returncode, f"exit {process.returncode}")
    said = (
        process.stderr.strip() if process.returncode else re.sub(r"\s+", " ", process.stdout)[:300]
    )
    return number, truth, right, verdict, said


def judge_all(program, seed, count, folder, jobs=2):
    """Confusion (right, given) -> number, and lines about the wrong ones and those that say
    nothing.
    """
    table, lines = collections.Counter(), []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for number, truth, right, verdict, said in pool.map(
            lambda n: judged(program, folder, seed, n), range(count)
        ):
            table[right[0], verdict] += 1
            if verdict not in right:
                lines.append(
                    f"truth {number}: right {right[0]}, got {verdict}: {shown(truth)}\n    {said}"
                )
    return table, lines


def rates(table):
    """Of the verdicts given the share that is wrong; of the truths that have a verdict the share
    that got none.
    """
    given = sum(n for (_, got), n in table.items() if got != "INCONCLUSIVE")
    wrong = sum(n for (right, got), n in table.items() if got not in ("INCONCLUSIVE", right))
    decidable = sum(n for (right, _), n in table.items() if right != "INCONCLUSIVE")
    silent = sum(
        n for (right, got), n in table.items() if right != "INCONCLUSIVE" and got == "INCONCLUSIVE"
    )
    return wrong / max(given, 1), silent / max(decidable, 1)


def table_text(table):
    words = sorted({word for pair in table for word in pair})
    rows = [f"{'truth / verdict':>16} " + " ".join(f"{word:>13}" for word in words)]
    rows += [
        f"{right:>16} " + " ".join(f"{table[right, got]:>13}" for got in words)
        for right in words
        if any(table[right, got] for got in words)
    ]
    return "\n".join(rows)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--count", type=int, default=500)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--folder")
    options.add_argument("--jobs", type=int, default=2)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as own:
        table, lines = judge_all(
            str(pathlib.Path(chosen.program).resolve()),
            chosen.seed,
            chosen.count,
            chosen.folder or own,
            chosen.jobs,
        )
    wrong, silent = rates(table)
    print("\n".join(lines))
    print(table_text(table))
    print(
        f"wrong: {100 * wrong:.1f} % of the verdicts given; INCONCLUSIVE: {100 * silent:.1f} % of "
        f"the truths that have a verdict"
    )
    return 1 if wrong > 0.01 or silent > 0.15 else 0


if __name__ == "__main__":
    sys.exit(main())
