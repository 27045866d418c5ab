/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/examine/watch.h"

#include <math.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/random.h"
#include "sim/examine/watch_steps.h"

const examine_watch_settings examine_watch_default = {
    .window = SIM_MINUTE,
    .look = 5,
    .learn = SIM_DAY,
    .rest = SIM_DAY,
    .ratio = 3,
    .device_least = 18,
    .device_most = 72,
    .cohort_least = 16,
    .alarms = 1e-5f,
    .persist = 12,
    .campaign = 0.005f,
    .outage_share = 0.1f,
    .settle = 2 * SIM_HOUR,
    .silent_periods = 5,
    .returns = 3,
    .alive = SIM_HOUR,
    .stuck = 3 * SIM_HOUR,
    .margin = 0.5f,
    .drift = 25,
    .battery = 3,
    .talkers = 3,
    .peaks = 4,
    .series_score = 0.7f,
};

static uint32_t times(uint32_t value, double by) {
    return (uint32_t)fmin(fmax(1, round(value * by)), 1e9);
}

examine_watch_settings examine_watch_stricter(const examine_watch_settings *settings, double by) {
    examine_watch_settings s = *settings;
    float f = (float)by;
    s.device_least *= f;
    s.device_most *= f;
    s.cohort_least *= f;
    s.silent_periods *= f;
    s.drift *= f;
    s.battery *= f;
    s.margin *= f;
    s.ratio *= f;
    s.talkers = times(s.talkers, by);
    s.peaks = times(s.peaks, by);
    s.returns = times(s.returns, by);
    s.stuck = sim_time_from_seconds(sim_time_seconds(s.stuck) * by);
    return s;
}

const examine_signal_rule examine_rules[EXAMINE_SIGNALS] = {
#define RULE(name, how_, least_, kind_, once_, explained_) \
    [EXAMINE_##name] = {.least = (least_),                 \
                        .metric = RECORD_METRIC_##name,    \
                        .how = EXAMINE_##how_,             \
                        .kind = RECORD_ANOMALY_##kind_,    \
                        .once = (once_),                   \
                        .explained = (explained_)},
    EXAMINE_SIGNAL_MAP(RULE)
#undef RULE
};

/* 0: the metric is no signal. */
static const uint8_t signal_number[RECORD_METRICS] = {
#define NUMBER(name, how, least, kind, once, explained) [RECORD_METRIC_##name] = EXAMINE_##name + 1,
    EXAMINE_SIGNAL_MAP(NUMBER)
#undef NUMBER
};

static float no_value(void) {
    return (float)NAN;
}

static void init_device(examine_device *d) {
    d->reading.pending = d->reading.last = no_value();
    d->reading.gain = 1;
    d->battery.before = no_value();
}

static bool allocate(examine_watch *w) {
    const uint32_t cohorts = w->fleet->cohort_count, devices = w->devices_most;
    w->room = devices < EXAMINE_ROOM_LEAST  ? EXAMINE_ROOM_LEAST
              : devices < EXAMINE_ROOM_MOST ? devices
                                            : EXAMINE_ROOM_MOST;
    w->devices = sim_calloc(devices, sizeof *w->devices);
    w->homes = sim_calloc(w->home_count, sizeof *w->homes);
    w->streets = sim_calloc(w->street_count, sizeof *w->streets);
    w->sums = sim_calloc(cohorts, sizeof *w->sums);
    w->strangers = sim_malloc(w->room * sizeof *w->strangers);
    w->candidates = sim_malloc(w->room * sizeof *w->candidates);
    return w->devices && w->homes && w->streets && w->sums && w->strangers && w->candidates;
}

/* With room for devices, and none. */
static examine_watch *make(const examine_watch_fleet *f, uint32_t devices, uint32_t homes,
                           uint32_t streets) {
    SIM_PROMISE(devices > 0 && homes > 0 && streets > 0);
    examine_watch *w = sim_calloc(1, sizeof *w);
    if (!w) return NULL;
    w->fleet = f;
    w->settings = f->settings;
    w->devices_most = devices;
    w->home_count = homes;
    w->street_count = streets;
    w->window = 1;
    w->mature_age = examine_looks(w->settings, w->settings->learn);
    w->week = examine_looks(w->settings, 7 * SIM_DAY);
    w->slot = f->settings->window / EXAMINE_SLOTS;
    if (!allocate(w)) {
        examine_watch_free(w);
        return NULL;
    }
    for (uint32_t i = 0; i < f->cohort_count; i++) examine_sums_clear(&w->sums[i]);
    return w;
}

