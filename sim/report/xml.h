/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/xml.h - an XML document, written element by element through libxml2. What XML 1.0
 * cannot hold becomes U+FFFD. The first failure is kept, and the rest does nothing. Not for two
 * threads at once. */
#ifndef SIM_REPORT_XML_H
#define SIM_REPORT_XML_H

#include <stdint.h>
#include <stdio.h>

#include "sim/core/error.h"

typedef struct report_xml {
    struct _xmlTextWriter *writer;
    FILE *file; /* the caller's */
    int error;  /* the first; 0: none */
} report_xml;

/* Begins a document in `file`. SIM_ENOMEM: nothing is to be closed. */
SIM_MUST_USE int report_xml_open(report_xml *d, FILE *file);
/* Ends it, and leaves the file open. The first error since it was opened: SIM_ENOMEM, SIM_EIO (see
 * errno). */
SIM_MUST_USE int report_xml_close(report_xml *d);

void report_xml_begin(report_xml *d, const char *element);
void report_xml_end(report_xml *d);
void report_xml_attribute(report_xml *d, const char *name, const char *foreign);
void report_xml_count(report_xml *d, const char *name, uint64_t value);
/* Seconds with millisecond digits, as the tools that read JUnit files expect them. */
void report_xml_seconds(report_xml *d, const char *name, double seconds);
/* A whole element <property name="..." value="..."/>; a value of NULL writes none. */
void report_xml_property(report_xml *d, const char *name, const char *value);
/* Text within the element that is open. */
void report_xml_words(report_xml *d, const char *foreign);

#endif
