/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/json_read.h - JSON that somebody else wrote: bounded in size and depth, no member twice, and a line with the place when it is none. */
#ifndef SIM_REPORT_JSON_READ_H
#define SIM_REPORT_JSON_READ_H

#include <jansson.h>
#include <stddef.h>

#include "sim/core/error.h"

enum {
    REPORT_JSON_DEPTH_MAX = 24,
    REPORT_JSON_BYTES_MAX = 16 << 20,
    REPORT_JSON_WHY_MAX = 512 /* room for `why` */
};

/* The value in `text`; free with json_decref. SIM_EPARSE, SIM_ENOMEM; then `why` has a line that names `name`, the line and the column. Not for two threads at once. */
SIM_MUST_USE int report_json_parse(const char *text, size_t size, const char *name, json_t **out, char *why);
/* The same of a file of at most `most` bytes. SIM_EIO besides. */
SIM_MUST_USE int report_json_file(const char *path, size_t most, json_t **out, char *why);

/* summary.json of a folder of results of ours. */
SIM_MUST_USE int report_summary_file(const char *folder, json_t **out, char *why);

#endif
