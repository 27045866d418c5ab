/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lua/language.h"

#include <stdbool.h>
#include <string.h>

#include "lua/state.h"

const script_part script_parts[] = {
    {"scenario { ... }", "While the file is read: its title, and the provision that it is about."},
    {"params { ... }", "While the file is read: what --set can change. p below holds the values."},
    {"function setup(p)", "Once, before the run: what there is. It must be there."},
    {"function drill(p)",
     "During the run: waits and faults. Without it the run lasts for the parameter duration, or "
     "for scenario{ duration = ... }."},
    {"function verdict(p)", "Once, after the run: checks. Without it nothing is judged."},
    {.name = NULL},
};

const script_word script_words[] = {
    {"scenario", "fields: blackstart.scenario", NULL, "What it is about; while the file is read."},
    {"params", "list: blackstart.parameter[]", NULL,
     "What --set can change; while the file is read."},
    {"cloud", "fields: blackstart.cloud", NULL,
     "What the built-in cloud can take; said in the drill, from then on."},
    {"examiner", "fields?: blackstart.examiner", NULL,
     "In setup: the cloud examines telemetry for anomalies."},
    {"model", "fields: blackstart.model", NULL,
     "In setup: a model of its own, based on another, with usual values of a kind of device."},
    {"fleet.streets", "fields: blackstart.streets", "blackstart.selection",
     "In setup: homes behind routers, in streets."},
    {"home", "fields: blackstart.home", "blackstart.selection",
     "In setup: one home, laid out by hand: its devices may have names."},
    {"fleet.town", "fields: blackstart.town", "blackstart.selection",
     "In setup: homes of several kinds, as many of each as the seed draws."},
    {"fleet.devices", "fields: blackstart.line", "blackstart.selection",
     "In setup: devices without streets, each on a line of its own."},
    {"fleet.all", "", "blackstart.selection", "All devices of the fleet."},
    {"fleet.online", "", "integer", "How many devices are online."},
    {"fleet.version", "version: integer", "number", "The share of all devices that run it."},
    {"fleet.update_failures", "", "integer", "How many updates all devices have refused."},
    {"law.orderly",
     "fields: { devices: integer|string, capacity: number|string, base?: blackstart.span, cap?: "
     "blackstart.span, reset_after?: blackstart.span }",
     "blackstart.law",
     "The first attempt in a window that is sized to the cloud, then full jitter."},
    {"law.named", "name: string, given?: { devices: integer|string, capacity: number|string }",
     "blackstart.law", "What --set law=NAME means."},
    {"law.names", "", "string[]", "All that law.named knows, for the choices of a parameter."},
    {"law.kinds", "", "string[]", "The words of the laws."},
    {"law.preset", "name: string", "blackstart.law",
     "The law of a client, or of a mistake: blackstart list laws."},
    {"law.presets", "", "string[]", "The names of the presets."},
    {"power_zone", "fields: blackstart.power_zone", "blackstart.selection",
     "In setup: what feeds streets, or other power zones; all homes that hang on it."},
    {"declare.resilience", "fields: blackstart.resilience", NULL,
     "In setup: a resilience mechanism, as the IXIT of TS 103 701 has it."},
    {"declare.interface", "fields: blackstart.interface", NULL,
     "In setup: an interface, as the IXIT of TS 103 701 has it."},
    {"declare.telemetry", "fields: blackstart.telemetry", NULL,
     "In setup: telemetry data, as the IXIT of TS 103 701 has it."},
    {"wait", "span: blackstart.span", NULL, "In the drill: the world goes on for so long."},
    {"wait_until", "since_start: blackstart.span", NULL,
     "In the drill: until so long after the start."},
    {"wait_online", "share: number|string, limit: { within: blackstart.span }", "boolean",
     "In the drill: until so many devices are online; false when it took too long."},
    {"now", "", "blackstart.duration", "How long the run has lasted."},
    {"say", "...: any", NULL, "A line of the run's story."},
    {"seconds", "n: number", "blackstart.duration", "A duration from a number of seconds."},
    {"duration", "text: blackstart.span", "blackstart.duration", "A duration from a text: \"5m\"."},
    {"expect",
     "name: string, condition: boolean|{ value: number, at_most?: number, at_least?: number, "
     "unit?: string, samples?: integer }, sentence: string, otherwise?: string",
     "blackstart.finding", "In the verdict: a check of your own."},
    {"threshold",
     "what: string, limit: string, ending?: { abort?: boolean, after?: blackstart.span }",
     "blackstart.finding",
     "In the verdict: a metric, a share of two or a measure, held against \"p(95)<200ms\"; with "
     "abort it ends the run as soon as it is broken."},
    {.name = NULL},
};

const script_word script_methods[] = {
    {"Selection:homes", "", "blackstart.selection", "The homes of it."},
    {"Selection:devices", "", "blackstart.selection", "The devices of it, without their routers."},
    {"Selection:fraction", "share: number|string, more?: { draw: integer }", "blackstart.selection",
     "A share of the homes or devices; the same words pick the same ones."},
    {"Selection:street", "number: integer", "blackstart.selection", "One street; 1 is the first."},
    {"Selection:model", "name: string", "blackstart.selection", "The devices of one model."},
    {"Selection:powered_by", "source: \"mains\"|\"battery\"", "blackstart.selection",
     "The devices that are powered so."},
    {"Selection:named", "name: string", "blackstart.selection",
     "One device of a home that was laid out by hand."},
    {"Selection:region", "name: string", "blackstart.selection", "The homes of one region."},
    {"Selection:isp", "name: string", "blackstart.selection", "The homes with one ISP's lines."},
    {"Selection:count", "", "integer, integer", "How many homes, and how many devices."},
    {"Selection:version", "version: integer", "number", "The share of them that runs it."},
    {"Selection:update_failures", "", "integer", "How many updates they have refused."},
    {"Duration:seconds", "", "number", "Its seconds, as a number."},
    {.name = NULL},
};

/* In the order of a file that uses them. */
const script_table script_tables[] = {
    {"scenario", script_scenario_fields, NULL},
    {"parameter", script_parameter_fields, NULL},
    {"cloud", script_cloud_fields, NULL},
    {"stage", script_stage_fields, NULL},
    {"power_zone", script_feed_fields, NULL},
    {"usual", script_usual_fields, NULL},
    {"device", script_device_fields, "usual"},
    {"streets", script_streets_fields, NULL},
    {"home", script_home_fields, NULL},
    {"town", script_town_fields, NULL},
    {"town_kind", script_town_kind_fields, NULL},
    {"examiner", script_examiner_fields, NULL},
    {"resilience", script_resilience_fields, NULL},
    {"interface", script_interface_fields, NULL},
    {"telemetry", script_telemetry_fields, NULL},
    {"line", script_line_fields, "usual"},
    {"reading", script_reading_fields, NULL},
    {"model", script_model_fields, "usual"},
    {.name = NULL},
};

/* Commas in braces part nothing. */
void script_word_names(const script_word *w, FILE *out) {
    int depth = 0;
    bool name = true;
    for (const char *at = w->takes; *at != '\0'; at++) {
        depth += (*at == '{') - (*at == '}');
        if (*at == ':' || *at == '?') name = name && depth > 0;
        if (*at == ',' && depth == 0) name = true;
        if (name && depth == 0) fputc(*at, out);
    }
}
