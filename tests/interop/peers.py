#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers that are not ours: Debian's coap-server on a free loopback port, and a small CoAP server
that writes down who it heard from.
"""
import base64
import contextlib
import hashlib
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import system  # noqa: E402

# an empty confirmable message (RFC 7252 4.3); whoever is there answers with a reset
PING = b"\x40\x00\x12\x34"


def family_of(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def ports_apart():
    """Ports below those that the kernel gives to sockets of its own accord, in random order: a
    server that stops and starts again finds its port free, for no client beside it was given it in
    the meantime.
    """
    lowest = int(
        pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")
        .read_text(encoding="ascii")
        .split()[0]
    )
    draw = random.SystemRandom()
    for _ in range(1000):
        yield draw.randrange(min(10000, lowest // 2), lowest - 1)


def free_port(kind, host="127.0.0.1"):
    """One at which nobody is."""
    for port in ports_apart():
        with socket.socket(family_of(host), kind) as one, contextlib.suppress(OSError):
            one.bind((host, port))
            return port
    raise RuntimeError("no free port")


def port_pair(host):
    """One that is free together with the one above it: coap-server takes that for DTLS."""
    for port in ports_apart():
        with socket.socket(family_of(host), socket.SOCK_DGRAM) as one, socket.socket(
            family_of(host), socket.SOCK_DGRAM
        ) as two:
            with contextlib.suppress(OSError):
                one.bind((host, port))
                two.bind((host, port + 1))
                return port
    raise RuntimeError("no two free ports side by side")


def answers(host, port):
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.1)
        with contextlib.suppress(OSError):
            probe.connect((host, port))
            probe.send(PING)
            return probe.recv(64)[:1] == b"\x70"
    return False


class CoapServer:
    """`flavour`: notls, openssl or gnutls. In a `with`; `plain` and `secure` are its URLs."""

    def __init__(self, flavour, *options, host="127.0.0.1"):
        self.host, self.flavour, self.options = host, flavour, options
        self.take_ports()

    def take_ports(self):
        self.port = port_pair(self.host)
        shown = f"[{self.host}]" if ":" in self.host else self.host
        self.plain = f"coap://{shown}:{self.port}"
        self.secure = f"coaps://{shown}:{self.port + 1}"
        self.command = [
            f"coap-server-{self.flavour}",
            "-A",
            self.host,
            "-p",
            str(self.port),
            "-d",
            "10",
            *self.options,
        ]

    def __enter__(self):
        for _ in range(3):  # somebody may take a free port before the server does
            if self.starts():
                return self
            self.kill()
            self.take_ports()
        raise RuntimeError(f"{self.command}: did not start")

    def starts(self):
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            if answers(self.host, self.port):
                return True
            time.sleep(0.05)
        return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __exit__(self, *_):
        self.kill()


class Recorder:
    """Answers every confirmable request with 2.04 and notes from which address and port each device
    spoke. With `deaf` it answers nothing.
    """

    NAME = re.compile(rb"urn:dev:[!-~]*?:[0-9]+-thermostat-([A-Za-z0-9-]+)")

    def __init__(self, deaf=False):
        self.deaf = deaf
        self.heard = {}  # device: set of (address, port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.2)
        self.plain = f"coap://127.0.0.1:{self.socket.getsockname()[1]}"
        self.secure = self.plain.replace("coap:", "coaps:")
        self.stop = threading.Event()

    def serve(self):
        while not self.stop.is_set():
            with contextlib.suppress(OSError):
                datagram, source = self.socket.recvfrom(2048)
                name = self.NAME.search(datagram)
                self.heard.setdefault(name.group(1).decode() if name else "", set()).add(source)
                if not self.deaf and datagram[0] >> 4 == 4:  # version 1, confirmable
                    token = datagram[4 : 4 + (datagram[0] & 15)]
                    self.socket.sendto(
                        bytes([0x60 | len(token), 0x44]) + datagram[2:4] + token, source
                    )

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        self.socket.close()


def switching(request, accept=None, protocol=b"Sec-WebSocket-Protocol: mqtt\r\n"):
    """The answer that opens a WebSocket (RFC 6455, 4.2.2)."""
    key = re.search(rb"(?i)sec-websocket-key: *(\S+)", request)[1]
    digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    accept = accept or base64.b64encode(digest)
    return head + b"Sec-WebSocket-Accept: " + accept + b"\r\n" + protocol + b"\r\n"


class BadBroker:
    """Listens on a free port of loopback, and does to whoever connects what its row says: on the
    connection and, once its first words have come, with bytes.
    """

    HUGE = 1 << 28  # a packet of 256 MB, of which a part is sent for as long as somebody takes it
    CSM = b"\x00\xe1"
    ROWS = {
        "silent": None,
        "closes": "close",
        "garbage": bytes(range(255, 0, -1)) * 20,
        "half": b"\x20\x13\x00",
        "huge": b"\x30\xff\xff\xff\x7f",
        "wrong": b"\x20\x03\xff\xff\x00",
        "refuses": b"\x20\x03\x00\x87\x00",
        "elsewhere": b"\x20\x03\x00\x9c\x00",
        # lets everybody in first
        "later-garbage": b"\x20\x03\x00\x00\x00" + bytes(range(255, 0, -1)),
        "later-alias": b"\x20\x03\x00\x00\x00" + b"\x30\x07\x00\x00\x03\x23\x00\x05x",
        "later-goes": b"\x20\x03\x00\x00\x00" + b"\xe0\x01\x8b",
        "later-half": b"\x20\x03\x00\x00\x00" + b"\x30\x20\x00",
    }
    # RFC 8323: the same as a server of CoAP, and its ways to end a connection
    COAP = {
        "silent": None,
        "closes": "close",
        "garbage": bytes(range(255, 0, -1)) * 20,
        "half": b"\x40\xe1\x22",
        "huge": CSM + b"\xf0\xff\xff\xff\xff\x45",
        "mute": CSM,
        "hasty": b"\x00\x45",  # speaks before it has introduced itself
        "abort": CSM + b"\x40\xe5\xffbad",
        "release": CSM + b"\x00\xe4",
        "elsewhere": CSM + b"\x20\xe4\x21x",
        "hold-off": CSM + b"\x20\xe4\x41\x05",
    }
    # RFC 6455: what answers a request to open a WebSocket, and what stands in its first frame
    FRAMED = {
        "closes": "close",
        "garbage": bytes(range(255, 0, -1)) * 20,
        "page": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "endless": b"HTTP/1.1 101 x\r\nA: " + bytes(300000),
        "impostor": lambda request: switching(request, accept=b"x"),
        "unasked": lambda request: switching(request, protocol=b""),
        "mute": lambda request: switching(request),
        "text": lambda request: switching(request) + b"\x81\x02hi",
        "masked": lambda request: switching(request) + b"\x82\x82abcd  ",
        "huge": lambda request: switching(request) + b"\x82\x7f" + b"\x7f" * 8,
        "leaves": lambda request: switching(request) + b"\x88\x02\x03\xe9",
        "refuses": lambda request: switching(request) + b"\x82\x05\x20\x03\x00\x87\x00",
    }
    MORE = {}  # of a kind of broker, in any protocol
    SPEAK = {
        "mqtt": (ROWS, "mqtt", "mqtts"),
        "mqtt-ws": (FRAMED, "ws", "wss"),
        "coap-tcp": (COAP, "coap+tcp", "coaps+tcp"),
    }

    def __init__(self, row, protocol="mqtt"):
        self.row, self.protocol = row, protocol
        rows, self.scheme, self.secured = self.SPEAK[protocol]
        self.rows = {**rows, **self.MORE}
        self.taken = 0  # connections
        self.kept, self.heard = [], []

    def serve(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return  # it is over
            self.taken += 1
            threading.Thread(target=self.treat, args=(connection,), daemon=True).start()

    def treat(self, connection):
        words = self.rows[self.row]
        self.kept.append(connection)  # it stays open with us
        with contextlib.suppress(OSError):
            if words == "close":
                connection.close()
            elif words is not None and (heard := connection.recv(1024)):
                self.heard.append(heard)
                connection.sendall(words(heard) if callable(words) else words)
                for _ in range(self.HUGE >> 16 if self.row == "huge" else 0):
                    connection.sendall(bytes(1 << 16))

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.plain = f"{self.scheme}://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.kept:
            connection.close()


class BuiltInCloud:
    """blackstart serve on free ports of loopback."""

    def __init__(self, folder, *options):
        self.folder, self.options = folder, options

    def __enter__(self):
        for last in (False, False, True):  # somebody may take a free port before the server does
            port = port_pair("127.0.0.1")
            self.plain, self.secure = f"coap://127.0.0.1:{port}", f"coaps://127.0.0.1:{port + 1}"
            try:
                return self.starts(
                    ["serve", "--coap", str(port), "--coaps", str(port + 1), *self.options]
                )
            except RuntimeError as error:
                if last or "in use" not in str(error):
                    raise

    def starts(self, arguments):
        self.process = system.start(arguments, self.folder)
        for url in (self.plain, self.secure):
            line = self.process.stdout.readline()
            if line != f"serving {url}\n":
                self.process.kill()
                raise RuntimeError(f"{line!r}, {self.process.communicate()[1]}")
        return self

    def end(self):
        """Its last line of totals, as a dictionary."""
        self.process.terminate()
        out, err = self.process.communicate(timeout=60)
        assert self.process.returncode == 0 and err == "", (self.process.returncode, err)
        totals = out.strip().split("\n")[-1]
        return {
            name: int(number) for name, number in re.findall(r"([a-z ]+) ([0-9]+)(?:, |$)", totals)
        }

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


class InteropTest(system.SystemTest):
    DEVICES = 200

    def steady(self, name, target, *more, period="2s", duration="3s", quiet=True):
        """A run of steady.lua that is under way. Who wants to know how far it is (all_online) must
        not have it quiet; every five seconds it says so.
        """
        sets = ["--set", f"period={period}", "--set", f"duration={duration}"]
        words = ["--target", target, "--out", name, *sets, *more]
        return system.start(
            ["run", system.STEADY, *(["--quiet"] if quiet else []), *words], self.folder
        )

    def all_online(self, process):
        """Waits until the run has said that all of its devices are."""
        for line in process.stderr:
            if re.search(r" ([\d,]+) of \1 online", line):
                return
        self.fail("the run ended before all were online")

    def ended(self, process, name, timeout=120):
        try:
            process.out, process.err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            process.out, process.err = process.communicate(timeout=timeout)
            self.fail(f"{name}: not over after {timeout} s\n{process.err}\n{process.out}")
        process.err = re.sub(r"^.* [\d,]+ of [\d,]+ online.*\n", "", process.err, flags=re.M)
        return process, self.results(name)

    def in_time(self, run, late="enerator was late"):
        """What run(attempt) gives: the process first. Again, when this machine was too slow for it
        to say anything, and no failure when it is so each time: nothing else is excused.
        """
        for attempt in range(3):
            ended = run(attempt)
            if ended[0].returncode != 5 or not re.search(late, ended[0].err):
                return ended
        return self.skipTest("this machine was late three times: run it where less else runs")

    def calm_run(self, name, target, *more):
        return self.in_time(
            lambda attempt: self.ended(
                self.steady(f"{name}-{attempt}", target, *more), f"{name}-{attempt}"
            )
        )

    def expect_answered(self, process, summary, devices=DEVICES):
        self.expect_line(process, 0, "")
        verdict = summary["verdicts"][0]
        self.assertEqual(
            (verdict["unit"], verdict["verdict"]), ("answered", "PASS"), verdict["sentence"]
        )
        metrics = {name: metric.get("value") for name, metric in summary["metrics"].items()}
        self.assertEqual(summary["devices"], devices)
        self.assertGreaterEqual(metrics["reports_answered"], devices)
        self.assertEqual(metrics["reports_refused"], 0)
        self.assertEqual(metrics["reports_failed"], 0)
        self.assertEqual(summary["world"], "real")
