/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/check_answered.h"

#include <math.h>

#include "sim/judge/checks.h"
#include "sim/judge/words.h"

/* Counts as words, for one sentence. */
typedef struct spoken {
    char due[JUDGE_WORD_MAX], answered[JUDGE_WORD_MAX], refused[JUDGE_WORD_MAX],
        timed_out[JUDGE_WORD_MAX];
    char pending[JUDGE_WORD_MAX], devices[JUDGE_WORD_MAX];
} spoken;

static void speak(const judge_answered_case *c, uint64_t decided, spoken *s) {
    judge_words_count(decided, s->due, sizeof s->due);
    judge_words_count(c->answered, s->answered, sizeof s->answered);
    judge_words_count(c->refused, s->refused, sizeof s->refused);
    judge_words_count(c->timed_out, s->timed_out, sizeof s->timed_out);
    judge_words_count(c->pending, s->pending, sizeof s->pending);
    judge_words_of(c->devices, "device", s->devices, sizeof s->devices);
}

static void say_nobody(const judge_answered_case *c, const spoken *s, judge_finding *out) {
    static const char check[] = "check that the server runs, its address and port, and the key";
    if (c->devices == 0)
        judge_finding_say(out, "No device took part, so no request was due.");
    else if (c->why_nobody != NULL && c->why_nobody[0] != '\0')
        judge_finding_say(out, "None of %s ever came online (%.*s): %s.", s->devices,
                          judge_words_shown(c->why_nobody, 180), c->why_nobody, check);
    else
        judge_finding_say(out, "None of %s ever came online: %s.", s->devices, check);
}

/* Says why nothing can be said; false when something can. */
static bool say_nothing_to_judge(const judge_answered_case *c, uint64_t decided, const spoken *s,
                                 judge_finding *out) {
    if (c->devices_online_ever == 0)
        say_nobody(c, s, out);
    else if (decided == 0)
        judge_finding_say(out,
                          "No request was due to be answered before the run ended, so there is "
                          "nothing to judge.");
    else if (c->generator_late)
        judge_finding_say(out,
                          "The generator was late, so requests were not sent when they were due "
                          "and their answers say "
                          "nothing about the server.");
    else
        return false;
    return true;
}

static void say_pending(const judge_answered_case *c, const spoken *s, judge_finding *out) {
    if (c->pending > 0)
        judge_finding_say_more(out, "; still waiting when the run ended, and not counted: %s",
                               s->pending);
    judge_finding_say_more(out, ".");
}

/* Whose doing it was: the server's, or not. */
static void say_what_became_of_the_rest(const judge_answered_case *c, const spoken *s,
                                        judge_finding *out) {
    const struct {
        uint64_t count;
        const char *what;
    } unsent[] = {
        {c->waiting, "not sent while the device waited for the answer before"},
        {c->held, "held back as the server had asked"},
        {c->offline, "not sent as the device had no session"},
        {c->cut, "not sent as the drill had cut the device off"},
    };
    judge_finding_say_more(out, ": %s refused", s->refused);
    if (c->refused > 0 && c->refusal != NULL) judge_finding_say_more(out, " (%s)", c->refusal);
    judge_finding_say_more(out, ", %s without an answer in time", s->timed_out);
    for (size_t i = 0; i < sizeof unsent / sizeof *unsent; i++) {
        char count[JUDGE_WORD_MAX];
        if (unsent[i].count == 0) continue;
        judge_words_count(unsent[i].count, count, sizeof count);
        judge_finding_say_more(out, ", %s %s", count, unsent[i].what);
    }
}

static void say_result(const judge_answered_case *c, double share, const spoken *s,
                       judge_finding *out) {
    char reached[JUDGE_WORD_MAX], wanted[JUDGE_WORD_MAX];
    judge_words_share(share, c->at_least, reached, sizeof reached);
    judge_words_share(c->at_least, NAN, wanted, sizeof wanted);
    if (share >= 1)
        judge_finding_say(out, "All %s requests that were due were answered with success", s->due);
    else
        judge_finding_say(out,
                          "Of %s requests that were due %s (%s) were answered with success where "
                          "%s%s should be",
                          s->due, s->answered, reached, c->at_least < 1 ? "at least " : "",
                          c->at_least < 1 ? wanted : "all");
    if (share < 1) say_what_became_of_the_rest(c, s, out);
    say_pending(c, s, out);
}

void judge_answered(const judge_answered_case *c, judge_finding *out) {
    uint64_t decided = c->due > c->pending ? c->due - c->pending : 0;
    double share = decided > 0 ? fmin(1, (double)c->answered / (double)decided) : NAN;
    spoken s;
    judge_check_begin(&judge_check_answered, out);
    judge_finding_measure(out, "answered", "share", share, JUDGE_AT_LEAST, c->at_least, decided);
    judge_finding_inform(out, "refused", "requests", (double)c->refused, c->due, NULL);
    judge_finding_inform(out, "timed out", "requests", (double)c->timed_out, c->due, NULL);
    judge_finding_inform(out, "not sent, waiting", "requests", (double)c->waiting, c->due, NULL);
    judge_finding_inform(out, "not sent, held back", "requests", (double)c->held, c->due, NULL);
    judge_finding_inform(out, "not sent, no session", "requests", (double)c->offline, c->due, NULL);
    judge_finding_inform(out, "not sent, cut off", "requests", (double)c->cut, c->due, NULL);
    judge_finding_inform(out, "pending at the end", "requests", (double)c->pending, c->due, NULL);
    judge_finding_inform(out, "devices ever online", "devices", (double)c->devices_online_ever,
                         c->devices, NULL);
    speak(c, decided, &s);
    if (say_nothing_to_judge(c, decided, &s, out)) return;
    out->verdict = out->measures[0].holds ? JUDGE_PASS : JUDGE_FAIL;
    say_result(c, share, &s, out);
}

/* ---- the row ---- */

typedef struct answered_wanted {
    double at_least;
} answered_wanted;

static int judge(const judge_evidence *e, const void *wanted, judge_finding *out) {
    const answered_wanted *w = wanted;
    const judge_requests *q = &e->requests;
    const judge_answered_case c = {.due = q->due,
                                   .sent = q->sent,
                                   .answered = q->answered,
                                   .refused = q->refused,
                                   .timed_out = q->timed_out,
                                   .waiting = q->waiting,
                                   .held = q->held,
                                   .offline = q->offline,
                                   .cut = q->cut,
                                   .refusal = q->refusal,
                                   .pending = q->sent - q->answered - q->refused - q->timed_out,
                                   .devices = e->devices,
                                   .devices_online_ever = e->devices_ever_online,
                                   .at_least = w->at_least,
                                   .why_nobody = e->why_nobody,
                                   .generator_late = e->generator_late};
    judge_answered(&c, out);
    return 0;
}

static const sim_field fields[] = {
    {.name = "at_least",
     .kind = SIM_FIELD_FRACTION,
     .offset = offsetof(answered_wanted, at_least),
     .help = "share of the requests that were due that must be answered with success"},
    {.name = NULL},
};
static const answered_wanted defaults = {.at_least = 1};

const judge_check judge_check_answered = {
    .word = "answered",
    .unit = "answered",
    .provision = "",
    .title = "were the requests answered?",
    .needs = JUDGE_NEED_SOMEBODY | JUDGE_NEED_REQUESTS | JUDGE_NEED_PUNCTUAL,
    .fields = fields,
    .size = sizeof defaults,
    .defaults = &defaults,
    .judge = judge,
    .bad_twin = {"tests/determinism/bad_twins.lua", "check=answered"},
};
