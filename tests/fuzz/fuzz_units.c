/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_units.c - any text for the readers of sim/core/units: no crash, and what they
 * accept keeps its contract. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/units.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_listed(int error) {
    return error == 0 || error == SIM_EPARSE || error == SIM_ERANGE;
}

static void try_duration(const char *text) {
    sim_time t = -1, again = -1;
    char shown[24];
    const int error = sim_units_duration(text, &t);
    SIM_PROMISE(is_listed(error));
    SIM_PROMISE((error == 0) == (t != -1));
    if (error != 0) return;
    SIM_PROMISE(t >= 0 && t <= 36525 * SIM_DAY);
    SIM_PROMISE(strlen(sim_time_text(t, shown, sizeof shown)) < sizeof shown);
    const int shown_error =
        sim_units_duration(shown, &again); /* rounded up it may pass 100 years, by half a second */
    SIM_PROMISE(shown_error == 0 || t > 36525 * SIM_DAY - SIM_SECOND);
    SIM_PROMISE(shown_error != 0 || fabs((double)(again - t)) <= 5e8);
}

static void try_numbers(const char *text) {
    double number = NAN, fraction = NAN;
    uint64_t count = 0;
    char shown[16];
    const int error = sim_units_number(text, &number);
    SIM_PROMISE(is_listed(error));
    SIM_PROMISE((error == 0) == (isfinite(number) != 0));
    if (error == 0)
        SIM_PROMISE(strlen(sim_units_number_text(number, shown, sizeof shown)) < sizeof shown);
    /* what is a count is a number, the same one */
    const int count_error = sim_units_count(text, 0, UINT64_MAX, &count);
    SIM_PROMISE(is_listed(count_error));
    SIM_PROMISE((count_error == SIM_EPARSE) == (error == SIM_EPARSE));
    SIM_PROMISE(count_error != 0 || (error == 0 && (double)count == number));
    const int fraction_error = sim_units_fraction(text, &fraction);
    SIM_PROMISE(is_listed(fraction_error));
    SIM_PROMISE((fraction_error == 0) == (fraction >= 0 && fraction <= 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = sim_malloc(size + 1); /* just as long as it is, so that a look beyond it shows */
    if (text == NULL) return 0;
    if (size > 0) memcpy(text, data, size);
    text[size] = '\0';
    try_duration(text);
    try_numbers(text);
    sim_free(text);
    return 0;
}
