/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/xml.h"

#include <inttypes.h>
#include <libxml/xmlwriter.h>
#include <stddef.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/record/text.h"

static void did(report_xml *d, int written) {
    if (written < 0 && d->error == 0) d->error = ferror(d->file) ? SIM_EIO : SIM_ENOMEM;
}

/* XML 1.0 has no way to write a control character but tab and line breaks, nor U+FFFE and U+FFFF:
 * they become U+FFFD, which is as long or longer. */
static void replace_impossible(const char *clean, char *out) {
    char character[RECORD_CHARACTER_MAX];
    while (record_text_next(&clean, character)) {
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

void report_xml_begin(report_xml *d, const char *element) {
    if (d->error == 0) did(d, xmlTextWriterStartElement(d->writer, BAD_CAST element));
}

void report_xml_end(report_xml *d) {
    if (d->error == 0) did(d, xmlTextWriterEndElement(d->writer));
}

void report_xml_attribute(report_xml *d, const char *name, const char *foreign) {
    if (d->error != 0) return;
    char *value = possible(foreign);
    did(d,
        value == NULL ? -1 : xmlTextWriterWriteAttribute(d->writer, BAD_CAST name, BAD_CAST value));
    sim_free(value);
}

void report_xml_words(report_xml *d, const char *foreign) {
    if (d->error != 0) return;
    char *value = possible(foreign);
    did(d, value == NULL ? -1 : xmlTextWriterWriteString(d->writer, BAD_CAST value));
    sim_free(value);
}

void report_xml_count(report_xml *d, const char *name, uint64_t value) {
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, value);
    report_xml_attribute(d, name, digits);
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

void report_xml_seconds(report_xml *d, const char *name, double seconds) {
    char digits[32];
    (void)snprintf(digits, sizeof digits, "%.3f", seconds);
    report_xml_attribute(d, name, digits);
}

void report_xml_property(report_xml *d, const char *name, const char *value) {
    if (value == NULL) return;
    report_xml_begin(d, "property");
    report_xml_attribute(d, "name", name);
    report_xml_attribute(d, "value", value);
    report_xml_end(d);
}

int report_xml_open(report_xml *d, FILE *file) {
    *d = (report_xml){.writer = open_writer(file), .file = file};
    if (d->writer == NULL) {
        xmlResetLastError();
        give_back_all();
        return SIM_ENOMEM;
    }
    (void)xmlTextWriterSetIndent(d->writer, 1);
    did(d, xmlTextWriterStartDocument(d->writer, NULL, NULL, NULL));
    return 0;
}

int report_xml_close(report_xml *d) {
    if (d->error == 0) did(d, xmlTextWriterEndDocument(d->writer));
    if (d->error == 0) did(d, xmlTextWriterFlush(d->writer));
    xmlFreeTextWriter(d->writer);
    xmlResetLastError(); /* it remembers what was said to nobody */
    give_back_all();
    if (d->error == 0 && lent.short_of_memory) d->error = SIM_ENOMEM;
    if (d->error == 0 && (fflush(d->file) != 0 || ferror(d->file))) d->error = SIM_EIO;
    return d->error;
}
