/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command lines of `run` and `serve`: what is taken, what is refused and with which words. */
#include <string.h>

#include "sim/cli/run_options.h"
#include "sim/cli/serve_options.h"
#include "sim/cli/text.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

enum { WORDS = 16 };

typedef struct line {
    char *argv[WORDS];
} line;

static int words_of(const line *l) {
    int n = 0;
    while (n < WORDS && l->argv[n] != NULL) n++;
    return n;
}

static const struct {
    line words;
    const char *trouble; /* a part of the line; NULL: none */
} run_rows[] = {
    {{{"run", "x.lua"}}, NULL},
    {{{"run", "--seed", "5", "x.lua", "--quiet", "--no-color", "--repeatable"}}, NULL},
    {{{"run", "--seed=9223372036854775807", "x.lua"}}, NULL},
    {{{"run", "x.lua", "--seed", "1k"}}, NULL},
    {{{"run", "x.lua", "--set", "a=1", "--set=b==", "--set", "c="}}, NULL},
    {{{"run", "--", "--x.lua"}}, NULL},
    {{{"run", "x.lua", "--target", "coaps://h", "--psk", "a:00"}}, NULL},
    {{{"run", "x.lua", "--target", "wss://h", "--ca", "ca.pem", "--username", "u"}}, NULL},
    {{{"run", "x.lua", "--target", "mqttx://h", "--username", "u"}}, "begins with none of coap://"},
    {{{"run", "x.lua", "--target", "ws://h", "--ca", "ca.pem"}}, "--ca without TLS"},
    {{{"run", "x.lua", "--target", "coaps://h", "--username", "u", "--psk", "a:00"}},
     "--username without a broker"},
    {{{"run"}}, "no scenario given (blackstart run)"},
    {{{"run", ""}}, "the scenario's name is empty"},
    {{{"run", "x.lua", "y.lua"}}, "y.lua is one word too many"},
    {{{"run", "x.lua", "--sead", "1"}},
     "unknown option --sead (blackstart run): did you mean --seed?"},
    {{{"run", "x.lua", "--seeed=1"}}, "did you mean --seed?"},
    {{{"run", "x.lua", "--frobnicate"}},
     "unknown option --frobnicate (blackstart run): a parameter of the scenario goes with --set "
     "frobnicate=VALUE"},
    {{{"run", "x.lua", "-n", "5"}}, "unknown option -n"},
    {{{"run", "x.lua", "--seed"}}, "option --seed has no value"},
    {{{"run", "x.lua", "--quiet=yes"}}, "option --quiet takes no value"},
    {{{"run", "x.lua", "--seed", "1", "--seed", "2"}}, "--seed stands twice"},
    {{{"run", "x.lua", "--seed", "-1"}},
     "no seed: -1 (--seed): give a whole number from 0 to 9223372036854775807"},
    {{{"run", "x.lua", "--seed", "9223372036854775808"}}, "no seed"},
    {{{"run", "x.lua", "--seed", "1.5"}}, "no seed"},
    {{{"run", "x.lua", "--seed", ""}}, "no seed"},
    {{{"run", "x.lua", "--seed", "0x10"}}, "no seed"},
    {{{"run", "x.lua", "--seed", "nan"}}, "no seed"},
    {{{"run", "x.lua", "--threads", "0"}}, "no number of threads: 0 (--threads)"},
    {{{"run", "x.lua", "--threads", "257"}}, "no number of threads"},
    {{{"run", "x.lua", "--set", "homes"}}, "no value for the parameter homes (--set)"},
    {{{"run", "x.lua", "--set", "=5"}}, "no parameter's name: =5"},
    {{{"run", "x.lua", "--set", "9a=5"}}, "no parameter's name"},
    {{{"run", "x.lua", "--set", "a b=5"}}, "no parameter's name"},
    {{{"run", "x.lua", "--set", ""}}, "no value for the parameter"},
    {{{"run", "x.lua", "--set", "a=1", "--set", "a=2"}}, "the parameter a is set twice"},
    {{{"run", "x.lua", "--psk", "a:00"}}, "keys without a secure target"},
    {{{"run", "x.lua", "--psk-file", "f", "--target", "coap://h"}}, "keys without a secure target"},
    {{{"run", "x.lua", "--strict"}}, NULL},
    {{{"run", "x.lua", "--dialect", "plain"}}, NULL}, /* the built-in cloud takes its place */
    {{{"run", "x.lua", "--dialect", "plain", "--data", "d.csv"}}, "--data without a target"},
    {{{"run", "x.lua", "--dialect", "plain", "--username", "u"}}, "--username without a broker"},
    {{{"run", "x.lua", "--dialect", "d.json", "--target", "coap://h", "--username", "u", "--data",
       "d.csv", "--data-per", "request", "--abort-on-fail", "30s", "--metrics", "9464"}},
     NULL},
    {{{"run", "x.lua", "--target", "mqtt://h", "--data", "d.csv"}}, "--data without a dialect"},
    {{{"run", "x.lua", "--target", "mqtt://h", "--dialect", "d", "--data-per", "device"}},
     "--data-per without data"},
    {{{"run", "x.lua", "--data-per", "home"}}, "nobody's rows: home"},
    {{{"run", "x.lua", "--abort-on-fail", "30"}}, "no time to warm up: 30"},
    {{{"run", "x.lua", "--metrics", "0"}}, "no address to serve on: 0 (--metrics)"},
    {{{"run", "x.lua", "--username", "u", "--target", "coap://h"}}, "--username without a broker"},
    {{{"run", "x.lua", "--password", "p", "--target", "mqtt://h"}}, "a password of nobody"},
    {{{"run", "x.lua", "--psk", "a:00", "--target", "mqtt://h"}}, "keys without a secure target"},
    {{{"run", "x.lua", "--target", "coaps://h"}}, "coaps without a key (--target)"},
    {{{"run", "x.lua", "--target", "coaps://h", "--psk", "a:0", "--psk-file", "f"}},
     "both --psk and --psk-file"},
    {{{"run", "x.lua", "--source", "127.0.0.0/8"}}, "--source without a target"},
};