examine_watch *examine_watch_new(const examine_watch_fleet *f, uint32_t first_device,
                                 uint32_t devices, uint32_t homes, uint32_t streets) {
    examine_watch *w = make(f, devices, homes, streets);
    if (!w) return NULL;
    w->first_device = first_device;
    w->device_count = devices;
    for (uint32_t i = 0; i < devices; i++) init_device(&w->devices[i]);
    w->streets[0].devices = w->homes[0].devices = devices;
    return w;
}

examine_watch *examine_watch_new_empty(const examine_watch_fleet *f, uint32_t most) {
    return make(f, most, most, 1);
}

int examine_watch_join(examine_watch *w, uint32_t cohort, uint32_t *device) {
    SIM_PROMISE(cohort < w->fleet->cohort_count && w->street_count == 1);
    if (w->device_count == w->devices_most) return SIM_ENOMEM;
    examine_device *d = &w->devices[w->device_count];
    init_device(d);
    d->cohort = cohort;
    d->home = w->device_count;
    d->heard_alive = d->looked_alive = w->streets[0].living;
    w->homes[d->home].devices++;
    w->streets[0].devices++;
    *device = w->device_count++;
    return 0;
}

void examine_watch_free(examine_watch *w) {
    if (!w) return;
    for (uint32_t i = 0; w->series && i < w->device_count; i++) sim_free(w->series[i]);
    sim_free(w->series);
    sim_free(w->candidates);
    sim_free(w->strangers);
    sim_free(w->sums);
    sim_free(w->streets);
    sim_free(w->homes);
    sim_free(w->devices);
    sim_free(w);
}

void examine_watch_place(examine_watch *w, uint32_t device, uint32_t cohort, uint32_t home,
                         uint32_t street) {
    SIM_PROMISE(device < w->device_count && cohort < w->fleet->cohort_count);
    SIM_PROMISE(home < w->home_count && street < w->street_count);
    examine_device *d = &w->devices[device];
    w->streets[d->street].devices--;
    w->streets[street].devices++;
    w->homes[d->home].devices--;
    w->homes[home].devices++;
    d->cohort = cohort;
    d->home = home;
    d->street = street;
}

/* A firmware explains, from here on and for a while. */
static void renewed(examine_watch *w, examine_device *d) {
    d->muted_until = w->window + examine_windows(w->settings, w->settings->settle);
}

void examine_watch_cohort(examine_watch *w, sim_time now, uint32_t device, uint32_t cohort) {
    SIM_PROMISE(device < w->device_count && cohort < w->fleet->cohort_count);
    (void)now;
    examine_device *d = &w->devices[device];
    if (d->cohort == cohort) return;
    examine_sums *to = &w->sums[cohort];
    if (to->from == 0 || d->cohort + 1 < to->from) to->from = d->cohort + 1;
    d->cohort = cohort;
    renewed(w, d);
}

int examine_watch_series(examine_watch *w, uint32_t device) {
    SIM_PROMISE(device < w->device_count);
    if (!w->series) w->series = sim_calloc(w->devices_most, sizeof *w->series);
    if (!w->series) return SIM_ENOMEM;
    if (w->series[device]) return 0;
    examine_detector *series = sim_malloc(sizeof *series);
    if (!series) return SIM_ENOMEM;
    examine_detector_init(series, &examine_detector_default);
    w->series[device] = series;
    return 0;
}

/* The device lost or renewed its connection: counts for its street once in a while. */
void examine_disturb(examine_watch *w, examine_device *d) {
    const uint32_t again = examine_windows(w->settings, 30 * SIM_MINUTE);
    if (d->disturbed_at != 0 && w->window - d->disturbed_at <= again) return;
    d->disturbed_at = w->window;
    w->streets[d->street].disturbed_now++;
}

static void attempted(examine_watch *w, sim_time now, examine_device *d, uint32_t n) {
    const sim_time into = sim_time_max(0, now - w->begin) / w->slot;
    w->sums[d->cohort].attempts[into < EXAMINE_SLOTS ? into : EXAMINE_SLOTS - 1] += n;
    examine_disturb(w, d);
}

/* The cohort counts a device with such an event if it had none for an hour. */
static void happened(examine_watch *w, sim_time now, examine_device *d, examine_signal s) {
    const int which = s == EXAMINE_AUTHORIZATION_FAILURES ? 0 : s == EXAMINE_FAILED_LOGINS ? 1 : 2;
    const uint16_t at = (uint16_t)(now / (15 * SIM_MINUTE) % UINT16_MAX + 1);
    const uint16_t before = d->event_at[which];
    if (before == 0 || (uint16_t)(at - before) > 4) w->sums[d->cohort].fresh[s]++;
    d->event_at[which] = at;
}

