/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lua/names.h"

#include <stdio.h>
#include <string.h>

enum { LETTERS_MAX = 40, ROOM_FOR_MORE = 16 };

static size_t least(size_t a, size_t b, size_t c) {
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Optimal string alignment distance: edits with neighbours swapped as one. Three rows are enough.
 */
static size_t distance(const char *a, const char *b) {
    size_t rows[3][LETTERS_MAX + 1];
    size_t length = strlen(a), width = strlen(b);
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= width; j++) above[j] = j;
    for (size_t i = 1; i <= length; i++) {
        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            size_t change = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(above[j] + 1, row[j - 1] + 1, change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        size_t *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[width];
}

const char *script_names_near(const char *word, const char *const *names, size_t count) {
    const char *nearest = NULL;
    size_t letters = strnlen(word, LETTERS_MAX + 1);
    if (letters > LETTERS_MAX) return NULL;
    size_t best = letters < 3 ? 2 : letters / 3 + 1; /* nearer than this */
    for (size_t i = 0; i < count; i++) {
        if (strnlen(names[i], LETTERS_MAX + 1) > LETTERS_MAX) continue;
        size_t d = distance(word, names[i]);
        if (d >= best) continue;
        best = d;
        nearest = names[i];
    }
    return nearest;
}

char *script_names_hint(const char *word, const char *const *names, size_t count, char *text,
                        size_t size) {
    const char *near = script_names_near(word, names, count);
    size_t used = 0;
    text[0] = '\0';
    if (near != NULL)
        used = (size_t)snprintf(text, size, "; did you mean '%s'? There are: ", near);
    else
        used = (size_t)snprintf(text, size, count > 0 ? "; there are: " : "; there are none");
    for (size_t i = 0; i < count; i++) {
        if (used + strlen(names[i]) + ROOM_FOR_MORE > size) {
            snprintf(text + used, size - used, " and %zu more", count - i);
            break;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    return text;
}
