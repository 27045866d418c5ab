#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 190
# test-timeout: 300
"""Plugs at Debian's Mosquitto over TLS: each shows its own certificate, which the broker takes its
name from; whoever believes another authority, or wants another host, stays away and says why."""
import contextlib
import json
import os
import subprocess
import unittest

from peers import system
from test_mosquitto import AtMosquitto, BROKER, DEVICES, Mosquitto, SCENARIO

TLS = """cafile {papers}/ca.pem
certfile {papers}/broker.pem
keyfile {papers}/broker.key
require_certificate true
use_identity_as_username true
"""
NAMES = 40


LOGINS = """cafile {papers}/ca.pem
certfile {papers}/broker.pem
keyfile {papers}/broker.key
require_certificate true
password_file {papers}/mosquitto.passwords
"""


BY_KEY = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "A plug with a key", units = { "5.9-3-2 a" } }
function setup()
    fleet.devices {
        model = "smart-plug", protocol = "mqtt", security = "tls-psk", count = 1,
        start_over = "100ms", boot = { "0s", "100ms" }, law = law.fixed { base = "500ms" },
    }
end
function drill() wait "3s" end
"""


# One plug, and what its clock says.
BY_CLOCK = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "A plug with a clock", units = { "5.9-3-2 a" } }
params { { name = "clock", kind = "choice", default = "set", choices = { "set", "1970" } } }
function setup(p)
    fleet.devices {
        model = "smart-plug", protocol = "mqtt", count = 1, clock = p.clock,
        start_over = "100ms", boot = { "0s", "100ms" }, law = law.fixed { base = "500ms" },
    }
end
function drill() wait_online(1.0, { within = "8s" }) end
"""

# What it takes to sign a certificate for a time of one's choice (openssl ca).
SIGNS = """[ca]
default_ca = signs
[signs]
database = {folder}/index
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = names
copy_extensions = copy
[names]
commonName = supplied
"""


def until_yesterday(papers):
    """The broker's certificate once more, by the same authority, valid for a day of 2020."""
    folder = papers / "signed"
    folder.mkdir()
    (folder / "index").write_text("", encoding="ascii")
    (folder / "conf").write_text(SIGNS.format(folder=folder), encoding="ascii")
    request = ["openssl", "req", "-new", "-key", papers / "broker.key", "-subj", "/CN=localhost"]
    request += ["-addext", "subjectAltName=DNS:localhost", "-out", folder / "request"]
    sign = ["openssl", "ca", "-batch", "-notext", "-config", folder / "conf"]
    sign += ["-in", folder / "request", "-cert", papers / "ca.pem", "-keyfile", papers / "ca.key"]
    sign += ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"]
    for words in (request, [*sign, "-out", papers / "broker.pem"]):
        subprocess.run(words, check=True, capture_output=True)


class MosquittoTls(Mosquitto):
    """`how`: whom it lets in; by their certificates, or by these and a password."""

    def __init__(self, folder, papers, how=TLS):
        super().__init__(folder)
        conf = self.folder / "mosquitto.conf"
        text = conf.read_text(encoding="utf-8").replace(
            "allow_anonymous true", "allow_anonymous false"
        )
        conf.write_text(text + how.format(papers=papers), encoding="utf-8")
        self.target = f"mqtts://localhost:{self.port}"
        name, _, _, password = (
            (papers / "credentials.csv").read_text(encoding="ascii").splitlines()[1].split(",")[:4]
        )
        own = papers / "devices" / name
        self.login = ["-h", "localhost", "--cafile", str(papers / "ca.pem"), "-u", name]
        self.login += ["-P", password, "--cert", f"{own}.pem", "--key", f"{own}.key"]


class MosquittoWithKeys(Mosquitto):
    """It knows `one`, whose key is 16 times 0xaa."""

    def __init__(self, folder):
        super().__init__(folder)
        (self.folder / "keys").write_text("one:" + "aa" * 16 + "\n", encoding="utf-8")
        with open(self.folder / "mosquitto.conf", "a", encoding="utf-8") as conf:
            conf.write(f"psk_hint hello\npsk_file {self.folder}/keys\n")
        self.target = f"mqtts://localhost:{self.port}"


