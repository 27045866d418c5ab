/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart show MODEL`: all that there is to know of one model, for who teaches or writes
 * scenarios; its life as a graph with --graph. */
#include <string.h>
#include <unistd.h>

#include "devices/life.h"
#include "devices/model.h"
#include "lua/names.h"
#include "sim/cli/cli.h"
#include "sim/cli/terminal.h"
#include "sim/cli/wrap.h"

enum { INDENT = 21 };

typedef struct show_options {
    const char *model; /* NULL: none was said */
    bool graph;
} show_options;

static cli_exit take_model(void *into, const char *value, cli_trouble *t) {
    show_options *o = into;
    if (o->model != NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "%.80s is one word too many (blackstart show): show one model at a time",
                        value);
    o->model = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_graph(void *into, const char *value, cli_trouble *t) {
    (void)value;
    (void)t;
    ((show_options *)into)->graph = true;
    return CLI_EXIT_PASS;
}

static const cli_option options[] = {
    {"graph", NULL, "only its life, as a graph that Graphviz draws (dot -Tsvg)", take_graph, false},
};

const cli_command cli_show_command = {
    .name = "show",
    .title = "shows all there is to know of one model of devices",
    .usage = "MODEL [options]",
    .examples =
        "  blackstart show thermostat\n"
        "  blackstart show smart-plug --graph > life.dot\n",
    .about =
        "Shows what one model of devices does in the house, what it reports, what it can be told, "
        "what it keeps when its power goes, what it is when power returns, and how it lives with "
        "power and network: which event leads from which state to which.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .take_word = take_model,
};

/* ---- the data sheet ---- */

static void print_line(const char *head, const char *text) {
    printf("  %-*s", INDENT - 2, head);
    cli_wrap(text, INDENT, INDENT, cli_terminal_columns(STDOUT_FILENO), stdout);
}

static void print_readings(const dev_sheet *sheet) {
    printf(
        "\nIts reports (SenML), with the object of the IPSO registry and Home Assistant's\n"
        "component\n");
    for (const dev_reading *r = sheet->readings; r->name != NULL; r++)
        printf("  %-17s %-6s %-6u %-14s %s\n", r->name, r->unit[0] == '\0' ? "-" : r->unit,
               (unsigned)r->ipso, r->component, r->what);
}

static void print_keeps(const dev_sheet *sheet) {
    printf("\nKept when its power goes (its identity and key are, in any device)\n");
    if (sheet->keeps == NULL) printf("  nothing\n");
    for (const dev_keep *k = sheet->keeps; k != NULL && k->what != NULL; k++)
        printf("  %-17s %s%s\n", dev_data_word(k->data), k->what,
               dev_data_is_erased(k->data) ? "; erased by a factory reset" : "");
}

/* How its local function is asked whether it works, where a household asks. */
static void print_deed(const dev_deed *deed) {
    char limit[32], line[160];
    if (deed == NULL) return;
    (void)snprintf(line, sizeof line, "%s: %s, within %s", deed->what, deed->expected,
                   sim_time_text(deed->deadline, limit, sizeof limit));
    print_line("asked by", line);
}

static void print_counters(const dev_model *m) {
    if (m->counters[0] == NULL) return;
    printf("\nCounted (metrics of a run)\n");
    for (size_t i = 0; i < DEV_COUNTERS_MAX && m->counters[i] != NULL; i++)
        printf("  %s\n", m->counters[i]);
}

/* ---- its life ---- */

/* A state that no event leads out of is none of this life. */
static void print_state(const dev_life *life, dev_state from) {
    bool begun = false;
    for (dev_event e = 0; e < DEV_EVENTS; e++) {
        const dev_rule *rule = &life->rules[from][e];
        if (!rule->handled) continue;
        if (!begun) printf("  %s\n", dev_state_word(from));
        begun = true;
        printf("    %-17s %s\n", dev_event_word(e),
               rule->next == from ? "." : dev_state_word(rule->next));
    }
}

static void print_life(const dev_life *life) {
    printf("\nIts life (\"%s\"): what happens, and the state that follows; . is the same\n",
           life->name);
    for (dev_state from = 0; from < DEV_STATES; from++) print_state(life, from);
}

/* The events that lead from one state to another, as one arrow. */
static void print_arrow(const dev_life *life, dev_state from, dev_state to) {
    const char *before = "";
    for (dev_event e = 0; e < DEV_EVENTS; e++) {
        const dev_rule *rule = &life->rules[from][e];
        if (!rule->handled || rule->next != to) continue;
        if (*before == '\0')
            printf("    \"%s\" -> \"%s\" [label=\"", dev_state_word(from), dev_state_word(to));
        printf("%s%s", before, dev_event_word(e));
        before = "\\n";
    }
    if (*before != '\0') printf("\"];\n");
}

static void print_graph(const dev_model *m) {
    printf("digraph \"%s\" {\n    rankdir=LR;\n    node [shape=box, style=rounded];\n", m->name);
    for (dev_state from = 0; from < DEV_STATES; from++)
        for (dev_state to = 0; to < DEV_STATES; to++) print_arrow(m->life, from, to);
    printf("}\n");
}

/* ---- the command ---- */

static void print_sheet(const dev_model *m) {
    const dev_sheet *sheet = m->sheet;
    char every[32];
    printf("%s: %s\n\n", m->name, m->title);
    print_line("class", m->device_class);
    print_line("energy", m->energy);
    print_line("in the house", sheet->local == NULL ? "only measures" : sheet->local);
    print_line("senses", sheet->senses == NULL ? "nothing of the world" : sheet->senses);
    print_line("can be told", sheet->takes == NULL ? "nothing" : sheet->takes);
    print_deed(sheet->deed);
    print_line("its flash", sheet->seals ? "sealed" : "readable for who opens it");
    print_line("randomness at boot", dev_randomness_word(sheet->randomness));
    print_line("when power returns", dev_return_word(sheet->returns));
    print_line("reports every", sim_time_text(m->report_every, every, sizeof every));
    print_line("firmware updates", m->updates ? "signed, by two slots" : "none, for life");
    print_readings(sheet);
    print_keeps(sheet);
    print_counters(m);
    print_life(m->life);
}

static cli_exit show(const show_options *o, cli_trouble *t) {
    const char *names[DEV_MODELS];
    for (size_t i = 0; i < DEV_MODELS; i++) names[i] = dev_models[i]->name;
    if (o->model == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no model (blackstart show): say one of blackstart list models");
    const dev_model *m = dev_model_named(o->model);
    if (m == NULL) {
        const char *near = script_names_near(o->model, names, DEV_MODELS);
        return cli_fail(t, CLI_EXIT_USAGE, "no model is called %.80s (blackstart show): %s%s%s",
                        o->model,
                        near == NULL ? "blackstart list models names them" : "did you mean ",
                        near == NULL ? "" : near, near == NULL ? "" : "?");
    }
    if (o->graph)
        print_graph(m);
    else
        print_sheet(m);
    return CLI_EXIT_PASS;
}

cli_exit cli_show(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    show_options o = {0};
    cli_words words = {0};
    cli_exit trouble = cli_options_parse(&cli_show_command, argc, argv, &o, &words, t);
    if (trouble == CLI_EXIT_PASS && words.help)
        cli_help_for(&cli_show_command);
    else if (trouble == CLI_EXIT_PASS)
        trouble = show(&o, t);
    cli_words_deinit(&words);
    return trouble;
}
