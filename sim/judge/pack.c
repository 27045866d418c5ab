/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/pack.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/judge/check.h"
#include "sim/judge/words.h"

static const char *const growth_words[JUDGE_GROWTHS] = {
#define GROWTH_WORD(name, word) [JUDGE_GROWTH_##name] = word,
    JUDGE_GROWTH_MAP(GROWTH_WORD)
#undef GROWTH_WORD
};

const char *judge_growth_word(judge_growth g) {
    return growth_words[g];
}

judge_growth judge_growth_named(const char *word) {
    judge_growth g = 0;
    while (g < JUDGE_GROWTHS && strcmp(growth_words[g], word) != 0) g++;
    return g;
}

/* ---- what may be asked for ---- */

static double share(double part, uint64_t of) {
    return of > 0 ? part / (double)of : NAN;
}

static double attempts_value(const judge_pack_facts *f) {
    return share((double)f->attempts, f->devices);
}

static double retries_value(const judge_pack_facts *f) {
    return f->outages > 0 ? (double)f->most_retries : NAN;
}

static double shortest_value(const judge_pack_facts *f) {
    return f->shortest_s;
}

static double longest_value(const judge_pack_facts *f) {
    return f->longest_s;
}

static double first_value(const judge_pack_facts *f) {
    return f->counted[0] > 0 ? f->median_s[0] : NAN;
}

static double growth_value(const judge_pack_facts *f) {
    return f->growth;
}

static double factor_value(const judge_pack_facts *f) {
    return f->factor;
}

static double variation_value(const judge_pack_facts *f) {
    return f->variation;
}

static double success_value(const judge_pack_facts *f) {
    return share((double)f->attempts, f->successes);
}

static double budget_value(const judge_pack_facts *f) {
    return f->over_budget;
}

static double gave_up_value(const judge_pack_facts *f) {
    return share((double)f->gave_up, f->outages);
}

static uint64_t of_attempts(const judge_pack_facts *f) {
    return f->attempts;
}

static uint64_t of_outages(const judge_pack_facts *f) {
    return f->outages;
}

static uint64_t of_retries(const judge_pack_facts *f) {
    return f->retries;
}

static uint64_t of_firsts(const judge_pack_facts *f) {
    return f->counted[0];
}

const judge_pack_row judge_pack_rows[] = {
    {"attempts", "", "attempts of a device in all (the mean of several)", attempts_value,
     of_attempts},
    {"retries", "", "retries in one outage, the most of any device", retries_value, of_outages},
    {"pause-first", "s", "pause before the first retry, the median", first_value, of_firsts},
    {"pause-shortest", "s", "the shortest pause before a retry", shortest_value, of_retries},
    {"pause-longest", "s", "the longest pause before a retry", longest_value, of_retries},
    {"growth", "class", "how pauses grow: constant (0), linear (1) or exponential (2)",
     growth_value, of_retries},
    {"factor", "", "from one pause to the next (of exponential growth up to its plateau)",
     factor_value, of_retries},
    {"variation", "", "coefficient of variation of the pauses before the same retry",
     variation_value, of_retries},
    {"gives-up", "share", "outages in which the device stopped trying before it was online",
     gave_up_value, of_outages},
    {"attempts-per-success", "", "attempts for each that succeeded", success_value, of_attempts},
    {"retries-over-budget", "",
     "retries over what a fifth of the first attempts and 10/s allow, in the worst ten seconds",
     budget_value, of_attempts},
    {.word = NULL},
};

const judge_pack_row *judge_pack_row_named(const char *word) {
    for (const judge_pack_row *r = judge_pack_rows; r->word != NULL; r++)
        if (strcmp(r->word, word) == 0) return r;
    return NULL;
}

/* ---- judging ---- */

void judge_pack_serve(judge_pack *pack, uint16_t port) {
    for (size_t i = 0; i < pack->part_count && pack->part < 0; i++)
        for (size_t k = 0; k < pack->parts[i].port_count; k++)
            if (pack->parts[i].ports[k] == port) pack->part = (int)i;
}

/* What became of a rule: PASS, what it says of those that break it, or INCONCLUSIVE. */
static judge_verdict try_rule(const judge_rule *r, const judge_pack_facts *facts,
                              judge_finding *out) {
    double value = r->row->value(facts);
    uint64_t samples = r->row->samples(facts);
    if (isnan(value) || samples < r->samples) {
        judge_finding_inform(
            out, r->row->word, r->row->unit, value, samples,
            isnan(value) ? "what was seen does not tell" : "too few were seen for this rule");
        return JUDGE_INCONCLUSIVE;
    }
    judge_finding_measure(out, r->row->word, r->row->unit, value, r->relation, r->number, samples);
    judge_measure *m = &out->measures[out->measure_count - 1];
    m->note = r->says;
    if (m->holds) return JUDGE_PASS;
    /* what does not fail must not look as if it had */
    if (r->otherwise != JUDGE_FAIL) m->relation = JUDGE_NONE, m->threshold = NAN, m->holds = true;
    return r->otherwise;
}

