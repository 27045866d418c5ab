/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/sheet.h"

const char *dev_randomness_word(dev_randomness r) {
    static const char *const words[DEV_RANDOMNESSES] = {
#define RANDOMNESS_WORD(name, said, word) [DEV_RANDOMNESS_##name] = (word),
        DEV_RANDOMNESS_MAP(RANDOMNESS_WORD)
#undef RANDOMNESS_WORD
    };
    return words[r];
}

const char *const dev_randomness_said[] = {
#define RANDOMNESS_SAID(name, said, word) [DEV_RANDOMNESS_##name] = (said),
    DEV_RANDOMNESS_MAP(RANDOMNESS_SAID)
#undef RANDOMNESS_SAID
        NULL};

const char *dev_return_word(dev_return r) {
    static const char *const words[DEV_RETURNS] = {
#define RETURN_WORD(name, word) [DEV_RETURN_##name] = (word),
        DEV_RETURN_MAP(RETURN_WORD)
#undef RETURN_WORD
    };
    return words[r];
}
