/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_examine_stream.c - any bytes as telemetry: no crash, every line answered at most
 * once, the same output however the bytes come, memory within the bound. The first byte chooses the
 * columns and the size of pieces. */
#include <stdint.h>
#include <string.h>

#include "sim/core/error.h"
#include "sim/examine/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SERIES = 16, OUTPUT_MAX = 1 << 22 };

/* Written over by the next input: a block of that size for each would be a mapping for each. */
static char texts[2][OUTPUT_MAX];

typedef struct answer {
    char *text; /* NULL: no memory */
    size_t n;
    int error;
} answer;

static void collect(answer *a, examine_stream *e) {
    size_t n;
    const char *output = examine_stream_output(e, &n);
    if (a->n + n <= OUTPUT_MAX) memcpy(a->text + a->n, output, n);
    a->n += n;
    examine_stream_drop(e);
}

static void check_counts(const examine_stream *e, const answer *a) {
    const examine_stream_counts *c = examine_stream_count(e);
    size_t rows = 0;
    for (size_t i = 0; i < a->n && i < OUTPUT_MAX; i++) rows += a->text[i] == '\n';
    SIM_PROMISE(rows <= c->lines + 1);
    SIM_PROMISE(c->scored <= c->lines && c->alarms <= c->scored && c->series <= SERIES);
    SIM_PROMISE((a->error == 0) == (examine_stream_why(e)[0] == '\0'));
}

/* Into `text`, of OUTPUT_MAX. */
static answer examine(const examine_stream_settings *s, char *text, const char *bytes, size_t size,
                      size_t piece) {
    answer a = {text, 0, 0};
    examine_stream *e = examine_stream_new(s);
    if (e == NULL) return (answer){NULL, 0, SIM_ENOMEM};
    for (size_t at = 0, taken = 0; at < size && a.error == 0; at += taken) {
        const size_t left = size - at;
        a.error = examine_stream_push(e, bytes + at, left < piece ? left : piece, &taken);
        SIM_PROMISE(taken <= left && (taken > 0 || a.error != 0));
        collect(&a, e);
    }
    if (a.error == 0) a.error = examine_stream_end(e);
    collect(&a, e);
    check_counts(e, &a);
    examine_stream_free(e);
    return a;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    examine_detector_settings detector = examine_detector_default;
    detector.warm_up = 32;
    const examine_stream_settings s = {.timestamp = data[0] & 2 ? "1" : NULL,
                                       .value = data[0] & 4 ? "2" : NULL,
                                       .key = data[0] & 1 ? "id" : NULL,
                                       .series_max = SERIES,
                                       .detector = &detector};
    const answer whole = examine(&s, texts[0], (const char *)data + 1, size - 1, size);
    const answer pieces =
        examine(&s, texts[1], (const char *)data + 1, size - 1, 1 + (data[0] >> 3));
    if (whole.text != NULL && pieces.text != NULL) {
        SIM_PROMISE(whole.n == pieces.n && whole.error == pieces.error);
        SIM_PROMISE(memcmp(whole.text, pieces.text, whole.n < OUTPUT_MAX ? whole.n : OUTPUT_MAX) ==
                    0);
    }
    return 0;
}
