/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/actions.h - what devices do alike, for the tables of their models: boot, wait,
 * connect, register, report, fail, lose power. Which of them happens when is the table's
 * business. */
#ifndef DEV_ACTIONS_H
#define DEV_ACTIONS_H

#include "devices/model.h"

/* ---- power ---- */

/* POWER_ON: the local function begins, BOOTED comes later. */
dev_action dev_act_boot;
/* BOOTED: reports begin at a phase of their own, the law's generator is seeded; raises LINK_UP
 * when the link is there. */
dev_action dev_act_booted;
/* POWER_OFF: RAM is lost, nothing is sent. */
dev_action dev_act_power_off;

/* ---- the way to the cloud ---- */

/* LINK_UP: the law gives the pause, not before the cloud wants to be asked again. */
dev_action dev_act_await;
/* LINK_DOWN before an attempt: it did not take place. */
dev_action dev_act_postpone;
/* ATTEMPT_DUE: a fresh socket. */
dev_action dev_act_connect;
/* SECURED: asks the resource directory, or raises ACCEPTED when there is none. */
dev_action dev_act_register;
/* ACCEPTED: the law's episode ends, at once or when the session has lasted; follows its topic.
 */
dev_action dev_act_online;
/* BUSY, REFUSED, UNANSWERED, SESSION_ENDED, CONNECT_TIMEOUT: the next attempt by the law. */
dev_action dev_act_attempt_failed;
/* LINK_DOWN during an attempt: as failed, but the law is asked when the link is back. */
dev_action dev_act_attempt_cut;

/* ---- online ---- */

/* REPORT_DUE: sends, or skips and counts. */
dev_action dev_act_report;
/* REPORT_DUE in any other state. */
dev_action dev_act_skip_report;
/* REPORT_TAKEN. */
dev_action dev_act_report_taken;
/* TOLD: the model is, when it is a number that it takes; else it is counted. */
dev_action dev_act_told;
/* BUSY: nothing is asked before its hold has passed. */
dev_action dev_act_hold;
/* REFUSED: raises SESSION_ENDED when the cloud does not know us any more. */
dev_action dev_act_refused;
/* UNANSWERED, SESSION_ENDED: a new episode, or the old one goes on when the session was too
 * short. */
dev_action dev_act_session_lost;
/* LINK_DOWN: the same, when the link is back. */
dev_action dev_act_session_cut;

/* For local functions that have something to say: a report is due now. False when none could go:
 * not online, one is out, or the cloud wants to be left alone. */
bool dev_report_now(dev_step *s);

#endif
