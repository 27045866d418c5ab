/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The test cases of TS 103 701 for clauses 5.9 and 5.10: both editions have the same ones. */
#include <stddef.h>

#include "sim/assess/provisions.h"

const assess_test_case assess_outage_cases[] = {
    {"5.9-1-1", "5.9-1", "ab", false,
     "the mechanisms suit outages of network and of power, and each reaches what it claims",
     "23-ResMech"},
    {"5.9-1-2", "5.9-1", "ab", true,
     "network and power are interrupted: the mechanisms work as declared", "23-ResMech"},
    {"5.9-2-1", "5.9-2", "abc", false,
     "the mechanisms suit outages, keep the local function, and bring back the same or a better "
     "state",
     "23-ResMech"},
    {"5.9-2-2", "5.9-2", "ab", true,
     "the local function is used without network; power is cut and restored, and the state "
     "compared",
     "23-ResMech"},
    {"5.9-3-1", "5.9-3", "ab", false,
     "every connection method follows an orderly standard, and there are measures against mass "
     "reconnection",
     NULL},
    {"5.9-3-2", "5.9-3", "a", true,
     "connections are set up as declared, and the declared resilience measures really happen",
     NULL},
    {"5.10-1-1", "5.10-1", "ab", false,
     "a security examination of telemetry is declared, and the data is suited to it", "24-TelData"},
};
_Static_assert(sizeof assess_outage_cases / sizeof *assess_outage_cases == ASSESS_OUTAGE_CASES,
               "all of them are counted");

#define CYBER_RESILIENCE_ACT "Regulation (EU) 2024/2847 (Cyber Resilience Act)"

const assess_reference assess_references[] = {
    {"5.9-1", CYBER_RESILIENCE_ACT, "Annex I, part I, (2)(h)",
     "essential functions stay available, also after an incident"},
    {"5.9-2", CYBER_RESILIENCE_ACT, "Annex I, part I, (2)(h)",
     "essential functions stay available, also after an incident"},
    {"5.9-3", CYBER_RESILIENCE_ACT, "Annex I, part I, (2)(i)",
     "the product does as little harm as it can to the services of other devices and networks"},
};
_Static_assert(sizeof assess_references / sizeof *assess_references == ASSESS_REFERENCES,
               "all of them are counted");
