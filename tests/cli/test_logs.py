#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One truth in everything that logs are wrapped in: prefixes, envelopes, several files, packed
ones. Each is judged as the plain log is.
"""
import datetime
import gzip
import json
import re
import unittest

from program import SOURCE, CliTest, enough_in_release, some

DATA = SOURCE / "tests" / "data" / "field"
LINES = (DATA / "00-reference-mosquitto.log").read_text().splitlines()
ROTATED = (DATA / "12-rotated-whole.log").read_text().splitlines()
EMQX = (DATA / "03-emqx5-text.log").read_text().splitlines()
CLOUD = ["--capacity", "20"]


def parts(line):
    """The time of a line, in seconds since 1970, and its sentence."""
    stamp, _, sentence = line.partition(": ")
    return int(stamp), sentence


def clock(line, form, hours=0):
    zone = datetime.timezone(datetime.timedelta(hours=hours))
    return datetime.datetime.fromtimestamp(parts(line)[0] + 0.25, zone).strftime(form)


def iso(line, hours=0, more=""):
    return clock(line, "%Y-%m-%dT%H:%M:%S" + more, hours)


# What stands in front of a line, by whoever puts it there.
PREFIXES = {
    "docker logs -t": lambda line: iso(line, more=".250000000Z "),
    "docker compose logs": lambda line: "mosquitto-1  | ",
    "docker compose logs, in colours": lambda line: "\x1b[36mmosquitto-1  | \x1b[0m",
    "docker compose logs -t": lambda line: "mosquitto-1  | " + iso(line, more=".250000000Z "),
    "Kubernetes (CRI)": lambda line: iso(line, more=".250000000+00:00") + " stdout F ",
    "kubectl logs --prefix --timestamps": lambda line: "[pod/mosquitto-0/mosquitto] "
    + iso(line, more=".250Z "),
    "journalctl -o short": lambda line: clock(line, "%b %d %H:%M:%S broker mosquitto[812]: "),
    "journalctl -o short-precise": lambda line: clock(
        line, "%b %d %H:%M:%S.250000 broker mosquitto[812]: "
    ),
    "journalctl -o short-iso": lambda line: iso(line, 2, "+0200 broker mosquitto[812]: "),
    "journalctl -o short-iso-precise": lambda line: iso(
        line, -5, ".250000-0500 broker mosquitto[812]: "
    ),
    "journalctl -o short-full": lambda line: clock(
        line, "%a %Y-%m-%d %H:%M:%S UTC broker mosquitto[812]: "
    ),
    "journalctl -o short-full, elsewhere": lambda line: clock(
        line, "%a %Y-%m-%d %H:%M:%S CET broker mosquitto[812]: ", 1
    ),
    "journalctl -o short-unix": lambda line: f"{parts(line)[0]}.250000 broker mosquitto[812]: ",
    "journalctl -o "
    "short-monotonic": lambda line: f"[{parts(line)[0] - 1699990000:>6}.250000] broker "
    f"mosquitto[812]: ",
    "journalctl -o "
    "short-delta": lambda line: f"[{parts(line)[0] - 1699990000:>6}.250000 <    0.000012 >] "
    f"broker mosquitto[812]: ",
    "syslog, RFC 3164": lambda line: clock(line, "<30>%b %d %H:%M:%S broker mosquitto: "),
    "syslog, RFC 5424": lambda line: "<30>1 "
    + iso(line, more=".250Z")
    + " broker mosquitto 812 - - ",
    "syslog, RFC 5424 with data": lambda line: "<30>1 "
    + iso(line, more=".250Z")
    + ' broker mosquitto 812 id [a@1 b="c]d"][e f="g"] \ufeff',
    "rsyslog's files": lambda line: iso(line, more=".250000+00:00") + " broker mosquitto[812]: ",
    "stern": lambda line: "mosquitto-0 mosquitto " + iso(line, more=".250000000Z "),
    "BusyBox": lambda line: clock(line, "%b %e %H:%M:%S broker daemon.notice mosquitto[812]: "),
    "OpenWrt": lambda line: clock(line, "%a %b %e %H:%M:%S %Y daemon.notice mosquitto[812]: "),
    "logcli": lambda line: iso(line, more=".250Z") + ' {app="mosquitto", pod="m-0"} ',
    "CloudWatch": lambda line: iso(line, more=".250Z") + " ecs/mosquitto/0123abcd ",
    "s6": lambda line: clock(line, "%Y-%m-%d %H:%M:%S.250000000  "),
    "Nomad": lambda line: iso(line, more=".250Z") + " [INFO]  client.driver: ",
    "grep -n": lambda line: "17:" + iso(line, more=".250Z "),
    "grep -H": lambda line: "mosquitto.log:" + iso(line, more=".250Z "),
    "cat -n": lambda line: "    17\t" + iso(line, more=".250Z "),
    "docker compose logs -t, in colours": lambda line: "\x1b[36mmosquitto-1  |\x1b[0m "
    + iso(line, more=".250000000Z "),
    "a journal within docker's": lambda line: iso(line, more=".250000000Z ")
    + clock(line, "%b %d %H:%M:%S broker mosquitto[812]: "),
}
ENVELOPES = {
    "Docker's own files": lambda line, text: json.dumps(
        {"log": text + "\n", "stream": "stdout", "time": iso(line, more=".250000000Z")}
    ),
    "journalctl -o json": lambda line, text: json.dumps(
        {"__REALTIME_TIMESTAMP": str(parts(line)[0] * 1000000 + 250000), "MESSAGE": text}
    ),
    "Google's": lambda line, text: json.dumps(
        {"textPayload": text, "timestamp": iso(line, more=".250Z")}
    ),
    "Fluent Bit": lambda line, text: json.dumps({"date": parts(line)[0] + 0.25, "log": text}),
    "a search's result": lambda line, text: json.dumps(
        {"_index": "x", "_source": {"@timestamp": iso(line, more=".250Z"), "message": text}}
    ),
    "a table's export": lambda line, text: f'"{iso(line, more=".250Z")}","{text}"',
    "a collector": lambda line, text: json.dumps(
        {"@timestamp": iso(line, more=".250Z"), "message": text}
    ).replace("connect", "c\\u006fnnect"),
}
TIMELESS = {"docker compose logs", "docker compose logs, in colours"}


class Logs(CliTest):
    def judge(self, files, options=CLOUD, code=0):
        out = f"o{len(list(self.folder.iterdir()))}"
        process = self.run_program(["judge", *files, *options, "--out", out])
        self.assertEqual(process.returncode, code, process.err + process.out)
        self.found = None if code == 4 else self.findings(out)[0]
        return " ".join(process.out.split())

    def expect_reference(self, name, text):
        self.assertEqual(self.found["verdict"], "PASS", name)
        self.expect_measures(
            self.found,
            {"back online": (1, 60), "busiest second": (3, 4, 60), "attempts per device": 1},
            name,
        )
        self.assertIn(" 120 attempts in 50m0", text, name)
        self.assertIn("devices..............: 60, told apart by id", text, name)
        self.assertNotIn("warning", text, name)

    def test_prefixes_are_taken_off(self):
        for name, prefix in some(PREFIXES.items()):
            with self.subTest(name):
                self.expect_reference(
                    name,
                    self.judge(
                        [
                            self.write(
                                "whole.log", "".join(prefix(line) + line + "\n" for line in LINES)
                            )
                        ]
                    ),
                )

    def test_their_time_is_used_where_the_line_has_none(self):
        for name, prefix in some(PREFIXES.items()):
            if name in TIMELESS:
                continue
            with self.subTest(name):
                self.expect_reference(
                    name,
                    self.judge(
                        [
                            self.write(
                                "bare.log",
                                "".join(prefix(line) + parts(line)[1] + "\n" for line in LINES),
                            )
                        ]
                    ),
                )

    def test_envelopes_are_opened(self):
        for name, envelope in some(ENVELOPES.items()):
            for text in (lambda line: line, lambda line: parts(line)[1]):
                with self.subTest(name):
                    self.expect_reference(
                        name,
                        self.judge(
                            [
                                self.write(
                                    "json.log",
                                    "".join(envelope(line, text(line)) + "\n" for line in LINES),
                                )
                            ]
                        ),
                    )

    def test_prefixes_of_another_broker(self):
        for name in (
            "docker logs -t",
            "docker compose logs",
            "Kubernetes (CRI)",
            "journalctl -o short-iso",
            "syslog, RFC 5424",
        ):
            with self.subTest(name):
                text = "".join(PREFIXES[name](LINES[0]) + line + "\n" for line in EMQX)
                self.assertIn(
                    "120 attempts in 1h00m00s", self.judge([self.write("emqx.log", text)])
                )

    def test_a_prefix_that_nobody_knows(self):
        self.expect_reference(
            "?",
            self.judge(
                [
                    self.write(
                        "odd.log",
                        "".join(
                            f"edge/7 {{mqtt}} line={i} {line}\n" for i, line in enumerate(LINES)
                        ),
                    )
                ]
            ),
        )
        # Its twins: what such a line hides in quotes is another's, and without a time it tells
        # nothing.
        for form in ('shipper failed with "{0}: {1}"', "edge/7 {1}", "{1}"):
            text = "".join(form.format(*parts(line)) + "\n" for line in LINES)
            self.expect_refused(
                ["judge", self.write("odd.log", text)],
                4,
                r"cannot judge it \(odd\.log\): a log of Mosquitto without times, .*",
            )

    def test_a_year_that_ends(self):
        def shifted(line):
            time = datetime.datetime(2023, 12, 31, 23, 40) + datetime.timedelta(
                seconds=parts(line)[0] - parts(LINES[0])[0]
            )
            return time.strftime("%b %e %H:%M:%S broker mosquitto[812]: ") + parts(line)[1] + "\n"

        self.expect_reference(
            "", self.judge([self.write("year.log", "".join(map(shifted, LINES)))])
        )

    def test_lines_of_others_are_no_damage_and_damage_is(self):
        text = "".join(line + "\n2023/11/14 bridge: roses are red\n" for line in LINES)
        self.assertIn(
            "304 lines: have another form and were left out",
            self.judge([self.write("mixed.log", text)]),
        )
        text = "".join(line + "\n" + "\x01\x02" * 9 + "\n" for line in LINES)
        self.assertIn(
            "304 of 608 lines could not be read",
            self.judge([self.write("mixed.log", text)], code=5),
        )

    def test_a_log_that_tells_late_what_it_is(self):
        text = "".join(
            f"1700000000: Received PUBLISH from dev-1 (d0, q0, r0, m0, 'a/{i}', ... (512 bytes))\n"
            for i in range(3000)
        )
        self.expect_reference("", self.judge([self.write("late.log", text + "\n".join(LINES))]))
        text = "".join(f"[08:13:{i % 60:02}] INFO: roses are red\n" for i in range(3000))
        self.assertIn(
            "120 attempts in 50m0", self.judge([self.write("late.log", text + "\n".join(LINES))])
        )

    def pieces(self, lines, at, packed=()):
        """The log in pieces that end at these lines, named so that their names tell no order."""
        names, ends = [], [*at, len(lines)]
        for i, (begin, end) in enumerate(zip([0, *at], ends)):
            text = "".join(line + "\n" for line in lines[begin:end]).encode()
            names.append(
                self.write(
                    f"piece-{(i * 7) % 10}" + (".gz" if i in packed else ""),
                    gzip.compress(text) if i in packed else text,
                )
            )
        return names

    def verdict(self, text):
        return re.search(r"VERDICTS (.*) STORY (.*) LOG", text).groups()

    @enough_in_release
    def test_several_files_are_one_log_in_any_order(self):
        whole = self.verdict(self.judge([self.write("whole.log", "\n".join(ROTATED))]))
        for at in (
            (1,),
            (60,),
            (213,),
            (300,),
            (len(ROTATED) - 1,),
            (100, 213, 214),
            (50, 100, 250, 400, 500),
        ):
            names = self.pieces(ROTATED, at)
            for order in (names, names[::-1], names[1:] + names[:1]):
                with self.subTest(at=at, order=order):
                    self.assertEqual(self.verdict(self.judge(order)), whole)
        # Its twin: without the older file nobody is known to have been online when service was
        # lost.
        self.assertNotEqual(self.verdict(self.judge(names[2:], code=5)), whole)

    def test_several_files_of_emqx(self):
        whole = self.verdict(self.judge([self.write("whole.log", "\n".join(EMQX))]))
        for at in ((150,), (40, 200)):
            names = self.pieces(EMQX, at)
            self.assertEqual(self.verdict(self.judge(names[::-1])), whole)

    def test_two_brokers_at_the_same_time(self):
        """A log that begins before the other has ended is another broker's: its restart ends
        nobody's connection over there.
        """
        other = [f"{parts(line)[0]}: mosquitto version 2.0.18 starting" for line in LINES[3:40:6]]
        self.judge(
            [
                self.write("one.log", "\n".join(LINES)),
                self.write(
                    "two.log",
                    "\n".join(other + ["1700000100: New connection from 10.9.9.9:1 on port 1883."]),
                ),
            ]
        )
        self.expect_measures(self.found, {"back online": (1, 60)})

    def test_what_is_no_log_is_named(self):
        erlang = "2023-11-14 22:13:20.291449+00:00 [{}] <0.832.0> {}\n"
        for name, content, pattern in (
            (
                "rabbit.log",
                (DATA / "36a-rabbitmq.log").read_bytes(),
                "a log of RabbitMQ, which is not read: .*",
            ),
            (
                "verne.log",
                erlang.format("debug", "vmq_mqtt_fsm: roses") * 9,
                "a log of VerneMQ, which is not read: .*",
            ),
            (
                "hive.log",
                "2023-11-14 22:13:20,291 - Client ID: dev-000, IP: 10.0.0.10, Clean Start: true, "
                "connected.\n" * 9,
                "a log of HiveMQ, .*",
            ),
            (
                "nano.log",
                "2023-11-14 22:13:20 [812] INFO  /src/nanomq/apps/broker.c:100 server_cb: roses\n"
                * 9,
                "a log of NanoMQ, .*",
            ),
            ("erlang.log", erlang.format("info", "roses") * 9, "a log of VerneMQ or RabbitMQ, .*"),
            (
                "wide.log",
                "\n".join(LINES).encode("utf-16"),
                "UTF-16 text, which is not read: convert it with iconv .*",
            ),
            (
                "wide-bare.log",
                "\n".join(LINES).encode("utf-16-be"),
                "UTF-16 text, which is not read: .*",
            ),
            (
                "log.xz",
                b"\xfd7zXZ\0" + bytes(90),
                r"a file packed by xz, which is not read: unpack it with xz -d",
            ),
            ("log.zip", b"PK\x03\x04" + bytes(90), "a ZIP archive or a spreadsheet, .*"),
            (
                "log.journal",
                b"LPKSHHRH" + bytes(90),
                "a journal of systemd, which is not read: .*short-unix",
            ),
        ):
            with self.subTest(name):
                self.expect_refused(
                    ["judge", self.write(name, content)],
                    4,
                    rf"cannot judge it \({re.escape(name)}\): {pattern}",
                )
        self.expect_refused(
            ["judge", "rabbit.log", "--format", "emqx"],
            4,
            r"cannot judge it \(rabbit\.log\): a log of RabbitMQ, and not an EMQX log: .*",
        )


if __name__ == "__main__":
    unittest.main()
