#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 8
"""`blackstart run --pcap`: the capture of what the cloud's edge sees, judged as the run itself was,
and every place where it cannot be written.
"""
import csv
import ipaddress
import json
import shutil
import struct
import subprocess
import sys
import unittest

import program
from program import STREET, CliTest

CLOUD = ipaddress.ip_address("fdb1:ac57:a270:1::1")
UDP, ICMP = 17, 58
# Everybody at once, at a cloud that turns away for nothing: the herd is in after minutes.
HERD = ["--set", "law=fixed", "--set", "overload_cost=0"]


def ones_sum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def packets(data):
    """(time in ns, protocol, source, target, what IP carries) of each; every length and sum in it
    must be right.
    """
    magic, major, minor, _, _, _, link = struct.unpack("<IHHiIII", data[:24])
    assert (magic, major, minor, link) == (0xA1B23C4D, 2, 4, 101)
    at = 24
    while at < len(data):
        seconds, nanoseconds, captured, length = struct.unpack("<IIII", data[at : at + 16])
        packet = data[at + 16 : at + 16 + captured]
        at += 16 + captured
        assert captured == length == len(packet) and nanoseconds < 10**9
        carried, protocol = struct.unpack(">HB", packet[4:7])
        assert packet[0] == 0x60 and carried == len(packet) - 40
        assert (
            ones_sum(packet[8:40] + struct.pack(">II", carried, protocol) + packet[40:]) == 0xFFFF
        ), "checksum"
        yield seconds * 10**9 + nanoseconds, protocol, ipaddress.ip_address(
            packet[8:24]
        ), ipaddress.ip_address(packet[24:40]), packet[40:]


