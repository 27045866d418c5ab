/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_dialect.c - templates become topics and payloads, and what a backend says a command. */
#include <string.h>

#include "net/dialect.h"
#include "net/protocol.h"
#include "sim/cli/dialect.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

#define BASE "urn:dev:ops:32473-smart-plug-bs-7_"

static const net_senml_pack pack = {
    .base_name = BASE,
    .records = {{.name = BASE "power", .unit = "W", .value = 12.5},
                {.name = BASE "energy", .unit = "Wh", .value = 3},
                {.name = BASE "relay", .is_boolean = true, .boolean = true}},
    .count = 3};

static const net_dialect_words words = {.device = "bs-7",
                                        .model = "smart-plug",
                                        .host = "hub.example",
                                        .user_name = "me",
                                        .password = "se\"cret",
                                        .time_ms = 1700000000123,
                                        .readings = &pack,
                                        .body = (const uint8_t *)"\x81\xa0",
                                        .body_size = 2};

static char said[4096];

static int say(void *context, const net_dialect_message *m) {
    int *left = context;
    size_t n = strlen(said);
    (void)snprintf(said + n, sizeof said - n, "%s%s %.*s q%u%s", n > 0 ? "\n" : "", m->topic,
                   (int)m->size, (const char *)m->payload, (unsigned)m->qos, m->retain ? " r" : "");
    return (*left)-- > 0 ? 0 : SIM_ESTATE;
}

static const net_dialect *dialect(const char *text) {
    char why[256] = "";
    const net_dialect *d = cli_dialect_parse(text, strlen(text), why, sizeof why);
    if (d == NULL) fail_msg("%s", why);
    return d;
}

static const char *reports(const char *text) {
    int left = 100;
    const net_dialect *d = dialect(text);
    said[0] = '\0';
    assert_int_equal(d->calls->speak(d, NET_DIALECT_REPORTS, &words, say, &left), 0);
    cli_dialect_free(d);
    return said;
}

#define REPORT(message) "{\"title\": \"t\", \"report\": [" message "]}"

static void what_is_reported(void **state) {
    (void)state;
    static const struct {
        const char *file, *said;
    } rows[] = {
        {REPORT("{\"topic\": \"a/${device}\", \"payload\": \"${power} W\", \"qos\": 2}"),
         "a/bs-7 12.5 W q2"},
        {REPORT("{\"topic\": \"a\", \"payload\": {\"v\": \"${readings}\", \"at\": \"${time}\"}}"),
         "a {\"v\":{\"power\":12.5,\"energy\":3,\"relay\":true},\"at\":\"2023-11-14T22:13:20Z\"} "
         "q1"},
        {REPORT("{\"topic\": \"a\", \"payload\": {\"ts\": \"${time_ms}\", \"p\": "
                "\"<${password}>\", \"no\": \"${temperature}\"}}"),
         "a {\"ts\":1700000000123,\"p\":\"<se\\\"cret>\"} q1"},
        {REPORT("{\"each\": true, \"topic\": \"${device}/${reading}\", \"payload\": \"${value}\", "
                "\"qos\": 0, \"retain\": true}"),
         "bs-7/power 12.5 q0 r\nbs-7/energy 3 q0 r\nbs-7/relay true q0 r"},
        {REPORT("{\"topic\": \"a\", \"encoding\": \"senml+json\"}"),
         "a [{\"n\":\"" BASE "power\",\"u\":\"W\",\"v\":12.5},{\"n\":\"" BASE
         "energy\",\"u\":\"Wh\",\"v\":3},{\"n\":\"" BASE "relay\",\"vb\":true}] q1"},
        {REPORT("{\"topic\": \"a\", \"encoding\": \"senml+cbor\"}"), "a \x81\xa0 q1"},
        /* up to the first zero, within the number */
        {REPORT("{\"topic\": \"a\", \"encoding\": \"cbor\", \"payload\": {\"l\": [true, null, "
                "-3, \"${device}\"], \"p\": \"${power}\"}}"),
         "a \xa2"
         "al\x84\xf5\xf6\"dbs-7ap\xfa"
         "AH q1"},
        {REPORT("{\"topic\": \"${temperature}\", \"payload\": \"x\"}"), ""},
        {REPORT("{\"topic\": \"a\", \"model\": \"thermostat\", \"payload\": \"x\"}"), ""},
        {REPORT("{\"topic\": \"$aws/${ device\", \"payload\": \"${}\"}"), "$aws/${ device ${} q1"},
        {REPORT("{\"topic\": \"a\", \"payload\": [1, null, \"${host}\"]}"),
         "a [1,null,\"hub.example\"] q1"},
    };
    const sim_heap_use before = sim_heap_in_use();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(reports(rows[i].file), rows[i].said) != 0) fail_msg("row %zu says: %s", i, said);
    }
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

