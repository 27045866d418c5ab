#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
"""`blackstart serve` and the letter of RFC 7252, RFC 7959 and RFC 9176: messages written by hand,
each with the answer that the standard asks for.
"""
import os
import pathlib
import socket
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from peers import BuiltInCloud, InteropTest  # noqa: E402

CON, NON, ACK, RST = range(4)
GET, POST, PUT, DELETE = range(1, 5)
IF_NONE_MATCH, LOCATION, PATH, FORMAT, QUERY, ACCEPT, BLOCK2, BLOCK1 = 5, 8, 11, 12, 15, 17, 23, 27
SENML = bytes.fromhex("81a200617402fb4035000000000000")  # [{"n": "t", "v": 21}]
CORE = [".well-known", "core"]


def extended(number):
    """A nibble and what follows it (RFC 7252 3.1)."""
    if number < 13:
        return number, b""
    return (13, bytes([number - 13])) if number < 269 else (14, struct.pack("!H", number - 269))


def message(code, path=(), options=(), payload=None, kind=CON, version=1, token=b"\1"):
    head = bytes([version << 6 | kind << 4 | len(token), code]) + os.urandom(2) + token
    before = 0
    for number, value in sorted(
        [*options, *((PATH, part.encode()) for part in path)], key=lambda option: option[0]
    ):
        (delta, more), (length, longer) = extended(number - before), extended(len(value))
        head += bytes([delta << 4 | length]) + more + longer + value
        before = number
    return head + (b"" if payload is None else b"\xff" + payload)


def code_of(text):
    """ "4.05" is 0x85."""
    return int(text[0]) << 5 | int(text[2:])


def answer_of(datagram):
    """Kind, code and options of a message with short options."""
    kind, code, at, number, options = (
        datagram[0] >> 4 & 3,
        datagram[1],
        4 + (datagram[0] & 15),
        0,
        [],
    )
    while at < len(datagram) and datagram[at] != 0xFF:
        delta, length, at = datagram[at] >> 4, datagram[at] & 15, at + 1
        if delta == 13:
            delta, at = datagram[at] + 13, at + 1
        if length == 13:
            length, at = datagram[at] + 13, at + 1
        number += delta
        options.append((number, datagram[at : at + length]))
        at += length
    return kind, f"{code >> 5}.{code & 31:02}", options


# What is asked, the answer's code (None: silence), and the same without what is wrong in it, with
# its answer.
TABLE = (
    ("header of version 2", message(GET, CORE, version=2), None, message(GET, CORE), "2.05"),
    ("three bytes", b"\x40\1\0", None, b"\x40\1\0\1", "4.04"),
    ("a method that is none", message(9, ["t"]), "4.05", message(POST, ["t"]), "2.04"),
    ("the last of them", message(31, ["t"]), "4.05", message(PUT, ["t"]), "2.04"),
    (
        "two Accept",
        message(GET, CORE, [(ACCEPT, b""), (ACCEPT, b"(")]),
        "4.02",
        message(GET, CORE, [(ACCEPT, b"(")]),
        "2.05",
    ),
    (
        "Accept that is not served",
        message(GET, CORE, [(ACCEPT, b"2")]),
        "4.06",
        message(POST, ["t"], [(ACCEPT, b"2")]),
        "2.04",
    ),
    (
        "If-None-Match",
        message(PUT, ["t"], [(IF_NONE_MATCH, b"")], b"x"),
        "4.12",
        message(PUT, ["t"], payload=b"x"),
        "2.04",
    ),
    (
        "SZX 7 of Block1",
        message(POST, ["t"], [(BLOCK1, b"\7")], b"x"),
        "4.00",
        message(POST, ["t"], [(BLOCK1, b"\6")], b"x"),
        "2.04",
    ),
    (
        "SZX 7 of Block2",
        message(GET, CORE, [(BLOCK2, b"\7")]),
        "4.00",
        message(GET, CORE, [(BLOCK2, b"\6")]),
        "2.05",
    ),
    (
        "a block without those before it",
        message(POST, ["t"], [(BLOCK1, b"\x16")], b"x"),
        "4.08",
        message(POST, ["t"], [(BLOCK1, b"\x0e")], b"x" * 1024),
        "2.31",
    ),
    (
        "a critical option that nobody knows",
        message(GET, CORE, [(65, b"x")]),
        "4.02",
        message(GET, CORE, [(66, b"x")]),
        "2.05",
    ),
    (
        "an update of no registration",
        message(POST, ["rd", "bs-00000000"]),
        "4.04",
        message(POST, ["rd"], [(QUERY, b"ep=bs-00000000")]),
        "2.01",
    ),
)


