/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/assess/provisions.h"

#include <string.h>
#include <strings.h>

const assess_edition *const assess_editions[] = {&assess_edition_3_1_3, &assess_edition_2_1_1,
                                                 NULL};

const assess_edition *assess_edition_named(const char *name) {
    for (size_t i = 0; assess_editions[i] != NULL; i++) {
        const char *known = assess_editions[i]->name;
        if (strcmp(name, known) == 0 || strcmp(name, known + 1) == 0) return assess_editions[i];
    }
    return NULL;
}

const assess_provision *assess_provision_named(const assess_edition *e, const char *id) {
    for (size_t i = 0; i < e->provision_count; i++) {
        const assess_provision *p = &e->provisions[i];
        if (strcasecmp(p->id, id) == 0 || (p->printed != NULL && strcasecmp(p->printed, id) == 0))
            return p;
    }
    return NULL;
}

/* The same number, by either way to write it: "6-3", "6.3". */
static bool same_number(const char *a, const char *b) {
    size_t clause = strcspn(a, "-.");
    return strncmp(a, b, clause) == 0 && strcspn(b, "-.") == clause && a[clause] != '\0' &&
           b[clause] != '\0' && strcmp(a + clause + 1, b + clause + 1) == 0;
}

const assess_provision *assess_provision_formerly(const assess_edition *e, const char *id) {
    for (size_t i = 0; i < e->provision_count; i++) {
        const char *formerly = e->provisions[i].formerly;
        if (formerly != NULL && same_number(formerly, id)) return &e->provisions[i];
    }
    return NULL;
}

int assess_fact_named(const assess_edition *e, const char *name) {
    for (size_t i = 0; i < e->fact_count; i++)
        if (strcmp(e->facts[i].name, name) == 0) return (int)i;
    return -1;
}

const assess_test_case *assess_case_of_unit(const assess_edition *e, const char *unit) {
    for (size_t i = 0; i < e->case_count; i++) {
        const assess_test_case *c = &e->cases[i];
        size_t n = strlen(c->id);
        bool of_case = strncmp(unit, c->id, n) == 0 && unit[n] == ' ';
        if (of_case && unit[n + 1] != '\0' && unit[n + 2] == '\0' &&
            strchr(c->units, unit[n + 1]) != NULL)
            return c;
    }
    return NULL;
}

const char *assess_case_ixit(const assess_edition *e, const assess_test_case *c) {
    return c->ixit != NULL ? c->ixit : e->connections;
}

const char *assess_testable_word(assess_testable t) {
    static const char *const words[] = {[ASSESS_TESTABLE_UNKNOWN] = "unknown",
                                        [ASSESS_TESTABLE_SCENARIO] = "scenario",
                                        [ASSESS_TESTABLE_PARTLY] = "partly",
                                        [ASSESS_TESTABLE_DECLARATION] = "declaration"};
    return words[t];
}
