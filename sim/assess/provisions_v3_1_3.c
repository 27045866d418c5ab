/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EN 303 645 V3.1.3 (2024-09), Table B.1: 78 provisions, 36 mandatory and 42 recommended. C stands
 * for a condition, F for a feature that must be present. Titles and meanings are ours. The text of
 * the edition was not at hand: status, conditions and features are from two public transcriptions
 * of the table that agree. What they do not tell is left open here: in which part of a provision
 * that was split a sentence went (6-3A, 6-3B), and the units of TS 103 701 V2.1.1 beyond 5.9 and
 * 5.10. */
#include "sim/assess/provisions.h"

#define BIT(at) (UINT64_C(1) << (at))
enum {
    C3_AT,
    C12_AT,
    C14_AT,
    C15_AT,
    C16_AT,
    F_A_AT,
    F_B_AT,
    F_C_AT,
    F_D_AT,
    F_E_AT,
    F_F_AT,
    F_G_AT,
    F_H_AT,
    F_I_AT,
    F_J_AT,
    F_K_AT,
    F_L_AT,
    F_M_AT,
    F_N_AT,
    F_O_AT,
    F_P_AT,
    F_Q_AT,
    F_R_AT,
    F_S_AT,
    F_T_AT,
    F_U_AT,
    F_V_AT,
    F_W_AT,
    F_X_AT,
    F_Y_AT,
    F_Z_AT,
    F_AA_AT
};
#define C3 BIT(C3_AT)
#define C12 BIT(C12_AT)
#define C14 BIT(C14_AT)
#define C15 BIT(C15_AT)
#define C16 BIT(C16_AT)
#define F_A BIT(F_A_AT)
#define F_B BIT(F_B_AT)
#define F_C BIT(F_C_AT)
#define F_D BIT(F_D_AT)
#define F_E BIT(F_E_AT)
#define F_F BIT(F_F_AT)
#define F_G BIT(F_G_AT)
#define F_H BIT(F_H_AT)
#define F_I BIT(F_I_AT)
#define F_J BIT(F_J_AT)
#define F_K BIT(F_K_AT)
#define F_L BIT(F_L_AT)
#define F_M BIT(F_M_AT)
#define F_N BIT(F_N_AT)
#define F_O BIT(F_O_AT)
#define F_P BIT(F_P_AT)
#define F_Q BIT(F_Q_AT)
#define F_R BIT(F_R_AT)
#define F_S BIT(F_S_AT)
#define F_T BIT(F_T_AT)
#define F_U BIT(F_U_AT)
#define F_V BIT(F_V_AT)
#define F_W BIT(F_W_AT)
#define F_X BIT(F_X_AT)
#define F_Y BIT(F_Y_AT)
#define F_Z BIT(F_Z_AT)
#define F_AA BIT(F_AA_AT)
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
#define UNKNOWN ASSESS_TESTABLE_UNKNOWN

