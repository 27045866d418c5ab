/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/outlet.h - where alarms of a run go besides its event log. */
#ifndef RUN_OUTLET_H
#define RUN_OUTLET_H

typedef struct record_alert record_alert;

/* An alarm on its way to an operator. */
typedef struct run_alert {
    const record_alert *notice;
    const char *whom; /* "device 4711" or "thermostat, firmware 2, street" */
    const char *line; /* the alarm as one line of JSON */
} run_alert;

typedef struct run_outlet {
    void *context;
    /* 0 and how long it took, in seconds; or an error when it did not arrive: it is counted, the
     * run goes on. NULL: there is none. */
    int (*deliver)(void *context, const run_alert *alarm, double *took_s);
} run_outlet;

#endif
