/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EN 303 645 V2.1.1 (2020-06), Table B.1: 68 provisions, 33 mandatory and 35 recommended, counting
 * 4-1, which has no row there. Titles are ours. Test cases: TS 103 701 V1.1.1 (2021-08), as far as
 * clauses 5.9 and 5.10 go. */
#include "sim/assess/provisions.h"

#define C(number) (UINT64_C(1) << ((number)-1))
/* Compact names for the table only: number, status as printed, level, conditions, how far a
 * scenario tests it, whether the same probe can be pointed at a real device, title. */
#define ROW(number, printed_status, is, when, how, anything_real, words, ...)                     \
    {                                                                                             \
        .id = number, .status = printed_status, .level = is, .conditions = when, .testable = how, \
        .real = anything_real, .title = words, __VA_ARGS__                                        \
    }
#define M ASSESS_MANDATORY
#define R ASSESS_RECOMMENDED
#define S ASSESS_TESTABLE_SCENARIO
#define P ASSESS_TESTABLE_PARTLY
#define D ASSESS_TESTABLE_DECLARATION

/* Oddities of the printed table: 5.3-10 is "M (11,12)" without the C, and the rows of clause 6 are
 * written 6.1 and so on. Several conditions are a conjunction. */
/* clang-format off */
static const assess_provision provisions[] = {
    ROW("4-1", "M", M, 0, D, false,
        "a recommendation that is not met or does not apply is justified on record",
        .absent = true),
    ROW("5.1-1", "M C (1)", M, C(1), S, true,
        "every password outside the factory default is unique per device or set by the user"),
    ROW("5.1-2", "M C (2)", M, C(2), S, false,
        "pre-installed unique passwords resist automated guessing"),
    ROW("5.1-3", "M", M, 0, P, false, "users are authenticated with best-practice cryptography"),
    ROW("5.1-4", "M C (8)", M, C(8), S, true, "the authentication value is simple to change"),
    ROW("5.1-5", "M C (5)", M, C(5), S, true, "brute force over the network is impracticable"),
    ROW("5.2-1", "M", M, 0, D, false,
        "a vulnerability disclosure policy is public, with contact and timelines"),
    ROW("5.2-2", "R", R, 0, D, false, "reported vulnerabilities are acted on in a timely manner"),
    ROW("5.2-3", "R", R, 0, D, false,
        "vulnerabilities are monitored, found and fixed during the support period"),
    ROW("5.3-1", "R", R, 0, P, false, "all software components can be updated securely"),
    ROW("5.3-2", "M C (5)", M, C(5), S, false, "there is a secure mechanism for updates"),
    ROW("5.3-3", "M C (12)", M, C(12), P, false, "an update is simple for the user to apply"),
    ROW("5.3-4", "R C (12)", R, C(12), S, false, "updates are applied automatically"),
    ROW("5.3-5", "R C (12)", R, C(12), S, true,
        "the device looks for security updates after initialization, then periodically"),
    ROW("5.3-6", "R C (9,12)", R, C(9) | C(12), S, false,
        "automatic updates and notices are on at first and for the user to set"),
    ROW("5.3-7", "M C (12)", M, C(12), P, false,
        "updates are protected by best-practice cryptography"),
    ROW("5.3-8", "M C (12)", M, C(12), P, false, "security updates are timely"),
    ROW("5.3-9", "R C (12)", R, C(12), S, true,
        "the device verifies authenticity and integrity of an update"),
    ROW("5.3-10", "M (11,12)", M, C(11) | C(12), S, true,
        "updates over a network are verified through a trust relationship"),
    ROW("5.3-11", "R C (12)", R, C(12), P, false,
        "the user is told that an update is needed and which risk it removes"),
    ROW("5.3-12", "R C (12)", R, C(12), S, false,
        "the user is told when an update interrupts the basic function"),
    ROW("5.3-13", "M", M, 0, D, false, "the support period is published"),
    ROW("5.3-14", "R C (3,4)", R, C(3) | C(4), D, false,
        "for what cannot be updated: reasons, replacement and support period are published"),
    ROW("5.3-15", "R C (3,4)", R, C(3) | C(4), S, false,
        "what cannot be updated can be isolated and its hardware replaced"),
    ROW("5.3-16", "M", M, 0, P, false, "the model designation can be recognised"),
    ROW("5.4-1", "M", M, 0, P, false, "sensitive security parameters are stored securely"),
    ROW("5.4-2", "M C (10)", M, C(10), D, false, "a hard-coded identity resists tampering"),
    ROW("5.4-3", "M", M, 0, P, false,
        "no hard-coded critical security parameters in the source code"),
    ROW("5.4-4", "M", M, 0, S, true,
        "critical parameters that protect updates and services are unique per device"),
    ROW("5.5-1", "M", M, 0, S, true, "communication uses best-practice cryptography"),
    ROW("5.5-2", "R", R, 0, D, false,
        "implementations of network and security functions are reviewed or evaluated"),
    ROW("5.5-3", "R", R, 0, P, false, "cryptographic algorithms can be updated"),
    ROW("5.5-4", "R", R, 0, S, true,
        "functions are reachable over the network only after authentication"),
    ROW("5.5-5", "M", M, 0, S, true,
        "security-relevant configuration changes only after authentication"),
    ROW("5.5-6", "R", R, 0, S, true, "critical security parameters are encrypted in transit"),
    ROW("5.5-7", "M", M, 0, S, true,
        "critical security parameters stay confidential on remotely accessible interfaces"),
    ROW("5.5-8", "M", M, 0, P, false, "keys are managed by secure processes"),
    ROW("5.6-1", "M", M, 0, S, true, "unused interfaces are disabled"),
    ROW("5.6-2", "M", M, 0, S, true, "as little as possible is disclosed before authentication"),
    ROW("5.6-3", "R", R, 0, D, false, "physical interfaces are not exposed needlessly"),
    ROW("5.6-4", "M C (13)", M, C(13), D, false,
        "an accessible debug interface is disabled in software"),
    ROW("5.6-5", "R", R, 0, P, false, "only the services that are needed run"),
    ROW("5.6-6", "R", R, 0, D, false, "the code is limited to what is needed"),
    ROW("5.6-7", "R", R, 0, D, false, "software runs with the least privilege"),
    ROW("5.6-8", "R", R, 0, D, false, "the hardware controls access to memory"),
    ROW("5.6-9", "R", R, 0, D, false, "development follows a secure process"),
    ROW("5.7-1", "R", R, 0, S, false, "software is verified by secure boot"),
    ROW("5.7-2", "R", R, 0, S, false,
        "on a detected change the user is alerted, and no more is connected than that takes"),
    ROW("5.8-1", "R", R, 0, S, true, "personal data in transit is confidential"),
    ROW("5.8-2", "M", M, 0, S, true, "sensitive personal data to associated services is protected"),
    ROW("5.8-3", "M", M, 0, P, false, "external sensing is documented"),
    ROW("5.9-1", "R", R, 0, S, true, "resilience to loss of data network and of power is built in"),
    ROW("5.9-2", "R", R, 0, S, true,
        "the device works on locally without network and recovers cleanly after a loss of power"),
    ROW("5.9-3", "R", R, 0, S, true,
        "the device connects in an expected, stable and orderly way, within what the "
        "infrastructure can take"),
    ROW("5.10-1", "R C (6)", R, C(6), S, true,
        "collected telemetry is examined for security anomalies"),
    ROW("5.11-1", "M", M, 0, S, true, "the user can simply erase user data from the device"),
    ROW("5.11-2", "R", R, 0, S, false, "personal data can be removed from associated services"),
    ROW("5.11-3", "R", R, 0, D, false, "there are instructions for deletion"),
    ROW("5.11-4", "R", R, 0, S, false, "deletion is confirmed"),
    ROW("5.12-1", "R", R, 0, P, false,
        "installation and maintenance need few decisions, and the easy way is secure"),
    ROW("5.12-2", "R", R, 0, D, false, "there is guidance for a secure set-up"),
    ROW("5.12-3", "R", R, 0, D, false, "there is guidance for checking that the set-up is secure"),
    ROW("5.13-1", "M", M, 0, S, true, "input from users, interfaces and networks is validated"),
    ROW("6-1", "M", M, 0, D, false,
        "consumers are told which personal data is processed, by whom and why", .printed = "6.1"),
    ROW("6-2", "M C (7)", M, C(7), S, false, "consent is obtained in a valid way",
        .printed = "6.2"),
    ROW("6-3", "M", M, 0, S, false, "consent can be withdrawn", .printed = "6.3"),
    ROW("6-4", "R C (6)", R, C(6), S, false, "personal data in telemetry is kept to the minimum",
        .printed = "6.4"),
    ROW("6-5", "M C (6)", M, C(6), P, false, "consumers are told which telemetry is collected",
        .printed = "6.5"),
};
/* clang-format on */