static uint32_t sum(uint32_t a, uint32_t b) {
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

void examine_watch_count(examine_watch *w, sim_time now, uint32_t device, record_metric metric,
                         uint32_t n) {
    SIM_PROMISE(device < w->device_count && (unsigned)metric < RECORD_METRICS &&
                signal_number[metric] != 0);
    if (n == 0) return;
    examine_device *d = &w->devices[device];
    const examine_signal s = (examine_signal)(signal_number[metric] - 1);
    d->count[s] = sum(d->count[s], n);
    if (metric == RECORD_METRIC_MESSAGES_IN) d->heard_now = true;
    if (metric == RECORD_METRIC_CONNECTION_ATTEMPTS) attempted(w, now, d, n);
    if (metric == RECORD_METRIC_DISCONNECTS) examine_disturb(w, d);
    if (examine_rules[s].once) happened(w, now, d, s);
}

static void larger(examine_device *d, examine_signal s, double value) {
    if (!(value > 0) || !isfinite(value)) return;
    const uint32_t n = (uint32_t)fmin(ceil(value), 4e9);
    if (n > d->count[s]) d->count[s] = n;
}

void examine_watch_level(examine_watch *w, sim_time now, uint32_t device, record_metric metric,
                         double value) {
    SIM_PROMISE(device < w->device_count && (unsigned)metric < RECORD_METRICS);
    examine_device *d = &w->devices[device];
    if (metric == RECORD_METRIC_READING) {
        d->heard_now = true;
        examine_reading_told(w, now, device, value);
    } else if (metric == RECORD_METRIC_BATTERY) {
        d->heard_now = true;
        examine_battery_told(w, d, value);
    } else if (signal_number[metric] != 0) {
        larger(d, (examine_signal)(signal_number[metric] - 1), value);
    }
}

/* The device comes back to the address before the last, and that was in use a moment ago. */
static void came_from(examine_watch *w, examine_device *d, uint64_t id) {
    const uint32_t address = (uint32_t)(sim_hash64(id) >> 32) | 1;
    if (address == d->address) return;
    const uint32_t alive = examine_windows(w->settings, w->settings->alive);
    if (address == d->address_before && w->window - d->before_at <= alive && !examine_muted(w, d)) {
        if (d->returns == 0) d->since = w->window;
        d->returns += 1;
    }
    d->address_before = d->address;
    d->before_at = w->window;
    d->address = address;
}

static bool in_set(const examine_cohort *c, uint64_t hash) {
    const uint64_t one = c->set[hash / 64 % EXAMINE_SET_WORDS] >> (hash % 64);
    const uint64_t two = c->set[(hash >> 32) / 64 % EXAMINE_SET_WORDS] >> ((hash >> 32) % 64);
    return (one & two & 1) != 0;
}

static void talked_to(examine_watch *w, examine_device *d, uint32_t device, uint64_t id) {
    const uint64_t hash = sim_hash64(id);
    d->destinations |= (uint64_t)1 << (hash >> 58);
    if (in_set(&w->fleet->cohorts[d->cohort], hash)) return;
    const uint16_t mark = (uint16_t)((hash >> 16 & UINT16_MAX) | 1);
    if (d->strangers[0] == mark || d->strangers[1] == mark) return;
    d->strangers[1] = d->strangers[0];
    d->strangers[0] = mark;
    if (w->stranger_count == w->room) return;
    w->strangers[w->stranger_count++] =
        (examine_stranger){hash, d->cohort, w->first_device + device};
}

void examine_watch_member(examine_watch *w, sim_time now, uint32_t device, record_metric metric,
                          uint64_t id) {
    SIM_PROMISE(device < w->device_count);
    (void)now;
    examine_device *d = &w->devices[device];
    if (metric == RECORD_METRIC_SOURCE_ADDRESS) came_from(w, d, id);
    if (metric == RECORD_METRIC_DESTINATION) talked_to(w, d, device, id);
}

void examine_watch_session(examine_watch *w, sim_time now, uint32_t device, bool up) {
    SIM_PROMISE(device < w->device_count);
    (void)now;
    examine_device *d = &w->devices[device];
    if (up) d->heard_now = true;
    examine_disturb(w, d);
}
