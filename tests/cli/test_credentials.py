#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-labels: once waits
"""`blackstart credentials`: what it writes is what a served cloud knows by itself."""
import base64
import hashlib
import re
import shutil
import subprocess
import unittest

from program import STEADY, CliTest, start


FEW = """-- SPDX-License-Identifier: GPL-3.0-or-later
scenario { title = "Four devices", units = { "5.9-3-2 a" } }
params { {
    name = "protocol", kind = "choice", choices = { "coap", "mqtt" }, default = "coap",
    help = "what they speak",
} }
function setup(p)
    fleet.devices {
        model = "smart-plug", protocol = p.protocol, count = 4, start_over = "200ms",
        boot = { "0s", "200ms" }, law = law.fixed { base = "1s" },
    }
end
function drill() wait_online(1.0, { within = "5s" }) end
"""


class Credentials(CliTest):
    def written(self, *words):
        process = self.run_program(["credentials", *words])
        self.expect_line(process, 0, "")
        return process.out.splitlines()

    def test_lines(self):
        lines = self.written("--count", "3")
        self.assertEqual(
            [line.split(",")[0] for line in lines], ["bs-00000000", "bs-00000001", "bs-00000002"]
        )
        self.assertTrue(all(re.fullmatch(r"bs-\d{8},[0-9a-f]{32}", line) for line in lines))
        self.assertEqual(len({line.split(",")[1] for line in lines}), 3)
        self.assertEqual(self.written("--count", "3"), lines)
        self.assertEqual(self.written("--first", "1", "--count", "2"), lines[1:])
        self.assertNotEqual(self.written("--count", "3", "--seed", "2"), lines)

    def test_wrong_use(self):
        for words, line in (
            (["--count", "0"], r"no number of devices: 0 \(--count\): .*"),
            (["--first", "-1"], r".*--first.*"),
            (
                ["--first", "3999999", "--count", "2"],
                r"the last device's number is above 3999999 .*",
            ),
            (["x"], r".*x.*"),
            (["steady", "--count", "2"], r".*--count.*"),
            (["--out", "o", "--host", "no host"], r"no name of a host: no host \(--host\): .*"),
        ):
            with self.subTest(words=words):
                self.expect_refused(["credentials", *words], 4, line)

    def test_a_folder(self):
        """All papers of a scenario's devices: right by OpenSSL's and by Mosquitto's rules, and the
        same each time.
        """
        words = [
            "credentials",
            "power-restore-street",
            "--set",
            "homes=3",
            "--set",
            "devices_per_home=1",
        ]
        for name, more in (("a", []), ("b", []), ("other", ["--seed", "2"])):
            self.expect_line(self.run_program([*words, "--out", name, *more]), 0, "")
        a, b, other = self.folder / "a", self.folder / "b", self.folder / "other"
        files = sorted(str(path.relative_to(a)) for path in a.rglob("*") if path.is_file())
        devices = [f"devices/bs-{i:08}.{end}" for i in range(3) for end in ("key", "pem")]
        self.assertEqual(
            files,
            sorted(
                [
                    *devices,
                    "broker.key",
                    "broker.pem",
                    "ca.key",
                    "ca.pem",
                    "credentials.csv",
                    "mosquitto.acl",
                    "mosquitto.passwords",
                    "mosquitto.psk",
                    "psk.csv",
                ]
            ),
        )
        self.assertTrue(all((a / name).read_bytes() == (b / name).read_bytes() for name in files))
        self.assertTrue(all((a / name).stat().st_mode & 0o077 == 0 for name in files))
        for i in range(3):
            mine = f"devices/bs-{i:08}"
            self.assertIn(
                ": OK",
                self.openssl(
                    "verify", "-purpose", "sslclient", "-CAfile", a / "ca.pem", a / f"{mine}.pem"
                ),
            )
            self.assertIn(
                f"CN = bs-{i:08}",
                self.openssl("x509", "-noout", "-subject", "-in", a / f"{mine}.pem"),
            )
            self.assertEqual(
                self.openssl("x509", "-noout", "-pubkey", "-in", a / f"{mine}.pem"),
                self.openssl("pkey", "-pubout", "-in", a / f"{mine}.key"),
            )
        self.assertIn(
            ": OK",
            self.openssl(
                "verify",
                "-purpose",
                "sslserver",
                "-verify_hostname",
                "localhost",
                "-CAfile",
                a / "ca.pem",
                a / "broker.pem",
            ),
        )
        self.assertNotIn(
            ": OK", self.openssl("verify", "-CAfile", other / "ca.pem", a / "broker.pem")
        )  # another seed, another authority
        keys = [
            line.split(",") for line in (a / "psk.csv").read_text(encoding="ascii").splitlines()
        ]
        self.assertEqual([",".join(pair) for pair in keys], self.written("--count", "3"))
        for (name, key), line in zip(
            keys, (a / "mosquitto.passwords").read_text(encoding="ascii").splitlines()
        ):
            user, hashed = line.split(":")
            _, kind, rounds, salt, value = hashed.split("$")
            self.assertEqual((user, kind), (name, "7"))
            self.assertEqual(
                hashlib.pbkdf2_hmac("sha512", key.encode(), base64.b64decode(salt), int(rounds)),
                base64.b64decode(value),
            )
        self.expect_refused([*words, "--out", "a"], 4, r"it exists already \(--out a\): .*")
        self.expect_refused(
            [*words, "--out", "no/such/place"],
            4,
            r"cannot write the folder: .* \(--out no/such/place\): .*",
        )
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["a", "b", "other"])

    def openssl(self, *words):
        return subprocess.run(
            ["openssl", *map(str, words)], capture_output=True, text=True, check=False
        ).stdout

    def served(self, scheme, *more):
        server, port, line = self.serve(f"--{scheme}", "127.0.0.1:{port}", *more)
        self.addCleanup(server.communicate)
        self.addCleanup(server.kill)
        self.assertIn(f"{scheme}://127.0.0.1:{port}", line)
        return f"{scheme}://localhost:{port}"

    def online(self, *runs):
        """How many attempts of each short run were let in: of (target, option...). They run side by
        side, for who is turned away tries on for seconds.
        """
        self.write("few.lua", FEW)
        begun = []
        for name, (target, *more) in enumerate(runs):
            protocol = "coap" if target.startswith("coap") else "mqtt"
            words = ["--set", f"protocol={protocol}", "--out", f"o{name}", *more]
            words = ["run", "few.lua", "--target", target, "--quiet", *words]
            begun.append(start(words, self.folder))
            self.addCleanup(begun[-1].kill)
        found = []
        for name, process in enumerate(begun):
            error = process.communicate(timeout=120)[1]
            self.assertEqual(process.returncode, 5, error)  # it judges nothing
            folder = self.folder / f"o{name}"
            attempts = (folder / "attempts.csv").read_text(encoding="ascii").splitlines()
            self.assertGreater(len(attempts), 1, "nobody tried")
            found.append(sum(",online," in line for line in attempts))
            shutil.rmtree(folder)
        return found

    def test_what_is_written_is_read(self):
        """The folder, by every kind of target; and another seed's, which nobody knows."""
        for name, seed in (("ours", "3"), ("theirs", "4")):
            self.expect_line(
                self.run_program(["credentials", "--count", "4", "--seed", seed, "--out", name]),
                0,
                "",
            )
        psk = ["--psk-file", "ours/psk.csv"]
        tls = ["--cert", "ours/broker.pem", "--key", "ours/broker.key"]
        runs, schemes = [], {
            "coaps": psk,
            "mqtt": psk,
            "mqtts": [*psk, *tls, "--client-ca", "ours/ca.pem"],
            "wss": [*psk, *tls],
        }
        for scheme, served in schemes.items():
            target = self.served(scheme, *served)
            ca = [] if scheme in ("coaps", "mqtt") else ["--ca", "ours/ca.pem"]
            runs.append((target, "--credentials", "ours"))
            runs.append((target, "--credentials", "theirs", *ca))
        found = self.online(*runs)
        self.assertEqual(dict(zip(schemes, found[::2])), dict.fromkeys(schemes, 4))
        self.assertEqual(dict(zip(schemes, found[1::2])), dict.fromkeys(schemes, 0))

    def test_a_table(self):
        """Names and logins of one's own; what does not fit is one line."""
        self.write("keys.psk", "\n".join(f"plug-{i},6162633{i}" for i in range(4)) + "\n")
        target = self.served("mqtt", "--psk-file", "keys.psk")
        rows = [f"abc{i},plug-{i}" for i in range(4)]
        self.write(
            "fleet.csv", "\n".join(["password,username,identity"] + [f"{r},{r[5:]}" for r in rows])
        )
        self.write(
            "wrong.csv", "\n".join(["password,username,identity"] + [f"x{r},{r[5:]}" for r in rows])
        )
        tables = [(target, "--credentials", name) for name in ("fleet.csv", "wrong.csv")]
        self.assertEqual(self.online(*tables), [4, 0])
        self.expect_line(self.run_program(["credentials", "--count", "2", "--out", "p"]), 0, "")
        mqtts, coaps = "mqtts://localhost:1", "coaps://localhost:1"
        papers = "identity,certificate,private_key\n"
        one, other = "p/devices/bs-00000000", "p/devices/bs-00000001"
        for text, target, line in (
            (papers + f"a,{one}.pem,{other}.key\n", mqtts, r"papers that do not fit: .*a\).*"),
            (papers + f"a,{one}.key,{one}.key\n", mqtts, r"papers that do not fit: .*"),
            (papers + "a,no.pem,no.key\n", mqtts, r"cannot read no\.pem \(--credentials\): .*"),
            (papers + f"a,{one}.pem,\n", mqtts, r"a has a certificate without .*:2\).*"),
            (papers + f"a,{one}.pem,{one}.key\n", mqtts, r"TLS without an authority .*"),
            (papers + f"a,{one}.pem,{one}.key\n", coaps, r"a has no psk \(--credentials\): .*"),
            ("a,61\n", coaps, r"no column is called a \(t\.csv:1\).*"),
            ("identity\n", coaps, r"there is nobody in the file \(t\.csv\).*"),
            ("identity,psk\na,61\na,62\n", coaps, r"identity a stands in line 2 already .*"),
        ):
            self.write("t.csv", text)
            words = ["run", STEADY, "--target", target, "--credentials", "t.csv"]
            if target == mqtts:
                words += ["--set", "protocol=mqtt", "--set", "model=smart-plug"]
            self.expect_refused(words, 4, line)
        self.expect_refused(
            ["run", STEADY, "--target", coaps, "--credentials", "nowhere"],
            4,
            r"cannot open the credentials: No such file or directory \(nowhere\): .*",
        )
        self.expect_refused(
            ["run", STEADY, "--credentials", "t.csv"], 4, r"--credentials without a target .*"
        )
        self.expect_refused(
            ["run", STEADY, "--target", coaps, "--credentials", "t.csv", "--psk", "a:61"],
            4,
            r"--credentials and another word about who the devices are .*",
        )

    def test_a_served_cloud_knows_them(self):
        """And no others: those of another seed are turned away."""
        target, runs = self.served("coaps"), []
        for seed in ("1", "2"):
            keys = self.written("--count", "4", "--first", "10", "--seed", seed)
            self.write(f"{seed}.psk", "\n".join(keys) + "\n")
            runs.append((target, "--psk-file", f"{seed}.psk"))
        self.assertEqual(self.online(*runs), [4, 0])


if __name__ == "__main__":
    unittest.main()
