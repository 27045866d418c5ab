/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/actions.h - what devices on CoAP do alike, for the tables of their models: boot, wait, connect, register, report, fail, lose power. Which of them
 * happens when is the table's business. */
#ifndef DEV_ACTIONS_H
#define DEV_ACTIONS_H

#include "devices/model.h"

/* Power. */
void dev_act_boot(dev_step *s); /* POWER_ON: the local function begins, BOOTED comes later */
void dev_act_booted(
    dev_step *s); /* BOOTED: reports begin at a phase of their own; raises LINK_UP when the link is there */
void dev_act_power_off(dev_step *s); /* POWER_OFF: RAM is lost, nothing is sent */

/* The way to the cloud. */
void dev_act_await(dev_step *s); /* LINK_UP: the law gives the pause, not before Max-Age of the last 5.03 */
void dev_act_postpone(dev_step *s); /* LINK_DOWN before an attempt: it did not take place */
void dev_act_connect(dev_step *s);  /* ATTEMPT_DUE: a fresh socket */
void dev_act_register(
    dev_step *s); /* SECURED: asks the resource directory, or raises ACCEPTED when there is none */
void dev_act_online(dev_step *s); /* ACCEPTED: the law's episode ends; observes the set-point */
void dev_act_attempt_failed(
    dev_step *s); /* BUSY, REFUSED, UNANSWERED, SESSION_ENDED, CONNECT_TIMEOUT: the next attempt by the law */
void dev_act_attempt_cut(
    dev_step *s); /* LINK_DOWN during an attempt: as failed, but the law is asked when the link is back */

/* Online. */
void dev_act_report(dev_step *s);       /* REPORT_DUE: sends, or skips and counts */
void dev_act_skip_report(dev_step *s);  /* REPORT_DUE in any other state */
void dev_act_report_taken(dev_step *s); /* REPORT_TAKEN */
void dev_act_hold(dev_step *s);         /* BUSY: nothing is asked before Max-Age has passed */
void dev_act_refused(
    dev_step *s); /* REFUSED: raises SESSION_ENDED when the cloud does not know us any more */
void dev_act_session_lost(dev_step *s); /* UNANSWERED, SESSION_ENDED: a new episode */
void dev_act_session_cut(dev_step *s);  /* LINK_DOWN: a new episode, when the link is back */

#endif
