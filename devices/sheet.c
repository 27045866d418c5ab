/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/sheet.h"

const char *dev_return_word(dev_return r) {
    static const char *const words[DEV_RETURNS] = {
#define RETURN_WORD(name, word) [DEV_RETURN_##name] = (word),
        DEV_RETURN_MAP(RETURN_WORD)
#undef RETURN_WORD
    };
    return words[r];
}
