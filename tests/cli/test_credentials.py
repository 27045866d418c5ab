#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""`blackstart credentials`: what it writes is what a served cloud knows by itself."""
import re
import socket
import unittest

from program import STEADY, CliTest, start


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Credentials(CliTest):
    def written(self, *words):
        process = self.run_program(["credentials", *words])
        self.expect_line(process, 0, "")
        return process.out.splitlines()

    def test_lines(self):
        lines = self.written("--count", "3")
        self.assertEqual([line.split(",")[0] for line in lines], ["bs-00000000", "bs-00000001", "bs-00000002"])
        self.assertTrue(all(re.fullmatch(r"bs-\d{8},[0-9a-f]{32}", line) for line in lines))
        self.assertEqual(len({line.split(",")[1] for line in lines}), 3)
        self.assertEqual(self.written("--count", "3"), lines)
        self.assertEqual(self.written("--first", "1", "--count", "2"), lines[1:])
        self.assertNotEqual(self.written("--count", "3", "--seed", "2"), lines)

    def test_wrong_use(self):
        for words, line in ((["--count", "0"], r"no number of devices: 0 \(--count\): .*"), (["--first", "-1"], r".*--first.*"),
                            (["--first", "3999999", "--count", "2"], r"the last device's number is above 3999999 .*"),
                            (["x"], r".*x.*")):
            with self.subTest(words=words):
                self.expect_refused(["credentials", *words], 4, line)

    def test_a_served_cloud_knows_them(self):
        """And no others: those of another seed are turned away."""
        port = free_port()
        server = start(["serve", "--coaps", f"127.0.0.1:{port}"], self.folder)
        try:
            self.assertIn(f"coaps://127.0.0.1:{port}", server.stdout.readline())
            for seed in ("1", "2"):
                self.write("keys.psk", "\n".join(self.written("--count", "4", "--first", "10", "--seed", seed)) + "\n")
                process = self.run_program(["run", STEADY, "--target", f"coaps://127.0.0.1:{port}", "--psk-file", "keys.psk", "--quiet",
                                            "--set", "devices=4", "--set", "duration=4s", "--set", "period=1s", "--out", f"o{seed}"])
                self.assertIn(process.returncode, (0, 1, 5), process.err) # a busy machine may be late, which is not the point
                attempts = (self.folder / f"o{seed}" / "attempts.csv").read_text()
                self.assertEqual(",online," in attempts, seed == "1", process.err)
        finally:
            server.terminate()
            server.communicate(timeout=60)


if __name__ == "__main__":
    unittest.main()
