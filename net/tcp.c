/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tcp.h"

#include <string.h>

#include "sim/core/heap.h"

const net_tcp_settings net_tcp_linux = {.buffer = 65536,
                                        .mss = NET_TCP_DATA_MAX,
                                        .window = 64240,
                                        .syn_retries = 6,
                                        .syn_linear = 0,
                                        .syn_ack_retries = 5,
                                        .retries = 15,
                                        .probes = true};

/* RFC 6298 2.1, 5.7 and 2.5; the least is Linux' TCP_RTO_MIN, in the place of its clock's grain. */
#define TIMEOUT_FIRST SIM_SECOND
#define TIMEOUT_UNMEASURED (3 * SIM_SECOND)
#define TIMEOUT_GRAIN (200 * SIM_MILLISECOND)
#define TIMEOUT_MOST (120 * SIM_SECOND)
/* How long an end that has closed waits for the other one to close (Linux: tcp_fin_timeout). */
#define FIN_WAIT (60 * SIM_SECOND)

enum {
    MSS_UNSAID = 536,      /* RFC 9293 3.7.1 */
    SEGMENTS_AT_ONCE = 10, /* RFC 6928 */
    DUPLICATES = 3         /* RFC 5681 3.2 */
};

struct net_tcp_held {
    net_tcp_held *next;
    uint32_t sequence, size;
    uint8_t data[];
};

