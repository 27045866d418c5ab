/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/senml.h - SenML packs in CBOR (RFC 8428 section 6, media type application/senml+cbor): what a
 * device reports and what the cloud reads. The only file pair that sees the CBOR library. No
 * allocation on either side. */
#ifndef NET_SENML_H
#define NET_SENML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

enum {
    NET_SENML_RECORDS_MAX = 20,
    /* Bytes with the final 0: a device URN (RFC 9039) with an identity of 63 bytes, and a sensor's
     * name. */
    NET_SENML_NAME_MAX = 128,
    NET_SENML_UNIT_MAX = 12
};

typedef struct net_senml_record {
    /* base name and name joined when read; relative name when written */
    char name[NET_SENML_NAME_MAX];
    char unit[NET_SENML_UNIT_MAX]; /* RFC 8428 12.1: "Cel", "V", "%RH"; "" none */
    bool is_boolean;
    bool boolean;
    double value;
    double time_s; /* relative to the pack's base time when written; resolved when read; 0: now */
} net_senml_record;

typedef struct net_senml_pack {
    char base_name[NET_SENML_NAME_MAX]; /* "": none; when read: the last one */
    double base_time_s;                 /* 0: none; as base_name */
    net_senml_record records[NET_SENML_RECORDS_MAX];
    size_t count;
} net_senml_pack;

/* 1..NET_SENML_RECORDS_MAX records; what it accepts, net_senml_read accepts. SIM_ERANGE when it
 * does not fit `size`, holds a number that is not finite or a joined name that RFC 8428 4.5.1 does
 * not allow. */
SIM_MUST_USE int net_senml_write(const net_senml_pack *pack, uint8_t *out, size_t size,
                                 size_t *written);
/* Base fields are resolved (RFC 8428 4.6): names joined, times and values added up, units filled
 * in. Records that carry a string or data are checked, then left out: a record here is a number or
 * a boolean. SIM_EPARSE for anything that is not a SenML pack; SIM_ERANGE for one with more than
 * NET_SENML_RECORDS_MAX such records, with a name, unit or nesting that is too long, or of a newer
 * version (bver > 10). *pack is valid only on 0. */
SIM_MUST_USE int net_senml_read(const uint8_t *data, size_t n, net_senml_pack *pack);

#endif
