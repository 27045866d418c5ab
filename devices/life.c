/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/life.h"

#include "devices/actions.h"
#include "devices/update.h"

#define DO(action, next_state) \
    { true, dev_act_##action, DEV_STATE_##next_state }

/* The way back is the same for every life: off, booting, waiting for the link and for the law, and
 * trying, until `accepted` makes the device one that is online. */
#define AWAY                                                            \
    [DEV_STATE_OFF] =                                                   \
        {                                                               \
            [DEV_EVENT_POWER_ON] = DO(boot, BOOTING),                   \
    },                                                                  \
    [DEV_STATE_BOOTING] =                                               \
        {                                                               \
            [DEV_EVENT_POWER_OFF] = DO(power_off, OFF),                 \
            [DEV_EVENT_BOOTED] = DO(booted, WAITING_FOR_LINK),          \
    },                                                                  \
    [DEV_STATE_WAITING_FOR_LINK] =                                      \
        {                                                               \
            [DEV_EVENT_POWER_OFF] = DO(power_off, OFF),                 \
            [DEV_EVENT_LINK_UP] = DO(await, WAITING_FOR_ATTEMPT),       \
            [DEV_EVENT_REPORT_DUE] = DO(skip_report, WAITING_FOR_LINK), \
    },                                                                  \
    [DEV_STATE_WAITING_FOR_ATTEMPT] = {                                 \
        [DEV_EVENT_POWER_OFF] = DO(power_off, OFF),                     \
        [DEV_EVENT_LINK_DOWN] = DO(postpone, WAITING_FOR_LINK),         \
        [DEV_EVENT_ATTEMPT_DUE] = DO(connect, CONNECTING),              \
        [DEV_EVENT_REPORT_DUE] = DO(skip_report, WAITING_FOR_ATTEMPT),  \
    }

#define TRYING(accepted)                                                       \
    [DEV_STATE_CONNECTING] = {                                                 \
        [DEV_EVENT_POWER_OFF] = DO(power_off, OFF),                            \
        [DEV_EVENT_LINK_DOWN] = DO(attempt_cut, WAITING_FOR_LINK),             \
        [DEV_EVENT_SECURED] = DO(register, CONNECTING),                        \
        [DEV_EVENT_ACCEPTED] = {true, accepted, DEV_STATE_ONLINE},             \
        [DEV_EVENT_BUSY] = DO(attempt_failed, WAITING_FOR_ATTEMPT),            \
        [DEV_EVENT_REFUSED] = DO(attempt_failed, WAITING_FOR_ATTEMPT),         \
        [DEV_EVENT_UNANSWERED] = DO(attempt_failed, WAITING_FOR_ATTEMPT),      \
        [DEV_EVENT_SESSION_ENDED] = DO(attempt_failed, WAITING_FOR_ATTEMPT),   \
        [DEV_EVENT_CONNECT_TIMEOUT] = DO(attempt_failed, WAITING_FOR_ATTEMPT), \
        [DEV_EVENT_REPORT_DUE] = DO(skip_report, CONNECTING),                  \
    }

const dev_life dev_life_always_on = {
    .name = "always on",
    .rules =
        {
            AWAY,
            TRYING(dev_act_online),
            [DEV_STATE_ONLINE] =
                {
                    [DEV_EVENT_POWER_OFF] = DO(power_off, OFF),
                    [DEV_EVENT_LINK_DOWN] = DO(session_cut, WAITING_FOR_LINK),
                    [DEV_EVENT_BUSY] = DO(hold, ONLINE),
                    [DEV_EVENT_REFUSED] = DO(refused, ONLINE),
                    [DEV_EVENT_UNANSWERED] = DO(session_lost, WAITING_FOR_ATTEMPT),
                    [DEV_EVENT_SESSION_ENDED] = DO(session_lost, WAITING_FOR_ATTEMPT),
                    [DEV_EVENT_REPORT_DUE] = DO(report, ONLINE),
                    [DEV_EVENT_REPORT_TAKEN] = DO(report_taken, ONLINE),
                    [DEV_EVENT_TOLD] = DO(told, ONLINE),
                },
        },
};

/* ---- sleepy ---- */

/* With nothing out its radio goes off in a while; while a report is out, or an update is under way,
 * it listens. */
static void stay_awake(dev_step *s) {
    dev_device *d = s->device;
    if (d->state != DEV_STATE_ONLINE) return;
    bool out = d->report_sent_due != SIM_NEVER || dev_update_is_busy(d->update);
    d->step_due = out ? SIM_NEVER : sim_time_add(s->now, DEV_LIFE_AWAKE);
}

static void come_online(dev_step *s) {
    dev_act_online(s);
    s->device->report_due = s->now;
    stay_awake(s);
}

static void report(dev_step *s) {
    dev_act_report(s);
    stay_awake(s);
}

/* An update that it should have asked for in its sleep it asks for now. */
static void report_and_ask(dev_step *s) {
    const dev_device *d = s->device;
    report(s);
    if (d->update == NULL || d->state != DEV_STATE_ONLINE) return;
    dev_update_online(s);
    stay_awake(s);
}

/* That the link is gone it sees as soon as its radio is on. */
static void wake_up(dev_step *s) {
    if (s->world->link_is_up(s->world->context, s->device)) {
        report_and_ask(s);
    } else {
        dev_act_skip_report(s);
        dev_model_step(s, DEV_EVENT_LINK_DOWN);
    }
}

static void end_report(dev_step *s) {
    dev_act_report_taken(s);
    stay_awake(s);
}

static void hold(dev_step *s) {
    dev_act_hold(s);
    stay_awake(s);
}

static void take_refusal(dev_step *s) {
    dev_act_refused(s);
    stay_awake(s);
}

const dev_life dev_life_sleepy = {
    .name = "sleepy",
    .sleeps = true,
    .rules =
        {
            AWAY,
            TRYING(come_online),
            [DEV_STATE_ONLINE] =
                {
                    [DEV_EVENT_POWER_OFF] = DO(power_off, OFF),
                    [DEV_EVENT_LINK_DOWN] = DO(session_cut, WAITING_FOR_LINK),
                    [DEV_EVENT_BUSY] = {true, hold, DEV_STATE_ONLINE},
                    [DEV_EVENT_REFUSED] = {true, take_refusal, DEV_STATE_ONLINE},
                    [DEV_EVENT_UNANSWERED] = DO(session_lost, WAITING_FOR_ATTEMPT),
                    [DEV_EVENT_SESSION_ENDED] = DO(session_lost, WAITING_FOR_ATTEMPT),
                    [DEV_EVENT_REPORT_DUE] = {true, report, DEV_STATE_ONLINE},
                    [DEV_EVENT_REPORT_TAKEN] = {true, end_report, DEV_STATE_ONLINE},
                    [DEV_EVENT_REST_DUE] = {true, NULL, DEV_STATE_ASLEEP},
                },
            [DEV_STATE_ASLEEP] =
                {
                    [DEV_EVENT_POWER_OFF] = DO(power_off, OFF),
                    [DEV_EVENT_UNANSWERED] = DO(session_lost, WAITING_FOR_ATTEMPT),
                    [DEV_EVENT_SESSION_ENDED] = DO(session_lost, WAITING_FOR_ATTEMPT),
                    [DEV_EVENT_REPORT_DUE] = {true, wake_up, DEV_STATE_ONLINE},
                },
        },
};