def hello(suite, cookie=b""):
    """A ClientHello of DTLS 1.2 that offers one suite."""
    body = (
        b"\xfe\xfd"
        + bytes(range(32))
        + b"\0"
        + bytes([len(cookie)])
        + cookie
        + struct.pack("!HH", 2, suite)
        + b"\1\0"
    )
    number = 1 if cookie else 0
    shake = (
        b"\1"
        + len(body).to_bytes(3, "big")
        + struct.pack("!H", number)
        + bytes(3)
        + len(body).to_bytes(3, "big")
        + body
    )
    return (
        b"\x16\xfe\xfd"
        + bytes(2)
        + number.to_bytes(6, "big")
        + struct.pack("!H", len(shake))
        + shake
    )


class Client:
    """A socket of its own, so a peer of its own."""

    def __init__(self, test, url):
        host, port = url.split("//")[1].rsplit(":", 1)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        test.addCleanup(self.socket.close)
        self.socket.connect((host, int(port)))

    def ask(self, datagram):
        """The answer. What is answered by silence is followed by a question that is not: the answer
        to that one comes first then.
        """
        self.socket.settimeout(60)
        self.socket.send(datagram)
        return self.socket.recv(4096)

    def silent(self, datagram):
        self.socket.send(datagram)
        question = message(GET, CORE)
        return self.ask(question)[2:4] == question[2:4]


