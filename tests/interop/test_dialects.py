#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 80
# test-timeout: 180
"""A home's controller that follows Home Assistant's published rules for MQTT discovery sees the
fleet's plugs as the convention says, switches one, sees them go and come back, once with Paho and
once with MQTT.js; and the other dialects that are shipped say what their backends document.
"""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from mqtt_wire import Reader  # noqa: E402
from peers import BadBroker, InteropTest, system  # noqa: E402
from test_mosquitto import AtMosquitto, Mosquitto, NODE, SCENARIO  # noqa: E402
from test_mqtt_clients import Cloud  # noqa: E402

try:
    import paho.mqtt.client as paho
except ImportError:
    paho = None

DEVICES = 5
PATIENCE = 60
OBJECT_ID = re.compile(r"[a-zA-Z0-9_-]+\Z")


TWO = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "Two plugs", units = { "5.9-3-2 a" } }
function setup()
    fleet.devices {
        model = "smart-plug", protocol = "mqtt", count = 2, start_over = "100ms",
        boot = { "0s", "100ms" }, law = law.fixed { base = "500ms" },
    }
end
function drill() wait "2s" end
"""


# One of each platform but the sensors': what a controller finds there is what the models show.
ONE_OF_EACH = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "A home", units = { "5.9-3-2 a" } }
function setup()
    local devices = {}
    for _, model in ipairs { "smart-plug", "thermostat", "bulb", "smart-lock", "speaker" } do
        devices[#devices + 1] = {
            model = model, protocol = "mqtt", boot = { "0s", "100ms" }, report_every = "1s",
            law = law.fixed { base = "500ms" }, dialect = "home-assistant",
        }
    end
    fleet.streets { homes = 1, start_over = "100ms", devices = devices }
end
function drill() wait "5m" end
"""
PLATFORMS = {
    "binary_sensor": 1,  # the heater
    "climate": 1,
    "light": 1,
    "lock": 1,
    "number": 1,
    "sensor": 5,  # power, energy, temperature, wrong codes, woken
    "switch": 1,
}
# A backend of somebody's own: short names, a base topic, and a component by itself.
SHORT = {
    "title": "short",
    "will": {"topic": "b/${device}/there", "payload": "no", "retain": True},
    "announce": [
        {
            "topic": "homeassistant/device/${device}/config",
            "retain": True,
            "payload": {
                "~": "b/${device}",
                "dev": {"ids": ["${device}"]},
                "o": {"name": "short"},
                "cmps": {
                    "w": {
                        "p": "sensor",
                        "uniq_id": "${device}_w",
                        "unit_of_meas": "W",
                        "val_tpl": "{{ value_json.power }}",
                    }
                },
                "stat_t": "~/s",
                "avty_t": "~/there",
                "pl_avail": "yes",
                "pl_not_avail": "no",
            },
        },
        {
            "topic": "homeassistant/switch/${device}/relay/config",
            "retain": True,
            "payload": {
                "~": "b/${device}",
                "dev": {"ids": ["${device}"]},
                "uniq_id": "${device}_relay",
                "cmd_t": "~/set",
                "stat_t": "~/s",
                "avty_t": "~/there",
                "pl_avail": "yes",
                "pl_not_avail": "no",
                "pl_on": "1",
                "pl_off": "0",
                "stat_on": "on",
                "stat_off": "off",
                "val_tpl": "{{ 'on' if value_json.relay else 'off' }}",
            },
        },
        {"topic": "b/${device}/there", "payload": "yes", "retain": True},
    ],
    "announce_again": {"topic": "homeassistant/status", "payload": "online"},
    "report": [{"topic": "b/${device}/s", "payload": "${readings}", "encoding": "json"}],
    "commands": [{"topic": "b/${device}/set", "word": "set-point"}],
}


def said_of(connect):
    """Of a CONNECT of MQTT 3.1.1 with a will: client identifier and password."""
    r = Reader(connect[1:])
    r.length()
    r.take(len("..MQTT") + 4)
    name, *_, password = [r.data().decode() for _ in range(5)]
    return name, password


