/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/wall.h - the clock on the wall, for what happens outside of a run: how long something
 * took, and when a peer that does not answer is given up. No result of a run depends on it. */
#ifndef SIM_CORE_WALL_H
#define SIM_CORE_WALL_H

/* Seconds since some moment in the past; never goes back. */
double sim_wall(void);

#endif
