#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""The same truth in every format that `blackstart judge` reads, in one file or parted anywhere, its
outages found or given: one verdict, of the same devices.
"""
import dataclasses
import json
import random
import re
import sys
import unittest

from program import SOURCE, CliTest

sys.path.insert(0, str(SOURCE / "tests" / "tools"))
import truths  # noqa: E402

PASS, FAIL = 0, 1
LOGS = [
    "csv",
    "jsonl",
    "mosquitto-1.4",
    "mosquitto-1.6",
    "mosquitto-2.0",
    "mosquitto-2.1",
    "emqx",
    "emqx-4",
    "emqx-5",
]
CAPTURES = ["pcap", "pcapng"]
SPREAD = {"kind": "full-jitter", "base": "20s", "cap": "4m", "initial_window": "3m"}

# name, truth, capacity, exit code; the laws are far from the border, so that a broker's whole
# seconds do not decide
FLEETS = (
    (
        "a fleet that spreads",
        truths.Truth(law=SPREAD, devices=60, outages=1, lasting=400, latency=0.05),
        15,
        PASS,
    ),
    (
        "the same, slow to be let in",
        truths.Truth(law=SPREAD, devices=60, outages=1, lasting=400, latency=3),
        15,
        PASS,
    ),
    (
        "two outages",
        truths.Truth(law=SPREAD, devices=60, outages=2, lasting=400, latency=0.4),
        15,
        PASS,
    ),
    (
        "a herd within the first latency",
        truths.Truth(
            law={"kind": "fixed", "base": "100s"}, devices=60, outages=1, lasting=90, latency=2
        ),
        15,
        FAIL,
    ),
    (
        "a herd at once",
        truths.Truth(
            law={"kind": "exponential", "base": "5s", "cap": "1m"},
            devices=60,
            outages=1,
            lasting=300,
            latency=0.05,
        ),
        15,
        FAIL,
    ),
)
DEVICES = (
    (
        "a device with jitter",
        truths.Truth(
            law={"kind": "equal-jitter", "base": "3s", "cap": "10m"}, outages=11, retries=6
        ),
        PASS,
    ),
    (
        "a device without",
        truths.Truth(law={"kind": "fixed", "base": "7s"}, outages=11, retries=6),
        FAIL,
    ),
)


def lived(truth, **changes):
    return truths.live(
        dataclasses.replace(truth, attempts=[], times=[], **changes), random.Random(7)
    )


class OneTruth(CliTest):
    def verdict(self, truth, more, name="t", packed=False, order=None):
        """Exit code, and how many devices each outage hit."""
        files, options = truths.write(truth, self.folder, name, packed)
        for stale in self.folder.glob("out*"):
            for file in stale.iterdir():
                file.unlink()
            stale.rmdir()
        process = self.run_program(
            ["judge", *(order(files) if order else files), *options, *more, "--out", "out"]
        )
        verdicts = json.loads((self.folder / "out" / "summary.json").read_text())["verdicts"]
        hit = [re.match(r"([0-9,]+) devices? had", verdict["sentence"]) for verdict in verdicts]
        return process.returncode, [one.group(1) for one in hit if one], process.err + process.out

    def test_a_fleet_in_every_format(self):
        for name, truth, capacity, code in FLEETS:
            for kind in LOGS + CAPTURES:
                for told in (False, True):
                    with self.subTest(f"{name}, {kind}, outages {'given' if told else 'found'}"):
                        got, hit, said = self.verdict(
                            lived(truth, format=kind, told=told), ["--capacity", str(capacity)]
                        )
                        silent = (
                            kind in ("csv", "jsonl") and not told
                        )  # no ends of sessions: a silence is all that tells an outage
                        self.assertEqual(
                            (got, hit[:1] if silent else hit),
                            (code, ["60"] * (1 if silent else truth.outages)),
                            said,
                        )

    def test_behind_one_address(self):
        for name, truth, capacity, code in FLEETS[:1] + FLEETS[-1:]:
            for kind in LOGS + CAPTURES:
                with self.subTest(f"{name}, {kind}"):
                    got, _, said = self.verdict(
                        lived(truth, format=kind, nat=True),
                        ["--capacity", str(capacity), "--by", "client-id"],
                    )
                    self.assertEqual(got, code, said)

    def test_a_device_in_every_format(self):
        for name, truth, code in DEVICES:
            for kind in (
                "csv",
                "jsonl",
                "mosquitto-1.4",
                "mosquitto-1.6",
                "mosquitto-2.0",
                "mosquitto-2.1",
                "emqx-4",
                "emqx-5",
                *CAPTURES,
            ):
                with self.subTest(f"{name}, {kind}"):
                    got, _, said = self.verdict(
                        lived(truth, format=kind, told=kind not in CAPTURES), []
                    )
                    self.assertEqual(got, code, said)

    def test_parted_anywhere(self):
        """In two files at each of many places, in four, packed, and in whatever order they are
        named: also within a connection.
        """
        _, truth, capacity, code = FLEETS[0]
        for kind in ("mosquitto-2.0", "mosquitto-1.4", "emqx-5", "jsonl", "pcap", "pcapng"):
            whole = lived(truth, format=kind, told=False)
            head, pieces = truths.FORMATS[kind](whole)
            for place in range(1, 16, 2):
                with self.subTest(f"{kind}, parted at {place}/16"):
                    cut = place * len(pieces) // 16 + place % 3
                    paths = []
                    for part, chosen in (
                        ("b", pieces[cut:]),
                        ("a", pieces[:cut]),
                    ):  # the later one is named first
                        path = self.folder / f"part-{part}"
                        path.write_bytes(
                            head + b"".join(chosen)
                            if isinstance(head, bytes)
                            else (head + "".join(chosen)).encode()
                        )
                        paths.append(str(path))
                    out = f"o{len(list(self.folder.iterdir()))}"
                    process = self.run_program(
                        [
                            "judge",
                            *paths,
                            *truths.OPTIONS.get(kind, []),
                            "--capacity",
                            str(capacity),
                            "--out",
                            out,
                        ]
                    )
                    self.assertEqual(process.returncode, code, process.err + process.out)
                    self.expect_measures(self.findings(out)[0], {"back online": (1, 60)})
            for packed in (False, True):
                for order in (
                    sorted,
                    lambda files: files[::-1],
                    lambda files: [files[2], files[0], files[3], files[1]],
                ):
                    got, hit, said = self.verdict(
                        dataclasses.replace(whole, split=4),
                        ["--capacity", str(capacity)],
                        packed=packed,
                        order=order,
                    )
                    self.assertEqual((got, hit), (code, ["60"]), said)

    def test_the_herd_is_seen_wherever_it_is_parted(self):
        _, truth, capacity, code = FLEETS[-1]
        for kind in ("mosquitto-2.1", "pcap"):
            for split in (2, 3, 5):
                got, _, said = self.verdict(
                    lived(truth, format=kind, told=False, split=split),
                    ["--capacity", str(capacity)],
                )
                self.assertEqual(got, code, said)


if __name__ == "__main__":
    unittest.main()
