#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# test-cost: 40
"""200 devices of ours against servers that are not ours: Debian's coap-server without DTLS, with
OpenSSL and with GnuTLS. Each run has a server of its own; they run side by side.
"""
import concurrent.futures
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from peers import CoapServer, InteropTest, Recorder  # noqa: E402

SHARED = ["--psk", "me:text:secret"]
SIDE_BY_SIDE = 6


class CoapServers(InteropTest):
    def keys(self):
        """200 identities with keys of their own: for us, and as coap-server -i takes them
        (hint,identity,key; the hint is its default).
        """
        keys = {f"house-{n:03}": f"key{n:03}of-its-own" for n in range(self.DEVICES)}
        ours = self.write(
            "ours.csv", "".join(f"{name},{key.encode().hex()}\n" for name, key in keys.items())
        )
        theirs = self.write(
            "theirs.csv", "".join(f"CoAP,{name},{key}\n" for name, key in keys.items())
        )
        return str(self.folder / ours), str(self.folder / theirs)

    def against(self, name, flavour, url, host, server_options, options):
        with CoapServer(flavour, *server_options, host=host) as server:
            return self.calm_run(name, getattr(server, url), *options)

    def cases(self):
        ours, theirs = self.keys()
        prefix = ["--source", "127.16.0.0/12"]
        key = ["-k", "secret"]
        yield "plain", "notls", "plain", "127.0.0.1", [], []
        yield "plain-prefix", "notls", "plain", "127.0.0.1", [], prefix
        yield "plain-ipv6", "notls", "plain", "::1", [], []
        for flavour in ("openssl", "gnutls"):
            yield f"{flavour}-shared", flavour, "secure", "127.0.0.1", key, SHARED
            yield f"{flavour}-own-keys", flavour, "secure", "127.0.0.1", [*key, "-i", theirs], [
                "--psk-file",
                ours,
            ]
            yield f"{flavour}-prefix", flavour, "secure", "127.0.0.1", key, SHARED + prefix
            yield f"{flavour}-ipv6", flavour, "secure", "::1", key, SHARED

    def test_all_answered(self):
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            runs = {case[0]: pool.submit(self.against, *case) for case in self.cases()}
            for name, run in runs.items():
                with self.subTest(case=name):
                    self.expect_answered(*run.result())

    def test_each_device_has_its_own_source(self):
        cases = {"a port each": [], "an address each": ["--source", "127.16.0.0/12"]}
        for number, (name, options) in enumerate(cases.items()):
            with self.subTest(case=name), Recorder() as recorder:
                self.expect_answered(*self.calm_run(f"own-{number}", recorder.plain, *options))
                self.assertEqual(
                    len(recorder.heard), self.DEVICES, "each device is named in its reports"
                )
                sources = [source for sources in recorder.heard.values() for source in sources]
                self.assertEqual(
                    len(sources), self.DEVICES, "a device that was not cut off keeps its source"
                )
                self.assertEqual(len(set(sources)), self.DEVICES, "no two devices share a source")
                self.assertEqual(len({host for host, _ in sources}), self.DEVICES if options else 1)
                if options:
                    self.assertTrue(
                        all(
                            host.startswith("127.") and 16 <= int(host.split(".")[1]) < 32
                            for host, _ in sources
                        )
                    )


if __name__ == "__main__":
    unittest.main(verbosity=2)