#undef ROW
#undef M
#undef R
#undef S
#undef P
#undef D

enum { PRODUCT_MAINS = 14, PRODUCT_IP, PRODUCT_CRYPTOGRAPHY };

static const assess_fact facts[] = {
    {"c1", "passwords are used", false},
    {"c2", "pre-installed passwords are used", false},
    {"c3", "software components cannot be updated", false},
    {"c4", "the device is constrained", false},
    {"c5", "the device is not constrained", false},
    {"c6", "telemetry is collected", false},
    {"c7", "personal data is processed on the basis of consent", false},
    {"c8", "users can be authenticated", false},
    {"c9", "updates are automatic, or notices of updates are given", false},
    {"c10", "a hard-coded unique identity is used for security", false},
    {"c11", "updates come over a network interface", false},
    {"c12", "a mechanism for updates is there", false},
    {"c13", "a debug interface is physically accessible", false},
    {"mains", "power comes from the mains or the network is wired", true},
    {"ip", "the device speaks IP", true},
    {"ip_cryptography", "the device does the cryptography that goes with IP", true},
};

static const assess_fact_rule rules[] = {
    {"F1", false, C(4) | C(5), 0, NULL, "c4 and c5 are both true",
     "a device is constrained or it is not", "make one of them false"},
    {"F1", false, 0, C(4) | C(5), NULL, "c4 and c5 are both false",
     "a device is constrained or it is not", "make one of them true"},
    {"F2", false, C(2), C(1), NULL, "c2 is true and c1 is false",
     "pre-installed passwords are passwords", "make c1 true or c2 false"},
    {"F2", false, C(9), C(12), NULL, "c9 is true and c12 is false",
     "automatic updates and their notices need a mechanism for updates",
     "make c12 true or c9 false"},
    {"F2", false, C(11), C(12), NULL, "c11 is true and c12 is false",
     "updates over a network need a mechanism for updates", "make c12 true or c11 false"},
    {"F3", false, C(5), C(12), "5.3-2", "the requirement is not met: c5 is true and c12 is false",
     "a device that is not constrained must have a secure mechanism for updates",
     "add one to the product, or correct c5 or c12"},
    {"F4", true, C(3), C(4), "5.3-14", "c3 is true and c4 is false",
     "5.3-14 and 5.3-15 speak of constrained devices; they do not excuse one that is not",
     "say which components cannot be updated, and why, with 5.3-1 and 5.3-2"},
    {"F5", false, C(4) | C(PRODUCT_MAINS) | C(PRODUCT_IP) | C(PRODUCT_CRYPTOGRAPHY), 0, NULL,
     "c4 is true of a device with mains or wired network, IP and its cryptography",
     "such a device is not constrained by the definition (note 2)", "make c4 false and c5 true"},
    {"F6", true, C(1), C(8), NULL, "c1 is true and c8 is false",
     "nobody is there to enter the password; between machines passwords are discouraged",
     "say in the detail of 5.1-1 who uses it, or correct c1 or c8"},
    {"oddity", true, 0, C(7), "6-3", "c7 is false, and 6-3 is mandatory all the same",
     "Table B.1 sets no condition for 6-3 although its text presumes consent",
     "answer it, and say in the detail that no personal data rests on consent"},
};

const assess_edition assess_edition_2_1_1 = {
    .name = "V2.1.1",
    .year = "2020-06",
    .specification = "V1.1.1",
    .source =
        "Numbers, status and conditions of Table B.1; titles are our own words. Units of TS 103 "
        "701 are held "
        "for "
        "5.9 and 5.10 only.",
    .reporting = "4-1",
    .interfaces = "11-ComMech",
    .provisions = provisions,
    .provision_count = sizeof provisions / sizeof *provisions,
    .facts = facts,
    .fact_count = sizeof facts / sizeof *facts,
    .rules = rules,
    .rule_count = sizeof rules / sizeof *rules,
    .connections = "11-ComMech",
    .cases = assess_outage_cases,
    .case_count = ASSESS_OUTAGE_CASES,
};