static const char *value_text(const judge_rule *r, const judge_measure *m, char *text,
                              size_t size) {
    char number[JUDGE_WORD_MAX];
    if (isnan(m->value)) return "nothing that tells";
    if (strcmp(r->row->word, "growth") == 0)
        snprintf(text, size, "%s", judge_growth_word((judge_growth)m->value));
    else
        snprintf(text, size, "%s%s%s",
                 judge_words_beside(m->value, r->number, number, sizeof number),
                 m->unit[0] != '\0' ? " " : "", m->unit);
    return text;
}

enum { SAID_MAX = 2, TEXT_SHOWN = 110, CLAUSE_SHOWN = 60 };

static void say_rule(const judge_rule *r, const judge_measure *m, bool first, judge_finding *out) {
    char value[2 * JUDGE_WORD_MAX];
    judge_finding_say_more(out, "%s%.*s (%.*s), and %s was seen: %s", first ? "" : "; ",
                           judge_words_shown(r->says, TEXT_SHOWN), r->says,
                           judge_words_shown(r->clause, CLAUSE_SHOWN), r->clause, r->row->word,
                           value_text(r, m, value, sizeof value));
}

/* A rule with two numbers is two here, and one to those who read. */
static bool is_same_rule(const judge_rule *a, const judge_rule *b) {
    return a->row == b->row && a->says == b->says && a->clause == b->clause;
}

static bool applies(const judge_pack *pack, const judge_rule *r) {
    return r->part < 0 || r->part == pack->part;
}

static void say(const judge_pack *pack, const judge_pack_facts *f, const judge_verdict *became,
                judge_finding *out) {
    static const struct {
        const char *before, *after;
    } openings[] = {
        [JUDGE_FAIL] = {"Not as ", " has it"},
        [JUDGE_WARN] = {"As ", " has it, with a warning"},
        [JUDGE_INCONCLUSIVE] = {"Not enough was seen for ", ""},
    };
    size_t said = 0, measure = 0;
    char devices[JUDGE_WORD_MAX], outages[JUDGE_WORD_MAX], retries[JUDGE_WORD_MAX];
    if (out->verdict == JUDGE_PASS) {
        judge_finding_say(out, "As %s has it: every rule holds for %s %s of %s in %s.", pack->id,
                          judge_words_count(f->retries, retries, sizeof retries),
                          f->retries == 1 ? "retry" : "retries",
                          judge_words_of(f->devices, "device", devices, sizeof devices),
                          judge_words_of(f->outages, "outage", outages, sizeof outages));
        return;
    }
    judge_finding_say(out, "%s%s%s: ", openings[out->verdict].before, pack->id,
                      openings[out->verdict].after);
    for (size_t i = 0; i < pack->rule_count; i++) {
        if (!applies(pack, &pack->rules[i])) continue;
        const judge_measure *m = &out->measures[measure++];
        if (became[i] != out->verdict || said >= SAID_MAX) continue;
        if (i > 0 && became[i - 1] == became[i] &&
            is_same_rule(&pack->rules[i - 1], &pack->rules[i]))
            continue;
        say_rule(&pack->rules[i], m, said++ == 0, out);
    }
    judge_finding_say_more(out, ".");
}

static bool has_whole_rules(const judge_pack *pack) {
    for (size_t i = 0; i < pack->rule_count; i++)
        if (applies(pack, &pack->rules[i])) return true;
    return false;
}

/* The pack has parts, and nothing tells which of them this is. */
static void say_parts(const judge_pack *pack, judge_finding *out) {
    judge_finding_say(out,
                      "%s has a part for each protocol, and nothing tells which was seen: say "
                      "--by %s#PART, of",
                      pack->id, pack->id);
    for (size_t i = 0; i < pack->part_count; i++)
        judge_finding_say_more(out, "%s %s", i == 0 ? "" : ",", pack->parts[i].name);
    judge_finding_say_more(out, ".");
}

int judge_pack_run(const judge_pack *pack, const judge_evidence *e, const sim_time *ended,
                   judge_finding *out) {
    judge_pack_facts facts;
    judge_verdict became[JUDGE_PACK_RULES_MAX] = {JUDGE_PASS}, worst = JUDGE_PASS;
    *out = (judge_finding){.verdict = JUDGE_INCONCLUSIVE};
    snprintf(out->unit, sizeof out->unit, "%s", pack->id);
    if (!has_whole_rules(pack)) {
        say_parts(pack, out);
        return 0;
    }
    int error = judge_pack_look(e, ended, &facts);
    if (error != 0) return error;
    for (size_t i = 0; i < pack->rule_count; i++) {
        if (!applies(pack, &pack->rules[i])) continue;
        became[i] = try_rule(&pack->rules[i], &facts, out);
        worst = judge_verdict_worse(worst, became[i]);
    }
    out->verdict = worst;
    say(pack, &facts, became, out);
    if (e->generator_late) {
        out->verdict = JUDGE_INCONCLUSIVE;
        judge_finding_say_more(out, " But the generator was late.");
    }
    judge_check_distrust(e, out);
    return 0;
}