static int say_request(void *context, const net_dialect_message *m) {
    const char **to = context;
    (void)snprintf(said, sizeof said, "%u %s %.*s %u %u", (unsigned)m->method, m->topic,
                   (int)m->size, (const char *)m->payload, (unsigned)m->format,
                   (unsigned)m->accept);
    *to = said;
    return 0;
}

static void requests_of_coap(void **state) {
    (void)state;
    static const struct {
        const char *file, *said;
    } rows[] = {
        {REPORT("{\"topic\": \"d/${device}?k=${password}\", \"method\": \"PUT\", \"payload\": "
                "{\"p\": \"${power}\"}, \"accept\": \"cbor\"}"),
         "3 d/bs-7?k=se\"cret {\"p\":12.5} 50 60"},
        {REPORT("{\"topic\": \"d\", \"method\": \"GET\", \"accept\": 11542}"), "1 d  65535 11542"},
        {REPORT("{\"topic\": \"d\", \"encoding\": \"senml+cbor\"}"), "0 d \x81\xa0 112 65535"},
        {REPORT("{\"topic\": \"d\", \"payload\": \"${power}\"}"), "0 d 12.5 0 65535"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *at = "";
        const net_dialect *d = dialect(rows[i].file);
        assert_int_equal(d->calls->speak(d, NET_DIALECT_REPORTS, &words, say_request, &at), 0);
        assert_string_equal(at, rows[i].said);
        cli_dialect_free(d);
    }
}

/* Each with the protocol that it does not fit, and what is said; it fits the other. */
static void what_a_protocol_cannot_say(void **state) {
    (void)state;
#define HEAD(member) \
    "{\"title\": \"t\", " member ", \"report\": [{\"topic\": \"a\", \"payload\": 1}]}"
    static const struct {
        const char *file;
        const net_protocol *unfit, *fit;
        const char *why;
    } rows[] = {
        {REPORT("{\"topic\": \"a\", \"method\": \"GET\"}"), &net_protocol_mqtt, &net_protocol_coap,
         "report 1: method and accept are CoAP's"},
        {REPORT("{\"topic\": \"a\", \"payload\": 1, \"accept\": \"json\"}"), &net_protocol_mqtt_ws,
         &net_protocol_coap_tcp, "method and accept are CoAP's"},
        {REPORT("{\"topic\": \"a\", \"payload\": 1, \"qos\": 1}"), &net_protocol_coap,
         &net_protocol_mqtt, "one request of CoAP: leave out qos"},
        {REPORT("{\"topic\": \"a\", \"payload\": 1, \"each\": true}"), &net_protocol_coap_tcp,
         &net_protocol_mqtt, "leave out each"},
        {REPORT("{\"topic\": \"a\", \"payload\": 1}, {\"topic\": \"b\", \"payload\": 1, "
                "\"model\": \"x\"}"),
         &net_protocol_coap, &net_protocol_mqtt, "report 2: a report is one request of CoAP"},
        {HEAD("\"announce\": []"), &net_protocol_coap, &net_protocol_mqtt, "leave out announce"},
        {HEAD("\"version\": 4"), &net_protocol_coap, &net_protocol_mqtt, "leave out version"},
    };
#undef HEAD
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cli_trouble t = {0};
        const net_dialect *d = dialect(rows[i].file);
        assert_int_equal(cli_dialect_fits(d, rows[i].fit, "f", &t), CLI_EXIT_PASS);
        assert_int_equal(cli_dialect_fits(d, rows[i].unfit, "f", &t), CLI_EXIT_USAGE);
        if (strstr(t.line, rows[i].why) == NULL) fail_msg("row %zu says: %s", i, t.line);
        cli_dialect_free(d);
    }
}

