/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/variant.h"

#include <stddef.h>

const char *const dev_variant_words[] = {
#define VARIANT_WORD(name, word, what) [DEV_VARIANT_##name] = (word),
    DEV_VARIANT_MAP(VARIANT_WORD)
#undef VARIANT_WORD
        NULL};
