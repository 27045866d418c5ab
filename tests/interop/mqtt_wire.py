#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""MQTT 3.1.1 and 5 as bytes: packets are put together and taken apart here, right ones and wrong
ones, with nothing between a test and the wire.
"""
import collections
import dataclasses
import socket
import struct

NAMES = (
    "reserved connect connack publish puback pubrec pubrel pubcomp subscribe suback unsubscribe "
    "unsuback pingreq pingresp disconnect auth"
).split()
FLAGS = {"pubrel": 2, "subscribe": 2, "unsubscribe": 2}
# Of a property (MQTT 5, 2.2.2.2): its identifier, and what its value is.
PROPERTIES = {
    "payload_format": (1, "B"),
    "message_expiry": (2, "I"),
    "content_type": (3, "text"),
    "response_topic": (8, "text"),
    "correlation": (9, "data"),
    "subscription": (11, "length"),
    "session_expiry": (17, "I"),
    "assigned_client_id": (18, "text"),
    "server_keep_alive": (19, "H"),
    "authentication": (21, "text"),
    "problem_information": (23, "B"),
    "will_delay": (24, "I"),
    "response_information": (25, "B"),
    "reason_text": (31, "text"),
    "receive_maximum": (33, "H"),
    "alias_maximum": (34, "H"),
    "alias": (35, "H"),
    "maximum_qos": (36, "B"),
    "retain_available": (37, "B"),
    "user": (38, "pair"),
    "packet_maximum": (39, "I"),
    "wildcards": (40, "B"),
    "subscriptions": (41, "B"),
    "shared": (42, "B"),
}
BY_IDENTIFIER = {identifier: (name, kind) for name, (identifier, kind) in PROPERTIES.items()}


def length(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def data(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(value)) + value


def value_of(kind, value):
    if kind == "length":
        return length(value)
    if kind == "pair":
        return data(value[0]) + data(value[1])
    return data(value) if kind in ("text", "data") else struct.pack(">" + kind, value)


def properties(**given):
    """A list stands for a property that is there more than once."""
    out = b""
    for name, value in given.items():
        identifier, kind = PROPERTIES[name]
        for one in value if isinstance(value, list) else [value]:
            out += bytes([identifier]) + value_of(kind, one)
    return length(len(out)) + out


def packet(name, body=b"", flags=None):
    first = NAMES.index(name) << 4 | (FLAGS.get(name, 0) if flags is None else flags)
    return bytes([first]) + length(len(body)) + body


class Reader:
    def __init__(self, body):
        self.body = body

    def take(self, n):
        out, self.body = self.body[:n], self.body[n:]
        if len(out) < n:
            raise AssertionError("the packet ends within a field")
        return out

    def number(self, kind):
        return struct.unpack(">" + kind, self.take(struct.calcsize(kind)))[0]

    def length(self):
        value, shift, more = 0, 0, True
        while more:
            byte = self.number("B")
            value |= (byte & 127) << shift
            shift, more = shift + 7, byte > 127
        return value

    def data(self):
        return self.take(self.number("H"))

    def text(self):
        return self.data().decode()

    def properties(self):
        """A name that may be there more than once has a list."""
        inner, out = Reader(self.take(self.length())), {}
        while inner.body:
            name, kind = BY_IDENTIFIER[inner.length()]
            if kind == "pair":
                value = (inner.text(), inner.text())
            else:
                value = getattr(inner, kind)() if len(kind) > 1 else inner.number(kind)
            if name in ("user", "subscription"):
                out.setdefault(name, []).append(value)
            elif name in out:
                raise AssertionError(f"{name} is there twice")
            else:
                out[name] = value
        return out


@dataclasses.dataclass
class Packet:
    """What came; of its members those mean something that such a packet has."""

    name: str
    dup: bool = False
    qos: int = 0
    retain: bool = False
    present: bool = False
    id: int = 0
    reason: int = 0
    topic: str = ""
    payload: bytes = b""
    codes: tuple = ()
    properties: dict = dataclasses.field(default_factory=dict)


def understood(first, body, version):
    """Every byte of it must mean something."""
    got, r, v5 = Packet(NAMES[first >> 4]), Reader(body), version == 5
    flags = first & 15
    if got.name == "publish":
        got.dup, got.qos, got.retain = bool(flags & 8), flags >> 1 & 3, bool(flags & 1)
        got.topic = r.text()
        got.id = r.number("H") if got.qos else 0
        got.properties = r.properties() if v5 else {}
        got.payload, r.body = r.body, b""
    elif flags != FLAGS.get(got.name, 0):
        raise AssertionError(f"{got.name} has the flags {flags}")
    elif got.name == "connack":
        got.present, got.reason = bool(r.number("B")), r.number("B")
        got.properties = r.properties() if v5 else {}
    elif got.name in ("suback", "unsuback"):
        got.id, got.properties = r.number("H"), r.properties() if v5 else {}
        got.codes, r.body = tuple(r.body), b""
    elif got.name != "pingresp":
        got.id = 0 if got.name == "disconnect" else r.number("H")
        if v5 and r.body:
            got.reason = r.number("B")
            got.properties = r.properties() if r.body else {}
    if r.body:
        raise AssertionError(f"{got.name} is too long: {r.body!r} is left")
    return got


class Wire:
    """A connection, and what a client says on it. Nothing is answered by itself."""

    def __init__(self, port, version, patience=60):
        self.version, self.last_id = version, 0
        self.early = collections.deque()  # messages that came before what was waited for
        self.socket = socket.create_connection(("127.0.0.1", port), patience)

    def send(self, raw):
        self.socket.sendall(raw)

    def exactly(self, n):
        out = b""
        while len(out) < n:
            more = self.socket.recv(n - len(out))
            if not more:
                raise EOFError(f"closed after {out!r}")
            out += more
        return out

    def next(self):
        """The packet that comes next; None: the connection was closed."""
        try:
            first = self.exactly(1)[0]
        except (EOFError, ConnectionResetError):
            return None
        n, shift, more = 0, 0, True
        while more:
            byte = self.exactly(1)[0]
            n |= (byte & 127) << shift
            shift, more = shift + 7, byte > 127
        return understood(first, self.exactly(n), self.version)

    def answered(self):
        """The packet that comes next and is no message: these go before others of `message`."""
        got = self.next()
        while got is not None and got.name == "publish":
            self.early.append(got)
            got = self.next()
        return got

    def message(self):
        return self.early.popleft() if self.early else self.next()

    def props(self, **given):
        return properties(**given) if self.version == 5 else b""

    def new_id(self):
        self.last_id += 1
        return self.last_id

    def connect(
        self,
        client_id,
        *,
        clean=True,
        keep_alive=0,
        will=None,
        login=None,
        password=None,
        flags=0,
        protocol="MQTT",
        level=None,
        will_properties=None,
        **given,
    ):
        """`will`: topic, payload, qos, retain. `flags` come on top of those that follow."""
        flags |= 2 if clean else 0
        body = data(client_id)
        if will:
            topic, payload, qos, retain = will
            flags |= 4 | qos << 3 | (32 if retain else 0)
            body += self.props(**(will_properties or {})) + data(topic) + data(payload)
        for bit, value in ((128, login), (64, password)):
            if value is not None:
                flags |= bit
                body += data(value)
        level = self.version if level is None else level
        self.version = 5 if level >= 5 else 4  # whose form the answer has
        head = data(protocol) + struct.pack(">BBH", level, flags, keep_alive) + self.props(**given)
        self.send(packet("connect", head + body))

    def publish(
        self, topic, payload=b"", qos=0, *, retain=False, dup=False, id=None, flags=None, **given
    ):
        id = (self.new_id() if id is None else id) if qos else None
        bits = (8 if dup else 0) | qos << 1 | (1 if retain else 0) if flags is None else flags
        payload = payload.encode() if isinstance(payload, str) else payload
        body = data(topic) + (struct.pack(">H", id) if qos else b"") + self.props(**given) + payload
        self.send(packet("publish", body, bits))
        return id

    def answer(self, name, id, reason=None):
        body = struct.pack(">H", id) + (b"" if reason is None else bytes([reason]))
        self.send(packet(name, body))

    def subscribe(self, *filters, flags=None, **given):
        """Of each: its text and its options as they stand there."""
        id = self.new_id()
        body = struct.pack(">H", id) + self.props(**given)
        body += b"".join(data(text) + bytes([options]) for text, options in filters)
        self.send(packet("subscribe", body, flags))
        return id

    def unsubscribe(self, *filters, flags=None):
        id = self.new_id()
        body = struct.pack(">H", id) + self.props() + b"".join(map(data, filters))
        self.send(packet("unsubscribe", body, flags))
        return id

    def disconnect(self, reason=None, **given):
        body = b"" if reason is None else bytes([reason]) + self.props(**given)
        self.send(packet("disconnect", body))

    def close(self):
        self.socket.close()