static void test_run(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof run_rows / sizeof run_rows[0]; i++) {
        cli_run_options o;
        cli_words w = {0};
        cli_trouble t = {0};
        cli_exit code =
            cli_run_options_parse(&o, words_of(&run_rows[i].words), run_rows[i].words.argv, &w, &t);
        if (run_rows[i].trouble == NULL) {
            assert_string_equal(t.line, "");
            assert_int_equal(code, CLI_EXIT_PASS);
        } else {
            if (strstr(t.line, run_rows[i].trouble) == NULL)
                fail_msg("row %zu says: %s", i, t.line);
            assert_int_equal(code, CLI_EXIT_USAGE);
        }
        cli_run_options_deinit(&o);
        cli_words_deinit(&w);
    }
}

static void test_run_values(void **state) {
    (void)state;
    line l = {{"run", "--set", "homes=25k", "a/x.lua", "--seed", "1M", "--threads", "7", "--out",
               "o", "--set", "t=a=b"}};
    cli_run_options o;
    cli_words w = {0};
    cli_trouble t = {0};
    assert_int_equal(cli_run_options_parse(&o, words_of(&l), l.argv, &w, &t), CLI_EXIT_PASS);
    assert_string_equal(o.scenario, "a/x.lua");
    assert_int_equal(o.seed, 1000000);
    assert_int_equal(o.threads, 7);
    assert_string_equal(o.out, "o");
    assert_int_equal(o.sets.count, 2);
    assert_string_equal(o.sets.items[0].name, "homes");
    assert_string_equal(o.sets.items[0].value, "25k");
    assert_string_equal(o.sets.items[1].name, "t");
    assert_string_equal(o.sets.items[1].value, "a=b");
    cli_run_options_deinit(&o);
    cli_words_deinit(&w);
}

static void test_defaults(void **state) {
    (void)state;
    line l = {{"run", "x.lua"}};
    cli_run_options o;
    cli_words w = {0};
    cli_trouble t = {0};
    assert_int_equal(cli_run_options_parse(&o, 2, l.argv, &w, &t), CLI_EXIT_PASS);
    assert_int_equal(o.seed, 1);
    assert_in_range(o.threads, 1, 256);
    assert_false(o.quiet || o.repeatable || o.no_colour);
    cli_run_options_deinit(&o);
    cli_words_deinit(&w);
}

static void test_help_goes_before_complaints_about_what_is_missing(void **state) {
    (void)state;
    line l = {{"run", "--help"}};
    cli_run_options o;
    cli_words w = {0};
    cli_trouble t = {0};
    assert_int_equal(cli_run_options_parse(&o, 2, l.argv, &w, &t), CLI_EXIT_PASS);
    assert_true(w.help);
    cli_run_options_deinit(&o);
    cli_words_deinit(&w);
}

