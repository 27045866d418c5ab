#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 24
"""MQTT clients that are not ours at the served cloud: Mosquitto's, Paho for Python, MQTT.js. What
one of them publishes another gets, in every version and quality of service; and what the
specification says of sessions, wills, retained messages and reasons.
"""
import os
import pathlib
import queue
import shutil
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from peers import InteropTest, free_port, system  # noqa: E402

try:
    import paho.mqtt.client as paho
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties
    from paho.mqtt.subscribeoptions import SubscribeOptions
except ImportError:
    paho = None

NODE = (
    pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
    / "build"
    / "deps"
    / "node"
)
PATIENCE = 60
# Follows a topic with an option of MQTT 5, publishes at each quality of service, says what came
# back, and goes.
MQTT_JS = """
const client = require('mqtt').connect(process.argv[1], { ca: process.argv[3] && require('fs').readFileSync(process.argv[3]), clientId: 'node-thing', protocolVersion: Number(process.argv[2]), reconnectPeriod: 0 });
client.on('error', error => { console.log('error ' + error.message); process.exit(1); });
client.on('message', (topic, payload, packet) => {
  console.log(topic + ' ' + payload + ' ' + packet.qos + ' ' + packet.retain);
  if (String(payload) === 'two') client.end(() => process.exit(0));
});
client.on('connect', () => client.subscribe('node/#', { qos: 2 }, () => {
  client.publish('node/a', 'zero', { qos: 0 });
  client.publish('node/b', 'one', { qos: 1, retain: true }, () => client.publish('node/c', 'two', { qos: 2 }));
}));
"""


DEVICES = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "Plugs", units = { "5.9-3-2 a" } }
function setup()
    fleet.streets {
        homes = 5, start_over = "200ms",
        devices = {
            {
                model = "smart-plug", protocol = "mqtt-ws", boot = { "0s", "100ms" },
                law = law.fixed { base = "200ms" },
            },
        },
    }
