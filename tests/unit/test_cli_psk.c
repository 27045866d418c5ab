/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* fopencookie: a file without end */
#include <stdio.h>
#include <string.h>

#include "sim/cli/psk.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

#define HEX32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define LETTERS63 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234567890"

static const struct {
    const char *text, *identity, *key;
    size_t key_size;
    const char *trouble;
} shared_rows[] = {
    {"me:736563726574", "me", "secret", 6, NULL},
    {"me:text:secret", "me", "secret", 6, NULL},
    {"me:text:a:b", "me", "a:b", 3, NULL},
    {"me:text:text:x", "me", "text:x", 6, NULL},
    {"urn:dev:1:4A4b", "urn:dev:1", "JK", 2, NULL},
    {LETTERS63 ":00", LETTERS63, "\0", 1, NULL},
    {"me", NULL, NULL, 0,
     "there is no colon between identity and key (--psk): write identity:hexkey, or "
     "identity:text:secret"},
    {"", NULL, NULL, 0, "there is no colon"},
    {"me:secretKey", NULL, NULL, 0,
     "the key of me is not hexadecimal (--psk): write the key's bytes in hex, two digits each, or "
     "its "
     "letters after text:"},
    {"me:abc", NULL, NULL, 0,
     "the key of me has an odd number of hex digits (3) (--psk): write the key's bytes in hex"},
    {"me:", NULL, NULL, 0, "the key of me is empty"},
    {"me:text:", NULL, NULL, 0, "the key of me is empty"},
    {":00", NULL, NULL, 0, "the identity is empty"},
    {LETTERS63 "x:00", NULL, NULL, 0, "the identity is too long (64 bytes)"},
    {"me:" HEX32 "20", NULL, NULL, 0, "the key of me is too long (33 bytes)"},
    {"me:text:" LETTERS63, NULL, NULL, 0, "the key of me is too long (63 bytes)"},
};

static void test_shared(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof shared_rows / sizeof shared_rows[0]; i++) {
        cli_psk p = {0};
        cli_trouble t = {0};
        cli_exit code = cli_psk_shared(&p, shared_rows[i].text, &t);
        if (shared_rows[i].trouble != NULL) {
            assert_int_equal(code, CLI_EXIT_USAGE);
            if (strstr(t.line, shared_rows[i].trouble) == NULL)
                fail_msg("row %zu says: %s", i, t.line);
        } else {
            assert_int_equal(code, CLI_EXIT_PASS);
            assert_int_equal(p.count, 1);
            assert_string_equal(p.items[0].identity, shared_rows[i].identity);
            assert_int_equal(p.items[0].key_size, shared_rows[i].key_size);
            assert_memory_equal(p.items[0].key, shared_rows[i].key, shared_rows[i].key_size);
        }
        cli_psk_deinit(&p);
    }
}

static void test_no_key_in_a_message(void **state) {
    (void)state;
    static const char *const texts[] = {"me:topsecretkey", "topsecret",
                                        "me:text:topsecrettopsecrettopsecrettopsecret",
                                        ":topsecret"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        cli_psk p = {0};
        cli_trouble t = {0};
        assert_int_equal(cli_psk_shared(&p, texts[i], &t), CLI_EXIT_USAGE);
        assert_null(strstr(t.line, "topsecret"));
        cli_psk_deinit(&p);
    }
}

#define ROW(text) text, sizeof(text) - 1

static const struct {
    const char *text;
    size_t size;
    size_t count;
    const char *trouble;
} file_rows[] = {
    {ROW("a,00\nb,01\n"), 2, NULL},
    {ROW("a,00\nb,01"), 2, NULL},
    {ROW("\xef\xbb\xbf# keys\r\n\r\n a , 00 \r\n\tb,text:x y\r\n"), 2, NULL},
    {ROW("\xef\xbb\xbf"
         "a,00\n"),
     1, NULL},
    {ROW(""), 0, "there are no keys in the file (keys): write lines of identity,hexkey"},
    {ROW("# nothing\n\n"), 0, "there are no keys in the file"},
    {ROW("a,00\nb\n"), 0, "there is no comma in this line (keys:2): write identity,hexkey"},
    {ROW("a,00\n\nb,0\n"), 0, "the key of b has an odd number of hex digits (1) (keys:3)"},
    {ROW("a,zz\n"), 0, "the key of a is not hexadecimal (keys:1)"},
    {ROW("a,\n"), 0, "the key of a is empty (keys:1)"},
    {ROW(",00\n"), 0, "the identity is empty (keys:1)"},
    {ROW("a,00,11\n"), 0, "the key of a is not hexadecimal (keys:1)"},
    {ROW("b,00\na,00\nc,00\na,01\n"), 0,
     "identity a stands in line 2 already (keys:4): give each identity once"},
    {ROW("a,00\n\x7f"
         "ELF\x02\x01\n"),
     0, "this line is not text in UTF-8 (keys:2)"},
    {ROW("a,00\n\0\0\0\n"), 0, "this line holds a NUL byte: not a text file (keys:2)"},
    {ROW("\xff\xfe"
         "a\0,\0"),
     0, "this line holds a NUL byte"},
    {ROW("a\xff,00\n"), 0, "this line is not text in UTF-8 (keys:1)"},
};