@unittest.skipUnless(
    os.path.exists(BROKER), "mosquitto is not installed (bash cmake/setup.sh test brings it)"
)
class AtMosquittoOverTls(AtMosquitto):
    def papers(self, name, *more, devices=NAMES):
        process = self.run_program(["credentials", "--count", str(devices), "--out", name, *more])
        self.assertEqual(process.returncode, 0, process.err)
        return self.folder / name

    def plugs_at(self, target, name, *more, devices=NAMES):
        words = ["run", SCENARIO, "--quiet", "--target", target, "--out", name]
        for setting in (f"devices={devices}", "trouble=1s", "calm=1s"):
            words += ["--set", setting]
        return system.start([*words, *more], self.folder)

    def beside(self, name):
        """A folder for one of several brokers."""
        (self.folder / f"broker-{name}").mkdir()
        return self.folder / f"broker-{name}"

    def side_by_side(self, **processes):
        """They wait, most of the time: name -> the process, ended, with what it said."""
        for process in processes.values():
            self.addCleanup(process.kill)
        for process in processes.values():
            process.out, process.err = process.communicate(timeout=120)
        return processes

    def summary(self, name):
        return json.loads((self.folder / name / "summary.json").read_text(encoding="utf-8"))

    def test_each_by_its_own_certificate(self):
        papers = self.papers("papers")
        with MosquittoTls(self.folder, papers) as broker:
            own = self.plugs_at(broker.target, "own", "--ca", str(papers / "ca.pem"))
            process = self.side_by_side(own=own)["own"]
            self.assertIn(
                process.returncode, (0, 5), process.out + process.err
            )  # 5: this machine was late
            metrics = self.summary("own")["metrics"]
            self.assertGreaterEqual(
                metrics["attempts_online"]["value"], 2 * NAMES
            )  # before and after the power cut
            for number in range(NAMES):  # the name in the certificate
                self.assertGreaterEqual(broker.count(f"as bs-{number:08d} .*u'bs-{number:08d}'"), 2)

    def test_power_restart_and_standstill(self):
        """Certificates and passwords of the exported folder, imported again. The judge finds in the
        broker's log what the run found.
        """
        papers = self.papers("papers", devices=DEVICES)
        with MosquittoTls(self.folder, papers, LOGINS) as broker:
            own = ["--credentials", str(papers), "--set", "back_within=110s"]
            self.troubles(broker, *own, seconds=600)
        for number in range(DEVICES):  # the name that it logged in with
            self.assertGreaterEqual(broker.count(f"as bs-{number:08d} .*u'bs-{number:08d}'"), 3)

    def test_a_stranger_with_papers_of_ours(self):
        """The bad twin: the right certificate, and somebody else's password."""
        papers = self.papers("papers")
        lines = (papers / "credentials.csv").read_text(encoding="ascii").splitlines()
        rows = [line.split(",") for line in lines[1:]]
        for row, other in zip(rows, rows[1:] + rows[:1]):
            row[3] = other[1]
        table = papers / "wrong.csv"
        table.write_text("\n".join([lines[0], *map(",".join, rows)]), encoding="ascii")
        with MosquittoTls(self.folder, papers, LOGINS) as broker:
            more = ["--credentials", str(table), "--ca", str(papers / "ca.pem")]
            more += ["--set", "back_within=4s"]
            self.side_by_side(one=self.plugs_at(broker.target, "stranger", *more, devices=3))
            metrics = self.summary("stranger")["metrics"]
        self.assertEqual(metrics["attempts_online"]["value"], 0)
        self.assertGreater(metrics["answers_0x87"]["value"], 0)

    def test_one_certificate_for_all(self):
        """One for three devices; and beside them three with their own that believe any server, of
        whatever name, which is said aloud.
        """
        papers = self.papers("papers")
        own = f"{papers / 'devices' / 'bs-00000007'}"
        words = ["--ca", str(papers / "ca.pem"), "--client-cert", f"{own}.pem"]
        words += ["--client-key", f"{own}.key"]
        # a broker each: the names of the devices are the same
        with (
            MosquittoTls(self.beside("one"), papers) as broker,
            MosquittoTls(self.beside("two"), papers) as other,
        ):
            host = other.target.replace("localhost", "127.0.0.1")
            ended = self.side_by_side(
                one=self.plugs_at(broker.target, "one", *words, devices=3),
                insecure=self.plugs_at(host, "insecure", "--insecure", devices=3),
            )
            for process in ended.values():
                self.assertIn(process.returncode, (0, 5), process.out + process.err)
            self.assertGreaterEqual(broker.count("u'bs-00000007'"), 6)
        said = " ".join(ended["insecure"].out.split())
        self.assertIn("believe any server (--insecure)", said)
        summary = self.summary("insecure")
        self.assertIn("--insecure", json.dumps(summary["story"]))
        self.assertGreaterEqual(summary["metrics"]["attempts_online"]["value"], 6)

    def test_nobody_is_believed(self):
        """The bad twins: another authority, another host; and a fleet that the broker does not
        know.
        """
        papers, others = self.papers("papers"), self.papers("others", "--seed", "9")
        ours, wrong = ["--ca", str(papers / "ca.pem")], ["--ca", str(others / "ca.pem")]
        with MosquittoTls(self.folder, papers) as broker:
            host = broker.target.replace("localhost", "127.0.0.1")
            cases = {
                "authority": (broker.target, wrong, "unknown_authority"),
                "host": (host, ours, "wrong_host"),
                "stranger": (broker.target, [*ours, "--seed", "9"], "unknown_authority"),
            }
            short = ["--set", "back_within=4s"]
            ended = self.side_by_side(
                **{
                    name: self.plugs_at(target, name, *more, *short, devices=3)
                    for name, (target, more, _) in cases.items()
                }
            )
            for name, (_, _, why) in cases.items():
                with self.subTest(name):
                    process, metrics = ended[name], self.summary(name)["metrics"]
                    self.assertIn(process.returncode, (1, 5), process.out + process.err)
                    self.assertEqual(metrics["attempts_online"]["value"], 0)
                    self.assertGreater(metrics[f"attempts_ended_{why}"]["value"], 0)
            self.assertEqual(broker.count("New client connected"), 0)

    def test_times_that_are_not_those_of_a_certificate(self):
        """One that has expired, and a device that nobody has told the time. The bad twin, whose
        papers and clock are right, is in."""
        self.write("s.lua", BY_CLOCK)
        clocks = {"right": "set", "expired": "set", "1970": "1970"}
        with contextlib.ExitStack() as brokers:
            begun = {}
            for name, clock in clocks.items():
                papers = self.papers(f"papers-{name}", devices=2)
                if name == "expired":
                    until_yesterday(papers)
                broker = brokers.enter_context(MosquittoTls(self.beside(name), papers))
                words = ["run", "s.lua", "--quiet", "--target", broker.target, "--out", name]
                words += ["--ca", str(papers / "ca.pem"), "--set", f"clock={clock}"]
                begun[name] = system.start(words, self.folder)
            ended = self.side_by_side(**begun)
        for name, process in ended.items():
            with self.subTest(name):
                self.assertEqual(process.returncode, 5, process.err)  # it judges nothing
                metrics = self.summary(name)["metrics"]
                online = metrics["attempts_online"]["value"]
                expired = metrics.get("attempts_ended_expired", {"value": 0})["value"]
                self.assertEqual((online > 0, expired > 0), (name == "right", name != "right"))

    def test_keys(self):
        """A key in common in place of certificates (TLS-PSK). With the right one they are in; what
        is wrong with another has its name.
        """
        self.write("s.lua", BY_KEY)
        cases = {
            "right": ("one", "aa", "attempts_online"),
            "wrong": ("one", "ab", "attempts_ended_wrong_key"),
            "unknown": ("two", "aa", "attempts_ended_unknown_identity"),
        }
        with contextlib.ExitStack() as brokers:
            begun = {}
            for name, (identity, byte, _) in cases.items():
                broker = brokers.enter_context(MosquittoWithKeys(self.beside(name)))
                table = self.write(f"{name}.csv", f"identity,psk\n{identity},{byte * 16}")
                words = ["--insecure", "--credentials", table, "--out", name]
                words = ["run", "s.lua", "--quiet", "--target", broker.target, *words]
                begun[name] = system.start(words, self.folder)
            ended = self.side_by_side(**begun)
        for name, (_, _, metric) in cases.items():
            with self.subTest(name):
                self.assertEqual(ended[name].returncode, 5, ended[name].err)  # it judges nothing
                metrics = self.summary(name)["metrics"]
                self.assertGreater(metrics.get(metric, {"value": 0})["value"], 0, metrics)
                self.assertEqual(metrics["attempts_online"]["value"] > 0, name == "right")

    def test_wrong_use(self):
        papers = self.papers("papers")
        ca, own = str(papers / "ca.pem"), str(papers / "devices" / "bs-0000000")
        tls = ["--target", "mqtts://localhost:1"]
        for words, line in (
            (tls, r"TLS without an authority \(--target\): add --ca FILE .* or --insecure"),
            (
                ["--target", "mqtt://localhost:1", "--ca", ca],
                r"--ca without TLS .*add --target mqtts://HOST:PORT, .*",
            ),
            ([*tls, "--ca", ca, "--insecure"], r"both --ca and --insecure .*"),
            (
                [*tls, "--ca", ca, "--client-key", own + "1.key"],
                r"--client-key alone .*give --client-cert FILE and .*",
            ),
            (
                [*tls, "--ca", ca, "--client-cert", own + "1.pem", "--client-key", own + "2.key"],
                r"papers that do not fit: the private key is not that of the certificate .*",
            ),
            ([*tls, "--ca", SCENARIO], r"papers that do not fit: this is no certificate .*"),
            ([*tls, "--ca", "nothing.pem"], r"cannot read nothing.pem \(--ca\).*"),
        ):
            with self.subTest(words):
                self.expect_refused(["run", SCENARIO, *words], 4, line)


for inherited in [name for name in dir(AtMosquitto) if name.startswith("test_")]:
    if inherited in vars(AtMosquittoOverTls):
        continue
    setattr(AtMosquittoOverTls, inherited, None)  # they are of the plain broker
del AtMosquitto

if __name__ == "__main__":
    unittest.main()
