#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables as platforms export them: JSON lines by a map, standard input, and what a CSV's columns
may hold. One truth, one verdict.
"""
import datetime
import json
import re
import subprocess
import unittest

from program import SOURCE, CliTest, some

DATA = SOURCE / "tests" / "data" / "field"
AWS = [json.loads(line) for line in (DATA / "34b-aws-lifecycle.jsonl").read_text().splitlines()]
CSV = (DATA / "00-reference.csv").read_text().replace("\r", "").splitlines()
CLOUD = ["--capacity", "20"]
COLUMNS = ["--columns", "time=ts,device=id,outcome=status"]


def iso(ms, more="%Y-%m-%dT%H:%M:%S"):
    return (
        datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime(more)
        + f".{ms % 1000:03}0000Z"
    )


def is_in(event):
    return event["eventType"] == "connected"


def emqx_topic(event):
    return f"$SYS/brokers/emqx@10.9.9.9/clients/{event['clientId']}/{event['eventType']}"


def emqx_payload(event):
    payload = {
        "clientid": event["clientId"],
        "ts": event["timestamp"],
        "connected_at": 1700000000000,
    }
    return (
        payload
        if is_in(event)
        else {**payload, "reason": "tcp_closed", "disconnected_at": event["timestamp"]}
    )


def azure(event, properties):
    what = {"deviceId": event["clientId"], "protocol": "Mqtt"}
    return {
        "time": iso(event["timestamp"]),
        "resourceId": "/SUBSCRIPTIONS/1",
        "category": "Connections",
        "level": "Information",
        "operationName": "deviceConnect" if is_in(event) else "deviceDisconnect",
        "properties": properties(what),
    }


# The same events as each platform writes them, and the map that reads them.
PLATFORMS = {
    "AWS IoT life-cycle events": (
        lambda e: e,
        "time=timestamp,device=clientId,event=eventType,home=ipAddress",
    ),
    "EMQX $SYS, with its topic": (
        lambda e: {"topic": emqx_topic(e), "payload": emqx_payload(e)},
        "time=payload.ts,device=payload.clientid,event=topic,reason=payload.reason",
    ),
    "EMQX $SYS, as a text": (
        lambda e: {"topic": emqx_topic(e), "payload": json.dumps(emqx_payload(e))},
        "time=payload.ts,device=payload.clientid,event=topic",
    ),
    "EMQX $SYS, the payload alone": (emqx_payload, "time=ts,device=clientid"),
    "EMQX's events": (
        lambda e: {
            "event": "client." + e["eventType"],
            "clientid": e["clientId"],
            "timestamp": e["timestamp"],
        },
        "time=timestamp,device=clientid,event=event",
    ),
    "Azure diagnostics": (
        lambda e: azure(e, json.dumps),
        "time=time,device=properties.deviceId,event=operationName",
    ),
    "Azure diagnostics, an object": (
        lambda e: azure(e, dict),
        "time=time,device=properties.deviceId,event=operationName",
    ),
    "Azure Event Grid": (
        lambda e: {
            "eventTime": iso(e["timestamp"]),
            "data": {"deviceId": e["clientId"]},
            "eventType": "Microsoft.Devices.Device" + e["eventType"].capitalize(),
        },
        "time=eventTime,device=data.deviceId,event=eventType",
    ),
    "HiveMQ": (
        lambda e: {
            "timestamp": iso(e["timestamp"]),
            "event": "CLIENT_" + e["eventType"].upper(),
            "client.id": e["clientId"],
        },
        "time=timestamp,device=client.id,event=event",
    ),
}


class Tables(CliTest):
    def judge(self, arguments, code=0, **more):
        out = f"o{len(list(self.folder.iterdir()))}"
        process = self.run_program(["judge", *arguments, "--out", out], **more)
        self.assertEqual(process.returncode, code, process.err + process.out)
        self.found = None if code == 4 else self.findings(out)[0]
        return " ".join(process.out.split())

    def expect_reference(self, text):
        self.assertEqual(self.found["verdict"], "PASS")
        self.expect_measures(self.found, {"back online": (1, 60), "busiest second": 4})
        self.assertIn(" 120 attempts in 32m", text)
        self.assertIn("were lost together, within 5 s", text)
        self.assertIn("devices..............: 60, told apart by id", text)

    def test_platforms(self):
        for name, (write, keys) in some(PLATFORMS.items()):
            with self.subTest(name):
                lines = "".join(json.dumps(write(event)) + "\n" for event in AWS)
                self.expect_reference(
                    self.judge([self.write("events.jsonl", lines), *CLOUD, "--json", keys])
                )
                # The twin: ends that are not told.
                lines = "".join(json.dumps(write(event)) + "\n" for event in AWS if is_in(event))
                self.assertIn(
                    "came after a silence",
                    self.judge([self.write("events.jsonl", lines), *CLOUD, "--json", keys]),
                )

    def test_lists_and_other_lines(self):
        keys = ["--json", "time=time,device=properties.deviceId,event=operationName"]
        records = [azure(event, json.dumps) for event in AWS]
        lines = "".join(
            json.dumps({"records": records[i : i + 7]}) + "\n" for i in range(0, len(records), 7)
        )
        self.expect_reference(self.judge([self.write("records.json", lines), *CLOUD, *keys]))
        lines = "".join(json.dumps(records[i : i + 7]) + "\n" for i in range(0, len(records), 7))
        self.expect_reference(self.judge([self.write("list.json", lines), *CLOUD, *keys]))
        other = (
            json.dumps({**records[0], "operationName": "twinUpdate"})
            + "\n"
            + json.dumps({"a": 1})
            + "\nroses are red\n"
        )
        text = self.judge(
            [
                self.write("mixed.json", "".join(json.dumps(r) + "\n" + other for r in records)),
                *CLOUD,
                *keys,
            ]
        )
        self.expect_reference(text)
        self.assertIn("540 lines: have another form", text)

    def test_events_in_any_order_and_in_a_table(self):
        shuffled = sorted(AWS, key=lambda event: event["clientId"] + event["eventType"])
        self.expect_reference(
            self.judge(
                [
                    self.write("events.jsonl", "".join(json.dumps(e) + "\n" for e in shuffled)),
                    *CLOUD,
                    "--json",
                    "time=timestamp,device=clientId,event=eventType",
                ]
            )
        )
        rows = "at;who;what\n" + "".join(
            f"{e['timestamp']};{e['clientId']};{e['eventType']}\n" for e in shuffled
        )
        self.expect_reference(
            self.judge(
                [
                    self.write("events.csv", rows),
                    *CLOUD,
                    "--columns",
                    "time=at,device=who,event=what",
                ]
            )
        )

    def test_who_said_goodbye(self):
        """Sessions that their clients ended are not lost; the same without the reason are."""
        lines = "".join(json.dumps({**e, "clientInitiatedDisconnect": True}) + "\n" for e in AWS)
        name, keys = (
            self.write("events.jsonl", lines),
            "time=timestamp,device=clientId,event=eventType",
        )
        self.assertIn(
            "came after a silence",
            self.judge([name, *CLOUD, "--json", keys + ",reason=clientInitiatedDisconnect"]),
        )
        self.expect_reference(self.judge([name, *CLOUD, "--json", keys]))

    def test_who_was_turned_away(self):
        lines = "".join(
            json.dumps(
                {
                    "t": 1700000000 + 10 * i + i * i % 7,
                    "d": "a",
                    "e": "connect_failed" if i % 7 else "connected",
                }
            )
            + "\n"
            for i in range(85)
        )
        text = self.judge(
            [self.write("events.jsonl", lines), "--json", "time=t,device=d,event=e"], code=1
        )
        self.assertIn("85 attempts", text)
        self.assertIn("Over 12 outages", text)

    def test_maps_and_files_that_do_not_fit(self):
        good = self.write("events.jsonl", json.dumps(AWS[0]) + "\n")
        keys = "time=timestamp,device=clientId"
        for name, arguments, pattern in (
            (
                good,
                ["--json", keys + ",event=principalIdentifier"],
                r'line 1, key principalIdentifier: "p" is no event of a connection .*such as '
                r'connected, .*',
            ),
            (
                good,
                ["--json", "time=clientId,device=clientId"],
                r'line 1, key clientId: "dev-000" is no time that is known: .*',
            ),
            (
                good,
                ["--json", "time=ts,device=clientId"],
                r"not one object with these keys that could be read among 1",
            ),
            (
                self.write("text", "roses\n"),
                ["--json", keys],
                r"no JSON object in a line of its own among 1: .*",
            ),
            (self.write("tree", '[\n  {"a": 1}\n]\n'), [], r"a JSON list: .*"),
        ):
            with self.subTest(arguments=arguments):
                self.expect_refused(
                    ["judge", name, *arguments],
                    4,
                    rf"cannot judge it \({re.escape(name)}\): {pattern}",
                )
        for arguments, pattern in (
            (["--json", keys, "--columns", keys], r"two maps \(--json and --columns\): give one"),
            (
                ["--json", "device=clientId"],
                r"JSON lines without a map of their keys \(--json\): .*",
            ),
            (["--format", "json"], r"JSON lines without a map of their keys \(--json\): .*"),
            (
                ["--json", keys, "--format", "csv"],
                r"a map for a format that has none \(--json\): .*",
            ),
            (["--json", "when=timestamp"], r"no column of ours: when \(--json\): .*"),
        ):
            with self.subTest(arguments=arguments):
                self.expect_refused(["judge", good, *arguments], 4, pattern)

    def test_standard_input(self):
        text = "".join(json.dumps(event) + "\n" for event in AWS)
        arguments = ["-", *CLOUD, "--json", "time=timestamp,device=clientId,event=eventType"]
        name = self.write("events.jsonl", text)
        with open(self.folder / name, "rb") as file:
            self.expect_reference(self.judge(arguments, stdin=file))
        with subprocess.Popen(["/bin/cat", str(self.folder / name)], stdout=subprocess.PIPE) as cat:
            text = self.judge(arguments, stdin=cat.stdout)
        self.expect_reference(text)
        self.assertIn("file.................: standard input", text)
        with subprocess.Popen(
            ["/bin/cat", str(DATA / "00-reference-device.pcap")], stdout=subprocess.PIPE
        ) as cat:
            self.assertIn("81 attempts", self.judge(["-"], stdin=cat.stdout))
        self.expect_refused(
            ["judge", "-"],
            4,
            r"cannot judge it \(standard input\): empty: there is nothing to judge",
        )
        self.expect_refused(
            ["judge", "-", "-"],
            4,
            r"standard input is read once only \(blackstart judge\): give - once",
        )

    def csv(self, change):
        return self.write(
            "table.csv",
            CSV[0] + "\n" + "".join(change(*line.split(",")) + "\n" for line in CSV[1:]),
        )

    def test_zones_and_units(self):
        plain = re.search(
            r"dev-1 retries: .* Over 10 outages",
            self.judge([self.csv(lambda *row: ",".join(row)), *COLUMNS]),
        ).group()
        for form in (
            lambda t: f"{round(t * 1000)}",
            lambda t: f"{round(t * 1000)}000",
            lambda t: f"{round(t * 1000)}000000",
            lambda t: iso(round(t * 1000), "%Y-%m-%d %H:%M:%S").replace("0000Z", "+00"),
            lambda t: iso(round(t * 1000), "%Y-%m-%d %H:%M:%S").replace("0000Z", " UTC"),
            lambda t: iso(round(t * 1000), "%Y-%m-%d %H:%M:%S").replace("0000Z", " +0000"),
            lambda t: iso(round((t - 5400) * 1000), "%Y-%m-%d %H:%M:%S").replace(
                "0000Z", " -01:30"
            ),
            lambda t: iso(round(t * 1000)).replace(".", "!").replace("!", "."),
        ):
            self.assertIn(
                plain,
                self.judge([self.csv(lambda ts, d, s: f"{form(float(ts))},{d},{s}"), *COLUMNS]),
            )
        self.assertIn(
            plain,
            self.judge(
                [
                    self.write(
                        "table.csv",
                        "\n".join(CSV).replace(".", "#").replace(",", ";").replace("#", ","),
                    ),
                    *COLUMNS,
                ]
            ),
        )

    def test_days_of_a_spreadsheet(self):
        for digits in (4, 7, 11):
            name = self.csv(lambda ts, d, s: f"{float(ts) / 86400 + 25569:.{digits}f},{d},{s}")
            self.expect_refused(
                ["judge", name, *COLUMNS],
                4,
                r"cannot judge it \(table\.csv\): times such as 45244\.9\d* look like days of a "
                r"spreadsheet, .*",
            )
        # Its twin: seconds since a machine's start.
        self.judge(
            [self.csv(lambda ts, d, s: f"{float(ts) - 1700000000 + 45244.9:.6f},{d},{s}"), *COLUMNS]
        )

    def test_words_that_are_unknown(self):
        few = "\n".join(CSV).replace("refused", "kaputt", 5)
        text = self.judge([self.write("few.csv", few), *COLUMNS], code=5)
        self.assertIn(
            '5 lines: could not be read and were left out (first: line 3, column status: "kaputt" '
            'is no outcome',
            text,
        )
        evil = "\n".join(CSV).replace("refused", "\x1b[2Jno\x01\x7f")
        self.expect_refused(
            ["judge", self.write("evil.csv", evil), *COLUMNS],
            4,
            r'cannot judge it \(evil\.csv\): line 3, column status: "\?\[2Jno\?\?" is .*',
        )
        late = "\n".join(CSV).replace("1700", "x", 3)
        self.assertIn(
            '(first: line 2, column ts: "x000000.000" is no time',
            self.judge([self.write("late.csv", late), *COLUMNS]),
        )


if __name__ == "__main__":
    unittest.main()
