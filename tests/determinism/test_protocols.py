#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 30
"""The street that comes back, over MQTT and over CoAP on TCP: verdict, bad twin, the same results
with any number of threads; and what no protocol can do.
"""
import collections
import csv
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import system  # noqa: E402
from test_pcap import CLOUD, packets  # noqa: E402

TCP, ALERT = 6, 21

MQTT = ["--set", "protocol=mqtt", "--set", "devices_per_home=1"]

SCENARIO = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario {{ title = "Two kinds of devices", units = {{ "5.9-3-2 a" }} }}
function setup()
    cloud {{ connections = 20 }}
    fleet.streets {{ homes = 2, devices = {{
        {{ model = "thermostat", law = law.fixed {{ base = "5s" }} {first} }},
        {{ model = "window-contact", law = law.fixed {{ base = "5s" }} {second} }},
    }} }}
end
function drill() wait "5m" end
"""


PAPERS = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario {{ title = "Papers", units = {{ "5.9-3-2 a" }} }}
function setup()
    cloud {{ connections = 20, {cloud} }}
    fleet.streets {{ homes = 4, devices = {{
        {{ model = "smart-plug", per_home = 2, protocol = "mqtt", security = "tls", {device} law = law.fixed {{ base = "20s" }} }},
    }} }}
end
function drill() wait "5m" end
"""


LASTS = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario {{ title = "A cloud that cuts off what it has accepted", units = {{ "5.9-3-2 a" }} }}
function setup()
    cloud {{ connections = 20 }}
    fleet.streets {{ homes = 4, devices = {{
        {{ model = "smart-plug", protocol = "{protocol}", law = law.fixed {{ base = "20s" }} }},
    }} }}
end
function drill()
    wait_online(1.0, {{ within = "10m" }})
    cloud {{ close_after = "2s", closes = "{closes}" }}
    wait "5m"
end
"""


MODELS = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario {{ title = "All models", units = {{ "5.9-3-2 a" }} }}
params {{ {{
    name = "protocol", kind = "choice", choices = {{ "coap", "coap-tcp", "mqtt" }}, default = "coap",
    help = "what they speak",
}} }}
function setup(p)
    local kinds = {{}}
    for i, model in ipairs {{ {models} }} do
        kinds[i] = {{ model = model, protocol = p.protocol, law = law.fixed {{ base = "10s" }} }}
    end
    fleet.streets {{ homes = 1, devices = kinds }}
    cloud {{ connections = 50 }}
end
function drill() wait "1d" end
"""


