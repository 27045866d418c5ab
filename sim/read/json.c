/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/json.h"

#include <string.h>

enum { DEPTH_MAX = 16 /* keys of a path */ };

/* Behind the closing quote of a string that begins at `at`; NULL: there is none. */
static const char *skip_string(const char *at) {
    for (; *at != '\0' && *at != '"'; at++)
        if (*at == '\\' && at[1] != '\0') at++;
    return *at == '"' ? at + 1 : NULL;
}

/* Behind a value of any kind. */
static const char *skip_value(const char *at) {
    int depth = 0;
    for (; at != NULL && *at != '\0'; at++) {
        if (*at == '"') {
            at = skip_string(at + 1);
            if (at == NULL) return NULL;
            at--;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            if (depth == 0) return at;
            depth--;
        } else if (*at == ',' && depth == 0) {
            return at;
        }
    }
    return at;
}

static const char *blanks(const char *at) {
    return at + strspn(at, " \t");
}

const char *read_json_member(const char *at, read_text *key, read_text *value) {
    at = blanks(at);
    if (*at == ',' || *at == '{') at = blanks(at + 1);
    if (*at != '"') return NULL;
    const char *end = skip_string(at + 1);
    if (end == NULL) return NULL;
    *key = (read_text){at + 1, (size_t)(end - at) - 2};
    at = blanks(end);
    if (*at != ':') return NULL;
    at = blanks(at + 1);
    end = skip_value(at);
    if (end == NULL) return NULL;
    *value = (read_text){at, (size_t)(end - at)};
    while (value->n > 0 && (at[value->n - 1] == ' ' || at[value->n - 1] == '\t')) value->n--;
    if (value->n >= 2 && at[0] == '"' && at[value->n - 1] == '"')
        *value = (read_text){at + 1, value->n - 2};
    return end;
}

const char *read_json_next(const char *at) {
    at = skip_value(at);
    return at != NULL && *at == ',' ? blanks(at + 1) : NULL;
}

/* Four hexadecimal digits; UINT32_MAX: there are none. */
static uint32_t hex_of(const char *at, size_t n) {
    uint32_t code = 0;
    if (n < 4) return UINT32_MAX;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef", lower = (char)(at[i] | 0x20);
        const char *digit = at[i] != '\0' ? strchr(digits, lower) : NULL;
        if (digit == NULL) return UINT32_MAX;
        code = code * 16 + (uint32_t)(digit - digits);
    }
    return code;
}

/* A character as UTF-8; what is none, or would end a text, is a question mark. */
static size_t put_character(uint32_t code, char *out) {
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = '?';
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(first[more] | code >> 6 * more);
    for (size_t i = 1; i <= more; i++) out[i] = (char)(0x80 | (code >> 6 * (more - i) & 0x3f));
    return more + 1;
}

/* The escape at in.at[*i], a backslash; *i moves to its last byte. */
static size_t put_escape(read_text in, size_t *i, char *out) {
    static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    char c = *i + 1 < in.n ? in.at[++*i] : '\0';
    const char *name = c != '\0' ? strchr(names, c) : NULL;
    if (c != 'u') {
        *out = name != NULL ? means[name - names] : '?';
        return 1;
    }
    uint32_t code = hex_of(in.at + *i + 1, in.n - *i - 1), low = UINT32_MAX;
    if (code != UINT32_MAX) *i += 4;
    if (code >= 0xd800 && code < 0xdc00 && in.n - *i > 6 && in.at[*i + 1] == '\\' &&
        in.at[*i + 2] == 'u')
        low = hex_of(in.at + *i + 3, in.n - *i - 3);
    if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        *i += 6;
    }
    return put_character(code, out);
}

size_t read_json_unescape(read_text in, char *out) {
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        if (in.at[i] == '\\')
            n += put_escape(in, &i, out + n);
        else
            out[n++] = in.at[i];
    }
    out[n] = '\0';
    return n;
}

static bool find(const char *object, read_text key, read_text *value) {
    read_text name;
    for (const char *at = object; (at = read_json_member(at, &name, value)) != NULL;)
        if (name.n == key.n && memcmp(name.at, key.at, key.n) == 0) return true;
    return false;
}

/* The value itself, unescaped where it was a string. */
static bool give(read_text value, char *out) {
    bool string = value.at[-1] == '"';
    if (value.n >= READ_JSON_VALUE_MAX || (!string && value.n == 4 && *value.at == 'n'))
        return false;
    if (string) {
        (void)read_json_unescape(value, out);
    } else {
        memcpy(out, value.at, value.n);
        out[value.n] = '\0';
    }
    return true;
}

static bool get(const char *object, const char *path, int depth, char *out);

/* What stands behind the first key of a path, and the rest of it. */
static bool get_within(read_text value, const char *rest, int depth, char *out) {
    char inner[4 * READ_JSON_VALUE_MAX];
    if (value.at[-1] != '"') return *value.at == '{' && get(value.at, rest, depth, out);
    if (value.n >= sizeof inner) return false;
    (void)read_json_unescape(value, inner);
    return *blanks(inner) == '{' && get(inner, rest, depth, out);
}

/* The longest key that fits goes first, so that a key with dots in it is found. */
static bool get(const char *object, const char *path, int depth, char *out) {
    read_text value;
    if (depth == 0 || *blanks(object) != '{') return false;
    if (find(object, (read_text){path, strlen(path)}, &value)) return give(value, out);
    for (const char *dot = path; (dot = strchr(dot, '.')) != NULL; dot++)
        if (find(object, (read_text){path, (size_t)(dot - path)}, &value) &&
            get_within(value, dot + 1, depth - 1, out))
            return true;
    return false;
}

bool read_json_get(const char *object, const char *path, char *out) {
    return get(object, path, DEPTH_MAX, out);
}