static FILE *open_text(const char *text, size_t size) {
    return size == 0 ? fopen("/dev/null", "rb") : fmemopen((void *)(uintptr_t)text, size, "rb");
}

static void test_file(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof file_rows / sizeof file_rows[0]; i++) {
        cli_psk p = {0};
        cli_trouble t = {0};
        FILE *in = open_text(file_rows[i].text, file_rows[i].size);
        cli_exit code = cli_psk_read(&p, in, "keys", &t);
        fclose(in);
        if (file_rows[i].trouble == NULL) {
            assert_string_equal(t.line, "");
            assert_int_equal(code, CLI_EXIT_PASS);
            assert_int_equal(p.count, file_rows[i].count);
            assert_string_equal(p.items[0].identity, "a");
        } else {
            assert_int_equal(code, CLI_EXIT_USAGE);
            if (strstr(t.line, file_rows[i].trouble) == NULL)
                fail_msg("row %zu says: %s", i, t.line);
        }
        cli_psk_deinit(&p);
    }
}

/* A file without end, whose every piece is the same. */
typedef struct endless {
    const char *piece;
    size_t at;
} endless;

static ssize_t read_endless(void *cookie, char *out, size_t n) {
    endless *e = cookie;
    for (size_t i = 0; i < n; i++) {
        out[i] = e->piece[e->at++];
        if (e->piece[e->at] == '\0') e->at = 0;
    }
    return (ssize_t)n;
}

static void expect_endless(const char *piece, const char *trouble) {
    endless e = {.piece = piece};
    cli_psk p = {0};
    cli_trouble t = {0};
    FILE *in = fopencookie(&e, "rb", (cookie_io_functions_t){.read = read_endless});
    assert_int_equal(cli_psk_read(&p, in, "keys", &t), CLI_EXIT_USAGE);
    assert_string_equal(t.line, trouble);
    fclose(in);
    cli_psk_deinit(&p);
}

static void test_files_without_end(void **state) {
    (void)state;
    expect_endless("x", "this line is longer than 512 bytes (keys:1): write identity,hexkey");
    expect_endless("#\n", "more than 10000000 lines (keys:10000001): give one line per device");
}

static void test_unreadable_files(void **state) {
    (void)state;
    cli_psk p = {0};
    cli_trouble t = {0};
    assert_int_equal(cli_psk_file(&p, "/nowhere/keys", &t), CLI_EXIT_USAGE);
    assert_string_equal(t.line,
                        "cannot open the file of keys: No such file or directory (/nowhere/keys): "
                        "check --psk-file");
    assert_int_equal(cli_psk_file(&p, "/", &t), CLI_EXIT_USAGE);
    assert_string_equal(t.line, "cannot read the keys: Is a directory (/): give a text file");
    cli_psk_deinit(&p);
}

static void test_order_and_growth(void **state) {
    (void)state;
    enum { KEYS = 5000, LINE = 16 };
    char *text = test_malloc(KEYS * LINE + 1);
    size_t used = 0;
    for (int i = 0; i < KEYS; i++)
        used += (size_t)snprintf(text + used, LINE, "d%d,%04x\n", (i * 7919) % KEYS, i & 0xffff);
    cli_psk p = {0};
    cli_trouble t = {0};
    FILE *in = open_text(text, used);
    assert_int_equal(cli_psk_read(&p, in, "keys", &t), CLI_EXIT_PASS);
    fclose(in);
    assert_int_equal(p.count, KEYS);
    for (int i = 0; i < KEYS; i++) {
        char identity[16];
        snprintf(identity, sizeof identity, "d%d", (i * 7919) % KEYS);
        assert_string_equal(p.items[i].identity, identity);
        assert_int_equal(p.items[i].key[0] * 256 + p.items[i].key[1], i);
    }
    cli_psk_deinit(&p);
    test_free(text);
}

