#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the folder of a run against docs/results.md: summary.json against its schema, the CSV
files row by row, and all of them against each other. truth.csv is there when something was
injected, alarms.csv when the cloud examined, detection.csv when both, local.csv when people lived
with devices.

usage: validate_results.py FOLDER...      exit 0: all in order; 1: a line per defect on the standard
                                          output
       validate_results.py --self-test    makes a good folder and bad twins of it, one per check

Needs python3-jsonschema.
"""
import argparse
import collections
import csv
import decimal
import json
import pathlib
import re
import sys
import tempfile

import assessment
import jsonschema

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "docs" / "schema" / "summary.schema.json"
FILES = (
    "summary.json",
    "attempts.csv",
    "series.csv",
    "truth.csv",
    "alarms.csv",
    "detection.csv",
    "local.csv",
    "events.jsonl",
    "junit.xml",
    "evidence.json",
    "evidence.md",
    "report.html",
)
ATTEMPTS_HEADER = "time_s,device,home,trigger,attempt,outcome,latency_s".split(",")
TRUTH_HEADER = "start,end,kind,key,campaign".split(",")
KINDS = (
    "credential-stuffing",
    "update-signature",
    "clone",
    "exfiltration",
    "botnet-scan",
    "stuck-sensor",
    "out-of-range",
    "slow-drift",
    "silent-device",
    "battery-drain",
)
NOTICED = KINDS + ("unknown", "lock-step", "new-destination")
ALARMS_HEADER = "timestamp,key,alarm,kind,whom,metric,score,seen,expected,delivered".split(",")
DETECTION_HEADER = (
    "kind,injected,noticed,named,recall,recall_low,recall_high,delay_median_s,delay_p95_s,"
    "delay_most_s,campaigns,campaigns_noticed,"
    "first_s,slow_first_s,false_alarms"
).split(",")
SERIES_HEADER = (
    "time_s,online,attempts,successes,rejections,queue_depth,due,sent,answered,"
    "refused,failed,waiting,median_us,p95_us,boot_chain_dhcp,boot_chain_dns,boot_chain_time"
).split(",")
LOCAL_HEADER = (
    "time_s,seconds,model,right,late,wrong,unable,without_cloud,right_without_cloud,"
    "sensed,arrived,dropped"
).split(",")
OUTCOMES = {
    "none": False,
    "online": True,
    "dropped": False,
    "busy": True,
    "refused": True,
}  # whether it has a latency
SECONDS = re.compile(r"(0|[1-9][0-9]*)\.[0-9]{9}")
COUNT = re.compile(r"0|[1-9][0-9]*")
DEFECTS_PER_FILE = 20


class Defects:
    """Collects a line per defect; of one file only the first few, and how many more there were."""

    def __init__(self):
        self.lines = []
        self.counts = collections.Counter()

    def add(self, where, what):
        file = where.split(":")[0]
        self.counts[file] += 1
        if self.counts[file] <= DEFECTS_PER_FILE:
            self.lines.append(f"{where}: {what}")

    def all(self):
        more = [
            f"{file}: {count - DEFECTS_PER_FILE} more defects"
            for file, count in self.counts.items()
            if count > DEFECTS_PER_FILE
        ]
        return self.lines + more


def pairs_without_duplicates(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("the same member twice in an object")
    return dict(pairs)


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def read_summary(folder, defects):
    """The object, or None when it cannot be used to check the rest."""
    path = folder / "summary.json"
    try:
        text = path.read_text(encoding="utf-8")
        summary = json.loads(
            text, object_pairs_hook=pairs_without_duplicates, parse_constant=no_constant
        )
    except (OSError, ValueError) as error:
        defects.add("summary.json", str(error))
        return None
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    found = sorted(
        jsonschema.Draft202012Validator(schema).iter_errors(summary),
        key=lambda e: [str(part) for part in e.absolute_path],
    )
    for error in found:
        defects.add(
            "summary.json",
            f"{'/'.join(map(str, error.absolute_path)) or 'the object'}: {error.message[-300:]}",
        )
    if found:
        return None
    check_layout(text, defects)
    check_verdicts(summary, defects)
    return summary


def check_layout(text, defects):
    """The machine stands on the last line but one, so that `grep -v '^  "machine": '` compares
    runs.
    """
    lines = text.split("\n")
    if (
        len(lines) < 3
        or lines[-1] != ""
        or lines[-2] != "}"
        or not lines[-3].startswith('  "machine": ')
    ):
        defects.add(
            "summary.json", 'the last member, "machine", does not stand on a line of its own'
        )
    if not lines[1].startswith('  "schema": '):
        defects.add("summary.json", 'the first member is not "schema"')


def holds(measure):
    if measure["relation"] == "none":
        return True
    if measure["value"] is None or measure["threshold"] is None:
        return False
    if measure["relation"] == "at most":
        return measure["value"] <= measure["threshold"]
    return measure["value"] >= measure["threshold"]


def check_share(figure, where, defects):
    """A share is of all: from none of it to the whole."""
    if figure["unit"] != "share":
        return
    for name in ("value", "threshold", "mean", "minimum", "maximum", "median"):
        share = figure.get(name)
        if share is not None and not 0 <= share <= 1:
            defects.add(where, f"a share is from 0 to 1, and its {name} is {share}")


def check_verdicts(summary, defects):
    for name, metric in summary["metrics"].items():
        check_share(metric, f"summary.json: metrics/{name}", defects)
    for index, verdict in enumerate(summary["verdicts"]):
        where = f"summary.json: verdicts/{index}"
        for measure in verdict["measures"]:
            check_share(measure, f"{where}: \"{measure['name']}\"", defects)
            if measure["holds"] is None:
                if measure["value"] is None or verdict["verdict"] == "PASS":
                    defects.add(where, f"\"{measure['name']}\" cannot be told, against the rest")
            elif measure["holds"] != holds(measure):
                defects.add(
                    where,
                    f"\"{measure['name']}\" says holds={measure['holds']}, but its figures say "
                    f"otherwise",
                )
        every = all(measure["holds"] is not False for measure in verdict["measures"])
        if verdict["verdict"] == "PASS" and not every:
            defects.add(where, "PASS although a measure does not hold")
        own = (
            verdict["provision"] == "" and not verdict["measures"]
        )  # a check by expect() measures nothing
        if verdict["verdict"] == "FAIL" and every and not own:
            defects.add(where, "FAIL although every measure holds")


def rows_of(folder, name, header, defects):
    """Yields (line number, row) with as many fields as there are columns."""
    try:
        with open(folder / name, newline="", encoding="utf-8") as file:
            reader = csv.reader(file, strict=True)
            first = next(reader, None)
            if first != header:
                defects.add(f"{name}:1", f"the header is not {','.join(header)}")
                return
            for row in reader:
                if len(row) == len(header):
                    yield reader.line_num, row
                else:
                    defects.add(
                        f"{name}:{reader.line_num}", f"{len(row)} fields, not {len(header)}"
                    )
    except (OSError, ValueError, csv.Error) as error:
        defects.add(name, str(error))


def count_of(text, name, where, defects, below=None):
    """A whole number, or None."""
    if not COUNT.fullmatch(text):
        defects.add(where, f"{name} is not a whole number: '{text}'")
        return None
    value = int(text)
    if below is not None and value >= below:
        defects.add(where, f"{name} is {value}, but there are only {below}")
    return value


class Truth:
    """truth.csv: what was injected."""

    def __init__(self, summary):
        self.summary = summary
        self.cloned = set()
        self.injected = collections.Counter()
        self.last = (0, -1)

    def check(self, where, row, defects):
        start, end, kind, key, campaign = row
        device = count_of(key, "key", where, defects, self.summary["devices"])
        campaign = count_of(campaign, "campaign", where, defects)
        if kind not in KINDS:
            defects.add(where, f"kind '{kind}' is none of {', '.join(KINDS)}")
        if not SECONDS.fullmatch(start) or not SECONDS.fullmatch(end):
            defects.add(
                where, f"start or end is not seconds with nine decimals: '{start}', '{end}'"
            )
        elif (
            not decimal.Decimal(start)
            < decimal.Decimal(end)
            <= decimal.Decimal(repr(self.summary["duration_s"]))
        ):
            defects.add(where, f"from {start} to {end} is no time within the run")
        self.injected[kind] += 1
        if kind == "clone":
            self.cloned.add(device)
        if device is None or campaign is None:
            return
        if (campaign, device) <= self.last or campaign == 0:
            defects.add(where, "not sorted by campaign and device, or twice the same")
        self.last = (campaign, device)


class Alarms:
    """alarms.csv and events.jsonl: what the examiner noticed, twice."""

    def __init__(self, summary):
        self.summary = summary
        self.rows = []

    def check(self, where, row, defects):
        time, key, alarm, kind, whom, _, score, _, _, delivered = row
        if not SECONDS.fullmatch(time):
            defects.add(where, f"timestamp is not seconds with nine decimals: '{time}'")
            return
        if key != "":
            count_of(key, "key", where, defects, self.summary["devices"])
        if alarm != "1" or whom == "":
            defects.add(where, "an alarm is 1, and about somebody")
        if kind not in NOTICED:
            defects.add(where, f"kind '{kind}' is none of {', '.join(NOTICED)}")
        if not re.fullmatch(r"0\.[0-9]{3}|1\.000", score):
            defects.add(where, f"score '{score}' is not from 0 to 1")
        if delivered != "" and (
            not SECONDS.fullmatch(delivered) or decimal.Decimal(delivered) < decimal.Decimal(time)
        ):
            defects.add(where, f"delivered '{delivered}' before it was raised, or no time")
        if self.rows and decimal.Decimal(time) < self.rows[-1][0]:
            defects.add(where, "not sorted by time")
        self.rows.append((decimal.Decimal(time), kind, whom))

    def check_events(self, folder, defects):
        alarms, stories, last = [], [], decimal.Decimal(0)
        for number, line in enumerate(
            (folder / "events.jsonl").read_text(encoding="utf-8", errors="replace").splitlines(), 1
        ):
            where = f"events.jsonl:{number}"
            try:
                event = json.loads(
                    line,
                    object_pairs_hook=pairs_without_duplicates,
                    parse_constant=no_constant,
                    parse_float=decimal.Decimal,
                )
                time = decimal.Decimal(event["time_s"])
                if event["event"] == "alarm":
                    alarms.append((time, event["kind"], event["whom"]))
                elif event["event"] == "story":
                    stories.append(event["text"])
                else:
                    defects.add(where, f"event '{event['event']}' is neither alarm nor story")
            except (ValueError, TypeError, KeyError, decimal.InvalidOperation) as error:
                defects.add(where, f"is no event: {error!r}")
                continue
            if time < last:
                defects.add(where, "not sorted by time")
            last = time
        if (folder / "alarms.csv").exists() and alarms != self.rows:
            defects.add(
                "events.jsonl",
                f"its {len(alarms)} alarms are not the {len(self.rows)} of alarms.csv",
            )
        if stories != [told["text"] for told in self.summary["story"]]:
            defects.add("events.jsonl", "its story is not that of summary.json")


class Detection:
    """detection.csv: the sum of truth.csv and alarms.csv."""

    def __init__(self):
        self.sums = collections.Counter()
        self.ended = False

    def check(self, where, row, injected, defects):
        kind = row[0]
        columns = dict(zip(DETECTION_HEADER, row))
        counts = {
            name: count_of(columns[name], name, where, defects)
            for name in (
                "injected",
                "noticed",
                "named",
                "campaigns",
                "campaigns_noticed",
                "false_alarms",
            )
        }
        if self.ended or (kind not in NOTICED and kind != "all"):
            defects.add(where, f"kind '{kind}' is none, or stands after all")
        if None in counts.values():
            return
        if (
            not counts["named"] <= counts["noticed"] <= counts["injected"]
            or counts["campaigns_noticed"] > counts["campaigns"]
        ):
            defects.add(where, "more was noticed than there was")
        if (
            counts["injected"]
            and not abs(float(columns["recall"] or "nan") - counts["noticed"] / counts["injected"])
            < 1e-6
        ):
            defects.add(where, f"recall is not {counts['noticed']} of {counts['injected']}")
        if kind == "all":
            self.ended = True
            defects_of = [
                name
                for name in ("injected", "noticed", "false_alarms")
                if self.sums[name] != counts[name]
            ]
            if defects_of:
                defects.add(where, f"{', '.join(defects_of)}: not the sum of the rows above")
        elif counts["injected"] != injected[kind]:
            defects.add(
                where, f"injected is {counts['injected']}, but truth.csv has {injected[kind]} of it"
            )
        self.sums.update(counts)


class Local:
    """local.csv: what devices did in their houses; all of it is what summary.json has counted."""

    def __init__(self, summary):
        self.metrics = summary["metrics"]
        self.sums = collections.Counter()
        self.last, self.seconds = (-1, set()), None

    def check(self, where, row, defects):
        cells = dict(zip(LOCAL_HEADER, row))
        counts = {
            name: count_of(cells[name], name, where, defects)
            for name in LOCAL_HEADER
            if name != "model"
        }
        if None in counts.values():
            return
        time, seconds = counts.pop("time_s"), counts.pop("seconds")
        if seconds != (self.seconds or seconds) or seconds < 60 or time % seconds:
            defects.add(where, f"{time} begins no span of {seconds} s")
        self.seconds = seconds
        last, models = self.last
        models = models if time == last else set()
        if time < last or cells["model"] in models:
            defects.add(where, "not sorted by time, or twice the same model")
        self.last = time, models | {cells["model"]}
        seen, cut = sum(counts[n] for n in ("right", "late", "wrong")), counts["without_cloud"]
        right_cut = min(counts["right"], cut)
        if cut > seen or counts["right_without_cloud"] > right_cut:
            defects.add(where, "more hands came without a cloud than came")
        self.sums.update(counts)

    def check_sums(self, defects):
        def counted(*names):
            return sum(self.metrics.get(f"household_{n}", {"value": 0})["value"] for n in names)

        for name in ("right", "late", "wrong", "unable", "sensed", "arrived"):
            if self.sums[name] != counted(name):
                defects.add("local.csv", f"{name}: {self.sums[name]}, counted {counted(name)}")
        if self.sums["dropped"] != counted("dropped_full", "dropped_power", "dropped_reset"):
            defects.add("local.csv", "dropped: not what was counted")


class Attempts:
    """attempts.csv: what is right about each row, and what it comes to."""

    def __init__(self, summary, cloned):
        self.summary = summary
        self.cloned = cloned
        self.rows = 0
        self.per_second = collections.Counter()
        self.successes = 0
        self.rejections = 0
        self.numbers = collections.Counter()
        self.homes = {}
        self.last = None

    def check(self, where, row, defects):
        time, device, home, trigger, number, outcome, latency = row
        self.rows += 1
        device = count_of(device, "device", where, defects, self.summary["devices"])
        home = count_of(home, "home", where, defects, self.summary["homes"])
        number = count_of(number, "attempt", where, defects)
        if trigger not in self.summary["triggers"]:
            defects.add(where, f"trigger '{trigger}' is not among the triggers of summary.json")
        self.check_home(where, device, home, defects)
        self.check_number(where, device, trigger, number, defects)
        self.check_outcome(where, outcome, latency, defects)
        if SECONDS.fullmatch(time):
            self.check_time(where, decimal.Decimal(time), device, number, defects)
        else:
            defects.add(where, f"time_s is not seconds with nine decimals: '{time}'")

    def check_home(self, where, device, home, defects):
        if self.homes.setdefault(device, home) != home and device not in self.cloned:
            defects.add(where, f"device {device} was in home {self.homes[device]} before")

    def check_number(self, where, device, trigger, number, defects):
        self.numbers[device, trigger] += 1
        wanted = self.numbers[device, trigger]
        if number is not None and number != wanted:
            defects.add(
                where,
                f"device {device} makes attempt {number} of '{trigger}' where its attempt "
                f"{wanted} was due",
            )

    def check_outcome(self, where, outcome, latency, defects):
        if outcome not in OUTCOMES:
            defects.add(where, f"outcome '{outcome}' is none of {', '.join(OUTCOMES)}")
            return
        if OUTCOMES[outcome] and not SECONDS.fullmatch(latency):
            defects.add(where, f"latency_s is not seconds with nine decimals: '{latency}'")
        if not OUTCOMES[outcome] and latency != "":
            defects.add(where, f"latency_s where nothing was answered: '{latency}'")
        self.successes += outcome == "online"
        self.rejections += outcome in ("dropped", "busy", "refused")

    def check_time(self, where, time, device, number, defects):
        self.per_second[int(time)] += 1
        if time > decimal.Decimal(repr(self.summary["duration_s"])):
            defects.add(where, f"time_s {time} is after the end of the run")
        if device is None or number is None:
            return
        key = (time, device, number)
        if self.last is not None and key <= self.last:
            defects.add(where, "not sorted by time, device and attempt, or twice the same")
        self.last = key


class Series:
    """series.csv: the same."""

    def __init__(self, summary):
        self.summary = summary
        self.rows = 0
        self.attempts = {}
        self.successes = 0
        self.rejections = 0
        self.open = 0

    def check(self, where, row, defects):
        values = [count_of(text, name, where, defects) for text, name in zip(row, SERIES_HEADER)]
        self.rows += 1
        if None in values:
            return
        (
            second,
            online,
            attempts,
            successes,
            rejections,
            _,
            _,
            sent,
            answered,
            refused,
            failed,
            waiting,
            median,
            p95,
            *_,
        ) = values
        self.open += sent - answered - refused - failed
        if waiting != self.open:
            defects.add(
                where, f"{waiting} requests wait where {self.open} were sent and have not ended"
            )
        if median > p95:
            defects.add(where, f"the median latency, {median} us, is above that of 95 %, {p95} us")
        if second != self.rows - 1:
            defects.add(where, f"time_s is {second} where second {self.rows - 1} was due")
        if online > self.summary["devices"]:
            defects.add(
                where, f"{online} devices online, but there are only {self.summary['devices']}"
            )
        self.attempts[second] = attempts
        self.successes += successes
        self.rejections += rejections


def cross_check(summary, attempts, series, defects):
    if attempts.rows != summary["attempts"]:
        defects.add(
            "attempts.csv",
            f"{attempts.rows} rows, but summary.json has {summary['attempts']} attempts",
        )
    if series.rows != summary["seconds"]:
        defects.add(
            "series.csv", f"{series.rows} rows, but summary.json has {summary['seconds']} seconds"
        )
    if abs(series.rows - summary["duration_s"]) > 1:
        defects.add("series.csv", f"{series.rows} seconds of a run of {summary['duration_s']} s")
    for second in sorted(
        set(attempts.per_second) | {s for s, n in series.attempts.items() if n > 0}
    ):
        in_series = series.attempts.get(second)
        if in_series is None and second >= series.rows:
            continue  # the last part of a second has no row
        if in_series != attempts.per_second[second]:
            defects.add(
                "series.csv",
                f"second {second} has {in_series} attempts, attempts.csv "
                f"{attempts.per_second[second]}",
            )
    if series.successes > attempts.successes:
        defects.add(
            "series.csv", f"{series.successes} successes, but attempts.csv has {attempts.successes}"
        )
    if series.rejections > attempts.rejections:
        defects.add(
            "series.csv",
            f"{series.rejections} rejections, but attempts.csv has {attempts.rejections}",
        )
    metric = summary["metrics"].get("attempts")
    if metric is not None and metric.get("value") != attempts.rows:
        defects.add(
            "summary.json",
            f"the metric attempts is {metric.get('value')}, but attempts.csv has "
            f"{attempts.rows} rows",
        )


def validate(folder):
    """A line per defect."""
    defects = Defects()
    if not folder.is_dir():
        defects.add(str(folder), "is not a folder")
        return defects.all()
    for name in sorted(path.name for path in folder.iterdir()):
        if name not in FILES:
            defects.add(name, "does not belong to a result")
    summary = read_summary(folder, defects)
    if summary is None:
        return defects.all()
    truth = Truth(summary)
    if (folder / "truth.csv").exists():
        for line, row in rows_of(folder, "truth.csv", TRUTH_HEADER, defects):
            truth.check(f"truth.csv:{line}", row, defects)
    alarms, detection = Alarms(summary), Detection()
    if (folder / "alarms.csv").exists():
        for line, row in rows_of(folder, "alarms.csv", ALARMS_HEADER, defects):
            alarms.check(f"alarms.csv:{line}", row, defects)
    if (folder / "events.jsonl").exists():
        alarms.check_events(folder, defects)
    if (folder / "detection.csv").exists():
        for line, row in rows_of(folder, "detection.csv", DETECTION_HEADER, defects):
            detection.check(f"detection.csv:{line}", row, truth.injected, defects)
    if (folder / "detection.csv").exists() != (
        (folder / "alarms.csv").exists() and (folder / "truth.csv").exists()
    ):
        defects.add(
            "detection.csv", "is there without truth.csv and alarms.csv, or missing beside them"
        )
    local = Local(summary)
    if (folder / "local.csv").exists():
        for line, row in rows_of(folder, "local.csv", LOCAL_HEADER, defects):
            local.check(f"local.csv:{line}", row, defects)
    local.check_sums(defects)
    attempts, series = Attempts(summary, truth.cloned), Series(summary)
    for line, row in rows_of(folder, "attempts.csv", ATTEMPTS_HEADER, defects):
        attempts.check(f"attempts.csv:{line}", row, defects)
    for line, row in rows_of(folder, "series.csv", SERIES_HEADER, defects):
        series.check(f"series.csv:{line}", row, defects)
    cross_check(summary, attempts, series, defects)
    assessment.check_junit(folder, summary, defects.add)
    assessment.check_evidence(folder, summary, defects.add)
    return defects.all()


# --- good and bad twins ---

GOOD_ATTEMPTS = """\
time_s,device,home,trigger,attempt,outcome,latency_s
0.500000000,0,0,start,1,online,0.080000000
0.500000000,1,0,start,1,online,0.080000000
1.250000000,2,1,start,1,busy,0.001000000
2.250000000,2,1,start,2,online,0.080000000
4.000000000,0,0,"power restore, all",1,dropped,
5.000000000,0,0,"power restore, all",2,refused,0.040000000
5.100000000,1,0,"power restore, all",1,none,
"""
GOOD_SERIES = """\
time_s,online,attempts,successes,rejections,queue_depth,due,sent,answered,refused,failed,waiting,median_us,p95_us,boot_chain_dhcp,boot_chain_dns,boot_chain_time
0,2,2,2,0,0,2,2,1,0,0,1,80000,90000,0,0,0
1,2,1,0,1,3,1,0,0,0,0,1,0,0,0,0,0
2,3,1,1,0,0,3,2,1,1,1,0,70000,70000,0,0,0
3,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0
4,0,1,0,1,0,0,0,0,0,0,0,0,0,0,0,0
5,0,2,0,1,0,0,0,0,0,0,0,0,0,0,0,0
"""
GOOD_TRUTH = """\
start,end,kind,key,campaign
1.000000000,2.000000000,clone,0,1
1.000000000,2.000000000,clone,1,1
0.500000000,6.200000000,exfiltration,0,2
"""
GOOD_ALARMS = """\
timestamp,key,alarm,kind,whom,metric,score,seen,expected,delivered
1.500000000,1,1,clone,device 1,aws:source-ip-address,0.550,3,0,1.500000000
2.000000000,,1,new-destination,"thermostat, firmware 1, street",aws:destination-ip-addresses,0.500,3,0,2.250000000
5.000000000,2,1,exfiltration,device 2,aws:all-bytes-out,0.612,4000,200.5,
"""
GOOD_EVENTS = """\
{"time_s":1.5,"event":"alarm","kind":"clone","whom":"device 1"}
{"time_s":2.0,"event":"alarm","kind":"new-destination","whom":"thermostat, firmware 1, street"}
{"time_s":3.0,"event":"story","text":"power cut: 2 homes, 3 devices"}
{"time_s":5.0,"event":"alarm","kind":"exfiltration","whom":"device 2"}
"""
GOOD_DETECTION = """\
kind,injected,noticed,named,recall,recall_low,recall_high,delay_median_s,delay_p95_s,delay_most_s,campaigns,campaigns_noticed,first_s,slow_first_s,false_alarms
clone,2,1,1,0.5,0.09,0.91,0.5,0.5,0.5,1,1,0.5,,0
exfiltration,1,1,0,1,0.2,1,1.75,1.75,1.75,1,1,1.75,,1
all,3,2,1,0.666666667,0.2,0.94,1.75,1.75,1.75,2,2,1.75,,1
"""
GOOD_LOCAL = """\
time_s,seconds,model,right,late,wrong,unable,without_cloud,right_without_cloud,sensed,arrived,dropped
0,60,bulb,2,0,0,0,1,1,1,0,0
0,60,tv,1,1,0,0,0,0,0,0,0
60,60,bulb,0,0,0,1,0,0,2,1,1
"""
# a measure of which cannot be told whether it holds
OPEN = {
    "name": "recall",
    "unit": "share",
    "value": 0.5,
    "relation": "at least",
    "threshold": 0.95,
    "samples": 2,
    "holds": None,
    "note": "of a small sample",
}
GOOD_SUMMARY = {
    "schema": "blackstart-summary-1",
    "scenario": "scenarios/steady.lua",
    "title": "A title",
    "version": "0.1.0",
    "world": "virtual",
    "target": None,
    "repeat": "blackstart run scenarios/steady.lua --seed 1",
    "seed": 9223372036854775807,
    "homes": 2,
    "devices": 3,
    "duration_s": 6.2,
    "interrupted": False,
    "error": None,
    "parameters": {"any name, even \n": {"value": "", "given": True}},
    "triggers": ["start", "power restore, all"],
    "attempts": 7,
    "seconds": 6,
    "verdicts": [
        {
            "unit": "5.9-3-2 a",
            "provision": "5.9-3",
            "verdict": "FAIL",
            "sentence": "A herd came.",
            "measures": [
                {
                    "name": "busiest second",
                    "unit": "attempts/s",
                    "value": 131.0,
                    "relation": "at most",
                    "threshold": 20.0,
                    "samples": 7,
                    "holds": False,
                    "note": None,
                },
                {
                    "name": "time to 100 % online",
                    "unit": "s",
                    "value": None,
                    "relation": "none",
                    "threshold": None,
                    "samples": 3,
                    "holds": True,
                    "note": "not all came back",
                },
            ],
        },
        {
            "unit": "answered",
            "provision": "",
            "verdict": "INCONCLUSIVE",
            "sentence": "Nothing is said.",
            "measures": [OPEN],
        },
    ],
    "metrics": {
        "attempts": {"kind": "counter", "unit": "", "value": 7.0},
        **{
            f"household_{name}": {"kind": "counter", "unit": "", "value": value}
            for name, value in {
                "right": 3.0,
                "late": 1.0,
                "unable": 1.0,
                "sensed": 3.0,
                "arrived": 1.0,
                "dropped_power": 1.0,
            }.items()
        },
        "request_latency": {
            "kind": "trend",
            "unit": "s",
            "samples": 0,
            "answered": 0,
            "more_than": [],
            "mean": None,
            "minimum": None,
            "median": None,
            "maximum": None,
            "p90": None,
            "p95": None,
            "p99": None,
        },
    },
    "story": [{"at_s": 3.0, "text": "power cut: 2 homes, 3 devices"}],
    "fingerprint": "0123456789abcdef",
    "machine": {
        "started": "2024-05-01T12:00:00Z",
        "wall_s": 0.1,
        "threads": 1,
        "events": 99,
        "events_per_s": 990.0,
        "bytes_per_device": 8912.0,
        "resident_bytes_per_device": None,
        "lateness_p99_s": 0.0,
    },
}


def summary_text(summary):
    """Laid out as the program does it."""
    members = dict(summary)
    machine = members.pop("machine")
    return json.dumps(members, indent=2)[:-2] + f',\n  "machine": {json.dumps(machine)}\n}}\n'


GOOD_JUNIT = """\
<?xml version="1.0"?>
<testsuites name="blackstart" tests="2" failures="1" errors="0" skipped="1" time="6.200">
 <testsuite name="A title" tests="2" failures="1" errors="0" skipped="1" time="6.200">
  <properties>
   <property name="scenario" value="scenarios/steady.lua"/>
   <property name="seed" value="9223372036854775807"/>
   <property name="fingerprint" value="FINGERPRINT"/>
   <property name="repeat" value="blackstart run scenarios/steady.lua --seed 1"/>
  </properties>
  <testcase classname="scenarios/steady.lua" name="5.9-3-2 a" time="6.200"><failure message="A herd came." type="FAIL">A herd came.
