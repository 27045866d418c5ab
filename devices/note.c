/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/note.h"

const char *dev_phase_word(dev_phase phase) {
    static const char *const words[DEV_PHASES] = {
#define PHASE_WORD(name, word) [DEV_PHASE_##name] = (word),
        DEV_PHASE_MAP(PHASE_WORD)
#undef PHASE_WORD
    };
    return words[phase];
}

uint64_t dev_note_asked(const uint64_t notes[DEV_NOTES]) {
    return notes[DEV_NOTE_RIGHT] + notes[DEV_NOTE_LATE] + notes[DEV_NOTE_WRONG];
}
