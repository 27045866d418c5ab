/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/command.h"

#include <string.h>

static bool begins_with(const uint8_t *line, size_t n, const char *word, size_t length) {
    return n > length && memcmp(line, word, length) == 0 && line[length] == ' ';
}

bool dev_command_find(const uint8_t *list, size_t size, const char *word, const uint8_t **value,
                      size_t *n) {
    size_t length = strlen(word);
    while (size > 0) {
        const uint8_t *end = memchr(list, '\n', size);
        size_t line = end == NULL ? size : (size_t)(end - list);
        if (begins_with(list, line, word, length)) {
            *value = list + length + 1;
            *n = line - length - 1;
            return true;
        }
        if (end == NULL) return false;
        list += line + 1;
        size -= line + 1;
    }
    return false;
}
