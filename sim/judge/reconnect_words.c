/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/reconnect_words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/judge/reconnect_defects.h"
#include "sim/judge/words.h"

/* A sentence blames the herd for a wait from so many times devices / capacity on. */
static const double drains_of_a_herd = 2;

/* bytes of foreign text that a sentence has room for */
enum { TRIGGER_SHOWN = 40, DECLARED_SHOWN = 160 };

static const char *trigger_word(const judge_reconnect_case *c) {
    return c->trigger_name != NULL && c->trigger_name[0] != '\0' ? c->trigger_name : "outage";
}

/* for "%.*s" */
#define TRIGGER(c) judge_words_shown(trigger_word(c), TRIGGER_SHOWN), trigger_word(c)

static bool say_opening(const judge_reconnect_case *c, bool with_declared, judge_finding *out) {
    char devices[JUDGE_WORD_MAX];
    bool fits = judge_finding_say(out, "%s had to come back after the %.*s",
                                  judge_words_of(c->devices, "device", devices, sizeof devices),
                                  TRIGGER(c));
    if (with_declared && c->declared != NULL && c->declared[0] != '\0')
        fits =
            judge_finding_say_more(out, " (declared: %.*s)",
                                   judge_words_shown(c->declared, DECLARED_SHOWN), c->declared) &&
            fits;
    return judge_finding_say_more(out, ": ") && fits;
}

typedef struct clauses {
    char text[8][180];
    size_t count;
} clauses;

static void clause_busiest(const judge_reconnect_case *c, const judge_measure *m, clauses *said) {
    char value[JUDGE_WORD_MAX], limit[JUDGE_WORD_MAX];
    bool cloud = m->threshold == c->capacity;
    snprintf(said->text[said->count++], sizeof said->text[0],
             "in the busiest second %s attempts arrived where %s %s",
             judge_words_beside(m->value, m->threshold, value, sizeof value),
             cloud ? "the cloud admits" : "at most this many are orderly:",
             judge_words_number(m->threshold, limit, sizeof limit));
}

static void clause_peak_to_mean(const judge_measure *m, clauses *said) {
    char value[JUDGE_WORD_MAX], limit[JUDGE_WORD_MAX];
    snprintf(said->text[said->count++], sizeof said->text[0],
             "the busiest second held %s times the attempts of an average one where at most %s "
             "times is orderly",
             judge_words_beside(m->value, m->threshold, value, sizeof value),
             judge_words_number(m->threshold, limit, sizeof limit));
}

static void clause_per_success(const judge_measure *m, clauses *said) {
    char value[JUDGE_WORD_MAX], limit[JUDGE_WORD_MAX];
    if (isnan(m->value)) return; /* nobody got in: the clause on who is back says it */
    snprintf(said->text[said->count++], sizeof said->text[0],
             "each device needed %s attempts on average where at most %s are orderly",
             judge_words_beside(m->value, m->threshold, value, sizeof value),
             judge_words_number(m->threshold, limit, sizeof limit));
}

static void clause_back_online(const judge_reconnect_case *c, const judge_wave *w, clauses *said) {
    char missing[JUDGE_WORD_MAX], time[24];
    snprintf(said->text[said->count++], sizeof said->text[0], "%s of them %s not back after %s",
             judge_words_count(c->devices - w->online, missing, sizeof missing),
             c->devices - w->online == 1 ? "was" : "were",
             sim_time_text(c->until - c->began, time, sizeof time));
    if (judge_wave_is_metastable(c, w)) {
        char *end = said->text[said->count - 1] + strlen(said->text[said->count - 1]);
        snprintf(end, sizeof said->text[0] - (size_t)(end - said->text[said->count - 1]),
                 " though their retries keep the cloud busy");
    }
}

/* The measure of that name when it does not hold; else NULL. */
static const judge_measure *broken(const judge_finding *f, const char *name) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (strcmp(f->measures[i].name, name) == 0 && !f->measures[i].holds) return &f->measures[i];
    return NULL;
}

static void clause_ten_seconds(const judge_measure *m, clauses *said) {
    char value[JUDGE_WORD_MAX], limit[JUDGE_WORD_MAX];
    snprintf(said->text[said->count++], sizeof said->text[0],
             "the busiest ten seconds held %s attempts where at most %s are orderly",
             judge_words_beside(m->value, m->threshold, value, sizeof value),
             judge_words_number(m->threshold, limit, sizeof limit));
}

static void clause_declared(const judge_finding *f, clauses *said) {
    static const char busy[] =
        "the first attempts came closer together than those of any fleet that keeps the declared "
        "law";
    static const char narrow[] =
        "the first attempts lie in a shorter time than the declared law spreads them over";
    if (broken(f, JUDGE_WAVE_CHANCE) != NULL || broken(f, JUDGE_WIDTH_CHANCE) != NULL)
        snprintf(said->text[said->count++], sizeof said->text[0], "%s",
                 broken(f, JUDGE_WAVE_CHANCE) != NULL ? busy : narrow);
}

/* Of N/C: wider windows are what chance asks for where a cloud admits few, and no product waits so
 * long (docs/verdicts.md). */
