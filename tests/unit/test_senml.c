/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packs against bytes written by hand from RFC 8428 and RFC 8949, there and back, and all that is
 * not a pack. */
#include <math.h>
#include <string.h>

#include "net/senml.h"
#include "tests/unit/with_cmocka.h"

#define BYTES(text) ((const uint8_t *)(text)), sizeof(text) - 1

static net_senml_pack three_records(void) {
    return (net_senml_pack){
        .base_name = "urn:dev:ops:32473-thermostat-4711_",
        .records = {{.name = "temperature", .unit = "Cel", .value = 20.5},
                    {.name = "set-point", .unit = "Cel", .value = 21},
                    {.name = "heater", .is_boolean = true, .boolean = true}},
        .count = 3,
    };
}

/* RFC 8428 section 6 gives the labels; the bytes are those of RFC 8949. */
static void test_writes_these_bytes(void **state) {
    (void)state;
    static const char expected[] =
        "\x82"
        "\xa5\x21\x64"
        "dev:"
        "\x22\x1a\x4a\x5f\x93\x00" /* bt 1247777536 */
        "\x00\x61"
        "t"
        "\x01\x63"
        "Cel"
        "\x02\xfa\x41\xa4\x00\x00" /* v 20.5 */
        "\xa3\x00\x61"
        "h"
        "\x04\xf5"
        "\x06\x22"; /* t -3 */
    net_senml_pack pack = {
        .base_name = "dev:",
        .base_time_s = 1247777536,
        .records = {{.name = "t", .unit = "Cel", .value = 20.5},
                    {.name = "h", .is_boolean = true, .boolean = true, .time_s = -3}},
        .count = 2};
    uint8_t out[128];
    size_t written = 0;
    assert_int_equal(net_senml_write(&pack, out, sizeof out, &written), 0);
    assert_int_equal(written, sizeof expected - 1);
    assert_memory_equal(out, expected, written);
}

static void test_there_and_back(void **state) {
    (void)state;
    net_senml_pack pack = three_records(), back;
    uint8_t out[256];
    size_t written = 0;
    assert_int_equal(net_senml_write(&pack, out, sizeof out, &written), 0);
    assert_true(written <
                /* a report must stay small: one 802.15.4 frame does not hold it, one datagram does
                 */
                96);
    assert_int_equal(net_senml_read(out, written, &back), 0);
    assert_int_equal(back.count, 3);
    assert_string_equal(back.base_name, pack.base_name);
    assert_string_equal(back.records[0].name, "urn:dev:ops:32473-thermostat-4711_temperature");
    assert_string_equal(back.records[0].unit, "Cel");
    assert_true(back.records[0].value == 20.5);
    assert_string_equal(back.records[1].name, "urn:dev:ops:32473-thermostat-4711_set-point");
    assert_true(back.records[1].value == 21);
    assert_string_equal(back.records[2].name, "urn:dev:ops:32473-thermostat-4711_heater");
    assert_string_equal(back.records[2].unit, "");
    assert_true(back.records[2].is_boolean && back.records[2].boolean);
}

static void test_numbers_survive(void **state) {
    (void)state;
    static const double numbers[] = {
        0,    1,       -1,    23,          24,      255,     256,    65535,     65536,     -24,
        -25,  -256,    -257,  4294967295., 0x1p32,  -0x1p32, 0x1p53, -0x1p53,   0x1p60,    0.1,
        -0.1, 20.4375, 1e300, 5e-324,      0x1p127, 1e38,    3.4e38, 0x1p-126f, 0x1p-1074, 1.5};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        net_senml_pack pack = {
            .base_time_s = numbers[i], .records = {{.name = "n", .value = numbers[i]}}, .count = 1};
        net_senml_pack back;
        uint8_t out[64];
        size_t written = 0;
        assert_int_equal(net_senml_write(&pack, out, sizeof out, &written), 0);
        assert_int_equal(net_senml_read(out, written, &back), 0);
        assert_true(back.records[0].value == numbers[i]);
        assert_true(back.records[0].time_s == numbers[i]);
    }
}

/* Every size from none to enough: never a byte too far, never a pack that looks whole. */
static void test_any_size_of_room(void **state) {
    (void)state;
    net_senml_pack pack = three_records();
    uint8_t out[256];
    size_t enough = 0;
    assert_int_equal(net_senml_write(&pack, out, sizeof out, &enough), 0);
    for (size_t size = 0; size < enough; size++) {
        size_t written = 77;
        memset(out, 0xEE, sizeof out);
        assert_int_equal(net_senml_write(&pack, out, size, &written), SIM_ERANGE);
        assert_int_equal(written, 77);
        for (size_t i = size; i < sizeof out; i++) assert_int_equal(out[i], 0xEE);
    }
    assert_int_equal(net_senml_write(&pack, out, enough, &enough), 0);
}

