/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_script.c - a scenario is somebody else's text: whatever it says, it ends soon, within its
 * memory, with one line that says why, and leaves nothing behind. */
#include <stdbool.h>

#include "lua/state.h"
#include "sim/core/heap.h"
#include "tests/unit/fake_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BUDGET = 200000, WAITS = 50 };

static void check_line(const char *why) {
    SIM_PROMISE(why[0] != '\0' && strlen(why) < SCRIPT_WHY);
    for (; *why != '\0'; why++) SIM_PROMISE((unsigned char)*why >= ' ');
}

static void play(const uint8_t *data, size_t size) {
    static run r;
    fleet_spec *spec;
    char why[SCRIPT_WHY];
    const judge_finding *findings;
    size_t count;
    r = (run){.stop_after = WAITS};
    script *s = script_load_text("fuzz.lua", (const char *)data, size, NULL, 0, 1, false, BUDGET,
                                 why, sizeof why);
    if (s == NULL) {
        check_line(why);
        return;
    }
    int error = script_setup(s, &spec);
    r.spec = spec;
    if (error == 0) error = fake_drive(&r, script_drill(s));
    if (error == 0) error = script_verdict(s, &r, &findings, &count);
    if (error != 0) check_line(script_why(s));
    script_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const sim_heap_use before = sim_heap_in_use();
    play(data, size);
    const sim_heap_use after = sim_heap_in_use();
    SIM_PROMISE(before.blocks == after.blocks && before.bytes == after.bytes);
    return 0;
}