/* clang-format off */
static const assess_provision provisions[] = {
    ROW("5.0-1", "M", M, 0, D, false,
        "a recommendation that is not met or does not apply is justified on record",
        .formerly = "4-1"),
    ROW("5.1-1", "M F (a)", M, F_A, S, true,
        "every password outside the factory default is unique per device or set by the user"),
    ROW("5.1-2", "M F (b)", M, F_B, S, false,
        "pre-installed unique passwords resist automated guessing"),
    ROW("5.1-2A", "R", R, 0, UNKNOWN, false, "passwords are avoided between machines"),
    ROW("5.1-3", "M F (c)", M, F_C, P, false,
        "users are authenticated with best-practice cryptography"),
    ROW("5.1-4", "M F (d)", M, F_D, S, true, "the authentication value is simple to change"),
    ROW("5.1-5", "M C F (14,e)", M, C14 | F_E, S, true,
        "brute force over the network is impracticable"),
    ROW("5.2-1", "M", M, 0, D, false,
        "a vulnerability disclosure policy is public, with contact and timelines"),
    ROW("5.2-2", "R", R, 0, D, false, "reported vulnerabilities are acted on in a timely manner"),
    ROW("5.2-3", "R", R, 0, D, false,
        "vulnerabilities are monitored, found and fixed during the support period"),
    ROW("5.3-1", "R F (f)", R, F_F, P, false,
        "all software components that security does not make immutable can be updated securely"),
    ROW("5.3-2", "M C (15)", M, C15, S, false, "there is a secure mechanism for updates"),
    ROW("5.3-3", "M F (g)", M, F_G, P, false, "an update is simple for the user to apply"),
    ROW("5.3-4A", "R F (g)", R, F_G, S, false, "updates can be automated", .formerly = "5.3-4"),
    ROW("5.3-4B", "R F (h)", R, F_H, S, false,
        "automatic updates are enabled at initialization, with the user's consent",
        .formerly = "5.3-4"),
    ROW("5.3-5", "R F (g)", R, F_G, S, true,
        "the device looks for security updates after initialization, then periodically"),
    ROW("5.3-6A", "R F (h)", R, F_H, S, false, "automatic updates are for the user to set",
        .formerly = "5.3-6"),
    ROW("5.3-6B", "R F (i)", R, F_I, S, false, "update notices are for the user to set",
        .formerly = "5.3-6"),
    ROW("5.3-7", "M F (g)", M, F_G, P, false,
        "updates are protected by best-practice cryptography"),
    ROW("5.3-8", "M C (12)", M, C12, P, false, "security updates are timely"),
    ROW("5.3-9", "R F (g)", R, F_G, S, true,
        "the device verifies authenticity and integrity of an update"),
    ROW("5.3-10", "M F (j)", M, F_J, S, true,
        "updates over a network are verified through a trust relationship"),
    ROW("5.3-11", "R C (12)", R, C12, P, false,
        "the user is told that an update is needed and which risk it removes"),
    ROW("5.3-12", "R C (12)", R, C12, S, false,
        "the user is told when an update interrupts the basic function"),
    ROW("5.3-13", "M", M, 0, D, false, "the support period is published"),
    ROW("5.3-14", "R C (3)", R, C3, D, false,
        "for what cannot be updated: reasons, replacement and support period are published"),
    ROW("5.3-15A", "R C (3)", R, C3, S, false, "what cannot be updated can be isolated",
        .formerly = "5.3-15"),
    ROW("5.3-15B", "R C (3)", R, C3, S, false,
        "the hardware of what cannot be updated can be replaced", .formerly = "5.3-15"),
    ROW("5.3-16", "M", M, 0, P, false, "the model designation can be recognised"),
    ROW("5.4-1", "M F (k)", M, F_K, P, false, "sensitive security parameters are stored securely"),
    ROW("5.4-2", "M F (l)", M, F_L, D, false, "a hard-coded identity resists tampering"),
    ROW("5.4-3", "M", M, 0, P, false,
        "no hard-coded critical security parameters in the source code"),
    ROW("5.4-4", "M F (m)", M, F_M, S, true,
        "critical parameters that protect updates and services are unique per device"),
    ROW("5.5-1", "M", M, 0, S, true, "communication uses best-practice cryptography"),
    ROW("5.5-2", "R", R, 0, D, false,
        "implementations of network and security functions are reviewed or evaluated"),
    ROW("5.5-3", "R", R, 0, P, false, "cryptographic algorithms can be updated"),
    ROW("5.5-4", "R", R, 0, S, true,
        "functions are reachable over the network only after authentication and authorization"),
    ROW("5.5-5", "M F (n)", M, F_N, S, true,
        "security-relevant configuration changes only after authentication and authorization"),
    ROW("5.5-6", "R F (o)", R, F_O, S, true,
        "critical security parameters are encrypted in transit"),
    ROW("5.5-7", "M F (o)", M, F_O, S, true,
        "critical security parameters stay confidential on remotely accessible interfaces"),
    ROW("5.5-8", "M C (16)", M, C16, P, false, "keys are managed by secure processes"),
    ROW("5.6-1", "M F (p)", M, F_P, S, true, "unused interfaces are disabled"),
    ROW("5.6-2", "M", M, 0, S, true, "as little as possible is disclosed before authentication"),
    ROW("5.6-3", "R", R, 0, D, false, "physical interfaces are not exposed needlessly"),
    ROW("5.6-4A", "M F (q)", M, F_Q, D, false, "a debug interface is disabled or protected",
        .formerly = "5.6-4"),
    ROW("5.6-4B", "R F (r)", R, F_R, D, false, "a physical debug port is protected",
        .formerly = "5.6-4"),
    ROW("5.6-5", "R", R, 0, P, false, "only the services that are needed run"),
    ROW("5.6-6", "R", R, 0, D, false, "the code is limited to what is needed"),
    ROW("5.6-7", "R", R, 0, D, false, "software runs with the least privilege"),
    ROW("5.6-8", "R", R, 0, D, false, "the hardware controls access to memory"),
    ROW("5.6-9", "R", R, 0, D, false, "development follows a secure process"),
    ROW("5.7-1", "R", R, 0, S, false, "software is verified by secure boot"),
    ROW("5.7-2", "R F (s)", R, F_S, S, false,
        "on a detected change the user is alerted, and no more is connected than that takes"),
    ROW("5.8-1", "R F (t)", R, F_T, S, true, "personal data in transit is confidential"),
    ROW("5.8-2", "M F (u)", M, F_U, S, true,
        "sensitive personal data to associated services is protected"),
    ROW("5.8-3", "M F (v)", M, F_V, P, false, "external sensing is documented"),
    ROW("5.9-1", "R", R, 0, S, true, "resilience to loss of data network and of power is built in"),
    ROW("5.9-2", "R", R, 0, S, true,
        "the device works on locally without network and recovers cleanly after a loss of power"),
    ROW("5.9-3", "R", R, 0, S, true,
        "the device connects in an expected, stable and orderly way, within what the "
        "infrastructure can take"),
    ROW("5.10-1", "R F (w)", R, F_W, S, true,
        "collected telemetry is examined for security anomalies"),
    ROW("5.11-1", "M", M, 0, S, true, "the user can simply erase user data from the device"),
    ROW("5.11-2", "R F (x)", R, F_X, S, false,
        "personal data can be removed from associated services"),
    ROW("5.11-3", "R", R, 0, D, false, "there are instructions for deletion"),
    ROW("5.11-4", "R", R, 0, S, false, "deletion is confirmed"),
    ROW("5.12-1", "R", R, 0, P, false,
        "installation and maintenance need few decisions, and the easy way is secure"),
    ROW("5.12-2", "R", R, 0, D, false, "there is guidance for a secure set-up"),
    ROW("5.12-3", "R", R, 0, D, false, "there is guidance for checking that the set-up is secure"),
    ROW("5.13-1A", "M", M, 0, S, true, "input from user interfaces is validated",
        .formerly = "5.13-1"),
    ROW("5.13-1B", "M", M, 0, S, true, "input from networks is validated", .formerly = "5.13-1"),
    ROW("6-1", "M", M, 0, D, false,
        "consumers are told which personal data is processed, by whom and why",
        .printed = "6.1"),
    ROW("6-2", "M F (y)", M, F_Y, S, false, "consent is obtained in a valid way",
        .printed = "6.2"),
    ROW("6-3A", "M F (y)", M, F_Y, S, false,
        "consent can be withdrawn (first part of the former provision)", .formerly = "6-3",
        .printed = "6.3A"),
    ROW("6-3B", "M F (y)", M, F_Y, S, false,
        "consent can be withdrawn (second part of the former provision)", .formerly = "6-3",
        .printed = "6.3B"),
    ROW("6-4", "R F (w)", R, F_W, S, false, "personal data in telemetry is kept to the minimum",
        .printed = "6.4"),
    ROW("6-5", "M F (w)", M, F_W, P, false, "consumers are told which telemetry is collected",
        .printed = "6.5"),
    ROW("6-6", "M F (z)", M, F_Z, UNKNOWN, false,
        "personal data is minimised, kept no longer than needed and disposed of",
        .printed = "6.6"),
    ROW("6-7", "R F (aa)", R, F_AA, UNKNOWN, false,
        "data that serves an aggregate only is aggregated",
        .printed = "6.7"),
    ROW("6-8", "R F (z)", R, F_Z, UNKNOWN, false, "personal data is anonymised where it can be",
        .printed = "6.8"),
};
/* clang-format on */

