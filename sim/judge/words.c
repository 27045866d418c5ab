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

char *judge_words_beside(double value, double other, char *text, size_t size) {
    char unlike[JUDGE_WORD_MAX];
    number(other, 0, unlike, sizeof unlike);
    number(value, 0, text, size);
    if (value == other) return text;
    for (int more = 1; more <= 9 && strcmp(text, unlike) == 0; more++) number(value, more, text, size);
    return text;
}

char *judge_words_share(double share, char *text, size_t size) {
    char word[JUDGE_WORD_MAX];
    double nearest = share > 0.5 ? 100 : 0;
    judge_words_beside(100 * share, nearest, word, sizeof word);
    SIM_PROMISE(size >= JUDGE_WORD_MAX);
    bool stuck = 100 * share != nearest && (strcmp(word, "100") == 0 || strcmp(word, "0") == 0);
    if (stuck)
        snprintf(word, sizeof word, "%s",
                 share > 0.5 ? (share > 1 ? "more than 100" : "less than 100") : "more than 0");
    snprintf(text, size, "%.32s%s", word, isnan(share) ? "" : " %");
    return text;
}
