/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/provisions.h"

#include <string.h>

const judge_edition *const judge_editions[] = {&judge_edition_3_1_3, &judge_edition_2_1_1, NULL};

const judge_edition *judge_edition_named(const char *name) {
    for (size_t i = 0; judge_editions[i] != NULL; i++) {
        const char *known = judge_editions[i]->name;
        if (strcmp(name, known) == 0 || strcmp(name, known + 1) == 0) return judge_editions[i];
    }
    return NULL;
}

const judge_provision *judge_provision_named(const judge_edition *e, const char *id) {
    for (size_t i = 0; i < e->provision_count; i++) {
        const judge_provision *p = &e->provisions[i];
        if (strcmp(p->id, id) == 0 || (p->printed != NULL && strcmp(p->printed, id) == 0)) return p;
    }
    return NULL;
}

const judge_provision *judge_provision_formerly(const judge_edition *e, const char *id) {
    for (size_t i = 0; i < e->provision_count; i++) {
        const char *formerly = e->provisions[i].formerly;
        if (formerly != NULL && strcmp(formerly, id) == 0) return &e->provisions[i];
    }
    return NULL;
}

int judge_fact_named(const judge_edition *e, const char *name) {
    for (size_t i = 0; i < e->fact_count; i++)
        if (strcmp(e->facts[i].name, name) == 0) return (int)i;
    return -1;
}

const judge_test_case *judge_case_of_unit(const judge_edition *e, const char *unit) {
    for (size_t i = 0; i < e->case_count; i++) {
        const judge_test_case *c = &e->cases[i];
        size_t n = strlen(c->id);
        bool of_case = strncmp(unit, c->id, n) == 0 && unit[n] == ' ';
        if (of_case && unit[n + 1] != '\0' && unit[n + 2] == '\0' && strchr(c->units, unit[n + 1]) != NULL)
            return c;
    }
    return NULL;
}

const char *judge_case_ixit(const judge_edition *e, const judge_test_case *c) {
    return c->ixit != NULL ? c->ixit : e->connections;
}

const char *judge_testable_word(judge_testable t) {
    static const char *const words[] = {[JUDGE_TESTABLE_UNKNOWN] = "unknown",
                                        [JUDGE_TESTABLE_SCENARIO] = "scenario",
                                        [JUDGE_TESTABLE_PARTLY] = "partly",
                                        [JUDGE_TESTABLE_DECLARATION] = "declaration"};
    return words[t];
}
