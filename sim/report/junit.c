/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/junit.h"

#include <inttypes.h>
#include <libxml/xmlwriter.h>
#include <stddef.h>
#include <string.h>

#include "sim/core/error.h"
#include "sim/core/heap.h"
#include "sim/judge/words.h"
#include "sim/report/text.h"

enum { NAME_MAX_BYTES = 64, MEASURE_LINE_MAX = 400 };

/* Everything is written through these: the first failure is kept, and the rest does nothing. */
typedef struct document {
    xmlTextWriterPtr xml;
    FILE *file;
    int error;
} document;

static void did(document *d, int written) {
    if (written < 0 && d->error == 0) d->error = ferror(d->file) ? SIM_EIO : SIM_ENOMEM;
}

/* XML 1.0 has no way to write a control character but tab and line breaks, nor U+FFFE and U+FFFF:
 * they become U+FFFD, which is as long or longer. */
static void replace_impossible(const char *clean, char *out) {
    char character[REPORT_CHARACTER_MAX];
    while (report_text_next(&clean, character)) {
        bool control = (unsigned char)character[0] < 0x20 && strchr("\t\n\r", character[0]) == NULL;
        bool none =
            memcmp(character, "\xEF\xBF\xBE", 4) == 0 || memcmp(character, "\xEF\xBF\xBF", 4) == 0;
        const char *take = control || none ? "\xEF\xBF\xBD" : character;
        memcpy(out, take, strlen(take));
        out += strlen(take);
    }
    *out = '\0';
}

/* A copy that XML can hold, NULL when memory ran out; free with sim_free. */
static char *possible(const char *foreign) {
    char *copy = sim_malloc(3 * strlen(foreign) + 1);
    if (copy != NULL) replace_impossible(foreign, copy);
    return copy;
}

static void begin(document *d, const char *element) {
    if (d->error == 0) did(d, xmlTextWriterStartElement(d->xml, BAD_CAST element));
}

static void end(document *d) {
    if (d->error == 0) did(d, xmlTextWriterEndElement(d->xml));
}

static void attribute(document *d, const char *name, const char *foreign) {
    if (d->error != 0) return;
    char *value = possible(foreign);
    did(d, value == NULL ? -1 : xmlTextWriterWriteAttribute(d->xml, BAD_CAST name, BAD_CAST value));
    sim_free(value);
}

static void words(document *d, const char *foreign) {
    if (d->error != 0) return;
    char *value = possible(foreign);
    did(d, value == NULL ? -1 : xmlTextWriterWriteString(d->xml, BAD_CAST value));
    sim_free(value);
}

static void count(document *d, const char *name, uint64_t value) {
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, value);
    attribute(d, name, digits);
}

/* Seconds with millisecond digits, as the tools that read JUnit files expect them. */
static void seconds(document *d, sim_time t) {
    char digits[32];
    (void)snprintf(digits, sizeof digits, "%.3f", sim_time_seconds(t));
    attribute(d, "time", digits);
}

static void property(document *d, const char *name, const char *value) {
    if (value == NULL) return;
    begin(d, "property");
    attribute(d, "name", name);
    attribute(d, "value", value);
    end(d);
}

static void parameter(document *d, const report_parameter *p) {
    char name[NAME_MAX_BYTES];
    (void)snprintf(name, sizeof name, "parameter.%.50s", p->name);
    property(d, name, p->value);
}

static void properties(document *d, const report_run *run) {
    char digits[24];
    begin(d, "properties");
    property(d, "scenario", run->scenario);
    property(d, "version", run->version);
    property(d, "world", run->world);
    property(d, "target", run->target);
    (void)snprintf(digits, sizeof digits, "%" PRIu64, run->seed);
    property(d, "seed", digits);
    (void)snprintf(digits, sizeof digits, "%016" PRIx64, run->fingerprint);
    property(d, "fingerprint", digits);
    property(d, "repeat", run->repeat);
    for (size_t i = 0; i < run->parameter_count; i++) parameter(d, &run->parameters[i]);
    end(d);
}

