#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CSV of a million attempts (ATTEMPTS; tests/soak/judge_ten_million.sh takes ten), in order of
time and in none, is judged in bounded memory (MEGABYTES), and the order changes nothing.
"""
import os
import resource
import time
import unittest

from program import CliTest, enough_in_release

ATTEMPTS = int(os.environ.get("ATTEMPTS", "1000000"))
MEGABYTES = int(os.environ.get("MEGABYTES", "100"))
DEVICES = ATTEMPTS // 10


def storm(out, in_order):
    """Everybody is online; service is lost and comes back; eight attempts of each device fail in
    the hour after, the ninth succeeds. Written as it is made: what this process holds counts as the
    program's own.
    """
    out.write("ts,id,status\n")
    stride = 7919  # a prime: neighbours in time are not neighbours by number
    for k in range(10) if in_order else (3, 9, 0, 7, 1, 8, 5, 2, 6, 4):
        base, length = (1700000000, 1) if k == 0 else (1700003600 + 360 * k, 360)
        for i in range(DEVICES):
            at = base + length * (i if in_order else i * stride % DEVICES) / DEVICES
            device = i * stride % DEVICES if in_order else i
            out.write(f"{at:.6f},d{device},{'ok' if k in (0, 9) else 'busy'}\n")


class Many(CliTest):
    def judge(self, in_order):
        with open(self.folder / "log.csv", "w", encoding="ascii") as out:
            storm(out, in_order)
        start = time.monotonic()
        process = self.run_program(
            [
                "judge",
                "log.csv",
                "--columns",
                "time=ts,device=id,outcome=status",
                "--trigger",
                "1h",
                "--capacity",
                str(DEVICES / 100),
                "--out",
                f"o{in_order}",
            ],
            timeout=600,
        )
        seconds = time.monotonic() - start
        megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(
            f"{ATTEMPTS} attempts {'in order' if in_order else 'in no order'}: {seconds:.1f} s, "
            f"{megabytes:.0f} MB at most"
        )
        self.assertEqual(process.returncode, 1, process.err)
        tries = next(
            measure
            for measure in self.findings(f"o{in_order}")[0]["measures"]
            if measure["name"] == "attempts per success"
        )
        self.assertEqual((tries["threshold"], tries["holds"]), (5, False))
        self.assertLess(megabytes, MEGABYTES)
        return process.err

    @enough_in_release
    def test_many_attempts(self):
        self.assertEqual(self.judge(True), self.judge(False))


if __name__ == "__main__":
    unittest.main()