busiest second: 131 attempts/s, wanted at most 20</failure></testcase>
  <testcase classname="scenarios/steady.lua" name="answered" time="6.200"><skipped message="Nothing is said."/></testcase>
 </testsuite>
</testsuites>
""".replace(
    "FINGERPRINT", GOOD_SUMMARY["fingerprint"]
)
GOOD_UNIT = {
    "unit": "5.9-3-2 a",
    "verdict": "FAIL",
    "sentence": "A herd came.",
    "done": "The drill.",
    "stimuli": [{"trigger": "power restore", "devices": 3}],
    "measures": [],
    "evidence": [{"file": "attempts.csv", "what": "every attempt"}],
}
GOOD_EVIDENCE = {
    "schema": "blackstart-evidence-1",
    "edition": {"en_303_645": "V3.1.3", "ts_103_701": "V2.1.1"},
    "run": {
        "scenario": "scenarios/steady.lua",
        "world": "virtual",
        "seed": 1,
        "repeat": "",
        "fingerprint": "",
    },
    "groups": [
        {
            "provision": "5.9-3",
            "status": "R",
            "recommendation": True,
            "title": "t",
            "verdict": "FAIL",
            "not_judged": [],
            "cases": [
                {
                    "case": "5.9-3-2",
                    "kind": "functional",
                    "purpose": "p",
                    "ixit": "i",
                    "verdict": "FAIL",
                    "units": [GOOD_UNIT],
                    "not_judged": [],
                }
            ],
        }
    ],
    "other_checks": [
        {"unit": "answered", "verdict": "INCONCLUSIVE", "sentence": "Nothing is said."}
    ],
    "ixit": {"23-ResMech": [], "28-LogIntf": [], "24-TelData": []},
    "limits": ["a", "b", "c"],
}
GOOD_MARKDOWN = "# Evidence\n\n## Test group 5.9-3: FAIL\n"


def summary_with(path, value):
    """The good summary with one member changed (dropped, when value is ...)."""
    summary = json.loads(json.dumps(GOOD_SUMMARY))
    *parents, last = path.split("/")
    place = summary
    for part in parents:
        place = place[int(part) if isinstance(place, list) else part]
    last = int(last) if isinstance(place, list) else last
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return summary_text(summary)


def bad_twins():
    """(what, file, its text or None when it is missing, words that a defect line must have)."""
    text = summary_text(GOOD_SUMMARY)
    for member in GOOD_SUMMARY:
        if member != "machine":
            yield f"without {member}", "summary.json", summary_with(
                member, ...
            ), f"'{member}' is a required property"
    yield "without machine", "summary.json", json.dumps(
        {k: v for k, v in GOOD_SUMMARY.items() if k != "machine"}
    ), "required property"
    for path, value, words in (
        ("extra", 1, "Additional properties"),
        ("machine/extra", 1, "machine"),
        ("verdicts/0/extra", 1, "Additional"),
        ("verdicts/0/measures/0/extra", 1, "Additional"),
        ("parameters/x", {"value": "", "given": True, "x": 1}, "Additional"),
        ("story/0/extra", 1, "Additional"),
        ("metrics/online", {"kind": "gauge", "unit": "", "value": 1, "x": 1}, "metrics/online"),
        ("schema", "blackstart-summary-2", "was expected"),
        ("scenario", "", "scenario"),
        ("title", 7, "title"),
        ("world", "dream", "is not one of"),
        ("target", 7, "target"),
        ("seed", "1", "seed"),
        ("seed", -1, "minimum"),
        ("seed", 9223372036854775808, "maximum"),
        ("homes", 1.5, "homes"),
        ("duration_s", -1, "minimum"),
        ("interrupted", None, "interrupted"),
        ("parameters/x", "1", "parameters/x"),
        ("triggers", ["start", "start"], "non-unique"),
        ("verdicts/0/verdict", "MAYBE", "is not one of"),
        ("verdicts/0/sentence", "", "too short"),
        ("verdicts/0/sentence", "x" * 481 + ".", "too long"),
        ("verdicts/0/provision", "nine", "does not match"),
        ("verdicts/0/measures/0/relation", "near", "is not one of"),
        ("verdicts/0/measures/1/threshold", 5, "threshold"),
        ("verdicts/0/measures/0/holds", True, "figures say otherwise"),
        ("verdicts/0/measures/0/unit", "share", "from 0 to 1"),
        ("verdicts/0/measures/1/holds", None, "True was expected"),
        ("verdicts/1/measures", [OPEN | {"value": None}], "cannot be told, against the rest"),
        ("verdicts/1", GOOD_SUMMARY["verdicts"][1] | {"verdict": "PASS"}, "against the rest"),
        ("metrics/online", {"kind": "gauge", "unit": "share", "value": 1.01}, "from 0 to 1"),
        ("metrics/online", {"kind": "gauge", "unit": "share", "value": -0.01}, "from 0 to 1"),
        ("verdicts/0/measures/0/value", 20.0, "figures say otherwise"),
        ("verdicts/0/verdict", "PASS", "PASS although"),
        ("verdicts/0/measures", [], "FAIL although"),
        ("metrics/Bad-Name", {"kind": "gauge", "unit": "", "value": 1}, "Bad-Name"),
        ("metrics/request_latency/p99", ..., "request_latency"),
        ("metrics/attempts/value", 8.0, "the metric attempts"),
        ("story/0/at_s", None, "story/0/at_s"),
        ("fingerprint", "0123456789ABCDEF", "fingerprint"),
        ("machine/threads", 0, "machine"),
        ("machine/started", "yesterday", "machine"),
        ("attempts", 8, "7 rows, but summary.json has 8"),
        ("seconds", 5, "6 rows, but summary.json has 5"),
        ("duration_s", 7.5, "6 seconds of a run of 7.5"),
        ("duration_s", 5.05, "after the end"),
        ("devices", 2, "there are only 2"),
        ("homes", 1, "there are only 1"),
        ("triggers", ["start"], "not among the triggers"),
    ):
        yield f"{path} = {value!r}"[:60], "summary.json", summary_with(path, value), words
    yield "no summary", "summary.json", None, "No such file"
    yield "half a summary", "summary.json", text[: len(text) // 2], "summary.json: "
    yield "NaN", "summary.json", text.replace("131.0", "NaN"), "NaN is not JSON"
    yield "bad UTF-8", "summary.json", text.encode().replace(b"A title", b"A t\xfftle"), "codec"
    yield "twice a member", "summary.json", text.replace(
        '"title": "A title"', '"title": "A title", "title": ""'
    ), "same member twice"
    yield "machine over several lines", "summary.json", json.dumps(
        GOOD_SUMMARY, indent=2
    ) + "\n", "line of its own"
    yield "schema not first", "summary.json", text.replace(
        '  "schema": "blackstart-summary-1",\n', ""
    ).replace('  "title":', '  "schema": "blackstart-summary-1",\n  "title":'), "first member"
    for old, new, words in (
        ("time_s,device", "time,device", "header"),
        (",latency_s\n", "\n", "header"),
        ("0.500000000,1,0", "0.500000000,1", "6 fields"),
        ("0.500000000,1", "0.5,1", "nine decimals"),
        ("1.250000000", "-1.25000000", "nine decimals"),
        ("1.250000000", "nan", "nine decimals"),
        ("1.250000000,2", "1.250000000,3", "there are only 3"),
        ("2,1,start,1,busy", "2,2,start,1,busy", "there are only 2"),
        ("2,1,start,2", "2,0,start,2", "was in home"),
        ("2,1,start,2", "2,1,start,3", "attempt 2 was due"),
        ("2,1,start,1", "2,1,start,0", "attempt 1 was due"),
        ("0,0,start,1", "0,0,begin,1", "not among the triggers"),
        ("busy", "sleepy", "none of"),
        ("busy,0.001000000", "busy,", "nine decimals"),
        ("dropped,", "dropped,0.100000000", "nothing was answered"),
        ("1.250000000", "2.500000000", "not sorted"),
        ("0.500000000,0,0,start", "0.700000000,0,0,start", "not sorted"),
        ("4.000000000", "3.999999999", "second 3 has 0 attempts"),
        ("5.100000000", "6.300000000", "after the end"),
        ("5.100000000,1,0,\"power restore, all\",1,none,\n", "", "6 rows, but"),
        ("2,1,start,2,online,0.080000000", "2,1,start,2,none,", "3 successes, but"),
        ("refused,0.040000000", "none,", "3 rejections, but"),
        ("\"power restore, all\",1", "\"power restore, all,1", "attempts.csv"),
    ):
        yield f"attempts: {old} -> {new}", "attempts.csv", GOOD_ATTEMPTS.replace(old, new, 1), words
    yield "no attempts", "attempts.csv", None, "No such file"
    yield "empty attempts", "attempts.csv", "", "header"
    for old, new, words in (
        ("queue_depth", "queue", "header"),
        ("3,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n", "", "time_s is 4 where second 3 was due"),
        ("3,0,0", "2,0,0", "where second 3"),
        ("0,2,2,2", "0,4,2,2", "4 devices online"),
        ("0,2,2,2", "0,2,3,2", "second 0 has 3 attempts"),
        ("0,2,2,2", "0,2,2,-2", "whole number"),
        ("0,2,2,2", "0,2,2,2.0", "whole number"),
        ("0,2,2,2,0", "0,2,2,9,0", "successes, but"),
        ("4,0,1,0,1", "4,0,1,0,9", "rejections, but"),
        ("4,0,1,0,1,0,", "4,0,1,0,1,", "16 fields"),
        ("0,0,0\n5", "0,0,0\n5,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n6", "7 rows, but"),
        ("0,2,2,1,0,0,1,8", "0,2,2,1,0,0,0,8", "0 requests wait where 1"),
        ("80000,90000", "90000,80000", "above"),
    ):
        yield f"series: {old} -> {new}", "series.csv", GOOD_SERIES.replace(old, new, 1), words
    yield "no series", "series.csv", None, "No such file"
    for old, new, words in (
        ("campaign", "order", "header"),
        ("exfiltration", "envy", "none of"),
        ("tion,0,2", "tion,3,2", "there are only 3"),
        ("6.200000000", "6.300000000", "no time within"),
        ("1.000000000,2", "2.000000000,2", "no time within"),
        ("6.200000000", "6.2", "nine decimals"),
        ("clone,1,1", "clone,0,1", "not sorted"),
        ("tion,0,2", "tion,0,1", "not sorted"),
        ("clone,1,1", "clone,1,one", "whole number"),
    ):
        yield f"truth: {old} -> {new}", "truth.csv", GOOD_TRUTH.replace(old, new, 1), words
    for old, new, words in (
        ("expected", "awaited", "header"),
        ("1.500000000,1", "1.5,1", "nine decimals"),
        ("5.000000000,2", "5.000000000,3", "there are only 3"),
        ("1,1,clone", "1,0,clone", "an alarm is 1"),
        ("clone", "gnome", "none of"),
        ("0.550", "1.550", "not from 0 to 1"),
        ("0.550", "nan", "not from 0 to 1"),
        ("0,1.500000000", "0,1.400000000", "before it was raised"),
        ("5.000000000", "1.000000000", "not sorted"),
        ("device 2", "device 1", "are not the 3"),
        (
            "5.000000000,2,1,exfiltration,device 2,aws:all-bytes-out,0.612,4000,200.5,\n",
            "",
            "are not the 2",
        ),
    ):
        yield f"alarms: {old} -> {new}", "alarms.csv", GOOD_ALARMS.replace(old, new, 1), words
    for old, new, words in (
        ('"alarm"', '"alert"', "neither alarm nor story"),
        ("1.5", "2.5", "not sorted"),
        ("1.5", "NaN", "no event"),
        ('{"time_s":1.5', '{"time_s":1.5,"time_s":1.5', "no event"),
        ("2 homes", "9 homes", "story"),
        ("clone", "exfiltration", "are not the 3"),
        ('"device 2"}', '"device 2"', "no event"),
    ):
        yield f"events: {old} -> {new}", "events.jsonl", GOOD_EVENTS.replace(old, new, 1), words
    yield "events that are none", "events.jsonl", "[]\n7\n", "no event"
    for old, new, words in (
        ("named", "called", "header"),
        ("clone,2", "clone,1", "truth.csv has 2"),
        ("clone,2,1,1", "clone,2,1,2", "more was noticed"),
        ("0.5,0.09", "0.6,0.09", "recall is not"),
        ("0.5,0.09", ",0.09", "recall is not"),
        ("clone", "gnome", "is none"),
        (",,1\nall", ",,2\nall", "not the sum"),
        ("all,3", "all,4", "not the sum"),
        ("clone,2", "clone,two", "whole number"),
    ):
        yield f"detection: {old} -> {new}", "detection.csv", GOOD_DETECTION.replace(
            old, new, 1
        ), words
    for old, new, words in (
        ("without_cloud", "offline", "header"),
        ("60,60,bulb", "90,60,bulb", "begins no span"),
        ("60,60,bulb", "60,30,bulb", "begins no span"),
        ("60,60,bulb", "0,60,bulb", "not sorted"),
        ("bulb,2,0,0,0,1", "bulb,2,0,0,0,3", "more hands"),
        ("bulb,2,0,0,0,1,1", "bulb,2,0,0,0,1,2", "more hands"),
        ("bulb,2", "bulb,3", "right: 4"),
        ("tv,1,1", "tv,1,0", "late: 0"),
        ("1,0,0,2,1,1", "1,0,0,2,1,0", "dropped: not"),
        ("bulb,2", "bulb,two", "whole number"),
    ):
        yield f"local: {old} -> {new}", "local.csv", GOOD_LOCAL.replace(old, new, 1), words
    yield "no local.csv", "local.csv", None, "right: 0"
    yield "no detection", "detection.csv", None, "missing beside them"
    yield "no alarms", "alarms.csv", None, "there without"
    for old, new, words in (
        ('failures="1"', 'failures="0"', "counted 1"),
        ('name="answered"', 'name="asked"', "does not say that"),
        ("</testsuites>", "", "no element"),
        ("busiest second", "laziest second", "should be told"),
        ('message="No', 'message="Yes', "does not say why"),
        ('"seed"', '"sead"', "the property seed"),
        ('time="6.200"', 'time="6.2"', "time is 6.2"),
        ("<skipped ", "<passed ", "counted 0"),
    ):
        yield f"junit: {new}", "junit.xml", GOOD_JUNIT.replace(old, new), words
    yield "no junit", "junit.xml", None, "No such file"
    yield "no evidence", "evidence.json", None, "No such file"
    yield "evidence without limits", "evidence.json", json.dumps(
        {**GOOD_EVIDENCE, "limits": []}
    ), "limits"
    yield "evidence without a verdict", "evidence.json", json.dumps(
        {**GOOD_EVIDENCE, "other_checks": []}
    ), "holds the verdicts"
    yield "evidence of another verdict", "evidence.md", GOOD_MARKDOWN.replace(
        "FAIL", "PASS"
    ), "does not tell of 5.9-3"
    yield "a stranger", "notes.txt", "what I saw", "does not belong"


def write_twin(folder, file=None, text=None):
    """The good folder, with one file changed or left out."""
    content = {
        "summary.json": summary_text(GOOD_SUMMARY),
        "attempts.csv": GOOD_ATTEMPTS,
        "series.csv": GOOD_SERIES,
        "truth.csv": GOOD_TRUTH,
        "alarms.csv": GOOD_ALARMS,
        "events.jsonl": GOOD_EVENTS,
        "detection.csv": GOOD_DETECTION,
        "local.csv": GOOD_LOCAL,
        "junit.xml": GOOD_JUNIT,
        "evidence.json": json.dumps(GOOD_EVIDENCE),
        "evidence.md": GOOD_MARKDOWN,
    }
    if file is not None:
        content[file] = text
    for name, value in content.items():
        if value is not None:
            (folder / name).write_bytes(value if isinstance(value, bytes) else value.encode())


def self_test():
    wrong = 0
    with tempfile.TemporaryDirectory() as top:
        good = pathlib.Path(top) / "good"
        good.mkdir()
        write_twin(good)
        for line in validate(good):
            wrong += 1
            print(f"good twin: {line}")
        count = 0
        for number, (what, file, text, words) in enumerate(bad_twins()):
            bad = pathlib.Path(top) / str(number)
            bad.mkdir()
            write_twin(bad, file, text)
            lines = validate(bad)
            count += 1
            if not any(words in line for line in lines):
                wrong += 1
                print(f"bad twin '{what}': wanted a line with '{words}', got {lines}")
    print(f"{count} bad twins, {wrong} wrong")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    if not options.folders:
        parser.error("name a folder")
    lines = [f"{folder}/{line}" for folder in options.folders for line in validate(folder)]
    for line in lines:
        print(line)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