class CoapLetter(InteropTest):
    def code(self, client, datagram):
        return answer_of(client.ask(datagram))[1]

    def test_each_message_has_the_answer_that_the_standard_asks_for(self):
        with BuiltInCloud(self.folder) as cloud:
            for what, wrong, code, right, other in TABLE:
                with self.subTest(what):
                    client = Client(self, cloud.plain)
                    if code is None:
                        self.assertTrue(client.silent(wrong))
                    else:
                        self.assertEqual(self.code(client, wrong), code)
                    self.assertEqual(self.code(Client(self, cloud.plain), right), other)

    def test_a_registration_has_a_place(self):
        with BuiltInCloud(self.folder) as cloud:
            client, other = Client(self, cloud.plain), Client(self, cloud.plain)
            _, code, options = answer_of(
                client.ask(message(POST, ["rd"], [(QUERY, b"ep=bs-00000007"), (QUERY, b"lt=60")]))
            )
            self.assertEqual(
                (code, [value for number, value in options if number == LOCATION]),
                ("2.01", [b"rd", b"bs-00000007"]),
            )
            place = ["rd", "bs-00000007"]
            self.assertEqual(self.code(other, message(POST, place)), "4.04", "somebody else's")
            self.assertEqual(self.code(client, message(POST, place, [(QUERY, b"lt=90")])), "2.04")
            self.assertEqual(self.code(client, message(DELETE, place)), "2.02")
            self.assertEqual(self.code(client, message(POST, place)), "4.04", "it is gone")

    def test_whoever_has_a_name_of_his_own_is_a_guest(self):
        def place_of(client, name):
            _, code, options = answer_of(
                client.ask(message(POST, ["rd"], [(QUERY, b"ep=" + name), (QUERY, b"lt=60")]))
            )
            return code, [value.decode() for number, value in options if number == LOCATION]

        with BuiltInCloud(self.folder) as cloud:
            me, you = Client(self, cloud.plain), Client(self, cloud.plain)
            self.assertEqual(place_of(me, b"me"), ("2.01", ["rd", "me"]))
            self.assertEqual(place_of(me, b"me"), ("2.01", ["rd", "me"]))
            self.assertEqual(place_of(you, b"you"), ("2.01", ["rd", "you"]))
            self.assertEqual(self.code(you, message(POST, ["rd", "me"])), "4.04", "another's")
            self.assertEqual(self.code(me, message(POST, ["rd", "me"])), "2.04")
            self.assertEqual(self.code(me, message(GET, ["s", "bs-00000001"])), "4.03")
            self.assertEqual(self.code(me, message(DELETE, ["rd", "me"])), "2.02")
            self.assertEqual(self.code(me, message(POST, ["rd", "me"])), "4.04", "it is gone")
            self.assertEqual(place_of(me, b"bs-00000001"), ("2.01", ["rd", "bs-00000001"]))
            self.assertEqual(self.code(me, message(GET, ["s", "bs-00000001"])), "2.05")
        with BuiltInCloud(self.folder, "--psk", "known:text:secret") as cloud:
            client = Client(self, cloud.plain)
            self.assertEqual(place_of(client, b"me"), ("4.03", []))
            self.assertEqual(place_of(client, b"known"), ("2.01", ["rd", "known"]))

    def test_a_report_in_blocks_is_examined_as_one(self):
        with BuiltInCloud(self.folder, "--examine", "--learn", "10s", "--window", "1s") as cloud:
            client = Client(self, cloud.plain)
            self.assertEqual(
                self.code(client, message(POST, ["rd"], [(QUERY, b"ep=bs-00000003")])), "2.01"
            )
            report = b"\x82" + SENML[1:] * 2  # a pack of two records: more than one block of 16
            cbor = (FORMAT, b"p")
            self.assertEqual(
                answer_of(client.ask(message(POST, ["t"], [cbor, (BLOCK1, b"\x08")], report[:16])))[
                    1:
                ],
                ("2.31", [(BLOCK1, b"\x08")]),
            )
            self.assertEqual(
                answer_of(client.ask(message(POST, ["t"], [cbor, (BLOCK1, b"\x10")], report[16:])))[
                    1:
                ],
                ("2.04", [(BLOCK1, b"\x10")]),
            )
            self.assertEqual(
                self.code(client, message(POST, ["t"], [cbor], report[:16])),
                "4.00",
                "half a pack is none",
            )
            totals = cloud.end()
        self.assertEqual(
            (totals["reports"], totals["malformed"], totals["reports not examined"]), (1, 1, 0)
        )

    def test_what_is_not_examined_is_counted(self):
        with BuiltInCloud(self.folder, "--examine", "--learn", "10s", "--window", "1s") as cloud:
            client, stranger = Client(self, cloud.plain), Client(self, cloud.plain)
            self.assertEqual(
                self.code(client, message(POST, ["rd"], [(QUERY, b"ep=bs-00000003")])), "2.01"
            )
            for asked, body in (
                ([(FORMAT, b"p")], SENML),
                ([(FORMAT, b"n")], b'[{"n":"t","v":1}]'),
                ([(FORMAT, b"2")], b"{}"),
            ):
                self.assertEqual(self.code(client, message(POST, ["t"], asked, body)), "2.04")
            self.assertEqual(
                self.code(stranger, message(POST, ["t"], [(FORMAT, b"p")], SENML)), "2.04"
            )
            totals = cloud.end()
        self.assertEqual((totals["reports"], totals["reports not examined"]), (4, 3))

    def test_who_offers_no_suite_in_common_is_counted_by_that_name(self):
        with BuiltInCloud(self.folder) as cloud:
            for suite in (
                0xC02B,
                0xC0A8,
            ):  # TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_PSK_WITH_AES_128_CCM_8
                client = Client(self, cloud.secure)
                verify = client.ask(hello(suite))
                client.ask(hello(suite, verify[28 : 28 + verify[27]]))
            totals = cloud.end()
        self.assertEqual((totals["no suite in common"], totals["discarded datagrams"]), (1, 0))


if __name__ == "__main__":
    unittest.main(verbosity=2)
