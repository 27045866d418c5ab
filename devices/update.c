/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/update.h"

#include <stdio.h>
#include <string.h>

#include "devices/anomaly.h"
#include "devices/command.h"
#include "devices/connection.h"
#include "devices/life.h"
#include "sim/record/metric.h"

enum update_event {
    TOLD,      /* the cloud names a version that does not run */
    CHECK_DUE, /* time to ask on one's own account */
    MANIFEST,  /* it came */
    BLOCK,     /* the one that was asked for */
    GONE,      /* the download cannot go on: no offer, no session, no memory, no capacity */
    COMPLETE,  /* as much of the image came as there is */
    ACCEPTED,  /* what came is what the maker signed */
    REJECTED,  /* it is not */
    TIMER,     /* what takes its time is done */
    POWER_OFF,
    UPDATE_EVENTS
};

static void step(dev_step *s, enum update_event event, const net_answer *answer);

/* ---- actions: what is asked, what is believed ---- */

typedef void update_action(dev_step *s, dev_update *u, const net_answer *answer);

static void forget(dev_step *s, dev_update *u, const net_answer *answer) {
    (void)s;
    (void)answer;
    net_digest_free(u->digest);
    u->digest = NULL;
    u->got = 0;
    u->step_due = SIM_NEVER;
}

static void ask(dev_step *s, enum dev_tag tag, net_ask ask) {
    char topic[3 + NET_MANIFEST_MODEL_MAX];
    snprintf(topic, sizeof topic, "fw/%s", s->device->profile->model->name);
    ask.topic = topic;
    dev_connection_ask(s, tag, ask);
}

static void ask_manifest(dev_step *s, dev_update *u, const net_answer *answer) {
    forget(s, u, answer);
    ask(s, DEV_TAG_MANIFEST, (net_ask){.kind = NET_ASK_READ});
}

static void ask_block(dev_step *s, dev_update *u, const net_answer *answer) {
    (void)answer;
    ask(s, DEV_TAG_BLOCK,
        (net_ask){.kind = NET_ASK_BLOCK,
                  .version = u->next_version,
                  .number = u->got / NET_MANIFEST_BLOCK});
}

static void begin_download(dev_step *s, dev_update *u, const net_answer *answer) {
    u->digest = net_digest_new();
    if (u->digest == NULL)
        step(s, GONE, answer);
    else
        ask_block(s, u, answer);
}

/* Whether the manifest is one to follow: 0; SIM_EAUTH: it is not to be believed; SIM_ENOMEM: who
 * knows. */
static int judge_manifest(const dev_step *s, const net_answer *answer, const net_manifest *m) {
    const dev_profile *p = s->device->profile;
    if (m->size > DEV_UPDATE_SLOT_BYTES) return SIM_EAUTH;
    if (p->unverified) return 0;
    if (dev_anomaly_spoils_update(s->device, s->now)) return SIM_EAUTH;
    int error = net_manifest_check(answer->body, s->world->update_key);
    if (error != 0) return error;
    bool ours = strcmp(m->model, p->model->name) == 0;
    return ours && m->version > s->device->update->version ? 0 : SIM_EAUTH;
}

/* The version that runs is nothing to install, nor to refuse unless something else was announced in
 * its place. */
static bool is_current(const dev_step *s, const net_manifest *m) {
    const dev_update *u = s->device->update;
    return m->version == u->version && (u->wanted == 0 || s->device->profile->unverified);
}

static void take_manifest(dev_step *s, dev_update *u, const net_answer *answer) {
    net_manifest m;
    if (net_manifest_read(answer->body, answer->size, &m) != 0) {
        step(s, REJECTED, answer);
        return;
    }
    int error = judge_manifest(s, answer, &m);
    if (error == SIM_ENOMEM || is_current(s, &m)) {
        step(s, GONE, answer);
        return;
    }
    u->next_version = m.version;
    u->size = m.size;
    memcpy(u->expected, m.digest, sizeof u->expected);
    step(s, error == 0 ? ACCEPTED : REJECTED, answer);
}

/* A block that is not full is the last, whatever the manifest says. */
static void take_block(dev_step *s, dev_update *u, const net_answer *answer) {
    size_t n = answer->size;
    if (n > NET_MANIFEST_BLOCK) n = NET_MANIFEST_BLOCK;
    net_digest_add(u->digest, answer->body, n);
    u->got += (uint32_t)n;
    if (n < NET_MANIFEST_BLOCK || u->got >= u->size)
        step(s, COMPLETE, answer);
    else
        ask_block(s, u, answer);
}

static void begin_verification(dev_step *s, dev_update *u, const net_answer *answer) {
    (void)answer;
    u->step_due = sim_time_add(s->now, DEV_UPDATE_VERIFY);
}

