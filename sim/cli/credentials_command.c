/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart credentials`: the identities and keys that are derived from a seed, as --psk-file
 * reads them; `serve` knows them without being told. */
#include <inttypes.h>
#include <stdio.h>

#include "sim/cli/cli.h"
#include "sim/core/units.h"
#include "sim/fleet/credentials.h"
#include "sim/fleet/spec.h"

typedef struct credentials_options {
    uint64_t seed, first, count;
} credentials_options;

static cli_exit take_seed(void *into, const char *value, cli_trouble *t) {
    return cli_take_seed(value, &((credentials_options *)into)->seed, t);
}

static cli_exit take_count(void *into, const char *value, cli_trouble *t) {
    if (sim_units_count(value, 1, FLEET_DEVICES_MAX, &((credentials_options *)into)->count) == 0)
        return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE,
                    "no number of devices: %.80s (--count): give a whole number from 1 to %d",
                    value, FLEET_DEVICES_MAX);
}

static cli_exit take_first(void *into, const char *value, cli_trouble *t) {
    if (sim_units_count(value, 0, FLEET_DEVICES_MAX - 1, &((credentials_options *)into)->first) ==
        0)
        return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE,
                    "no number of a device: %.80s (--first): give a whole number from 0 to %d",
                    value, FLEET_DEVICES_MAX - 1);
}

static const cli_option options[] = {
    {"seed", "N", "of the keys, as serve --seed has it; default 1", take_seed, false},
    {"count", "N", "how many, 1 to 4000000; default 10", take_count, false},
    {"first", "N",
     "the number of the first, from 0: fleets that begin at different numbers do not meet; "
     "default 0",
     take_first, false},
};

const cli_command cli_credentials_command = {
    .name = "credentials",
    .title = "writes identities and keys for devices, as serve knows them",
    .usage = "[options]",
    .examples =
        "  blackstart credentials --count 1000 > devices.psk\n"
        "  blackstart run scenarios/steady.lua --target coaps://127.0.0.1 --psk-file "
        "devices.psk\n"
        "  blackstart credentials --first 2000 --count 100 > second-fleet.psk\n",
    .about =
        "Writes a line identity,KEY for each device, derived from the seed: those that a "
        "virtual fleet has, and that blackstart serve knows without --psk or --psk-file. They "
        "are for tests: whoever knows the seed has the keys.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
};

static cli_exit print_all(const credentials_options *o, cli_trouble *t) {
    fleet_credentials all;
    if (o->first + o->count > FLEET_DEVICES_MAX)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "the last device's number is above %d (--first): begin sooner, or write "
                        "fewer",
                        FLEET_DEVICES_MAX - 1);
    if (fleet_credentials_init(&all, o->seed, NULL, 0) != 0)
        return cli_fail(t, CLI_EXIT_INTERNAL,
                        "out of memory (blackstart credentials): free some and try again");
    for (uint64_t i = o->first; i < o->first + o->count; i++) {
        char identity[NET_SECURE_IDENTITY_MAX];
        uint8_t key[NET_SECURE_KEY_MAX];
        size_t size = fleet_credentials_of(&all, (uint32_t)i, identity, key);
        printf("%s,", identity);
        for (size_t k = 0; k < size; k++) printf("%02x", key[k]);
        putchar('\n');
    }
    fleet_credentials_deinit(&all);
    return CLI_EXIT_PASS;
}

cli_exit cli_credentials(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    credentials_options o = {.seed = 1, .count = 10};
    cli_words words = {0};
    cli_exit trouble = cli_options_parse(&cli_credentials_command, argc, argv, &o, &words, t);
    if (trouble == CLI_EXIT_PASS && words.help)
        cli_help_for(&cli_credentials_command);
    else if (trouble == CLI_EXIT_PASS)
        trouble = print_all(&o, t);
    cli_words_deinit(&words);
    return trouble;
}
