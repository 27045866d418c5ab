#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.html as a reader opens it: in headless Chromium, at 360 and 1440 pixels, light and dark.
Skipped, saying so, where there is no browser (cmake/setup.sh browser installs one).

test-labels: slow
test-cost: 68
test-timeout: 300
"""
import base64
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from program import STREET, CALM, start, wait_until  # noqa: E402

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
except ImportError:
    webdriver = None

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
WIDTHS = (360, 1440)
# What a picture has to have drawn, by the beginning of its title.
WANTED = {
    "The wave": "svg rect:not(clipPath *)",
    "Devices online": "svg path",
    "How long": "svg circle",
    "Local function": "svg rect",
    "Requests": "svg rect:not(clipPath *)",
}
DELAYS = {"Delays": "svg rect:not(clipPath *), svg line"}
# Ten devices that do what they should not, with somebody who looks.
WATCHED = """
scenario { title = "Watched" }
local all
function setup(p)
    examiner {}
    all = fleet.devices { model = "thermostat", power = "mains", metrics = true, count = 60, law = law.full_jitter { base = "1s", cap = "60s" }, report_every = "10m", start_over = "10m" }
end
function drill(p)
    wait "30h"
    all:devices():inject { kind = "exfiltration", lasting = "6h", strength = 3, devices = 5 }
    wait "2h"
    all:devices():inject { kind = "stuck-sensor", lasting = "1h", devices = 2 }
    wait "10h"
end
function verdict(p)
    judge.examined { sized = true }