static void test_refuses_to_write(void **state) {
    (void)state;
    uint8_t out[1024];
    size_t written;
    net_senml_pack pack = three_records();
    pack.count = 0;
    assert_int_equal(net_senml_write(&pack, out, sizeof out, &written), SIM_ERANGE);
    pack.count = NET_SENML_RECORDS_MAX + 1;
    assert_int_equal(net_senml_write(&pack, out, sizeof out, &written), SIM_ERANGE);
    pack = three_records();
    pack.records[0].value = NAN;
    assert_int_equal(net_senml_write(&pack, out, sizeof out, &written), SIM_ERANGE);
    pack = three_records();
    pack.records[1].time_s = INFINITY;
    assert_int_equal(net_senml_write(&pack, out, sizeof out, &written), SIM_ERANGE);
    pack = three_records();
    pack.base_time_s = -INFINITY;
    assert_int_equal(net_senml_write(&pack, out, sizeof out, &written), SIM_ERANGE);
    pack = three_records();
    memset(pack.records[0].name, 'a', NET_SENML_NAME_MAX - 1); /* alone it would fit */
    assert_int_equal(net_senml_write(&pack, out, sizeof out, &written), SIM_ERANGE);
    static const char *const names[] = {"", "_a", "-a", "a b", "a@b", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        pack = (net_senml_pack){.count = 1};
        strcpy(pack.records[0].name, names[i]);
        assert_int_equal(net_senml_write(&pack, out, sizeof out, &written), SIM_ERANGE);
    }
}

static void test_full_pack_fits(void **state) {
    (void)state;
    net_senml_pack pack = {.count = NET_SENML_RECORDS_MAX}, back;
    for (int i = 0; i < NET_SENML_RECORDS_MAX; i++) {
        memset(pack.records[i].name, 'a' + i, NET_SENML_NAME_MAX - 1);
        memset(pack.records[i].unit, 'u', NET_SENML_UNIT_MAX - 1);
        pack.records[i].value = 1e100 + i;
        pack.records[i].time_s = 0.1;
    }
    uint8_t out[4096];
    size_t written;
    assert_int_equal(net_senml_write(&pack, out, sizeof out, &written), 0);
    assert_int_equal(net_senml_read(out, written, &back), 0);
    assert_int_equal(back.count, NET_SENML_RECORDS_MAX);
    for (int i = 0; i < NET_SENML_RECORDS_MAX; i++)
        assert_string_equal(back.records[i].name, pack.records[i].name);
}

/* Base fields hold until another one comes, within a record in whatever order (RFC 8428 4.1, 4.6).
 */
static void test_resolves_base_fields(void **state) {
    (void)state;
    net_senml_pack pack;
    assert_int_equal(
        net_senml_read(BYTES("\x84"
                             "\xa4\x20\x0a\x21\x62"
                             "a:"
                             "\x23\x61"
                             "V"
                             "\x22\x18\x64" /* only bases: bver 10, bn "a:", bu "V", bt 100 */
                             "\xa3\x00\x61"
                             "x"
                             "\x02\x01\x06\x21" /* n x, v 1, t -2 */
                             "\xa4\x02\x03\x01\x61"
                             "A"
                             "\x21\x62"
                             "b:"
                             "\x24\x0a" /* v 3, u A, bn b:, bv 10 */
                             "\xa1\x00\x61"
                             "y"), /* n y: its value is the base value */
                       &pack),
        0);
    assert_int_equal(pack.count, 3);
    assert_string_equal(pack.records[0].name, "a:x");
    assert_string_equal(pack.records[0].unit, "V");
    assert_true(pack.records[0].value == 1 && pack.records[0].time_s == 98);
    assert_string_equal(pack.records[1].name, "b:");
    assert_string_equal(pack.records[1].unit, "A");
    assert_true(pack.records[1].value == 13 && pack.records[1].time_s == 100);
    assert_string_equal(pack.records[2].name, "b:y");
    assert_string_equal(pack.records[2].unit, "V");
    assert_true(pack.records[2].value == 10);
    assert_string_equal(pack.base_name, "b:");
}