enum { WIDEST_WINDOW = 20 };

/* How wide the first attempts lie, where that is what is wrong. */
static void clause_window(const judge_reconnect_case *c, const judge_wave *w, unsigned defects,
                          clauses *said) {
    const unsigned windows = 1U << JUDGE_DEFECT_NO_FIRST_WINDOW | 1U << JUDGE_DEFECT_NARROW_WINDOW;
    char width[24], needed[24];
    double seconds = judge_reconnect_window((double)c->devices, c->capacity);
    if ((defects & windows) == 0 || !(w->retries.width < seconds)) return;
    sim_time within = sim_time_from_seconds(w->retries.width);
    bool waits = seconds <= WIDEST_WINDOW * (double)c->devices / c->capacity;
    int used =
        snprintf(said->text[said->count], sizeof said->text[0],
                 "nine tenths of the first attempts came %s%s where such a fleet takes %s",
                 within > 0 ? "within " : "at one instant",
                 within > 0 ? sim_time_text(within, width, sizeof width) : "",
                 sim_time_text(sim_time_from_seconds(round(seconds)), needed, sizeof needed));
    if (!waits)
        snprintf(said->text[said->count] + used, sizeof said->text[0] - (size_t)used,
                 " (longer than products wait: so few a second leave chance no room)");
    said->count++;
}

static bool say_clauses(const clauses *said, judge_finding *out) {
    bool fits = true;
    for (size_t i = 0; i < said->count; i++) {
        const char *joint = i == 0 ? "" : i + 1 < said->count ? ", " : " and ";
        fits = judge_finding_say_more(out, "%s%s", joint, said->text[i]) && fits;
    }
    return fits;
}

/* How much later the last device was back than with a cloud that admits everybody at once: there
 * each gets in at its first attempt, and when that is made the law alone says. What exceeds that is
 * the herd's doing, and nothing else is. */
static sim_time kept_by_the_herd(const judge_wave *w) {
    return w->all != SIM_NEVER && w->all > w->last_began ? w->all - w->last_began : 0;
}

/* The cloud turned devices away, and they waited much longer for it than it needed to let everybody
 * in. */
static bool herd_kept_waiting(const judge_reconnect_case *c, const judge_wave *w,
                              const judge_finding *out) {
    return !out->measures[JUDGE_BUSIEST].holds && w->turned_away > 0 &&
           sim_time_seconds(kept_by_the_herd(w)) > drains_of_a_herd * judge_wave_drain(c);
}

/* What it meant to the cloud and to the fleet, where no clause has said so yet. */
static bool say_ending(const judge_reconnect_case *c, const judge_wave *w, judge_finding *out) {
    char word[JUDGE_WORD_MAX];
    bool fits = true;
    if (herd_kept_waiting(c, w, out))
        return judge_finding_say_more(out,
                                      ", so the herd, not the outage, kept devices waiting for %s.",
                                      sim_time_text(kept_by_the_herd(w), word, sizeof word));
    if (!out->measures[JUDGE_BUSIEST].holds && w->turned_away > 0)
        fits = judge_finding_say_more(out, ", so the cloud turned %s attempt%s away",
                                      judge_words_count(w->turned_away, word, sizeof word),
                                      w->turned_away == 1 ? "" : "s");
    if (w->all != SIM_NEVER)
        return judge_finding_say_more(out, "; the last device was back after %s.",
                                      sim_time_text(w->all - c->began, word, sizeof word)) &&
               fits;
    if (w->cut_short)
        return judge_finding_say_more(out, "; %s of them %s not back when the observation ended.",
                                      judge_words_count(c->devices - w->online, word, sizeof word),
                                      c->devices - w->online == 1 ? "was" : "were") &&
               fits;
    return judge_finding_say_more(out, ".") && fits;
}

static bool say_fail(const judge_reconnect_case *c, const judge_wave *w, bool with_declared,
                     judge_finding *out) {
    const judge_measure *m = out->measures;
    unsigned defects = judge_reconnect_defects(c, w, out);
    clauses said = {.count = 0};
    if (!m[JUDGE_BUSIEST].holds)
        clause_busiest(c, &m[JUDGE_BUSIEST], &said);
    else if (!m[JUDGE_PEAK_TO_MEAN].holds) /* beside the other it would say the same thing twice */
        clause_peak_to_mean(&m[JUDGE_PEAK_TO_MEAN], &said);
    if (m[JUDGE_BUSIEST].holds && broken(out, JUDGE_TEN_SECONDS) != NULL)
        clause_ten_seconds(broken(out, JUDGE_TEN_SECONDS), &said);
    if (!m[JUDGE_PER_SUCCESS].holds) clause_per_success(&m[JUDGE_PER_SUCCESS], &said);
    if (!m[JUDGE_BACK_ONLINE].holds) clause_back_online(c, w, &said);
    if (broken(out, JUDGE_GROWTH) != NULL)
        snprintf(said.text[said.count++], sizeof said.text[0],
                 "the cloud let them in and closed, and their pauses did not grow");
    if (broken(out, JUDGE_AT_PLATEAU) != NULL)
        snprintf(said.text[said.count++], sizeof said.text[0],
                 "their jitter is lost at the cap, where the pauses are alike");
    clause_declared(out, &said);
    clause_window(c, w, defects, &said);
    bool fits = say_opening(c, with_declared, out);
    fits = say_clauses(&said, out) && fits;
    fits = say_ending(c, w, out) && fits;
    return judge_defects_say(out, defects) && fits;
}