end
function drill() wait_online(1.0, { within = "4s" }) end
"""


class Cloud:
    """blackstart serve, MQTT alone."""

    def __init__(self, folder, *options, scheme="mqtt"):
        self.folder, self.options, self.scheme = folder, options, scheme

    def __enter__(self):
        for last in (False, False, True):  # somebody may take a free port before the server does
            self.port = free_port(socket.SOCK_STREAM)
            self.process = system.start(
                ["serve", f"--{self.scheme}", str(self.port), *self.options], self.folder
            )
            line = self.process.stdout.readline()
            if line == f"serving {self.scheme}://127.0.0.1:{self.port}\n":
                return self
            self.process.kill()
            error = self.process.communicate()[1]
            if last or "in use" not in error:
                raise RuntimeError(f"{line!r}, {error}")

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


class Client:
    """Paho's, with everything that happens in queues."""

    def __init__(
        self,
        cloud,
        client_id,
        version=4,
        clean=True,
        expiry=None,
        will=None,
        user=None,
        tls=None,
        transport="tcp",
    ):
        v5 = version == 5
        self.client = paho.Client(
            client_id,
            **({} if v5 else {"clean_session": clean}),
            protocol=paho.MQTTv5 if v5 else paho.MQTTv311,
            transport=transport,
        )
        self.connected, self.messages, self.gone, self.done, self.subscribed = (
            queue.Queue() for _ in range(5)
        )
        c = self.client
        c.reconnect_delay_set(1000, 1000)  # never, for a test
        c.on_connect = lambda _c, _u, flags, reason, *_: self.connected.put(
            (flags["session present"], reason)
        )
        c.on_message = lambda _c, _u, message: self.messages.put(message)
        c.on_disconnect = lambda _c, _u, reason, *_: self.gone.put(reason)
        c.on_publish = lambda _c, _u, mid: self.done.put(mid)
        c.on_subscribe = lambda _c, _u, _mid, codes, *_: self.subscribed.put(
            [getattr(code, "value", code) for code in codes]
        )
        if tls:
            c.tls_set(**tls)
        if user:
            c.username_pw_set(*user)
        if will:
            properties = None
            if v5 and will.get("delay"):
                properties = Properties(PacketTypes.WILLMESSAGE)
                properties.WillDelayInterval = will["delay"]
            c.will_set(
                will["topic"],
                will["payload"],
                will.get("qos", 0),
                will.get("retain", False),
                **({"properties": properties} if v5 else {}),
            )
        more = {}
        if v5:
            properties = Properties(PacketTypes.CONNECT)
            if expiry is not None:
                properties.SessionExpiryInterval = expiry
            more = {"clean_start": clean, "properties": properties}
        c.connect("127.0.0.1", cloud.port, 60, **more)
        c.loop_start()
        self.session_present, self.reason = self.connected.get(timeout=PATIENCE)

    def follow(self, topic, qos=0, **options):
        if options:
            self.client.subscribe(topic, options=SubscribeOptions(qos, **options))
        else:
            self.client.subscribe(topic, qos)
        return self.subscribed.get(timeout=PATIENCE)[0]

    def say(self, topic, payload, qos=0, retain=False, **properties):
        more = None
        if properties:
            more = Properties(PacketTypes.PUBLISH)
            for name, value in properties.items():
                setattr(more, name, value)
        self.client.publish(topic, payload, qos, retain, **({"properties": more} if more else {}))
        self.done.get(timeout=PATIENCE)

    def hears(self):
        message = self.messages.get(timeout=PATIENCE)
        return message.topic, message.payload.decode(), message.qos, message.retain

    def is_calm(self):
        """Nothing more has come: what it says itself now is what it hears next."""
        mark = f"mark/{id(self)}"
        self.follow(mark, 1)
        self.say(mark, "mark", 1)
        return self.hears()[0] == mark

    def leave(self):
        self.client.disconnect()
        self.gone.get(timeout=PATIENCE)
        self.client.loop_stop()

    def break_off(self):
        """As if its power failed: the connection ends, and it has not said so."""
        self.client.loop_stop()
        self.client._sock.shutdown(socket.SHUT_RDWR)
        self.client._sock.close()


