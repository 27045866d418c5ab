/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices/variant.h - devices that are not as their model is: each is the bad twin of one that is,
 * and does one thing wrong that EN 303 645, 5.9-1 and 5.9-2 ask for. */
#ifndef DEV_VARIANT_H
#define DEV_VARIANT_H

/* X(name, word, what it does). */
#define DEV_VARIANT_MAP(X)                                                                         \
    X(SOUND, "as-declared", "what its model declares")                                             \
    X(CLOUD_DEPENDENT, "cloud-dependent", "its local function goes by the cloud")                  \
    X(ASKS_LEAVE, "asks-leave", "its local mode asks the cloud for leave each time")               \
    X(FORGETS_USERS, "forgets-users", "codes are in RAM: gone with its power")                     \
    X(FORGETS_SETTINGS, "restores-default", "settings are as from the factory when power returns") \
    X(DROPS_SAMPLES, "drops-samples", "what it senses without a session is gone")                  \
    X(WANTS_PAIRING, "wants-pairing", "has to be paired again when power returns")                 \
    X(STALE_SESSION, "stale-session", "clings to a session that is gone, and stays away for days") \
    X(NO_JOURNAL, "no-journal", "its flash is written in place, without a journal")                \
    X(OTHER_DEPENDENT, "other-dependent",                                                          \
      "its local function goes by a service that is not its maker's")                              \
    X(DROPS_BOTH, "drops-both",                                                                    \
      "with its session at a service that is not its maker's it drops that with its cloud")

typedef enum dev_variant {
#define DEV_VARIANT_ENUM(name, word, what) DEV_VARIANT_##name,
    DEV_VARIANT_MAP(DEV_VARIANT_ENUM)
#undef DEV_VARIANT_ENUM
        DEV_VARIANTS
} dev_variant;
extern const char *const dev_variant_words[]; /* by number; NULL behind the last */

#endif
