/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua/read.h - values that a scenario's author wrote, read into C: a table of fields says what
 * there is, what it must be and where it goes. Whatever does not fit is an error with the place,
 * the value, what is wanted, and - for a misspelt name - the names that exist. */
#ifndef SCRIPT_READ_H
#define SCRIPT_READ_H

#include "lua/state.h"

typedef struct script_field script_field;

/* Reads the value at `index` (not nil) into *out, or ends in script_refuse. */
typedef void script_reader(lua_State *L, int index, const script_field *f, const char *what,
                           void *out);

struct script_field {
    const char *name;
    script_reader *read;
    size_t offset;              /* of the C value in the struct that is filled */
    double minimum, maximum;    /* both 0: what the kind allows; durations in ns */
    const char *const *choices; /* NULL ends the list */
    bool required;
};

/* Kinds, with the C type that each fills. Durations take texts with units or duration values; other
 * numbers take numbers or texts ("100k", "25%"). */
script_reader script_read_count;    /* uint64_t; minimum and maximum default to 0 .. 2^53 */
script_reader script_read_count32;  /* uint32_t; needs a maximum */
script_reader script_read_number;   /* double, finite */
script_reader script_read_duration; /* sim_time */
script_reader script_read_span;     /* sim_time[2]: "30s", or {"60s", "90s"} from least to most */
script_reader script_read_fraction; /* double */
script_reader script_read_text;     /* const char *, kept for the life of the script */
script_reader script_read_boolean;  /* bool */
script_reader script_read_choice;   /* int: index in `choices` */
script_reader script_read_rate;     /* uint64_t bits per second: "20Mbit"; 0: no limit */
script_reader script_read_bytes;    /* uint32_t: "64k"; 0: no limit */
script_reader script_read_law;      /* dev_law */
script_reader script_read_hop;      /* net_hop_settings: changes what the table names */
script_reader script_read_kinds;    /* uint64_t: a list of kinds of anomaly, a bit for each */
script_reader script_read_later;    /* nothing: the caller reads it on its own */

/* One value, with `what` in front of its complaints. */
void script_read(lua_State *L, int index, const script_field *f, const char *what, void *out);
/* All fields of the table at `index` into the struct at `out`; those that are not there leave it
 * alone. `fields` ends with a NULL name. */
void script_read_fields(lua_State *L, int index, const char *what, const script_field *fields,
                        void *out);
/* Error: "what: VALUE is not WANTED". */
_Noreturn void script_refuse(lua_State *L, const char *what, int index, const char *wanted);

#endif