static bool is_before(uint32_t a, uint32_t b) { /* numbers wrap around */
    return (int32_t)(a - b) < 0;
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static uint32_t most(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

/* ---- the end ---- */

void net_tcp_free(net_tcp *t) {
    sim_free(t->buffer);
    t->buffer = NULL;
    t->buffered = t->room = 0;
    while (t->held != NULL) {
        net_tcp_held *h = t->held;
        t->held = h->next;
        sim_free(h);
    }
    t->held_bytes = 0;
    t->due = SIM_NEVER;
    t->state = NET_TCP_CLOSED;
}

static void end(net_tcp *t, net_end why) {
    net_tcp_free(t);
    t->calls->ended(t->owner, why);
}

/* ---- sending ---- */

static void send(net_tcp *t, uint8_t flags, uint32_t sequence, const uint8_t *data, uint32_t size) {
    uint8_t bytes[NET_TCP_SEGMENT_MAX];
    const net_tcp_segment s = {.sequence = sequence,
                               .acknowledgment = t->expected,
                               .source_port = t->port,
                               .destination_port = t->peer_port,
                               .window = t->settings->window,
                               .mss = (flags & NET_TCP_SYN) != 0 ? t->settings->mss : 0,
                               .flags = flags,
                               .sack_permitted = (flags & NET_TCP_SYN) != 0 && t->probes,
                               .data = data,
                               .size = size};
    if ((flags & NET_TCP_ACK) != 0) t->owes = false;
    t->calls->send(t->owner, bytes, net_tcp_segment_write(&s, bytes));
}

static void send_syn(net_tcp *t) {
    send(t, t->state == NET_TCP_SYN_SENT ? NET_TCP_SYN : NET_TCP_SYN | NET_TCP_ACK, t->una, NULL,
         0);
}

/* What the buffer has from number `from` on, `size` bytes of it, and our FIN behind the last. */
static void send_data(net_tcp *t, uint32_t from, uint32_t size) {
    uint32_t offset = from - t->una;
    bool last = offset + size == t->buffered;
    uint8_t flags = NET_TCP_ACK;
    if (last && size > 0) flags |= NET_TCP_PSH;
    if (last && t->finish) flags |= NET_TCP_FIN;
    send(t, flags, from, size > 0 ? t->buffer + offset : NULL, size);
}

/* The oldest segment once more. Karn: what was sent twice measures nothing. */
static void repeat_oldest(net_tcp *t) {
    t->timed_at = -1;
    send_data(t, t->una, least(t->buffered, t->mss));
}

/* RFC 8985 7.2, for one segment in flight. */
static bool may_probe(const net_tcp *t) {
    return t->probes && !t->probed && t->repetitions == 0 && t->max - t->una <= t->mss;
}

/* RFC 6298 5.1 */
static void arm(net_tcp *t, sim_time now) {
    sim_time span = t->timeout;
    if (may_probe(t) && t->smoothed > 0) span = sim_time_min(span, 2 * t->smoothed + TIMEOUT_GRAIN);
    t->due = now + span;
}

/* The next segment, if windows and RFC 9293 3.7.4 (Nagle) let it go. False: none goes. */
static bool send_next(net_tcp *t, sim_time now) {
    uint32_t sent = t->nxt - t->una; /* the FIN is a number too */
    if (sent > t->buffered || t->through) return false;
    uint32_t window = least(t->peer_window, t->congestion_window);
    uint32_t waiting = t->buffered - sent;
    uint32_t size = least(least(waiting, t->mss), window > sent ? window - sent : 0);
    bool fin = t->finish && size == waiting;
    if (size == 0 && !fin) return false;
    if (size < t->mss && sent > 0 && !fin) return false;
    if (t->nxt == t->max && t->timed_at < 0) {
        t->timed = t->nxt;
        t->timed_at = now;
    }
    send_data(t, t->nxt, size);
    t->nxt += size + fin;
    if (is_before(t->max, t->nxt)) t->max = t->nxt;
    if (t->due == SIM_NEVER) arm(t, now);
    return true;
}

/* A window that is closed is asked about again (RFC 9293 3.8.6.1). */
static void watch_closed_window(net_tcp *t, sim_time now) {
    if (t->peer_window == 0 && t->buffered > 0 && t->due == SIM_NEVER) t->due = now + t->timeout;
}

/* The end of every verb. */
static void settle(net_tcp *t, sim_time now) {
    t->inside = false;
    if (t->state == NET_TCP_ESTABLISHED) {
        while (send_next(t, now)) {
        }
        watch_closed_window(t, now);
    }
    if (t->owes && t->state == NET_TCP_ESTABLISHED) send(t, NET_TCP_ACK, t->nxt, NULL, 0);
}

/* ---- opening ---- */

static void begin(net_tcp *t, const net_tcp_settings *settings, const net_tcp_calls *calls,
                  void *owner, net_tcp_state state, uint32_t initial) {
    *t = (net_tcp){.settings = settings,
                   .calls = calls,
                   .owner = owner,
                   .timeout = TIMEOUT_FIRST,
                   .timed_at = -1,
                   .una = initial,
                   .nxt = initial + 1,
                   .max = initial + 1,
                   .threshold = UINT32_MAX,
                   .mss = settings->mss,
                   .probes = settings->probes,
                   .state = (uint8_t)state};
}

static void begin_sending(net_tcp *t, sim_time now) {
    t->timed = t->una;
    t->timed_at = now;
    t->due = now + t->timeout;
    send_syn(t);
}

void net_tcp_connect(net_tcp *t, const net_tcp_settings *settings, const net_tcp_calls *calls,
                     void *owner, uint16_t port, uint16_t peer_port, uint32_t initial,
                     sim_time now) {
    begin(t, settings, calls, owner, NET_TCP_SYN_SENT, initial);
    t->port = port;
    t->peer_port = peer_port;
    begin_sending(t, now);
}

/* What the SYN of the other end says. */
static void take_syn(net_tcp *t, const net_tcp_segment *s) {
    t->expected = s->sequence + 1;
    t->peer_window = s->window;
    t->probes = t->probes && s->sack_permitted;
    t->mss = (uint16_t)least(t->settings->mss, s->mss != 0 ? s->mss : MSS_UNSAID);
}

bool net_tcp_accept(net_tcp *t, const net_tcp_settings *settings, const net_tcp_calls *calls,
                    void *owner, const uint8_t *segment, size_t n, uint32_t initial, sim_time now) {
    net_tcp_segment s;
    if (net_tcp_segment_read(&s, segment, n) != 0) return false;
    if ((s.flags & (NET_TCP_SYN | NET_TCP_ACK | NET_TCP_RST)) != NET_TCP_SYN) return false;
    begin(t, settings, calls, owner, NET_TCP_SYN_RECEIVED, initial);
    t->port = s.destination_port;
    t->peer_port = s.source_port;
    take_syn(t, &s);
    begin_sending(t, now);
    return true;
}

/* ---- RFC 6298 ---- */

static sim_time timeout_of(const net_tcp *t) {
    sim_time spread = sim_time_max(TIMEOUT_GRAIN, 4 * t->variation);
    return sim_time_min(t->smoothed + spread, TIMEOUT_MOST);
}

static void measure(net_tcp *t, sim_time sample) {
    if (t->smoothed == 0) {
        t->smoothed = sim_time_max(sample, 1);
        t->variation = sample / 2;
    } else {
        sim_time error = t->smoothed > sample ? t->smoothed - sample : sample - t->smoothed;
        t->variation += (error - t->variation) / 4;
        t->smoothed = sim_time_max(t->smoothed + (sample - t->smoothed) / 8, 1);
    }
    t->timed_at = -1;
}

/* ---- what is acknowledged ---- */

static void drop_acknowledged(net_tcp *t, uint32_t numbers) {
    uint32_t bytes = least(numbers, t->buffered);
    if (numbers > bytes) t->through = true; /* one more is the FIN's */
    t->buffered -= bytes;
    if (t->buffered > 0) {
        memmove(t->buffer, t->buffer + bytes, t->buffered);
    } else {
        sim_free(t->buffer);
        t->buffer = NULL;
        t->room = 0;
    }
}

/* RFC 5681 3.1, and RFC 6582 3.2 while something is being made good. */
static void adapt_congestion_window(net_tcp *t, uint32_t numbers) {
    uint32_t window = t->congestion_window;
    if (t->recovering && is_before(t->una, t->recover)) {
        repeat_oldest(t);
        t->congestion_window = most(window > numbers ? window - numbers : 0, t->mss) + t->mss;
        return;
    }
    if (t->recovering) {
        t->recovering = false;
        t->congestion_window = t->threshold;
    } else if (window < t->threshold) {
        t->congestion_window = window + least(numbers, t->mss);
    } else {
        t->congestion_window = window + most((uint32_t)t->mss * t->mss / window, 1);
    }
}

static void acknowledged(net_tcp *t, sim_time now, uint32_t number) {
    uint32_t numbers = number - t->una;
    if (t->timed_at >= 0 && is_before(t->timed, number)) measure(t, now - t->timed_at);
    drop_acknowledged(t, numbers);
    t->una = number;
    if (is_before(t->nxt, number)) t->nxt = number;
    t->repetitions = t->duplicates = 0;
    t->probed = false;
    if (t->smoothed > 0) t->timeout = timeout_of(t);
    adapt_congestion_window(t, numbers);
    t->due = t->una != t->max ? now + t->timeout : t->through ? now + FIN_WAIT : SIM_NEVER;
    if (t->wants_room) {
        t->wants_room = false;
        t->calls->room(t->owner);
    }
}

/* RFC 5681 3.2 */
static void acknowledged_again(net_tcp *t) {
    if (t->duplicates < UINT8_MAX) t->duplicates++;
    if (t->recovering) t->congestion_window += t->mss;
    if (t->recovering || t->duplicates != DUPLICATES) return;
    t->threshold = most((t->max - t->una) / 2, 2U * t->mss);
    t->congestion_window = t->threshold + DUPLICATES * (uint32_t)t->mss;
    t->recover = t->max;
    t->recovering = true;
    repeat_oldest(t);
}

static void take_acknowledgment(net_tcp *t, sim_time now, const net_tcp_segment *s) {
    bool same_window = s->window == t->peer_window;
    t->peer_window = s->window;
    if (t->una == t->max && t->buffered > 0) { /* what was asked about the window is answered */
        t->repetitions = 0;
        if (s->window > 0) t->due = SIM_NEVER;
    }
    if (is_before(t->max, s->acknowledgment)) {
        t->owes = true; /* of what was never sent */
    } else if (is_before(t->una, s->acknowledgment)) {
        acknowledged(t, now, s->acknowledgment);
    } else if (s->acknowledgment == t->una && t->una != t->max && s->size == 0 && same_window &&
               (s->flags & NET_TCP_FIN) == 0) {
        acknowledged_again(t);
    }
}

/* ---- what arrives ---- */

static void deliver(net_tcp *t, const uint8_t *data, uint32_t size) {
    t->expected += size;
    t->calls->received(t->owner, data, size);
}

/* Keeps what came too early; without room or memory it is lost, as on the way. */
static void hold(net_tcp *t, const net_tcp_segment *s) {
    if (t->held_bytes + s->size > t->settings->window) return;
    net_tcp_held **at = &t->held;
    while (*at != NULL && is_before((*at)->sequence, s->sequence)) at = &(*at)->next;
    if (*at != NULL && (*at)->sequence == s->sequence && (*at)->size >= s->size) return;
    net_tcp_held *h = sim_malloc(sizeof *h + s->size);
    if (h == NULL) return;
    *h = (net_tcp_held){.next = *at, .sequence = s->sequence, .size = (uint32_t)s->size};
    memcpy(h->data, s->data, s->size);
    *at = h;
    t->held_bytes += h->size;
}

static void deliver_held(net_tcp *t) {
    while (t->held != NULL && !is_before(t->expected, t->held->sequence)) {
        net_tcp_held *h = t->held;
        uint32_t old = t->expected - h->sequence;
        t->held = h->next;
        t->held_bytes -= h->size;
        if (old < h->size) deliver(t, h->data + old, h->size - old);
        sim_free(h);
    }
}

static void take_data(net_tcp *t, const net_tcp_segment *s) {
    t->owes = true;
    if (is_before(t->expected, s->sequence)) {
        hold(t, s);
        return;
    }
    uint32_t old = t->expected - s->sequence;
    if (old < s->size) deliver(t, s->data + old, (uint32_t)s->size - old);
    deliver_held(t);
}

/* The other end writes no more. Nothing that is spoken here goes on in one direction alone, so our
 * end closes as well, and its owner is told at once. */
static void take_fin(net_tcp *t, const net_tcp_segment *s) {
    t->owes = true;
    if (t->finished || t->expected != s->sequence + (uint32_t)s->size) return;
    t->expected++;
    t->finished = true;
}

/* Does any of it lie in the window (RFC 9293 3.10.7.4)? */
static bool is_acceptable(const net_tcp *t, const net_tcp_segment *s) {
    uint32_t numbers = (uint32_t)s->size + ((s->flags & NET_TCP_FIN) != 0);
    uint32_t first = s->sequence - t->expected, last = first + numbers - (numbers > 0);
    return first < t->settings->window || last < t->settings->window;
}

/* True: it opens the connection. */
static bool take_in_syn_sent(net_tcp *t, const net_tcp_segment *s) {
    bool acknowledges = (s->flags & NET_TCP_ACK) != 0 && s->acknowledgment == t->max;
    if (!acknowledges) {
        if ((s->flags & (NET_TCP_ACK | NET_TCP_RST)) == NET_TCP_ACK)
            send(t, NET_TCP_RST, s->acknowledgment, NULL, 0);
        return false;
    }
    if ((s->flags & NET_TCP_RST) != 0) {
        end(t, NET_END_REFUSED);
        return false;
    }
    if ((s->flags & NET_TCP_SYN) == 0) return false;
    take_syn(t, s);
    t->owes = true;
    return true;
}

/* Answers a segment that is beside the point. False: it is not. */
static bool is_beside_the_point(net_tcp *t, const net_tcp_segment *s) {
    bool reset = (s->flags & NET_TCP_RST) != 0;
    if ((s->flags & NET_TCP_SYN) != 0 && !reset) {
        /* Once more the SYN that was answered, or one that does not belong here (RFC 5961 4). */
        if (t->state == NET_TCP_SYN_RECEIVED) send_syn(t);
        t->owes = t->state == NET_TCP_ESTABLISHED;
        return true;
    }
    if (!is_acceptable(t, s)) {
        t->owes = !reset;
        return true;
    }
    if (reset && s->sequence != t->expected) { /* RFC 5961 3.2 */
        t->owes = true;
        return true;
    }
    return !reset && (s->flags & NET_TCP_ACK) == 0;
}

static void open(net_tcp *t, sim_time now) {
    /* RFC 6298 5.7: a SYN that had to be repeated measured nothing. */
    bool repeated = t->repetitions > 0;
    if (!repeated && t->timed_at >= 0) measure(t, now - t->timed_at);
    t->timed_at = -1;
    t->timeout = repeated ? TIMEOUT_UNMEASURED : timeout_of(t);
    t->una = t->nxt;
    t->due = SIM_NEVER;
    t->repetitions = 0;
    t->congestion_window = SEGMENTS_AT_ONCE * (uint32_t)t->mss;
    t->state = NET_TCP_ESTABLISHED;
    t->calls->opened(t->owner);
}

static void take_segment(net_tcp *t, sim_time now, const net_tcp_segment *s) {
    if (t->state == NET_TCP_SYN_SENT) {
        if (take_in_syn_sent(t, s)) open(t, now);
        return;
    }
    if (is_beside_the_point(t, s)) return;
    if ((s->flags & NET_TCP_RST) != 0) {
        end(t, t->finished ? NET_END_CLOSED : NET_END_RESET);
        return;
    }
    if (t->state == NET_TCP_SYN_RECEIVED) {
        if (s->acknowledgment != t->max) {
            send(t, NET_TCP_RST, s->acknowledgment, NULL, 0);
            return;
        }
        t->peer_window = s->window;
        open(t, now);
    }
    if (t->state == NET_TCP_ESTABLISHED) take_acknowledgment(t, now, s);
    if (s->size > 0 && t->state == NET_TCP_ESTABLISHED) take_data(t, s);
    if ((s->flags & NET_TCP_FIN) != 0 && t->state == NET_TCP_ESTABLISHED) take_fin(t, s);
}

/* Both have said that they write no more, or the other one has and its owner was not told yet. */
static void look_for_the_end(net_tcp *t) {
    if (t->state != NET_TCP_ESTABLISHED || !t->finished) return;
    if (t->finish && !t->through) return;
    net_end why = t->finish ? NET_END_NONE : NET_END_CLOSED;
    t->finish = true;
    settle(t, 0); /* the acknowledgement, and with CLOSED our FIN, go before */
    end(t, why);
}

void net_tcp_input(net_tcp *t, sim_time now, const uint8_t *segment, size_t n) {
    net_tcp_segment s;
    if (t->state == NET_TCP_CLOSED || net_tcp_segment_read(&s, segment, n) != 0) return;
    if (s.source_port != t->peer_port || s.destination_port != t->port) return;
    t->inside = true;
    take_segment(t, now, &s);
    look_for_the_end(t);
    settle(t, now);
}

/* ---- the owner's verbs ---- */

/* Room for `wanted` bytes in all. False: no memory. */
static bool grow(net_tcp *t, uint32_t wanted) {
    if (wanted <= t->room) return true;
    uint32_t room = most(wanted, least(2 * t->room, t->settings->buffer));
    uint8_t *buffer = sim_realloc(t->buffer, room);
    if (buffer == NULL) return false;
    t->buffer = buffer;
    t->room = room;
    return true;
}

size_t net_tcp_write(net_tcp *t, sim_time now, const uint8_t *bytes, size_t n) {
    if (t->state != NET_TCP_ESTABLISHED || t->finish) return 0;
    uint32_t left = t->settings->buffer - t->buffered;
    uint32_t taken = n < left ? (uint32_t)n : left;
    if (!grow(t, t->buffered + taken)) {
        end(t, NET_END_NO_MEMORY); /* a stream has no holes */
        return 0;
    }
    if (taken > 0) memcpy(t->buffer + t->buffered, bytes, taken);
    t->buffered += taken;
    t->wants_room = taken < n;
    if (!t->inside) settle(t, now);
    return taken;
}

void net_tcp_close(net_tcp *t, sim_time now) {
    if (t->state == NET_TCP_CLOSED) return;
    if (t->state != NET_TCP_ESTABLISHED) {
        end(t, NET_END_NONE); /* nothing was opened yet */
        return;
    }
    t->finish = true;
    if (!t->inside) settle(t, now);
}

void net_tcp_abort(net_tcp *t) {
    if (t->state == NET_TCP_CLOSED) return;
    if (t->state != NET_TCP_SYN_SENT) send(t, NET_TCP_RST | NET_TCP_ACK, t->nxt, NULL, 0);
    net_tcp_free(t);
}

/* ---- the timer ---- */

static void double_timeout(net_tcp *t, sim_time now) {
    t->timeout = sim_time_min(2 * t->timeout, TIMEOUT_MOST);
    t->due = now + t->timeout;
}

static void repeat_syn(net_tcp *t, sim_time now) {
    bool ours = t->state == NET_TCP_SYN_SENT;
    const net_tcp_settings *set = t->settings;
    int limit = ours ? set->syn_linear + set->syn_retries : set->syn_ack_retries;
    if (t->repetitions == limit) {
        end(t, NET_END_TIMEOUT);
        return;
    }
    t->repetitions++;
    t->timed_at = -1;
    if (ours && t->repetitions <= set->syn_linear) {
        t->due = now + t->timeout;
    } else {
        double_timeout(t, now);
    }
    send_syn(t);
}

/* RFC 6298 5.4 to 5.6: the oldest segment goes again, and what followed it after it, as far as the
 * window lets it. */
static void repeat_data(net_tcp *t, sim_time now) {
    uint32_t flight = t->max - t->una;
    if (may_probe(t)) {
        t->probed = true;
        t->due = now + t->timeout;
        repeat_oldest(t);
        return;
    }
    if (t->repetitions == 0) t->threshold = most(flight / 2, 2U * t->mss);
    t->repetitions++;
    t->congestion_window = t->mss;
    t->recovering = false;
    t->duplicates = 0;
    double_timeout(t, now);
    repeat_oldest(t);
    uint32_t again = least(t->buffered, t->mss);
    t->nxt = t->una + again + (t->finish && again == t->buffered);
}

static void ask_about_window(net_tcp *t, sim_time now) {
    t->repetitions++;
    double_timeout(t, now);
    send(t, NET_TCP_ACK, t->una - 1, NULL, 0); /* an old number: it must be answered */
}

void net_tcp_wake(net_tcp *t, sim_time now) {
    if (t->state == NET_TCP_CLOSED || t->due > now) return;
    t->inside = true;
    if (t->state != NET_TCP_ESTABLISHED) {
        repeat_syn(t, now);
    } else if (t->repetitions == t->settings->retries) {
        end(t, NET_END_TIMEOUT);
    } else if (t->una != t->max) {
        repeat_data(t, now);
    } else if (t->buffered > 0) {
        ask_about_window(t, now);
    } else {
        end(t, NET_END_NONE); /* FIN_WAIT is over */
    }
    settle(t, now);
}

sim_time net_tcp_deadline(const net_tcp *t) {
    return t->state == NET_TCP_CLOSED ? SIM_NEVER : t->due;
}
