/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FORMS "say device=NUMBER, street=NUMBER or drops"

static const char *add_number(uint32_t *list, uint32_t *count, const char *digits) {
    char *end;
    errno = 0;
    unsigned long number = strtoul(digits, &end, 10);
    if (digits[0] < '0' || digits[0] > '9' || *end != '\0') return FORMS;
    if (errno != 0 || number > UINT32_MAX) return "no fleet has so many: " FORMS;
    if (*count == FLEET_TRACED_MAX) return "at most 16 devices and 16 streets are traced at once";
    list[(*count)++] = (uint32_t)number;
    return NULL;
}

const char *fleet_traced_add(fleet_traced *t, const char *text) {
    static const char device[] = "device=", street[] = "street=";
    if (strncmp(text, device, sizeof device - 1) == 0)
        return add_number(t->devices, &t->device_count, text + sizeof device - 1);
    if (strncmp(text, street, sizeof street - 1) == 0)
        return add_number(t->streets, &t->street_count, text + sizeof street - 1);
    if (strcmp(text, "drops") != 0) return FORMS;
    t->drops = true;
    return NULL;
}

bool fleet_traced_any(const fleet_traced *t) {
    return t->device_count > 0 || t->street_count > 0 || t->drops;
}
