/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart credentials`: the identities and keys that are derived from a seed, as --psk-file
 * reads them; `serve` knows them without being told. With --out all papers of a fleet. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lua/script.h"
#include "sim/cli/cli.h"
#include "sim/cli/credentials_export.h"
#include "sim/cli/run_options.h"
#include "sim/cli/scenarios.h"
#include "sim/core/heap.h"
#include "sim/core/units.h"
#include "sim/fleet/credentials.h"
#include "sim/fleet/spec.h"

typedef struct credentials_options {
    uint64_t seed, first, count; /* count: 0: not given */
    const char *scenario, *out, *host;
    cli_sets sets;
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

static cli_exit take_out(void *into, const char *value, cli_trouble *t) {
    if (*value == '\0')
        return cli_fail(t, CLI_EXIT_USAGE, "no folder (--out): give the name of a new one");
    ((credentials_options *)into)->out = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_host(void *into, const char *value, cli_trouble *t) {
    size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
    if (n == 0 || n >= NET_CERTIFICATE_NAME_MAX || value[n] != '\0')
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no name of a host: %.80s (--host): give 1 to %d letters, digits, . and -",
                        value, NET_CERTIFICATE_NAME_MAX - 1);
    ((credentials_options *)into)->host = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_set(void *into, const char *value, cli_trouble *t) {
    return cli_sets_take(&((credentials_options *)into)->sets, value, t);
}

static cli_exit take_word(void *into, const char *value, cli_trouble *t) {
    credentials_options *o = into;
    if (o->scenario != NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "a second scenario: %.80s (blackstart credentials): give one", value);
    o->scenario = value;
    return CLI_EXIT_PASS;
}

static const cli_option options[] = {
    {"seed", "N", "of the keys, as serve --seed has it; default 1", take_seed, false},
    {"count", "N", "how many, 1 to 4000000; default 10", take_count, false},
    {"first", "N",
     "the number of the first, from 0: fleets that begin at different numbers do not meet; "
     "default 0",
     take_first, false},
    {"out", "DIR",
     "writes a folder instead: authority, certificates and keys of all devices and of a broker, "
     "pre-shared keys, Mosquitto's passwords and access list",
     take_out, false},
    {"host", "NAME", "with --out: whom the broker's certificate names; default localhost",
     take_host, false},
    {"set", "NAME=VALUE", "with SCENARIO: sets a parameter, as for run; once for each", take_set,
     true},
};

const cli_command cli_credentials_command = {
    .name = "credentials",
    .title = "writes identities and keys for devices, as serve knows them",
    .usage = "[SCENARIO.lua] [options]",
    .examples =
        "  blackstart credentials --count 1000 > devices.psk\n"
        "  blackstart run scenarios/steady.lua --target coaps://127.0.0.1 --psk-file "
        "devices.psk\n"
        "  blackstart credentials --first 2000 --count 100 > second-fleet.psk\n"
        "  blackstart credentials scenarios/5.9-3/power-restore-street.lua --out papers\n",
    .about =
        "Writes a line identity,KEY for each device, derived from the seed: those that a "
        "virtual fleet has, and that blackstart serve knows without --psk or --psk-file. They "
        "are for tests: whoever knows the seed has the keys. With SCENARIO it is for as many "
        "devices as that has.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .take_word = take_word,
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

/* How many devices the scenario of that file makes. */
static cli_exit count_in(credentials_options *o, const char *path, cli_trouble *t) {
    char why[CLI_LINE_MAX];
    fleet_spec *spec;
    script *s = script_load(path, o->sets.items, o->sets.count, o->seed, false, why, sizeof why);
    if (s == NULL) return cli_fail(t, CLI_EXIT_USAGE, "%s", why);
    cli_exit end = CLI_EXIT_PASS;
    if (script_setup(s, &spec) != 0)
        end = cli_fail(t, CLI_EXIT_USAGE, "%s", script_why(s));
    else if (fleet_spec_wrong(spec, false, why, sizeof why) != NULL)
        end = cli_fail(t, CLI_EXIT_USAGE, "%s", why);
    else
        o->count = fleet_spec_devices(spec);
    script_free(s);
    return end;
}

static cli_exit count_devices(credentials_options *o, cli_trouble *t) {
    char *path = NULL;
    if (o->count != 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "the scenario says how many (--count): leave out one of the two");
    cli_exit end = cli_scenarios_meant(o->scenario, &path, t);
    if (end == CLI_EXIT_PASS) end = count_in(o, path, t);
    sim_free(path);
    return end;
}

static cli_exit write_out(credentials_options *o, cli_trouble *t) {
    cli_exit trouble = o->scenario != NULL ? count_devices(o, t) : CLI_EXIT_PASS;
    if (trouble != CLI_EXIT_PASS) return trouble;
    if (o->count == 0) o->count = 10;
    if (o->out == NULL) return print_all(o, t);
    if (o->first + o->count > FLEET_DEVICES_MAX)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "the last device's number is above %d (--first): begin sooner, or write "
                        "fewer",
                        FLEET_DEVICES_MAX - 1);
    const cli_export order = {.folder = o->out,
                              .host = o->host,
                              .seed = o->seed,
                              .first = (uint32_t)o->first,
                              .count = (uint32_t)o->count};
    return cli_credentials_export(&order, t);
}

cli_exit cli_credentials(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    credentials_options o = {.seed = 1, .host = "localhost"};
    cli_words words = {0};
    cli_exit trouble = cli_options_parse(&cli_credentials_command, argc, argv, &o, &words, t);
    if (trouble == CLI_EXIT_PASS && words.help)
        cli_help_for(&cli_credentials_command);
    else if (trouble == CLI_EXIT_PASS)
        trouble = write_out(&o, t);
    cli_words_deinit(&words);
    cli_sets_deinit(&o.sets);
    return trouble;
}