static void an_error_ends_it(void **state) {
    (void)state;
    int left = 1;
    const net_dialect *d =
        dialect(REPORT("{\"each\": true, \"topic\": \"${reading}\", \"payload\": \"\"}"));
    said[0] = '\0';
    assert_int_equal(d->calls->speak(d, NET_DIALECT_REPORTS, &words, say, &left), SIM_ESTATE);
    assert_string_equal(said, "power  q1\nenergy  q1");
    cli_dialect_free(d);
}

static void logging_in(void **state) {
    (void)state;
    static net_dialect_login l;
    const net_dialect *d = dialect(
        "{\"title\": \"t\", \"version\": 4, \"user_name\": \"${host}/${device}\", \"will\": "
        "{\"topic\": \"gone/${device}\", \"payload\": \"offline\", \"retain\": true}, "
        "\"report\": [{\"topic\": \"a\", \"payload\": \"\"}]}");
    assert_int_equal(d->calls->log_in(d, &words, &l), 0);
    assert_string_equal(l.client_id, "bs-7");
    assert_string_equal(l.user_name, "hub.example/bs-7");
    assert_string_equal(l.password, "se\"cret");
    assert_int_equal(l.version, 4);
    assert_true(l.has_will && l.will.retain && l.will.size == 7);
    assert_string_equal(l.will.topic, "gone/bs-7");
    cli_dialect_free(d);
}

/* Made with Python's hmac, base64 and urllib. */
static void signing(void **state) {
    (void)state;
    static const struct {
        const char *password, *said;
    } rows[] = {
        {"c2VjcmV0IGtleSBvZiBhIGRldmljZQ==",
         "SharedAccessSignature sr=hub.example%2Fdevices%2Fbs-7&sig="
         "5nbNYsQoQilsoxK85ocqm6RPNsLTJ%2FSd7fVnPjDFjQU%3D&se=1700003600"},
        {"SharedAccessSignature sr=x&sig=y&se=1", "SharedAccessSignature sr=x&sig=y&se=1"},
        {NULL, ""},
        {"no base64", NULL},
    };
    static net_dialect_login l;
    net_dialect_words w = words;
    const net_dialect *d = dialect(
        "{\"title\": \"t\", \"password\": \"${signature}\", "
        "\"signature\": {\"resource\": \"${host}/devices/${device}\"}, "
        "\"report\": [{\"topic\": \"a\", \"payload\": \"\"}]}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cli_trouble t;
        w.password = rows[i].password;
        bool good = rows[i].said != NULL;
        assert_int_equal(d->calls->log_in(d, &w, &l), good ? 0 : SIM_EPARSE);
        if (good) assert_string_equal(l.password, rows[i].said);
        assert_int_equal(cli_dialect_takes(d, w.password, "--password", &t),
                         good ? CLI_EXIT_PASS : CLI_EXIT_USAGE);
        if (!good) assert_null(strstr(t.line, w.password));
    }
    cli_dialect_free(d);
}

static void what_is_heard(void **state) {
    (void)state;
    static const struct {
        const char *topic, *payload, *line;
    } rows[] = {
        {"set/bs-7", "21.5", "set-point 21.5"},
        {"set/bs-7", "ON", "set-point 1"},
        {"set/bs-7", "OFF", "set-point 0"},
        {"set/bs-7", "warm", NULL},
        {"set/bs-7", "1e999", NULL},
        {"set/bs-7", "", NULL},
        {"set/bs-8", "21.5", NULL},
        {"twin/x/y", "{\"desired\": {\"set-point\": 19}}", "set-point 19"},
        {"twin/x/y", "{\"desired\": {\"set-point\": true}}", "set-point 1"},
        {"twin/x/y", "{\"desired\": {\"set-point\": []}}", NULL},
        {"twin/x/y", "{\"desired\": 19}", NULL},
        {"twin/x/y", "{\"desired", NULL},
    };
    char line[NET_DIALECT_LINE_MAX];
    char topics[NET_DIALECT_TOPICS_MAX][NET_DIALECT_TEXT_MAX];
    const net_dialect *d = dialect(
        "{\"title\": \"t\", \"report\": [{\"topic\": \"a\", \"payload\": \"\"}], "
        "\"announce_again\": {\"topic\": \"status\", \"payload\": \"online\"}, \"commands\": ["
        "{\"topic\": \"set/${device}\", \"word\": \"set-point\", \"values\": {\"ON\": 1, \"OFF\": "
        "0}}, {\"topic\": \"twin/#\", \"word\": \"set-point\", \"at\": \"desired.set-point\"}]}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool heard = d->calls->hears(d, &words, rows[i].topic, (const uint8_t *)rows[i].payload,
                                     strlen(rows[i].payload), line);
        if (heard != (rows[i].line != NULL)) fail_msg("row %zu", i);
        if (heard) assert_string_equal(line, rows[i].line);
    }
    assert_int_equal(d->calls->topics(d, &words, topics), 3);
    assert_string_equal(topics[0], "status");
    assert_string_equal(topics[1], "set/bs-7");
    assert_true(d->calls->wakes(d, &words, "status", (const uint8_t *)"online", 6));
    assert_false(d->calls->wakes(d, &words, "status", (const uint8_t *)"offline", 7));
    assert_false(d->calls->wakes(d, &words, "set/bs-7", (const uint8_t *)"online", 6));
    cli_dialect_free(d);
}