end
"""

# Ratio of contrast as WCAG 2 has it, of every text against the background that it stands on.
CONTRAST = """
const light = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
const parts = (text) => text.match(/[0-9.]+/g).map(Number);
const luminance = (p) => 0.2126 * light(p[0]) + 0.7152 * light(p[1]) + 0.0722 * light(p[2]);
const behind = (node) => {
  for (; node; node = node.parentElement) {
    const p = parts(getComputedStyle(node).backgroundColor);
    if (p.length === 3 || p[3] > 0) return p;
  }
  return [255, 255, 255];
};
const poor = [];
for (const node of document.querySelectorAll("h1, h2, h3, h4, p, th, td, dt, dd, li, summary, pre, .badge, .given, select")) {
  if (!node.textContent.trim() || node.offsetParent === null) continue;
  const [a, b] = [luminance(parts(getComputedStyle(node).color)), luminance(behind(node))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) poor.push(`${node.tagName} ${node.className} ${ratio.toFixed(2)}: ${node.textContent.slice(0, 40)}`);
}
return poor;
"""


def run(folder, name, *arguments):
    process = start(["run", *arguments, "--quiet", "--out", name], folder)
    process.communicate(timeout=120)


class Browser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)
        evil = '</script><img src=http://localhost:9/x onerror=document.title=1>'
        (cls.folder / "evil.lua").write_text(CALM.replace("Two devices, one minute", evil))
        run(cls.folder, "good", STREET)
        # a cloud that turns away for nothing: the herd is in after minutes, and the page is short
        free = ["--set", "overload_cost=0"]
        run(cls.folder, "fixed", STREET, "--set", "law=fixed", *free)
        run(cls.folder, "jitter", STREET, "--set", "law=full-jitter", "--set", "capacity=5", *free)
        run(cls.folder, "evil", "evil.lua")
        (cls.folder / "watched.lua").write_text(WATCHED)
        run(cls.folder, "watched", "watched.lua")
        (cls.folder / "watched" / "detection.csv").write_text(
            "kind,injected,noticed,recall,false_alarms\nexfiltration,5,5,1,0\n<b>all</b>,7,5,"
            "0.714,0\n"
        )
        start(["report", "watched"], cls.folder).communicate(timeout=60)
        cls.make_houses()
        for name, *vary in (
            ("sweep", "law=orderly,fixed", "capacity=5..80/4"),
            ("sweep-words", "law=orderly,fixed"),
            ("sweep-map", "law=orderly,fixed,full-jitter", "outage=1m,30m", "capacity=2..20/3"),
        ):
            words = [word for one in vary for word in ("--vary", one)]
            start(
                [
                    "sweep",
                    STREET,
                    "--set",
                    "homes=15",
                    *words,
                    "--seeds",
                    "2",
                    "--quiet",
                    "--out",
                    name,
                ],
                cls.folder,
            ).communicate(timeout=120)
        start(["compare", "fixed", "good", "-o", "compare.html"], cls.folder).communicate(
            timeout=60
        )
        cls.make_distinct()
        options = Options()
        options.binary_location = BROWSER
        for flag in [*FLAGS, f"--user-data-dir={cls.folder / 'profile'}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        cls.driver = webdriver.Chrome(service=Service(DRIVER), options=options)
        cls.addClassCleanup(cls.driver.quit)

    @classmethod
    def make_houses(cls):
        """Two models in three minutes: a television that is always right, a bulb that is not
        without its cloud, and a minute without power."""
        homes = str(pathlib.Path(__file__).resolve().parents[1] / "determinism" / "household.lua")
        run(cls.folder, "houses", homes, "--set", "device=cloud-dependent")
        shutil.copytree(cls.folder / "houses", cls.folder / "three-minutes")
        (cls.folder / "three-minutes" / "local.csv").write_text(
            "time_s,seconds,model,right,late,wrong,unable,without_cloud,right_without_cloud,"
            "sensed,arrived,dropped\n"
            "0,60,bulb,4,0,0,0,0,0,8,8,0\n0,60,tv,1,0,0,0,0,0,0,0,0\n"
            "60,60,bulb,1,3,0,0,3,0,9,2,1\n60,60,tv,2,0,0,0,2,2,0,0,0\n"
            "120,60,bulb,0,0,0,5,0,0,1,7,0\n120,60,flood-sensor,0,0,0,0,0,0,3,1,0\n"
        )
        start(["report", "three-minutes"], cls.folder).communicate(timeout=60)

    @classmethod
    def make_distinct(cls):
        """A result in which no two figures are alike: one that stands in the wrong place is seen.
        Nothing is answered from 20 s to 25 s.
        """
        shutil.copytree(cls.folder / "fixed", cls.folder / "distinct")
        cls.rows = [
            [
                i,
                900 + i,
                0,
                0,
                0,
                1200 + i,
                2000 + i,
                1900 + i,
                0 if 20 <= i < 25 else 1700 + i,
                100 + i,
                50 + i,
                300 + i,
                0 if 20 <= i < 25 else 1000 * (101 + i),
                0 if 20 <= i < 25 else 1000 * (701 + i),
            ]
            for i in range(40)
        ]
        head = (
            "time_s,online,attempts,successes,rejections,queue_depth,due,sent,answered,refused,"
            "failed,waiting,median_us,p95_us\n"
        )
        (cls.folder / "distinct" / "series.csv").write_text(
            head + "".join(",".join(map(str, row)) + "\n" for row in cls.rows)
        )
        (cls.folder / "distinct" / "attempts.csv").write_text(
            "time_s,device,home,trigger,attempt,outcome,latency_s\n"
            "1.000000000,0,0,power restore,1,online,6.000000000\n1.100000000,1,0,power "
            "restore,1,dropped,\n1.200000000,2,0,power restore,1,dropped,\n"
            "1.900000000,3,1,power restore,1,online,0.200000000\n2.500000000,4,1,power "
            "restore,1,busy,0.100000000\n"
            "3.250000000,5,1,power restore,1,refused,0.300000000\n9.000000000,6,2,power "
            "restore,1,none,\n"
        )
        path = cls.folder / "distinct" / "summary.json"
        summary = json.loads(path.read_text())
        trend = {"kind": "trend", "unit": "s", "mean": 1.5, "minimum": 0.001}
        summary.update(
            seconds=40,
            attempts=7,
            duration_s=40,
            story=[],
            devices=1234,
            trigger_at_s=[0, 0.5],
            capacity=3,
        )
        summary["metrics"]["connect_latency"] = {
            **trend,
            "samples": 200,
            "answered": 150,
            "more_than": ["p90", "p95", "p99", "maximum"],
            "median": 0.011,
            "maximum": 44,
            "p90": 22,
            "p95": 31,
            "p99": 33,
        }
        summary["metrics"]["request_latency"] = {
            **trend,
            "samples": 4000,
            "answered": 10,
            "more_than": ["mean", "median", "p90", "p95", "p99", "maximum"],
            "median": 101,
            "maximum": 505,
            "p90": 202,
            "p95": 303,
            "p99": 404,
        }
        unsent = {"": 13000, "_waiting": 0, "_held": 0, "_offline": 9000, "_cut": 4000}
        for why, count in unsent.items():
            summary["metrics"][f"reports_skipped{why}"]["value"] = count
        path.write_text(json.dumps(summary))
        start(["report", "distinct"], cls.folder).communicate(timeout=60)

    def open(self, page, width, scheme="light", place=""):
        self.driver.get("about:blank")  # another place of the same page would not load it anew
        self.driver.get_log("browser"), self.driver.get_log("performance")
        command = self.driver.execute_cdp_cmd
        command(
            "Emulation.setEmulatedMedia",
            {"media": "", "features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )
        command(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        self.driver.get((self.folder / page).as_uri() + place)

    def ask(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def requests(self):
        messages = [
            json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")
        ]
        urls = [
            m["params"]["request"]["url"]
            for m in messages
            if m["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in urls if not url.startswith(("data:", "about:"))]

    def look(self, page, width, scheme, place=""):
        self.open(page, width, scheme, place)
        self.assertEqual(self.driver.get_log("browser"), [], "console")
        self.assertEqual(self.requests(), [(self.folder / page).as_uri()])
        self.assertLessEqual(
            self.ask("return document.documentElement.scrollWidth"), width, "wider than the window"
        )
        wide = self.ask(
            "return [...document.querySelectorAll('body :not(thead *)')].filter(e => { const r = "
            "e.getBoundingClientRect();"
            "return r.width > 0 && r.right > innerWidth + 1 }).map(e => e.tagName + '.' + "
            "e.getAttribute('class')).slice(0, 5)"
        )
        self.assertEqual(wide, [], "beyond the right edge")
        cut = self.ask(
            "return [...document.querySelectorAll('svg text')].filter(e => e.textContent && "
            "e.getBoundingClientRect().left < -1).map(e => e.textContent).slice(0, 5)"
        )
        self.assertEqual(cut, [], "beyond the left edge")
        self.assertEqual(self.ask(CONTRAST), [], "contrast")

    def each(self, page, check):
        for width in WIDTHS:
            for scheme in ("light", "dark"):
                with self.subTest(page=page, width=width, scheme=scheme):
                    self.look(page, width, scheme)
                    check(scheme)

    def figures(self):
        return self.ask(
            "return Object.fromEntries([...document.querySelectorAll('figure')].map(f => "
            "[f.querySelector('h3').textContent, f.id]))"
        )

    def sentence(self, run):
        """What the first verdict of a run says."""
        path = self.folder / run / "summary.json"
        return json.loads(path.read_text(encoding="utf-8"))["verdicts"][0]["sentence"]

    def check_pictures(self, scheme, verdict, sentence, sides=1, more=None):
        self.assertIn(
            verdict, self.ask("return document.querySelector('.overall, .sides').innerText")
        )
        self.assertIn(sentence, self.ask("return document.body.innerText"))
        figures = self.figures()
        for title, marks in {**WANTED, **(more or {})}.items():
            ids = [identity for name, identity in figures.items() if name.startswith(title)]
            self.assertEqual(len(ids), 1, title)
            self.assertGreater(
                self.ask(
                    "return "
                    "document.getElementById(arguments[0]).querySelectorAll(arguments[1]).length",
                    ids[0],
                    marks,
                ),
                1,
                title,
            )
        images = self.ask(
            "return [...document.querySelectorAll('[role=img]')].map(e => "
            "e.getAttribute('aria-label'))"
        )
        self.assertGreaterEqual(len(images), 4 * sides)
        self.assertTrue(all(len(text or "") > 30 for text in images), images)
        paper = self.ask("return getComputedStyle(document.body).backgroundColor")
        self.assertEqual(paper == "rgb(255, 255, 255)", scheme == "light", paper)

    def test_good_run(self):
        def check(scheme):
            self.check_pictures(scheme, "PASS", self.sentence("good"))
            # one attempt of each device is no law: said instead of drawn
            self.assertEqual(
                [
                    name
                    for name in self.figures()
                    if name.startswith(("Delays", "In step", "What was done"))
                ],
                [],
            )
            left = self.ask("return document.querySelector('.left-out').innerText")
            self.assertIn(
                "Delays before each attempt: no device had to try again; half of them", left
            )
            self.assertIn("In step, or each on its own: no device had to try again.", left)
            self.assertNotIn("What was done", left)

        self.each("good/report.html", check)

    def test_fixed_law(self):
        def check(scheme):
            self.check_pictures(scheme, "FAIL", self.sentence("fixed"), more=DELAYS)
            self.assertIn("dropped", self.ask("return document.querySelector('.legend').innerText"))
            self.assertIn(
                "capacity of the cloud: 20 a second",
                self.ask("return document.querySelector('.legend').innerText"),
            )
            self.assertIn(
                "20/s", self.ask("return document.querySelector('figure svg').textContent")
            )
            self.assertIn(
                "power restore", self.ask("return document.querySelector('figure svg').textContent")
            )
            self.assertEqual(self.ask("return document.querySelectorAll('.wheel').length"), 1)

        self.each("fixed/report.html", check)

    def test_many_attempts(self):
        self.each(
            "jitter/report.html",
            lambda scheme: self.assertEqual(
                self.ask("return document.querySelectorAll('.wheel').length"), 6
            ),
        )

    def test_two_side_by_side(self):
        def check(scheme):
            self.check_pictures(scheme, "FAIL", "What differs", sides=2, more=DELAYS)
            self.assertIn(
                "Nothing to draw: no device had to try again",
                self.ask("return document.body.innerText"),
            )
            left, right = self.ask(
                "return [...document.querySelectorAll('figure .side')].slice(0, 2).map(e => "
                "e.getBoundingClientRect().left)"
            )
            self.assertEqual(
                left < right,
                self.ask("return innerWidth") > 768,
                "beside each other where there is room",
            )

        self.each("compare.html", check)

    def test_calm_run(self):
        """No trigger, no wave: attempts since the start."""

        def check(scheme):
            self.assertIn("Attempts to connect since the start", self.figures())
            self.assertIn(
                "No trigger made devices reconnect",
                self.ask("return document.querySelector('#wave .caption').innerText"),
            )
            # of the start there is no wave to speak of: what the run was about stands first
            self.assertEqual(
                self.ask(
                    "return [...document.querySelectorAll('figure')].map(f => f.id).slice(0, 3)"
                ),
                ["requests", "online", "wave"],
            )

        self.each("evil/report.html", check)

    def test_what_was_noticed(self):
        def check(scheme):
            figure = self.figures()["What was done, and what was noticed"]
            said, words = self.ask(
                "const f = document.getElementById(arguments[0]); return "
                "[f.querySelector('.caption').innerText, f.querySelector('svg').textContent]",
                figure,
            )
            self.assertRegex(said, "^2 campaigns, .* [0-9]+ alarm")
            self.assertIn("exfiltration", words)
            self.assertIn("stuck sensor", words)
            self.assertGreater(
                self.ask(
                    "return document.getElementById(arguments[0]).querySelectorAll('svg "
                    "rect').length",
                    figure,
                ),
                1,
            )
            self.assertIn(
                "campaign that",
                self.ask(
                    "return "
                    "document.getElementById(arguments[0]).querySelector('.legend').innerText",
                    figure,
                ),
            )
            page = self.ask("return document.body.innerText")
            self.assertIn("What the examiner found, by kind", page)
            self.assertIn("<b>all</b>", page)  # foreign text, and no markup
            self.assertIn("71.4 %", page)

        self.each("watched/report.html", check)

    def fills(self):
        """Of the cells of work in the house: model, minute and colour, by where they lie."""
        rects = self.ask(
            "return [...document.querySelectorAll('#houses svg:first-of-type rect')].filter(e => "
            "!e.closest('clipPath')).map(e => ["
            "Number(e.getAttribute('x')), Number(e.getAttribute('y')), "
            "e.getAttribute('fill') ?? e.parentNode.getAttribute('fill')])"
        )
        columns = sorted({round(x) for x, _, _ in rects})
        rows = sorted({round(y) for _, y, _ in rects})
        return {(rows.index(round(y)), columns.index(round(x))): fill for x, y, fill in rects}

    def test_work_in_the_house(self):
        """Rows are models, columns minutes; below the bulb and the television lies a line for the
        minute in which they had no cloud."""
        self.look("three-minutes/report.html", 1440, "light")
        good, worse, no_power, line = (
            "var(--%s)" % w for w in ("online", "dropped", "none", "ink")
        )
        bulb, under_bulb, tv, under_tv = range(4)
        wanted = {
            (bulb, 0): good,
            (bulb, 1): worse,
            (bulb, 2): no_power,
            (under_bulb, 1): line,
            (tv, 0): good,
            (tv, 1): good,
            (under_tv, 1): line,
        }
        self.assertEqual(self.fills(), wanted)
        said = self.said("houses")
        self.assertIn("without the cloud bulb did worst, with 0 % answered rightly", said)
        self.assertIn("Of 21 samples at most 6 waited", said)
        self.assertIn("at the end 2 had not come", said)
        _, rows = self.cells("houses")
        self.assertEqual(rows[0], ["bulb", "8", "62.5 %", "3", "0", "5", "3"])
        self.assertEqual(rows[1], ["tv", "3", "100 %", "0", "0", "0", "2"])

    def test_houses_of_a_run(self):
        """A bulb that goes by the cloud is the one that stands out, at all widths."""

        def check(scheme):
            self.assertIn("without the cloud bulb did worst", self.said("houses"))
            self.assertGreater(len(self.fills()), 50)
            over = self.ask("return document.documentElement.scrollWidth - innerWidth")
            self.assertLessEqual(over, 0)

        self.each("houses/report.html", check)

    def cells(self, figure):
        """The table of a picture, once it is opened: its heads, and its rows."""
        self.ask("document.querySelector(`#${arguments[0]} details.table`).open = true", figure)
        self.driver.implicitly_wait(5)
        self.driver.find_element("css selector", f"#{figure} details.table tbody tr")
        texts = "return [...document.querySelectorAll(`#${arguments[0]} details.table %s`)].map(%s)"
        return (
            self.ask(texts % ("thead th", "e => e.textContent"), figure),
            self.ask(texts % ("tbody tr", "r => [...r.children].map(e => e.textContent)"), figure),
        )

    def said(self, figure):
        return self.ask(
            "return document.querySelector(`#${arguments[0]} .caption`).textContent", figure
        )

    def test_each_figure_in_its_place(self):
        self.look("distinct/report.html", 1440, "light")
        heads, rows = self.cells("requests")
        self.assertEqual(
            heads,
            [
                "from",
                "due",
                "sent",
                "answered",
                "refused",
                "failed",
                "most waiting",
                "median",
                "95 %",
            ],
        )
        self.assertEqual(len(rows), 40)
        self.assertEqual(
            rows[7], ["7s", "2,007", "1,907", "1,707", "107", "57", "307", "108ms", "708ms"]
        )
        self.assertEqual(
            rows[22], ["22s", "2,022", "1,922", "0", "122", "72", "322", "\u2013", "\u2013"]
        )
        answered = sum(row[8] for row in self.rows)
        said = self.said("requests")
        self.assertIn(
            f"80,780 requests were due; {answered:,} were answered ({100 * answered / 80780:.1f} "
            f"%), 4,780 refused, 2,780 given up without an answer, "
            "13,000 not sent (9,000 without a session, 4,000 cut off), 50 still waited at the end",
            said,
        )
        self.assertIn("Nothing was answered for 5s, from 20s on.", said)
        self.assertIn("95 % of its answers came within 740ms", said)
        self.assertIn("For 5s, from 20s on, nobody was answered", self.said("online"))
        heads, rows = self.cells("online")
        self.assertEqual(rows[3], ["4s", "903", "903", "1,203"])
        heads, rows = self.cells("wave")
        self.assertEqual(
            heads,
            [
                "from, after the trigger",
                "came online, then or later",
                "answered busy",
                "dropped, over capacity",
                "refused",
                "nothing came of it",
                "coming online",
                "busiest second",
            ],
        )
        self.assertEqual(
            rows,
            [
                ["500ms", "2", "0", "2", "0", "0", "0", "4"],
                ["1.5s", "0", "1", "0", "0", "0", "1", "2"],
                ["2.5s", "0", "0", "0", "1", "0", "0", "1"],
                ["6.5s", "0", "0", "0", "0", "0", "1", "0"],
                ["8.5s", "0", "0", "0", "0", "1", "0", "1"],
            ],
        )
        self.assertIn(
            "4 in the busiest second, 500ms after it; the cloud admits 3 a second. No more than 1 "
            "came online in any second.",
            self.said("wave"),
        )

    def test_latencies_that_are_only_known_to_be_more(self):
        self.look("distinct/report.html", 1440, "light")
        self.assertIn(
            "connect: half within 11ms, 95 % not within 31s, the longest more than 44s (n=200, "
            "answered: 150, 75 %); "
            "request: half not within 1m41s, 95 % not within 5m03s, the longest more than 8m25s "
            "(n=4,000, answered: 10, 0.25 %)",
            self.said("latency"),
        )
        _, rows = self.cells("latency")
        self.assertEqual(
            rows,
            [
                [
                    "connect",
                    "200",
                    "150",
                    "11ms",
                    "more than 22s",
                    "more than 31s",
                    "more than 33s",
                    "more than 44s",
                ],
                [
                    "request",
                    "4,000",
                    "10",
                    "more than 1m41s",
                    "more than 3m22s",
                    "more than 5m03s",
                    "more than 6m44s",
                    "more than 8m25s",
                ],
            ],
        )
        # one mark for what is known, nine with another form for what is not
        marks = self.ask(
            "return [...document.querySelectorAll('#latency svg g[aria-label=dot]')].map(g => "
            "g.children.length)"
        )
        self.assertEqual(marks, [1, 9])
        self.assertIn(
            "more than this: too little was answered",
            self.ask("return document.querySelector('#latency .legend').innerText"),
        )

    def shown(self, selector):
        return self.ask(
            "return [...document.querySelectorAll(arguments[0])].filter(e => e.offsetParent !== "
            "null).length",
            selector,
        )

    def type_of(self, selector):
        return float(
            self.ask(
                "return getComputedStyle(document.querySelector(arguments[0])).fontSize", selector
            )[:-2]
        )

    def is_for_a_room(self):
        """Sentence and picture first, in large type: all of it on the first screen, nothing else
        there.
        """
        text = (
            "return Math.max(...[...document.querySelectorAll('#wave svg text')].map(t => "
            "t.getBoundingClientRect().height), 0)"
        )
        places = self.ask(
            "return ['h1', '.lead .sentence', '#wave svg'].map(s => "
            "document.querySelector(s).getBoundingClientRect()).map(r => [r.top, r.bottom])"
        )
        return (
            places == sorted(places)
            and places[-1][1] <= 900
            and self.type_of(".lead .sentence") >= 26
            and self.ask(text) >= 20
            and self.shown("table, .facts, .repeat, .story, select") == 0
        )

    def test_shown_to_a_room(self):
        for scheme in ("light", "dark"):
            self.look("fixed/report.html", 1440, scheme, "#present")
            # a picture is drawn anew when its place has got another size
            wait_until(self.is_for_a_room, "a page for a room", 20)
            self.look("watched/report.html", 1440, scheme, "#present")
            self.look("fixed/report.html", 360, scheme, "#present")
            self.assertEqual(self.shown("table, .facts"), 0)
            self.look("compare.html", 1440, scheme, "#present")
            self.look("sweep/sweep.html", 1440, scheme, "#present")
        # the switch, there and back; the page as it was is no page for a room
        self.open("fixed/report.html", 1440)
        self.assertFalse(self.is_for_a_room())
        self.ask("document.querySelector('a.present').click()")
        self.driver.implicitly_wait(5)
        self.driver.find_element("css selector", "body:target a.leave")
        self.assertEqual(self.shown("a.leave"), 1)
        self.ask("document.querySelector('a.leave').click()")
        self.driver.find_element("css selector", "body:not(:target)")
        self.assertGreater(self.shown("table"), 0)

    def test_shown_to_a_room_without_script_and_in_print(self):
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            self.open("fixed/report.html", 1440, place="#present")
            text = self.driver.find_element("css selector", "body").text
        finally:
            self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        for words in ("FAIL", self.sentence("fixed"), "The pictures need JavaScript"):
            self.assertIn(words, text)
        self.assertNotIn("at most 20 attempts/s", text)
        self.open("fixed/report.html", 1440, place="#present")
        page = base64.b64decode(
            self.driver.execute_cdp_cmd(
                "Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True}
            )["data"]
        )
        boxes = [
            tuple(float(n) for n in box)
            for box in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page)
        ]
        self.assertGreaterEqual(len(boxes), len(self.figures()))
        self.assertTrue(all(width > height for width, height in boxes), boxes)

    def test_sweep(self):
        def check(scheme):
            self.assertIn(
                "cheapest setting that meets it",
                self.ask("return document.querySelector('.found').innerText"),
            )
            figures = self.figures()
            for title in ("busiest second", "time to 95 % online"):
                # a line for each of two laws, a dot for each of eight settings
                self.assertEqual(
                    self.ask(
                        "return document.querySelectorAll(`#${arguments[0]} svg "
                        "g[aria-label=line] path`).length",
                        figures[title],
                    ),
                    2,
                    title,
                )
                self.assertGreaterEqual(
                    self.ask(
                        "return document.querySelectorAll(`#${arguments[0]} svg g[aria-label=dot] "
                        "> *`).length",
                        figures[title],
                    ),
                    8,
                    title,
                )
            labels = self.ask(
                "return [...document.querySelectorAll(`#${arguments[0]} svg text`)].map(t => "
                "t.textContent)",
                figures["busiest second"],
            )
            for value in ("5", "13", "32", "80", "capacity, logarithmic"):
                self.assertIn(value, labels)
            self.assertEqual(self.ask("return document.querySelectorAll('tr.cheapest').length"), 1)
            self.assertEqual(
                self.ask("return document.querySelectorAll('#verdicts ~ table tbody tr').length"), 8
            )

        self.each("sweep/sweep.html", check)

    def test_sweep_of_words_and_of_many(self):
        """Without numbers to go along: a row for each setting. Too many lines: tints, each with its
        number where there is room.
        """
        self.each(
            "sweep-words/sweep.html",
            lambda scheme: self.assertGreaterEqual(
                self.ask(
                    "return document.querySelectorAll('figure svg g[aria-label=dot] > *').length"
                ),
                2,
            ),
        )

        def check(scheme):
            tints = self.ask(
                "return document.querySelectorAll(`#${arguments[0]} svg g[aria-label=cell] > "
                "rect`).length",
                self.figures()["busiest second"],
            )
            self.assertGreaterEqual(tints, 18)

        self.each("sweep-map/sweep.html", check)

    def test_hostile_title(self):
        self.look("evil/report.html", 360, "light")
        self.assertIn("</script><img", self.ask("return document.querySelector('h1').innerText"))
        self.assertEqual(self.ask("return document.images.length"), 0)

    def keys(self, figure, *keys):
        """What a picture tells after these keys."""
        return self.ask(
            "const frame = document.querySelector(`#${arguments[0]} .frame`); frame.focus();"
            "for (const key of arguments[1]) frame.dispatchEvent(new KeyboardEvent('keydown', "
            "{ key, bubbles: true }));"
            "return document.querySelector(`#${arguments[0]} .reading`).textContent",
            figure,
            keys,
        )

    def mouse(self, kind, x, y):
        self.driver.execute_cdp_cmd(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1, "buttons": 1},
        )

    def drawn(self):
        """Once what was asked for has been painted."""
        self.driver.execute_async_script(
            "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))"
        )

    def ticks(self, figure):
        return self.ask(
            "return [...document.querySelectorAll(`#${arguments[0]} svg [aria-label^=\"x-axis "
            "tick label\"] text`)].map(t => t.textContent)",
            figure,
        )

    def place_of(self, figure):
        """The picture in the window: left, top, width, height."""
        return self.ask(
            "const one = document.querySelector(`#${arguments[0]} svg`); "
            "one.scrollIntoView({ block: 'center' }); const r = one.getBoundingClientRect(); "
            "return [r.left, r.top, r.width, r.height]",
            figure,
        )

    def test_values_are_told(self):
        """By arrow keys and under the pointer; no two figures of this result are alike."""
        self.look("distinct/report.html", 1440, "light")
        self.assertIn("arrow keys", self.keys("wave"))
        told = [self.keys("wave", "Home")] + [self.keys("wave", "ArrowRight") for _ in range(10)]
        self.assertIn(
            "500ms to 1.5s: 4 attempts arrived (2 came online, then or later, 2 dropped, over "
            "capacity); 0 coming online.",
            told,
        )
        self.assertIn("1.5s to 2.5s: 1 attempt arrived (1 answered busy); 1 coming online.", told)
        self.assertEqual(
            self.keys("requests", "Home", *["ArrowRight"] * 3),
            "3s to 4s: 2,003 due, 1,703 answered, 103 refused, 53 given up without an answer, "
            "303 waiting at most; half of the answers of a second within 104ms, 95 % within "
            "704ms.",
        )
        self.assertIn("connect, median: 11ms (n=200)", self.keys("latency", "Home"))
        self.assertIn("connect, most: more than 44s", self.keys("latency", *["ArrowRight"] * 4))
        left, top, width, height = self.place_of("online")
        self.mouse("mouseMoved", left + width - 30, top + height / 2)
        self.drawn()
        self.assertEqual(
            self.ask("return document.querySelector('#online .reading').textContent"),
            "Until 40s: 939 devices online, 939 at the fewest; 1,239 in the longest queue.",
        )
        self.assertEqual(
            self.ask("return document.querySelectorAll('#online line.cursor').length"), 1
        )
        self.assertIn("arrow keys", self.keys("online", "Escape"))

    def test_looked_at_closer(self):
        """By keys, by dragging and by buttons; back to the whole; nothing is drawn outside."""
        self.look("distinct/report.html", 1440, "light")
        whole = self.ticks("online")
        self.assertIn("40s", whole)
        self.keys("online", "Home", "+", "+")
        self.drawn()
        self.assertNotIn("40s", self.ticks("online"))
        self.assertGreater(
            self.ask("return document.querySelectorAll('#online svg [clip-path]').length"), 1
        )
        # an arrow key beyond the edge takes what is shown along
        self.keys("online", "End")
        self.drawn()
        self.assertIn("40s", self.ticks("online"))
        self.keys("online", "0")
        self.drawn()
        self.assertEqual(self.ticks("online"), whole)
        left, top, width, height = self.place_of("online")
        y = top + height / 2
        for kind, share in (("mousePressed", 0.3), ("mouseMoved", 0.4), ("mouseReleased", 0.5)):
            self.mouse(kind, left + share * width, y)
        self.drawn()
        closer = self.ticks("online")
        self.assertIn("14s", closer)
        self.assertNotIn("30s", closer)
        self.ask("document.querySelectorAll('#online .tools button')[2].click()")
        self.drawn()
        self.assertEqual(self.ticks("online"), whole)

    def test_larger_and_back(self):
        self.open("fixed/report.html", 1440)
        button = "[...document.querySelectorAll('#delays .tools button')].at(-1)"
        before = self.ask("return document.querySelector('#delays svg').clientHeight")
        self.ask(f"{button}.click()")
        self.drawn()
        box = self.ask(
            "const r = document.getElementById('delays').getBoundingClientRect(); "
            "return [r.left, r.top, r.right, r.bottom]"
        )
        self.assertEqual(box, [0, 0, 1440, 900])
        self.assertGreater(
            self.ask("return document.querySelector('#delays svg').clientHeight"), 1.2 * before
        )
        self.keys("delays", "Escape")
        self.drawn()
        self.assertEqual(self.ask("return document.querySelectorAll('.large').length"), 0)

    def test_links_to_places(self):
        """Every section, verdict and picture has a link, in the page itself where it has no script
        to wait for; and there are the places that links lead to."""
        for page in ("fixed/report.html", "compare.html", "sweep/sweep.html"):
            with self.subTest(page=page):
                self.open(page, 1440)
                without = self.ask(
                    "return [...document.querySelectorAll('main :is(h2, figure > h3)')].filter(h "
                    "=> !h.querySelector('a.anchor')).map(h => h.textContent)"
                )
                self.assertEqual(without, [])
                lost = self.ask(
                    "return [...document.querySelectorAll('a[href^=\"#\"]')].map(a => "
                    "a.getAttribute('href').slice(1)).filter(id => id && "
                    "!document.getElementById(id))"
                )
                self.assertEqual(lost, [])
                ids = self.ask("return [...document.querySelectorAll('[id]')].map(e => e.id)")
                self.assertEqual(len(ids), len(set(ids)), "names are given once")
                contents = self.ask(
                    "return [...document.querySelectorAll('nav.contents a')].map(a => "
                    "a.getAttribute('href'))"
                )
                for figure in self.figures().values():
                    self.assertIn(f"#{figure}", contents)
        self.open("fixed/report.html", 1440, place="#latency")
        top = self.ask("return document.getElementById('latency').getBoundingClientRect().top")
        self.assertLess(abs(top), 450, "the picture that the address names is in the window")
        self.ask("document.querySelector('#wave a.anchor').click()")
        self.assertEqual(self.ask("return location.hash"), "#wave")

    def test_another_trigger(self):
        """The select is reached by keyboard and draws anew; tables fill when they are opened."""
        self.open("fixed/report.html", 1440)
        before = self.ask("return document.querySelector('#wave .caption').innerText")
        self.ask(
            "const s = document.getElementById('trigger'); s.focus(); s.selectedIndex = 0; "
            "s.dispatchEvent(new Event('change'))"
        )
        self.assertNotEqual(
            self.ask("return document.querySelector('#wave .caption').innerText"), before
        )
        self.assertIn(
            "1,000 attempts after \u201cstart\u201d",
            self.ask("return document.querySelector('#wave .caption').innerText"),
        )
        self.assertEqual(
            self.ask("return document.querySelectorAll('figure details table').length"), 0
        )
        self.ask("document.querySelector('figure details').open = true")
        self.driver.implicitly_wait(5)
        self.driver.find_element("css selector", "figure details table tbody tr")
        self.assertEqual(self.driver.get_log("browser"), [])

    def test_headings_and_landmarks(self):
        self.open("fixed/report.html", 1440)
        levels = self.ask(
            "return [...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))"
        )
        self.assertEqual(levels.count(1), 1)
        self.assertTrue(all(b <= a + 1 for a, b in zip(levels, levels[1:])), levels)
        for landmark in ("header", "main", "footer"):
            self.assertEqual(
                self.ask("return document.querySelectorAll(arguments[0]).length", landmark),
                1,
                landmark,
            )

    def test_without_script(self):
        """Verdict, sentence and measures are in the page itself."""
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            self.open("fixed/report.html", 1440)
            text = self.driver.find_element("css selector", "body").text
        finally:
            self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        for words in (
            "FAIL",
            self.sentence("fixed"),
            "at most 20 attempts/s",
            "The pictures need JavaScript",
        ):
            self.assertIn(words, text)

    def test_in_print(self):
        """Light, whatever the reader's screen is; no controls."""
        self.open("fixed/report.html", 1440, "dark")
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]},
        )
        self.assertNotEqual(
            self.ask(
                "return "
                "getComputedStyle(document.documentElement).getPropertyValue('--paper').trim()"
            ),
            "#12171d",
        )
        self.assertEqual(
            self.ask(
                "return [...document.querySelectorAll('.chooser, details.table, .skip, .tools, "
                ".reading')].filter(e => e.offsetParent !== null).length"
            ),
            0,
        )
        note = "[...document.querySelectorAll('.card > table td[data-column=note]')]"
        widths = self.ask(
            f"return {note}.filter(e => e.textContent).map(e => e.clientWidth / "
            "e.closest('table').clientWidth)"
        )
        self.assertGreater(min(widths), 0.9, "a note has the whole width")
        page = self.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
        self.assertGreater(len(page["data"]), 20000)
        sheets = re.findall(rb"/Type\s*/Page\b", base64.b64decode(page["data"]))
        self.assertLessEqual(len(sheets), 5)

    def test_an_error_is_seen(self):
        """The bad twin of all of this: a page with one changed byte in its script does not run it,
        and the console says so.
        """
        text = (self.folder / "fixed" / "report.html").read_text()
        self.assertEqual(text.count("/*! Libraries"), 1)
        (self.folder / "changed.html").write_text(text.replace("/*! Libraries", "/*! libraries"))
        self.open("changed.html", 1440)
        self.assertNotEqual(self.driver.get_log("browser"), [])
        self.assertEqual(self.figures(), {})


if __name__ == "__main__":
    if BROWSER is None or DRIVER is None or webdriver is None:
        print(
            "skipped: no chromium, chromedriver or python3-selenium here; cmake/setup.sh browser "
            "installs them"
        )
        sys.exit(77)
    os.environ["SE_AVOID_STATS"] = "true"  # Selenium asks nobody anything
    unittest.main(verbosity=2)