@unittest.skipIf(
    paho is None, "python3-paho-mqtt is not installed (bash cmake/setup.sh test brings it)"
)
class MqttClients(InteropTest):
    def setUp(self):
        super().setUp()
        self.cloud = Cloud(self.folder)
        self.cloud.__enter__()
        self.addCleanup(self.cloud.__exit__)

    def client(self, client_id, version=4, **more):
        return Client(self.cloud, client_id, version, **more)

    def test_every_quality_in_every_version(self):
        for version in (4, 5):
            one, other = self.client("from", version), self.client("to", 9 - version)
            for granted in (0, 1, 2):
                self.assertEqual(other.follow("x/+", granted), granted)
                for qos in (0, 1, 2):
                    one.say("x/y", f"{granted}{qos}", qos)
                    self.assertEqual(
                        other.hears(), ("x/y", f"{granted}{qos}", min(granted, qos), False)
                    )
            one.leave(), other.leave()

    def test_retained(self):
        one = self.client("from", 5)
        one.say("r/a", "first", 1, True)
        one.say("r/b", "second", 0, True)
        for version in (4, 5):
            late = self.client("late", version)
            late.follow("r/#", 1)
            self.assertEqual(
                sorted([late.hears(), late.hears()]),
                [("r/a", "first", 1, True), ("r/b", "second", 0, True)],
            )
            self.assertTrue(late.is_calm())
            late.leave()
        one.say("r/a", "", 1, True)
        late = self.client("late", 5)
        late.follow("r/a", 1)
        late.follow("r/b", 1, retainHandling=2)
        self.assertTrue(late.is_calm())

    def test_sessions(self):
        for version in (4, 5):
            keep = {"clean": False, "expiry": 100}
            self.assertFalse(self.client("sleeper", version, clean=True).session_present)
            sleeper = self.client("sleeper", version, **keep)
            self.assertFalse(sleeper.session_present)
            sleeper.follow("z", 2)
            sleeper.leave()
            one = self.client("from", version)
            for qos in (0, 1, 2):
                one.say("z", str(qos), qos)
            sleeper = self.client("sleeper", version, **keep)
            self.assertTrue(sleeper.session_present)
            self.assertEqual([sleeper.hears()[1] for _ in range(2)], ["1", "2"])
            self.assertTrue(sleeper.is_calm())

    def test_wills(self):
        watcher = self.client("watcher", 5)
        watcher.follow("will/#", 2)
        for version in (4, 5):
            self.client("orderly", version, will={"topic": "will/orderly", "payload": "no"}).leave()
            self.client(
                "broken",
                version,
                will={"topic": "will/broken", "payload": "yes", "qos": 2, "retain": True},
            ).break_off()
            self.assertEqual(watcher.hears(), ("will/broken", "yes", 2, False))
        started = time.monotonic()
        self.client(
            "delayed", 5, expiry=100, will={"topic": "will/late", "payload": "late", "delay": 2}
        ).break_off()
        self.assertEqual(watcher.hears()[:2], ("will/late", "late"))
        self.assertGreaterEqual(time.monotonic() - started, 1.9)
        self.assertTrue(watcher.is_calm())

    def test_take_over(self):
        for version in (4, 5):
            first = self.client("same", version)
            second = self.client("same", version)
            first.gone.get(timeout=PATIENCE)
            self.assertTrue(second.is_calm())
            second.leave()

    def test_shared_subscriptions(self):
        members = [self.client(f"member-{i}", 5) for i in range(3)]
        for member in members:
            self.assertEqual(member.follow("$share/group/work", 1), 1)
        one = self.client("from")
        for number in range(9):
            one.say("work", str(number), 1)
        heard = [[member.hears()[1] for _ in range(3)] for member in members]
        self.assertEqual(sorted(sum(heard, [])), [str(number) for number in range(9)])

    def test_properties_and_reasons(self):
        one, other = self.client("from", 5), self.client("to", 5)
        other.follow("p", 1)
        one.say(
            "p",
            "x",
            1,
            ContentType="text/plain",
            ResponseTopic="back",
            CorrelationData=b"tag",
            PayloadFormatIndicator=1,
            MessageExpiryInterval=50,
            UserProperty=[("a", "1"), ("a", "2")],
        )
        got = other.messages.get(timeout=PATIENCE).properties
        self.assertEqual(
            (got.ContentType, got.ResponseTopic, got.CorrelationData, got.PayloadFormatIndicator),
            ("text/plain", "back", b"tag", 1),
        )
        self.assertEqual(got.UserProperty, [("a", "1"), ("a", "2")])
        self.assertIn(got.MessageExpiryInterval, (49, 50))
        self.assertEqual(other.follow("s/somebody", 1), 0x87)

    def test_devices(self):
        device = self.client("bs-00000004", 5)
        self.assertEqual(device.follow("c/bs-00000004", 1), 1)
        self.assertEqual(device.hears(), ("c/bs-00000004", "set-point 21.00", 1, True))
        wrong = self.client("any", 5, user=("bs-00000005", "guess"))
        self.assertEqual(wrong.reason.value, 0x86)
        self.assertEqual(self.client("any", 4, user=("bs-00000005", "guess")).reason, 4)

    def test_large_and_many(self):
        one, other = self.client("from", 5), self.client("to", 4)
        other.follow("big", 2)
        text = "".join(chr(97 + i % 26) for i in range(200_000))
        one.say("big", text, 2)
        self.assertEqual(other.hears()[1], text)
        for number in range(300):
            one.client.publish("big", str(number), number % 3)
        heard = [other.hears() for _ in range(300)]
        for qos in (
            0,
            1,
            2,
        ):  # in order for each; a QoS 2 message is told of when its sender has released it
            self.assertEqual(
                [payload for _, payload, as_sent, _ in heard if as_sent == qos],
                [str(number) for number in range(qos, 300, 3)],
            )

    def test_mosquitto(self):
        if shutil.which("mosquitto_sub") is None:
            self.skipTest("mosquitto-clients is not installed (bash cmake/setup.sh test brings it)")
        for version in ("mqttv311", "mqttv5"):
            port = ["-p", str(self.cloud.port), "-V", version]
            watcher = self.client(
                "watcher", 4
            )  # knows when the other one follows: its first message is retained
            subprocess.run(
                ["mosquitto_pub", *port, "-t", "m/first", "-m", "0", "-r", "-q", "1"],
                check=True,
                timeout=PATIENCE,
            )
            sub = subprocess.Popen(
                ["mosquitto_sub", *port, "-t", "m/#", "-q", "2", "-C", "4", "-v"],
                stdout=subprocess.PIPE,
                text=True,
            )
            self.assertEqual(sub.stdout.readline(), "m/first 0\n")
            for qos in "012":
                subprocess.run(
                    ["mosquitto_pub", *port, "-t", f"m/{qos}", "-m", qos, "-q", qos],
                    check=True,
                    timeout=PATIENCE,
                )
            self.assertEqual(sub.communicate(timeout=PATIENCE)[0], "m/0 0\nm/1 1\nm/2 2\n")
            self.assertEqual(sub.returncode, 0)
            watcher.leave()

    def test_mqtt_js(self):
        mqtt_js(self, f"mqtt://127.0.0.1:{self.cloud.port}")


