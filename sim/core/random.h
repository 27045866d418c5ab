/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/random.h - one seed, many independent streams: a stream per (seed, purpose, id), so that
 * adding a device, a fault or a log line shifts no number that any other part draws.
 *
 * xoroshiro128++ 1.0 (Blackman & Vigna, "Scrambled linear pseudorandom number generators", 2021):
 * 16 bytes a stream, period 2^128 - 1. Streams start from a SplitMix64 hash of the triple. Not for
 * secrets of the real world. */
#ifndef SIM_CORE_RANDOM_H
#define SIM_CORE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct sim_stream {
    uint64_t s[2];
} sim_stream;

/* What a stream is for. Numbers are part of the reproducibility contract: append, never renumber.
 */
enum sim_purpose {
    SIM_PURPOSE_SELECTION = 1, /* which homes or devices a fraction picks; id = command number */
    SIM_PURPOSE_HOME = 2,      /* a home's own draws (router boot time); id = home */
    /* a device's model (boot time, start phase, weather); id = device */
    SIM_PURPOSE_DEVICE = 3,
    SIM_PURPOSE_LAW = 4,          /* a device's back-off draws; id = device */
    SIM_PURPOSE_LIBRARY = 5,      /* what libcoap and wolfSSL draw at the device; id = device */
    SIM_PURPOSE_SERVER = 6,       /* what they draw at the cloud for this peer; id = device */
    SIM_PURPOSE_HOP = 7,          /* loss, jitter, duplication of a hop; id = hop */
    SIM_PURPOSE_KEY = 8,          /* pre-shared keys; id = device */
    SIM_PURPOSE_SCRIPT = 9,       /* math.random of the scenario; id = 0 */
    SIM_PURPOSE_START = 11,       /* when a device is switched on at the start; id = device */
    SIM_PURPOSE_CALIBRATION = 10, /* Monte-Carlo of the judge; id = replicate */
    SIM_PURPOSE_VITALS = 20,      /* traffic, people and battery of a device; id = device */
    SIM_PURPOSE_ANOMALY = 21,     /* what an injection draws; id = campaign << 32 | device */
    /* images and keys of updates; id = image, see sim/cloud/update.c */
    SIM_PURPOSE_FIRMWARE = 22,
    /* when a device checks for updates, or is told of one; id = device */
    SIM_PURPOSE_UPDATE = 23,
    SIM_PURPOSE_PEOPLE = 24, /* who lives with a device, as its model has it; id = device */
    /* certificates and their keys; id = device, and sim/fleet/authority.c */
    SIM_PURPOSE_CERTIFICATE = 25,
    SIM_PURPOSE_HOUSEHOLD = 26, /* hands that ask a device, and its flash; id = device */
    SIM_PURPOSE_CELL = 27,      /* a hop of the mobile network; id = twice the home, and the way */
    SIM_PURPOSE_MAST = 28       /* in which step a home's mast dies; id = home */
};

sim_stream sim_stream_for(uint64_t seed, uint32_t purpose, uint64_t id);
uint64_t sim_stream_next(sim_stream *s); /* 64 uniform bits */
double sim_stream_unit(sim_stream *s);   /* [0, 1), 53 bits */
/* 0 .. bound-1 without bias; bound >= 1 */
uint64_t sim_stream_below(sim_stream *s, uint64_t bound);
/* lo .. hi, both included; lo <= hi */
int64_t sim_stream_between(sim_stream *s, int64_t lo, int64_t hi);
/* Mean 0, standard deviation 1 (Marsaglia's polar method); the same on every machine. */
double sim_stream_normal(sim_stream *s);
/* n bytes, the same on every machine; each call starts a new word of the stream. */
void sim_stream_bytes(sim_stream *s, void *out, size_t n);

/* One step of SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators",
 * 2014): a good hash of one word, and a bijection; used wherever a pure hash of ids is needed.
 * Inline because the engine hashes every event. */
#define SIM_HASH_STEP 0x9e3779b97f4a7c15u /* 2^64 / golden ratio, odd */

static inline uint64_t sim_hash64(uint64_t x) {
    x += SIM_HASH_STEP;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

#endif