static void verify(dev_step *s, dev_update *u, const net_answer *answer) {
    uint8_t digest[NET_DIGEST_SIZE];
    net_digest_finish(u->digest, digest);
    bool genuine = u->got == u->size && memcmp(digest, u->expected, sizeof digest) == 0;
    step(s, genuine || s->device->profile->unverified ? ACCEPTED : REJECTED, answer);
}

static void refuse(dev_step *s, dev_update *u, const net_answer *answer) {
    u->failures++;
    forget(s, u, answer);
}

static void begin_installation(dev_step *s, dev_update *u, const net_answer *answer) {
    forget(s, u, answer);
    u->step_due = sim_time_add(s->now, DEV_UPDATE_INSTALL);
}

/* Power is lost while it is written. */
static void tear(dev_step *s, dev_update *u, const net_answer *answer) {
    if (s->device->profile->single_slot) u->version = 0;
    forget(s, u, answer);
}

/* The slot is whole: one write makes it the one that boots. Then the device does to itself what a
 * power cut does to it. */
static void restart(dev_step *s, dev_update *u, const net_answer *answer) {
    (void)answer;
    u->version = u->next_version;
    u->installs++;
    if (s->world->rebooting != NULL) s->world->rebooting(s->world->context, s->device);
    dev_model_step(s, DEV_EVENT_POWER_OFF);
    dev_model_step(s, DEV_EVENT_POWER_ON);
}

/* ---- the table ---- */

typedef struct update_rule {
    bool handled;
    update_action *act; /* NULL: nothing but the change of state */
    uint8_t next;
} update_rule;

#define DO(action, next_state) \
    { true, action, DEV_UPDATE_##next_state }

/* What is not here is ignored: an answer that comes too late, a notice while the device restarts
 * and will hear of it anyway. */
static const update_rule rules[DEV_UPDATE_STATES][UPDATE_EVENTS] = {
    [DEV_UPDATE_IDLE] =
        {
            [TOLD] = DO(ask_manifest, CHECKING),
            [CHECK_DUE] = DO(ask_manifest, CHECKING),
        },
    [DEV_UPDATE_CHECKING] =
        {
            [TOLD] = DO(ask_manifest, CHECKING),
            [MANIFEST] = DO(take_manifest, CHECKING),
            [ACCEPTED] = DO(begin_download, DOWNLOADING),
            [REJECTED] = DO(refuse, IDLE),
            [GONE] = DO(forget, IDLE),
            [POWER_OFF] = DO(forget, IDLE),
        },
    [DEV_UPDATE_DOWNLOADING] =
        {
            [TOLD] = DO(ask_manifest, CHECKING),
            [BLOCK] = DO(take_block, DOWNLOADING),
            [COMPLETE] = DO(begin_verification, VERIFYING),
            [GONE] = DO(forget, IDLE),
            [POWER_OFF] = DO(forget, IDLE),
        },
    [DEV_UPDATE_VERIFYING] =
        {
            [TOLD] = DO(ask_manifest, CHECKING),
            [TIMER] = DO(verify, VERIFYING),
            [ACCEPTED] = DO(begin_installation, INSTALLING),
            [REJECTED] = DO(refuse, IDLE),
            [POWER_OFF] = DO(forget, IDLE),
        },
    [DEV_UPDATE_INSTALLING] =
        {
            [TIMER] = DO(restart, IDLE),
            [POWER_OFF] = DO(tear, IDLE),
        },
};

/* It was awake for the update's sake: with that behind it, it rests when nothing else is out. */
static void rest(dev_step *s) {
    dev_device *d = s->device;
    if (d->state != DEV_STATE_ONLINE || !d->profile->model->life->sleeps) return;
    if (d->report_sent_due == SIM_NEVER) d->step_due = sim_time_add(s->now, DEV_LIFE_AWAKE);
}

static void step(dev_step *s, enum update_event event, const net_answer *answer) {
    dev_update *u = s->device->update;
    const update_rule *rule = &rules[u->state][event];
    if (!rule->handled) return;
    bool was_busy = dev_update_is_busy(u);
    u->state = rule->next;
    if (rule->act != NULL) rule->act(s, u, answer);
    if (was_busy && !dev_update_is_busy(u)) rest(s);
}

bool dev_update_is_busy(const dev_update *u) {
    return u != NULL && u->state != DEV_UPDATE_IDLE;
}

/* ---- life ---- */

void dev_update_init(dev_update *u, dev_device *d, uint64_t seed) {
    *u = (dev_update){.version = DEV_UPDATE_FACTORY,
                      .check_due = SIM_NEVER,
                      .step_due = SIM_NEVER,
                      .stream = sim_stream_for(seed, SIM_PURPOSE_UPDATE, d->index)};
    d->update = u;
}

void dev_update_deinit(dev_update *u) {
    net_digest_free(u->digest);
    u->digest = NULL;
}

uint32_t dev_update_version(const dev_device *d) {
    return d->update == NULL ? (uint32_t)DEV_UPDATE_FACTORY : d->update->version;
}

uint32_t dev_update_failures(const dev_device *d) {
    return d->update == NULL ? 0 : d->update->failures;
}

/* ---- time ---- */

sim_time dev_update_deadline(const dev_update *u) {
    return sim_time_min(u->check_due, u->step_due);
}

/* `event` begins a check, unless there is no cloud (then it is made when there is one), or it
 * wants to be left alone (then afterwards). */
static void check(dev_step *s, enum update_event event, uint32_t wanted) {
    const dev_device *d = s->device;
    dev_update *u = d->update;
    u->missed = d->state != DEV_STATE_ONLINE;
    if (u->missed) return;
    if (s->now < d->quiet_until) {
        u->check_due = sim_time_min(u->check_due, d->quiet_until);
        return;
    }
    u->wanted = wanted;
    step(s, event, NULL);
}

void dev_update_wake(dev_step *s) {
    dev_update *u = s->device->update;
    if (u->check_due <= s->now) {
        sim_time every = s->device->profile->check_every;
        u->check_due = every > 0 ? sim_time_add(s->now, every) : SIM_NEVER;
        check(s, CHECK_DUE, 0);
    }
    if (u->step_due <= s->now) {
        u->step_due = SIM_NEVER;
        step(s, TIMER, NULL);
    }
}

bool dev_update_can_boot(const dev_update *u) {
    return u->version != 0;
}

/* A phase of its own, drawn at each boot: a fleet that boots together does not ask together. */
void dev_update_booted(dev_step *s) {
    dev_update *u = s->device->update;
    sim_time every = s->device->profile->check_every;
    if (every > 0)
        u->check_due = sim_time_add(s->now, sim_stream_between(&u->stream, 0, every - 1));
}

/* ---- the session ---- */

void dev_update_online(dev_step *s) {
    if (s->device->update->missed) check(s, CHECK_DUE, 0);
}

void dev_update_offline(dev_step *s) {
    step(s, GONE, NULL);
}

void dev_update_power_off(dev_step *s) {
    dev_update *u = s->device->update;
    step(s, POWER_OFF, NULL);
    u->missed = false;
    u->check_due = SIM_NEVER;
}

/* ---- reports ---- */

static void append(net_senml_pack *pack, record_metric metric, double value) {
    SIM_PROMISE(pack->count < NET_SENML_RECORDS_MAX);
    net_senml_record *r = &pack->records[pack->count++];
    *r = (net_senml_record){.value = value};
    snprintf(r->name, sizeof r->name, "%s", record_metric_word(metric));
}

void dev_update_tell(dev_update *u, net_senml_pack *pack) {
    append(pack, RECORD_METRIC_FIRMWARE, u->version);
    append(pack, RECORD_METRIC_UPDATE_FAILURES, u->failures - u->told);
    u->told = u->failures;
}

/* ---- answers ---- */

/* Decimal digits and nothing else, up to UINT32_MAX; 0: something else. */
static uint32_t read_version(const uint8_t *text, size_t n) {
    uint64_t version = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9') return 0;
        version = 10 * version + (uint64_t)(text[i] - '0');
        if (version > UINT32_MAX) return 0;
    }
    return (uint32_t)version;
}

