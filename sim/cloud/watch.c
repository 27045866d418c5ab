/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/watch.h"

#include <math.h>
#include <string.h>

#include "sim/cloud/watch_steps.h"
#include "sim/core/heap.h"
#include "sim/core/random.h"

const cloud_watch_settings cloud_watch_default = {
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

cloud_watch_settings cloud_watch_stricter(const cloud_watch_settings *settings, double by) {
    cloud_watch_settings s = *settings;
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

const watch_signal_rule watch_rules[WATCH_SIGNALS] = {
#define RULE(name, how_, least_, kind_, once_, explained_) \
    [WATCH_##name] = {.least = (least_),                   \
                      .metric = SIM_METRIC_##name,         \
                      .how = WATCH_##how_,                 \
                      .kind = SIM_ANOMALY_##kind_,         \
                      .once = (once_),                     \
                      .explained = (explained_)},
    WATCH_SIGNAL_MAP(RULE)
#undef RULE
};

/* 0: the metric is no signal. */
static const uint8_t signal_number[SIM_METRICS] = {
#define NUMBER(name, how, least, kind, once, explained) [SIM_METRIC_##name] = WATCH_##name + 1,
    WATCH_SIGNAL_MAP(NUMBER)
#undef NUMBER
};

static float no_value(void) {
    return (float)NAN;
}

static void init_device(watch_device *d) {
    d->reading.pending = d->reading.last = no_value();
    d->reading.gain = 1;
    d->battery.before = no_value();
}

static bool allocate(cloud_watch *w) {
    const uint32_t cohorts = w->fleet->cohort_count, devices = w->devices_most;
    w->room = devices < WATCH_ROOM_LEAST  ? WATCH_ROOM_LEAST
              : devices < WATCH_ROOM_MOST ? devices
                                          : WATCH_ROOM_MOST;
    w->devices = sim_calloc(devices, sizeof *w->devices);
    w->homes = sim_calloc(w->home_count, sizeof *w->homes);
    w->streets = sim_calloc(w->street_count, sizeof *w->streets);
    w->sums = sim_calloc(cohorts, sizeof *w->sums);
    w->strangers = sim_malloc(w->room * sizeof *w->strangers);
    w->candidates = sim_malloc(w->room * sizeof *w->candidates);
    return w->devices && w->homes && w->streets && w->sums && w->strangers && w->candidates;
}

/* With room for devices, and none. */
static cloud_watch *make(const cloud_watch_fleet *f, uint32_t devices, uint32_t homes, uint32_t streets) {
    SIM_PROMISE(devices > 0 && homes > 0 && streets > 0);
    cloud_watch *w = sim_calloc(1, sizeof *w);
    if (!w) return NULL;
    w->fleet = f;
    w->settings = f->settings;
    w->devices_most = devices;
    w->home_count = homes;
    w->street_count = streets;
    w->window = 1;
    w->mature_age = watch_looks(w->settings, w->settings->learn);
    w->week = watch_looks(w->settings, 7 * SIM_DAY);
    w->slot = f->settings->window / WATCH_SLOTS;
    if (!allocate(w)) {
        cloud_watch_free(w);
        return NULL;
    }
    for (uint32_t i = 0; i < f->cohort_count; i++) watch_sums_clear(&w->sums[i]);
    return w;
}

cloud_watch *cloud_watch_new(const cloud_watch_fleet *f, uint32_t first_device, uint32_t devices,
                             uint32_t homes, uint32_t streets) {
    cloud_watch *w = make(f, devices, homes, streets);
    if (!w) return NULL;
    w->first_device = first_device;
    w->device_count = devices;
    for (uint32_t i = 0; i < devices; i++) init_device(&w->devices[i]);
    w->streets[0].devices = w->homes[0].devices = devices;
    return w;
}

cloud_watch *cloud_watch_new_empty(const cloud_watch_fleet *f, uint32_t most) {
    return make(f, most, most, 1);
}

int cloud_watch_join(cloud_watch *w, uint32_t cohort, uint32_t *device) {
    SIM_PROMISE(cohort < w->fleet->cohort_count && w->street_count == 1);
    if (w->device_count == w->devices_most) return SIM_ENOMEM;
    watch_device *d = &w->devices[w->device_count];
    init_device(d);
    d->cohort = cohort;
    d->home = w->device_count;
    d->heard_alive = d->looked_alive = w->streets[0].living;
    w->homes[d->home].devices++;
    w->streets[0].devices++;
    *device = w->device_count++;
    return 0;
}

void cloud_watch_free(cloud_watch *w) {
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

void cloud_watch_place(cloud_watch *w, uint32_t device, uint32_t cohort, uint32_t home, uint32_t street) {
    SIM_PROMISE(device < w->device_count && cohort < w->fleet->cohort_count);
    SIM_PROMISE(home < w->home_count && street < w->street_count);
    watch_device *d = &w->devices[device];
    w->streets[d->street].devices--;
    w->streets[street].devices++;
    w->homes[d->home].devices--;
    w->homes[home].devices++;
    d->cohort = cohort;
    d->home = home;
    d->street = street;
}

/* A firmware explains, from here on and for a while. */
static void renewed(cloud_watch *w, watch_device *d) {
    d->muted_until = w->window + watch_windows(w->settings, w->settings->settle);
}

void cloud_watch_cohort(cloud_watch *w, sim_time now, uint32_t device, uint32_t cohort) {
    SIM_PROMISE(device < w->device_count && cohort < w->fleet->cohort_count);
    (void)now;
    watch_device *d = &w->devices[device];
    if (d->cohort == cohort) return;
    watch_sums *to = &w->sums[cohort];
    if (to->from == 0 || d->cohort + 1 < to->from) to->from = d->cohort + 1;
    d->cohort = cohort;
    renewed(w, d);
}

int cloud_watch_series(cloud_watch *w, uint32_t device) {
    SIM_PROMISE(device < w->device_count);
    if (!w->series) w->series = sim_calloc(w->devices_most, sizeof *w->series);
    if (!w->series) return SIM_ENOMEM;
    if (w->series[device]) return 0;
    cloud_detector *series = sim_malloc(sizeof *series);
    if (!series) return SIM_ENOMEM;
    cloud_detector_init(series, &cloud_detector_default);
    w->series[device] = series;
    return 0;
}

/* The device lost or renewed its connection: counts for its street once in a while. */
void watch_disturb(cloud_watch *w, watch_device *d) {
    const uint32_t again = watch_windows(w->settings, 30 * SIM_MINUTE);
    if (d->disturbed_at != 0 && w->window - d->disturbed_at <= again) return;
    d->disturbed_at = w->window;
    w->streets[d->street].disturbed_now++;
}

static void attempted(cloud_watch *w, sim_time now, watch_device *d, uint32_t n) {
    const sim_time into = sim_time_max(0, now - w->begin) / w->slot;
    w->sums[d->cohort].attempts[into < WATCH_SLOTS ? into : WATCH_SLOTS - 1] += n;
    watch_disturb(w, d);
}

/* The cohort counts a device with such an event if it had none for an hour. */
static void happened(cloud_watch *w, sim_time now, watch_device *d, watch_signal s) {
    const int which = s == WATCH_AUTHORIZATION_FAILURES ? 0 : s == WATCH_FAILED_LOGINS ? 1 : 2;
    const uint16_t at = (uint16_t)(now / (15 * SIM_MINUTE) % UINT16_MAX + 1);
    const uint16_t before = d->event_at[which];
    if (before == 0 || (uint16_t)(at - before) > 4) w->sums[d->cohort].fresh[s]++;
    d->event_at[which] = at;
}

static uint32_t sum(uint32_t a, uint32_t b) {
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

void cloud_watch_count(cloud_watch *w, sim_time now, uint32_t device, sim_metric metric, uint32_t n) {
    SIM_PROMISE(device < w->device_count && (unsigned)metric < SIM_METRICS && signal_number[metric] != 0);
    if (n == 0) return;
    watch_device *d = &w->devices[device];
    const watch_signal s = (watch_signal)(signal_number[metric] - 1);
    d->count[s] = sum(d->count[s], n);
    if (metric == SIM_METRIC_MESSAGES_IN) d->heard_now = true;
    if (metric == SIM_METRIC_CONNECTION_ATTEMPTS) attempted(w, now, d, n);
    if (metric == SIM_METRIC_DISCONNECTS) watch_disturb(w, d);
    if (watch_rules[s].once) happened(w, now, d, s);
}

static void larger(watch_device *d, watch_signal s, double value) {
    if (!(value > 0) || !isfinite(value)) return;
    const uint32_t n = (uint32_t)fmin(ceil(value), 4e9);
    if (n > d->count[s]) d->count[s] = n;
}

void cloud_watch_level(cloud_watch *w, sim_time now, uint32_t device, sim_metric metric, double value) {
    SIM_PROMISE(device < w->device_count && (unsigned)metric < SIM_METRICS);
    watch_device *d = &w->devices[device];
    if (metric == SIM_METRIC_READING) {
        d->heard_now = true;
        watch_reading_told(w, now, device, value);
    } else if (metric == SIM_METRIC_BATTERY) {
        d->heard_now = true;
        watch_battery_told(w, d, value);
    } else if (signal_number[metric] != 0) {
        larger(d, (watch_signal)(signal_number[metric] - 1), value);
    }
}

/* The device comes back to the address before the last, and that was in use a moment ago. */
static void came_from(cloud_watch *w, watch_device *d, uint64_t id) {
    const uint32_t address = (uint32_t)(sim_hash64(id) >> 32) | 1;
    if (address == d->address) return;
    const uint32_t alive = watch_windows(w->settings, w->settings->alive);
    if (address == d->address_before && w->window - d->before_at <= alive && !watch_muted(w, d)) {
        if (d->returns == 0) d->since = w->window;
        d->returns += 1;
    }
    d->address_before = d->address;
    d->before_at = w->window;
    d->address = address;
}

static bool in_set(const watch_cohort *c, uint64_t hash) {
    const uint64_t one = c->set[hash / 64 % WATCH_SET_WORDS] >> (hash % 64);
    const uint64_t two = c->set[(hash >> 32) / 64 % WATCH_SET_WORDS] >> ((hash >> 32) % 64);
    return (one & two & 1) != 0;
}

static void talked_to(cloud_watch *w, watch_device *d, uint32_t device, uint64_t id) {
    const uint64_t hash = sim_hash64(id);
    d->destinations |= (uint64_t)1 << (hash >> 58);
    if (in_set(&w->fleet->cohorts[d->cohort], hash)) return;
    const uint16_t mark = (uint16_t)((hash >> 16 & UINT16_MAX) | 1);
    if (d->strangers[0] == mark || d->strangers[1] == mark) return;
    d->strangers[1] = d->strangers[0];
    d->strangers[0] = mark;
    if (w->stranger_count == w->room) return;
    w->strangers[w->stranger_count++] = (watch_stranger){hash, d->cohort, w->first_device + device};
}

void cloud_watch_member(cloud_watch *w, sim_time now, uint32_t device, sim_metric metric, uint64_t id) {
    SIM_PROMISE(device < w->device_count);
    (void)now;
    watch_device *d = &w->devices[device];
    if (metric == SIM_METRIC_SOURCE_ADDRESS) came_from(w, d, id);
    if (metric == SIM_METRIC_DESTINATION) talked_to(w, d, device, id);
}

void cloud_watch_session(cloud_watch *w, sim_time now, uint32_t device, bool up) {
    SIM_PROMISE(device < w->device_count);
    (void)now;
    watch_device *d = &w->devices[device];
    if (up) d->heard_now = true;
    watch_disturb(w, d);
}
