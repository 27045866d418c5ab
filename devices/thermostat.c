/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thermostat: constrained (class C2), mains powered (E9). It keeps the room warm whether or
 * not anybody listens, reports temperature, set-point and heater,
 * and lets the cloud change the set-point. Set-point and schedule are in flash, everything else in
 * RAM; its clock outlives a power cut. */
#include <math.h>
#include <string.h>

#include "devices/actions.h"
#include "devices/shared_value.h"
#include "devices/thermal.h"
#include "sim/core/units.h"

static const float set_point_minimum_c = 5; /* frost protection */
static const float set_point_maximum_c = 30;
static const float night_set_back_c = 3;

/* ---- the local function ---- */

static bool is_night(const dev_device *d, sim_time now) {
    int64_t hour = now % SIM_DAY / SIM_HOUR; /* a run begins at midnight */
    return hour >= d->night_from_h || hour < d->night_until_h;
}

/* The next time after `now` at which it is `hour` o'clock. */
static sim_time next_time_of_day(sim_time now, uint8_t hour) {
    sim_time at = now - now % SIM_DAY + hour * SIM_HOUR;
    return at > now ? at : at + SIM_DAY;
}

static sim_time thermostat_local(dev_step *s) {
    dev_device *d = s->device;
    dev_thermal *t = &d->thermal;
    bool heated = t->heating;
    dev_model_kept(s);
    t->powered = d->state != DEV_STATE_OFF;
    t->set_back_c = is_night(d, s->now) ? night_set_back_c : 0;
    dev_thermal_control(t, s->now);
    if (!t->powered) return SIM_NEVER;
    if (t->heating != heated) s->counts->local_switches++;
    sim_time schedule = sim_time_min(next_time_of_day(s->now, d->night_from_h),
                                     next_time_of_day(s->now, d->night_until_h));
    return sim_time_min(dev_thermal_next(t), schedule);
}

static sim_time thermostat_kept(const dev_device *d, sim_time now) {
    dev_thermal t = d->thermal;
    dev_thermal_advance(&t, now);
    return t.powered ? dev_thermal_in_band(&t, d->local_since) : 0;
}

/* A room: between a flat with warm neighbours and a detached house on a cold night, always with
 * enough heating for 22 degrees. */
static void thermostat_init(dev_device *d) {
    sim_stream *draw = &d->stream;
    dev_thermal *t = &d->thermal;
    *t = (dev_thermal){
        .outside_c = (float)(8 * sim_stream_unit(draw)),
        .gain_c = (float)(25 + 10 * sim_stream_unit(draw)),
        .tau_s = (float)(3600 * (4 + 6 * sim_stream_unit(draw))),
        .set_point_c = 19 + (float)sim_stream_below(draw, 7) / 2,
        .set_back_c = night_set_back_c,
        .band_c = 0.5F,
    };
    t->temperature_c = t->set_point_c - night_set_back_c + (float)(sim_stream_unit(draw) - 0.5);
    d->night_from_h = (uint8_t)(21 + sim_stream_below(draw, 3));
    d->night_until_h = (uint8_t)(5 + sim_stream_below(draw, 3));
}

/* ---- what it tells, and is told ---- */

static net_senml_record celsius(const char *name, double value) {
    net_senml_record record = {.unit = "Cel",
                               .value = (double)(float)(floor(value * 100 + 0.5) / 100)};
    strncpy(record.name, name, sizeof record.name - 1);
    return record;
}

static void thermostat_measure(dev_step *s, net_senml_pack *pack) {
    dev_thermal *t = &s->device->thermal;
    dev_thermal_advance(t, s->now);
    pack->records[0] = celsius("temperature", (double)t->temperature_c);
    pack->records[1] = celsius("set-point", (double)t->set_point_c);
    pack->records[2] =
        (net_senml_record){.name = "heater", .is_boolean = true, .boolean = t->heating};
    pack->count = 3;
}

