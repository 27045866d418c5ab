/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/sheet.h - the data sheet of a model: what its maker declares, and `blackstart show NAME`
 * tells. */
#ifndef DEV_SHEET_H
#define DEV_SHEET_H

#include <stdint.h>

#include "devices/store.h"

/* One record of its reports. */
typedef struct dev_reading {
    const char *name, *unit; /* as in SenML (RFC 8428); "" of what has no unit */
    uint16_t ipso;           /* object of the IPSO registry: 3303 is a temperature sensor */
    const char *component;   /* of Home Assistant's discovery: "sensor" */
    const char *what;        /* "air in the room" */
} dev_reading;

/* What is in its flash. */
typedef struct dev_keep {
    dev_data data;
    const char *what; /* NULL ends the list */
} dev_keep;

/* What it does when power returns: X(name, word). */
#define DEV_RETURN_MAP(X)                                 \
    X(MEASURES, "measures again: there is nothing to be") \
    X(AS_BEFORE, "is as it was before")                   \
    X(OFF, "is off")                                      \
    X(ON, "is on")

typedef enum dev_return {
#define DEV_RETURN_ENUM(name, word) DEV_RETURN_##name,
    DEV_RETURN_MAP(DEV_RETURN_ENUM)
#undef DEV_RETURN_ENUM
        DEV_RETURNS
} dev_return;
const char *dev_return_word(dev_return r);

typedef struct dev_sheet {
    /* What it does in the house without anybody's network (5.9-1); NULL: it only measures. */
    const char *local;
    const char *senses; /* external sensing (5.8-3); NULL: nothing of the world */
    const char *takes;  /* what it can be told, with its range; NULL: nothing */
    dev_return returns;
    const dev_reading *readings; /* as its reports have them, in order; a NULL name ends */
    const dev_keep *keeps;       /* NULL: nothing but its identity */
} dev_sheet;

#endif