class Pcap(CliTest):
    def run_street(self, *arguments, out="run", pcap="edge.pcap"):
        return self.run_program(
            ["run", STREET, "--quiet", "--repeatable", "--out", out, "--pcap", pcap, *arguments]
        )

    def results(self, folder):
        return {p.name: p.read_bytes() for p in (self.folder / folder).iterdir()}

    def verdict(self, folder):
        return json.loads((self.folder / folder / "summary.json").read_text())["verdicts"][0]

    def compare(self, code, word, *more):
        ran = self.run_street("--set", "capacity=20", *more)
        self.assertEqual(ran.returncode, code, ran.err)
        judged = self.run_program(["judge", "edge.pcap", "--capacity", "20", "--out", "judged"])
        self.assertEqual(judged.returncode, code, judged.err)
        run, seen = self.verdict("run"), self.verdict("judged")
        self.assertEqual((run["verdict"], seen["verdict"]), (word, word))
        measures = [{m["name"]: m["value"] for m in v["measures"]} for v in (run, seen)]
        for name in ("busiest second", "attempts per success", "back online"):
            self.assertEqual(measures[1][name], measures[0][name], name)
        with open(self.folder / "run" / "attempts.csv", newline="", encoding="ascii") as file:
            attempts = len(list(csv.DictReader(file)))
        self.assertIn(f" {attempts:,} attempts in", judged.out)
        self.assertEqual(
            [verdict["sentence"].split(" had ")[0] for verdict in (run, seen)],
            ["1,000 devices"] * 2,
        )

    def test_the_judge_says_of_it_what_the_run_says(self):
        self.compare(0, "PASS")

    def test_and_so_it_does_of_the_bad_twin(self):
        self.compare(1, "FAIL", *HERD)

    def test_and_of_devices_on_streams_whose_loss_is_noticed_late(self):
        """Their keep-alives end one after another: all of them were struck, and not only those that
        were lost last.
        """
        self.compare(0, "PASS", "--set", "protocol=mqtt")

    def test_the_same_bytes_with_any_number_of_threads_and_the_same_results_as_without(self):
        street = ["--set", "homes=1000", "--set", "devices_per_home=1", *HERD]
        for threads in ("1", "2", "7"):
            self.run_street(
                *street, "--threads", threads, out=f"o{threads}", pcap=f"{threads}.pcap"
            )
        captures = [(self.folder / f"{threads}.pcap").read_bytes() for threads in "127"]
        self.assertEqual(captures[0], captures[1])
        self.assertEqual(captures[0], captures[2])
        other = self.run_street(*street, "--seed", "2", out="other", pcap="other.pcap")
        self.assertNotEqual(captures[0], (self.folder / "other.pcap").read_bytes(), other.err)
        self.run_program(["run", STREET, "--quiet", "--repeatable", "--out", "without", *street])
        self.assertEqual(self.results("o2"), self.results("without"))

    def test_each_packet_is_in_order_and_right(self):
        self.run_street(
            "--set", "homes=15", "--set", "law=fixed", "--set", "capacity=2", "--set", "over=refuse"
        )
        metrics = json.loads((self.folder / "run" / "summary.json").read_text())["metrics"]
        seen, kinds, before = set(), {}, 0
        for at, protocol, source, target, carried in packets(
            (self.folder / "edge.pcap").read_bytes()
        ):
            self.assertGreaterEqual(at, before)
            before = at
            self.assertEqual((source == CLOUD) + (target == CLOUD), 1)
            kinds[protocol, target == CLOUD] = kinds.get((protocol, target == CLOUD), 0) + 1
            if protocol == UDP:
                self.assertEqual(struct.unpack(">HH", carried[:4])[target == CLOUD], 5684)
                self.assertEqual(struct.unpack(">H", carried[4:6])[0], len(carried))
            else:
                self.assertEqual(
                    carried[:2], b"\x01\x04"
                )  # port unreachable, with the packet that is refused in it
                self.assertEqual(ipaddress.ip_address(carried[16:32]), target)
            seen.add(int(target if source == CLOUD else source) & 0xFFFFFFFF)
        self.assertEqual(seen, set(range(60)))
        self.assertEqual(set(kinds), {(UDP, True), (UDP, False), (ICMP, False)})
        self.assertEqual(metrics["datagrams_up"]["value"], kinds[UDP, True])
        self.assertEqual(metrics["datagrams_down"]["value"], kinds[UDP, False])

    def test_a_clone_has_an_address_of_its_own(self):
        clone = str(program.SCENARIOS / "5.10-1" / "clone.lua")
        few = ["--set", "devices=500", "--set", "days=0.1", "--set", "report_every=20m"]
        process = self.run_program(
            ["run", clone, "--quiet", "--out", "o", "--pcap", "edge.pcap", *few]
        )
        self.assertNotIn("capture", process.err)
        sources = {
            int(source) & 0xFFFFFFFF
            for _, _, source, target, _ in packets((self.folder / "edge.pcap").read_bytes())
            if target == CLOUD
        }
        self.assertTrue([s for s in sources if s >= 0x40000000])

    @unittest.skipIf(shutil.which("tshark") is None, "no tshark here")
    def test_tshark_reads_it(self):
        self.run_street("--set", "homes=15")
        shown = subprocess.run(
            [
                "tshark",
                "-r",
                "edge.pcap",
                "-o",
                "udp.check_checksum:TRUE",
                "-T",
                "fields",
                "-e",
                "udp.checksum.status",
                "-e",
                "_ws.malformed",
                "-e",
                "frame.protocols",
            ],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        rows = {tuple(line.split("\t")) for line in shown.stdout.splitlines()}
        self.assertTrue(rows)
        self.assertEqual(
            {row[:2] for row in rows}, {("1", "")}
        )  # sums are good, nothing is malformed
        self.assertTrue(all(row[2].startswith("raw:ipv6:udp:dtls") for row in rows), rows)

    def test_a_place_that_will_not_do(self):
        street = ["run", STREET, "--quiet", "--set", "homes=15", "--out", "o"]
        self.expect_refused(
            [*street, "--pcap", "no/such/place"],
            4,
            r"cannot write the capture: No such file or directory \(no/such/place\): .*",
        )
        self.expect_refused(
            [*street, "--pcap", "."], 4, r"cannot write the capture: Is a directory \(\.\): .*"
        )
        self.expect_refused(
            [*street, "--pcap", ""],
            4,
            r"cannot write the capture: No such file or directory \(\): .*",
        )
        self.expect_refused(
            [*street, "--pcap", "e.pcap", "--target", "coap://127.0.0.1:1"],
            4,
            r"a capture of a real server \(--pcap\): .*",
        )
        self.expect_refused(["run", "none.lua", "--pcap", "e.pcap"], 4, r".*none\.lua.*")

    @unittest.skipUnless(program.pathlib.Path("/dev/full").exists(), "no /dev/full here")
    def test_a_full_disk_ends_the_capture_and_not_the_run(self):
        small = ["--set", "homes=15"]
        process = self.run_street(*small, pcap="/dev/full")
        self.expect_line(
            process,
            3,
            r"the capture is not whole: No space left on device \(/dev/full\): .*; the run's "
            r"results are whole, in run",
        )
        self.assertIn("PASS", process.out)
        self.run_street(*small, out="whole")
        self.assertEqual(self.results("run"), self.results("whole"))


if __name__ == "__main__":
    sys.exit(unittest.main())