static void test_too_many_sets(void **state) {
    (void)state;
    char texts[CLI_SETS_MAX + 1][24], *argv[CLI_SETS_MAX + 3] = {"run", "x.lua"};
    cli_run_options o;
    cli_words w = {0};
    cli_trouble t = {0};
    for (int i = 0; i <= CLI_SETS_MAX; i++) {
        snprintf(texts[i], sizeof texts[i], "--set=p%d=1", i);
        argv[i + 2] = texts[i];
    }
    assert_int_equal(cli_run_options_parse(&o, CLI_SETS_MAX + 3, argv, &w, &t), CLI_EXIT_USAGE);
    assert_non_null(strstr(t.line, "too many parameters (--set): give at most 64"));
    cli_run_options_deinit(&o);
    cli_words_deinit(&w);
}

static const struct {
    line words;
    const char *repeat;
} repeat_rows[] = {
    {{{"run", "x.lua"}}, "blackstart run x.lua --seed 1"},
    {{{"run", "a b.lua", "--set", "law=fixed", "--set", "title=it's", "--seed", "9"}},
     "blackstart run 'a b.lua' --set law=fixed --set 'title=it'\\''s' --seed 9"},
    {{{"run", "--", "-x.lua"}}, "blackstart run ./-x.lua --seed 1"},
    {{{"run", "x.lua", "--threads", "7", "--out", "o", "--repeatable", "--quiet", "--no-color"}},
     "blackstart run x.lua --seed 1"},
    {{{"run", "x.lua", "--target", "coaps://h:1", "--psk", "urn:dev:1:00ff"}},
     "blackstart run x.lua --seed 1 --target coaps://h:1 --psk urn:dev:1:KEY"},
    {{{"run", "x.lua", "--target", "mqtt://h", "--username", "u", "--password", "secret",
       "--dialect", "d.json"}},
     "blackstart run x.lua --seed 1 --target mqtt://h --username u --password PASSWORD --dialect "
     "d.json"},
    {{{"run", "x.lua", "--target", "coaps://h:1", "--psk", "me:text:se:cret"}},
     "blackstart run x.lua --seed 1 --target coaps://h:1 --psk me:text:KEY"},
    {{{"run", "x.lua", "--target", "coaps://h:1", "--psk", "secret-without-colon"}},
     "blackstart run x.lua --seed 1 --target coaps://h:1 --psk :KEY"},
    {{{"run", "x.lua", "--target", "coaps://h:1", "--psk-file", "k", "--source", "127.1.0.0/16"}},
     "blackstart run x.lua --seed 1 --target coaps://h:1 --psk-file k --source 127.1.0.0/16"},
};

static void test_repeat(void **state) {
    (void)state;
    static char text[CLI_REPEAT_MAX];
    for (size_t i = 0; i < sizeof repeat_rows / sizeof repeat_rows[0]; i++) {
        cli_run_options o;
        cli_words w = {0};
        cli_trouble t = {0};
        const line *l = &repeat_rows[i].words;
        assert_int_equal(cli_run_options_parse(&o, words_of(l), l->argv, &w, &t), CLI_EXIT_PASS);
        assert_string_equal(cli_run_repeat(&o, "blackstart", text), repeat_rows[i].repeat);
        cli_run_options_deinit(&o);
        cli_words_deinit(&w);
    }
}

static const struct {
    line words;
    const char *trouble;
} serve_rows[] = {
    {{{"serve"}}, NULL},
    {{{"serve", "--coap", "0.0.0.0:7000", "--coaps", "7001"}}, NULL},
    {{{"serve", "--coap", "[::1]:7000"}}, NULL},
    {{{"serve", "--psk", "a:00"}}, NULL},
    {{{"serve", "--connections", "0.5", "--requests", "20k", "--over", "busy", "--max-age", "1m"}},
     NULL},
    {{{"serve", "--coap", "0"}}, "no address to serve on: 0 (--coap)"},
    {{{"serve", "--coap", "65536"}}, "no address to serve on"},
    {{{"serve", "--coap", ""}}, "no address to serve on"},
    {{{"serve", "--coaps", "example.org:1"}}, "no address to serve on: example.org:1 (--coaps)"},
    {{{"serve", "--connections", "0"}}, "no rate: 0 (--connections)"},
    {{{"serve", "--connections", "-5"}}, "no rate: -5"},
    {{{"serve", "--requests", "1e300"}}, "no rate"},
    {{{"serve", "--over", "reject"}},
     "no way to be over capacity: reject (--over): say drop or busy"},
    {{{"serve", "--over", "refuse"}},
     "real sockets: refuse (--over): a program cannot send the ICMP error"},
    {{{"serve", "--over", "d"}}, "no way to be over capacity"},
    {{{"serve", "--max-age", "30"}}, "no Max-Age: 30 (--max-age): give whole seconds with a unit"},
    {{{"serve", "--max-age", "1500ms"}}, "no Max-Age"},
    {{{"serve", "--max-age", "2d"}}, "no Max-Age"},
    {{{"serve", "--max-age", "0"}}, "no Max-Age"},
    {{{"serve", "--psk", "a:00", "--psk-file", "f"}}, "both --psk and --psk-file"},
    {{{"serve", "--coap", "5683", "--psk", "a:00"}}, "keys, but nothing that needs them"},
    {{{"serve", "now"}}, "now is one word too many"},
};

