/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/csv.h"

#include <stddef.h>

bool record_csv_take(char **at, char separator, char **field) {
    char *from = *at, *to = from;
    bool quoted = *from == '"';
    *field = from;
    if (quoted) from++;
    for (; *from != '\0' && (quoted || *from != separator); from++) {
        if (quoted && *from == '"' && from[1] != '"') {
            quoted = false;
            continue;
        }
        if (quoted && *from == '"') from++;
        *to++ = *from;
    }
    *at = *from != '\0' ? from + 1 : NULL;
    *to = '\0';
    return !quoted;
}
