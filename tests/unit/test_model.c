/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of every model is walked; mutilated copies of it must fail the walk. And the one
 * function that runs it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices/actions.h"
#include "devices/life.h"
#include "devices/model.h"
#include "tests/unit/with_cmocka.h"

/* ---- the walk ---- */

/* Why an event may be ignored in a state: the second opinion on every empty slot of the table. */
static bool may_be_ignored(bool sleeps, dev_state state, dev_event event) {
    bool asleep = state == DEV_STATE_ASLEEP;
    bool has_session = state == DEV_STATE_CONNECTING || dev_state_is_online(state);
    if (asleep && !sleeps) return true; /* it never is */
    bool has_power = state != DEV_STATE_OFF;
    switch (event) {
        case DEV_EVENT_POWER_ON:
            return has_power; /* already on */
        case DEV_EVENT_POWER_OFF:
            return !has_power;
        case DEV_EVENT_BOOTED:
            return state != DEV_STATE_BOOTING; /* nothing else sets that timer */
        case DEV_EVENT_LINK_UP:
            return state != DEV_STATE_WAITING_FOR_LINK; /* not looking yet, or it has one */
        case DEV_EVENT_LINK_DOWN:
            return !has_power || state == DEV_STATE_BOOTING ||
                   state == DEV_STATE_WAITING_FOR_LINK || asleep; /* its radio is off */
        case DEV_EVENT_ATTEMPT_DUE:
            return state != DEV_STATE_WAITING_FOR_ATTEMPT;
        case DEV_EVENT_SECURED:
        case DEV_EVENT_ACCEPTED:
        case DEV_EVENT_CONNECT_TIMEOUT:
            return state != DEV_STATE_CONNECTING;
        case DEV_EVENT_BUSY:
        case DEV_EVENT_REFUSED:
            return !has_session || asleep; /* nothing is out, and nothing heard */
        case DEV_EVENT_REST_DUE:
            return !sleeps || state != DEV_STATE_ONLINE;
        case DEV_EVENT_UNANSWERED:
        case DEV_EVENT_SESSION_ENDED:
            return !has_session; /* no channel, nobody to say so */
        case DEV_EVENT_REPORT_DUE:
            /* the report timer starts with BOOTED */
            return !has_power || state == DEV_STATE_BOOTING;
        case DEV_EVENT_REPORT_TAKEN:
            return state != DEV_STATE_ONLINE;
        case DEV_EVENT_TOLD:
            /* who sleeps follows nothing */
            return sleeps || state != DEV_STATE_ONLINE;
        case DEV_EVENTS:
            break;
    }
    return false;
}

/* States that can be reached from `from`, by any events, `from` included only if it can be come
 * back to. */
static unsigned reachable(const dev_model *m, dev_state from) {
    unsigned seen = 0;
    unsigned fresh = 1u << from;
    while (fresh != 0) {
        unsigned found = 0;
        for (int state = 0; state < DEV_STATES; state++) {
            for (int event = 0; (fresh >> state & 1) && event < DEV_EVENTS; event++) {
                const dev_rule *rule = &m->life->rules[state][event];
                if (rule->handled) found |= 1u << rule->next;
            }
        }
        fresh = found & ~seen;
        seen |= found;
    }
    return seen;
}

/* What is wrong with one slot; NULL: nothing. */
static const char *wrong_slot(const dev_model *m, dev_state state, dev_event event) {
    const dev_rule *rule = &m->life->rules[state][event];
    if (!rule->handled) {
        if (rule->act != NULL || rule->next != 0) return "an action that is never run";
        return may_be_ignored(m->life->sleeps, state, event) ? NULL
                                                             : "an event that nobody handles";
    }
    if (rule->next < 0 || rule->next >= DEV_STATES) return "leads to no state";
    if (may_be_ignored(m->life->sleeps, state, event)) return "handled where it cannot come";
    if (event == DEV_EVENT_POWER_OFF && rule->next != DEV_STATE_OFF)
        return "power loss does not end in off";
    if (event != DEV_EVENT_POWER_OFF && rule->next == DEV_STATE_OFF)
        return "off without power loss";
    if (rule->next == DEV_STATE_ASLEEP && !m->life->sleeps) return "falls asleep";
    if (event == DEV_EVENT_LINK_DOWN && rule->next != DEV_STATE_WAITING_FOR_LINK)
        return "does not notice its link";
    return NULL;
}

static const char *wrong_state(const dev_model *m, dev_state state) {
    if (state == DEV_STATE_ASLEEP && !m->life->sleeps) return NULL;
    unsigned from_here = reachable(m, state);
    if (!(reachable(m, DEV_STATE_OFF) >> state & 1)) return "cannot be reached";
    if ((from_here & ~(1u << state)) == 0) return "has no way out";
    if (!(from_here >> DEV_STATE_ONLINE & 1)) return "never comes online";
    return NULL;
}

