/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/connection.h - between a device and its link: opens and closes it, and turns what it
 * says into events of the model. The one place that knows when a link may be freed. */
#ifndef DEV_CONNECTION_H
#define DEV_CONNECTION_H

#include "devices/model.h"

/* What an ask was for: its tag. */
enum dev_tag {
    DEV_TAG_REGISTRATION = 1,
    DEV_TAG_REPORT = 2,
    DEV_TAG_FOLLOW = 3,
    DEV_TAG_VALUE = 4,
    DEV_TAG_CHANGE = 5,
    DEV_TAG_MANIFEST = 6, /* of an update, */
    DEV_TAG_BLOCK = 7,    /* and a block of its image */
    DEV_TAG_LEAVE = 8     /* to do its local function: of a bad twin */
};

/* A new link on a fresh socket, and its first packet. May raise SECURED or SESSION_ENDED at
 * once, and UNANSWERED (SIM_ENOMEM) when there is no memory. Promise: there is none yet. */
void dev_connection_open(dev_step *s);
/* Ends it without a packet; nothing is heard of it any more. Fine when there is none. */
void dev_connection_close(dev_step *s);
/* Asks under `tag`. What keeps it from being asked is raised as UNANSWERED: a connection that
 * cannot ask is of no use. */
void dev_connection_ask(dev_step *s, enum dev_tag tag, net_ask ask);
/* Frees what was closed and learns the deadline. For the end of a verb, outside of any call of the
 * link. */
void dev_connection_settle(dev_step *s);

#endif
