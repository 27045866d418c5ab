#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What validate_results.py and the tests know of junit.xml and evidence.json. Each check tells its
defects to add(where, what).
"""
import json
import pathlib
import re
from xml.etree import ElementTree

import jsonschema

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "schema"
OUTCOME = {
    "PASS": [],
    "FAIL": ["failure"],
    "INCONCLUSIVE": ["skipped"],
    "WARN": ["properties", "system-out"],
}


def count_in(element, name):
    """An attribute that is a whole number, -1 when it is none."""
    text = element.get(name, "")
    return int(text) if re.fullmatch("0|[1-9][0-9]*", text) else -1


def check_suite(root, add):
    """The cases of a document that is in the form that readers of JUnit files expect, or None."""
    suites = root.findall("testsuite")
    if root.tag != "testsuites" or len(suites) != 1 or len(root) != 1:
        add("junit.xml", "is not one testsuite in testsuites")
        return None
    suite = suites[0]
    cases = suite.findall("testcase")
    if [child.tag for child in suite] != ["properties"] + ["testcase"] * len(cases):
        add("junit.xml", "a suite is its properties, then its cases")
    totals = {
        "tests": len(cases),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": len(suite.findall("testcase/skipped")),
    }
    for element in (root, suite):
        for name, value in totals.items():
            if count_in(element, name) != value:
                add("junit.xml", f"{element.tag}: {name} is {element.get(name)}, counted {value}")
    for element in (root, suite, *cases):
        if not re.fullmatch(r"[0-9]+\.[0-9]{3}", element.get("time", "")):
            add("junit.xml", f"{element.tag}: time is {element.get('time')}")
    if len({(case.get("classname"), case.get("name")) for case in cases}) != len(cases):
        add("junit.xml", "two cases of the same name")
    return cases


def check_properties(suite, summary, add):
    given = {p.get("name"): p.get("value") for p in suite.findall("properties/property")}
    wanted = {name: str(summary[name]) for name in ("scenario", "seed", "repeat", "fingerprint")}
    wanted.update(
        {
            f"parameter.{name}": p["value"]
            for name, p in summary["parameters"].items()
            if name.isidentifier() and len(name) <= 50
        }
    )
    for name, value in wanted.items():
        if given.get(name) != value:
            add("junit.xml", f"the property {name} is {given.get(name)!r}, not {value!r}")


def check_junit(folder, summary, add):
    """A case for each verdict, counted right: FAIL a failure, INCONCLUSIVE skipped, each with its
    reason.
    """
    try:
        root = ElementTree.parse(folder / "junit.xml").getroot()
    except (OSError, ElementTree.ParseError) as error:
        add("junit.xml", str(error))
        return
    cases = check_suite(root, add)
    if cases is None:
        return
    check_properties(root[0], summary, add)
    if not summary["verdicts"] and [case.get("name") for case in cases] == ["run"]:
        return  # it never came to its verdicts
    if summary["error"] is not None:
        last = cases.pop() if cases else None
        told = None if last is None else last.find("error")
        if told is None or last.get("name") != "run" or told.get("message") != summary["error"]:
            add("junit.xml", "the last case does not tell of the error")
    if len(cases) != len(summary["verdicts"]):
        add("junit.xml", f"{len(cases)} cases of {len(summary['verdicts'])} verdicts")
        return
    for case, verdict in zip(cases, summary["verdicts"]):
        if [child.tag for child in case] != OUTCOME[verdict["verdict"]] or not case.get(
            "name", ""
        ).startswith(verdict["unit"]):
            add(
                "junit.xml",
                f"the case {case.get('name')} does not say that {verdict['unit']} is "
                f"{verdict['verdict']}",
            )
        warned = verdict["verdict"] == "WARN"
        if warned and (
            case.find("properties/property").get("value") != "WARN"
            or case.find("system-out").text != verdict["sentence"]
        ):
            add("junit.xml", f"the case {case.get('name')} does not say of what it warns")
        for child in [] if warned else case:
            if child.get("message") != verdict["sentence"]:
                add("junit.xml", f"the case {case.get('name')} does not say why")
            for measure in verdict["measures"]:
                if (
                    child.tag == "failure"
                    and (f"\n{measure['name']}: " in child.text) == measure["holds"]
                ):
                    add(
                        "junit.xml",
                        f"the case {case.get('name')}: {measure['name']} should be told when it "
                        f"does not hold, and only then",
                    )


def check_evidence(folder, summary, add):
    """evidence.json against its schema, and that every verdict stands in it once."""
    try:
        evidence = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
        markdown = (folder / "evidence.md").read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        add("evidence.json", str(error))
        return
    schema = json.loads((SCHEMAS / "evidence.schema.json").read_text(encoding="utf-8"))
    for error in jsonschema.Draft202012Validator(schema).iter_errors(evidence):
        add(
            "evidence.json",
            f"{'/'.join(map(str, error.absolute_path)) or 'the object'}: {error.message[-300:]}",
        )
        return
    there = [
        (unit["unit"], unit["verdict"])
        for group in evidence["groups"]
        for case in group["cases"]
        for unit in case["units"]
    ]
    there += [(check["unit"], check["verdict"]) for check in evidence["other_checks"]]
    wanted = [(verdict["unit"], verdict["verdict"]) for verdict in summary["verdicts"]]
    if sorted(there) != sorted(wanted):
        add("evidence.json", f"holds the verdicts {sorted(there)}, the summary {sorted(wanted)}")
    for group in evidence["groups"]:
        if f"\n## Test group {group['provision']}: {group['verdict']}\n" not in markdown:
            add("evidence.md", f"does not tell of {group['provision']}")