/* A number as text, "21.5"; anything else, or out of range, is not for this device. */
static bool read_set_point(const net_answer *told, float *out) {
    char text[16];
    double value;
    if (told->format != NET_FORMAT_TEXT && told->format != NET_FORMAT_NONE) return false;
    if (told->size >= sizeof text) return false;
    if (told->size > 0) memcpy(text, told->body, told->size);
    text[told->size] = 0;
    if (strlen(text) != told->size || sim_units_number(text, &value) != 0) return false;
    *out = (float)value;
    return *out >= set_point_minimum_c && *out <= set_point_maximum_c;
}

static void take_set_point(dev_step *s) {
    dev_device *d = s->device;
    float wanted;
    if (!read_set_point(s->cause.answer, &wanted)) {
        s->counts->set_points_ignored++;
        return;
    }
    dev_model_kept(s);
    d->thermal.set_point_c = wanted;
    d->local_due = thermostat_local(s);
}

/* ---- the table ---- */

#define DO(action, next_state) \
    { true, dev_act_##action, DEV_STATE_##next_state }

const dev_model dev_thermostat = {
    .name = "thermostat",
    .title = "keeps a room warm, reports its temperature, takes set-points (constrained, mains)",
    .device_class = "C2",
    .energy = "E9",
    .rules =
        {
            [DEV_STATE_OFF] =
                {
                    [DEV_EVENT_POWER_ON] = DO(boot, BOOTING),
                },
            [DEV_STATE_BOOTING] =
                {
                    [DEV_EVENT_POWER_OFF] = DO(power_off, OFF),
                    [DEV_EVENT_BOOTED] = DO(booted, WAITING_FOR_LINK),
                },
            [DEV_STATE_WAITING_FOR_LINK] =
                {
                    [DEV_EVENT_POWER_OFF] = DO(power_off, OFF),
                    [DEV_EVENT_LINK_UP] = DO(await, WAITING_FOR_ATTEMPT),
                    [DEV_EVENT_REPORT_DUE] = DO(skip_report, WAITING_FOR_LINK),
                },
            [DEV_STATE_WAITING_FOR_ATTEMPT] =
                {
                    [DEV_EVENT_POWER_OFF] = DO(power_off, OFF),
                    [DEV_EVENT_LINK_DOWN] = DO(postpone, WAITING_FOR_LINK),
                    [DEV_EVENT_ATTEMPT_DUE] = DO(connect, CONNECTING),
                    [DEV_EVENT_REPORT_DUE] = DO(skip_report, WAITING_FOR_ATTEMPT),
                },
            [DEV_STATE_CONNECTING] =
                {
                    [DEV_EVENT_POWER_OFF] = DO(power_off, OFF),
                    [DEV_EVENT_LINK_DOWN] = DO(attempt_cut, WAITING_FOR_LINK),
                    [DEV_EVENT_SECURED] = DO(register, CONNECTING),
                    [DEV_EVENT_ACCEPTED] = DO(online, ONLINE),
                    [DEV_EVENT_BUSY] = DO(attempt_failed, WAITING_FOR_ATTEMPT),
                    [DEV_EVENT_REFUSED] = DO(attempt_failed, WAITING_FOR_ATTEMPT),
                    [DEV_EVENT_UNANSWERED] = DO(attempt_failed, WAITING_FOR_ATTEMPT),
                    [DEV_EVENT_SESSION_ENDED] = DO(attempt_failed, WAITING_FOR_ATTEMPT),
                    [DEV_EVENT_CONNECT_TIMEOUT] = DO(attempt_failed, WAITING_FOR_ATTEMPT),
                    [DEV_EVENT_REPORT_DUE] = DO(skip_report, CONNECTING),
                },
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
                    [DEV_EVENT_SET_POINT] = {true, take_set_point, DEV_STATE_ONLINE},
                    [DEV_EVENT_CHANGE_WANTED] = DO(change_begin, ONLINE),
                    [DEV_EVENT_CHANGE_DUE] = DO(change_read, ONLINE),
                    [DEV_EVENT_VALUE_READ] = DO(change_write, ONLINE),
                    [DEV_EVENT_VALUE_CHANGED] = DO(change_done, ONLINE),
                    [DEV_EVENT_CONFLICT] = DO(change_again, ONLINE),
                },
        },
    .local = thermostat_local,
    .kept = thermostat_kept,
    .measure = thermostat_measure,
    .init = thermostat_init,
};
