/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/judge_options.h - the options of `blackstart judge`. */
#ifndef CLI_JUDGE_OPTIONS_H
#define CLI_JUDGE_OPTIONS_H

#include "sim/cli/options.h"
#include "sim/cli/pack_json.h"
#include "sim/judge/classify.h"
#include "sim/judge/reconnect.h"
#include "sim/read/estimate.h"
#include "sim/read/log.h"

enum { CLI_LOGS_MAX = 64, CLI_TIMES_MAX = 100, CLI_COLUMNS_MAX = 1024 };

/* A point in time as it was typed: counted from the log's beginning, or as its clock tells it. */
typedef struct cli_moment {
    int64_t ns;
    bool absolute; /* ns since 1970 */
} cli_moment;

typedef struct cli_moments { /* an outage; a trigger has no `from` */
    cli_moment from, to;
    bool has_from;
} cli_moments;

typedef struct cli_judge_options {
    const char *files[CLI_LOGS_MAX]; /* borrowed from the cli_words, as all strings here */
    size_t file_count;
    read_options read;
    char columns[CLI_COLUMNS_MAX]; /* what read.columns points into */
    const char *map;               /* the option that gave it */
    const char *declared, *out, *device;
    const char *by;  /* a pack; NULL: ours */
    cli_pack pack;   /* for cli_pack_deinit */
    double capacity; /* 0: not given */
    cli_moments outages[CLI_TIMES_MAX];
    size_t outage_count;
    judge_device_policy device_policy;
    judge_reconnect_policy fleet_policy;
    bool power; /* the outages were power cuts */
    bool no_colour;
} cli_judge_options;

extern const cli_command cli_judge_command;

/* As cli_run_options_parse. Touches no disk. *o must not move afterwards. */
cli_exit cli_judge_options_parse(cli_judge_options *o, int argc, char *const *argv, cli_words *w,
                                 cli_trouble *t);
/* Reads the pack of --by, if one was given, and takes its thresholds. */
cli_exit cli_judge_options_pack(cli_judge_options *o, cli_trouble *t);

#endif
