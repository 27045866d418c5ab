#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of docs/field-cases.md with other values than their files have: truths that are known,
in forms that people meet. Each rule stands beside a twin that must be judged otherwise.
"""
import datetime
import gzip
import math
import random
import re
import struct
import sys
import unittest

from program import SOURCE, CliTest, some

sys.path.insert(0, str(SOURCE / "tests" / "tools"))
import truths  # noqa: E402

PASS, FAIL, USAGE, INCONCLUSIVE = 0, 1, 4, 5
CLOUD = ["--capacity", "15"]
SPREAD = {"kind": "full-jitter", "base": "20s", "cap": "4m", "initial_window": "3m"}
GROWING = {"kind": "equal-jitter", "base": "3s", "cap": "10m"}
TABLE = ["--columns", "time=ts,device=id,outcome=status"]
SERVER = "10.255.0.1"


def fleet(form, **more):
    chosen = {"law": SPREAD, "devices": 60, "outages": 1, "lasting": 400, **more}
    return truths.live(truths.Truth(format=form, **chosen), random.Random(7))


def device(form, law=None):
    return truths.live(
        truths.Truth(law=law or GROWING, outages=11, retries=6, format=form), random.Random(7)
    )


def given(truth):
    return [
        word
        for lost, back in truth.times
        for word in ("--outage", f"{truths.EPOCH + lost:.3f}..{truths.EPOCH + back:.3f}")
    ]


def given_in_whole_seconds(truth):
    """As people give them: from before the loss, to a second in which some were back already."""
    return [
        word
        for lost, back in truth.times
        for word in (
            "--outage",
            f"{math.floor(truths.EPOCH + lost)}..{math.ceil(truths.EPOCH + back)}",
        )
    ]


def text_of(truth):
    return "".join(truths.FORMATS[truth.format](truth)[1])


def moment(at, zone=0):
    return datetime.datetime.fromtimestamp(
        truths.EPOCH + at, datetime.timezone(datetime.timedelta(hours=zone))
    )


def log_of(truth, sentences, stamp=truths.stamp):
    """As Mosquitto would write it with these sentences; None: it says nothing of that."""
    return "".join(
        f"{stamp(at)}: "
        + sentences[kind].format(ip=truths.address(truth, row[1]), port=port, name=f"dev-{row[1]}")
        + "\n"
        for at, kind, row, port in truths.events(truth)
        if sentences[kind] is not None
    )


def capture(packets):
    head = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 101)
    return head + b"".join(
        struct.pack(
            "<IIII", truths.EPOCH + int(at), int((at - int(at)) * 1e9), len(data), len(data)
        )
        + data
        for at, data in sorted(packets, key=lambda packet: packet[0])
    )


# The same moments as CSVs have them.
FORMS = (
    lambda at: f"{truths.EPOCH + at:.3f}",
    lambda at: f" {truths.EPOCH + at:.3f} ",
    lambda at: str(int((truths.EPOCH + at) * 1e6)),
    lambda at: f"{truths.EPOCH + at:.12e}",
    lambda at: str(int((truths.EPOCH + at + 11644473600) * 1e7)),
    lambda at: str(int((truths.EPOCH + at + 62135596800) * 1e7)),
    lambda at: moment(at, 1).strftime("%Y-%m-%d %H:%M:%S.%f CET"),
    lambda at: moment(at, -7).strftime("%Y-%m-%d %H:%M:%S.%f PDT"),
    lambda at: moment(at, 1).strftime("%Y-%m-%d %H:%M:%S.%f+01:00[Europe/Berlin]"),
    lambda at: moment(at).strftime("%Y-%m-%d %H:%M:%S.%f +0000 UTC"),
    lambda at: moment(at).strftime("%Y/%m/%d %H:%M:%S.%f"),
    lambda at: moment(at).strftime("%Y%m%dT%H%M%S.%fZ"),
    lambda at: moment(at).strftime("%Y%m%d%H%M%S.%f"),
    lambda at: moment(at).strftime("%Y%m%d %H:%M:%S.%f"),
    lambda at: moment(at, 5.5).strftime("%d/%b/%Y:%H:%M:%S.%f +0530"),
    lambda at: '"' + moment(at, 2).strftime("%a, %d %b %Y %H:%M:%S.%f +0200") + '"',
    lambda at: '"' + moment(at).strftime("%b %d, %Y @ %H:%M:%S.%f") + '"',
    lambda at: moment(at).strftime("%a %b %e %H:%M:%S.%f %Y"),
)

# What Mosquitto says of a connection that came to nothing, beside the sentences of
# tests/tools/truths.py.
BEGUN = "New connection from {ip}:{port} on port 1883."
REFUSED = (
    "Client {ip}:{port} disconnected, not authorised.",
    "Client {ip}:{port} disconnected: Protocol error.",
    "Client <unknown> disconnected: Protocol error.",
    "Client <unknown> has exceeded timeout, disconnecting.",
    "Client {name} [{ip}:{port}] disconnected: server busy.",
    "Client {ip} [{ip}:{port}] closed its connection.",
    "Client {name} disconnected: bad user name or password.",
    "Bad socket read/write on client <unknown>: The connection was lost.",
)


class Times(CliTest):
    def judge(self, text, code, options=()):
        process = self.run_program(["judge", self.write("t.csv", text), *TABLE, *options])
        self.assertEqual(process.returncode, code, process.err + process.out)
        return " ".join(process.out.split()) + process.err

    def rows(self, form, truth=None):
        truth = truth or device("csv")
        return "ts,id,status\n" + "".join(f"{form(row[0])},d,{row[2]}\n" for row in truth.attempts)

    def test_each_form_in_turn_is_the_same_time(self):
        turn = iter(range(1000))
        found = self.judge(self.rows(lambda at: FORMS[next(turn) % len(FORMS)](at)), PASS)
        self.assertRegex(found, r"d retries: growing from 2\.\d+ s .* Over 11 outages")
        self.assertNotIn("could not be read", found)

    def test_examine_reads_the_same_forms(self):
        """What it looks at is the hour, so a time that is misread moves the alarms."""
        lines = (SOURCE / "tests/data/telemetry/42-hour-seconds-reference.csv").read_text()
        rows = [line.split(",") for line in lines.split()[1:]]

        def alarms(form):
            text = "".join(
                f"{form(i, int(at) - truths.EPOCH)},{value}\n" for i, (at, value) in enumerate(rows)
            )
            process = self.run_program(["examine", self.write("t.csv", "timestamp,value\n" + text)])
            answers = [line.rsplit(",", 2)[1:] for line in process.out.splitlines()]
            return process, [(i, score) for i, (score, alarm) in enumerate(answers) if alarm == "1"]

        _, right = alarms(lambda i, at: FORMS[0](at))
        self.assertEqual(len(right), 4)
        process, found = alarms(lambda i, at: FORMS[i % len(FORMS)](at))
        self.assertEqual((process.err, found), ("", right))
        _, found = alarms(lambda i, at: FORMS[i % len(FORMS)](at * 24 // 25))
        self.assertNotEqual(found, right)
        process, _ = alarms(lambda i, at: f"{(truths.EPOCH + at) / 86400 + 25569:.6f}")
        self.expect_line(process, USAGE, r".*look like days of a spreadsheet \(line 3\): .*")

    def test_a_form_that_may_mean_two_days_is_asked_about(self):
        for form in ("%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%H:%M:%S"):
            found = self.judge(self.rows(lambda at: moment(at).strftime(form)), USAGE)
            self.assertIn("line 2, column ts: ", found)
            self.assertIn("is no time that is known", found)

    def test_days_of_spreadsheets_and_of_astronomers(self):
        for first, digits in ((25569, 9), (2440587.5, 6)):
            found = self.judge(
                self.rows(lambda at: f"{(truths.EPOCH + at) / 86400 + first:.{digits}f}"), USAGE
            )
            self.assertIn(f"write (days - {first})", found)

    def test_summer_ends(self):
        """Local time without a zone: an hour is there twice, and nobody knows which row is when."""
        change = 4 * 3600
        local = lambda at: moment(at, 2 if at < change else 1)  # noqa: E731
        found = self.judge(
            self.rows(lambda at: local(at).strftime("%Y-%m-%d %H:%M:%S.%f")), INCONCLUSIVE
        )
        self.assertIn("jumped back 1 time", found)
        self.judge(self.rows(lambda at: local(at).strftime("%Y-%m-%d %H:%M:%S.%f%z")), PASS)
        rows = self.rows(FORMS[0]).splitlines(True)
        self.judge(rows[0] + "".join(rows[:0:-1]), PASS)  # in any order

    def test_a_clock_of_minutes_accuses_nobody(self):
        found = self.judge(
            self.rows(lambda at: moment(at).strftime("%Y-%m-%d %H:%M")), INCONCLUSIVE
        )
        self.assertIn("too short for the resolution of the clock", found)
        fixed = device("csv", {"kind": "fixed", "base": "7s"})
        self.assertIn("Defect: fixed", self.judge(self.rows(FORMS[0], fixed), FAIL))


class Tables(CliTest):
    def judge(self, data, code):
        process = self.run_program(["judge", self.write("t.csv", data), *TABLE, *CLOUD])
        self.assertEqual(process.returncode, code, process.err + process.out)
        return process.err

    def rows(self, separator=","):
        head, rows = truths.FORMATS["csv"](fleet("csv"))
        return (head + "".join(rows)).replace(",", separator)

    def test_what_parts_the_columns(self):
        """A spreadsheet may say it in a line of its own; what is none of ours is named."""
        for separator in ",;\t":
            self.judge(f"sep={separator}\n" + self.rows(separator), PASS)
        self.assertIn("it has sep=, ", self.judge("sep=,,\n" + self.rows(), USAGE))
        found = self.judge(self.rows("|"), USAGE)
        self.assertIn("has one: ts|id|status|took; what parts columns is a comma, ", found)

    def test_a_packed_file_that_is_damaged_is_not_called_empty(self):
        packed = gzip.compress(self.rows().encode())
        self.judge(packed, PASS)
        self.assertIn("and damaged", self.judge(packed[:30] + b"XXXX" * 20, USAGE))
        self.judge(packed[:-900], INCONCLUSIVE)
        found = self.judge(gzip.compress(b""), USAGE)
        self.assertIn("empty: there is nothing to judge", found)


class Unseen(CliTest):
    """What a log does not show is not held against anybody; what it does show is."""

    def judge(self, data, code, options=()):
        path = self.write(f"u{len(list(self.folder.iterdir()))}", data)
        process = self.run_program(["judge", path, *CLOUD, *options])
        self.assertEqual(process.returncode, code, process.err + process.out)
        return " ".join(process.out.split())

    def parted(self, keep, **more):
        head, records = truths.FORMATS["pcap"](fleet("pcap", **more))
        return head + b"".join(record for record in records if keep(record[16:]))

    def test_a_table_without_outcomes(self):
        head, rows = truths.FORMATS["csv"](fleet("csv"))
        text = head + "".join(rows)
        only_times = ["--columns", "time=ts,device=id"]
        found = self.judge(text, INCONCLUSIVE, only_times)
        self.assertIn("No attempt of the whole log is seen to succeed", found)
        self.judge(text, PASS, TABLE)
        # all who were online before, and nobody afterwards
        lines = text.splitlines(True)
        after = "".join(lines[61:]).replace(",ok,", ",failed,")
        self.judge("".join(lines[:61]) + after, FAIL, TABLE)
        fixed = fleet("csv", law={"kind": "fixed", "base": "10s"})
        head, rows = truths.FORMATS["csv"](fixed)
        found = self.judge(head + "".join(rows), FAIL, only_times)
        self.assertRegex(found, r"FAILS busiest second")

    def test_a_capture_of_what_begins_and_ends_connections(self):
        """As by the filter tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0."""
        begins_or_ends = lambda packet: packet[33] & 7  # noqa: E731
        found = self.judge(self.parted(begins_or_ends), INCONCLUSIVE)
        self.assertIn("No attempt of the whole log is seen to succeed", found)
        lock_step = {"law": {"kind": "fixed", "base": "10s"}}
        self.judge(self.parted(begins_or_ends, **lock_step), FAIL)

    def test_a_capture_of_one_direction(self):
        server = bytes([10, 255, 0, 1])
        sent = self.parted(lambda packet: packet[12:16] != server)
        self.assertIn("one direction alone was captured", self.judge(sent, INCONCLUSIVE))
        answers = self.parted(lambda packet: packet[12:16] == server)
        self.assertIn("one direction alone was captured", self.judge(answers, INCONCLUSIVE))
        self.judge(self.parted(lambda packet: True), PASS)

    def test_what_was_sent_first_may_be_captured_second(self):
        """By a card with several queues: it is no capture of one direction."""
        head, records = truths.FORMATS["pcap"](fleet("pcap"))
        at = 0
        while at + 1 < len(records):
            this, after = records[at : at + 2]
            if this[49] == 0x12 and after[49] == 0x18 and this[28:32] == after[32:36]:
                records[at], records[at + 1] = this[:8] + after[8:], after[:8] + this[8:]
                at += 1
            at += 1
        self.assertNotIn("one direction", self.judge(head + b"".join(records), PASS))


class Outages(CliTest):
    def verdict(self, files, options):
        out = f"o{len(list(self.folder.iterdir()))}"
        process = self.run_program(["judge", *files, *options, "--out", out])
        self.assertIn(process.returncode, (PASS, FAIL, INCONCLUSIVE), process.err)
        return process.returncode

    def test_a_service_that_is_away_for_seconds(self):
        """Found, given, and given in whole seconds, it is one outage with one verdict."""
        back_at_once = {"kind": "equal-jitter", "base": "1s", "cap": "2m"}
        for form in some(("mosquitto", "pcap", "csv")):
            for law, code in ((SPREAD, PASS), (back_at_once, FAIL)):
                truth = fleet(form, law=law, lasting=5, boot=1.0)
                # the first was back just after a second began
                lost, back = truth.times[0]
                shift = math.ceil(truths.EPOCH + back) - truths.EPOCH - back - 0.9
                for row in truth.attempts:
                    row[0], row[3] = row[0] + shift, row[3] + shift
                    row[4] = row[4] if row[4] is None else row[4] + shift
                truth.times, truth.told = [(lost + shift, back + shift)], False
                files, options = truths.write(truth, self.folder, form)
                for how in ([], given(truth), given_in_whole_seconds(truth)):
                    with self.subTest(form=form, law=law["kind"], how=how):
                        self.assertEqual(self.verdict(files, [*options, *CLOUD, *how]), code)
                # who was back two seconds before the end that is given was not without service
                late = f"{truths.EPOCH + lost + shift:.3f}..{truths.EPOCH + back + shift + 3:.3f}"
                if code == FAIL:
                    found = self.verdict(files, [*options, *CLOUD, "--outage", late])
                    self.assertEqual(found, INCONCLUSIVE)


class Brokers(CliTest):
    def judge(self, files, code, options=CLOUD):
        names = [self.write(f"{i}.log", data) for i, data in enumerate(files)]
        out = f"o{len(list(self.folder.iterdir()))}"
        process = self.run_program(["judge", *names, *options, "--out", out])
        self.assertEqual(process.returncode, code, process.err + process.out)
        self.found = None if code == USAGE else self.findings(out)[0]
        return " ".join(process.out.split()) + process.err

    def expect_all_back(self, files):
        self.judge(files, PASS)
        self.expect_measures(self.found, {"back online": (1, 60)})

    def test_who_has_no_id_is_named_by_his_address(self):
        truth = device("mosquitto")
        version = truths.MOSQUITTO["2.0"]
        for sentence in REFUSED:
            with self.subTest(sentence):
                text = log_of(
                    truth,
                    {
                        "begin": BEGUN,
                        truths.OK: version[2],
                        truths.REFUSED: sentence,
                        "lost": version[4],
                    },
                )
                found = self.judge([text], PASS, given(truth))
                self.assertRegex(found, r"dev-0 retries: growing from 2\.1\d s ")
                self.assertNotIn("most failures were not seen", found)
        text = log_of(
            truth,
            {
                "begin": BEGUN,
                truths.OK: version[2],
                truths.REFUSED: "Client {name} yawns.",
                "lost": version[4],
            },
        )
        self.assertIn("most failures were not seen", self.judge([text], PASS, given(truth)))

    def test_addresses_of_version_6_with_and_without_a_port(self):
        """The last group of an address is no port where the log tells none: neighbours stay two."""
        truth = device("mosquitto")
        for port in ("", ":{port}"):
            begun = "New connection from 2001:db8::1:{ip}" + port + " on port 1883."
            online = (
                "New client connected from 2001:db8::1:{ip}" + port + " as {name} (p2, c1, k60)."
            )
            both = []
            for last, name in (("5", "pump"), ("6", "fan")):
                text = log_of(
                    truth,
                    {
                        "begin": begun.replace("{ip}", last),
                        truths.OK: online.replace("{ip}", last).replace("{name}", name),
                        truths.REFUSED: "Client <unknown> disconnected, not authorised.",
                        "lost": f"Client {name} closed its connection.",
                    },
                )
                shift = 0 if name == "pump" else 1
                both += [
                    truths.stamp(
                        datetime.datetime.fromisoformat(line[:23] + "+00:00").timestamp()
                        - truths.EPOCH
                        + shift
                    )
                    + line[23:]
                    for line in text.splitlines(True)
                ]
            found = self.judge(["".join(sorted(both))], PASS, [*given(truth), "--device", "pump"])
            self.assertIn("pump retries: growing", found)

    def test_ids_that_the_broker_makes_up_are_as_many_clients(self):
        for version in ("1.6", "2.0", "2.1"):
            truth = fleet(f"mosquitto-{version}", nat=True)
            text = text_of(truth).replace("dev-", "auto-")
            with self.subTest(version):
                found = self.judge([text], INCONCLUSIVE)
                self.assertIn("At least 60 clients are behind 10.0.0.1", found)
                self.expect_all_back([text_of(truth)])
                found = self.judge([text_of(truth)], INCONCLUSIVE, ["--by", "address"])
                self.assertIn("At least 60 clients are behind 10.0.0.1", found)
        alone = device("mosquitto").attempts
        truth = truths.Truth(
            law=GROWING, format="mosquitto", attempts=alone, until=alone[-1][0] + 1800
        )
        text = text_of(truth).replace("dev-", "auto-")
        found = self.judge([text], PASS, given(device("mosquitto")))
        self.assertIn("10.0.0 retries: growing", found.replace("10.0.0.0", "10.0.0"))

    def test_numbers_in_front_of_other_words_are_no_clock(self):
        lines = text_of(fleet("mosquitto-1.6")).splitlines(True)
        others = ("1: apple", "9999999999: pears", "1500000000: plums", "42: New deal")
        found = self.judge(
            ["".join(line + others[i % 4] + "\n" for i, line in enumerate(lines))], PASS
        )
        self.assertIn("have another form and were left out", found)
        known = "1500000000: Saving in-memory database to /db.\n"
        found = self.judge(["".join(line + known for line in lines)], INCONCLUSIVE)
        self.assertIn("jumped back", found)

    def test_forms_of_its_own_times(self):
        lines = text_of(fleet("mosquitto-2.0")).splitlines(True)
        for form in (
            "%Y-%m-%d %H:%M:%S",
            "%Y/%m/%d %H:%M:%S",
            "%d/%b/%Y:%H:%M:%S %z",
            "%a %b %d %H:%M:%S %Y",
            "%b %d %H:%M:%S",
            "[%Y-%m-%d %H:%M:%S]",
            "%Y-%m-%d %H:%M:%S: %s",
        ):
            text = "".join(
                datetime.datetime.fromisoformat(line[:23] + "+00:00").strftime(form) + line[23:]
                for line in lines
            )
            with self.subTest(form):
                self.expect_all_back([text])
        found = self.judge(["".join("21.11.2026 18 Uhr" + line[23:] for line in lines)], USAGE)
        self.assertIn("a log of Mosquitto without times, or in a form that is not known", found)

    def test_files_without_anything_among_others(self):
        lines = text_of(fleet("mosquitto-2.0")).splitlines(True)
        half = len(lines) // 2
        parts = ["".join(lines[half:]), "", "".join(lines[:half])]
        self.expect_all_back(parts)
        self.assertIn("empty: there is nothing to judge", self.judge(["", ""], USAGE))
        head, packets = truths.FORMATS["pcap"](fleet("pcap"))
        rings = [head + b"".join(packets[:half]), head, head + b"".join(packets[half:])]
        self.expect_all_back(rings)
        self.assertIn("a capture without a packet", self.judge([head, head], USAGE))

    def test_the_same_log_twice(self):
        text = text_of(fleet("mosquitto-2.0"))
        self.assertRegex(
            self.judge([text, text], USAGE), r"the same log twice \(1\.log\): it begins as 0\.log"
        )

    def test_captures_of_the_same_hours(self):
        head, packets = truths.FORMATS["pcap"](fleet("pcap"))
        both = [head + b"".join(packets[:800]), head + b"".join(packets[400:])]
        found = self.judge(both, INCONCLUSIVE)
        self.assertIn("captures overlap in time", found)
        self.assertIn("mergecap -w", found)


class Visits(CliTest):
    """Sleepers that come for two seconds every five minutes, by the way in which they go."""

    def packets(self, how):
        rng, packets, port = random.Random(4), [], 20000
        for number in range(60):
            client, at = f"10.0.0.{number}", rng.uniform(0, 300)
            while at < 3 * 3600:
                port = 20000 + (port + 1) % 40000
                packets.append((at, truths.tcp(client, port, SERVER, 1883, 2, 1000)))
                if 5400 <= at < 6000:
                    packets.append((at + 0.05, truths.tcp(SERVER, 1883, client, port, 0x14, 0)))
                    at += rng.uniform(150, 300)
                    continue
                connect = truths.connect_packet(f"d{number}")
                packets += [
                    (at + 0.01, truths.tcp(SERVER, 1883, client, port, 0x12, 5000)),
                    (at + 0.02, truths.tcp(client, port, SERVER, 1883, 0x18, 1001, connect)),
                    (at + 0.05, truths.tcp(SERVER, 1883, client, port, 0x18, 5001, b"\x20\2\0\0")),
                ]
                end = 1001 + len(connect)
                packets.append((at + 2, how(client, port, end)))
                at += rng.uniform(270, 330)
        return packets

    def test_how_they_go(self):
        given_outage = ["--outage", f"{truths.EPOCH + 5400}..{truths.EPOCH + 6000}"]
        ways = (
            ("FIN", PASS, lambda c, p, n: truths.tcp(c, p, SERVER, 1883, 0x11, n)),
            ("an abort", PASS, lambda c, p, n: truths.tcp(c, p, SERVER, 1883, 0x14, n)),
            # It knows nothing of the connection any more: it was lost.
            ("a RST in answer", FAIL, lambda c, p, n: truths.tcp(c, p, SERVER, 1883, 0x04, n)),
            ("by the server", FAIL, lambda c, p, n: truths.tcp(SERVER, 1883, c, p, 0x11, 5005)),
        )
        for name, code, how in ways:
            with self.subTest(name):
                path = self.write("visits.pcap", capture(self.packets(how)))
                out = f"o{len(list(self.folder.iterdir()))}"
                process = self.run_program(["judge", path, *CLOUD, *given_outage, "--out", out])
                self.assertEqual(process.returncode, code, process.err + process.out)
                found = {one["name"] for one in self.findings(out)[0]["measures"]}
                self.assertEqual("growth of pauses" in found, code == FAIL, found)


if __name__ == "__main__":
    unittest.main()