/* Walks the whole table. NULL when all is well; else a sentence in `text`. */
static const char *walk(const dev_model *m, char *text, size_t size) {
    if (m->name == NULL || m->title == NULL || m->device_class == NULL || m->energy == NULL)
        return "has no name";
    if (m->local == NULL || m->measure == NULL || m->init == NULL || m->life == NULL)
        return "lacks a function";
    if ((m->told == NULL) != (m->setting == NULL)) return "is told what it does not have";
    if (m->life->sleeps && m->told != NULL) return "is told in its sleep";
    if (m->report_every <= 0) return "does not say how often it reports";
    for (int state = 0; state < DEV_STATES; state++) {
        for (int event = 0; event < DEV_EVENTS; event++) {
            const char *wrong = wrong_slot(m, (dev_state)state, (dev_event)event);
            if (wrong == NULL) continue;
            snprintf(text, size, "%s, %s: %s", dev_state_word((dev_state)state),
                     dev_event_word((dev_event)event), wrong);
            return text;
        }
    }
    for (int state = 0; state < DEV_STATES; state++) {
        const char *wrong = wrong_state(m, (dev_state)state);
        if (wrong == NULL) continue;
        snprintf(text, size, "%s: %s", dev_state_word((dev_state)state), wrong);
        return text;
    }
    return NULL;
}

static void test_every_model_passes_the_walk(void **state) {
    (void)state;
    char text[160];
    for (size_t i = 0; dev_models[i] != NULL; i++) {
        const char *wrong = walk(dev_models[i], text, sizeof text);
        if (wrong != NULL) fail_msg("%s: %s", dev_models[i]->name, wrong);
        assert_ptr_equal(dev_model_named(dev_models[i]->name), dev_models[i]);
    }
    assert_ptr_equal(dev_model_named("thermostat"), &dev_thermostat);
    assert_null(dev_model_named("thermo"));
}

