/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/text.h"

#include <stdint.h>
#include <string.h>

#include "sim/core/heap.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* Lead bytes of UTF-8 by length: what they look like, and the smallest code point that needs that
 * many bytes. */
static const struct {
    unsigned char mask, lead;
    uint32_t smallest;
} forms[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};

/* Length of the valid character at `s` and its code point; 0 when there is none. */
static size_t decode(const unsigned char *s, uint32_t *code) {
    for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
        if ((s[0] & forms[form].mask) != forms[form].lead) continue;
        *code = s[0] & (unsigned char)~forms[form].mask;
        for (size_t i = 1; i <= form; i++) {
            if ((s[i] & 0xC0) != 0x80) return 0; /* also at the end of the text */
            *code = *code << 6 | (s[i] & 0x3F);
        }
        bool surrogate = *code >= 0xD800 && *code <= 0xDFFF;
        return *code < forms[form].smallest || *code > 0x10FFFF || surrogate ? 0 : form + 1;
    }
    return 0;
}

/* As record_text_next, with the code point. */
static bool next(const char **at, char out[RECORD_CHARACTER_MAX], uint32_t *code) {
    if (**at == '\0') return false;
    size_t length = decode((const unsigned char *)*at, code);
    if (length == 0) {
        *code = 0xFFFD;
        memcpy(out, replacement, sizeof replacement);
        (*at)++;
        return true;
    }
    memcpy(out, *at, length);
    out[length] = '\0';
    *at += length;
    return true;
}

bool record_text_next(const char **at, char out[RECORD_CHARACTER_MAX]) {
    uint32_t code;
    return next(at, out, &code);
}

/* Steers a terminal, or makes text look like other text. */
static bool steers(uint32_t code) {
    static const struct {
        uint32_t from, to;
    } bad[] = {{0x00, 0x1F},     {0x7F, 0x9F},      {0xAD, 0xAD},     {0x061C, 0x061C},
               {0x200B, 0x200F}, {0x2028, 0x202E},  {0x2060, 0x206F}, {0xFEFF, 0xFEFF},
               {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (code >= bad[i].from && code <= bad[i].to) return true;
    return false;
}

bool record_text_next_plain(const char **at, bool ascii, char out[RECORD_CHARACTER_MAX]) {
    uint32_t code;
    if (!next(at, out, &code)) return false;
    bool blank = code == '\t' || code == '\n' || code == '\r';
    if (blank || steers(code) || (ascii && code > 0x7E)) memcpy(out, blank ? " " : "?", 2);
    return true;
}

char *record_text_utf8(const char *text) {
    char *copy = sim_malloc(strlen(text) * (sizeof replacement - 1) + 1);
    if (copy == NULL) return NULL;
    char *end = copy, character[RECORD_CHARACTER_MAX];
    while (record_text_next(&text, character)) {
        size_t length = strlen(character);
        memcpy(end, character, length);
        end += length;
    }
    *end = '\0';
    return copy;
}

char *record_text_line(const char *text, char *out, size_t size) {
    char character[RECORD_CHARACTER_MAX];
    size_t used = 0;
    while (record_text_next_plain(&text, false, character)) {
        size_t length = strlen(character);
        if (used + length >= size) break;
        memcpy(out + used, character, length);
        used += length;
    }
    out[used] = '\0';
    return out;
}