class Controller:
    """What Home Assistant's MQTT integration does with `homeassistant/device/ID/config`: takes the
    components it names, follows their topics, and says `online` when it starts.
    """

    def __init__(self, port, restarts=False):
        self.devices, self.states, self.available, self.heard = {}, {}, {}, queue.Queue()
        self.configs = 0
        self.client = paho.Client(f"controller-{id(self)}")
        self.client.on_message = self.on_message
        self.client.connect("127.0.0.1", port, 60)
        self.client.subscribe([("homeassistant/device/+/config", 1)])
        self.client.loop_start()
        if restarts:
            self.client.publish("homeassistant/status", "online", 1)

    def on_message(self, _client, _user, message):
        topic = message.topic.split("/")
        if topic[0] == "homeassistant":
            self.discover(topic[2], json.loads(message.payload))
        elif topic[-1] == "state":
            self.states[message.topic] = json.loads(message.payload)
        elif topic[-1] == "availability":
            self.available.setdefault(message.topic, []).append(message.payload.decode())

    def discover(self, object_id, config):
        assert OBJECT_ID.match(object_id), object_id
        assert config["device"]["identifiers"] and config["origin"]["name"]
        for key, component in config["components"].items():
            assert component["platform"] and component["unique_id"], key
        self.configs += 1
        self.devices[object_id] = config
        self.client.subscribe(
            [(config["state_topic"], config["qos"]), (config["availability_topic"], 1)]
        )

    def wait(self, what, condition):
        until = time.monotonic() + PATIENCE
        while not condition():
            assert (
                time.monotonic() < until
            ), f"{what}: {self.devices.keys()} {self.states} {self.available}"
            time.sleep(0.1)

    def leave(self):
        self.client.disconnect()
        self.client.loop_stop()


@unittest.skipIf(
    shutil.which("node") is None or not (NODE / "node_modules" / "mqtt").is_dir(),
    "node or MQTT.js is not installed (bash cmake/setup.sh test brings it where npm is)",
)
class HomeController(InteropTest):
    """That of node/home_controller.js."""

    SCRIPT = pathlib.Path(__file__).resolve().parent / "node" / "home_controller.js"
    STEPS = ["discovery", "states", "availability", "announcement", "off", "on"]

    def control(self, broker, devices, *words):
        """What it saw of a fleet that goes on for as long as it looks."""
        url = f"mqtt://127.0.0.1:{broker.port}"
        fleet = system.start(["run", *words, "--quiet", "--target", url, "--out", "o"], self.folder)
        done = subprocess.run(
            ["node", str(self.SCRIPT), url, str(devices)],
            env={**os.environ, "NODE_PATH": str(NODE / "node_modules")},
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
            check=False,
        )
        fleet.send_signal(signal.SIGINT)
        out, err = fleet.communicate(timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, (done.stderr, out, err))
        said = json.loads(done.stdout)
        self.assertEqual(said["steps"], self.STEPS)
        return said

    def test_a_home(self):
        """The scenario itself names the dialect; the built-in cloud carries it."""
        self.write("home.lua", ONE_OF_EACH)
        with Cloud(self.folder) as cloud:
            said = self.control(cloud, 5, "home.lua")
        platforms = [entity["platform"] for entity in said["entities"]]
        self.assertEqual({p: platforms.count(p) for p in platforms}, PLATFORMS)
        self.assertEqual(len({entity["device"] for entity in said["entities"]}), 5)
        units = {e.get("unit") for e in said["entities"] if e["platform"] == "sensor"}
        self.assertLessEqual({"W", "Wh", "°C"}, units)

    def test_short_names(self):
        self.write("short.json", json.dumps(SHORT))
        sets = ["--set", "devices=3", "--set", "period=1s", "--set", "duration=5m"]
        plugs = ["--set", "protocol=mqtt", "--set", "model=smart-plug"]
        words = [system.STEADY, "--dialect", "./short.json", *plugs, *sets]
        with Mosquitto(self.folder) as broker:
            said = self.control(broker, 3, *words)
        found = sorted((entity["device"], entity["platform"]) for entity in said["entities"])
        names = [f"bs-{i:08}" for i in range(3)]
        self.assertEqual(found, sorted((n, p) for n in names for p in ("sensor", "switch")))
        self.assertIn(said["switched"], {f"{name}_relay" for name in names})

    def test_no_controller_sees_what_is_not_said(self):
        """The bad twin: a fleet that takes no word when the controller is there again."""
        deaf = {name: value for name, value in SHORT.items() if name != "announce_again"}
        self.write("deaf.json", json.dumps(deaf))
        sets = ["--set", "devices=1", "--set", "period=1s", "--set", "duration=5m"]
        plugs = ["--set", "protocol=mqtt", "--set", "model=smart-plug"]
        with Mosquitto(self.folder) as broker, self.assertRaisesRegex(
            AssertionError, "no announcement in time"
        ):
            os.environ["PATIENCE_MS"] = "5000"
            self.addCleanup(os.environ.pop, "PATIENCE_MS", None)
            self.control(broker, 1, system.STEADY, "--dialect", "./deaf.json", *plugs, *sets)


