#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""run and serve --metrics: a page for Prometheus while they run, read by its own client library;
serve --totals.
"""
import json
import pathlib
import re
import socket
import unittest
import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from program import CliTest, SOURCE, has_handlers, start, wait_until

REAL = """scenario { title = "Three devices" }
function setup(p)
    fleet.devices { model = "thermostat", count = 3, report_every = "250ms", start_over = "250ms",
                    boot = "0s", register = false, law = law.fixed { base = "1s" } }
end
function drill(p) wait "6s" end
"""


def fetch(port, path="/metrics", method="GET"):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def read(text):
    """Name and labels to value; refuses what the conventions refuse."""
    samples = {}
    typed = re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M)
    if len({name for name, _ in typed}) < len(typed):
        raise ValueError("a family stands there twice")
    for name, kind in typed:
        if (kind == "counter") != name.endswith("_total"):
            raise ValueError(f"{name}: a counter ends in _total, and nothing else does")
    for family in text_string_to_metric_families(text):
        if family.documentation == "" or family.type not in ("counter", "gauge", "summary"):
            raise ValueError(f"{family.name}: a {family.type} without help or of no such type")
        for s in family.samples:
            if family.type != "summary" and {"quantile", "le"} & set(s.labels):
                raise ValueError(f"{s.name}: a label that is a summary's or a histogram's")
            if not re.fullmatch(r"blackstart_[a-z][a-z0-9_]*", s.name):
                raise ValueError(f"{s.name}: not our prefix")
            samples[s.name, tuple(sorted(s.labels.items()))] = s.value
    return samples


def tcp_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Metrics(CliTest):
    def served(self, *words):
        """The built-in cloud with a page, its CoAP's port, and the page's."""
        page = tcp_port()
        process, port, line = self.serve("--coap", "{port}", "--metrics", str(page), *words)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        has_handlers(process)
        if "json" in words:
            self.assertEqual(json.loads(line), {"serving": f"coap://127.0.0.1:{port}"})
        return process, port, page

    def test_run_and_serve_tell_how_they_stand(self):
        cloud, port, page = self.served("--totals", "json")
        own = tcp_port()
        self.write("real.lua", REAL)
        words = ["run", "real.lua", "--target", f"coap://127.0.0.1:{port}", "--quiet"]
        run = start([*words, "--out", "o", "--metrics", str(own)], self.folder)
        seen = []

        def answered():
            try:
                kind, text = fetch(own)
            except urllib.error.URLError:  # the page is not there yet
                return False
            self.assertRegex(kind, r"\Atext/plain; version=0\.0\.4")
            seen.append(read(text))
            return seen[-1]["blackstart_requests_total", (("outcome", "answered"),)] >= 3

        has_handlers(run)
        wait_until(lambda: run.poll() is None and answered(), "three requests are answered")
        self.assertEqual(seen[-1]["blackstart_devices_online", ()], 3)
        latency = "blackstart_request_latency_seconds"
        count = seen[-1][latency + "_count", ()]
        self.assertGreaterEqual(count, 3)
        mean = seen[-1][latency + "_sum", ()] / count
        for value in (seen[-1][latency, (("quantile", "0.95"),)], mean):
            self.assertTrue(0 < value < 10, value)  # seconds, not microseconds
        run.communicate(timeout=60)
        self.assertEqual(run.returncode, 0)
        total = json.loads((self.folder / "o" / "summary.json").read_text())["metrics"]
        self.assertNotIn("local_availability_thermostat", total)  # nothing was taken from it
        due = total["reports_due_steady"]["value"]  # three devices, four a second, no ramp in it
        self.assertTrue(11 <= due <= 13, due)
        self.assertLessEqual(total["reports_answered_steady"]["value"], due + 1)
        self.assertGreater(total["reports_answered_steady"]["value"], 0)
        total = total["reports_answered"]["value"]
        taken = ("blackstart_cloud_reports_total", ())
        wait_until(lambda: read(fetch(page)[1])[taken] == total, "the cloud tells of all reports")
        cloud.terminate()
        lines = [json.loads(line) for line in cloud.stdout.read().splitlines()]
        self.assertEqual(cloud.wait(timeout=60), 0)
        self.assertEqual([line["last"] for line in lines], [False] * (len(lines) - 1) + [True])
        self.assertEqual((lines[-1]["cloud_reports"], lines[-1]["attempts_online"]), (total, 3))
        self.assertGreater(lines[-1]["time_s"], 0)

    def test_there_is_one_page_to_be_read(self):
        _, _, page = self.served()
        self.assertEqual(fetch(page, method="HEAD")[1], "")
        for path, method, code in (("/", "GET", 404), ("/metrics", "POST", 405)):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                fetch(page, path, method)
            self.assertEqual(refused.exception.code, code)
            refused.exception.close()

    def test_a_port_that_is_taken_is_wrong_use(self):
        self.write("real.lua", REAL)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            words = ["--metrics", str(taken.getsockname()[1])]
            line = r"cannot serve metrics: Address already in use \(--metrics 127\.0\.0\.1:\d+\): "
            self.expect_refused(["run", "real.lua", "--out", "o", *words], 4, line + "give .*")
            self.expect_refused(["serve", *words], 4, line + "give .*")

    def test_words_that_are_none(self):
        self.expect_refused(
            ["serve", "--totals", "xml"], 4, r"no way to write totals: xml \(--totals\): say .*"
        )
        self.expect_refused(
            ["run", "steady", "--metrics", "here"], 4, r"no address to serve on: here \(--metr.*"
        )

    def test_each_column_is_there_and_a_bad_page_is_refused(self):
        map_ = (pathlib.Path(SOURCE) / "sim" / "report" / "folder.h").read_text()
        members = set(re.findall(r"^    X\((\w+), \"", map_, re.M))
        rows = (pathlib.Path(SOURCE) / "sim" / "report" / "prometheus.c").read_text()
        self.assertEqual(members - set(re.findall(r"\w+", rows)), set())
        name = "blackstart_a_total"
        good = f"# HELP {name} A.\n# TYPE {name} counter\n{name} 1\n"
        self.assertEqual(read(good), {(name, ()): 1})
        for bad in (
            good.replace("_total", ""),
            good.replace("blackstart", "bs"),
            good.replace("# HELP blackstart_a_total A.\n", ""),
            good.replace("counter", "gauge"),
            good.replace("total 1", 'total{quantile="0.5"} 1'),
            good + good,
        ):
            with self.assertRaises(ValueError, msg=bad):
                read(bad)


if __name__ == "__main__":
    unittest.main()
