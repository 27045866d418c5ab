/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/support/small_fleet.h - streets of thermostats, for the tests of whole runs. */
#ifndef TESTS_SMALL_FLEET_H
#define TESTS_SMALL_FLEET_H

#include "sim/fleet/spec.h"

/* `homes` homes in streets of `per_street`, each with four thermostats, a cloud that admits
 * `capacity` connections a second, and the orderly law (or a fixed 10 s without an initial window).
 */
void small_fleet_spec(fleet_spec *spec, uint32_t homes, uint32_t per_street, double capacity,
                      bool orderly);

#endif