/* "busiest second 131 attempts/s, at most 20: does not hold" */
static void measure(document *d, const judge_measure *m) {
    char line[MEASURE_LINE_MAX], value[JUDGE_WORD_MAX], threshold[JUDGE_WORD_MAX];
    bool decides = m->relation != JUDGE_NONE;
    (void)snprintf(
        line, sizeof line, "\n%s: %s %s%s%s%s%s", m->name,
        judge_words_beside(m->value, m->threshold, value, sizeof value), m->unit,
        decides ? ", wanted " : "", decides ? judge_relation_word(m->relation) : "",
        decides ? " " : "",
        decides ? judge_words_beside(m->threshold, m->value, threshold, sizeof threshold) : "");
    words(d, line);
}

/* The sentence as the message; below it the measures that do not hold. */
static void outcome(document *d, const char *element, const char *type, const judge_finding *f) {
    begin(d, element);
    attribute(d, "message", f->sentence);
    if (type != NULL) attribute(d, "type", type);
    if (type != NULL) words(d, f->sentence);
    for (size_t i = 0; i < f->measure_count && type != NULL; i++)
        if (!f->measures[i].holds) measure(d, &f->measures[i]);
    end(d);
}

/* How many findings before this one have its name: two cases of one name would be taken for one. */
static size_t namesakes_before(const report_run *run, size_t index) {
    size_t n = 0;
    for (size_t i = 0; i < index; i++)
        n += strcmp(run->findings[i].unit, run->findings[index].unit) == 0 ? 1 : 0;
    return n;
}

static void test_case(document *d, const report_run *run, size_t index) {
    const judge_finding *f = &run->findings[index];
    char name[NAME_MAX_BYTES];
    size_t before = namesakes_before(run, index);
    if (before == 0)
        (void)snprintf(name, sizeof name, "%s", f->unit);
    else
        (void)snprintf(name, sizeof name, "%s (%zu)", f->unit, before + 1);
    begin(d, "testcase");
    attribute(d, "classname", run->scenario);
    attribute(d, "name", name);
    seconds(d, run->duration);
    if (f->verdict == JUDGE_FAIL) outcome(d, "failure", "FAIL", f);
    if (f->verdict == JUDGE_INCONCLUSIVE) outcome(d, "skipped", NULL, f);
    end(d);
}

/* A run that never came to its verdicts must not look like one without checks. */
static void run_case(document *d, const report_run *run) {
    begin(d, "testcase");
    attribute(d, "classname", run->scenario);
    attribute(d, "name", "run");
    seconds(d, run->duration);
    begin(d, run->error != NULL ? "error" : "skipped");
    attribute(
        d, "message",
        run->error != NULL ? run->error : "The run was interrupted before it could be judged.");
    end(d);
    end(d);
}

static bool needs_run_case(const report_run *run) {
    return run->error != NULL || (run->interrupted && run->finding_count == 0);
}

static uint64_t how_many(const report_run *run, judge_verdict verdict) {
    uint64_t n = 0;
    for (size_t i = 0; i < run->finding_count; i++)
        n += run->findings[i].verdict == verdict ? 1 : 0;
    return n;
}

static void totals(document *d, const report_run *run) {
    bool extra = needs_run_case(run), failed = run->error != NULL;
    count(d, "tests", run->finding_count + (extra ? 1 : 0));
    count(d, "failures", how_many(run, JUDGE_FAIL));
    count(d, "errors", extra && failed ? 1 : 0);
    count(d, "skipped", how_many(run, JUDGE_INCONCLUSIVE) + (extra && !failed ? 1 : 0));
    seconds(d, run->duration);
}