/* Bad twins: one slot changed, and what the walk must say. */
static void test_mutilated_tables_fail_the_walk(void **state) {
    (void)state;
    static const struct {
        dev_state state;
        dev_event event;
        dev_rule rule;
        const char *says;
    } rows[] = {
        {DEV_STATE_ONLINE,
         DEV_EVENT_SESSION_ENDED,
         {0},
         "online, session ended: an event that nobody handles"},
        {DEV_STATE_CONNECTING,
         DEV_EVENT_CONNECT_TIMEOUT,
         {0},
         "connecting, connect timeout: an event that nobody handles"},
        {DEV_STATE_OFF, DEV_EVENT_POWER_ON, {0}, "off, power on: an event that nobody handles"},
        {DEV_STATE_ONLINE,
         DEV_EVENT_TOLD,
         {false, dev_act_report_taken, 0},
         "online, told: an action that is never run"},
        {DEV_STATE_OFF,
         DEV_EVENT_LINK_UP,
         {true, dev_act_await, DEV_STATE_OFF},
         "off, link up: handled where it cannot come"},
        {DEV_STATE_ONLINE,
         DEV_EVENT_POWER_OFF,
         {true, dev_act_power_off, DEV_STATE_ONLINE},
         "online, power off: power loss does not end in off"},
        {DEV_STATE_CONNECTING,
         DEV_EVENT_REFUSED,
         {true, NULL, DEV_STATE_OFF},
         "connecting, refused: off without power loss"},
        {DEV_STATE_ONLINE,
         DEV_EVENT_LINK_DOWN,
         {true, NULL, DEV_STATE_ONLINE},
         "online, link down: does not notice its link"},
        {DEV_STATE_ONLINE,
         DEV_EVENT_BUSY,
         {true, NULL, DEV_STATES},
         "online, busy: leads to no state"},
        {DEV_STATE_CONNECTING,
         DEV_EVENT_ACCEPTED,
         {true, NULL, DEV_STATE_CONNECTING},
         "off: never comes online"},
        {DEV_STATE_WAITING_FOR_LINK,
         DEV_EVENT_LINK_UP,
         {true, NULL, DEV_STATE_WAITING_FOR_LINK},
         "off: never comes online"},
        {DEV_STATE_OFF,
         DEV_EVENT_POWER_ON,
         {true, NULL, DEV_STATE_CONNECTING},
         "booting: cannot be reached"},
        {DEV_STATE_ONLINE,
         DEV_EVENT_REPORT_TAKEN,
         {true, NULL, DEV_STATE_ASLEEP},
         "online, report taken: falls asleep"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dev_life life = dev_life_always_on;
        dev_model mutilated = dev_thermostat;
        char text[160] = "nothing";
        mutilated.life = &life;
        life.rules[rows[i].state][rows[i].event] = rows[i].rule;
        assert_non_null(walk(&mutilated, text, sizeof text));
        assert_string_equal(text, rows[i].says);
    }
    dev_model mutilated = dev_thermostat;
    char text[160];
    mutilated.local = NULL;
    assert_string_equal(walk(&mutilated, text, sizeof text), "lacks a function");
    mutilated = dev_thermostat;
    mutilated.setting = NULL;
    assert_string_equal(walk(&mutilated, text, sizeof text), "is told what it does not have");
    mutilated = dev_thermostat;
    mutilated.life = &dev_life_sleepy;
    assert_string_equal(walk(&mutilated, text, sizeof text), "is told in its sleep");
    mutilated = dev_window_contact;
    mutilated.report_every = 0;
    assert_string_equal(walk(&mutilated, text, sizeof text), "does not say how often it reports");
    /* a sleeper that never wakes */
    dev_life life = dev_life_sleepy;
    mutilated = dev_window_contact;
    mutilated.life = &life;
    life.rules[DEV_STATE_ASLEEP][DEV_EVENT_REPORT_DUE] = (dev_rule){0};
    assert_string_equal(walk(&mutilated, text, sizeof text),
                        "asleep, report due: an event that nobody handles");
}

/* A state that only loses power has a way out, but not the one that counts. */
static void test_dead_end_fails_the_walk(void **state) {
    (void)state;
    dev_life life = dev_life_always_on;
    dev_model mutilated = dev_thermostat;
    mutilated.life = &life;
    for (int event = 0; event < DEV_EVENTS; event++) {
        dev_rule *rule = &life.rules[DEV_STATE_ONLINE][event];
        if (rule->handled) rule->next = DEV_STATE_ONLINE;
    }
    assert_string_equal(wrong_state(&mutilated, DEV_STATE_ONLINE), "has no way out");
}

static void test_words(void **state) {
    (void)state;
    assert_string_equal(dev_state_word(DEV_STATE_WAITING_FOR_ATTEMPT), "waiting for its attempt");
    assert_string_equal(dev_state_word(DEV_STATES), "?");
    assert_string_equal(dev_event_word(DEV_EVENT_TOLD), "told");
    assert_string_equal(dev_event_word(DEV_EVENTS), "?");
}

/* ---- the function that runs a table ---- */

typedef struct diary {
    char text[256];
} diary;

static void note(dev_step *s, const char *what) {
    diary *book = s->world->context;
    snprintf(book->text + strlen(book->text), sizeof book->text - strlen(book->text), "%s@%s ",
             what, dev_state_word((dev_state)s->device->state));
}

static void note_change(void *context, dev_device *d, dev_state from, dev_state to) {
    diary *book = context;
    (void)d;
    snprintf(book->text + strlen(book->text), sizeof book->text - strlen(book->text), "%s>%s ",
             dev_state_word(from), dev_state_word(to));
}

static void act_chain(dev_step *s) {
    note(s, dev_event_word(s->event));
    assert_int_equal(s->from, DEV_STATE_OFF);
    dev_model_step(s, DEV_EVENT_BOOTED);
}

static void act_note(dev_step *s) {
    note(s, dev_event_word(s->event));
}

static void act_for_ever(dev_step *s) {
    dev_model_step(s, DEV_EVENT_POWER_ON);
}

static const dev_life small_life = {
    .rules = {
        [DEV_STATE_OFF] = {[DEV_EVENT_POWER_ON] = {true, act_chain, DEV_STATE_BOOTING}},
        [DEV_STATE_BOOTING] = {[DEV_EVENT_BOOTED] = {true, act_note, DEV_STATE_ONLINE}},
        [DEV_STATE_ONLINE] = {[DEV_EVENT_POWER_OFF] = {true, NULL, DEV_STATE_OFF},
                              [DEV_EVENT_POWER_ON] = {true, act_for_ever, DEV_STATE_ONLINE}}}};
static const dev_model small = {.life = &small_life};

static void test_state_changes_before_the_action(void **state) {
    (void)state;
    diary book = {0};
    dev_world world = {.context = &book, .state_changed = note_change};
    dev_profile profile = {.model = &small};
    dev_counts counts = {0};
    dev_device device = {.profile = &profile};
    dev_step s = {.device = &device, .world = &world, .counts = &counts};
    dev_model_step(&s, DEV_EVENT_POWER_ON);
    assert_string_equal(book.text, "off>booting power on@booting booting>online booted@online ");
    assert_int_equal(s.depth, 0);
    dev_model_step(&s, DEV_EVENT_LINK_UP);
    assert_int_equal(counts.ignored[DEV_STATE_ONLINE][DEV_EVENT_LINK_UP], 1);
    book.text[0] = 0;
    dev_model_step(&s, DEV_EVENT_POWER_OFF);
    assert_string_equal(book.text, "online>off ");
}

/* A model that chases its own tail is a defect, and says so instead of running out of stack. */
static void test_endless_chain_breaks_the_promise(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        dev_profile profile = {.model = &small};
        dev_counts counts = {0};
        dev_device device = {.profile = &profile, .state = DEV_STATE_ONLINE};
        dev_world world = {0};
        dev_step s = {.device = &device, .world = &world, .counts = &counts};
        signal(SIGABRT, SIG_DFL);
        if (freopen("/dev/null", "w", stderr) == NULL) _exit(1);
        dev_model_step(&s, DEV_EVENT_POWER_ON);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_model_passes_the_walk),
        cmocka_unit_test(test_mutilated_tables_fail_the_walk),
        cmocka_unit_test(test_dead_end_fails_the_walk),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_state_changes_before_the_action),
        cmocka_unit_test(test_endless_chain_breaks_the_promise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
