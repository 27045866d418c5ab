#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An outage of a part of the fleet: who was not seen to lose anything is not accused, and who gave
up within that part is.
"""
import datetime
import json
import random
import unittest

from program import CliTest, enough_in_release

DEVICES, STRUCK = 800, 200
LOST, BACK, END = (
    3600,
    4800,
    9000,
)  # seconds: the network of a quarter is gone, is back, the log ends

RUN = """
scenario { title = "A quarter loses its network", provision = "5.9-3", units = { "5.9-3-2 a" } }
params { { name = "gives_up", kind = "boolean", default = false } }
local struck
function setup(p)
    cloud { connections = 20 }
    local mine = law.named("orderly", { devices = 50, capacity = 20 })
    local kinds = { { model = "thermostat", per_home = 1, law = mine } }
    if p.gives_up then
        kinds[2] = { model = "thermostat", per_home = 1, law = law.full_jitter { base = "1s", cap = "10s", tries = 2, rest = "7d" } }
    end
    struck = fleet.streets { homes = 50, name = "struck", start_over = "4m", devices = kinds }
    fleet.streets { homes = 150, name = "spared", start_over = "4m",
                    devices = { { model = "thermostat", per_home = 1, law = law.named("orderly", { devices = 50, capacity = 20 }) } } }
end
function drill(p)
    wait "10m"
    struck:cut_network()
    wait "30m"
    struck:restore_network { trigger = "WAN restore" }
    wait "40m"
end
function verdict(p)
    judge.reconnect { unit = "5.9-3-2 a", trigger = "WAN restore", peak_to_mean = 20 }
end
"""


def story(missing=0, own=0.0, tries_in_vain=True, seed=1):
    """(time, device, event): a quarter loses its sessions at LOST and comes back over three minutes
    from BACK on, but `missing` of them, who try once in vain (or, unseen, not at all). `own`: how
    often an hour any other device ends its session and begins a new one.
    """
    draw = random.Random(seed)
    events = [(10 + d / 4, d, "connected") for d in range(DEVICES)]
    for d in range(STRUCK):
        events.append((LOST + draw.uniform(0, 4), d, "lost"))
        at = BACK + draw.uniform(0, 180)
        if d >= missing:
            events.append((at, d, "connected"))
        elif tries_in_vain:
            events.append((at, d, "refused"))
    for d in range(DEVICES):
        at = 11.0 + d / 4
        while (
            own > 0
            and (at := at + draw.expovariate(own / 3600)) < (LOST if d < STRUCK else END) - 10
        ):
            events += [(at, d, "left"), (at + 1, d, "connected")]
    events.append((END, DEVICES, "connected"))  # a new one
    return sorted(events)


def as_csv(events):
    """Attempts alone, as a web server's log has them."""
    return "ts,id,status\n" + "".join(
        f"{1e9 + at:.3f},d{d},{what}\n"
        for at, d, what in events
        if what in ("connected", "refused")
    )


def as_json(events):
    """A cloud's life-cycle events, with the reasons of their ends."""

    def line(at, d, what):
        event = {"connected": "connected", "refused": "connect_failed"}.get(what, "disconnected")
        reason = {"left": "CLIENT_INITIATED_DISCONNECT", "lost": "MQTT_KEEP_ALIVE_TIMEOUT"}.get(
            what
        )
        return (
            json.dumps({"time": 1e9 + at, "id": f"d{d}", "event": event, "reason": reason}) + "\n"
        )

    return "".join(line(*event) for event in events)


def as_mosquitto(events):
    """Mosquitto's own log."""
    text = {
        "connected": "New client connected from {who} as d{d} (p2, c1, k60).",
        "left": "Client d{d} disconnected.",
        "lost": "Client d{d} has exceeded timeout, disconnecting.",
    }
    lines = ["2026-01-01T00:00:00: mosquitto version 2.0.11 starting\n"]
    zero = datetime.datetime(2026, 1, 1, 0, 0, 1)
    for at, d, what in events:
        stamp = (zero + datetime.timedelta(seconds=at)).strftime("%Y-%m-%dT%H:%M:%S")
        who = f"10.0.{d >> 8}.{d & 255}:{1024 + d}"
        if what == "connected":
            lines.append(f"{stamp}: New connection from {who} on port 1883.\n")
        if what in text:
            lines.append(f"{stamp}: " + text[what].format(d=d, who=who) + "\n")
    return "".join(lines)


CSV = ["--columns", "time=ts,device=id,outcome=status", "--format", "csv"]
JSON = ["--json", "time=time,device=id,event=event,reason=reason"]
GIVEN = ["--outage", f"{1e9 + LOST - 1:.0f}..{1e9 + BACK:.0f}"]