static void test_serve(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof serve_rows / sizeof serve_rows[0]; i++) {
        cli_serve_options o;
        cli_words w = {0};
        cli_trouble t = {0};
        cli_exit code = cli_serve_options_parse(&o, words_of(&serve_rows[i].words),
                                                serve_rows[i].words.argv, &w, &t);
        const char *trouble = serve_rows[i].trouble;
        assert_int_equal(code, trouble == NULL ? CLI_EXIT_PASS : CLI_EXIT_USAGE);
        if (trouble != NULL && strstr(t.line, trouble) == NULL)
            fail_msg("row %zu says: %s", i, t.line);
        if (trouble == NULL) assert_true(o.coap.port != 0 || o.coaps.port != 0);
        cli_words_deinit(&w);
    }
}

static void test_serve_values(void **state) {
    (void)state;
    line l = {{"serve", "--coaps", "7001", "--connections", "100", "--over", "busy", "--max-age",
               "2m", "--seed", "4"}};
    cli_serve_options o;
    cli_words w = {0};
    cli_trouble t = {0};
    char text[64];
    assert_int_equal(cli_serve_options_parse(&o, words_of(&l), l.argv, &w, &t), CLI_EXIT_PASS);
    assert_int_equal(o.coap.port, 0);
    assert_string_equal(net_address_text(&o.coaps, text, sizeof text), "127.0.0.1:7001");
    assert_true(o.limits.connections_per_s >= 100 && o.limits.connections_per_s <= 100);
    assert_int_equal(o.limits.connection_queue, 100);
    assert_int_equal(o.limits.request_queue, cloud_limits_default.request_queue);
    assert_int_equal(o.limits.over, CLOUD_OVER_BUSY);
    assert_int_equal(o.limits.max_age_s, 120);
    assert_int_equal(o.seed, 4);
    cli_words_deinit(&w);
}

static void test_hostile_words(void **state) {
    (void)state;
    static char huge[CLI_TEXT_MAX + 2];
    char *many[CLI_ARGUMENTS_MAX + 1];
    cli_trouble t = {0};
    memset(huge, 'x', sizeof huge - 1);
    for (int i = 0; i <= CLI_ARGUMENTS_MAX; i++) many[i] = "x";
    assert_int_equal(cli_words_check(CLI_ARGUMENTS_MAX + 1, many, &t), CLI_EXIT_USAGE);
    assert_int_equal(cli_words_check(CLI_ARGUMENTS_MAX, many, &t), CLI_EXIT_PASS);
    static char *const bad[] = {huge, "a\nb", "\xff", "\x1b]0;x\a", "--set=a=!#:+"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *const argv[] = {"blackstart", bad[i]};
        assert_int_equal(cli_words_check(2, argv, &t), CLI_EXIT_USAGE);
        assert_non_null(strstr(t.line, "word 1 "));
    }
}

static void test_help_lists_every_option(void **state) {
    (void)state;
    char text[8192] = "", option[64];
    FILE *out = fmemopen(text, sizeof text, "w");
    cli_options_help(&cli_run_command, 60, out);
    fclose(out);
    for (size_t i = 0; i < cli_run_command.option_count; i++) {
        snprintf(option, sizeof option, "  --%s", cli_run_command.options[i].name);
        assert_non_null(strstr(text, option));
    }
    assert_non_null(strstr(text, "  --help"));
    for (char *start = strstr(text, "\nOptions"); start != NULL;) { /* the lines that are wrapped */
        char *end = strchr(start + 1, '\n');
        if (end != NULL) assert_true(end - start - 1 <= 60);
        start = end;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run),
        cmocka_unit_test(test_run_values),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_help_goes_before_complaints_about_what_is_missing),
        cmocka_unit_test(test_too_many_sets),
        cmocka_unit_test(test_repeat),
        cmocka_unit_test(test_serve),
        cmocka_unit_test(test_serve_values),
        cmocka_unit_test(test_hostile_words),
        cmocka_unit_test(test_help_lists_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
