#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A threshold that ends the run as soon as it is broken: `abort`, --abort-on-fail."""
import json
import socket
import unittest

from program import CliTest

# Two devices that report every ten seconds: the fourth report is sent in the second 10s period.
FLEET = """scenario {{ title = "Two devices" }}
function setup(p)
    fleet.devices {{ model = "thermostat", count = 2, report_every = "{every}",
                     start_over = "{every}", boot = "0s", register = {register},
                     law = law.fixed {{ base = "1s" }} }}
end
function drill(p) wait "{wait}" end
function verdict(p)
    local f = judge.answered {{ at_least = "0%" }}
    expect("known", string.format("%d", f.measures["timed out"]) ~= "", "It is known.")
    threshold({threshold})
end
"""


class Abort(CliTest):
    def run_it(self, threshold, *more, out="o", every="10s", wait="2m", register="true"):
        text = FLEET.format(threshold=threshold, every=every, wait=wait, register=register)
        self.write("fleet.lua", text)
        words = ["run", "fleet.lua", "--quiet", "--out", out, *more]
        process = self.run_program(words)
        folder = self.folder / out
        summary = json.loads((folder / "summary.json").read_text()) if folder.exists() else None
        return process, summary

    def ended_after(self, threshold, *more, **settings):
        process, summary = self.run_it(threshold, *more, **settings)
        self.assertEqual(process.returncode, 1, process.err)
        last = summary["verdicts"][-1]
        self.assertEqual(last["verdict"], "FAIL", last)
        told = [line["text"] for line in summary["story"] if "the run ends here" in line["text"]]
        self.assertEqual("The run was ended for that" in last["sentence"], told != [])
        self.assertFalse(summary["interrupted"])
        self.assertTrue((self.folder / settings.get("out", "o") / "report.html").exists())
        return summary["duration_s"]

    def test_it_ends_where_it_is_broken_and_not_before_it_is_warm(self):
        count = '"reports_sent", "count<4"'
        whole = self.ended_after(count)  # the bad twin: broken, and nothing ends it
        self.assertGreaterEqual(whole, 120)
        early = self.ended_after(count + ", { abort = true }")
        self.assertLess(early, 60)
        warm = self.ended_after(count + ', { abort = true, after = "70s" }')
        self.assertTrue(70 <= warm < 82, warm)
        warm = self.ended_after(count, "--abort-on-fail", "90s")
        self.assertTrue(90 <= warm < 102, warm)

    def test_what_holds_ends_nothing(self):
        process, summary = self.run_it('"reports_sent", "count<4000", { abort = true }')
        self.assertEqual((process.returncode, summary["duration_s"]), (0, 120.0), process.err)

    def test_what_is_under_way_may_yet_turn_out_well(self):
        """A server that says nothing: nobody knows yet whether all are answered, but all wait for
        too long.
        """
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            target = f"coap://127.0.0.1:{silent.getsockname()[1]}"
            more = {"every": "250ms", "wait": "2500ms", "register": "false"}
            share = '"reports_answered/reports_sent", ">=100%", { abort = true }'
            process, summary = self.run_it(share, "--target", target, **more)
            self.assertGreaterEqual(summary["duration_s"], 2.5, process.err)
            latency = '"request_latency", "max<100ms", { abort = true }'
            process, summary = self.run_it(latency, "--target", target, out="p", **more)
            self.assertLess(summary["duration_s"], 2.5, process.err)
            self.assertEqual(process.returncode, 1, process.err)

    def test_what_cannot_end_a_run(self):
        for threshold, line in (
            ('"reports_sent", "count>4", { abort = true }', "can be met until the run is over"),
            ('"attempts", "count<4", { abort = true }', "is counted when the run is over"),
        ):
            process, summary = self.run_it(threshold)
            self.assertIsNone(summary)
            self.expect_line(process, 4, rf".*{line}.*leave abort out.*")
        self.write(
            "fleet.lua",
            FLEET.format(threshold='"attempts", "<9"', every="1s", wait="1s", register="true"),
        )
        words = ["run", "fleet.lua", "--quiet", "--out", "o", "--abort-on-fail"]
        self.expect_refused([*words, "0s"], 4, r"nothing can end the run \(--abort-on-fail\): .*")
        self.expect_refused([*words, "soon"], 4, r"no time to warm up: soon \(--abort-on-fail\).*")


if __name__ == "__main__":
    unittest.main()
