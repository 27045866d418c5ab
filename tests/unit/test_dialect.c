/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_dialect.c - templates become topics and payloads, and what a backend says a command; read
 * backwards they are what they were made of. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/model.h"
#include "net/dialect.h"
#include "net/mqtt_filter.h"
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

static void numbers_are_as_measured(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *said;
    } rows[] = {
        {(double)15.97f, "15.97"},         {(double)0.1f, "0.1"},
        {(double)1234567.5f, "1234567.5"}, {0.1, "0.1"},
        {15.970000271, "15.97000027"},     {21, "21"},
        {(double)-3.25f, "-3.25"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int left = 1;
        const net_senml_pack one = {.records = {{.name = "x", .value = rows[i].value}}, .count = 1};
        net_dialect_words w = words;
        w.readings = &one;
        const net_dialect *d = dialect(REPORT("{\"topic\": \"a\", \"payload\": [\"${x}\"]}"));
        char wanted[64];
        (void)snprintf(wanted, sizeof wanted, "a [%s] q1", rows[i].said);
        said[0] = '\0';
        assert_int_equal(d->calls->speak(d, NET_DIALECT_REPORTS, &w, say, &left), 0);
        cli_dialect_free(d);
        if (strcmp(said, wanted) != 0) fail_msg("%s", said);
    }
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

/* ---- read backwards ---- */

/* What the backend has of the device so far. */
typedef struct backend {
    const net_dialect *dialect;
    net_senml_pack had;
    size_t messages, whole;
    bool named; /* every message says whose it is */
} backend;

static int hear_report(void *context, const net_dialect_message *m) {
    static net_dialect_heard heard;
    backend *b = context;
    b->messages++;
    if (!b->dialect->calls->reads(b->dialect, m->topic, m->payload, m->size, &heard)) {
        print_message("not understood: %s %.*s\n", m->topic, (int)m->size,
                      (const char *)m->payload);
        return SIM_ESTATE;
    }
    assert_true(heard.reports);
    b->whole += heard.whole;
    b->named = b->named && strcmp(heard.device, words.device) == 0;
    for (size_t i = 0; i < heard.readings.count; i++)
        b->had.records[b->had.count++] = heard.readings.records[i];
    return 0;
}

static bool had(const backend *b, const char *name, bool is_boolean, double value) {
    for (size_t i = 0; i < b->had.count; i++) {
        const net_senml_record *r = &b->had.records[i];
        if (strcmp(r->name, name) == 0)
            return r->is_boolean == is_boolean &&
                   (is_boolean ? r->boolean == (value != 0) : r->value == value);
    }
    return false;
}

/* Whether a report comes back as it went. */
static bool comes_back(const net_dialect *d, backend *b) {
    *b = (backend){.dialect = d, .named = true};
    return d->calls->speak(d, NET_DIALECT_REPORTS, &words, hear_report, b) == 0 &&
           b->had.count == 3 && had(b, "power", false, 12.5) && had(b, "energy", false, 3) &&
           had(b, "relay", true, 1);
}

static const net_dialect *shipped(const char *name) {
    char path[512];
    static char text[CLI_DIALECT_FILE_MAX + 1];
    (void)snprintf(path, sizeof path, BLACKSTART_SOURCE_DIR "/scenarios/dialects/%s.json", name);
    FILE *file = fopen(path, "rbe");
    assert_non_null(file);
    size_t n = fread(text, 1, sizeof text - 1, file);
    text[n] = '\0';
    (void)fclose(file);
    return dialect(text);
}

static void count_order(void *context, const char *filter, const net_dialect_message *m) {
    backend *b = context;
    char line[NET_DIALECT_LINE_MAX], device[NET_DIALECT_TEXT_MAX];
    const net_mqtt_span wanted = {(const uint8_t *)filter, strlen(filter)};
    const net_mqtt_span topic = {(const uint8_t *)m->topic, strlen(m->topic)};
    assert_true(net_mqtt_filter_matches(wanted, topic) && net_mqtt_filter_name_valid(topic));
    assert_true(b->dialect->calls->commands(b->dialect, filter, device));
    assert_true(b->dialect->calls->hears(b->dialect, &words, m->topic, m->payload, m->size, line));
    assert_string_equal(line, "set-point 21.5");
    b->messages++;
}

static void what_is_shipped_comes_back(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t messages, orders;
        bool whole, named;
    } rows[] = {
        {"plain", 3, 1, false, true},        {"home-assistant", 1, 1, true, true},
        {"thingsboard", 1, 2, true, false},  {"aws-shadow", 1, 2, true, true},
        {"azure-iot-hub", 1, 2, true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        backend b;
        const net_dialect *d = shipped(rows[i].name);
        if (!comes_back(d, &b)) fail_msg("%s", rows[i].name);
        assert_int_equal(b.messages, rows[i].messages);
        assert_int_equal(b.whole, rows[i].whole ? rows[i].messages : 0);
        assert_int_equal(b.named, rows[i].named);
        b = (backend){.dialect = d};
        assert_int_equal(d->calls->order(d, &words, "set-point 21.50", count_order, &b), 0);
        assert_int_equal(b.messages, rows[i].orders);
        b.messages = 0;
        assert_int_equal(d->calls->order(d, &words, "firmware 2", count_order, &b), 0);
        assert_int_equal(b.messages, 0);
        cli_dialect_free(d);
    }
}

static void what_comes_back(void **state) {
    (void)state;
    static const struct {
        const char *file;
        bool back;
    } rows[] = {
        {REPORT("{\"topic\": \"a/${device}\", \"payload\": \"${power} ${energy}/${relay}\"}"),
         true},
        {REPORT("{\"topic\": \"a\", \"payload\": \"${readings}\", \"encoding\": \"cbor\"}"), true},
        {REPORT("{\"topic\": \"a\", \"encoding\": \"senml+json\"}"), true},
        {REPORT("{\"topic\": \"a\", \"payload\": [{\"${model}\": \"${readings}\"}, 1, true]}"),
         true},
        {REPORT("{\"topic\": \"a\", \"payload\": {\"p\": \"${power}\", \"x\": [\"${energy}\", "
                "\"${relay}\"], \"t\": \"${temperature}\"}}"),
         true},
        {REPORT("{\"each\": true, \"topic\": \"a/${device}\", \"payload\": {\"${reading}\": "
                "\"${value}\"}}"),
         true},
        {REPORT("{\"each\": true, \"topic\": \"a\", \"payload\": {\"n\": \"${reading}\", \"v\": "
                "\"<${value}>\"}}"),
         true},
        /* it does not say all */
        {REPORT("{\"topic\": \"a\", \"payload\": {\"p\": \"${power}\", \"e\": \"${energy}\"}}"),
         false},
        /* nobody could tell where the one ends and the other begins */
        {REPORT("{\"topic\": \"a\", \"payload\": \"${power}${energy} ${relay}\"}"), false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        backend b;
        const net_dialect *d = dialect(rows[i].file);
        if (comes_back(d, &b) != rows[i].back) fail_msg("row %zu", i);
        cli_dialect_free(d);
    }
}

static void what_is_not_of_it(void **state) {
    (void)state;
    static net_dialect_heard h;
    static const struct {
        const char *topic, *payload;
        bool known, reports, apart;
    } rows[] = {
        {"up/bs-1", "{\"kind\": 1, \"v\": {\"x\": 2}}", true, true, false},
        {"up/bs-1", "{\"kind\": 2, \"v\": {\"x\": 2}}", false, false, false},
        {"up/bs-1", "{\"kind\": 1, \"v\": 2}", false, false, false},
        {"up/bs-1", "{\"kind", false, false, false},
        {"up/bs-1/x", "{\"kind\": 1, \"v\": {\"x\": 2}}", false, false, false},
        {"up/", "{\"kind\": 1, \"v\": {\"x\": 2}}", false, false, false},
        {"hello", "whatever", true, false, true},
        {"gone/bs-1", "", true, false, false},
        {"elsewhere", "", false, false, false},
    };
    const net_dialect *d = dialect(
        "{\"title\": \"t\", \"announce\": [{\"topic\": \"hello\", \"payload\": \"x\"}], \"will\": "
        "{\"topic\": \"gone/${device}\", \"payload\": \"x\"}, \"report\": [{\"topic\": "
        "\"up/${device}\", \"payload\": {\"kind\": 1, \"v\": \"${readings}\"}}]}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool known = d->calls->reads(d, rows[i].topic, (const uint8_t *)rows[i].payload,
                                     strlen(rows[i].payload), &h);
        if (known != rows[i].known) fail_msg("row %zu", i);
        if (!known) continue;
        assert_int_equal(h.reports, rows[i].reports);
        assert_int_equal(h.apart, rows[i].apart);
        assert_string_equal(h.device, rows[i].apart ? "" : "bs-1");
    }
    cli_dialect_free(d);
}

static void times_come_back(void **state) {
    (void)state;
    static net_dialect_heard h;
    static const struct {
        const char *word, *said;
        double time_s;
    } rows[] = {{"time", "\"2023-11-14T22:13:20Z\"", 1700000000},
                {"time_s", "1700000000", 1700000000},
                {"time_ms", "1700000000500", 1700000000.5},
                {"time_ms", "\"1700000000500\"", 1700000000.5},
                {"time", "\"yesterday\"", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char file[256], payload[128];
        (void)snprintf(file, sizeof file,
                       REPORT("{\"topic\": \"a\", \"payload\": {\"t\": \"${%s}\", \"p\": "
                              "\"${power}\"}}"),
                       rows[i].word);
        (void)snprintf(payload, sizeof payload, "{\"t\": %s, \"p\": 1}", rows[i].said);
        const net_dialect *d = dialect(file);
        assert_true(d->calls->reads(d, "a", (const uint8_t *)payload, strlen(payload), &h));
        assert_int_equal(h.readings.count, 1);
        assert_true(h.readings.records[0].time_s == rows[i].time_s);
        cli_dialect_free(d);
    }
}

static void who_it_is(void **state) {
    (void)state;
    static const struct {
        const char *login, *client_id, *user_name, *device;
        bool says;
    } rows[] = {
        {"", "bs-7", "", "bs-7", true},
        {"", "", "bs-7", "", true},
        {"\"client_id\": \"x-${device}-y\", ", "x-bs-7-y", "", "bs-7", true},
        {"\"client_id\": \"x-${device}-y\", ", "bs-7", "", "", true},
        {"\"client_id\": \"x\", \"user_name\": \"${host}/${device}/?v=1\", ", "x",
         "h.example/bs-7/?v=1", "bs-7", true},
        {"\"client_id\": \"x\", \"user_name\": \"${host}/${device}/?v=1\", ", "x", "h/bs-7", "",
         true},
        {"\"client_id\": \"${model}\", ", "bulb", "bs-7", "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char file[256], device[NET_DIALECT_TEXT_MAX];
        (void)snprintf(file, sizeof file,
                       "{\"title\": \"t\", %s\"report\": [{\"topic\": \"a\", \"payload\": 1}]}",
                       rows[i].login);
        const net_dialect *d = dialect(file);
        bool says = d->calls->names(d, rows[i].client_id, rows[i].user_name, device);
        if (says != rows[i].says || strcmp(device, rows[i].device) != 0)
            fail_msg("row %zu: %s", i, device);
        cli_dialect_free(d);
    }
}

/* ---- Home Assistant has a component for each reading of each model ---- */

static int keep_config(void *context, const net_dialect_message *m) {
    json_t **config = context;
    if (strncmp(m->topic, "homeassistant/device/bs-7/config", sizeof m->topic) != 0) return 0;
    assert_null(*config); /* one for each model */
    *config = json_loadb((const char *)m->payload, m->size, 0, NULL);
    return 0;
}

/* What Home Assistant calls a unit of SenML. */
static const char *unit_of(const char *senml) {
    static const char *const units[][2] = {{"Cel",
                                            "\xc2\xb0"
                                            "C"},
                                           {"%RH", "%"},
                                           {"beat/min", "bpm"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(units[i][0], senml) == 0) return units[i][1];
    }
    return senml;
}

static bool mentions(const json_t *component, const char *reading) {
    const char *key;
    json_t *value;
    char member[64], item[64];
    bool found = false;
    (void)snprintf(member, sizeof member, "value_json.%s ", reading);
    (void)snprintf(item, sizeof item, "value_json['%s']", reading);
    json_object_foreach((json_t *)(uintptr_t)component, key, value) {
        const char *text = strstr(key, "template") != NULL ? json_string_value(value) : NULL;
        found |= text != NULL && (strstr(text, member) != NULL || strstr(text, item) != NULL);
    }
    return found;
}

/* Of that platform, with that unit where it is a sensor's. */
static bool shows(const json_t *config, const dev_reading *r) {
    const char *key;
    json_t *component;
    json_object_foreach(json_object_get(config, "components"), key, component) {
        const char *platform = json_string_value(json_object_get(component, "platform"));
        const char *unit = json_string_value(json_object_get(component, "unit_of_measurement"));
        bool measures = strcmp(r->component, "sensor") == 0 && r->unit[0] != '\0';
        if (strcmp(platform, r->component) == 0 && mentions(component, r->name))
            return !measures || (unit != NULL && strcmp(unit, unit_of(r->unit)) == 0);
    }
    return false;
}

/* The first reading that is not shown, "" if there is no word for the model; NULL: all are. */
static const char *hidden(const net_dialect *d, const dev_model *m) {
    json_t *config = NULL;
    net_dialect_words w = words;
    w.model = m->name;
    const char *found = NULL;
    assert_int_equal(d->calls->speak(d, NET_DIALECT_ANNOUNCES, &w, keep_config, &config), 0);
    if (config == NULL) return "";
    for (const dev_reading *r = m->sheet->readings; r->name != NULL && found == NULL; r++) {
        if (!shows(config, r)) found = r->name;
    }
    json_decref(config);
    return found;
}

static void home_assistant_shows_every_reading(void **state) {
    (void)state;
    const net_dialect *d = shipped("home-assistant");
    for (size_t i = 0; dev_models[i] != NULL; i++) {
        const char *missing = hidden(d, dev_models[i]);
        if (missing != NULL) fail_msg("%s %s", dev_models[i]->name, missing);
    }
    /* and this would find a model that is new, and a reading */
    static const dev_reading smell[] = {{"smell", "", 3300, "sensor", "of it"}, {0}};
    static const dev_sheet sheet = {.readings = smell};
    const dev_model known = {.name = "bulb", .sheet = &sheet},
                    fresh = {.name = "nose", .sheet = &sheet};
    assert_string_equal(hidden(d, &known), "smell");
    assert_string_equal(hidden(d, &fresh), "");
    cli_dialect_free(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_reported),
        cmocka_unit_test(numbers_are_as_measured),
        cmocka_unit_test(requests_of_coap),
        cmocka_unit_test(what_a_protocol_cannot_say),
        cmocka_unit_test(an_error_ends_it),
        cmocka_unit_test(logging_in),
        cmocka_unit_test(signing),
        cmocka_unit_test(what_is_heard),
        cmocka_unit_test(what_is_no_dialect),
        cmocka_unit_test(files),
        cmocka_unit_test(what_is_shipped_comes_back),
        cmocka_unit_test(what_comes_back),
        cmocka_unit_test(what_is_not_of_it),
        cmocka_unit_test(times_come_back),
        cmocka_unit_test(who_it_is),
        cmocka_unit_test(home_assistant_shows_every_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
