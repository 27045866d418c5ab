/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/terminal.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_MIN = 40, COLUMNS_MAX = 140, COLUMNS_UNKNOWN = 80 };

static bool given(const char *value) {
    return value != NULL && *value != '\0';
}

/* "de_DE.UTF-8", "C.utf8", "en_GB.UTF-8@euro". No setlocale: that would change how numbers are read
 * and written. */
static bool says_utf8(const char *locale) {
    const char *charset = strchr(locale, '.');
    return charset != NULL &&
           (strncasecmp(charset, ".utf-8", 6) == 0 || strncasecmp(charset, ".utf8", 5) == 0);
}

static bool locale_is_utf8(cli_environment *environment) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE",
                                        "LANG"}; /* POSIX: the first that is set and not empty */
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = environment(names[i]);
        if (given(value)) return says_utf8(value);
    }
    return false;
}

uint32_t cli_terminal_columns(int descriptor) {
    struct winsize size = {0};
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return COLUMNS_UNKNOWN;
    if (size.ws_col < COLUMNS_MIN) return COLUMNS_MIN;
    return size.ws_col > COLUMNS_MAX ? COLUMNS_MAX : size.ws_col;
}

cli_terminal cli_terminal_look(int descriptor, bool no_colour, cli_environment *environment) {
    const char *kind = environment("TERM");
    bool dumb = !given(kind) || strcmp(kind, "dumb") == 0;
    cli_terminal t = {0};
    t.interactive = isatty(descriptor) == 1 && !dumb;
    t.colour = t.interactive && !no_colour && !given(environment("NO_COLOR"));
    t.marks = locale_is_utf8(environment);
    t.columns = cli_terminal_columns(descriptor);
    return t;
}
