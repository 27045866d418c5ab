/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/place.h"

#include <string.h>

#include "sim/core/error.h"

static const char device_word[] = "${device}", model_word[] = "${model}";

/* The length of the word that begins there; 0: none. */
static size_t word_at(const char *at) {
    if (strncmp(at, device_word, sizeof device_word - 1) == 0) return sizeof device_word - 1;
    if (strncmp(at, model_word, sizeof model_word - 1) == 0) return sizeof model_word - 1;
    return 0;
}

static bool ends_segment(char c) {
    return c == '/' || c == '?' || c == '\0';
}

#define EXAMPLE "; such as \"t\" or \"devices/${device}/telemetry\""

const char *net_place_wrong(const char *place) {
    size_t path = strcspn(place, "?");
    if (strlen(place) >= NET_PLACE_TEMPLATE_MAX) return "it has 127 letters at most" EXAMPLE;
    if (path == 0 || place[0] == '/' || place[path - 1] == '/')
        return "it has no slash at either end, and is not empty" EXAMPLE;
    if (strstr(place, "//") != NULL) return "a part between two slashes is empty" EXAMPLE;
    for (const char *at = strstr(place, "${"); at != NULL; at = strstr(at + 1, "${")) {
        size_t word = word_at(at);
        if (word == 0) return "only ${device} and ${model} can stand for something in it" EXAMPLE;
        if (at < place + path && !ends_segment(at[word]))
            return "nothing follows ${...} before the next slash" EXAMPLE;
    }
    return NULL;
}

bool net_place_is_template(const char *place) {
    return strstr(place, "${") != NULL || strchr(place, '?') != NULL;
}

int net_place_of(const char *place, const char *device, const char *model,
                 char text[NET_PLACE_MAX]) {
    size_t used = 0;
    while (*place != '\0') {
        size_t word = word_at(place);
        const char *from = word == 0 ? place : place[2] == 'd' ? device : model;
        size_t n = word == 0 ? 1 : strlen(from);
        if (used + n >= NET_PLACE_MAX) return SIM_ERANGE;
        memcpy(text + used, from, n);
        used += n;
        place += word == 0 ? 1 : word;
    }
    text[used] = '\0';
    return 0;
}

bool net_place_has(const char *place, const char *path) {
    for (; *place != '\0' && *place != '?'; place++) {
        size_t word = word_at(place);
        if (word == 0) {
            if (*path++ != *place) return false;
            continue;
        }
        size_t n = strcspn(path, "/");
        if (n == 0) return false;
        path += n;
        place += word - 1;
    }
    return *path == '\0';
}
