#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`blackstart judge` on captures: one truth, made here, and however it is parted, wrapped or
written, the same attempts are read from it.
"""
import csv
import gzip
import json
import random
import struct
import unittest

from program import RELEASE, CliTest, enough_in_release, some

SYN, ACK, FIN, RST = 2, 16, 1, 4
DEVICE, CLOUD = bytes((10, 0, 0, 10)), bytes((192, 0, 2, 1))
MACS = {DEVICE: bytes.fromhex("020000000010"), CLOUD: bytes.fromhex("020000000001")}


class Segment:
    """One TCP segment of a connection from a port of the device's; `up` is from the device."""

    def __init__(self, at, port, up, flags, sequence, confirmed=0, data=b"", service=1883):
        self.at, self.port, self.up, self.flags, self.sequence, self.confirmed, self.data = (
            at,
            port,
            up,
            flags,
            sequence,
            confirmed,
            data,
        )
        self.service = service

    def piece(self, begin, end):
        return Segment(
            self.at,
            self.port,
            self.up,
            self.flags,
            self.sequence + begin,
            self.confirmed,
            self.data[begin:end],
            self.service,
        )

    def ip4(self, identification=0):
        ports = (self.port, self.service) if self.up else (self.service, self.port)
        tcp = (
            struct.pack(
                ">HHIIBBHHH",
                *ports,
                self.sequence & 0xFFFFFFFF,
                self.confirmed & 0xFFFFFFFF,
                80,
                self.flags,
                64000,
                0,
                0,
            )
            + self.data
        )
        return (
            ip4(DEVICE, CLOUD, 6, tcp, identification)
            if self.up
            else ip4(CLOUD, DEVICE, 6, tcp, identification)
        )


def ip4(source, target, protocol, data, identification=0, place=0):
    return (
        struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(data), identification, place, 64, protocol, 0)
        + source
        + target
        + data
    )


def ip6(source, target, protocol, data):
    return struct.pack(">IHBB", 0x60000000, len(data), protocol, 64) + source + target + data


def ethernet(packet, kind=0x0800, source=MACS[DEVICE], target=MACS[CLOUD]):
    return target + source + struct.pack(">H", kind) + packet


def udp(source, target, data):
    return struct.pack(">HHHH", source, target, 8 + len(data), 0) + data


def conversation(at, port, words, service=1883, end=RST):
    """A connection: SYN, SYN and ACK, what both say in turn (up, bytes), and its end by the server
    an hour after.
    """
    up, down, out = 1000 * port, 77 * port, []

    def add(moment, from_device, flags, data=b""):
        nonlocal up, down
        sequence, confirmed = (up, down) if from_device else (down, up)
        out.append(Segment(moment, port, from_device, flags, sequence, confirmed, data, service))
        grown = len(data) + (flags & SYN > 0) + (flags & FIN > 0)
        up, down = (up + grown, down) if from_device else (up, down + grown)

    add(at, True, SYN)
    add(at + 0.02, False, SYN | ACK)
    for i, (from_device, data) in enumerate(words):
        add(at + 0.03 + i / 100, from_device, ACK, data)
    add(at + 60, False, end | ACK)
    return out


def refused(at, port, service=1883):
    return [
        Segment(at, port, True, SYN, 1000 * port, service=service),
        Segment(at + 0.02, port, False, RST | ACK, 0, 1000 * port + 1, service=service),
    ]


def connect(name, level=4):
    body = (
        b"\0\4MQTT"
        + bytes((level, 2, 0, 60))
        + (b"\3\x21\0\5" if level == 5 else b"")
        + struct.pack(">H", len(name))
        + name
    )
    return bytes((0x10, len(body))) + body


def record(kind, body, version=0x303):
    return struct.pack(">BHH", kind, version, len(body)) + body


def message(kind, body):
    return struct.pack(">I", kind << 24 | len(body)) + body


CLIENT_HELLO = record(22, message(1, b"\3\3" + bytes(range(32)) + b"\0\0\2\xc0\xa8\1\0"), 0x301)
SERVER_HELLO = message(2, b"\3\3" + bytes(range(32)) + b"\0\xc0\xa8\0\0\0")
SERVER_HELLO_13 = message(2, b"\3\3" + bytes(range(32)) + b"\0\x13\1\0\0\6\0\x2b\0\2\3\4")
IDENTITY = message(16, b"\0\6lamp-1")
SEALED = bytes(range(40))