static bool say_pass(const judge_reconnect_case *c, const judge_wave *w, bool with_declared,
                     judge_finding *out) {
    const judge_measure *m = out->measures;
    char value[JUDGE_WORD_MAX], limit[JUDGE_WORD_MAX], each[JUDGE_WORD_MAX], time[24];
    bool fits = say_opening(c, with_declared, out);
    fits = judge_finding_say_more(
               out, "no second saw more than %s attempt%s where %s admits %s, ",
               judge_words_number(m[JUDGE_BUSIEST].value, value, sizeof value),
               m[JUDGE_BUSIEST].value == 1 ? "" : "s",
               m[JUDGE_BUSIEST].threshold == c->capacity ? "the cloud" : "the policy",
               judge_words_beside(m[JUDGE_BUSIEST].threshold, m[JUDGE_BUSIEST].value, limit,
                                  sizeof limit)) &&
           fits;
    if (judge_wave_is_trap(c, w))
        fits = judge_finding_say_more(
                   out,
                   "each was let in and closed %s times on average, with longer and longer pauses",
                   judge_words_number(round((double)w->successes / (double)w->online), each,
                                      sizeof each)) &&
               fits;
    else if (w->attempts == w->online)
        fits = judge_finding_say_more(out, "every device got in at its first attempt") && fits;
    else if (m[JUDGE_PER_SUCCESS].value == 1)
        fits = judge_finding_say_more(out, "every attempt got in") && fits;
    else
        fits = judge_finding_say_more(
                   out, "a device needed %s attempts on average",
                   judge_words_beside(m[JUDGE_PER_SUCCESS].value, 1, each, sizeof each)) &&
               fits;
    return judge_finding_say_more(
               out, ", and the last was back after %s%s.",
               sim_time_text(w->all - c->began, time, sizeof time),
               w->pattern.same_place >= JUDGE_ASSIGNED
                   ? ": orderly by assignment, since each device has its own place"
                   : "") &&
           fits;
}

/* Says why nothing can be said; false when something can. */
bool judge_reconnect_say_nothing(const judge_reconnect_case *c,
                                 const judge_reconnect_policy *policy, const judge_wave *w,
                                 judge_finding *out) {
    char devices[JUDGE_WORD_MAX], least[JUDGE_WORD_MAX];
    judge_words_of(c->devices, "device", devices, sizeof devices);
    judge_words_count(policy->devices_minimum, least, sizeof least);
    if (!judge_wave_happened(c))
        judge_finding_say(
            out, "The %.*s did not happen while anybody watched, so there is nothing to judge.",
            TRIGGER(c));
    else if (c->devices < policy->devices_minimum)
        judge_finding_say(out,
                          "The %.*s hit %s that %s online, and fewer than %s say nothing "
                          "about a fleet.",
                          TRIGGER(c), devices, c->devices == 1 ? "was" : "were", least);
    else if (!judge_wave_capacity_known(c))
        judge_finding_say(
            out,
            "The cloud did not declare how many connections a second it admits, so the wave of "
            "%s after the "
            "%.*s cannot be held against it: give judge.reconnect a capacity.",
            devices, TRIGGER(c));
    else if (c->generator_late)
        judge_finding_say(out,
                          "The generator was late, so what came after the %.*s is not what %s "
                          "would have done.",
                          TRIGGER(c), devices);
    else if (w->attempts == 0)
        judge_finding_say(out,
                          "Not one of %s was seen trying to reconnect after the %.*s, so there is "
                          "nothing to judge.",
                          devices, TRIGGER(c));
    else
        return false;
    return true;
}

void judge_reconnect_say_cut_short(const judge_reconnect_case *c, const judge_wave *w,
                                   judge_finding *out) {
    char online[JUDGE_WORD_MAX], devices[JUDGE_WORD_MAX], seen[24], enough[24];
    judge_finding_say(out,
                      "%s of %s were back when the observation ended %s after the %.*s, "
                      "which is too soon to say "
                      "that the others failed: watch for %s.",
                      judge_words_count(w->online, online, sizeof online),
                      judge_words_of(c->devices, "device", devices, sizeof devices),
                      sim_time_text(c->until - c->began, seen, sizeof seen), TRIGGER(c),
                      sim_time_text(judge_wave_watch_enough(c), enough, sizeof enough));
}

/* A declared law too long for the sentence is left out of it. */
void judge_reconnect_say_fail(const judge_reconnect_case *c, const judge_wave *w,
                              judge_finding *out) {
    if (!say_fail(c, w, true, out)) say_fail(c, w, false, out);
}

void judge_reconnect_say_pass(const judge_reconnect_case *c, const judge_wave *w,
                              judge_finding *out) {
    if (!say_pass(c, w, true, out)) say_pass(c, w, false, out);
}
