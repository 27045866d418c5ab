/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/check_world.h - a small world for a look at a scenario before it is run: its streets with
 * few homes, its drill word by word, its waits as long as there is patience for them. */
#ifndef CLI_CHECK_WORLD_H
#define CLI_CHECK_WORLD_H

#include "sim/fleet/spec.h"
#include "sim/run/drill.h"

/* Homes of a zone: enough for a verdict on a reconnect. */
enum { CLI_CHECK_HOMES = 64 };

/* Makes every zone small: as many streets as before, at most CLI_CHECK_HOMES of them, with fewer
 * homes in each. A selection of a street, of a share or of a model finds somebody all the same. */
void cli_check_shrink(fleet_spec *spec);

/* A drill around a drill. Waits are cut to a day; once `patience_s` of the wall are over, to a
 * second; and then the drill is ended, `cut` says so. All the words between the waits are run. */
typedef struct cli_check_drill {
    const run_drill *inner;
    double patience_s; /* of the wall, since `began` */
    double began;      /* as sim_wall has it */
    uint64_t hasty;    /* waits since the patience was over */
    bool cut;          /* the drill was not run to its end */
    run_drill hooks;
} cli_check_drill;

/* The drill to drive a run with; borrowed from *d. */
const run_drill *cli_check_drill_begin(cli_check_drill *d, const run_drill *inner,
                                       double patience_s);

#endif