uint32_t dev_update_take_notice(net_answer *answer) {
    const uint8_t *value;
    size_t n;
    if (answer->tag != DEV_TAG_FOLLOW) return 0;
    uint32_t version = dev_command_find(answer->body, answer->size, "firmware", &value, &n)
                           ? read_version(value, n)
                           : 0;
    if (dev_command_find(answer->body, answer->size, "set-point", &value, &n)) {
        answer->body = value;
        answer->size = n;
    }
    return version;
}

/* Told to wait: it asks again when the hold has passed, at a random time as long again, since
 * others were told the same. */
static void take_busy(dev_step *s, dev_update *u, const net_answer *answer) {
    sim_time again =
        sim_time_add(s->device->quiet_until, sim_stream_between(&u->stream, 0, answer->hold));
    u->check_due = sim_time_min(u->check_due, again);
    step(s, GONE, answer);
}

void dev_update_answered(dev_step *s, const net_answer *answer, uint32_t notice) {
    dev_update *u = s->device->update;
    bool good = answer->kind == NET_TAKEN;
    if (good && notice != 0 && notice != u->version) check(s, TOLD, notice);
    /* Only to what was asked last: an answer about an offer that was replaced meanwhile says
     * nothing about the new one. */
    bool of_manifest = answer->tag == DEV_TAG_MANIFEST && u->state == DEV_UPDATE_CHECKING;
    bool of_block = answer->tag == DEV_TAG_BLOCK && u->state == DEV_UPDATE_DOWNLOADING;
    if (!of_manifest && !of_block) return;
    if (answer->kind == NET_BUSY)
        take_busy(s, u, answer);
    else if (!good)
        step(s, GONE, answer);
    else
        step(s, of_manifest ? MANIFEST : BLOCK, answer);
}
