/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart list`: what there is to run, and to run it with. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/law.h"
#include "devices/model.h"
#include "devices/presets.h"
#include "lua/names.h"
#include "lua/script.h"
#include "net/hop_kind.h"
#include "sim/cli/cli.h"
#include "sim/cli/law_json.h"
#include "sim/cli/pack_json.h"
#include "sim/cli/scenarios.h"
#include "sim/cli/terminal.h"
#include "sim/cli/wrap.h"
#include "sim/core/heap.h"
#include "sim/fleet/fault.h"
#include "sim/judge/check.h"
#include "sim/record/text.h"
#include "sim/report/record.h"

typedef struct list_options {
    const char *what; /* NULL: scenarios */
} list_options;

static cli_exit list_scenarios(cli_trouble *t) {
    cli_scenarios found = {0};
    cli_exit trouble = cli_scenarios_find(&found, t);
    uint32_t columns = cli_terminal_columns(STDOUT_FILENO);
    if (trouble == CLI_EXIT_PASS)
        printf("Scenarios in %s (blackstart run NAME, from any folder)\n", found.folder);
    for (size_t i = 0; i < found.count && trouble == CLI_EXIT_PASS; i++) {
        script_about about;
        char why[SCRIPT_WHY], about_line[SCRIPT_WHY + 64], line[SCRIPT_WHY + 64];
        if (script_describe(found.paths[i], &about, why, sizeof why) != 0)
            snprintf(about_line, sizeof about_line, "cannot be read: %s", why);
        else
            snprintf(about_line, sizeof about_line, "%s%s%s", about.provision,
                     about.provision[0] == '\0' ? "" : "  ", about.title);
        record_text_line(about_line, line, sizeof line);
        printf("\n  %s\n      ", found.paths[i]);
        cli_wrap(line, 6, 6, columns, stdout);
    }
    if (found.more) printf("\nand more: only the first %d are listed\n", CLI_SCENARIOS_MAX);
    cli_scenarios_deinit(&found);
    return trouble;
}

static cli_exit list_models(cli_trouble *t) {
    (void)t;
    printf("Models of devices (classes and energy by RFC 7228)\n\n");
    for (const dev_model *const *m = dev_models; *m != NULL; m++)
        printf("  %-22s %-3s %-3s %s\n", (*m)->name, (*m)->device_class, (*m)->energy, (*m)->title);
    return CLI_EXIT_PASS;
}

static cli_exit list_laws(cli_trouble *t) {
    (void)t;
    printf("Back-off laws: when a device that lost its service tries again (--set law=NAME)\n\n");
    printf("  %-22s %s\n", "orderly",
           "full jitter from 1s to 1m, its first attempt within a window that is sized to devices "
           "and capacity (law.orderly)");
    for (int i = 0; i < DEV_LAWS; i++)
        printf("  %-22s %s\n", dev_law_word((dev_law_kind)i), dev_law_help((dev_law_kind)i));
    printf(
        "\nPresets: the laws of clients and of mistakes, as they are declared (law.preset \"NAME\" "
        "in "
        "scenarios)\n");
    for (size_t i = 0; i < dev_preset_count; i++) {
        const dev_preset *p = &dev_presets[i];
        char text[DEV_LAW_TEXT_MAX];
        printf("\n  %-22s %s\n  %22s %s\n  %22s source: %s\n", p->name, p->title, "",
               dev_law_text(&p->law, text, sizeof text), "", p->source);
    }
    return CLI_EXIT_PASS;
}

/* "down = a duration from 0s to 366d": a line for each field. */
static void list_fields(const sim_field *fields) {
    for (const sim_field *field = fields; field != NULL && field->name != NULL; field++) {
        char wanted[CLI_LINE_MAX];
        if (field->kind == SIM_FIELD_LATER) continue;
        printf("      %-16s %s%s%s%s\n", field->name,
               sim_field_wanted(field, false, wanted, sizeof wanted),
               field->help == NULL ? "" : "; ", field->help == NULL ? "" : field->help,
               field->required ? " (needed)" : "");
    }
}

static cli_exit list_hops(cli_trouble *t) {
    (void)t;
    printf("Kinds of link: uplink = { kind = \"NAME\", ... } (docs/scenarios.md)\n");
    for (const net_hop_kind *const *k = net_hop_kinds; *k != NULL; k++) {
        printf("\n  %s\n      %s\n", (*k)->word, (*k)->help);
        list_fields((*k)->fields);
    }
    return CLI_EXIT_PASS;
}

static cli_exit list_faults(cli_trouble *t) {
    static const char *const reaches[] = {"devices:", "homes:", ""};
    (void)t;
    printf("Faults: what a drill can do (docs/scenarios.md)\n");
    for (const fleet_fault *const *f = fleet_faults; *f != NULL; f++) {
        const fleet_fault *row = *f;
        const char *braces = row->fields == NULL ? "()" : row->bare != NULL ? "(...)" : " { ... }";
        printf("\n  %s%s%s\n      %s%s\n", reaches[row->reach], row->verb, braces, row->help,
               row->built_in_only ? "; built-in cloud only" : "");
        if (row->trigger != NULL) printf("      trigger \"%s\"\n", row->trigger);
        list_fields(row->fields);
    }
    return CLI_EXIT_PASS;
}

/* What a field is unless somebody says it; kinds whose default is told in the help have none. */
static void print_default(const judge_check *check, const sim_field *f) {
    const char *at = (const char *)check->defaults + f->offset;
    char text[24];
    if (f->kind == SIM_FIELD_NUMBER || f->kind == SIM_FIELD_FRACTION) {
        double value = *(const double *)(const void *)at;
        if (value != 0) printf(" (%g)", value);
    } else if (f->kind == SIM_FIELD_COUNT) {
        uint64_t value = *(const uint64_t *)(const void *)at;
        if (value != 0) printf(" (%" PRIu64 ")", value);
    } else if (f->kind == SIM_FIELD_DURATION) {
        printf(" (%s)", sim_time_text(*(const sim_time *)(const void *)at, text, sizeof text));
    }
}

static void print_needs(const judge_check *check) {
    const char *before = "";
    printf("      needs       ");
    for (judge_need_bit n = 0; n < JUDGE_NEED_BITS; n++) {
        if ((check->needs >> n & 1) == 0) continue;
        printf("%s%s", before, judge_need_word(n));
        before = ", ";
    }
    printf("%s\n", before[0] == '\0' ? "nothing" : "");
}

static void print_check(const judge_check *check) {
    char wanted[320];
    printf("\n  judge.%-20s %-22s  %s\n", check->word, check->unit, check->title);
    for (const sim_field *f = check->fields; f->name != NULL; f++) {
        printf("      %s: %s", f->name, sim_field_wanted(f, false, wanted, sizeof wanted));
        printf("; %s", f->help);
        print_default(check, f);
        printf("\n");
    }
    print_needs(check);
    printf("      must fail   blackstart run %s", check->bad_twin.scenario);
    for (const char *at = check->bad_twin.settings; *at != '\0'; at += strspn(at, " ")) {
        int n = (int)strcspn(at, " ");
        printf(" --set %.*s", n, at);
        at += n;
    }
    printf("\n");
}

static cli_exit list_checks(cli_trouble *t) {
    (void)t;
    printf(
        "Checks: what verdict(p) of a scenario can ask; without what a check needs it is "
        "INCONCLUSIVE\n");
    for (const judge_check *const *c = judge_checks; *c != NULL; c++) print_check(*c);
    return CLI_EXIT_PASS;
}

/* What a scenario can be told with --set. Its defaults may follow from each other, so it is loaded
 * as for a run. */
static cli_exit list_parameters(const char *word, cli_trouble *t) {
    char why[SCRIPT_WHY], line[CLI_LINE_MAX], *path;
    size_t count;
    cli_exit trouble = cli_scenarios_meant(word, &path, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    script *s = script_load(path, NULL, 0, 1, false, why, sizeof why);
    sim_free(path);
    if (s == NULL) return cli_fail(t, CLI_EXIT_USAGE, "%s", why);
    const report_parameter *parameters = script_parameters(s, &count);
    const script_declared *declared = script_declarations(s);
    uint32_t columns = cli_terminal_columns(STDOUT_FILENO);
    printf("%s\n\nParameters (--set NAME=VALUE) and their defaults\n",
           record_text_line(script_title(s), line, sizeof line));
    for (size_t i = 0; i < count; i++) {
        char about[CLI_LINE_MAX];
        printf("  %-22s %s\n      ", parameters[i].name,
               record_text_line(parameters[i].value, line, sizeof line));
        snprintf(about, sizeof about, "%s%s%s", declared[i].wanted,
                 *declared[i].help == '\0' ? "" : "; ", declared[i].help);
        cli_wrap(record_text_line(about, line, sizeof line), 6, 6, columns, stdout);
    }
    script_free(s);
    return CLI_EXIT_PASS;
}

static const struct {
    const char *name;
    cli_exit (*list)(cli_trouble *t);
} lists[] = {{"scenarios", list_scenarios}, {"models", list_models}, {"laws", list_laws},
             {"checks", list_checks},       {"faults", list_faults}, {"hops", list_hops},
             {"packs", cli_pack_list}};
enum { LISTS = sizeof lists / sizeof lists[0] };

static cli_exit take_what(void *into, const char *value, cli_trouble *t) {
    list_options *o = into;
    if (o->what != NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "%.80s is one word too many (blackstart list): list one thing at a time",
                        value);
    o->what = value;
    return CLI_EXIT_PASS;
}

const cli_command cli_list_command = {
    .name = "list",
    .title =
        "lists scenarios, models of devices, back-off laws, checks, faults, kinds of link, packs "
        "of rules",
    .usage = "[scenarios|models|laws|checks|faults|hops|packs|SCENARIO|PRESET]",
    .examples =
        "  blackstart list\n"
        "  blackstart list models\n"
        "  blackstart list laws\n"
        "  blackstart list checks\n"
        "  blackstart list paho-c > law.json\n"
        "  blackstart list scenarios/5.9-3/power-restore-street.lua\n",
    .about =
        "Lists the scenarios that there are (looked for in ./scenarios, then beside the program), "
        "the models "
        "of "
        "devices, the back-off laws, the checks, the faults, the kinds of link (hops), the packs "
        "of rules, the parameters of one scenario, or "
        "one preset of "
        "a law as "
        "JSON, as "
        "blackstart judge --declared reads it.",
    .take_word = take_what,
};

static cli_exit list(const char *what, cli_trouble *t) {
    const char *names[LISTS];
    for (size_t i = 0; i < LISTS; i++) {
        names[i] = lists[i].name;
        if (strcmp(what, lists[i].name) == 0) return lists[i].list(t);
    }
    const dev_preset *preset = dev_preset_named(what);
    if (preset != NULL) return cli_law_json_write(&preset->law, stdout, t);
    if (strchr(what, '/') != NULL || strstr(what, ".lua") != NULL || cli_scenarios_know(what))
        return list_parameters(what, t);
    dev_law_kind kind;
    if (dev_law_kind_named(what, &kind) == 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "%.80s is a law (blackstart list): blackstart list laws tells of it", what);
    const char *near = script_names_near(what, names, LISTS);
    return cli_fail(t, CLI_EXIT_USAGE, "nothing to list: %.80s (blackstart list): %s%s%s", what,
                    near == NULL ? "say scenarios, models, laws, checks, faults, hops, packs or a "
                                   "scenario's name"
                                 : "did you mean ",
                    near == NULL ? "" : near, near == NULL ? "" : "?");
}

cli_exit cli_list(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    list_options o = {0};
    cli_words words = {0};
    cli_exit trouble = cli_options_parse(&cli_list_command, argc, argv, &o, &words, t);
    if (trouble == CLI_EXIT_PASS && words.help)
        cli_help_for(&cli_list_command);
    else if (trouble == CLI_EXIT_PASS)
        trouble = list(o.what == NULL ? "scenarios" : o.what, t);
    cli_words_deinit(&words);
    return trouble;
}
