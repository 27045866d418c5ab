#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""Dialects in virtual time, where the built-in cloud takes the place of their backends: a street
comes back as it does without one, whatever the threads; what its devices say is examined, and what
the cloud wants reaches them.
"""
import json
import os
import re
import unittest

from program import STREET, CliTest

DIALECTS = ["plain", "home-assistant", "thingsboard", "aws-shadow", "azure-iot-hub"]
PLAIN = ["--set", "protocol=mqtt", "--set", "security=none"]

# Telemetry with a truth in it, and a set-point of the cloud's; `how` is the rest of the group.
WATCHED = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario {{ title = "Watched", provision = "5.10-1", units = {{ "5.10-1-1 b" }} }}
local all
function setup()
    declare.telemetry {{
        id = "TelData-Report", description = "Readings",
        security_examination = "Each device is compared with its own past and with those like it",
        looks_for = {{ "out-of-range" }},
    }}
    examiner {{ on = true }}
    all = fleet.devices {{
        model = "thermostat", count = 24, power = "mains", metrics = true, protocol = "mqtt",
        security = "none", law = law.full_jitter {{ base = "1s", cap = "60s" }},
        report_every = "10m", start_over = "10m", {how}
    }}
end
function drill()
    wait "30h"
    all:set_point(23)
    all:devices():inject {{ kind = "out-of-range", lasting = "12h", devices = 3 }}
    wait "16h"
end
function verdict() judge.examination {{ unit = "5.10-1-1 b" }} end
"""


