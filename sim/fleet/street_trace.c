/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines that a street adds to the run's trace. Who is not traced costs one branch. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "sim/fleet/street_private.h"

enum { LINE_MAX_BYTES = 320 };

static bool holds(const uint32_t *list, uint32_t count, uint32_t number) {
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == number) return true;
    return false;
}

bool fleet_street_wants_trace(const fleet_street *s, uint32_t device, bool drop) {
    const fleet_traced *t = s->shared->traced;
    return (t->drops && drop) || holds(t->streets, t->street_count, s->shard.index) ||
           holds(t->devices, t->device_count, fleet_street_identity(s, device));
}

/* What it is besides a device of the street. */
static const char *whose(const fleet_street *s, uint32_t device) {
    if (device < s->device_count) return "";
    return fleet_street_is_other(s, device) ? ",\"non_associated\":true" : ",\"clone\":true";
}

/* One line: where and when, `what`, then what `format` says of it. A clone has its original's
 * number, and says that it is one. */
__attribute__((format(printf, 5, 6))) static void line(fleet_street *s, uint32_t device,
                                                       sim_time at, const char *what,
                                                       const char *format, ...) {
    uint8_t *room = fleet_tape_room(&s->tapes[FLEET_TAPED_TRACE], LINE_MAX_BYTES);
    if (room == NULL) return;
    char *text = (char *)room;
    int n = snprintf(text, LINE_MAX_BYTES,
                     "{\"time_s\":%" PRId64 ".%09" PRId64 ",\"street\":%" PRIu32
                     ",\"device\":%" PRIu32 "%s,\"what\":\"%s\"",
                     at / SIM_SECOND, at % SIM_SECOND, s->shard.index,
                     fleet_street_identity(s, device), whose(s, device), what);
    va_list arguments;
    va_start(arguments, format);
    n += vsnprintf(text + n, (size_t)(LINE_MAX_BYTES - n), format, arguments);
    va_end(arguments);
    n += snprintf(text + n, (size_t)(LINE_MAX_BYTES - n), "}\n");
    SIM_PROMISE(n < LINE_MAX_BYTES);
    fleet_tape_keep(&s->tapes[FLEET_TAPED_TRACE], at, (size_t)n);
}

void fleet_trace_state(fleet_street *s, uint32_t device, dev_state from, dev_state to) {
    if (!fleet_street_traces(s, device, false)) return;
    line(s, device, s->shard.now, "state", ",\"from\":\"%s\",\"to\":\"%s\"", dev_state_word(from),
         dev_state_word(to));
}

void fleet_trace_failed(fleet_street *s, uint32_t device, dev_event event, net_end why) {
    if (!fleet_street_traces(s, device, false)) return;
    line(s, device, s->shard.now, "end", ",\"event\":\"%s\",\"why\":\"%s\"", dev_event_word(event),
         net_end_text(why));
}

void fleet_trace_session(fleet_street *s, uint32_t device, bool up) {
    if (!fleet_street_traces(s, device, false)) return;
    line(s, device, s->shard.now, "session", ",\"up\":%s", up ? "true" : "false");
}

static const char *direction(const fleet_packet *p) {
    return p->up ? "up" : "down";
}

static const char *hop_drop(const net_hop_count *before, const net_hop_count *after) {
    static const char *const words[] = {"loss", "queue", "down"};
    static_assert(sizeof words / sizeof words[0] == NET_HOP_DROPS, "a word for each");
    for (int i = 0; i < NET_HOP_DROPS; i++)
        if (after->dropped[i] != before->dropped[i]) return words[i];
    return NULL;
}

void fleet_trace_hop(fleet_street *s, const fleet_packet *p, const char *hop,
                     const net_hop_count *before, const net_hop_count *after,
                     const sim_time out[2]) {
    const char *drop = hop_drop(before, after);
    uint64_t copies = after->out - before->out;
    if (!fleet_street_traces(s, p->device, drop != NULL)) return;
    char fate[80] = "";
    int n = 0;
    if (drop != NULL) n = snprintf(fate, sizeof fate, ",\"drop\":\"%s\"", drop);
    for (uint64_t i = 0; i < copies; i++)
        n += snprintf(fate + n, sizeof fate - (size_t)n, "%s%" PRId64 ".%09" PRId64,
                      i == 0 ? ",\"out_s\":[" : ",", out[i] / SIM_SECOND, out[i] % SIM_SECOND);
    line(s, p->device, s->shard.now, "hop", ",\"hop\":\"%s\",\"way\":\"%s\",\"bytes\":%u%s%s", hop,
         direction(p), p->size, fate, copies > 0 ? "]" : "");
}

void fleet_trace_edge(fleet_street *s, const fleet_packet *p, sim_time at,
                      const cloud_passage *passage) {
    if (!fleet_street_traces(s, p->device, passage->fate == CLOUD_FATE_DROP)) return;
    char served[48] = "";
    if (passage->fate != CLOUD_FATE_DROP)
        snprintf(served, sizeof served, ",\"serve_s\":%" PRId64 ".%09" PRId64,
                 passage->serve_at / SIM_SECOND, passage->serve_at % SIM_SECOND);
    line(s, p->device, at, "edge", ",\"bytes\":%u,\"attempt\":%s,\"fate\":\"%s\"%s", p->size,
         passage->begins ? "true" : "false", cloud_fate_word(passage->fate), served);
}

void fleet_trace_lost(fleet_street *s, const fleet_packet *p, const char *why) {
    if (!fleet_street_traces(s, p->device, true)) return;
    line(s, p->device, s->shard.now, "lost", ",\"way\":\"%s\",\"bytes\":%u,\"why\":\"%s\"",
         direction(p), p->size, why);
}
