/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/dialects.h"

#include <string.h>

#include "net/protocol.h"
#include "sim/fleet/spec.h"

cli_exit cli_dialects_read(cli_dialects *all, const char *name, const char *where,
                           const net_dialect **out, cli_trouble *t) {
    for (size_t i = 0; i < all->count; i++) {
        *out = all->items[i].dialect;
        if (strcmp(all->items[i].name, name) == 0) return CLI_EXIT_PASS;
    }
    if (all->count == CLI_DIALECTS_MAX)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "too many dialects (%s): a fleet speaks %d at the most, leave %.80s out",
                        where, CLI_DIALECTS_MAX, name);
    cli_exit trouble = cli_dialect_find(name, where, out, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    all->items[all->count].name = name;
    all->items[all->count++].dialect = *out;
    /* the built-in cloud takes a broker's place */
    return cli_dialect_fits(*out, &net_protocol_mqtt, name, t);
}

static cli_exit meet_one(cli_dialects *all, fleet_group *group, const net_dialect *option,
                         cli_trouble *t) {
    if (option != NULL && group->profile.link.protocol->has_dialects)
        group->backend.dialect = option;
    else if (group->dialect != NULL)
        return cli_dialects_read(all, group->dialect, "dialect, of the scenario",
                                 &group->backend.dialect, t);
    return CLI_EXIT_PASS;
}

static bool takes_one(const fleet_group *group, const void *context) {
    (void)context;
    return group->profile.link.protocol->has_dialects;
}

cli_exit cli_dialects_meet(cli_dialects *all, fleet_spec *spec, const char *option,
                           cli_trouble *t) {
    const net_dialect *said = NULL;
    cli_exit trouble = CLI_EXIT_PASS;
    if (option != NULL) trouble = cli_dialects_read(all, option, "--dialect", &said, t);
    if (trouble == CLI_EXIT_PASS && said != NULL && fleet_spec_any(spec, takes_one, NULL) == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "a dialect for nobody (--dialect): no device of this scenario speaks MQTT; "
                        "add --set protocol=mqtt where it has that, or leave the dialect out");
    for (uint32_t z = 0; z < spec->zone_count; z++) {
        fleet_zone *zone = &spec->zones[z];
        for (uint32_t g = 0; g < zone->group_count && trouble == CLI_EXIT_PASS; g++)
            trouble = meet_one(all, &zone->groups[g], said, t);
    }
    return trouble;
}

void cli_dialects_deinit(cli_dialects *all) {
    while (all->count > 0) cli_dialect_free(all->items[--all->count].dialect);
}
