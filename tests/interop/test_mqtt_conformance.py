#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 35
"""What MQTT 3.1.1 and 5 say of a server, byte by byte, at blackstart serve: all that public
conformance clients look at, and the sentences of the specification that they leave out. Section
numbers are those of MQTT 5. Nothing here waits for nothing to happen: what would have come stands
before the answer to a ping.
"""
import itertools
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from mqtt_wire import Packet, Wire, data, packet, properties  # noqa: E402
from peers import InteropTest  # noqa: E402
from test_mqtt_clients import Cloud  # noqa: E402

BOTH = (4, 5)
MALFORMED, PROTOCOL_ERROR, NO_LOCAL, RETAIN_AS_PUBLISHED = 0x81, 0x82, 4, 8
LARGEST = 262144  # bytes of a packet that the server takes, as it says itself


class Conformance(InteropTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.numbers = itertools.count()

    def setUp(self):
        super().setUp()
        self.cloud = Cloud(self.folder, *self.OPTIONS)
        self.cloud.__enter__()
        self.addCleanup(self.cloud.__exit__)

    OPTIONS = ()

    def wire(self, version=5):
        wire = Wire(self.cloud.port, version)
        self.addCleanup(wire.close)
        return wire

    def client(self, client_id=None, version=5, **how):
        """It is in; `connack` is what it was told."""
        wire = self.wire(version)
        wire.connect(f"client-{next(self.numbers)}" if client_id is None else client_id, **how)
        wire.connack = wire.next()
        self.assertEqual((wire.connack.name, wire.connack.reason), ("connack", 0))
        return wire

    def follows(self, wire, *filters, **how):
        """Texts, or texts with their options; QoS 2 and nothing else unless it is said."""
        filters = [(f, 2) if isinstance(f, str) else f for f in filters]
        id = wire.subscribe(*filters, **how)
        answer = wire.next()
        self.assertEqual((answer.name, answer.id), ("suback", id))
        return answer.codes

    def says(self, wire, topic, payload=b"", qos=1, **how):
        """Whoever is to get it has it in his socket when this is over. The reason."""
        id = wire.publish(topic, payload, qos, **how)
        if qos == 0:
            return self.quiet(wire)
        answer = wire.next()
        self.assertEqual((answer.name, answer.id), ("puback" if qos == 1 else "pubrec", id))
        if qos == 2 and answer.reason < 0x80:
            wire.answer("pubrel", id)
            self.assertEqual(wire.next(), Packet("pubcomp", id=id))
        return answer.reason

    def quiet(self, wire):
        self.assertFalse(wire.early)
        wire.send(packet("pingreq"))
        self.assertEqual(wire.next(), Packet("pingresp"))
        return 0

    def hears(self, wire, *wanted, acknowledged=True):
        """A message with these values, by their names."""
        got = wire.message()
        self.assertIsNotNone(got, "closed")
        self.assertEqual(got.name, "publish", got)
        for name, value in zip(("topic", "payload", "qos", "retain"), wanted):
            value = value.encode() if name == "payload" and isinstance(value, str) else value
            self.assertEqual(getattr(got, name), value, got)
        if acknowledged and got.qos == 1:
            wire.answer("puback", got.id)
        if acknowledged and got.qos == 2:
            wire.answer("pubrec", got.id)
            self.assertEqual(wire.answered(), Packet("pubrel", id=got.id))
            wire.answer("pubcomp", got.id)
        return got

    def ended(self, wire, reason=None):
        """It is closed; one of version 5 is told why."""
        if wire.version == 5 and reason is not None:
            got = wire.next()
            self.assertEqual((got and got.name, got and got.reason), ("disconnect", reason))
        self.assertIsNone(wire.next())


class Connections(Conformance):
    def test_what_comes_first(self):
        """3.1.0: a CONNECT, and only one."""
        for version in BOTH:
            others = packet("pingreq"), packet("publish", data("a")), packet("disconnect")
            for raw in (*others, b"GET / HTTP/1.1\r\n\r\n", b"\xe0", b"\x11", b"\x16\x03\x01"):
                wire = self.wire(version)
                wire.send(raw)
                self.ended(wire)
            wire = self.client(version=version)
            wire.connect("again")
            self.ended(wire, PROTOCOL_ERROR)

    def test_protocols(self):
        """3.1.2.1, 3.1.2.2."""
        for version in BOTH:
            for how in (
                {"protocol": "hj"},
                {"protocol": "mqtt"},
                {"level": 7},
                {"level": 0x84},  # of a bridge of Mosquitto's
                {"protocol": "MQIsdp", "level": 3},  # MQTT 3.1
                {"protocol": ""},
            ):
                wire = self.wire(version)
                wire.connect("a", **how)
                got = wire.next()
                if got is not None:  # it may be told, in the form of the version that it says
                    self.assertEqual(got.name, "connack")
                    self.assertEqual(got.reason, 0x84 if wire.version == 5 else 1)
                    self.ended(wire)

    def test_flags(self):
        """3.1.2.3 and what follows."""
        for version in BOTH:
            for flags in (1, 0x18 | 4, 8, 0x20, *((0x40,) if version == 4 else ())):
                wire = self.wire(version)
                wire.connect("a", flags=flags)
                if version == 5:
                    got = wire.next()
                    self.assertEqual((got.name, got.reason), ("connack", MALFORMED))
                self.ended(wire)
        self.quiet(self.client(password=b"alone"))  # 5 lets it

    def test_names(self):
        """3.1.3.1."""
        for version in BOTH:
            letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
            for start in range(0, len(letters), 21):
                self.quiet(self.client(letters[start : start + 23], version))
            for right in ("\ufeffmyclientid", "clean retained", "a/#+", "\U0001f600"):
                self.quiet(self.client(right, version))
            long = self.wire(version)
            long.connect("x" * 65535)
            self.assertEqual(long.next().reason, 0x85 if version == 5 else 2)
            self.ended(long)
            for wrong in (b"\xff", b"a\0b", b"\xed\xa0\x80"):
                wire = self.wire(version)
                wire.connect(wrong)
                if version == 5:
                    self.assertEqual(wire.next().reason, MALFORMED)
                self.ended(wire)
        nameless = self.wire(4)
        nameless.connect("", clean=False)
        self.assertEqual(nameless.next(), Packet("connack", reason=2))
        self.ended(nameless)
        self.quiet(self.client("", 4))
        names = {
            self.client("", clean=clean).connack.properties["assigned_client_id"]
            for clean in (False, True)
        }
        self.assertEqual(len(names), 2)
        self.assertNotIn("", names)
        self.assertNotIn("assigned_client_id", self.client("given").connack.properties)

    def test_what_is_not_done_is_refused(self):
        wire = self.wire()
        wire.connect("a", authentication="SCRAM-SHA-1")
        self.assertEqual(wire.next().reason, 0x8C)
        self.ended(wire)
        wire = self.client()
        wire.send(packet("auth", b"\x18" + properties()))
        self.ended(wire, PROTOCOL_ERROR)

    def test_properties(self):
        """2.2.2.2, 3.1.2.11: what stands there twice, what does not belong, what is no value."""
        for reason, body in (
            (PROTOCOL_ERROR, properties(session_expiry=[1, 2])),
            (PROTOCOL_ERROR, properties(alias=1)),
            (PROTOCOL_ERROR, properties(receive_maximum=0)),
            (PROTOCOL_ERROR, properties(packet_maximum=0)),
            (PROTOCOL_ERROR, properties(problem_information=2)),
            (MALFORMED, b"\x01\x7f"),
            (MALFORMED, b"\x03\x11\x00\x00"),
            (MALFORMED, b"\x80\x80\x80\x80\x01"),
        ):
            wire = self.wire()
            wire.send(packet("connect", data("MQTT") + b"\x05\x02\0\0" + body + data("a")))
            self.assertEqual(wire.next().reason, reason, body)
            self.ended(wire)
        self.quiet(self.client(user=[("a", "1"), ("a", "1")], problem_information=0))

    def test_taken_over(self):
        """3.1.4."""
        for version in BOTH:
            first = self.client("same", version)
            second = self.client("same", version)
            self.ended(first, 0x8E)
            self.quiet(second)

    def test_keep_alive(self):
        """3.1.2.10: one and a half of it after the last packet; and the will is published."""
        for version in BOTH:
            watcher = self.client()
            self.follows(watcher, "kept/#")
            began = time.monotonic()
            silent = self.client(version=version, keep_alive=1, will=("kept/will", "x", 0, False))
            self.hears(watcher, "kept/will", "x", 0, False)
            self.assertGreaterEqual(time.monotonic() - began, 1.4)
            self.ended(silent, 0x8D)
        none = self.client(keep_alive=0)
        self.assertNotIn("server_keep_alive", none.connack.properties)
        pinged = self.client(keep_alive=1)
        for _ in range(4):
            time.sleep(0.5)
            self.quiet(pinged)

    def test_server_keep_alive(self):
        """3.2.2.3.14."""
        self.assertEqual(self.client(keep_alive=120).connack.properties["server_keep_alive"], 60)
        self.assertNotIn("server_keep_alive", self.client(keep_alive=60).connack.properties)

    def test_bytes(self):
        """1.5.5, 2.1, 3.12, 3.14: what is wrong with the first bytes of packets."""
        for raw, reason in (
            (b"\x00\x00", MALFORMED),
            (b"\xc1\x00", MALFORMED),
            (b"\xe1\x00", MALFORMED),
            (b"\xc0\x80\x00", MALFORMED),
            (b"\xc0\xff\xff\xff\xff\x01", MALFORMED),
            (b"\xc0\x01\x00", MALFORMED),
            (packet("connack", b"\0\0\0"), PROTOCOL_ERROR),
            (packet("suback", b"\0\1\0\0"), PROTOCOL_ERROR),
            (packet("unsuback", b"\0\1\0\0"), PROTOCOL_ERROR),
            (packet("pingresp"), PROTOCOL_ERROR),
            (packet("puback", b"\0"), MALFORMED),
            (packet("pubrel", b"\0\1", flags=0), MALFORMED),
        ):
            wire = self.client()
            wire.send(raw)
            self.ended(wire, reason)

    def test_connects_that_are_none(self):
        """3.1.2, 3.1.3: what is missing, what is left over, what is no text, and in 5 is told."""
        for version in BOTH:
            none = properties() if version == 5 else b""
            for flags, rest, reason in (
                (2, data("a") + b"zz", MALFORMED),
                (2, b"\0\5a", MALFORMED),
                (2, b"", MALFORMED),
                (6, data("a"), MALFORMED),
                (6, data("a") + none + data("") + data("x"), 0x90),
                (6, data("a") + none + data(b"\xff") + data("x"), MALFORMED),
                (6, data("a") + none + data("a/+") + data("x"), 0x90),
                (0x1E, data("a") + none + data("w") + data("x"), MALFORMED),
                (0x82, data("a"), MALFORMED),
                (0x82, data("a") + data(b"\xff"), MALFORMED),
            ):
                wire = self.wire(version)
                head = data("MQTT") + bytes([version, flags, 0, 0]) + none
                wire.send(packet("connect", head + rest))
                if version == 5:
                    got = wire.next()
                    self.assertEqual((got.name, got.reason), ("connack", reason), rest)
                self.ended(wire)
        for inside, reason in (
            (properties(will_delay=[1, 2]), PROTOCOL_ERROR),
            (properties(alias=1), PROTOCOL_ERROR),
            (properties(payload_format=2), PROTOCOL_ERROR),
            (properties(response_topic="a/#"), PROTOCOL_ERROR),
            (b"\x03\x18\0\0", MALFORMED),
        ):
            wire = self.wire()
            will = data("a") + inside + data("w") + data("x")
            wire.send(packet("connect", data("MQTT") + b"\5\6\0\0\0" + will))
            self.assertEqual(wire.next().reason, reason, inside)
            self.ended(wire)

    def test_packets_that_are_none(self):
        """Fields that are cut short, that say 0 where they must not, that are there twice."""
        for version in BOTH:
            none = properties() if version == 5 else b""
            for raw in (
                packet("publish"),
                packet("publish", data("a"), flags=2),
                packet("publish", b"\0\5ab"),
                packet("subscribe"),
                packet("subscribe", b"\0\0" + none + data("a") + b"\0"),
                packet("subscribe", b"\0\1" + none + data("a")),
                packet("subscribe", b"\0\1" + none + data("a\0") + b"\0"),
                packet("unsubscribe", b"\0\0" + none + data("a")),
                packet("unsubscribe", b"\0\1" + none + data(b"\xff")),
                packet("puback", b"\0\0"),
                packet("puback", b"\0\1", flags=2),
                packet("puback", b"\0\1\0\0\0"),
                packet("disconnect", flags=1),
                packet("disconnect", b"\0\0\0"),
                b"\x30\x80\x80\x80\x80\x01",
            ):
                wire = self.client(version=version)
                wire.send(raw)
                self.ended(wire, MALFORMED)
        text, twice = b"\x1f" + data("a"), b"\x08\x1f\0\1a\x1f\0\1a"
        for raw in (
            packet("puback", b"\0\1\0" + twice),
            packet("puback", b"\0\1\0\4\3" + data("a")),
            packet("disconnect", b"\0" + twice),
            packet("subscribe", b"\0\1\4" + text + data("a") + b"\0"),
            packet("unsubscribe", b"\0\1\2\x0b\1" + data("a")),
            packet("publish", data("a") + b"\4" + text),
        ):
            wire = self.client()
            wire.send(raw)
            self.ended(wire, PROTOCOL_ERROR)
        for given in ("content_type", "response_topic", "correlation"):
            wire = self.client()
            wire.publish("a", **{given: ["b", "b"]})
            self.ended(wire, PROTOCOL_ERROR)
        for given in ("message_expiry", "payload_format", "alias"):
            wire = self.client()
            wire.publish("a", **{given: [1, 1]})
            self.ended(wire, PROTOCOL_ERROR)

    def test_names_as_long_as_they_may_be(self):
        for version in BOTH:
            one, other = self.client(version=version), self.client(version=version)
            for name in ("a" * 65535, "/" * 65000):
                self.follows(other, name)
                self.says(one, name, "x", 1)
                self.hears(other, name, "x", 1)
            self.assertEqual(self.follows(other, ("+/" * 30000 + "#", 1)), (1,))

    def test_one_byte_at_a_time(self):
        wire = self.client()
        raw = packet("subscribe", b"\0\7" + properties() + data("slow") + b"\0") + packet("pingreq")
        for byte in raw:
            wire.send(bytes([byte]))
            time.sleep(0.002)
        self.assertEqual(wire.next(), Packet("suback", id=7, codes=(0,)))
        self.assertEqual(wire.next(), Packet("pingresp"))

    def test_nobody_waits_for_connack(self):
        """3.1.4: a client may send at once."""
        wire = self.wire()
        wire.connect("hasty")
        wire.subscribe(("h", 0))
        wire.publish("h", "x")
        wire.disconnect()
        self.assertEqual([wire.next().name for _ in range(3)], ["connack", "suback", "publish"])
        self.ended(wire)


class Messages(Conformance):
    def test_qualities(self):
        """4.3, 3.8.4: the lesser of what was published and what was granted."""
        for version in BOTH:
            one, other = self.client(version=version), self.client(version=9 - version)
            for granted in (0, 1, 2):
                self.assertEqual(self.follows(other, ("q/+", granted)), (granted,))
                for qos in (0, 1, 2):
                    self.says(one, "q/x", f"{granted}{qos}", qos)
                    self.hears(other, "q/x", f"{granted}{qos}", min(qos, granted), False)
            self.quiet(other)

    def test_names_and_flags_that_are_wrong(self):
        """3.3.1, 3.3.2, 4.7."""
        for version in BOTH:
            for topic, how, reason in (
                ("a/+", {}, 0x90),
                ("a#", {}, 0x90),
                ("", {}, PROTOCOL_ERROR),
                (b"a\0", {}, MALFORMED),
                (b"\xc3", {}, MALFORMED),
                ("a", {"flags": 6, "qos": 1}, MALFORMED),
                ("a", {"flags": 8}, MALFORMED),
                ("a", {"qos": 1, "id": 0}, MALFORMED),
            ):
                wire = self.client(version=version)
                wire.publish(topic, **how)
                self.ended(wire, reason)
        for how in ({"subscription": 1}, {"payload_format": 2}, {"response_topic": "a/#"}):
            wire = self.client()
            wire.publish("a", **how)
            self.ended(wire, PROTOCOL_ERROR)

    def test_nobody_follows_it(self):
        self.assertEqual(self.says(self.client(), "nobody", qos=1), 0x10)
        self.assertEqual(self.says(self.client(), "nobody", qos=2), 0x10)
        self.assertEqual(self.says(self.client(version=4), "nobody", qos=2), 0)

    def test_once_and_only_once(self):
        """4.3.3, for a session that goes on, too."""
        for version in BOTH:
            watcher = self.client()
            self.follows(watcher, "once")
            how = {"clean": False, **({"session_expiry": 60} if version == 5 else {})}
            one = self.client("careful", version, **how)
            id = one.publish("once", "x", 2)
            self.assertEqual(one.next(), Packet("pubrec", id=id))
            self.hears(watcher, "once", "x", 2)
            for _ in range(2):
                one.publish("once", "x", 2, id=id, dup=True)
                self.assertEqual(one.next(), Packet("pubrec", id=id))
                one.close()
                one = self.client("careful", version, **how)
                self.assertTrue(one.connack.present)
            one.answer("pubrel", id)
            self.assertEqual(one.next(), Packet("pubcomp", id=id))
            self.quiet(watcher)
            one.publish("once", "y", 2, id=id)  # another message now
            self.hears(watcher, "once", "y", 2)
            one.close()
            self.client("careful", version)

    def test_identifiers_of_nothing(self):
        """3.6.2.1, 3.7.2.1: MQTT 5 has words for them."""
        for version, not_found in ((4, 0), (5, 0x92)):
            wire = self.client(version=version)
            wire.answer("pubrel", 77)
            self.assertEqual(wire.next(), Packet("pubcomp", id=77, reason=not_found))
            wire.answer("pubrec", 78)
            self.assertEqual(wire.next(), Packet("pubrel", id=78, reason=not_found))
            wire.answer("puback", 79)
            wire.answer("pubcomp", 80)
            self.quiet(wire)

    def test_order(self):
        """4.6."""
        one, other = self.client(), self.client()
        self.follows(other, "o/#")
        for qos in (1, 2):
            for number in range(20):
                self.says(one, f"o/{number % 3}", str(number), qos)
            for number in range(20):
                self.hears(other, f"o/{number % 3}", str(number), qos)

    def test_what_goes_along(self):
        """3.3.2.3."""
        given = {
            "payload_format": 1,
            "content_type": "text/plain",
            "response_topic": "back",
            "correlation": b"\0\xff",
            "user": [("a", "2"), ("c", "3"), ("a", "2")],
        }
        one, other, old = self.client(), self.client(), self.client(version=4)
        for wire in (other, old):
            self.follows(wire, "along")
        for qos in (0, 1, 2):
            for retain in (False, True):
                self.says(one, "along", "x", qos, retain=retain, **given)
                self.assertEqual(self.hears(other, "along", "x", qos, False).properties, given)
                self.hears(old, "along", "x", qos, False)
        late = self.client()
        self.follows(late, "along")
        self.assertEqual(self.hears(late, "along", "x", 2, True).properties, given)

    def test_expiry(self):
        """3.3.2.3.3: what is left of it is said; what has none left is not sent."""
        keep = {"clean": False, "session_expiry": 60}
        away = self.client("away", **keep)
        self.follows(away, "e/#")
        away.close()
        one = self.client()
        for qos, seconds in itertools.product((1, 2), (1, 9)):
            self.says(one, f"e/{qos}", str(seconds), qos, message_expiry=seconds)
            self.says(
                one, f"kept/{qos}/{seconds}", str(seconds), 1, retain=True, message_expiry=seconds
            )
        time.sleep(2.1)
        away = self.client("away", **keep)
        for qos in (1, 2):
            left = self.hears(away, f"e/{qos}", "9", qos).properties["message_expiry"]
            self.assertIn(left, range(1, 8))
        self.quiet(away)
        self.follows(away, "kept/#")
        got = sorted(self.hears(away).topic for _ in range(2))
        self.assertEqual(got, ["kept/1/9", "kept/2/9"])
        self.quiet(away)

    def test_how_much_at_once_to_a_client(self):
        """3.1.2.11.3, 4.9."""
        slow, one = self.client(receive_maximum=2), self.client()
        self.follows(slow, "f")
        for number in range(5):
            self.says(one, "f", str(number), 1 + number % 2)
        self.says(one, "f", "beside", 0)
        first = self.hears(slow, "f", "0", 1, acknowledged=False)
        second = self.hears(slow, "f", "1", 2, acknowledged=False)
        self.hears(slow, "f", "beside", 0)  # it does not count
        self.quiet(slow)
        slow.answer("puback", first.id)
        third = self.hears(slow, "f", "2", 1, acknowledged=False)
        slow.answer("pubrec", second.id)
        self.assertEqual(slow.next(), Packet("pubrel", id=second.id))
        self.quiet(slow)  # PUBREC alone frees nothing
        slow.answer("pubcomp", second.id)
        fourth = self.hears(slow, "f", "3", 2, acknowledged=False)
        slow.answer("pubrec", fourth.id, 0x80)  # but one that refuses does
        self.hears(slow, "f", "4", 1)
        slow.answer("puback", third.id)
        self.quiet(slow)

    def test_how_much_at_once_from_a_client(self):
        """3.2.2.3.3: 0x93; those that were answered do not count."""
        wire = self.client()
        most = wire.connack.properties["receive_maximum"]
        for _ in range(most + 5):
            self.says(wire, "g", qos=2)
        for _ in range(most):
            wire.publish("g", "x", 2)
        for _ in range(most):
            self.assertEqual(wire.next().name, "pubrec")
        wire.publish("g", "x", 2)
        self.ended(wire, 0x93)

    def test_how_large(self):
        """3.1.2.11.4, 3.2.2.3.6: larger ones are as if they had been sent (0x95 to who sends)."""
        small, one = self.client(packet_maximum=64), self.client()
        self.follows(small, "size")
        self.says(one, "size", "." * 32, 0)
        self.hears(small, "size", "." * 32, 0)
        for qos in (0, 1, 2):
            self.says(one, "size", "." * 64, qos)
        self.says(one, "size", "after", 1)
        self.hears(small, "size", "after", 1)
        self.assertEqual(one.connack.properties["packet_maximum"], LARGEST)
        fits = LARGEST - 1 - 3 - len(data("huge")) - 1
        other = self.client()
        self.follows(other, "huge")
        self.says(one, "huge", "." * fits, 0)
        self.hears(other, "huge", "." * fits, 0)
        one.send(bytes([0x30]) + b"\x81\x80\x10")
        self.ended(one, 0x95)

    def test_aliases_of_a_client(self):
        """3.3.2.3.4."""
        watcher = self.client()
        self.follows(watcher, "long/#")
        for version_of in ("first", "second"):  # a name of its connection alone
            wire = self.client()
            most = wire.connack.properties["alias_maximum"]
            self.says(wire, f"long/{version_of}", "1", alias=1)
            self.says(wire, f"long/{version_of}/more", "2", 0, alias=most)
            for alias, rest, qos in ((1, "", 2), (most, "/more", 0), (1, "", 1)):
                self.says(wire, "", "3", qos, alias=alias)
            self.says(wire, "long/else", "4", alias=1)
            self.says(wire, "", "5", alias=1)
            said = [self.hears(watcher) for _ in range(7)]
            self.assertTrue(all("alias" not in got.properties for got in said))
            own = f"long/{version_of}"
            self.assertEqual(
                [got.topic for got in said],
                [own, own + "/more", own, own + "/more", own, "long/else", "long/else"],
            )
        for alias, topic, reason in (
            (0, "a", 0x94),
            (most + 1, "a", 0x94),
            (2, "", PROTOCOL_ERROR),
        ):
            wire = self.client()
            wire.publish(topic, alias=alias)
            self.ended(wire, reason)

    def test_aliases_of_the_server(self):
        """3.1.2.11.5: as many as the client takes, each said once with its topic."""
        one = self.client()
        for most in (0, 1, 3):
            how = {"alias_maximum": most} if most else {}
            wire = self.client(**how)
            self.follows(wire, "alias/#")
            for round_ in range(2):
                known = {}
                for number in range(5):
                    self.says(one, f"alias/{number}", "x", number % 3)
                    got = self.hears(wire)
                    alias = got.properties.get("alias")
                    if number >= most:
                        self.assertIsNone(alias)
                        self.assertEqual(got.topic, f"alias/{number}")
                        continue
                    self.assertIn(alias, range(1, most + 1))
                    self.assertNotIn(alias, known)
                    known[alias] = number
                    self.assertEqual(got.topic, "" if round_ else f"alias/{number}")
            wire.close()

    def test_aliases_end_with_their_connection(self):
        """And a message that is sent again says its topic again."""
        keep = {"clean": False, "session_expiry": 60, "alias_maximum": 4}
        wire, one = self.client("aliased", **keep), self.client()
        self.follows(wire, "again")
        self.says(one, "again", "1", 1)
        self.hears(wire, "again", "1")
        self.says(one, "again", "2", 1)
        self.hears(wire, "", "2", acknowledged=False)
        wire.close()
        wire = self.client("aliased", **keep)
        got = self.hears(wire, "again", "2")
        self.assertTrue(got.dup)
        # what was too large for it has said no topic
        wire = self.client(packet_maximum=64, alias_maximum=4)
        self.follows(wire, "again")
        self.says(one, "again", "." * 64, 0)
        self.says(one, "again", "3", 0)
        self.hears(wire, "again", "3")

    def test_request_and_response(self):
        """4.10."""
        asks, answers = self.client(), self.client()
        for wire in (asks, answers):
            self.follows(wire, ("dialogue", 2 | NO_LOCAL))
        self.says(asks, "dialogue", "?", response_topic="dialogue", correlation=b"334")
        got = self.hears(answers, "dialogue", "?")
        self.says(answers, got.properties["response_topic"], "!", correlation=b"334")
        self.assertEqual(self.hears(asks, "dialogue", "!").properties, {"correlation": b"334"})
        self.quiet(answers)


class Subscriptions(Conformance):
    def test_filters(self):
        """4.7.1, 4.7.2."""
        names = ("sport", "sport/", "sport/tennis", "sport/tennis/one", "/finance", "$sport/tennis")
        for filter, matching in (
            ("sport/tennis", "sport/tennis"),
            ("sport/#", "sport sport/ sport/tennis sport/tennis/one"),
            ("sport/+", "sport/ sport/tennis"),
            ("sport/tennis/+", "sport/tennis/one"),
            ("+/tennis/#", "sport/tennis sport/tennis/one"),
            ("+", "sport"),
            ("/+", "/finance"),
            ("+/+", "sport/ sport/tennis /finance"),
            ("#", "sport sport/ sport/tennis sport/tennis/one /finance"),
            ("/#", "/finance"),
            ("$sport/#", "$sport/tennis"),
            ("$sport/tennis", "$sport/tennis"),
            ("Sport", ""),
        ):
            one, other = self.client(), self.client(version=4)
            self.follows(other, (filter, 0))
            for name in names:
                self.says(one, name, "x", 1)
            got = [self.hears(other).topic for _ in matching.split()]
            self.assertEqual(got, matching.split(), filter)
            self.quiet(other)

    def test_many_at_once(self):
        """3.9.3: a code for each, in order; what is no filter is none."""
        for version in BOTH:
            fails = 0x8F if version == 5 else 0x80
            wire = self.client(version=version)
            codes = self.follows(
                wire, ("a", 0), ("b/#/c", 1), ("x", 2), ("d+", 0), ("#", 1), ("a#", 0)
            )
            self.assertEqual(codes, (0, fails, 2, fails, 1, fails))
            self.quiet(wire)
        shares = ("$share//a", "$share/g", "$share/g/", "$share/g+/a", "$share/#/a")
        self.assertEqual(self.follows(self.client(), *shares), (0x8F,) * len(shares))

    def test_what_is_no_subscription(self):
        """3.8.1, 3.8.3."""
        for version in BOTH:
            for send, reason in (
                (lambda w: w.subscribe(), PROTOCOL_ERROR),
                (lambda w: w.unsubscribe(), PROTOCOL_ERROR),
                (lambda w: w.subscribe(("a", 3)), MALFORMED),
                (lambda w: w.subscribe(("a", 0xC0)), MALFORMED),
                (lambda w: w.subscribe(("a", 0), flags=0), MALFORMED),
                (lambda w: w.unsubscribe("a", flags=0), MALFORMED),
                (lambda w: w.subscribe((b"\xff", 0)), MALFORMED),
            ):
                wire = self.client(version=version)
                send(wire)
                self.ended(wire, reason)
        for filters, how, reason in (
            (("a", 0x30), {}, MALFORMED),
            (("$share/g/a", NO_LOCAL), {}, PROTOCOL_ERROR),
            (("a", 0), {"subscription": 0}, PROTOCOL_ERROR),
            (("a", 0), {"subscription": [1, 2]}, PROTOCOL_ERROR),
        ):
            wire = self.client()
            wire.subscribe(filters, **how)
            self.ended(wire, reason)

    def test_refused(self):
        """What belongs to another, and the filter that is there to be refused."""
        for version, codes in ((4, (0x80, 0x80, 1)), (5, (0x80, 0x87, 1))):
            wire = self.client(version=version)
            filters = ("test/nosubscribe", 2), ("s/bs-00000001", 2), ("test/other", 1)
            self.assertEqual(self.follows(wire, *filters), codes)
            self.says(self.client(), "test/nosubscribe", "x")
            self.quiet(wire)

    def test_over_one_another(self):
        """3.3.4: one copy with the highest QoS, and the identifiers of all."""
        for version in BOTH:
            one, other = self.client(), self.client(version=version)
            self.follows(other, ("over/#", 2), ("over/+", 1))
            self.says(one, "over/x", "x", 2)
            self.hears(other, "over/x", "x", 2)
            self.quiet(other)
        other = self.client()
        for filter, identifier in (("id", 2), ("id/#", 268435455), ("+", None)):
            how = {} if identifier is None else {"subscription": identifier}
            self.follows(other, filter, **how)
        self.says(one, "id", "x")
        self.assertEqual(sorted(self.hears(other).properties["subscription"]), [2, 268435455])
        self.follows(other, "id")  # the same filter again, without an identifier
        self.says(one, "id", "x")
        self.assertEqual(self.hears(other).properties["subscription"], [268435455])
        self.quiet(other)

    def test_local(self):
        """3.8.3.1."""
        one, other = self.client(), self.client()
        for wire in (one, other):
            self.follows(wire, ("near", 2 | NO_LOCAL))
        self.says(one, "near", "x")
        self.hears(other, "near", "x")
        self.quiet(one)
        self.follows(one, "near")
        one.publish("near", "y", 0)
        self.hears(one, "near", "y")

    def test_retained(self):
        """3.3.1.3."""
        for version in BOTH:
            one, live = self.client(version=version), self.client()
            self.follows(live, ("kept/#", 2), ("kept/a", 2 | RETAIN_AS_PUBLISHED))
            for qos, name in enumerate("abc"):
                self.says(one, f"kept/{name}", "old", 0, retain=True)
                self.says(one, f"kept/{name}", name, qos, retain=True)
                for payload in ("old", name):
                    got = self.hears(live, f"kept/{name}", payload)
                    self.assertEqual(got.retain, name == "a")  # as published, for one of them
            for late_version in BOTH:
                late = self.client(version=late_version)
                self.follows(late, ("kept/+", 1))
                got = sorted((self.hears(late) for _ in "abc"), key=lambda p: p.topic)
                self.assertEqual(
                    [(p.topic, p.payload.decode(), p.qos, p.retain, p.dup) for p in got],
                    [("kept/a", "a", 0, True, False), ("kept/b", "b", 1, True, False)]
                    + [("kept/c", "c", 1, True, False)],
                )
                self.quiet(late)
            for qos, name in enumerate("abc"):
                self.says(one, f"kept/{name}", b"", qos, retain=True)
                self.assertEqual(self.hears(live).payload, b"")  # it is told of, too
            late = self.client()
            self.follows(late, "kept/#", "#")
            self.quiet(late)

    def test_retain_handling(self):
        """3.8.3.1; a subscription that is there already, and one that is not."""
        one = self.client()
        for name in "ab":
            self.says(one, f"handled/{name}", "x", retain=True)
        for handling, first, again in ((0, 2, 2), (1, 2, 0), (2, 0, 0)):
            wire = self.client()
            for wanted in (first, again):
                self.follows(wire, ("handled/+", 1 | handling << 4))
                for _ in range(wanted):
                    self.assertTrue(self.hears(wire).retain)
                self.quiet(wire)
        shared = self.client()
        self.follows(shared, "$share/g/handled/+")  # 4.8.2
        self.quiet(shared)

    def test_no_longer(self):
        """3.10, 3.11."""
        for version in BOTH:
            one, other = self.client(), self.client(version=version)
            self.follows(other, "n/a", "n/b", "n/#", "$share/g/n/c")
            id = other.unsubscribe("n/a", "n/none", "n/#", "$share/g/n/c")
            codes = (0, 0x11, 0, 0) if version == 5 else ()
            self.assertEqual(other.next(), Packet("unsuback", id=id, codes=codes))
            for name in "abc":
                self.says(one, f"n/{name}", name)
            self.hears(other, "n/b", "b")
            self.quiet(other)

    def test_shared(self):
        """4.8.2: one of each group, and those who follow it for themselves."""
        members = [self.client() for _ in range(3)]
        lone, other_group, one = self.client(), self.client(), self.client()
        for member in members:
            self.follows(member, "$share/g/work/+")
        self.follows(lone, "work/#")
        self.follows(other_group, "$share/h/work/+")
        for number in range(9):
            self.says(one, "work/x", str(number), number % 3)
        for wire in (lone, other_group):
            self.assertEqual(
                [self.hears(wire).payload for _ in range(9)], [b"%d" % n for n in range(9)]
            )
        heard = [[self.hears(member).payload for _ in range(3)] for member in members]
        self.assertEqual(sorted(sum(heard, [])), [b"%d" % n for n in range(9)])
        for member in members:
            self.quiet(member)
        members[0].disconnect()
        self.ended(members[0])
        for number in range(4):
            self.says(one, "work/x", str(number))
        for member in members[1:]:
            self.hears(member), self.hears(member)
            self.quiet(member)

    def test_shared_messages_of_who_has_gone(self):
        """4.8.2: what a member has not acknowledged when its session ends is another's, with QoS 1;
        with QoS 2 it is not.
        """
        one, first = self.client(), self.client()
        self.follows(first, "$share/g/job/+")
        self.says(one, "job/1", "x", 1)
        self.says(one, "job/2", "y", 2)
        for qos in (1, 2):
            self.hears(first, f"job/{qos}", acknowledged=False)
        second = self.client()
        self.follows(second, "$share/g/job/+")
        first.close()
        self.hears(second, "job/1", "x", 1)
        self.quiet(second)


class Sessions(Conformance):
    def test_expiry(self):
        """3.1.2.11.2, 3.14.2.2.2."""

        def comes(expiry, clean=False):
            how = {} if expiry is None else {"session_expiry": expiry}
            return self.client("mortal", clean=clean, **how)

        def is_there(wire, present, leaves_with=None):
            self.assertEqual(wire.connack.present, present)
            wire.disconnect() if leaves_with is None else wire.disconnect(
                0, session_expiry=leaves_with
            )
            self.ended(wire)

        is_there(comes(0, clean=True), False)
        is_there(comes(None), False)
        is_there(comes(2), False)
        time.sleep(0.5)
        is_there(comes(2), True)
        time.sleep(2.3)
        is_there(comes(1), False, leaves_with=60)
        time.sleep(1.3)
        is_there(comes(60), True, leaves_with=0)
        is_there(comes(60), False)
        is_there(comes(60, clean=True), False)
        is_there(comes(0), True)
        wire = comes(0)
        self.assertFalse(wire.connack.present)
        wire.disconnect(0, session_expiry=5)
        self.ended(wire, PROTOCOL_ERROR)
        most = self.client("immortal", session_expiry=0xFFFFFFFF).connack.properties
        self.assertEqual(most["session_expiry"], 86400)
        self.assertNotIn("session_expiry", self.client(session_expiry=60).connack.properties)

    def test_clean(self):
        """3.1.1 has one bit for both."""

        def comes(clean):
            return self.client("old", 4, clean=clean)

        for clean, present in ((True, False), (False, False), (False, True), (True, False)):
            wire = comes(clean)
            self.assertEqual(wire.connack.present, present)
            self.follows(wire, "old")
            wire.disconnect()
            self.ended(wire)
        self.assertFalse(comes(False).connack.present)

    def test_what_waits(self):
        """4.1: QoS 1 and 2; and MQTT lets QoS 0 wait or not."""
        for version in BOTH:
            how = {"clean": False, **({"session_expiry": 60} if version == 5 else {})}
            name = f"waits-{version}"
            wire = self.client(name, version, **how)
            self.follows(wire, "+/later")
            wire.disconnect()
            self.ended(wire)
            one = self.client()
            for qos in (0, 1, 2):
                self.says(one, f"{qos}/later", "x", qos)
            wire = self.client(name, version, **how)
            self.assertTrue(wire.connack.present)
            for qos in (1, 2):
                self.assertFalse(self.hears(wire, f"{qos}/later", "x", qos).dup)
            self.quiet(wire)

    def test_what_is_sent_again(self):
        """4.4: with its identifier and DUP, in order, after CONNACK and at no other time; of what
        was received, PUBREL.
        """
        for version in BOTH:
            how = {"clean": False, **({"session_expiry": 60} if version == 5 else {})}
            name = f"again-{version}"
            wire, one = self.client(name, version, **how), self.client()
            self.follows(wire, "r/+")
            for number, qos in enumerate((1, 2, 2, 1)):
                self.says(one, f"r/{number}", "x", qos)
            sent = [self.hears(wire, f"r/{n}", acknowledged=False) for n in range(4)]
            self.assertFalse(any(p.dup for p in sent))
            wire.answer("pubrec", sent[1].id)
            self.assertEqual(wire.next(), Packet("pubrel", id=sent[1].id))
            wire.close()
            for _ in range(2):
                wire = self.client(name, version, **how)
                self.assertTrue(wire.connack.present)
                got = [wire.next() for _ in range(4)]
                self.assertEqual([p.id for p in got], [p.id for p in sent])
                self.assertEqual([p.name for p in got], ["publish", "pubrel", "publish", "publish"])
                self.assertTrue(all(p.dup for p in got if p.name == "publish"))
                self.quiet(wire)
                wire.close()
            wire = self.client(name, version, clean=True)
            self.assertFalse(wire.connack.present)
            self.quiet(wire)

    def test_wills(self):
        """3.1.2.5, 3.14.4: whoever does not say DISCONNECT with 0 leaves one, and who does none."""
        watcher = self.client()
        self.follows(watcher, "will/#")
        will = ("will/x", "gone", 1, False)
        for version in BOTH:
            dead = self.client(version=version, will=will)
            dead.close()
            self.hears(watcher, "will/x", "gone", 1, False)
            polite = self.client(version=version, will=will)
            polite.disconnect()
            self.ended(polite)
            wrong = self.client(version=version, will=will)
            wrong.send(b"\xf0\xff\xff\xff\xff\xff")
            self.ended(wrong, MALFORMED)
            self.hears(watcher, "will/x", "gone", 1, False)
            first = self.client("twice", version, will=will)
            self.client("twice", version)
            self.hears(watcher, "will/x", "gone", 1, False)
            first.close()
            self.quiet(watcher)
        wants_it = self.client(will=will)
        wants_it.disconnect(4)
        self.hears(watcher, "will/x", "gone", 1, False)
        wire = self.wire()
        wire.connect("a", will=("will/#", "x", 0, False))
        self.assertEqual(wire.next().reason, 0x90)
        self.ended(wire)

    def test_what_a_will_is(self):
        """3.1.3.2."""
        along = {
            "payload_format": 1,
            "content_type": "t",
            "response_topic": "r",
            "correlation": b"c",
            "user": [("a", "2"), ("c", "3")],
        }
        watcher = self.client()
        self.follows(watcher, ("will/y", 2 | RETAIN_AS_PUBLISHED))
        given = {**along, "message_expiry": 50}
        self.client(will=("will/y", "z", 2, True), will_properties=given).close()
        got = self.hears(watcher, "will/y", "z", 2, True).properties
        self.assertIn(got.pop("message_expiry"), (49, 50))
        self.assertEqual(got, along)
        late = self.client()
        self.follows(late, "will/y")
        self.hears(late, "will/y", "z", 2, True)

    def test_wills_that_wait(self):
        """3.1.3.2.2: for their delay, or until the session ends; not when its client is back."""
        watcher = self.client()
        self.follows(watcher, "wait/#")

        def dies(name, delay, expiry):
            how = {
                "will": (f"wait/{name}", "x", 0, False),
                "will_properties": {"will_delay": delay},
            }
            self.client(name, session_expiry=expiry, **how).close()
            return time.monotonic()

        began = dies("delay", 1, 60)
        self.hears(watcher, "wait/delay")
        self.assertGreaterEqual(time.monotonic() - began, 0.95)
        began = dies("session", 60, 1)
        self.hears(watcher, "wait/session")
        self.assertGreaterEqual(time.monotonic() - began, 0.95)
        dies("back", 1, 60)
        self.client("back", clean=False, session_expiry=60)
        dies("clean", 60, 60)
        self.client("clean", clean=True)  # its session has ended
        self.hears(watcher, "wait/clean")
        time.sleep(1.2)
        self.quiet(watcher)


class OtherKeepAlive(Conformance):
    OPTIONS = ("--keep-alive", "2s")

    def test_it_is_told_and_meant(self):
        wire = self.client(keep_alive=3600)
        self.assertEqual(wire.connack.properties["server_keep_alive"], 2)
        began = time.monotonic()
        self.ended(wire, 0x8D)
        self.assertGreaterEqual(time.monotonic() - began, 2.5)
        old = self.client(version=4, keep_alive=3600)  # has no word for it, and keeps its own
        time.sleep(3.5)
        self.quiet(old)


class CutOff(Conformance):
    OPTIONS = ("--close-after", "300ms")

    def test_it_is_told(self):
        """A guest, and a device."""
        for version in BOTH:
            for name in ("guest", "bs-00000001"):
                self.ended(self.client(name, version), 0xA0)


class Reset(Conformance):
    OPTIONS = ("--close-after", "300ms", "--closes", "reset")

    def test_it_is_not(self):
        for version in BOTH:
            for name in ("guest", "bs-00000001"):
                wire = self.client(name, version)
                with self.assertRaises(ConnectionResetError):
                    wire.socket.recv(1)


del Conformance

if __name__ == "__main__":
    unittest.main()