static void what_is_no_dialect(void **state) {
    (void)state;
    static const struct {
        const char *file, *why;
    } rows[] = {
        {"", "no JSON"},
        {"[]", "the dialect: is no object"},
        {"{\"title\": \"t\"}", "does not say its report"},
        {"{\"title\": \"t\", \"report\": []}", "reports nothing"},
        {"{\"title\": \"t\", \"repot\": [], \"report\": []}", "unknown member repot"},
        {"{\"title\": 1, \"report\": []}", "not what is expected there: title"},
        {"{\"title\": \"t\", \"version\": 3, \"report\": [{\"topic\": \"a\", \"payload\": 1}]}",
         "version is 4 (3.1.1) or 5"},
        {REPORT("{\"payload\": 1}"), "report 1: does not say its topic"},
        {REPORT("{\"topic\": \"a\"}"), "report 1: does not say its payload"},
        {REPORT("{\"topic\": \"a\", \"payload\": 1, \"qos\": 3}"), "qos is 0, 1 or 2"},
        {REPORT("{\"topic\": \"a\", \"payload\": 1, \"method\": \"get\"}"), "GET, POST or PUT"},
        {REPORT("{\"topic\": \"a\", \"payload\": 1, \"method\": \"GET\"}"), "no payload: leave"},
        {REPORT("{\"topic\": \"a\", \"payload\": 1, \"accept\": 65535}"), "accept is a word"},
        {REPORT("{\"topic\": \"a\", \"payload\": 1, \"encoding\": \"xml\"}"), "encoding is one of"},
        {REPORT("{\"topic\": \"a\", \"payload\": 1, \"encoding\": \"text\"}"), "is no text"},
        {"{\"title\": \"t\", \"will\": {}, \"report\": [{\"topic\": \"a\", \"payload\": 1}]}",
         "will: does not say its topic"},
        {"{\"title\": \"t\", \"commands\": [{\"topic\": \"a\"}], \"report\": [{\"topic\": \"a\", "
         "\"payload\": 1}]}",
         "commands 1: does not say its word"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[256] = "";
        assert_null(cli_dialect_parse(rows[i].file, strlen(rows[i].file), why, sizeof why));
        if (strstr(why, rows[i].why) == NULL) fail_msg("row %zu says: %s", i, why);
    }
}

static void files(void **state) {
    (void)state;
    const net_dialect *d;
    cli_trouble t = {0};
    assert_int_equal(cli_dialect_read("no-such-dialect", &d, &t), CLI_EXIT_USAGE);
    assert_non_null(strstr(t.line, "there are aws-shadow"));
    t = (cli_trouble){0};
    assert_int_equal(cli_dialect_read("./no/such.json", &d, &t), CLI_EXIT_USAGE);
    assert_non_null(strstr(t.line, "cannot read the dialect"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_reported),
        cmocka_unit_test(requests_of_coap),
        cmocka_unit_test(what_a_protocol_cannot_say),
        cmocka_unit_test(an_error_ends_it),
        cmocka_unit_test(logging_in),
        cmocka_unit_test(signing),
        cmocka_unit_test(what_is_heard),
        cmocka_unit_test(what_is_no_dialect),
        cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
