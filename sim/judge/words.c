/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/error.h"

/* Copies a number's text with a comma before every third digit of its whole part. */
static char *set_apart(const char *plain, char *text) {
    size_t sign = plain[0] == '-';
    size_t whole = strspn(plain + sign, "0123456789") + sign;
    char *out = text;
    for (size_t i = 0; plain[i] != '\0'; i++) {
        if (i > sign && i < whole && (whole - i) % 3 == 0) *out++ = ',';
        *out++ = plain[i];
    }
    *out = '\0';
    return text;
}

char *judge_words_count(uint64_t n, char *text, size_t size) {
    char plain[24];
    SIM_PROMISE(size >= JUDGE_WORD_MAX);
    snprintf(plain, sizeof plain, "%" PRIu64, n);
    return set_apart(plain, text);
}

char *judge_words_of(uint64_t n, const char *thing, char *text, size_t size) {
    size_t used = strlen(judge_words_count(n, text, size));
    snprintf(text + used, size - used, " %s%s", thing, n == 1 ? "" : "s");
    return text;
}

/* Fixed decimals, without the zeros at the end. */
static char *fixed(double value, int decimals, char *text) {
    char plain[JUDGE_WORD_MAX];
    snprintf(plain, sizeof plain, "%.*f", decimals, value);
    if (strchr(plain, '.') != NULL) {
        size_t end = strlen(plain);
        while (plain[end - 1] == '0') end--;
        if (plain[end - 1] == '.') end--;
        plain[end] = '\0';
    }
    return set_apart(strcmp(plain, "-0") == 0 ? "0" : plain, text);
}

/* Decimals that leave three digits: 0 from 100 on, at most 6. */
static int three_digits(double value) {
    double size = fabs(value);
    int decimals = 0;
    for (double at = 100; decimals < 6 && size < at && size != 0; at /= 10) decimals++;
    return decimals;
}

static const char *not_finite(double value) {
    if (isnan(value)) return "unknown";
    if (isinf(value)) return value > 0 ? "unlimited" : "-unlimited";
    return NULL;
}

static char *number(double value, int more, char *text, size_t size) {
    SIM_PROMISE(size >= JUDGE_WORD_MAX);
    const char *word = not_finite(value);
    if (word != NULL)
        snprintf(text, size, "%s", word);
    else if (fabs(value) >= 1e15) /* nobody reads sixteen digits aloud */
        snprintf(text, size, "%.3g", value);
    else
        fixed(value, three_digits(value) + more, text);
    return text;
}

char *judge_words_number(double value, char *text, size_t size) {
    return number(value, 0, text, size);
}

/* Two different values that read the same. */
static bool confused(double value, const char *text, double other) {
    char unlike[JUDGE_WORD_MAX];
    return value != other && !isnan(other) &&
           strcmp(text, number(other, 0, unlike, sizeof unlike)) == 0;
}

char *judge_words_beside(double value, double other, char *text, size_t size) {
    number(value, 0, text, size);
    for (int more = 1; more <= 9 && confused(value, text, other); more++)
        number(value, more, text, size);
    return text;
}

char *judge_words_share(double share, double other, char *text, size_t size) {
    char word[JUDGE_WORD_MAX];
    double percent = 100 * share;
    number(percent, 0, word, sizeof word);
    for (int more = 1; more <= 9; more++) {
        if (!confused(percent, word, 0) && !confused(percent, word, 100) &&
            !confused(percent, word, 100 * other))
            break;
        number(percent, more, word, sizeof word);
    }
    SIM_PROMISE(size >= JUDGE_WORD_MAX);
    snprintf(text, size, "%.40s%s", word, isnan(share) ? "" : " %");
    return text;
}

int judge_words_shown(const char *text, size_t most) {
    size_t n = strnlen(text, most + 1);
    if (n > most)
        for (n = most; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80;) n--;
    return (int)n;
}