@unittest.skipIf(
    paho is None, "python3-paho-mqtt is not installed (bash cmake/setup.sh test brings it)"
)
class Dialects(InteropTest):
    def start(self, name, broker, dialect, *more):
        sets = ["--set", f"devices={DEVICES}", "--set", "period=1s", *more]
        return system.start(
            [
                "run",
                SCENARIO,
                "--quiet",
                "--target",
                broker.plain,
                "--dialect",
                dialect,
                "--out",
                name,
                *sets,
            ],
            self.folder,
        )

    def test_home_assistant(self):
        with Mosquitto(self.folder) as broker:
            process = self.start(
                "home", broker, "home-assistant", "--set", "calm=4s", "--set", "trouble=8s"
            )
            controller = Controller(broker.port)
            controller.wait("discovery", lambda: len(controller.devices) == DEVICES)
            controller.wait("states", lambda: len(controller.states) == DEVICES)
            controller.wait(
                "a cut, and back",
                lambda: all(said[-1:] == ["online"] for said in controller.available.values()),
            )
            plug = sorted(controller.devices)[0]
            config = controller.devices[plug]
            relay = config["components"]["relay"]
            self.assertEqual(
                (relay["platform"], config["components"]["energy"]["state_class"]),
                ("switch", "total_increasing"),
            )
            for payload, state in ((relay["payload_off"], False), (relay["payload_on"], True)):
                controller.client.publish(relay["command_topic"], payload, 1)
                controller.wait(
                    f"relay {payload}",
                    lambda wanted=state: controller.states[config["state_topic"]]["relay"]
                    is wanted,
                )
            before = controller.configs
            late = Controller(
                broker.port, restarts=True
            )  # it has started again: everybody says who he is
            controller.wait("announced again", lambda: controller.configs >= before + DEVICES)
            late.leave()
            process, summary = self.ended(process, "home")
            controller.wait(
                "gone", lambda: all(said[-1] == "offline" for said in controller.available.values())
            )
            controller.leave()
        self.assertIn(process.returncode, (0, 5), process.err)
        metrics = {name: metric.get("value") for name, metric in summary["metrics"].items()}
        self.assertGreater(metrics["reports_answered"], DEVICES)

    def messages(self, dialect, *more):
        """Topics and payloads that a broker saw; each dialect with a short run of its own."""
        with Mosquitto(self.folder) as broker:
            heard = []
            client = paho.Client("listener")
            client.on_message = lambda _c, _u, message: heard.append(
                (message.topic, message.payload)
            )
            client.connect("127.0.0.1", broker.port, 60)
            client.subscribe([("#", 0), ("$aws/#", 0), ("$iothub/#", 0)])
            client.loop_start()
            process = self.steady(
                dialect,
                broker.plain,
                "--dialect",
                dialect,
                "--set",
                "protocol=mqtt",
                "--set",
                "model=smart-plug",
                "--set",
                "devices=3",
                *more,
                period="1s",
            )
            process, summary = self.ended(process, dialect)
            client.disconnect()
            client.loop_stop()
            self.log = broker.log.read_text(encoding="utf-8", errors="replace")
        self.assertIn(process.returncode, (0, 5), process.err)
        self.assertNotIn("hush", json.dumps(summary) + process.err, "a password")
        self.assertGreater(summary["metrics"]["reports_answered"]["value"], 0)
        return heard

    def one(self, heard, pattern):
        found = [payload for topic, payload in heard if re.fullmatch(pattern, topic)]
        self.assertTrue(found, (pattern, sorted({topic for topic, _ in heard})))
        return found[-1]

    def test_plain(self):
        heard = self.messages("plain")
        float(self.one(heard, r"blackstart/bs-00000001/power"))
        self.assertEqual(self.one(heard, r"blackstart/bs-00000001/relay"), b"true")

    def test_thingsboard(self):
        heard = self.messages("thingsboard", "--username", "token", "--password", "hush")
        telemetry = json.loads(self.one(heard, "v1/devices/me/telemetry"))
        self.assertAlmostEqual(telemetry["ts"] / 1000, time.time(), delta=300)
        self.assertIn("power", telemetry["values"])
        self.assertRegex(self.log, r"New client connected from \S+ as bs-00000001 \(.*u'token'\)")

    def test_aws_shadow(self):
        heard = self.messages("aws-shadow")
        self.assertIn(
            "relay",
            json.loads(self.one(heard, r"\$aws/things/bs-00000002/shadow/update"))["state"][
                "reported"
            ],
        )

    def test_azure_iot_hub(self):
        heard = self.messages("azure-iot-hub", "--password", "aHVzaA==")
        event = json.loads(
            self.one(
                heard, r"devices/bs-00000000/messages/events/\$\.ct=application%2Fjson&\$\.ce=utf-8"
            )
        )
        self.assertIn("energy", event["readings"])
        self.assertRegex(
            self.log,
            r"New client connected from \S+ as bs-00000000 \(p2, "
            r".*u'127\.0\.0\.1/bs-00000000/\?api-version=2021-04-12'\)",
        )

    def test_azure_signs(self):
        """Each device with its own key, from --credentials; and one that is no key is told before
        anything is sent, without a word of it.
        """
        key = base64.b64encode(b"the second key").decode()
        table = ["identity,username,password", f"one,one,{key}", "two,two,aHVzaA=="]
        self.write("table.csv", "\n".join(table))
        words = ["run", "s.lua", "--quiet", "--dialect", "azure-iot-hub", "--out", "o"]
        words += ["--credentials", "table.csv"]
        self.write("s.lua", TWO)
        with BadBroker("silent") as broker:  # it answers nothing, and hears what is said
            broker.rows = {"silent": b""}
            process = self.run_program([*words, "--target", broker.plain])
            self.assertEqual(process.returncode, 5, process.err)
            passwords = dict(map(said_of, broker.heard))
        for name, secret in (("one", b"the second key"), ("two", b"hush")):
            kind, _, rest = passwords[name].partition(" ")
            self.assertEqual(kind, "SharedAccessSignature")
            token = dict(urllib.parse.parse_qsl(rest, strict_parsing=True))
            self.assertEqual(token["sr"], f"127.0.0.1/devices/{name}")
            self.assertAlmostEqual(int(token["se"]), time.time() + 3600, delta=300)
            sealed = urllib.parse.quote(token["sr"], safe="") + "\n" + token["se"]
            wanted = hmac.new(secret, sealed.encode(), hashlib.sha256).digest()
            self.assertEqual(base64.b64decode(token["sig"]), wanted)
        self.write("table.csv", "\n".join(table).replace(key, "no/key"))
        process = self.run_program(
            [*words[:-4], "--out", "p", *words[-2:], "--target", broker.plain]
        )
        line = r"no key to sign with \(--credentials, one\): this dialect wants .+"
        self.expect_line(process, 4, line)
        self.assertNotIn("no/key", process.out + process.err)
        self.nothing_like_a_result("p")

    def test_bad_dialects(self):
        (self.folder / "bad.json").write_text(
            '{"title": "x", "report": [{"topic": "a"}]}', encoding="utf-8"
        )
        for dialect, line in (
            ("bad.json", r"no dialect: report 1: does not say its payload \(bad\.json\): .+"),
            ("nope", r"no dialect of that name: nope .+"),
        ):
            process = self.run_program(
                [
                    "run",
                    SCENARIO,
                    "--quiet",
                    "--target",
                    "mqtt://127.0.0.1:9",
                    "--dialect",
                    dialect,
                    "--out",
                    "o",
                ]
            )
            self.expect_line(process, 4, line)
            self.nothing_like_a_result("o")


del AtMosquitto  # its tests are run where they stand

if __name__ == "__main__":
    unittest.main(verbosity=2)