static void test_every_oom(void **state) {
    (void)state;
    static const char text[] = "a,00\nb,01\n";
    for (long n = 0;; n++) {
        cli_psk p = {0};
        cli_trouble t = {0};
        int64_t before = sim_heap_in_use().blocks;
        FILE *in = open_text(text, sizeof text - 1);
        sim_heap_fail(n, true);
        cli_exit code = cli_psk_read(&p, in, "keys", &t);
        bool failed = sim_heap_fail_never();
        fclose(in);
        cli_psk_deinit(&p);
        assert_int_equal(sim_heap_in_use().blocks, before);
        assert_int_equal(code, failed ? CLI_EXIT_INTERNAL : CLI_EXIT_PASS);
        if (!failed) break;
    }
}

static const struct {
    const char *text, *trouble; /* NULL: it is a table */
} tables[] = {
    {"identity,psk\nme,6162\n", NULL},
    {"# who\n\nprivate_key , certificate,password,username,psk,identity\n,,,,,me\n", NULL},
    {"identity,psk,more\nme,61,x\n", "no column is called more (t:1)"},
    {"identity,psk,\nme,61,\n", "no column is called  (t:1)"},
    {"psk\n61\n", "the first line names no column identity (t:1)"},
    {"identity,psk,psk\nme,61,61\n", "the column psk is there twice (t:1)"},
    {"identity,psk,username,password,certificate,private_key,\n", "there are too many columns"},
    {"identity,certificate\nme,a\n", "a certificate and its private_key go together"},
    {"identity,psk\nme\n", "this line has 1 fields, and there are 2 columns (t:2)"},
    {"identity,psk\nme,61,62\n", "this line has 3 fields, and there are 2 columns (t:2)"},
    {"identity,psk\n,61\n", "the identity is empty (t:2)"},
    {"identity,psk\nme,6\n", "the key of me has an odd number of hex digits (1) (t:2)"},
    {"identity,username,password\nme,,p\n", "me has a password of nobody (t:2)"},
    {"identity,psk\nme,61\nyou,62\nme,63\n", "identity me stands in line 2 already (t:4)"},
    {"identity,psk\n", "there is nobody in the file (t)"},
    {"", "there is nobody in the file (t)"},
};

static cli_exit read_table(cli_psk *p, const char *text, cli_trouble *t) {
    FILE *in = *text == '\0' ? fopen("/dev/null", "rb")
                             : fmemopen((void *)(uintptr_t)text, strlen(text), "rb");
    assert_non_null(in);
    cli_exit code = cli_psk_table(p, in, "t", t);
    fclose(in);
    return code;
}

static void test_tables(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        cli_psk p = {0};
        cli_trouble t = {0};
        cli_exit code = read_table(&p, tables[i].text, &t);
        if (tables[i].trouble == NULL)
            assert_int_equal(code, CLI_EXIT_PASS);
        else if (code != CLI_EXIT_USAGE || strstr(t.line, tables[i].trouble) == NULL)
            fail_msg("row %zu says: %s", i, t.line);
        cli_psk_deinit(&p);
    }
}

static void test_a_table(void **state) {
    (void)state;
    cli_psk p = {0};
    cli_trouble t = {0};
    const char *text =
        "password,identity,private_key,psk,certificate,username\n"
        "pw, me ,a.key,text:secret,a.pem,user\n,you,,,,\n";
    assert_int_equal(read_table(&p, text, &t), CLI_EXIT_PASS);
    assert_int_equal(p.count, 2);
    assert_string_equal(p.items[0].identity, "me");
    assert_string_equal(p.items[0].user_name, "user");
    assert_string_equal(p.items[0].password, "pw");
    assert_string_equal(p.papers[0].certificate, "a.pem");
    assert_string_equal(p.papers[0].key, "a.key");
    assert_int_equal(p.items[0].key_size, 6);
    assert_true(p.items[1].key_size == 0 && p.items[1].user_name == NULL);
    assert_true(p.items[1].certificate == NULL && p.papers[1].key == NULL);
    cli_psk_deinit(&p);
}

/* Each allocation fails once: one line, and nothing is left over. */
static void test_tables_without_memory(void **state) {
    (void)state;
    bool happened = true;
    for (long n = 0; happened; n++) {
        sim_heap_use before = sim_heap_in_use();
        cli_psk p = {0};
        cli_trouble t = {0};
        sim_heap_fail(n, false);
        cli_exit code =
            read_table(&p, "identity,username,password,certificate,private_key\na,b,c,d,e\n", &t);
        happened = sim_heap_fail_never();
        assert_int_equal(code, happened ? CLI_EXIT_INTERNAL : CLI_EXIT_PASS);
        cli_psk_deinit(&p);
        assert_int_equal(sim_heap_in_use().blocks, before.blocks);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_a_table),
        cmocka_unit_test(test_tables_without_memory),
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_no_key_in_a_message),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_files_without_end),
        cmocka_unit_test(test_unreadable_files),
        cmocka_unit_test(test_order_and_growth),
        cmocka_unit_test(test_every_oom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
