#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once
# test-cost: 70
"""CoAP over TCP and TLS (RFC 8323), both ways: Debian's coap-client at the built-in cloud served
for real, and devices of ours at Debian's coap-server, with keys and with certificates.
"""
import concurrent.futures
import contextlib
import pathlib
import re
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from peers import CoapServer, InteropTest, free_port, system  # noqa: E402

SENML = b"\x81\xa2\x00\x64test\x02\x18\x2a"  # [{"bn": "test", "v": 42}] in CBOR (RFC 8428)
ANSWER = re.compile(r"^v:1 t:CON c:([2-5]\.[0-9]{2}) .*?(?: :: '(.*)')?$", re.MULTILINE)
TLS = ("openssl", "gnutls")
ME = ["-u", "me", "-k", "secret"]
DEVICES = 20
BY_KEY = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "A plug with a key", units = { "5.9-3-2 a" } }
function setup()
    fleet.devices {
        model = "smart-plug", protocol = "coap-tcp", security = "tls-psk", count = 1,
        start_over = "100ms", boot = { "0s", "100ms" }, law = law.fixed { base = "500ms" },
    }
end
function drill() wait_online(1.0, { within = "3s" }) end
"""


class CoapTcp(InteropTest):
    def papers(self):
        process = self.run_program(["credentials", "--count", str(DEVICES), "--out", "papers"])
        self.expect_line(process, 0, "")
        return self.folder / "papers"

    @contextlib.contextmanager
    def cloud(self, *options):
        """Its two URLs, and its last line of totals once it is over."""
        plain, secured = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_STREAM)
        ports = ["--coap-tcp", str(plain), "--coaps-tcp", str(secured)]
        process = system.start(["serve", *ports, *options], self.folder)
        try:
            for scheme in ("coap+tcp", "coaps+tcp"):
                self.assertRegex(process.stdout.readline(), rf"^serving {re.escape(scheme)}://")
            yield f"coap+tcp://127.0.0.1:{plain}", f"coaps+tcp://127.0.0.1:{secured}"
            process.terminate()
            out, err = process.communicate(timeout=60)
            self.assertEqual((process.returncode, err), (0, ""))
            self.totals = {
                name: int(number)
                for name, number in re.findall(
                    r"([a-z ]+) ([0-9]+)(?:, |$)", out.strip().split("\n")[-1]
                )
            }
        finally:
            process.kill()
            process.communicate()

    def ask(self, flavour, url, *options):
        """Code and payload of each answer, and all that the client said."""
        done = subprocess.run(
            [f"coap-client-{flavour}", "-v", "7", "-B", "3", *options, url],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        said = (done.stdout + done.stderr).decode(errors="replace")
        return ANSWER.findall(said), said

    def expect(self, code, flavour, url, *options):
        answers, said = self.ask(flavour, url, *options)
        self.assertEqual([answer[0] for answer in answers], [code], said)
        return answers[0][1]

    def requests(self, flavour, base, *who):
        (self.folder / "good").write_bytes(SENML)
        self.assertIn("</t>", self.expect("2.05", flavour, f"{base}/.well-known/core", *who))
        put = ["-m", "put", "-t", "112", "-f", "good"]
        self.expect("2.04", flavour, f"{base}/t", *who, *put)
        self.expect("4.05", flavour, f"{base}/t", *who, "-m", "delete")
        self.expect("4.04", flavour, f"{base}/nowhere", *who)
        self.expect("2.01", flavour, f"{base}/rd?ep=me", *who, "-m", "post")

    def test_their_clients(self):
        """Without security any name is believed; with it, the key's alone."""
        keys = self.write("keys.csv", "me,text:secret\nyou,text:another\n")
        with self.cloud("--psk-file", keys) as (plain, secured):
            for flavour in ("notls", *TLS):
                with self.subTest(client=flavour):
                    self.requests(flavour, plain)
            for flavour in TLS:
                with self.subTest(client=flavour, tls=True):
                    self.requests(flavour, secured, *ME)
                    self.expect("4.03", flavour, f"{secured}/rd?ep=you", *ME, "-m", "post")
                    value = self.expect("2.05", flavour, f"{secured}/s/me", *ME, "-s", "1")
                    self.assertRegex(value, r"\A[0-9]+\.[0-9]{2}\Z")
            for who in (["-u", "me", "-k", "Secret"], ["-u", "nobody", "-k", "secret"]):
                answers, said = self.ask("openssl", f"{secured}/t", *who)
                self.assertEqual(answers, [], said)
        self.assertEqual((self.totals["reports"], self.totals["malformed"]), (5, 0))

    def test_their_clients_with_certificates(self):
        papers = self.papers()
        cloud = ["--cert", str(papers / "broker.pem"), "--key", str(papers / "broker.key")]
        ca = ["-R", str(papers / "ca.pem")]
        own = papers / "devices" / "bs-00000003"
        shows = ["-c", f"{own}.pem", "-j", f"{own}.key", *ca]
        with self.cloud(*cloud, "--client-ca", str(papers / "ca.pem")) as (_, secured):
            base = secured.replace("127.0.0.1", "localhost")
            mine, yours = f"{base}/rd?ep=bs-00000003", f"{base}/rd?ep=bs-00000004"
            self.expect("2.01", "openssl", mine, *shows, "-m", "post")
            self.expect("4.03", "openssl", yours, *shows, "-m", "post")
            answers, said = self.ask("openssl", f"{base}/t", *ca)  # shows none
            self.assertEqual(answers, [], said)

    def steady_at(self, name, target, *more):
        few = ["--set", "protocol=coap-tcp", "--set", f"devices={DEVICES}"]
        return self.calm_run(name, target, *few, *more)

    def at_server(self, flavour, secured, server_options, options):
        with CoapServer(flavour, *server_options) as server:
            target = (server.secure if secured else server.plain).replace("://", "+tcp://")
            if "--ca" in options:
                target = target.replace("127.0.0.1", "localhost")
            return self.steady_at(f"{flavour}-{secured}-{len(options)}", target, *options)

    def test_their_servers(self):
        papers = self.papers()
        key = ["--psk", "me:text:secret", "--set", "security=tls-psk"]
        shown = ["-c", str(papers / "broker.pem"), "-j", str(papers / "broker.key")]
        ca = ["--ca", str(papers / "ca.pem")]
        cases = [
            ("notls", False, [], []),
            *((flavour, True, ["-k", "secret"], key) for flavour in TLS),
            ("openssl", True, [*shown, "-R", str(papers / "ca.pem")], ca),
        ]
        with concurrent.futures.ThreadPoolExecutor(len(cases) + 1) as pool:
            wrong = pool.submit(self.a_wrong_key)
            for case, run in [(case, pool.submit(self.at_server, *case)) for case in cases]:
                with self.subTest(case=case):
                    self.expect_answered(*run.result(), devices=DEVICES)
            wrong.result()

    def test_keys_at_our_cloud(self):
        """What is wrong with one has its name at the device; the right one is in."""
        self.write("s.lua", BY_KEY)
        with self.cloud("--psk", "one:" + "aa" * 16) as (_, secured):
            for name, who, metric in (
                ("right", "one," + "aa" * 16, "attempts_online"),
                ("wrong", "one," + "ab" * 16, "attempts_ended_wrong_key"),
                ("unknown", "two," + "aa" * 16, "attempts_ended_unknown_identity"),
            ):
                with self.subTest(name):
                    table = self.write("table.csv", f"identity,psk\n{who}\n")
                    words = ["--insecure", "--credentials", table, "--out", name]
                    process = self.run_program(
                        ["run", "s.lua", "--quiet", "--target", secured, *words]
                    )
                    self.assertEqual(process.returncode, 5, process.err)  # it judges nothing
                    metrics = self.results(name)["metrics"]
                    self.assertGreater(metrics.get(metric, {"value": 0})["value"], 0, metrics)
                    online = metrics["attempts_online"]["value"]
                    self.assertEqual(online > 0, name == "right")

    def test_identities_from_elsewhere(self):
        """At a server that wants certificates: those of a folder, of a table, one alone; and the
        bad twins, one that another authority has signed, and none.
        """
        papers = self.papers()
        process = self.run_program(
            ["credentials", "--seed", "2", "--count", "1", "--out", "strange"]
        )
        self.expect_line(process, 0, "")
        cloud = ["--cert", str(papers / "broker.pem"), "--key", str(papers / "broker.key")]
        ca = ["--ca", str(papers / "ca.pem")]
        one = ["--set", "devices=1"]
        cases = {
            "folder": (["--credentials", str(papers)], DEVICES),
            "table": (["--credentials", str(papers / "credentials.csv"), *ca], DEVICES),
            "one": ([*self.shows(papers), *ca, *one], 1),
            "strange": ([*self.shows(self.folder / "strange"), *ca, *one], 0),
            "none": (["--credentials", self.write("n.csv", "identity\nme\n"), *ca, *one], 0),
        }
        with self.cloud(*cloud, "--client-ca", str(papers / "ca.pem")) as (_, secured):
            base = secured.replace("127.0.0.1", "localhost")
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                # who gets in is one of the same devices each time; the others wait meanwhile
                waiting = {
                    name: pool.submit(self.gets_in, name, base, *case)
                    for name, case in cases.items()
                    if case[1] == 0
                }
                for name, (options, devices) in cases.items():
                    with self.subTest(identities=name):
                        if devices > 0:
                            self.gets_in(name, base, options, devices)
                        else:
                            waiting[name].result()
        self.assertEqual(self.totals["registered"], 2 * DEVICES + 1)

    def gets_in(self, name, base, options, devices):
        few = [] if "devices=1" in options else ["--set", f"devices={DEVICES}"]
        words = ["--set", "protocol=coap-tcp", *few, *options]
        process = self.steady(f"at-{name}", base, *words, period="1s", duration="1s")
        process, summary = self.ended(process, f"at-{name}")
        self.assertEqual(process.returncode, 0 if devices else 5, process.err)
        self.assertEqual(summary["metrics"]["attempts_online"]["value"], devices, process.err)

    def shows(self, papers):
        own = papers / "devices" / "bs-00000000"
        return ["--client-cert", f"{own}.pem", "--client-key", f"{own}.key"]

    def a_wrong_key(self):
        """The bad twin: nobody gets in, and the results say so."""
        wrong = ["--psk", "me:text:Secret", "--set", "security=tls-psk"]
        with CoapServer("openssl", "-k", "secret") as server:
            target = server.secure.replace("://", "+tcp://")
            few = ["--set", "protocol=coap-tcp", "--set", "devices=5"]
            process, summary = self.ended(self.steady("wrong", target, *few, *wrong), "wrong")
        self.assertEqual(process.returncode, 5, process.err)
        self.assertEqual(summary["metrics"]["reports_answered"]["value"], 0)
        online = next(
            m for m in summary["verdicts"][0]["measures"] if m["name"] == "devices ever online"
        )
        self.assertEqual((online["value"], online["samples"]), (0, 5), process.err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