typedef struct reading {
    const char *what;
    const uint8_t *data;
    size_t size;
    int error;
    size_t count;
    double value; /* of the first record */
} reading;

static const reading readings[] = {
    {"integer", BYTES("\x81\xa2\x00\x61n\x02\x05"), 0, 1, 5},
    {"half float", BYTES("\x81\xa2\x00\x61n\x02\xf9\x3e\x00"), 0, 1, 1.5},
    {"double", BYTES("\x81\xa2\x00\x61n\x02\xfb\x3f\xf8\0\0\0\0\0\0"), 0, 1, 1.5},
    {"64-bit integer", BYTES("\x81\xa2\x00\x61n\x02\x1b\xff\xff\xff\xff\xff\xff\xff\xff"), 0, 1,
     0x1p64},
    {"64-bit negative", BYTES("\x81\xa2\x00\x61n\x02\x3b\xff\xff\xff\xff\xff\xff\xff\xff"), 0, 1,
     -0x1p64},
    {"decimal fraction", BYTES("\x81\xa2\x00\x61n\x02\xc4\x82\x21\x19\x6a\xb3"), 0, 1, 273.15},
    {"decimal fraction, indefinite", BYTES("\x81\xa2\x00\x61n\x02\xc4\x9f\x01\x03\xff"), 0, 1, 30},
    {"decimal fraction below a double",
     BYTES("\x81\xa2\x00\x61n\x02\xc4\x82\x3b\xff\xff\xff\xff\xff\xff\xff\xff\x01"), 0, 1, 0},
    {"indefinite everything",
     BYTES("\x9f\xbf\x00\x7f\x61"
           "a\x61"
           "b\xff\x02\x01\xff\xff"),
     0, 1, 1},
    {"unknown integer label", BYTES("\x81\xa3\x18\x63\x82\x01\xa1\x01\x02\x00\x61n\x02\x05"), 0, 1,
     5},
    {"unknown text label",
     BYTES("\x81\xa3\x63"
           "ext\x9f\x5f\x41x\xff\xff\x00\x61n\x02\x05"),
     0, 1, 5},
    {"string value is left out", BYTES("\x82\xa2\x00\x61s\x03\x62hi\xa2\x00\x61n\x02\x05"), 0, 1,
     5},
    {"data value is left out", BYTES("\x82\xa2\x00\x61s\x08\x42hi\xa2\x00\x61n\x02\x05"), 0, 1, 5},
    {"sum alone is left out", BYTES("\x82\xa2\x00\x61s\x05\x07\xa2\x00\x61n\x02\x05"), 0, 1, 5},
    {"nothing but a string", BYTES("\x81\xa2\x00\x61s\x03\x62hi"), 0, 0, 0},

    {"empty input", BYTES(""), SIM_EPARSE, 0, 0},
    {"empty array", BYTES("\x80"), SIM_EPARSE, 0, 0},
    {"empty map", BYTES("\x81\xa0"), SIM_EPARSE, 0, 0},
    {"a map", BYTES("\xa1\x00\x61n"), SIM_EPARSE, 0, 0},
    {"a number in the array", BYTES("\x81\x01"), SIM_EPARSE, 0, 0},
    {"a tag around", BYTES("\xd9\xd9\xf7\x81\xa2\x00\x61n\x02\x05"), SIM_EPARSE, 0, 0},
    {"bytes behind", BYTES("\x81\xa2\x00\x61n\x02\x05\x00"), SIM_EPARSE, 0, 0},
    {"reserved initial byte", BYTES("\x81\xa2\x00\x61n\x02\x1c"), SIM_EPARSE, 0, 0},
    {"break outside", BYTES("\x81\xa2\x00\x61n\x02\xff"), SIM_EPARSE, 0, 0},
    {"break for a value", BYTES("\x81\xbf\x00\xff"), SIM_EPARSE, 0, 0},
    {"no break", BYTES("\x9f\xa2\x00\x61n\x02\x05"), SIM_EPARSE, 0, 0},
    {"array longer than the input",
     BYTES("\x9b\xff\xff\xff\xff\xff\xff\xff\xff\xa2\x00\x61n\x02\x05"), SIM_EPARSE, 0, 0},
    {"map longer than the input",
     BYTES("\x81\xbb\xff\xff\xff\xff\xff\xff\xff\xff\x00\x61n\x02\x05"), SIM_EPARSE, 0, 0},
    {"text longer than the input",
     BYTES("\x81\xa2\x00\x7b\xff\xff\xff\xff\xff\xff\xff\xff"
           "n\x02\x05"),
     SIM_EPARSE, 0, 0},
    {"a label twice", BYTES("\x81\xa3\x00\x61n\x02\x05\x02\x05"), SIM_EPARSE, 0, 0},
    {"two values", BYTES("\x81\xa3\x00\x61n\x02\x05\x04\xf5"), SIM_EPARSE, 0, 0},
    {"no value", BYTES("\x81\xa1\x00\x61n"), SIM_EPARSE, 0, 0},
    {"no name", BYTES("\x81\xa1\x02\x05"), SIM_EPARSE, 0, 0},
    {"a name that is none", BYTES("\x81\xa2\x00\x62_n\x02\x05"), SIM_EPARSE, 0, 0},
    {"a zero in a name", BYTES("\x81\xa2\x00\x62n\0\x02\x05"), SIM_EPARSE, 0, 0},
    {"bytes for a name", BYTES("\x81\xa2\x00\x41n\x02\x05"), SIM_EPARSE, 0, 0},
    {"bytes among the chunks of a name", BYTES("\x81\xa2\x00\x7f\x41n\xff\x02\x05"), SIM_EPARSE, 0,
     0},
    {"chunks within chunks", BYTES("\x81\xa2\x00\x7f\x7f\x61n\xff\xff\x02\x05"), SIM_EPARSE, 0, 0},
    {"bytes among the chunks of a string",
     BYTES("\x81\xa2\x00\x61n\x03\x7f\x41"
           "a\xff"),
     SIM_EPARSE, 0, 0},
    {"chunks within chunks of data",
     BYTES("\x81\xa2\x00\x61n\x08\x5f\x5f\x41"
           "a\xff\xff"),
     SIM_EPARSE, 0, 0},
    {"text for a number",
     BYTES("\x81\xa2\x00\x61n\x02\x61"
           "5"),
     SIM_EPARSE, 0, 0},
    {"number for a boolean", BYTES("\x81\xa2\x00\x61n\x04\x01"), SIM_EPARSE, 0, 0},
    {"null for a number", BYTES("\x81\xa2\x00\x61n\x02\xf6"), SIM_EPARSE, 0, 0},
    {"not a number", BYTES("\x81\xa2\x00\x61n\x02\xf9\x7e\x00"), SIM_EPARSE, 0, 0},
    {"infinity", BYTES("\x81\xa2\x00\x61n\x02\xf9\x7c\x00"), SIM_EPARSE, 0, 0},
    {"sum beyond a double",
     BYTES("\x81\xa3\x00\x61n\x02\xfb\x7f\xef\xff\xff\xff\xff\xff\xff\x24\xfb\x7f\xef\xff\xff\xff"
           "\xff\xff\xff"),
     SIM_EPARSE, 0, 0},
    {"decimal exponent beyond a double", BYTES("\x81\xa2\x00\x61n\x02\xc4\x82\x19\x01\x35\x01"),
     SIM_EPARSE, 0, 0},
    {"decimal exponent beyond reason",
     BYTES("\x81\xa2\x00\x61n\x02\xc4\x82\x1b\xff\xff\xff\xff\xff\xff\xff\xff\x01"), SIM_EPARSE, 0,
     0},
    {"decimal fraction of three", BYTES("\x81\xa2\x00\x61n\x02\xc4\x83\x01\x01\x01"), SIM_EPARSE, 0,
     0},
    {"decimal fraction, indefinite, of three",
     BYTES("\x81\xa2\x00\x61n\x02\xc4\x9f\x01\x01\x01\xff"), SIM_EPARSE, 0, 0},
    {"another tag", BYTES("\x81\xa2\x00\x61n\x02\xc2\x41\x01"), SIM_EPARSE, 0, 0},
    {"label that must be understood", BYTES("\x81\xa3\x62x_\x01\x00\x61n\x02\x05"), SIM_EPARSE, 0,
     0},
    {"label of another kind", BYTES("\x81\xa3\xf5\x01\x00\x61n\x02\x05"), SIM_EPARSE, 0, 0},
    {"version 0", BYTES("\x81\xa3\x20\x00\x00\x61n\x02\x05"), SIM_EPARSE, 0, 0},
    {"version 11", BYTES("\x81\xa3\x20\x0b\x00\x61n\x02\x05"), SIM_ERANGE, 0, 0},
    {"unit of 12",
     BYTES("\x81\xa3\x01\x6c"
           "aaaaaaaaaaaa"
           "\x00\x61n\x02\x05"),
     SIM_ERANGE, 0, 0},
    {"nested too deep",
     BYTES("\x81\xa3\x18\x63\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x01\x00\x61n\x02\x05"),
     SIM_ERANGE, 0, 0},
};

