/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/units.h - what people type: "30m", "1h10m", "250ms", "100k", "2.5M". One reader for
 * scenarios and options. Texts are hostile until read; one of more than 100 characters is
 * malformed. On an error *out is untouched. */
#ifndef SIM_CORE_UNITS_H
#define SIM_CORE_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/time.h"

/* Reads a duration: a sum of number+unit pairs (ns us ms s m h d), fractions allowed, e.g. "1h10m",
 * "0.5s", "0". No signs but a leading "-" (which is out of range), no spaces, digits on both sides
 * of a point. A bare number other than 0 is refused (its unit is anybody's guess). 0 .. 100 years.
 * SIM_EPARSE (not a duration) or SIM_ERANGE (negative or too long). */
SIM_MUST_USE int sim_units_duration(const char *text, sim_time *out);

/* Reads a number with an optional suffix k, M, G (1e3, 1e6, 1e9; decimal), exponents and a leading
 * "-" allowed ("1e6"). No hexadecimal, no "inf", no "nan", no spaces. SIM_EPARSE or SIM_ERANGE (not
 * finite). */
SIM_MUST_USE int sim_units_number(const char *text, double *out);

/* As sim_units_number but whole and within minimum..maximum, else SIM_ERANGE. */
SIM_MUST_USE int sim_units_count(const char *text, uint64_t minimum, uint64_t maximum,
                                 uint64_t *out);

/* Reads a fraction: "0.25" or "25%". 0..1, else SIM_ERANGE. */
SIM_MUST_USE int sim_units_fraction(const char *text, double *out);

/* Writes 1234567 as "1.23M", 950 as "950", 1e12 as "1e+12" (three digits); returns `text`. `size`
 * >= 16. */
char *sim_units_number_text(double value, char *text, size_t size);

/* Exact, and sim_units_duration reads it again: "1h30m", "2m26.5s", "250ms". `t` >= 0; returns
 * `text`. `size` >= 48. */
char *sim_units_duration_text(sim_time t, char *text, size_t size);

#endif
