/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/end.h"

const char *net_end_text(net_end end) {
    static const char *const texts[NET_ENDS] = {
#define END_TEXT(name, text) [NET_END_##name] = text,
        NET_END_MAP(END_TEXT)
#undef END_TEXT
    };
    return end >= 0 && end < NET_ENDS ? texts[end] : "unknown end";
}