class Dialects(CliTest):
    def summary(self, out):
        return json.loads((self.folder / out / "summary.json").read_text())

    def values(self, out):
        return {name: m.get("value") for name, m in self.summary(out)["metrics"].items()}

    def street(self, out, *more, law="orderly", homes=30, capacity=3, code=0):
        sets = [
            "--set",
            f"homes={homes}",
            "--set",
            f"law={law}",
            "--set",
            f"capacity={capacity}",
            *PLAIN,
        ]
        process = self.run_program(
            ["run", STREET, "--quiet", "--repeatable", "--out", out, *sets, *more]
        )
        self.assertEqual(process.returncode, code, process.err)
        return self.findings(out)[0]

    def test_a_street_comes_back_as_without(self):
        for law, code in (("orderly", 0), ("fixed", 1)):
            before = self.street(f"none-{law}", law=law, code=code)
            for name in DIALECTS:
                with self.subTest(dialect=name, law=law):
                    out = f"{name}-{law}"
                    found = self.street(out, "--dialect", name, law=law, code=code)
                    self.assertEqual(found["verdict"], before["verdict"])
                    values = self.values(out)
                    self.assertGreater(values["reports_answered"], 100)
                    self.assertEqual(values["reports_refused"], 0)
                    self.assertEqual(values["cloud_reports_malformed"], 0)
                    # the last report in parts may not be whole when the run ends
                    more = 0 if name == "plain" else values["reports_answered"]
                    self.assertGreaterEqual(values["cloud_reports"], more)
                    self.assertAlmostEqual(
                        values["cloud_reports"], values["reports_answered"], delta=5
                    )
                    self.assertGreater(values["cloud_set_points_sent"], 60)

    def test_threads_change_nothing(self):
        two_streets = {"homes": 300, "capacity": 100}
        for threads in (1, 2, 7):
            more = ["--dialect", "plain", "--threads", str(threads), "--set", "outage=5m"]
            self.street(f"t{threads}", *more, **two_streets)
        files = [
            {p.name: p.read_bytes() for p in (self.folder / f"t{n}").iterdir()} for n in (1, 2, 7)
        ]
        self.assertEqual(files[0], files[1])
        self.assertEqual(files[0], files[2])

    def test_what_is_said_is_examined(self):
        alerts = {}
        for name in ("", *DIALECTS):
            how = f'dialect = "{name}"' if name else ""
            self.write("w.lua", WATCHED.format(how=how))
            process = self.run_program(
                ["run", "w.lua", "--quiet", "--repeatable", "--out", f"w-{name}"]
            )
            self.assertIn(process.returncode, (0, 1), process.err)
            alarms = (self.folder / f"w-{name}" / "alarms.csv").read_text()
            # who, and of what kind; of a report in parts the time differs by a second
            alerts[name] = sorted(
                set(re.findall(r"(?m)^[^,\n]*,([^\n]*?out-of-range[^,\n]*)", alarms))
            )
            values = self.values(f"w-{name}")
            self.assertGreaterEqual(values["cloud_set_points_sent"], 48, name)
        self.assertTrue(alerts[""], "the truth is seen at all")
        for name in DIALECTS:
            self.assertEqual(len(alerts[name]) > 0, True, name)

    def test_samples_keep_their_times(self):
        """A household's queue after an outage: each sample is a message with a time of its own, and
        none is missing; aws-shadow has no time, and is the bad twin of this look at it.
        """
        text = """-- SPDX-License-Identifier: GPL-3.0-or-later
        scenario { title = "Queued", units = { "5.9-2-1 a" } }
        local s
        function setup()
            s = fleet.streets { homes = 1, start_over = "1s", devices = { {
                model = "thermostat", protocol = "mqtt", security = "none", household = true,
                law = law.fixed { base = "1s" }, report_every = "30s", dialect = "%s",
            } } }
        end
        function drill() wait "5m" s:cut_network() wait "4m" s:restore_network() wait "5m" end
        """
        for name, told in (("thingsboard", True), ("aws-shadow", False)):
            self.write("q.lua", text % name)
            words = ["run", "q.lua", "--quiet", "--out", name, "--pcap", f"{name}.pcap"]
            self.assertEqual(self.run_program(words).returncode, 5)
            packets = (self.folder / f"{name}.pcap").read_bytes()
            times = sorted({int(ms) for ms in re.findall(rb'"ts":(\d+),"values"', packets)})
            gaps = [after - before for before, after in zip(times, times[1:])]
            self.assertEqual(len(gaps) > 20 and max(gaps) < 40000, told, gaps)

    def test_a_mixed_street(self):
        """CoAP, CoAP over TCP and MQTT in each home: the run and its own capture say the same."""
        for law, code in (("orderly", 0), ("fixed", 1)):
            out, capture = f"mixed-{law}", f"{law}.pcap"
            sets = ["homes=60", f"law={law}", "protocol=mixed", "security=none", "capacity=10"]
            words = [word for one in sets for word in ("--set", one)]
            process = self.run_program(
                ["run", STREET, "--quiet", "--out", out, "--pcap", capture, *words]
            )
            self.assertEqual(process.returncode, code, process.err)
            process = self.run_program(["judge", capture, "--capacity", "10", "--power"])
            self.assertEqual(process.returncode, code, process.err)
            for port, devices in (("5683", 120), ("1883", 60)):
                judged, alone = f"{law}-{port}", ("--capacity", "10", "--port", port)
                self.run_program(["judge", capture, "--power", "--out", judged, *alone])
                summary = json.loads((self.folder / judged / "summary.json").read_text())
                measures = {m["name"]: m for m in summary["verdicts"][0]["measures"]}
                self.assertEqual(measures["back online"]["samples"], devices)

    def test_discovery_is_on_the_wire(self):
        """Retained, with quality of service 1: the first byte of such a PUBLISH is 0x33."""
        self.street("ha", "--dialect", "home-assistant", "--pcap", "ha.pcap", homes=2, code=5)
        packets = (self.folder / "ha.pcap").read_bytes()
        found = set(
            re.findall(
                rb"\x33[\x80-\xff]?[\x80-\xff]?[\x00-\x7f]\x00.homeassistant/device/(bs-\d+)/",
                packets,
            )
        )
        self.assertEqual(len(found), 8)
        self.assertIn(b'"platform":"climate"', packets)
        self.assertRegex(packets, rb'(?s)/state...\{"temperature":[\d.]+,"set-point":')

    def test_a_dialect_of_ones_own(self):
        """From docs/dialects.md, as it stands there."""
        docs = os.path.join(os.environ.get("SOURCE_DIR", "../.."), "docs", "dialects.md")
        with open(docs, encoding="utf-8") as file:
            written = re.search(r"\n\n((?:    [^\n]*\n)*?    \{\n(?:    [^\n]*\n)+)", file.read())
        self.write("ours.json", re.sub(r"(?m)^    ", "", written.group(1)))
        self.street("own", "--dialect", "./ours.json", homes=2, code=5)
        self.assertGreater(self.values("own")["cloud_reports"], 50)

    def test_mistakes(self):
        self.write("w.lua", WATCHED.format(how='dialect = "klingon"'))
        self.write("c.lua", WATCHED.format(how='dialect = "plain"').replace('"mqtt"', '"coap"'))
        for words, line in (
            (["w.lua"], r"no dialect of that name: klingon \(dialect, of the scenario\): there .+"),
            (
                ["c.lua"],
                r"c\.lua:\d+: .+: dialect: over coap topics and payloads are as they are.+",
            ),
            ([STREET, "--dialect", "plain"], r"a dialect for nobody \(--dialect\): .+"),
            ([STREET, *PLAIN, "--dialect", "thingsboard-coap"], r"no dialect of this target: .+"),
            ([STREET, *PLAIN, "--dialect", "./none.json"], r"cannot read the dialect: .+"),
        ):
            self.expect_refused(["run", *words, "--quiet", "--out", "o"], 4, line)
        for name in ("w.lua", "c.lua"):
            self.assertEqual(self.run_program(["check", name]).returncode, 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
