/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/service.h - what the built-in cloud does for its devices, whatever they speak (design
 * D15): it registers them, takes their telemetry, tells them what is wanted of them, keeps a value
 * that they share, and serves updates. Doors translate; no word of a protocol stands here. One
 * service stands behind one or more doors, all of one thread.
 *
 * The service answers requests of sessions. Each is decided at once and by value. */
#ifndef CLOUD_SERVICE_H
#define CLOUD_SERVICE_H

#include "sim/cloud/capacity.h"
#include "sim/cloud/counts.h"
#include "sim/cloud/observer.h"
#include "sim/cloud/session.h"
#include "sim/cloud/update.h"

/* What the service asks of the world it runs in. */
typedef struct cloud_service_calls {
    double (*desired)(void *context, uint32_t device); /* the value that the cloud wants of it */
    /* The update that is offered to the device just now, borrowed until the run's next instant;
     * NULL: none. May itself be NULL: this cloud has no updates. */
    const cloud_update *(*update)(void *context, uint32_t device);
    /* The device follows its commands; else the desired value alone. NULL: none does. */
    bool (*commanded)(void *context, uint32_t device);
} cloud_service_calls;

typedef struct cloud_service {
    uint32_t hold_s;      /* how long who is told BUSY shall stay away, s */
    cloud_busy busy;      /* ... and by which word, where there are several; the usual at first */
    sim_time close_after; /* a session is closed so long after its registration; 0: never; */
    bool resets;          /* ... and its client is told so by a reset, or not at all */
    const cloud_service_calls *calls;
    const cloud_observer *observer;
    void *context;           /* of both */
    uint32_t shared_version; /* of the shared value; >= 1 */
    double shared_value;
    cloud_service_counts counts;
} cloud_service;

typedef enum cloud_answer_kind {
    CLOUD_ANSWER_TAKEN,     /* done as asked */
    CLOUD_ANSWER_CONTENT,   /* what was asked for: `text`, or `bytes` */
    CLOUD_ANSWER_BUSY,      /* over capacity: to come again after hold_s */
    CLOUD_ANSWER_REFUSED,   /* not for this session */
    CLOUD_ANSWER_UNKNOWN,   /* there is no such thing */
    CLOUD_ANSWER_MALFORMED, /* cannot be understood */
    CLOUD_ANSWER_OVERTAKEN  /* somebody else changed the value first */
} cloud_answer_kind;

enum { CLOUD_ANSWER_TEXT_MAX = 64 };

typedef struct cloud_answer {
    cloud_answer_kind kind;
    uint32_t hold_s;      /* BUSY */
    uint32_t version;     /* of a shared value; 0: it has none */
    const uint8_t *bytes; /* borrowed as the update is; NULL: `text` */
    size_t size;          /* of either */
    char text[CLOUD_ANSWER_TEXT_MAX];
} cloud_answer;

/* A request in hand. */
typedef struct cloud_request {
    sim_time now;
    cloud_fate fate; /* as the capacity decided about the packet that brought it */
    cloud_session *session;
} cloud_request;

/* `calls`, `observer` and `context` are borrowed. Needs no end. */
void cloud_service_init(cloud_service *s, uint32_t hold_s, sim_time close_after,
                        const cloud_service_calls *calls, const cloud_observer *observer,
                        void *context);

/* ---- requests ---- */
/* True: there is no capacity for the request, and *answer is BUSY. All below but the registration
 * and what is wanted ask this themselves. */
bool cloud_service_busy(cloud_service *s, const cloud_request *r, cloud_answer *answer);
/* The session is that of a guest, who does not register: it lasts as long as any. */
void cloud_service_let_in(const cloud_service *s, const cloud_request *r);
/* The session registers as `device`, for which it speaks already; CLOUD_NOBODY: as somebody whom
 * it may not speak for. */
cloud_answer cloud_service_register(cloud_service *s, const cloud_request *r, uint32_t device);
/* The session says that it is still there as `device`; UNKNOWN: it has not registered so. */
cloud_answer cloud_service_renew(cloud_service *s, const cloud_request *r, uint32_t device);
/* Telemetry; `readable`: it says to be a SenML pack in CBOR (RFC 8428). */
cloud_answer cloud_service_report(cloud_service *s, const cloud_request *r, bool readable,
                                  const uint8_t *payload, size_t n);
/* What the cloud wants of `device`, for the session that speaks for it: the desired value
 * ("21.50"), or all commands, a line for each: "set-point 21.50", and while an update is offered
 * "firmware 2". */
cloud_answer cloud_service_desired(cloud_service *s, const cloud_request *r, uint32_t device);
cloud_answer cloud_service_commands(cloud_service *s, const cloud_request *r, uint32_t device);
/* Commands are what the device follows, and not the desired value alone. */
bool cloud_service_commanded(const cloud_service *s, uint32_t device);
/* The update for `model` that is offered to the session's device. NULL: *answer says why not. */
const cloud_update *cloud_service_update(cloud_service *s, const cloud_request *r,
                                         const char *model, cloud_answer *answer);
cloud_answer cloud_service_manifest(cloud_service *s, const cloud_update *u);
cloud_answer cloud_service_block(cloud_service *s, const cloud_update *u, uint32_t version,
                                 uint32_t number);
/* The shared value: for who has registered, or reported; nobody else's contention is of interest. A
 * change names the version that it replaces; 0: none, which is malformed. */
cloud_answer cloud_service_value(cloud_service *s, const cloud_request *r);
cloud_answer cloud_service_change(cloud_service *s, const cloud_request *r, uint32_t version,
                                  const uint8_t *text, size_t n);

/* ---- what doors tell of sessions ---- */
/* The session speaks for the device from now on, and for no other. */
void cloud_service_up(const cloud_service *s, cloud_session *session, uint32_t device);
/* It speaks for nobody any more. */
void cloud_service_down(const cloud_service *s, cloud_session *session);
/* It was turned away: `device` is whose name it said without having the key; CLOUD_NOBODY: there is
 * none. */
void cloud_service_refused(const cloud_service *s, const cloud_session *session, uint32_t device);

#endif