def mqtt_js(test, url, *authority):
    """Twice, in both versions: what it hears of what it says."""
    if shutil.which("node") is None or not (NODE / "node_modules" / "mqtt").is_dir():
        test.skipTest(
            "node or MQTT.js is not installed (bash cmake/setup.sh test brings it where npm is)"
        )
    for version in ("4", "5"):
        done = subprocess.run(
            ["node", "-e", MQTT_JS, url, version, *authority],
            cwd=NODE,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        heard = done.stdout.split("\n")[:-1]
        if version == "5":  # retained by the run before
            test.assertEqual(heard.pop(0), "node/b one 1 true")
        test.assertEqual(
            heard, ["node/a zero 0 false", "node/b one 1 false", "node/c two 2 false"], done.stderr
        )


class WebSockets(InteropTest):
    """MQTT in a WebSocket, at the path that brokers have by convention."""

    def test_mqtt_js(self):
        with Cloud(self.folder, scheme="ws") as cloud:
            mqtt_js(self, f"ws://127.0.0.1:{cloud.port}/mqtt")

    @unittest.skipIf(
        paho is None, "python3-paho-mqtt is not installed (bash cmake/setup.sh test brings it)"
    )
    def test_paho(self):
        with Cloud(self.folder, scheme="ws") as cloud:
            one = Client(cloud, "one", 5, transport="websockets")
            one.follow("x", 2)
            one.say("x", "y" * 70000, 2)
            self.assertEqual(one.hears(), ("x", "y" * 70000, 2, False))
            one.leave()

    def test_our_devices(self):
        """As with any target: none is left out, and a path that is not there refuses them all."""
        self.write("s.lua", DEVICES)
        with Cloud(self.folder, scheme="ws") as cloud:
            for path, online in (("", 5), ("/mqtt", 5), ("/other", 0)):
                process = self.run_program(
                    ["run", "s.lua", "--quiet", "--out", "o", "--target"]
                    + [f"ws://127.0.0.1:{cloud.port}{path}"]
                )
                self.assertEqual(process.returncode, 5, process.err)  # it judges nothing
                metrics = self.results("o")["metrics"]
                self.assertEqual(metrics["devices_online"]["value"], online, path)
                if not online:
                    self.assertGreater(metrics["attempts_ended_refused"]["value"], 0)

    def test_what_is_no_websocket(self):
        with Cloud(self.folder, scheme="ws") as cloud:
            for request, answer in (
                (b"GET /mqtt HTTP/1.1\r\nHost: h\r\n\r\n", b"HTTP/1.1 426 "),
                (b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"HTTP/1.1 404 "),
                (b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", b""),
            ):
                with socket.create_connection(("127.0.0.1", cloud.port), PATIENCE) as peer:
                    peer.sendall(request)
                    peer.settimeout(PATIENCE)
                    self.assertTrue(peer.recv(4096).startswith(answer))


NOT_AUTHORIZED = 5  # what MQTT 3.1.1's CONNACK says, and mosquitto_pub then exits with


class Secured(InteropTest):
    """TLS: Mosquitto's clients and Paho stand on OpenSSL, MQTT.js on Node's own."""

    def setUp(self):
        super().setUp()
        if shutil.which("openssl") is None:
            self.skipTest("openssl is not installed (apt-get install openssl)")
        self.authority("ours"), self.authority("theirs")
        self.signed("server", "localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        self.signed("client", "bs-00000001", "extendedKeyUsage=clientAuth")
        self.papers = ["--cert", "server.pem", "--key", "server.key"]

    def openssl(self, *arguments):
        subprocess.run(
            ["openssl", *arguments],
            cwd=self.folder,
            check=True,
            capture_output=True,
            timeout=PATIENCE,
        )

    def key(self, name):
        self.openssl(
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-out",
            f"{name}.key",
        )

    def authority(self, name):
        self.key(name)
        self.openssl(
            "req",
            "-x509",
            "-new",
            "-key",
            f"{name}.key",
            "-subj",
            f"/CN={name}",
            "-days",
            "2",
            "-addext",
            "basicConstraints=critical,CA:TRUE",
            "-out",
            f"{name}.pem",
        )

    def signed(self, name, subject, extension):
        self.key(name)
        self.write(f"{name}.ext", extension)
        self.openssl(
            "req", "-new", "-key", f"{name}.key", "-subj", f"/CN={subject}", "-out", f"{name}.csr"
        )
        self.openssl(
            "x509",
            "-req",
            "-in",
            f"{name}.csr",
            "-CA",
            "ours.pem",
            "-CAkey",
            "ours.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            f"{name}.ext",
            "-out",
            f"{name}.pem",
        )

    def file(self, name):
        return str(self.folder / name)

    def mosquitto(self, cloud, *more):
        return subprocess.run(
            [
                "mosquitto_pub",
                "-h",
                "localhost",
                "-p",
                str(cloud.port),
                "-t",
                "a",
                "-m",
                "x",
                "-q",
                "2",
                *more,
            ],
            cwd=self.folder,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        ).returncode

    @unittest.skipIf(
        shutil.which("mosquitto_pub") is None,
        "mosquitto-clients is not installed (bash cmake/setup.sh test brings it)",
    )
    def test_versions_and_certificates(self):
        with Cloud(self.folder, *self.papers, scheme="mqtts") as cloud:
            for version in ("tlsv1.2", "tlsv1.3"):
                self.assertEqual(
                    self.mosquitto(cloud, "--cafile", "ours.pem", "--tls-version", version), 0
                )
            self.assertNotEqual(self.mosquitto(cloud, "--cafile", "theirs.pem"), 0)
            self.assertNotEqual(self.mosquitto(cloud), 0)  # no TLS at all
        with Cloud(self.folder, *self.papers, "--client-ca", "ours.pem", scheme="mqtts") as cloud:
            for version in ("tlsv1.2", "tlsv1.3"):
                with_version = ("--cafile", "ours.pem", "--tls-version", version)
                self.assertNotEqual(self.mosquitto(cloud, *with_version), 0)
                own = (*with_version, "--cert", "client.pem", "--key", "client.key")
                self.assertEqual(self.mosquitto(cloud, *own, "-i", "bs-00000001"), 0)
                self.assertEqual(self.mosquitto(cloud, *own, "-i", "bs-00000002"), NOT_AUTHORIZED)

    @unittest.skipIf(
        paho is None, "python3-paho-mqtt is not installed (bash cmake/setup.sh test brings it)"
    )
    def test_messages(self):
        with Cloud(self.folder, *self.papers, scheme="mqtts") as cloud:
            tls = {"ca_certs": self.file("ours.pem")}
            one, other = Client(cloud, "from", 5, tls=tls), Client(cloud, "to", 4, tls=tls)
            other.follow("x", 2)
            text = "y" * 200_000
            for qos in (0, 1, 2):
                one.say("x", text + str(qos), qos)
                self.assertEqual(other.hears(), ("x", text + str(qos), qos, False))
            other.leave()

    def test_in_a_websocket(self):
        with Cloud(self.folder, *self.papers, scheme="wss") as cloud:
            mqtt_js(self, f"wss://localhost:{cloud.port}/mqtt", self.file("ours.pem"))
            self.write("s.lua", DEVICES)
            for authority, online in (("ours", 5), ("theirs", 0)):
                process = self.run_program(
                    ["run", "s.lua", "--quiet", "--out", "o", "--target"]
                    + [f"wss://localhost:{cloud.port}", "--ca", f"{authority}.pem"]
                )
                self.assertEqual(process.returncode, 5, process.err)
                metrics = self.results("o")["metrics"]
                self.assertEqual(metrics["devices_online"]["value"], online, process.out)

    def test_wrong_papers(self):
        cases = {
            "--mqtts 1": "add --cert FILE",
            "--mqtt 1 --cert server.pem": "add --mqtts PORT",
            "--mqtts 1 --cert none.pem --key server.key": "cannot read none.pem",
            "--mqtts 1 --cert server.key --key server.key": "no certificate in PEM",
            "--mqtts 1 --cert server.pem --key server.pem": "no private key in PEM",
            "--mqtts 1 --cert server.pem --key client.key": "not that of the certificate",
            "--mqtts 1 --cert server.pem --key server.key --client-ca "
            "client.key": "no certificate of an authority",
        }
        for words, said in cases.items():
            self.expect_line(self.run_program(["serve", *words.split()]), 4, f"[^\n]*{said}[^\n]*")


class OverCapacity(InteropTest):
    @unittest.skipIf(
        paho is None, "python3-paho-mqtt is not installed (bash cmake/setup.sh test brings it)"
    )
    def test_busy(self):
        with Cloud(self.folder, "--connections", "0.01", "--over", "busy") as cloud:
            self.assertEqual(Client(cloud, "first", 5).reason.value, 0)
            with socket.create_connection(
                ("127.0.0.1", cloud.port)
            ):  # takes the one place in the queue
                self.assertEqual(Client(cloud, "next", 5).reason.value, 0x89)
                self.assertEqual(Client(cloud, "old", 4).reason, 3)

    @unittest.skipIf(
        paho is None, "python3-paho-mqtt is not installed (bash cmake/setup.sh test brings it)"
    )
    def test_slow(self):
        """What waits for its turn is served in order, and before the end of a connection that did
        not wait for it.
        """
        with Cloud(self.folder, "--requests", "2") as cloud:
            watcher = Client(cloud, "watcher", 4)
            watcher.follow("x", 1)
            time.sleep(1)  # until nobody waits: two requests may
            connect = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x09\x00\x01a"
            with socket.create_connection(("127.0.0.1", cloud.port)) as hasty:
                hasty.sendall(connect)
                self.assertEqual(hasty.recv(4), b"\x20\x02\x00\x00")
                hasty.sendall(b"\x30\x06\x00\x01xone")
            self.assertEqual(watcher.hears()[1], "one")


if __name__ == "__main__":
    unittest.main()