static void test_readings(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
        const reading *row = &readings[i];
        net_senml_pack pack;
        int error = net_senml_read(row->data, row->size, &pack);
        if (error != row->error) fail_msg("%s: %s", row->what, sim_error_text(error));
        if (error != 0) continue;
        if (pack.count != row->count) fail_msg("%s: %zu records", row->what, pack.count);
        if (row->count > 0 && pack.records[0].value != row->value)
            fail_msg("%s: %g", row->what, pack.records[0].value);
    }
}

/* A pack cut short anywhere is no pack. */
static void test_truncated_anywhere(void **state) {
    (void)state;
    net_senml_pack pack = three_records(), back;
    uint8_t out[256];
    size_t written;
    assert_int_equal(net_senml_write(&pack, out, sizeof out, &written), 0);
    for (size_t n = 0; n < written; n++)
        assert_int_equal(net_senml_read(out, n, &back), SIM_EPARSE);
    for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
        if (readings[i].error != 0) continue;
        for (size_t n = 0; n < readings[i].size; n++)
            assert_int_equal(net_senml_read(readings[i].data, n, &back), SIM_EPARSE);
    }
}

/* RFC 8428 4.5.1, each character at both places. */
static void test_letters_of_names(void **state) {
    (void)state;
    static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    uint8_t out[100];
    size_t n;
    for (int c = 1; c <= UINT8_MAX; c++) {
        net_senml_pack pack = {.records = {{.name = {(char)c}}}, .count = 1};
        bool may_begin = strchr(first, c) != NULL, may_follow = may_begin || strchr("-:./_", c);
        assert_int_equal(net_senml_write(&pack, out, sizeof out, &n), may_begin ? 0 : SIM_ERANGE);
        pack.records[0].name[0] = 'n';
        pack.records[0].name[1] = (char)c;
        assert_int_equal(net_senml_write(&pack, out, sizeof out, &n), may_follow ? 0 : SIM_ERANGE);
    }
}