# What a connection says, and how it ends: (name, words, outcome, device by id)
TALKS = (
    ("MQTT 3.1.1", [(True, connect(b"lamp-1")), (False, b"\x20\2\0\0")], "online", "lamp-1"),
    ("MQTT 5", [(True, connect(b"lamp-1", 5)), (False, b"\x20\3\0\0\0")], "online", "lamp-1"),
    ("MQTT, busy", [(True, connect(b"lamp-1", 5)), (False, b"\x20\3\0\x97\0")], "busy", "lamp-1"),
    (
        "MQTT, bad password",
        [(True, connect(b"lamp-1")), (False, b"\x20\2\0\4")],
        "refused",
        "lamp-1",
    ),
    (
        "TLS 1.2, PSK",
        [
            (True, CLIENT_HELLO),
            (False, record(22, SERVER_HELLO + message(14, b""))),
            (True, record(22, IDENTITY) + record(20, b"\1") + record(22, SEALED)),
            (False, record(22, message(4, bytes(192))) + record(20, b"\1") + record(22, SEALED)),
        ],
        "online",
        "lamp-1",
    ),
    (
        "TLS 1.2, a message over two records",
        [
            (True, CLIENT_HELLO),
            (False, record(22, SERVER_HELLO[:9]) + record(22, SERVER_HELLO[9:])),
            (True, record(22, IDENTITY[:2]) + record(22, IDENTITY[2:]) + record(20, b"\1")),
            (False, record(20, b"\1")),
        ],
        "online",
        "lamp-1",
    ),
    (
        "TLS, refused",
        [(True, CLIENT_HELLO), (False, record(21, b"\2\x28"))],
        "refused",
        "10.0.0.10",
    ),
    (
        "TLS 1.3",
        [
            (True, CLIENT_HELLO),
            (False, record(22, SERVER_HELLO_13) + record(20, b"\1") + record(23, SEALED)),
            (True, record(20, b"\1") + record(23, SEALED)),
            (False, record(23, SEALED)),
        ],
        "online",
        "10.0.0.10",
    ),
    (
        "TLS 1.3, never confirmed",
        [
            (True, CLIENT_HELLO),
            (False, record(22, SERVER_HELLO_13) + record(20, b"\1") + record(23, SEALED)),
        ],
        "refused",
        "10.0.0.10",
    ),
    (
        "HTTP",
        [(True, b"GET / HTTP/1.1\r\n\r\n"), (False, b"HTTP/1.1 200 OK\r\n\r\n")],
        "online",
        "10.0.0.10",
    ),
)


