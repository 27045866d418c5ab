#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`blackstart judge` on the logs that people have: a table of field cases, each with its verdict,
and twins that must get another.
"""
import collections
import re
import unittest

from program import SOURCE, CliTest, some

DATA = SOURCE / "tests" / "data" / "field"
TELEMETRY = SOURCE / "tests" / "data" / "telemetry"
PASS, FAIL, INCONCLUSIVE = 0, 1, 5
CLOUD = ["--capacity", "20"]
AWS = [*CLOUD, "--json", "time=timestamp,device=clientId,event=eventType"]
COLUMNS = ["--columns", "time=ts,device=id,outcome=status"]


def fleet(devices, busiest, attempts=1):
    """The measures of a fleet that came back whole: so many attempts for each device."""
    return {"back online": (1, devices), "busiest second": busiest, "attempts per device": attempts}


def alone(name, interval, growth):
    """Those of a device over its ten outages: its first pause, and how pauses grow."""
    return {"named": name, "outages": 10, "interval": interval, "growth": growth}


# files, options, exit code, what is measured (named: of whom, or what of the log)
TABLE = (
    (["00-reference-device.pcap"], [], PASS, alone("10.0.0.10", 2.1, 1.999)),
    (["00-reference-mosquitto.log"], CLOUD, PASS, fleet(60, 3)),
    (["00-reference.csv"], COLUMNS, PASS, alone("dev-1", 0.858, 1.97)),
    # Who ends the outage, and who tried while he did, belongs to the wave.
    (["01-first-success-ends-outage.pcap"], CLOUD, PASS, fleet(50, 3)),
    (["03-emqx5-text.log"], CLOUD, PASS, fleet(60, 4)),
    # What is the same attempt; what is wrapped, packed, parted.
    (["13-syn-again-after-rst.pcap"], [], PASS, alone("10.0.0.10", 1.815, 1.783)),
    (["14-tls12-ticket-in-two-segments.pcap"], [], INCONCLUSIVE, {"back online": (None, 0)}),
    (
        ["17-three-clients-one-address.pcap.gz"],
        [],
        INCONCLUSIVE,
        {"named": "203.0.113.7", "clients": 2},
    ),
    (
        ["17-three-clients-one-address.pcap.gz"],
        ["--capacity", "2"],
        FAIL,
        {"named": "203.0.113.7", "clients": 2, "busiest second": 3},
    ),
    (["19-dual-stack-device.pcap"], ["--by", "mac"], PASS, alone("02:00:00:00:00:02", 2.1, 1.999)),
    (["20-mqtt-over-quic.pcap.gz"], [], PASS, alone("10.0.0.10", 2.406, 1.884)),
    (["21-vxlan.pcap"], [], PASS, alone("10.0.0.10", 2.1, 1.999)),
    (["24-two-link-types.pcapng"], [], PASS, alone("10.0.0.10", 2.1, 1.999)),
    (["25-gzip.pcap.gz"], [], PASS, alone("10.0.0.10", 2.1, 1.999)),
    (["56-dns-only-attempts.pcap"], [], PASS, alone("10.0.0.10", 6.646, 1.43)),
    # Clients that come and go as they please.
    (["04-meters-disconnect-themselves.log"], CLOUD, PASS, fleet(60, 3, attempts=12)),
    (["06-http-polling.pcap"], [], PASS, alone("10.0.0.10", 3.387, 1.936)),
    # Sentences of Mosquitto.
    (["07-new-bridge-connected.log"], CLOUD, PASS, fleet(60, 3)),
    (
        ["08-refused-with-id-and-health-check.log"],
        ["--device", "pump"],
        PASS,
        alone("pump", 4.2, 1.713),
    ),
    (["09-mosquitto-2.1-address-as-id.log"], [], PASS, alone("dev-1", 20.9, 1.68)),
    (["10-bad-socket-read-write.log"], CLOUD, PASS, fleet(61, 3, attempts=1.557)),
    (["57-ten-outages-none-found.csv"], COLUMNS, FAIL, alone("dev-1", 5.03, 1)),
    # Several files are one log, whatever their order.
    (["12-rotated-whole.log"], CLOUD, PASS, fleet(61, 3, attempts=1.557)),
    (
        ["12-rotated-1-older.log", "12-rotated-2-newer.log"],
        CLOUD,
        PASS,
        fleet(61, 3, attempts=1.557),
    ),
    (
        ["12-rotated-2-newer.log", "12-rotated-1-older.log"],
        CLOUD,
        PASS,
        fleet(61, 3, attempts=1.557),
    ),
    # What the broker's lines are wrapped in, and what stands among them.
    (["26-docker-logs-t.log"], CLOUD, PASS, fleet(60, 3)),
    (["28a-journald-epoch.log"], CLOUD, PASS, fleet(60, 3)),
    (["31-lines-of-another-program.log"], CLOUD, PASS, fleet(60, 3)),
    (["34b-aws-lifecycle.jsonl"], AWS, PASS, fleet(60, 4)),
    (["38-postgres-zone.csv"], COLUMNS, PASS, alone("dev-1", 0.858, 1.97)),
    (["32-first-4k-are-publish.log"], CLOUD, PASS, fleet(60, 3)),
)

# What cannot be read, and the line that says so.
REFUSED = (
    (
        "45-utf16.csv",
        COLUMNS,
        "UTF-16 text, which is not read: convert it with iconv -f UTF-16 -t UTF-8",
    ),
    (
        "34b-aws-lifecycle.jsonl",
        [],
        "JSON lines: say which keys hold .* --json .*; the first has clientId, timestamp, "
        "eventType, .*",
    ),
    (
        "40-outcome-words.csv",
        COLUMNS,
        'line 3, column status: "Connection refused" is no outcome that is known: write one of '
        'none, online, .*',
    ),
    ("36a-rabbitmq.log", [], "a log of RabbitMQ, which is not read: .*"),
)

# How many attempts stand in a capture, and how they ended.
COUNTS = (
    ("13-syn-again-after-rst.pcap", [], {"online": 11, "refused": 70}),
    ("14-tls12-ticket-in-two-segments.pcap", [], {"online": 2}),
    ("19-dual-stack-device.pcap", ["--by", "mac"], {"online": 11, "refused": 70}),
    ("20-mqtt-over-quic.pcap.gz", [], {"online": 11, "refused": 77}),
    ("21-vxlan.pcap", [], {"online": 11, "refused": 70}),
    ("24-two-link-types.pcapng", [], {"online": 11, "refused": 70}),
    ("25-gzip.pcap.gz", [], {"online": 11, "refused": 70}),
    ("56-dns-only-attempts.pcap", [], {"online": 11, "none": 70}),
)

# file, what stands in it, what stands there in the twin, options, exit code, what is measured
TWINS = (
    # Had the clients not said goodbye, the service would have closed.
    (
        "04-meters-disconnect-themselves.log",
        b" disconnected.",
        b" closed its connection.",
        CLOUD,
        FAIL,
        fleet(60, 3, attempts=12),
    ),
    # Another client was turned away, and this one never.
    (
        "08-refused-with-id-and-health-check.log",
        b"Client pump disconnected, not",
        b"Client pimp disconnected, not",
        ["--device", "pump"],
        INCONCLUSIVE,
        {"named": "pump", "outages": (0, 0)},
    ),
    # No packet of IP in the tunnel; a name that leads elsewhere is no try.
    ("21-vxlan.pcap", b"\x08\0\x45\0\0\x2c", b"\x08\x06\x45\0\0\x2c", [], INCONCLUSIVE, {}),
    # A sentence that ends nothing.
    (
        "09-mosquitto-2.1-address-as-id.log",
        b"] disconnected: not authorised",
        b"] sleeps",
        [],
        PASS,
        alone("dev-1", 20.9, 1.682),
    ),
    (
        "07-new-bridge-connected.log",
        b"New bridge connected from",
        b"New friend connected from",
        CLOUD,
        FAIL,
        {**fleet(60, 3), "back online": 0},
    ),
    # Service was lost before the log begins.
    ("12-rotated-2-newer.log", b"Client flappy", b"Client flappy", CLOUD, INCONCLUSIVE, {}),
    # The line's own time counts, and not that of what wraps it; where bytes are damaged nobody
    # knows whose line it was.
    ("28a-journald-epoch.log", b"Nov 14 22:4", b"Nov 14 21:4", CLOUD, PASS, fleet(60, 3)),
    (
        "28a-journald-epoch.log",
        b": 17000018",
        b": 16990018",
        CLOUD,
        INCONCLUSIVE,
        {"back online": (1, 30)},
    ),
    (
        "31-lines-of-another-program.log",
        b"[INFO] found",
        b"\0\1INFO] found",
        CLOUD,
        INCONCLUSIVE,
        {"named": "120 of 424", **fleet(60, 3)},
    ),
    # Nobody came in; and rows that are three hours off.
    (
        "34b-aws-lifecycle.jsonl",
        b'"eventType": "connected"',
        b'"eventType": "connect_failed"',
        AWS,
        INCONCLUSIVE,
        {"back online": (0, 60)},
    ),
    (
        "38-postgres-zone.csv",
        b"+00,dev-1,ok",
        b"+03,dev-1,ok",
        COLUMNS,
        INCONCLUSIVE,
        {"named": "dev-1", "interval": 71.71, "outages": (0, 0)},
    ),
    (
        "10-bad-socket-read-write.log",
        b"Bad socket read/write on client",
        b"Good socket read/write on client",
        CLOUD,
        INCONCLUSIVE,
        {},
    ),
)


class Field(CliTest):
    def test_a_spreadsheet_of_the_continent(self):
        rows = self.run_program(
            ["examine", str(TELEMETRY / "43a-semicolon-decimal-comma.csv")]
        ).out.splitlines()
        self.assertEqual(rows[1], '2023-11-14T22:13:20Z,"19,12",,0')
        self.assertEqual(len(rows), 60)

    def test_one_statement_about_one_thing(self):
        arguments = ["judge", str(DATA / "57-ten-outages-none-found.csv"), *COLUMNS]
        text = " ".join(self.run_program(arguments).out.split())
        self.assertIn("Over 10 outages", text)
        self.assertIn("outages..............: 10 of this device", text)
        self.assertNotIn("none was found", text)
        log = self.write(
            "once.csv",
            "ts,id,status\n" + "".join(f"{1700000000 + 9 * i},d{i},ok\n" for i in range(60)),
        )
        for more, said in (("", True), ("1700000600,d3,ok\n", False)):
            (self.folder / log).write_text((self.folder / log).read_text() + more)
            text = " ".join(self.run_program(["judge", log, *COLUMNS]).out.split())
            self.assertEqual("not one of them came twice" in text, said)
        one = self.write("one.csv", "ts,id,status\n1700000000,d,ok\nx,d,ok\n")
        text = " ".join(self.run_program(["judge", one, *COLUMNS]).out.split())
        self.assertIn("3 lines, 1 attempt in", text)
        self.assertIn("1 line: could not be read", text)
        self.assertNotRegex(text, r"\b1 (lines|attempts|devices|packets)\b")

    def test_hours_of_telemetry(self):
        for name in ("42-hour-milliseconds.csv", "42-hour-seconds-reference.csv"):
            alarms = [
                line.split(",")
                for line in self.run_program(["examine", str(TELEMETRY / name)]).out.splitlines()
                if line.endswith(",1")
            ]
            self.assertEqual(
                [round(float(alarm[2]), 2) for alarm in alarms], [0.53, 0.52, 0.5, 0.6]
            )
            self.assertEqual(int(alarms[3][0][:10]), 1701568800)  # the strangest

    def judge(self, files, options, code, wanted):
        out = f"o{len(list(self.folder.iterdir()))}"
        process = self.run_program(["judge", *map(str, files), *options, "--out", out])
        self.assertEqual(process.returncode, code, f"{files}: {process.err}{process.out}")
        finding = self.findings(out)[0]
        self.assertIn(wanted.get("named", ""), finding["sentence"], str(files))
        wanted = {name: value for name, value in wanted.items() if name != "named"}
        self.expect_measures(finding, wanted, str(files))

    def test_each_case_is_judged_for_what_it_is(self):
        for files, options, code, wanted in TABLE:
            with self.subTest(files):
                self.judge([DATA / name for name in files], options, code, wanted)

    def test_each_capture_holds_its_attempts(self):
        for name, options, counts in some(COUNTS):
            with self.subTest(name):
                self.run_program(["judge", str(DATA / name), *options, "--out", "counts"])
                rows = (self.folder / "counts" / "attempts.csv").read_text().splitlines()[1:]
                self.assertEqual(collections.Counter(row.split(",")[5] for row in rows), counts)

    def test_what_cannot_be_read_is_named(self):
        for name, options, pattern in some(REFUSED):
            with self.subTest(name):
                process = self.run_program(["judge", str(DATA / name), *options])
                self.expect_line(process, 4, rf"cannot judge it \(.*{re.escape(name)}\): {pattern}")
                self.assertEqual(process.out, "")

    def test_the_twins_are_judged_otherwise(self):
        for name, old, new, options, code, wanted in some(TWINS):
            with self.subTest(name):
                text = (DATA / name).read_bytes()
                self.assertIn(old, text)
                self.judge(
                    [self.write("twin-" + name, text.replace(old, new))], options, code, wanted
                )


if __name__ == "__main__":
    unittest.main()