static void test_too_many_records_and_too_long_names(void **state) {
    (void)state;
    /* below 24, whose length fits the first byte (RFC 8949 3) */
    enum { MOST = NET_SENML_RECORDS_MAX };
    uint8_t data[256] = {0x80 + MOST + 1};
    for (size_t i = 0; i < MOST + 1; i++) memcpy(data + 1 + 6 * i, "\xa2\x00\x61n\x02\x05", 6);
    net_senml_pack pack;
    assert_int_equal(net_senml_read(data, 1 + 6 * (MOST + 1), &pack), SIM_ERANGE);
    data[0]--;
    assert_int_equal(net_senml_read(data, 1 + 6 * MOST, &pack), 0);
    assert_int_equal(pack.count, MOST);
    for (unsigned n = 126; n <= 129; n++) { /* NET_SENML_NAME_MAX is 128 */
        uint8_t *at = data;
        memcpy(at, "\x81\xa2\x00\x78", 4);
        at[4] = (uint8_t)n;
        memset(at + 5, 'n', n);
        memcpy(at + 5 + n, "\x02\x05", 2);
        assert_int_equal(net_senml_read(data, n + 7, &pack),
                         n < NET_SENML_NAME_MAX ? 0 : SIM_ERANGE);
    }
    /* each fits, joined they do not */
    memcpy(data, "\x81\xa3\x21\x78\x40", 5);
    memset(data + 5, 'b', 64);
    memcpy(data + 69, "\x00\x78\x40", 3);
    memset(data + 72, 'n', 64);
    memcpy(data + 136, "\x02\x05", 2);
    assert_int_equal(net_senml_read(data, 138, &pack), SIM_ERANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_these_bytes),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_numbers_survive),
        cmocka_unit_test(test_any_size_of_room),
        cmocka_unit_test(test_refuses_to_write),
        cmocka_unit_test(test_full_pack_fits),
        cmocka_unit_test(test_resolves_base_fields),
        cmocka_unit_test(test_readings),
        cmocka_unit_test(test_truncated_anywhere),
        cmocka_unit_test(test_letters_of_names),
        cmocka_unit_test(test_too_many_records_and_too_long_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
