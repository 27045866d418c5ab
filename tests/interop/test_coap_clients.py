#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-cost: 15
"""Debian's coap-client, without DTLS, with OpenSSL and with GnuTLS, as a client of the built-in
cloud served for real: what it asks, what it is answered on the wire, and what the server counted.
"""
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from peers import BuiltInCloud, InteropTest  # noqa: E402

SENML = b"\x81\xa2\x00\x64test\x02\x18\x2a"  # [{"bn": "test", "v": 42}] in CBOR (RFC 8428)
SENML_CBOR = "112"
FLAVOURS = ("openssl", "gnutls")
ANSWER = re.compile(
    r"^v:1 t:(?:ACK|CON|NON) c:([2-5]\.[0-9]{2}) .*?(?:\[ (.*?) ?\])?(?: :: '(.*)')?$", re.MULTILINE
)
ME = ["-u", "me", "-k", "secret"]


class CoapClients(InteropTest):
    def ask(self, flavour, url, *options):
        """The answers that came over the wire: code, options, payload; and all that the client
        said.
        """
        command = [f"coap-client-{flavour}", "-v", "7", "-B", "3", *options, url]
        done = subprocess.run(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        said = (done.stdout + done.stderr).decode(errors="replace")
        return [match.groups() for match in ANSWER.finditer(said)], said

    def expect_code(self, code, flavour, url, *options):
        answers, said = self.ask(flavour, url, *options)
        self.assertEqual([answer[0] for answer in answers], [code], said)
        return answers[0]

    def requests(self, flavour, base, *who):
        links = self.expect_code("2.05", flavour, f"{base}/.well-known/core", *who)
        self.assertIn("</t>", links[2])
        (self.folder / "good").write_bytes(SENML)
        (self.folder / "bad").write_bytes(b"\xffnot a pack")
        for method in ("put", "post"):
            self.expect_code(
                "2.04", flavour, f"{base}/t", *who, "-m", method, "-t", SENML_CBOR, "-f", "good"
            )
        self.expect_code(
            "4.00", flavour, f"{base}/t", *who, "-m", "put", "-t", SENML_CBOR, "-f", "bad"
        )
        self.expect_code("4.05", flavour, f"{base}/t", *who, "-m", "delete")
        self.expect_code("4.04", flavour, f"{base}/nowhere", *who)

    def test_plain(self):
        with BuiltInCloud(self.folder) as cloud:
            for flavour in ("notls", *FLAVOURS):
                with self.subTest(client=flavour):
                    self.requests(flavour, cloud.plain)
            totals = cloud.end()
        self.assertEqual(
            (totals["reports"], totals["malformed"], totals["over capacity"]), (6, 3, 0)
        )

    def test_secure(self):
        keys = self.write("keys.csv", "me,text:secret\nyou,text:another\n")
        with BuiltInCloud(self.folder, "--psk-file", keys) as cloud:
            for flavour in FLAVOURS:
                with self.subTest(client=flavour):
                    self.requests(flavour, cloud.secure, *ME)
                    self.expect_code("2.01", flavour, f"{cloud.secure}/rd?ep=me", *ME, "-m", "post")
                    self.expect_code(
                        "4.03", flavour, f"{cloud.secure}/rd?ep=you", *ME, "-m", "post"
                    )
                    code, _, payload = self.expect_code(
                        "2.05", flavour, f"{cloud.secure}/s/me", *ME, "-s", "1"
                    )
                    self.assertRegex(payload, r"\A[0-9]+\.[0-9]{2}\Z")
            totals = cloud.end()
        self.assertEqual((totals["reports"], totals["malformed"]), (4, 2))

    def test_an_identity_that_a_fleet_shares(self):
        """It is as good as one of one's own."""
        with BuiltInCloud(self.folder, "--psk", "me:text:secret") as cloud:
            for flavour in FLAVOURS:
                with self.subTest(client=flavour):
                    self.requests(flavour, cloud.secure, *ME)
                    self.expect_code("2.05", flavour, f"{cloud.secure}/s/me", *ME)

    def test_who_is_not_let_in(self):
        with BuiltInCloud(self.folder, "--psk", "me:text:secret") as cloud:
            for flavour in FLAVOURS:
                for who in (
                    ["-u", "me", "-k", "Secret"],
                    ["-u", "you", "-k", "secret"],
                    ["-u", "", "-k", "secret"],
                ):
                    with self.subTest(client=flavour, who=who):
                        answers, said = self.ask(flavour, f"{cloud.secure}/.well-known/core", *who)
                        self.assertEqual(answers, [], said)
                answers, said = self.ask(
                    flavour, f"{cloud.secure}/.well-known/core", "-u", "me", "-k", "secret"
                )
                self.assertEqual(
                    [a[0] for a in answers], ["2.05"], "the server is as well as before"
                )
            self.assertEqual(cloud.end()["registered"], 0)

    def test_a_derived_key(self):
        """Without --psk the server knows the devices of a simulated fleet, and nobody else."""
        with BuiltInCloud(self.folder) as cloud:
            answers, said = self.ask(
                "gnutls", f"{cloud.secure}/.well-known/core", "-u", "bs-00000000", "-k", "guess"
            )
            self.assertEqual(answers, [], said)

    def test_over_capacity(self):
        for secure in (False, True):
            with self.subTest(secure=secure), BuiltInCloud(
                self.folder,
                "--connections",
                "1",
                "--over",
                "busy",
                "--max-age",
                "7s",
                "--psk",
                "me:text:secret",
            ) as cloud:
                url = f"{cloud.secure if secure else cloud.plain}/t"
                who = ME if secure else []
                (self.folder / "good").write_bytes(SENML)
                command = [
                    "coap-client-gnutls",
                    "-v",
                    "7",
                    "-B",
                    "3",
                    *who,
                    "-m",
                    "put",
                    "-t",
                    SENML_CBOR,
                    "-f",
                    "good",
                    url,
                ]
                for _ in range(
                    10
                    # on a busy machine eight clients may come one by one, and none of them is too
                    # many
                ):
                    clients = [
                        subprocess.Popen(
                            command,
                            cwd=self.folder,
                            stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT,
                        )
                        for _ in range(8)
                    ]
                    said = [
                        client.communicate(timeout=60)[0].decode(errors="replace")
                        for client in clients
                    ]
                    answers = [match.groups() for text in said for match in ANSWER.finditer(text)]
                    codes = sorted(code for code, _, _ in answers)
                    self.assertEqual(len(codes), 8, said)
                    if "5.03" in codes:
                        break
                self.assertEqual(
                    set(codes), {"2.04", "5.03"}, "some are let in, some are told to come later"
                )
                self.assertTrue(
                    all("Max-Age:7" in options for code, options, _ in answers if code == "5.03"),
                    answers,
                )
                self.assertGreater(cloud.end()["over capacity"], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
