/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/note.h - what is counted of a device at work in its house: how its local function
 * answered, what became of what it sensed, and how it came back from a loss of power. */
#ifndef DEV_NOTE_H
#define DEV_NOTE_H

#include <stdint.h>

/* Where in an outage, as the device has it: it had a session and has none, or its link is down;
 * and what is before the first of these, and between or after them: X(name, word). */
#define DEV_PHASE_MAP(X) \
    X(BEFORE, "before")  \
    X(DURING, "during")  \
    X(AFTER, "after")

typedef enum dev_phase {
#define DEV_PHASE_ENUM(name, word) DEV_PHASE_##name,
    DEV_PHASE_MAP(DEV_PHASE_ENUM)
#undef DEV_PHASE_ENUM
        DEV_PHASES
} dev_phase;
const char *dev_phase_word(dev_phase phase);

/* X(name, word, what): the word is that of metrics. */
#define DEV_NOTE_MAP(X)                                                                  \
    /* its local function, asked by a hand */                                            \
    X(RIGHT, "right", "as expected, in time")                                            \
    X(LATE, "late", "nothing had happened by the deadline")                              \
    X(WRONG, "wrong", "something else happened")                                         \
    X(UNABLE, "unable", "it had no power, or was booting")                               \
    /* what it sensed, of which it told the cloud then or later */                       \
    X(SENSED, "sensed", "samples taken")                                                 \
    X(DELIVERED, "delivered", "samples whose report was answered")                       \
    X(DROPPED_FULL, "dropped_full", "the oldest of a full queue")                        \
    X(DROPPED_POWER, "dropped_power", "in RAM when power went")                          \
    X(DROPPED_RESET, "dropped_reset", "by a factory reset")                              \
    /* the same, as the cloud has it */                                                  \
    X(ARRIVED, "arrived", "samples that the cloud had not had, in order")                \
    X(REPEATED, "repeated", "samples that it had, or that came out of order")            \
    /* coming back */                                                                    \
    X(LOST, "lost", "sessions that an outage ended")                                     \
    X(RETURNED, "returned", "came back from that by itself")                             \
    X(RELEASED, "released", "of those lost, given away by a reset before they returned") \
    X(RESTORED_SAME, "restored_same", "boots with all that it keeps as it was")          \
    X(RESTORED_WORSE, "restored_worse", "boots with something gone")                     \
    X(RESTORED_CORRUPT, "restored_corrupt", "boots with a value that was never there")   \
    X(HELP, "help", "boots after which somebody has to pair it again")                   \
    X(DIED, "died", "batteries that were empty: their devices are off for good")         \
    X(GASPED, "gasped", "last reports, sent while the power went")                       \
    X(RESET, "reset", "factory resets that were finished, what they erase being gone")   \
    X(PAIRED, "paired", "pairings that were finished")

typedef enum dev_note {
#define DEV_NOTE_ENUM(name, word, what) DEV_NOTE_##name,
    DEV_NOTE_MAP(DEV_NOTE_ENUM)
#undef DEV_NOTE_ENUM
        DEV_NOTES
} dev_note;

/* How many hands asked its local function and had something to see: right, late or wrong. */
uint64_t dev_note_asked(const uint64_t notes[DEV_NOTES]);

#endif
