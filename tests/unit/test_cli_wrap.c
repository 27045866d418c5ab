/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/wrap.h"
#include "tests/unit/with_cmocka.h"

static char *wrapped(const char *lines, uint32_t columns) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    cli_wrap_commands(lines, columns, out);
    fclose(out);
    return text;
}

static void expect(const char *lines, uint32_t columns, const char *what) {
    char *text = wrapped(lines, columns);
    assert_string_equal(text, what);
    free(text);
}

static void test_commands(void **state) {
    (void)state;
    expect("", 20, "");
    expect("  a b c\n", 20, "  a b c\n");
    expect("no end", 20, "no end\n");
    /* Exactly as wide as there is room: 20 columns, or 18 where a backslash follows. */
    expect("  aaaaaaaaa bbbbbbbb\n", 20, "  aaaaaaaaa bbbbbbbb\n");
    expect("  aaaaaaaaa bbbbbbbbb\n", 20, "  aaaaaaaaa \\\n      bbbbbbbbb\n");
    expect("  aaaaaaa bbbbbbbb ccccc d\n", 20, "  aaaaaaa bbbbbbbb \\\n      ccccc d\n");
    expect("  aaaaaaa bbbbbbbbb ccccc d\n", 20,
           "  aaaaaaa \\\n      bbbbbbbbb \\\n      ccccc d\n");
    /* An option keeps its value, but no other option; a quoted word keeps its blanks. */
    expect("  aaaaaaaaa --bb cccc\n", 20, "  aaaaaaaaa \\\n      --bb cccc\n");
    expect("  aaaaaaaaa --bb --cc\n", 20, "  aaaaaaaaa --bb \\\n      --cc\n");
    expect("  aaaaaaaaa 'b c d e'\n", 20, "  aaaaaaaaa \\\n      'b c d e'\n");
    expect("  aaaaaaaaa \"b ' d e\"\n", 20, "  aaaaaaaaa \\\n      \"b ' d e\"\n");
    /* What no line holds stays whole; each line begins anew. */
    expect("  aaaaaaaaaaaaaaaaaaaaaaaaa b\n", 20, "  aaaaaaaaaaaaaaaaaaaaaaaaa \\\n      b\n");
    expect("  a b\n  c\n", 20, "  a b\n  c\n");
}

/* Takes the backslashes away again, as a shell does. */
static void unwrap(char *text) {
    size_t to = 0;
    for (size_t from = 0; text[from] != '\0'; from++) {
        if (text[from] == '\\' && text[from + 1] == '\n')
            from += 1 + strspn(text + from + 2, " ");
        else
            text[to++] = text[from];
    }
    text[to] = '\0';
}

/* The examples of all commands, as the manual has them: no line over 72 columns, and with the
 * backslashes taken away each is again what its command says. */
static void test_examples(void **state) {
    (void)state;
    const cli_command *c;
    size_t seen = 0;
    for (size_t i = 0; (c = cli_command_at(i)) != NULL; i++, seen++) {
        char *text = wrapped(c->examples, 72);
        for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
            assert_in_range(strcspn(line, "\n"), 1, 72);
        unwrap(text);
        assert_string_equal(text, c->examples);
        free(text);
    }
    assert_in_range(seen, 10, 40);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