static void suite(document *d, const report_run *run) {
    begin(d, "testsuites");
    attribute(d, "name", "blackstart");
    totals(d, run);
    begin(d, "testsuite");
    attribute(d, "name", run->title != NULL ? run->title : run->scenario);
    totals(d, run);
    properties(d, run);
    for (size_t i = 0; i < run->finding_count; i++) test_case(d, run, i);
    if (needs_run_case(run)) run_case(d, run);
    end(d);
    end(d);
}

/* libxml2 tells the terminal about what went wrong; we tell the caller. */
static void say_nothing(void *context, xmlErrorPtr error) {
    (void)context;
    (void)error;
}

static void say_no_text(void *context, const char *format, ...) {
    (void)context;
    (void)format;
}

/* libxml2 2.9 neither tells of every allocation that failed (half a document would look whole) nor
 * gives back all that it had by then. So its blocks are kept in a list: what is left when the
 * document is done is freed. Its allocators have no context to find the list by. */
typedef struct block {
    struct block *next, **at; /* `at`: what points to this one */
    max_align_t contents[];
} block;

static _Thread_local struct {
    block *blocks;
    bool short_of_memory;
} lent;

static void link_in(block *b) {
    b->next = lent.blocks;
    b->at = &lent.blocks;
    if (b->next != NULL) b->next->at = &b->next;
    lent.blocks = b;
}

static void unlink_from(block *b) {
    *b->at = b->next;
    if (b->next != NULL) b->next->at = b->at;
}

static block *block_of(void *contents) {
    return (block *)(void *)((char *)contents - offsetof(block, contents));
}

static void *grow(void *old, size_t size) {
    block *b = old != NULL ? block_of(old) : NULL;
    if (b != NULL) unlink_from(b);
    block *larger = sim_realloc(b, sizeof *larger + size);
    lent.short_of_memory = lent.short_of_memory || larger == NULL;
    if (larger == NULL && b != NULL) link_in(b); /* it is still there */
    if (larger == NULL) return NULL;
    link_in(larger);
    return larger->contents;
}

static void *take(size_t size) {
    return grow(NULL, size);
}

static void give_back(void *contents) {
    if (contents == NULL) return;
    unlink_from(block_of(contents));
    sim_free(block_of(contents));
}

static char *duplicate(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = take(size);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

static void give_back_all(void) {
    while (lent.blocks != NULL) give_back(lent.blocks->contents);
}

static xmlTextWriterPtr open_writer(FILE *file) {
    (void)xmlMemSetup(give_back, take, grow, duplicate);
    xmlSetStructuredErrorFunc(NULL, say_nothing);
    xmlSetGenericErrorFunc(NULL, say_no_text);
    lent.short_of_memory = false;
    xmlOutputBufferPtr buffer = xmlOutputBufferCreateFile(file, NULL);
    xmlTextWriterPtr xml = buffer != NULL ? xmlNewTextWriter(buffer) : NULL;
    if (xml == NULL && buffer != NULL) (void)xmlOutputBufferClose(buffer);
    return xml;
}

/* Everything between the first line and the last. */
static void write_document(document *d, const report_run *run) {
    (void)xmlTextWriterSetIndent(d->xml, 1);
    did(d, xmlTextWriterStartDocument(d->xml, NULL, NULL, NULL));
    suite(d, run);
    if (d->error == 0) did(d, xmlTextWriterEndDocument(d->xml));
    if (d->error == 0) did(d, xmlTextWriterFlush(d->xml));
}

int report_junit(FILE *file, const report_run *run) {
    document d = {.xml = open_writer(file), .file = file};
    if (d.xml == NULL) {
        xmlResetLastError();
        give_back_all();
        return SIM_ENOMEM;
    }
    write_document(&d, run);
    xmlFreeTextWriter(d.xml);
    xmlResetLastError(); /* it remembers what was said to nobody */
    give_back_all();
    if (d.error == 0 && lent.short_of_memory) d.error = SIM_ENOMEM;
    if (d.error == 0 && (fflush(file) != 0 || ferror(file))) d.error = SIM_EIO;
    return d.error;
}