class PartialOutages(CliTest):
    def judged(self, text, options, code):
        path = self.write("log", text)
        process = self.run_program(["judge", path, "--capacity", "20", "--out", "o", *options])
        self.assertEqual(process.returncode, code, process.out + process.err)
        verdict = json.loads((self.folder / "o" / "summary.json").read_text())["verdicts"][0]
        return process, verdict, {m["name"]: m["value"] for m in verdict["measures"]}

    def expect_away(self, finding, least, most):
        """So many of those who were struck were not back."""
        back = next(m for m in finding["measures"] if m["name"] == "back online")
        away = round(back["samples"] * (1 - back["value"]))
        self.assertTrue(least <= away <= most, f"{away}: {finding['sentence']}")

    def test_who_was_not_seen_to_lose_anything_is_not_accused(self):
        for own in (0.0, 0.3, 2.0):
            events = story(own=own)
            for text, options in (
                (as_csv(events), CSV + GIVEN),
                (as_json(events), JSON),
                (as_json(events), JSON + GIVEN),
                (as_mosquitto(events), []),
            ):
                with self.subTest(own=own, options=options):
                    process, verdict, measures = self.judged(text, options, 0)
                    self.assertEqual(verdict["verdict"], "PASS")
                    self.assertEqual(measures["back online"], 1)
                    self.assertLess(
                        measures["time to 95 % online"], 300
                    )  # of the quarter, not of those who come anyway
                    said = int(verdict["sentence"].split(" ")[0].replace(",", ""))
                    self.assertAlmostEqual(
                        said,
                        STRUCK,
                        delta=STRUCK * (0.25 if options[:1] == ["--columns"] and own > 0 else 0),
                    )

    @enough_in_release
    def test_who_gives_up_within_that_part_is_accused(self):
        for own in (0.0, 0.3, 2.0):
            events = story(missing=20, own=own)
            for text, options in (
                (as_csv(events), CSV + GIVEN),
                (as_json(events), JSON),
                (as_json(events), JSON + GIVEN),
            ):
                with self.subTest(own=own, options=options):
                    process, verdict, measures = self.judged(text, options, 1)
                    away = 17 if own and "--columns" in options else 20
                    self.expect_away(verdict, away, 20)
        # who lost its session, and never asked for another
        process, verdict, measures = self.judged(
            as_json(story(missing=20, tries_in_vain=False)), JSON, 1
        )
        self.expect_away(verdict, 20, 20)

    @enough_in_release
    def test_what_cannot_be_seen_is_said(self):
        # attempts alone: of the spared nothing is seen, and nothing of who stays away for ever
        process, verdict, measures = self.judged(
            as_csv(story(missing=20, tries_in_vain=False)), CSV + GIVEN, 0
        )
        self.assertIn(
            "620 of 800 devices that were online at the outage", " ".join(process.out.split())
        )

    def test_a_run_and_its_attempts_and_its_capture_agree(self):
        self.write("part.lua", RUN)
        run = self.run_program(["run", "part.lua", "--quiet", "--out", "r", "--pcap", "r.pcap"])
        self.assertEqual(run.returncode, 0, run.err)
        ran = json.loads((self.folder / "r" / "summary.json").read_text())["verdicts"][0]
        for log in (
            ["r/attempts.csv"],
            [
                "r.pcap",
                "--outage",
                "1970-01-01T00:10:00Z..1970-01-01T00:40:00Z",
                "--threshold",
                "peak-to-mean=20",
            ],
        ):
            process = self.run_program(
                ["judge", *log, "--capacity", "20", "--out", "o", "--threshold", "peak-to-mean=21"]
            )
            self.assertEqual(process.returncode, 0, process.out + process.err)
            verdict = json.loads((self.folder / "o" / "summary.json").read_text())["verdicts"][0]
            self.assertEqual(verdict["sentence"].split(" had")[0], ran["sentence"].split(" had")[0])

    @enough_in_release
    def test_a_run_in_which_the_struck_give_up(self):
        self.write("part.lua", RUN)
        run = self.run_program(
            ["run", "part.lua", "--set", "gives_up=yes", "--quiet", "--out", "r"]
        )
        self.expect_away(self.findings("r")[0], 50, 50)
        # they never tried again, which attempts do not show: the summary beside them does
        for log, code, back in (("r/attempts.csv", 1, 1 / 2), ("alone.csv", 0, 1)):
            (self.folder / "alone.csv").write_bytes(
                (self.folder / "r" / "attempts.csv").read_bytes()
            )
            process = self.run_program(
                ["judge", log, "--capacity", "20", "--threshold", "peak-to-mean=20", "--out", "o"]
            )
            self.assertEqual(process.returncode, code, process.out + process.err)
            verdict = json.loads((self.folder / "o" / "summary.json").read_text())["verdicts"][0]
            self.assertAlmostEqual(
                {m["name"]: m["value"] for m in verdict["measures"]}["back online"], back, places=6
            )


if __name__ == "__main__":
    unittest.main()