#undef ROW
#undef M
#undef R
#undef S
#undef P
#undef D
#undef UNKNOWN

/* In the order of the bits above. */
static const assess_fact facts[] = {
    {"c3", "software components cannot be updated", false},
    {"c12", "a mechanism for updates is there", false},
    {"c14",
     "no constraint of the use case rules out protection against brute force over the network",
     false},
    {"c15", "no constraint of the use case rules out a mechanism for updates", false},
    {"c16", "there are critical security parameters", false},
    {"a", "passwords can authenticate users or machines", false},
    {"b", "pre-installed passwords, unique per device, can authenticate users or machines", false},
    {"c", "cryptographic authentication, passwords included, is possible for users or machines",
     false},
    {"d", "users can be authenticated", false},
    {"e", "users or devices can be authenticated over a network", false},
    {"f", "there is software that security does not make immutable", false},
    {"g", "software of the device can be updated", false},
    {"h", "updates can be automatic", false},
    {"i", "notices of updates are given", false},
    {"j", "updates can come over a network interface", false},
    {"k", "sensitive security parameters are kept in persistent storage", false},
    {"l", "a hard-coded identity, unique per device, is used for security", false},
    {"m",
     "critical security parameters protect updates or the communication with associated services",
     false},
    {"n", "security-relevant configuration can be changed over a network", false},
    {"o", "critical security parameters can leave the device", false},
    {"p", "there are network interfaces, or logical ones reached over it, that nobody uses", false},
    {"q", "there are debug interfaces", false},
    {"r", "there are debug interfaces that are physical ports", false},
    {"s", "secure boot, or another way to notice changes of the software, is there", false},
    {"t", "personal data is sent to associated services", false},
    {"u", "sensitive personal data is sent to associated services", false},
    {"v", "the device senses its surroundings", false},
    {"w", "telemetry can be collected", false},
    {"x", "an associated service can store personal data", false},
    {"y", "personal data is processed on the basis of consent", false},
    {"z", "personal data is processed", false},
    {"aa", "data is collected or processed for nothing but an aggregate result", false},
};