def classic(frames, link=1):
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)]
    for at, frame in frames:
        out += (
            struct.pack("<IIII", 1700000000 + int(at), round(at % 1 * 1e6), len(frame), len(frame)),
            frame,
        )
    return b"".join(out)


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def pcapng(frames, order="<"):
    """Frames are (time, link, bytes); each link has an interface, the second in nanoseconds."""
    links = sorted({link for _, link, _ in frames})
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    for i, link in enumerate(links):
        out += block(
            1,
            struct.pack("<HHI", link, 0, 0) + (b"\x09\0\1\0\x09\0\0\0\0\0\0\0" if i == 1 else b""),
        )
    for at, link, frame in frames:
        i = links.index(link)
        ticks = (1700000000 + int(at)) * 10 ** (9 if i == 1 else 6) + round(at % 1 * 1e6) * (
            1000 if i == 1 else 1
        )
        out += block(
            6,
            struct.pack("<IIIII", i, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
            + frame,
        )
    return out


def parted(segments, size):
    for s in segments:
        yield from [s.piece(i, i + size) for i in range(0, len(s.data), size)] if s.data else [s]


def mixed(segments, size):
    """The pieces of each segment in the reverse order, every one of them twice."""
    for s in segments:
        pieces = [s.piece(i, i + size) for i in range(0, len(s.data), size)] or [s]
        yield from [p for piece in reversed(pieces) for p in (piece, piece)]


def overlapping(segments, size):
    for s in segments:
        yield from [s.piece(max(0, i - 3), i + size) for i in range(0, len(s.data), size)] or [s]


def fragments(packet, identification, size):
    """IPv4 fragments, the last one first."""
    data, out = packet[20:], []
    for i in range(0, len(data), size):
        more = 0x2000 if i + size < len(data) else 0
        out.append(
            ip4(
                packet[12:16],
                packet[16:20],
                packet[9],
                data[i : i + size],
                identification,
                more | i // 8,
            )
        )
    return out[::-1]


def vxlan(frame):
    return ethernet(
        ip4(
            b"\xc6\x33\x64\1",
            b"\xc6\x33\x64\2",
            17,
            udp(50000, 4789, b"\x08\0\0\0\0\0\x2a\0" + frame),
        )
    )


def in_ip(protocol, head, frame):
    return ethernet(ip4(b"\xc6\x33\x64\1", b"\xc6\x33\x64\2", protocol, head + frame))


# How a frame of Ethernet is wrapped; [14:] is its packet.
WRAPS = (
    ("VLAN", lambda f: f[:12] + b"\x81\0\0\5" + f[12:]),
    ("QinQ 88a8", lambda f: f[:12] + b"\x88\xa8\0\5\x81\0\0\6" + f[12:]),
    ("QinQ 9100", lambda f: f[:12] + b"\x91\0\0\5\x81\0\0\6" + f[12:]),
    (
        "PPPoE",
        lambda f: f[:12] + struct.pack(">HBBHHH", 0x8864, 0x11, 0, 7, len(f) - 12, 0x21) + f[14:],
    ),
    ("MPLS", lambda f: f[:12] + b"\x88\x47\0\1\0\x40\0\2\1\x40" + f[14:]),
    ("MPLS with Ethernet in it", lambda f: ethernet(b"\0\1\1\x40\0\0\0\0" + f, 0x8847)),
    ("SNAP", lambda f: f[:12] + struct.pack(">H", len(f) - 6) + b"\xaa\xaa\3\0\0\0\x08\0" + f[14:]),
    ("VXLAN", vxlan),
    ("VXLAN in VXLAN", lambda f: vxlan(vxlan(f))),
    (
        "Geneve",
        lambda f: ethernet(
            ip4(
                b"\xc6\x33\x64\1",
                b"\xc6\x33\x64\2",
                17,
                udp(50000, 6081, b"\1\0\x65\x58\0\0\x2a\0abcd" + f),
            )
        ),
    ),
    (
        "GTP-U",
        lambda f: ethernet(
            ip4(
                b"\xc6\x33\x64\1",
                b"\xc6\x33\x64\2",
                17,
                udp(2152, 2152, b"\x34\xff\0\0\0\0\0\7\0\0\0\x85\1\0\0\0" + f[14:]),
            )
        ),
    ),
    (
        "TZSP",
        lambda f: ethernet(
            ip4(
                b"\xc6\x33\x64\1",
                b"\xc6\x33\x64\2",
                17,
                udp(50000, 37008, b"\1\0\0\1\x0a\1x\1" + f),
            )
        ),
    ),
    ("GRE", lambda f: in_ip(47, b"\0\0\x08\0", f[14:])),
    ("GRE with key and number", lambda f: in_ip(47, b"\x30\0\x65\x58\0\0\0\1\0\0\0\2", f)),
    ("ERSPAN II", lambda f: in_ip(47, b"\x10\0\x88\xbe\0\0\0\1" + b"\x10\1\0\1\0\0\0\0", f)),
    ("ERSPAN III", lambda f: in_ip(47, b"\x10\0\x22\xeb\0\0\0\1" + bytes(12), f)),
    ("IP in IP", lambda f: in_ip(4, b"", f[14:])),
    (
        "IP in IPv6",
        lambda f: ethernet(ip6(bytes(15) + b"\1", bytes(15) + b"\2", 4, f[14:]), 0x86DD),
    ),
    (
        "AH",
        lambda f: ethernet(
            ip4(f[26:30], f[30:34], 51, b"\6\4\0\0\0\0\0\1\0\0\0\1" + bytes(12) + f[34:])
        ),
    ),
    ("AH in a tunnel", lambda f: in_ip(51, b"\4\4\0\0\0\0\0\1\0\0\0\1" + bytes(12), f[14:])),
)

# What is not read, and is named: (wrap, the line)
HIDDEN = (
    (
        lambda f: in_ip(50, b"\0\0\0\1\0\0\0\1", f[14:]),
        r"IP protocol 50 \(ESP, encrypted\), which is not read: capture where it is taken off",
    ),
    (lambda f: f[:12] + b"\x88\xe5" + f[12:], r"EtherType 0x88e5 \(MACsec\), which is not read"),
    (lambda f: f[:12] + b"\x12\x34" + f[12:], r"EtherType 0x1234, which is not read"),
    (
        lambda f: ethernet(
            ip4(b"\xc6\x33\x64\1", b"\xc6\x33\x64\2", 17, udp(50000, 51820, b"\4" + f))
        ),
        r"UDP port 51820 \(WireGuard\)",
    ),
)


class Captures(CliTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(7)

    def attempts(self, data, *options, name="c"):
        """(time, outcome, device) of each attempt; the second line of the output names the file
        that it is written to.
        """
        path = self.write(name, data)
        process = self.run_program(["judge", str(path), "--out", "o", *options])
        self.assertIn(process.returncode, (0, 1, 5), process.err)
        with open(self.folder / "o" / "attempts.csv", newline="", encoding="ascii") as file:
            rows = [(row["time_s"], row["outcome"], row["device"]) for row in csv.DictReader(file)]
        return rows, process

    def truth(self):
        out = []
        for i, (_, words, _, _) in enumerate(TALKS):
            out += conversation(100 * i, 40000 + i, words) + refused(100 * i + 70, 41000 + i)
        return out

    def frames(self, segments):
        return [(s.at, ethernet(s.ip4(), source=MACS[DEVICE if s.up else CLOUD])) for s in segments]

    def test_each_talk_ends_as_it_does(self):
        for name, words, outcome, device in TALKS:
            with self.subTest(name):
                rows, process = self.attempts(
                    classic(self.frames(conversation(0, 40000, words))), "--by", "client-id"
                )
                self.assertEqual([r[1] for r in rows], [outcome])
                self.assertRegex(process.out, device)

    def test_where_segments_are_parted_says_nothing(self):
        whole, _ = self.attempts(classic(self.frames(self.truth())))
        self.assertEqual(len(whole), 2 * len(TALKS))
        for size in (1, 2, 3, 7, 8, 23, 100) if RELEASE else (7,):
            with self.subTest(size):
                self.assertEqual(
                    self.attempts(classic(self.frames(parted(self.truth(), size))))[0], whole
                )
                self.assertEqual(
                    self.attempts(classic(self.frames(overlapping(self.truth(), size))))[0], whole
                )
                self.assertEqual(
                    self.attempts(classic(self.frames(mixed(self.truth(), size))))[0], whole
                )

    def test_every_place_of_every_first_segment(self):
        for name, words, outcome, _ in some(TALKS[:6]):
            segments = conversation(0, 40000, words)
            for k, s in enumerate(segments):
                for place in range(1, len(s.data), 1 + len(s.data) // (5 if RELEASE else 2)):
                    with self.subTest(f"{name}, segment {k} at {place}"):
                        cut = (
                            segments[:k]
                            + [s.piece(place, len(s.data)), s.piece(0, place)]
                            + segments[k + 1 :]
                        )
                        self.assertEqual(
                            [r[1] for r in self.attempts(classic(self.frames(cut)))[0]], [outcome]
                        )

    def test_a_piece_that_is_missing_is_missed(self):
        segments = conversation(0, 40000, TALKS[0][1])
        del segments[3]  # of SYN, SYN and ACK, CONNECT, CONNACK, RST: the CONNACK
        self.assertEqual(
            [r[1] for r in self.attempts(classic(self.frames(segments)))[0]], ["refused"]
        )

    def test_fragments_of_ip(self):
        whole, _ = self.attempts(classic(self.frames(self.truth())))
        for size in some((8, 16, 24, 64)):
            with self.subTest(size):
                packets = [
                    (s.at, p, s.up)
                    for i, s in enumerate(self.truth())
                    for p in fragments(s.ip4(i + 1), i + 1, size)
                ]
                frames = [
                    (at, ethernet(p, source=MACS[DEVICE if up else CLOUD])) for at, p, up in packets
                ]
                self.assertEqual(self.attempts(classic(frames))[0], whole)
                lost = [
                    f for i, f in enumerate(frames) if i % 3
                ]  # the twin: fragments are gone, and so are the attempts
                self.assertNotEqual(self.attempts_or_none(classic(lost)), whole)

    def attempts_or_none(self, data):
        process = self.run_program(["judge", str(self.write("lost", data)), "--out", "lost-out"])
        return None if process.returncode == 4 else self.attempts(data)[0]

    def test_what_is_wrapped_is_the_same(self):
        plain = self.frames(self.truth())
        whole, _ = self.attempts(classic(plain))
        for name, wrap in some(WRAPS):
            with self.subTest(name):
                self.assertEqual(
                    self.attempts(classic([(at, wrap(f)) for at, f in plain]))[0], whole
                )

    def test_what_hides_them_is_named(self):
        plain = self.frames(self.truth())
        for wrap, line in some(HIDDEN):
            hidden = [(at, wrap(f)) for at, f in plain]
            self.expect_refused(
                ["judge", str(self.write("hidden", classic(hidden)))],
                4,
                rf".*no packet of IPv4 or IPv6 .*{line}.*",
            )
            _, process = self.attempts(classic(plain + hidden[-3:]))  # beside what can be read
            self.assertRegex(process.out, "not read")

    def test_other_links(self):
        plain = self.frames(self.truth())
        whole, _ = self.attempts(classic(plain))
        for name, link, change in (
            ("raw IP", 101, lambda f: f[14:]),
            ("IPv4", 228, lambda f: f[14:]),
            ("PPP", 9, lambda f: b"\xff\3\0\x21" + f[14:]),
            ("C-HDLC", 104, lambda f: b"\x0f\0\x08\0" + f[14:]),
            ("PPPoE", 51, lambda f: WRAPS[3][1](f)[14:]),
            (
                "NFLOG",
                239,
                lambda f: b"\2\0\0\0\x08\0\1\0abcd" + struct.pack("<HH", len(f) - 10, 9) + f[14:],
            ),
            ("cooked", 113, lambda f: b"\0\0\0\1\0\6" + f[6:12] + b"\0\0\x08\0" + f[14:]),
        ):
            with self.subTest(name):
                self.assertEqual(
                    self.attempts(classic([(at, change(f)) for at, f in plain], link))[0], whole
                )
        self.expect_refused(
            ["judge", str(self.write("radio", classic(plain, 127)))],
            4,
            r".*link type IEEE802_11_RADIO \(127\), .* wired side .*",
        )
        self.expect_refused(
            ["judge", str(self.write("odd", classic(plain, 147)))],
            4,
            r".*link type .* \(147\), which is not read: .*",
        )

    def test_pcapng_with_two_kinds_of_link(self):
        plain = self.frames(self.truth())
        whole, _ = self.attempts(classic(plain))
        two = [(at, 1, f) if i % 2 else (at, 101, f[14:]) for i, (at, f) in enumerate(plain)]
        self.assertEqual(self.attempts(pcapng(two))[0], whole)
        _, process = self.attempts(pcapng([*two, (plain[-1][0], 127, b"radio")]))
        self.assertRegex(process.out, r"1 packet of link type IEEE802_11_RADIO \(127\)")
        self.expect_refused(
            ["judge", str(self.write("cut", pcapng(two)[:60]))],
            4,
            ".*pcapng that ends in the middle.*",
        )

    def test_packed_files(self):
        data = classic(self.frames(self.truth()))
        whole, _ = self.attempts(data)
        self.assertEqual(self.attempts(gzip.compress(data))[0], whole)
        half = len(data) // 2
        self.assertEqual(
            self.attempts(gzip.compress(data[:half]) + gzip.compress(data[half:]) + bytes(512))[0],
            whole,
        )
        cut, process = self.attempts(gzip.compress(data)[:-100])
        self.assertLess(len(cut), len(whole))
        self.assertRegex(process.out, "ends in the middle")
        for head, undo in ((b"\x28\xb5\x2f\xfd", "zstd -d"), (b"\xfd7zXZ\0", "xz -d")):
            self.expect_refused(
                ["judge", str(self.write("packed", head + data))], 4, rf".*unpack it with {undo}.*"
            )

    def tries(self, clients, seconds, pause, latency=0.05):
        """SYN and RST of clients behind one address, each from port to port."""
        out = []
        for c in range(clients):
            at, port = 0.1 * self.random.random(), 20000 + c
            while at < seconds:
                syn = Segment(at, port, True, SYN, self.random.getrandbits(32))
                out += [syn, Segment(at + latency, port, False, RST | ACK, 0, syn.sequence + 1)]
                at += latency + pause(self.random)
                port = 20000 + (port + 1 - 20000 + clients) % 40000
        return self.frames(sorted(out, key=lambda s: s.at))

    def finding(self, frames, *options):
        _, process = self.attempts(classic(sorted(frames, key=lambda f: f[0])), *options)
        verdict = json.loads((self.folder / "o" / "summary.json").read_text())["verdicts"][0]
        self.found = verdict
        return verdict["verdict"], verdict["sentence"], process.out

    @enough_in_release
    def test_clients_behind_one_address(self):
        herd = self.tries(300, 60, lambda r: 1)
        verdict, sentence, out = self.finding(herd)
        self.assertEqual(verdict, "FAIL")
        self.assertRegex(
            sentence,
            r"At least [1-9]\d\d? clients are behind 10\.0\.0\.10, .* lock-step: .* every 1\.05 s "
            r".* about [23]\d\d ",
        )
        self.assertIn("several clients behind one address (C)", out)
        spread = self.tries(300, 60, lambda r: r.uniform(0.5, 1.5))
        self.assertEqual(self.finding(spread)[0], "INCONCLUSIVE")
        self.assertEqual(self.finding(spread, "--capacity", "20")[0], "FAIL")
        busiest = next(m for m in self.found["measures"] if m["name"] == "busiest second")
        self.assertEqual((busiest["threshold"], busiest["holds"]), (20, False))
        self.assertRegex(
            self.finding(self.tries(1, 60, lambda r: 1))[2], r"one device over its outages \(A\)"
        )

    def test_connections_of_one_client_do_not_overlap(self):
        talk, ping, pong = TALKS[0][1], b"\xc0\0", b"\xd0\0"
        first, second = conversation(0, 40000, [*talk, (True, ping), (False, pong)]), conversation(
            30, 40001, talk
        )
        for name, change, expected in (
            ("lost its power, and the server closes later", lambda s: None, "one device"),
            ("the first goes on", lambda s: setattr(s[4], "at", 31), "several clients"),
            (
                "what the first sends again is old",
                lambda s: s.append(Segment(31, 40000, True, ACK, s[2].sequence, data=s[2].data)),
                "one device",
            ),
            (
                "two at one time",
                lambda s: s.extend(conversation(30.01, 40002, talk)[:2]),
                "several clients",
            ),
            (
                "gave up before the answer came",
                lambda s: s.extend(
                    (Segment(20, 40003, True, SYN, 5), Segment(30.5, 40003, False, RST | ACK, 0, 6))
                ),
                "one device",
            ),
        ):
            with self.subTest(name):
                segments = [Segment(**vars(s)) for s in first]
                change(segments)
                self.assertIn(expected, self.finding(self.frames([*segments, *second]))[2])

    def test_two_at_the_same_time_are_two(self):
        segments = [s for port in (40000, 40001) for s in refused(0, port)]
        rows, _ = self.attempts(classic(self.frames(sorted(segments, key=lambda s: s.at))))
        self.assertEqual([r[1] for r in rows], ["refused", "refused"])

    @enough_in_release
    def test_packets_that_are_late(self):
        """Captures of several queues: what is written late, by less than a second, is read by its
        time. What is later is another time, and said to be.
        """
        frames = self.frames(self.truth())
        whole, _ = self.attempts(classic(frames))
        for late in (0.02, 0.9):
            mixed_up = sorted(frames, key=lambda f: f[0] + self.random.uniform(0, late))
            self.assertNotEqual(mixed_up, frames)
            for name, data in (
                ("pcap", classic(mixed_up)),
                ("pcapng", pcapng([(at, 1, frame) for at, frame in mixed_up])),
            ):
                with self.subTest(name, late=late):
                    rows, process = self.attempts(data)
                    self.assertEqual(rows, whole)
                    self.assertNotIn("jumped back", process.out)
        half = len(frames) // 2
        rows, process = self.attempts(classic(frames[half:] + frames[:half]))
        self.assertIn("jumped back", process.out)

    def test_the_same_syn_after_a_rst(self):
        once = refused(0, 40000)
        for name, later, expected in (
            ("Windows", (0.5, 1), 1),
            ("soon", (2.5,), 1),
            ("later", (10,), 2),
        ):
            with self.subTest(name):
                again = [
                    Segment(**{**vars(s), "at": s.at + pause}) for pause in later for s in once
                ]
                rows, _ = self.attempts(classic(self.frames(once + again)))
                self.assertEqual(len(rows), expected)
        other = [
            Segment(**{**vars(s), "at": s.at + 0.5, "sequence": s.sequence + 9}) for s in once[:1]
        ]
        self.assertEqual(len(self.attempts(classic(self.frames(once + other)))[0]), 2)
        accepted = [
            Segment(**{**vars(s), "at": s.at + 0.5}) for s in conversation(0, 40000, TALKS[0][1])
        ]
        self.assertEqual(
            [r[1] for r in self.attempts(classic(self.frames(once + accepted)))[0]], ["online"]
        )

    def question(self, at, number, name=b"\6broker\7example\0", kind=1, answer=None, code=0):
        """A query of the device's at 10.0.0.1, or an answer to it (an address, or b"": none)."""
        head = struct.pack(
            ">HHHHHH",
            number,
            0x0100 if answer is None else 0x8180 | code,
            1,
            1 if answer else 0,
            0,
            0,
        )
        data = (
            head
            + name
            + struct.pack(">HH", kind, 1)
            + (b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + answer if answer else b"")
        )
        resolver = bytes((10, 0, 0, 1))
        ways = (
            (DEVICE, resolver, udp(50000 + number, 53, data))
            if answer is None
            else (resolver, DEVICE, udp(53, 50000 + number, data))
        )
        return at, ethernet(ip4(ways[0], ways[1], 17, ways[2]))

    def test_look_ups_that_come_to_nothing(self):
        connections = self.frames(
            conversation(0, 40000, TALKS[0][1]) + conversation(200, 40001, TALKS[0][1])
        )
        tries = [self.question(at, i) for i, at in enumerate((70, 80, 100, 130))]
        for name, frames, expected in (
            ("not answered", tries, 4),
            ("sent again", [*tries, self.question(85, 1)], 4),
            (
                "both kinds of address",
                [
                    *tries,
                    *(
                        self.question(at + 0.01, 50 + i, kind=28)
                        for i, at in enumerate((70, 80, 100, 130))
                    ),
                ],
                4,
            ),
            (
                "told that there is none",
                [
                    f
                    for i, at in enumerate((70, 80, 100))
                    for f in (self.question(at, i), self.question(at + 0.1, i, answer=b"", code=3))
                ],
                3,
            ),
            ("found", [*tries, self.question(130.1, 3, answer=CLOUD)], 3),
            (
                "of another name, where one leads to the service",
                [
                    self.question(199, 9),
                    self.question(199.1, 9, answer=CLOUD),
                    *(self.question(at, i, b"\3ntp\7example\0") for i, at in enumerate((70, 80))),
                ],
                0,
            ),
            ("just before a connection", [*tries, self.question(199, 9)], 4),
        ):
            with self.subTest(name):
                rows, process = self.attempts(
                    classic(sorted(connections + frames, key=lambda f: f[0]))
                )
                self.assertEqual(len(rows), 2 + expected, rows)
                self.assertEqual("look-ups" in process.out, expected > 0)

    @enough_in_release
    def test_by_the_link_layer_address(self):
        data = classic(self.frames(self.truth()))
        rows, process = self.attempts(data, "--by", "mac")
        self.assertEqual({r[2] for r in rows}, {"0"})
        self.assertRegex(process.out, "1, told apart by link-layer address")
        raw = classic([(at, f[14:]) for at, f in self.frames(self.truth())], 101)
        self.expect_refused(
            ["judge", str(self.write("raw", raw)), "--by", "mac"],
            4,
            r".*packet 1 has no link-layer address \(--by mac\): .*",
        )
        log = self.write("log", b"1700000000: New connection from 10.0.0.1:1 on port 1883.\n")
        self.expect_refused(
            ["judge", str(log), "--by", "mac"],
            4,
            r".*no link-layer address stands in it \(--by mac\): .*",
        )


if __name__ == "__main__":
    unittest.main()