class Protocols(system.SystemTest):
    def street(self, folder, code, *more):
        sets = [*MQTT, "--set", "homes=250", *more]
        process = self.run_program(
            ["run", system.STREET, "--out", folder, "--quiet", "--repeatable", *sets]
        )
        self.assertEqual(process.returncode, code, process.err)
        return self.results(folder)

    def test_orderly_passes(self):
        results = self.street("r", 0)
        self.assertEqual(
            [v["verdict"] for v in results["verdicts"] if v["unit"] == "5.9-3-2 a"], ["PASS"]
        )

    def test_secured(self):
        for security in ("tls", "tls-psk"):
            prints = {
                t: self.street(
                    f"{security}{t}", 0, "--threads", t, "--set", f"security={security}"
                )["fingerprint"]
                for t in ("1", "2", "7")
            }
            self.assertEqual(len(set(prints.values())), 1, prints)
        results = self.street(
            "fixed",
            1,
            *("--set", "law=fixed", "--set", "security=tls", "--set", "capacity=4"),
            *("--set", "overload_cost=0"),
        )
        self.assertEqual(
            [v["verdict"] for v in results["verdicts"] if v["unit"] == "5.9-3-2 a"], ["FAIL"]
        )

    def over_tcp(self, folder, code, *sets, threads="2"):
        """A street of 60 homes that speaks CoAP over TCP."""
        few = ("protocol=coap-tcp", "devices_per_home=1", "homes=60", *sets)
        words = [word for one in few for word in ("--set", one)]
        out = ["--out", folder, "--pcap", f"{folder}.pcap", "--quiet", "--repeatable"]
        out += ["--threads", threads]
        process = self.run_program(["run", system.STREET, *out, *words])
        self.assertEqual(process.returncode, code, process.err)
        return self.results(folder)

    def outcomes(self, folder):
        with (self.folder / folder / "attempts.csv").open(encoding="ascii") as table:
            return collections.Counter(row["outcome"] for row in csv.DictReader(table))

    def test_coap_over_tcp(self):
        for security in ("none", "tls", "tls-psk"):
            prints = {
                self.over_tcp("t", 0, f"security={security}", threads=threads)["fingerprint"]
                for threads in ("1", "2", "7")
            }
            self.assertEqual(len(prints), 1, security)

    def test_coap_over_tcp_on_the_wire(self):
        """The run's own verdict, and its attempts, are those of a judge that has its capture alone;
        where nothing is sealed, it sees what came of them, too.
        """
        for security, law, more in (
            ("none", "orderly", ()),
            ("tls", "orderly", ()),
            ("none", "fixed", ("overload_cost=0",)),
            ("none", "fixed", ("over=busy",)),
            ("tls", "fixed", ("overload_cost=0",)),
        ):
            code = 1 if law == "fixed" else 0
            capacity = "1" if "over=busy" in more else "4"
            sets = (f"capacity={capacity}", f"law={law}", f"security={security}", *more)
            verdict = self.over_tcp("w", code, *sets)["verdicts"][0]["verdict"]
            self.assertEqual(verdict, "FAIL" if code else "PASS")
            judged = self.run_program(["judge", "w.pcap", "--capacity", capacity, "--out", "j"])
            self.assertEqual(judged.returncode, code, judged.err)
            self.assertEqual(self.results("j")["verdicts"][0]["verdict"], verdict)
            run, seen = self.outcomes("w"), self.outcomes("j")
            self.assertEqual(seen.total(), run.total(), (security, law, more))
            self.assertEqual(run["busy"] > 0, "over=busy" in more)
            if security == "none":
                for outcome in ("online", "busy"):
                    self.assertEqual(seen[outcome], run[outcome], (law, more, outcome))

    def test_papers_that_are_wrong(self):
        for number, (cloud, device, about) in enumerate(
            (
                ('certificate = "expired"', "", "certificate is not valid at this time"),
                ('certificate = "other-host"', "", "certificate names another host"),
                ('certificate = "unknown-authority"', "", "certificate of an unknown authority"),
                ('tls = "1.2"', 'clock = "1970",', "certificate is not valid at this time"),
                ('tls = "1.2"', "", None),
            )
        ):
            (self.folder / "s.lua").write_text(
                PAPERS.format(cloud=cloud, device=device), encoding="ascii"
            )
            process = self.run_program(
                [
                    "run",
                    "s.lua",
                    "--out",
                    f"p{number}",
                    "--quiet",
                    "--trace",
                    "street=0",
                    "--trace-to",
                    f"t{number}",
                ]
            )
            self.assertEqual(process.returncode, 5, process.err)
            results = self.results(f"p{number}")
            online = results["metrics"]["devices_online"]["value"]
            self.assertEqual(online, 0 if about else 8, cloud)
            if about:
                self.assertIn(
                    about, (self.folder / f"t{number}").read_text(encoding="ascii"), cloud
                )
                self.assertEqual(
                    results["metrics"]["attempts_refused"]["value"],
                    results["metrics"]["attempts"]["value"],
                    cloud,
                )

    def last_words(self, capture):
        """Of the cloud: resets and ends of TCP, and alerts of DTLS."""
        words = collections.Counter()
        for _, protocol, source, _, carried in packets((self.folder / capture).read_bytes()):
            if source == CLOUD and protocol == TCP:
                words["reset"] += carried[13] >> 2 & 1
                words["end"] += carried[13] & 1
            elif source == CLOUD and carried[8] == ALERT:
                words["alert"] += 1
        return {word for word, count in words.items() if count >= 4}

    def test_accepted_and_cut_off(self):
        """By a reset, or in order; of datagrams without a word, or in order."""
        for protocol, ends in (
            ("mqtt", ({"reset"}, {"end"})),
            ("coap-tcp", ({"reset"}, {"end"})),
            ("coap", (set(), {"alert"})),
        ):
            for closes, wanted in zip(("reset", "in-order"), ends):
                name = f"{protocol}-{closes}"
                self.write("s.lua", LASTS.format(protocol=protocol, closes=closes))
                words = ["run", "s.lua", "--out", name, "--quiet", "--pcap", f"{name}.pcap"]
                process = self.run_program(words)
                self.assertEqual(process.returncode, 5, process.err)
                metrics = self.results(name)["metrics"]
                self.assertGreaterEqual(metrics["cloud_sessions_closed"]["value"], 8, name)
                self.assertEqual(self.last_words(f"{name}.pcap"), wanted, name)

    @system.enough_in_release
    def test_the_law_of_who_is_cut_off(self):
        """A back-off that begins anew with every connection never grows, whatever ends it."""
        scenario = str(system.SCENARIOS / "5.9-3" / "accept-then-close.lua")
        for law, code, verdict in (("orderly", 0, "PASS"), ("fixed", 1, "FAIL")):
            words = ["run", scenario, "--quiet", "--out", law]
            sets = ("homes=25", "devices_per_home=2", "closes=reset", "protocol=mqtt")
            for one in (*sets, f"law={law}"):
                words += ["--set", one]
            process = self.run_program(words)
            self.assertEqual(process.returncode, code, process.err)
            self.assertEqual(self.results(law)["verdicts"][0]["verdict"], verdict)

    def test_both_protocols_in_one_street(self):
        mixed = SCENARIO.format(first=', protocol = "mqtt", security = "tls"', second="")
        (self.folder / "m.lua").write_text(mixed, encoding="ascii")
        prints = set()
        for threads in ("1", "2", "7"):
            process = self.run_program(
                [
                    "run",
                    "m.lua",
                    "--out",
                    f"m{threads}",
                    "--quiet",
                    "--repeatable",
                    "--threads",
                    threads,
                ]
            )
            self.assertEqual(process.returncode, 5, process.err)  # it judges nothing
            results = self.results(f"m{threads}")
            self.assertEqual(results["metrics"]["devices_online"]["value"], 4)
            prints.add(results["fingerprint"])
        self.assertEqual(len(prints), 1)

    def test_fixed_fails_however_the_cloud_defends_itself(self):
        for over, counted in (
            ("drop", "attempts_dropped"),
            ("busy", "attempts_busy"),
            ("refuse", "attempts_refused"),
        ):
            results = self.street(
                over,
                1,
                *("--set", "law=fixed", "--set", f"over={over}", "--set", "capacity=4"),
                *("--set", "overload_cost=0"),
            )
            self.assertEqual(
                [v["verdict"] for v in results["verdicts"] if v["unit"] == "5.9-3-2 a"], ["FAIL"]
            )
            self.assertGreater(results["metrics"][counted]["value"], 0, over)

    def test_in_a_websocket(self):
        """MQTT in a WebSocket, over TLS or not, in virtual time: as bare MQTT, some bytes more."""
        seen = {}
        for protocol in ("mqtt", "mqtt-ws"):
            for security in ("none", "tls"):
                self.write(
                    "w.lua",
                    SCENARIO.format(
                        first=f', protocol = "{protocol}", security = "{security}"', second=""
                    ),
                )
                process = self.run_program(["run", "w.lua", "--out", "w", "--quiet"])
                self.assertEqual(process.returncode, 5, process.err)  # it judges nothing
                metrics = self.results("w")["metrics"]
                self.assertEqual(metrics["devices_online"]["value"], 4)
                self.assertEqual(
                    metrics["reports_due"]["value"], metrics["reports_answered"]["value"]
                )
                seen[protocol, security] = metrics["bytes_up"]["value"]
        for security in ("none", "tls"):
            self.assertGreater(seen["mqtt-ws", security], seen["mqtt", security])

    def test_every_word_of_a_busy_cloud(self):
        """A device's law takes all of them for the same, and the results name what was said."""
        law = ["--set", "law=fixed", "--set", "over=busy", "--set", "capacity=1"]
        text = pathlib.Path(system.STREET).read_text(encoding="utf-8")
        self.assertEqual(text.count("over = p.over,"), 1)
        attempts = set()
        for says, code in (
            ("busy", "0x89"),
            ("unavailable", "0x88"),
            ("quota", "0x97"),
            ("rate", "0x9f"),
        ):
            said = text.replace("over = p.over,", f'over = p.over, says = "{says}",')
            self.write("says.lua", said)
            process = self.run_program(
                ["run", "says.lua", "--out", says, "--quiet", "--set", "homes=60", *MQTT, *law]
            )
            self.assertEqual(process.returncode, 1, process.err)
            metrics = self.results(says)["metrics"]
            self.assertGreater(metrics[f"answers_{code}"]["value"], 0, says)
            self.assertEqual(metrics["attempts_busy"]["value"], metrics[f"answers_{code}"]["value"])
            attempts.add(metrics["attempts"]["value"])
        self.assertEqual(len(attempts), 1)

    def test_any_number_of_threads(self):
        prints = {
            t: self.street(f"r{t}", 0, "--threads", t)["fingerprint"] for t in ("1", "2", "7")
        }
        self.assertEqual(len(set(prints.values())), 1, prints)
        self.assertNotEqual(self.street("other", 0, "--seed", "2")["fingerprint"], prints["1"])

    def test_a_capture_is_read_again(self):
        process = self.run_program(
            ["run", system.STREET, "--out", "c", "--quiet", "--pcap", "c.pcap", *MQTT]
        )
        self.assertEqual(process.returncode, 0, process.err)
        judged = self.run_program(["judge", "c.pcap", "--out", "j"])
        self.assertEqual(judged.returncode, 5, judged.err)  # it knows of no capacity
        attempts = [
            (self.folder / name / "attempts.csv").read_text(encoding="ascii").count("\n")
            for name in ("c", "j")
        ]
        self.assertEqual(*attempts)

    def verdicts(self, scenario, code, *sets, protocol="mqtt"):
        sets = (f"protocol={protocol}", *sets)
        words = [word for parameter in sets for word in ("--set", parameter)]
        path = str(system.SCENARIOS / scenario)
        process = self.run_program(["run", path, "--out", "v", "--quiet", *words])
        self.assertEqual(process.returncode, code, process.err)
        return {v["unit"]: v["verdict"] for v in self.results("v")["verdicts"]}

    def test_updates(self):
        """Manifest and image are asked for; what the maker has not signed is refused."""
        few = ("devices=20", "size=3000")
        for protocol in ("mqtt", "coap-tcp"):
            found = self.verdicts("5.3/update-authenticity.lua", 0, *few, protocol=protocol)
            self.assertEqual(set(found.values()), {"PASS"})
        found = self.verdicts("5.3/update-authenticity.lua", 1, "verifies=no", *few)
        self.assertEqual(found["valid update"], "PASS")
        self.assertEqual(found["wrong key"], "FAIL")

    def test_a_roll_out_is_a_wave(self):
        for law, code in (("orderly", 0), ("fixed", 1)):
            found = self.verdicts("5.9-3/update-wave.lua", code, "devices=300", f"law={law}")
            self.assertEqual(found, {"5.9-3-2 a": "FAIL" if code else "PASS", "rolled out": "PASS"})

    def test_a_value_is_shared(self):
        for law, code in (("full-jitter", 0), ("none", 1)):
            for protocol in ("mqtt", "coap-tcp"):
                self.verdicts("laws/contended-value.lua", code, f"law={law}", protocol=protocol)

    def test_every_model_speaks_every_protocol(self):
        """The protocol is the scenario's choice, not the model's."""
        listed = self.run_program(["list", "models"]).out.splitlines()
        models = [line.split()[0] for line in listed if line.startswith("  ")]
        self.assertGreater(len(models), 10)
        self.write("models.lua", MODELS.format(models=", ".join(f'"{m}"' for m in models)))
        seen = []
        for protocol in ("coap", "coap-tcp", "mqtt"):
            process = self.run_program(
                ["run", "models.lua", "--out", protocol, "--quiet", "--set", f"protocol={protocol}"]
            )
            self.assertEqual(process.returncode, 5, process.err)  # it judges nothing
            metrics = self.results(protocol)["metrics"]
            seen.append(
                [metrics[m]["value"] for m in ("devices_online", "reports_due", "reports_answered")]
            )
        self.assertEqual(seen, 3 * seen[:1])
        self.assertEqual(seen[0][0], len(models))
        self.assertEqual(seen[0][1], seen[0][2])

    def complains(self, first, second, about, *more):
        (self.folder / "s.lua").write_text(
            SCENARIO.format(first=first, second=second), encoding="ascii"
        )
        process = self.run_program(["run", "s.lua", "--out", "s", "--quiet", *more])
        self.assertEqual(process.returncode, 4, process.err)
        self.assertIn(about, process.err)
        self.assertEqual(process.err.count("\n"), 1)

    def test_what_cannot_be(self):
        mqtt = ', protocol = "mqtt"'
        self.complains(
            ', security = "tls"', "", "'tls' does not protect coap: say one of none, dtls"
        )
        self.complains(mqtt + ", register = false", mqtt, "opens a session by registering")
        self.complains(', protocol = "mqt"', "", "did you mean 'mqtt'?")
        self.complains(
            mqtt, mqtt, "give a target of their protocol", "--target", "coap://127.0.0.1:9"
        )


if __name__ == "__main__":
    unittest.main()