/* The rules of the earlier edition as far as they carry over, and what follows from the meaning of
 * the features. Ours: the table prints none. */
static const assess_fact_rule rules[] = {
    {"F2", false, F_B, F_A, NULL, "b is true and a is false",
     "pre-installed passwords are passwords", "make a true or b false"},
    {"F2", false, F_A, F_C, NULL, "a is true and c is false", "c counts passwords as well",
     "make c true or a false"},
    {"F2", false, F_H, F_G, NULL, "h is true and g is false", "automatic updates are updates",
     "make g true or h false"},
    {"F2", false, F_I, F_G, NULL, "i is true and g is false", "notices of updates need updates",
     "make g true or i false"},
    {"F2", false, F_J, F_G, NULL, "j is true and g is false", "updates over a network are updates",
     "make g true or j false"},
    {"F2", false, F_G, C12, NULL, "g is true and c12 is false",
     "what can be updated has a mechanism for it", "make c12 true or g false"},
    {"F2", false, F_R, F_Q, NULL, "r is true and q is false",
     "a physical debug port is a debug interface", "make q true or r false"},
    {"F2", false, F_U, F_T, NULL, "u is true and t is false",
     "sensitive personal data is personal data", "make t true or u false"},
    {"F2", false, F_T, F_Z, NULL, "t is true and z is false",
     "to send personal data is to process it", "make z true or t false"},
    {"F2", false, F_Y, F_Z, NULL, "y is true and z is false", "processing on consent is processing",
     "make z true or y false"},
    {"F2", false, F_M, C16, NULL, "m is true and c16 is false",
     "m speaks of critical security parameters", "make c16 true or m false"},
    {"F2", false, F_O, C16, NULL, "o is true and c16 is false",
     "o speaks of critical security parameters", "make c16 true or o false"},
    {"F3", false, C15, C12, "5.3-2", "the requirement is not met: c15 is true and c12 is false",
     "where nothing rules it out there must be a secure mechanism for updates",
     "add one to the product, or correct c15 or c12"},
    {"F6", true, F_A, F_D, NULL, "a is true and d is false",
     "nobody is there to enter the password; between machines passwords are discouraged (5.1-2A)",
     "say in the detail of 5.1-2A why, or correct a or d"},
};

const assess_edition assess_edition_3_1_3 = {
    .name = "V3.1.3",
    .year = "2024-09",
    .specification = "V2.1.1",
    .source =
        "Numbers, status, conditions and features are from public transcriptions of Table B.1, not "
        "from the "
        "text of the "
        "standard; titles are our own words. Units of TS 103 701 are held for 5.9 and 5.10 only.",
    .reporting = "5.0-1",
    .interfaces = "28-LogIntf",
    .provisions = provisions,
    .provision_count = sizeof provisions / sizeof *provisions,
    .facts = facts,
    .fact_count = sizeof facts / sizeof *facts,
    .rules = rules,
    .rule_count = sizeof rules / sizeof *rules,
    .connections = "28-LogIntf, 23-ResMech",
    .cases = assess_outage_cases,
    .case_count = ASSESS_OUTAGE_CASES,
};
