/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/every_allocation.h"
#include "tests/unit/judge_logs.h"

static const read_options plain = {.format = READ_FORMAT_ANY};

/* Each text, read without being told its format: what comes of it. */
static void test_texts(void **state) {
    (void)state;
    static const struct {
        const char *text, *columns[6];
        read_format format;
        const char *attempts;
        size_t ends;
        read_warning warning; /* READ_WARNINGS: none at all */
    } rows[] = {
        /* ours */
        {"time_s,device,home,trigger,attempt,outcome,latency_s\n1.5,3,1,start,1,online,0.25\n2."
         "000000001,4,1,"
         "\"power, "
         "again\",1,none,\n",
         {0},
         READ_FORMAT_ATTEMPTS,
         "3 online 1.500 0.250; 4 none 2.000 -",
         0,
         READ_WARNINGS},
        {"time_s,device,home,trigger,attempt,outcome,latency_s\n1,3,1,start,1,online,\n1,3,1,start,"
         "1,none,\n",
         {0},
         READ_FORMAT_ATTEMPTS,
         "3 none 1.000 -",
         0,
         READ_WARNING_MALFORMED}, /* online without a latency */
        {"time_s,device,home,trigger,attempt,outcome,latency_s\n9,3,1,start,1,none,\n1,3,1,start,1,"
         "none,\n",
         {0},
         READ_FORMAT_ATTEMPTS,
         "3 none 1.000 -; 3 none 9.000 -",
         0,
         READ_WARNING_CLOCK_BACK},
        {"time_s,device,home,trigger,attempt,outcome,latency_s\n1,3,1,start,1,none,\n1,3,1,start,2,"
         "none,\n",
         {0},
         READ_FORMAT_ATTEMPTS,
         "3 none 1.000 -",
         0,
         READ_WARNING_DUPLICATE},
        /* any CSV */
        {"ts;id;status\n2026-01-01T00:00:10Z;a;200\n2026-01-01T00:00:12.5+00:00;a;503\n",
         {"ts", "id", NULL, NULL, "status"},
         READ_FORMAT_COLUMNS,
         "a online 0.000 0.000; a busy 2.500 0.000",
         0,
         READ_WARNINGS},
        {"id,ts\nb,1772359202000\na,1772359200500\nb,soon\n",
         {"ts", "id"},
         READ_FORMAT_COLUMNS,
         "a none 0.000 -; b none 1.500 -",
         0,
         READ_WARNING_MALFORMED},
        {"\xef\xbb\xbfts\tid\n1700000000\t\"say \"\"a\"\"\"\n",
         {"ts", "id"},
         READ_FORMAT_COLUMNS,
         "say \"a\" none 0.000 -",
         0,
         READ_WARNINGS},
        /* Mosquitto */
        {"1795285836: mosquitto version 2.0.11 starting\n"
         "1795285836: New connection from 192.0.2.1:57974 on port 1883.\n"
         "1795285837: New client connected from 192.0.2.1:57974 as one as two (p2, c1, k60).\n"
         "1795285840: Client one as two closed its connection.\n"
         "1795285841: New connection from 192.0.2.1:57975 on port 1883.\n"
         "1795285841: Client <unknown> disconnected, not authorised.\n"
         "1795285842: Client connection from 192.0.2.1 denied: max_connections exceeded.\n",
         {0},
         READ_FORMAT_MOSQUITTO,
         "one as two online 0.000 1.000; one as two refused 5.000 0.000; one as two busy 6.000 "
         "0.000",
         1,
         READ_WARNINGS},
        {"2026-11-21T18:30:15: New connection from ::1:42472 on port 18832.\n"
         "2026-11-21T18:30:15: New client connected from ::1:42472 as den (p5, c0, k10, u'me').\n"
         "2026-11-21T18:30:25: mosquitto version 2.0.11 terminating\n"
         "2026-11-21T18:30:20: New connection from ::1:42473 on port 18832.\n",
         {0},
         READ_FORMAT_MOSQUITTO,
         "den online 0.000 0.000; den none 5.000 -",
         1,
         READ_WARNING_CLOCK_BACK},
        {"1795285836: New client connected from 192.0.2.1 as old (c1, k60).\n"
         "1795285837: New client connected from 192.0.2.2 as old (c1, k60).\n"
         "1795285839: Socket error on client old, disconnecting.\n"
         "1795285839: Client old disconnected.\n",
         {0},
         READ_FORMAT_MOSQUITTO,
         "old online 0.000 0.000; old online 1.000 0.000",
         2,
         READ_WARNING_TWO_PLACES},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_options o = plain;
        read_log log = {0};
        char why[READ_WHY_MAX];
        o.columns = (read_columns){rows[i].columns[0],
                                   rows[i].columns[1],
                                   rows[i].columns[2],
                                   rows[i].columns[3],
                                   rows[i].columns[4],
                                   rows[i].columns[5],
                                   NULL,
                                   NULL};
        if (read_text(rows[i].text, &o, &log, why) != 0) fail_msg("row %zu: %s", i, why);
        assert_int_equal(read_log_finish(&log, &o), 0);
        assert_int_equal(log.format, rows[i].format);
        assert_string_equal(attempts_text(&log), rows[i].attempts);
        assert_int_equal(log.end_count, rows[i].ends);
        for (int w = 0; w < READ_WARNINGS; w++)
            if ((log.warnings[w].count > 0) != (w == (int)rows[i].warning))
                fail_msg("row %zu: warning %d", i, w);
        read_log_deinit(&log);
    }
}

/* How each end reads: "online own", "online other", … in order of time. */
static const char *ends_text(const read_log *log) {
    static char text[512];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < log->end_count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s", i > 0 ? "; " : "",
                                 read_names_text(&log->devices, log->ends[i].device),
                                 log->ends[i].by_client ? "own" : "other");
    return text;
}

#define COMES(second, port) \
    "179528583" #second ": New connection from 192.0.2.1:" #port " on port 1883.\n"
#define IS_IN(second, port, id)                                                  \
    "179528583" #second ": New client connected from 192.0.2.1:" #port " as " id \
    " (p2, c1, "                                                                 \
    "k60).\n"
#define SAYS(second, text) "179528583" #second ": " text "\n"

/* Each sentence of Mosquitto 1.4 to 2.1 settles its own attempt; and who made an end. */
static void test_mosquitto_sentences(void **state) {
    (void)state;
    static const struct {
        const char *text, *attempts, *ends;
    } rows[] = {
        /* the client says goodbye, and the ends that only look so */
        {COMES(0, 1) IS_IN(0, 1, "a") SAYS(1, "Client a disconnected."), "a online 0.000 0.000",
         "a own"},
        {COMES(0, 1) IS_IN(0, 1, "a") SAYS(1, "Client a [192.0.2.1:1] disconnected."),
         "a online 0.000 0.000", "a own"},
        {COMES(0, 1) IS_IN(0, 1, "a") SAYS(1, "Client a closed its connection."),
         "a online 0.000 0.000", "a other"},
        {COMES(0, 1) IS_IN(0, 1, "a") SAYS(1, "Client a disconnected: Protocol error."),
         "a online 0.000 0.000", "a other"},
        {COMES(0, 1) IS_IN(0, 1, "a")
             SAYS(1, "Client a [192.0.2.1:1] disconnected: connection closed by client."),
         "a online 0.000 0.000", "a other"},
        {COMES(0, 1) IS_IN(0, 1, "a")
             SAYS(1, "Bad socket read/write on client a: The connection was lost."),
         "a online 0.000 0.000", "a other"},
        {COMES(0, 1) IS_IN(0, 1, "a") SAYS(1, "Good socket read/write on client a: It was not."),
         "a online 0.000 0.000", ""},
        /* bridges */
        {COMES(0, 1) SAYS(2, "New bridge connected from 192.0.2.1:1 as b (p2, c1, k60)."),
         "b online 0.000 2.000", ""},
        {COMES(0, 1) SAYS(2, "New friend connected from 192.0.2.1:1 as b (p2, c1, k60)."),
         "192.0.2.1 none 0.000 -", ""},
        /* refusals by peer, with the address in place of an id, by id, by nobody */
        {COMES(0, 1) COMES(0, 2)
             SAYS(3, "Client 192.0.2.1 [192.0.2.1:1] disconnected: not authorised."),
         "192.0.2.1 refused 0.000 3.000; 192.0.2.1 none 0.000 -", ""},
        {COMES(0, 1) COMES(0, 2) SAYS(3, "Client a [192.0.2.1:2] disconnected: not authorised."),
         "a none 0.000 -; a refused 0.000 3.000", ""},
        {COMES(0, 1) IS_IN(0, 1, "a") COMES(2, 2) SAYS(3, "Client a disconnected, not authorised."),
         "a online 0.000 0.000; a refused 2.000 1.000", ""},
        {COMES(0, 1) IS_IN(0, 1, "a") COMES(2, 2) SAYS(3, "Client a disconnected, server busy."),
         "a online 0.000 0.000; a busy 2.000 1.000", ""},
        {COMES(0, 1) SAYS(0, "New connection from 192.0.2.7:5 on port 1883.")
             SAYS(1, "Client <unknown> [192.0.2.1:1] disconnected: protocol error."),
         "192.0.2.1 refused 0.000 1.000; 192.0.2.7 none 0.000 -", ""},
        /* a health check's line closes its own attempt, not that of a client who is known */
        {COMES(0, 1) IS_IN(0, 1, "a") SAYS(1, "Client a closed its connection.")
             SAYS(2, "New connection from 192.0.2.7:5 on port 1883.") COMES(3, 2)
                 SAYS(4, "Client <unknown> closed its connection.")
                     SAYS(5, "Client a disconnected, not authorised."),
         "a online 0.000 0.000; 192.0.2.7 refused 2.000 2.000; a refused 3.000 2.000", "a other"},
        /* no port: two of one address */
        {SAYS(0, "New connection from 192.0.2.1 on port 1883.")
             SAYS(0, "New connection from 192.0.2.1 on port 1883.")
                 SAYS(1, "New client connected from 192.0.2.1 as a (c1, k60).")
                     SAYS(1, "New client connected from 192.0.2.1 as b (c1, k60)."),
         "a online 0.000 1.000; b online 0.000 1.000", ""},
        /* an old connection's end is not the new one's */
        {COMES(0, 1) IS_IN(0, 1, "a") COMES(2, 2) IS_IN(2, 2, "a")
             SAYS(3, "Client a [192.0.2.1:1] disconnected: session taken over."),
         "a online 0.000 0.000; a online 2.000 0.000", "a other"},
        /* each reason of a refusal, and each end of somebody who is in */
        {COMES(0, 1) SAYS(2, "Client a [192.0.2.1:1] disconnected: not authorized."),
         "a refused 0.000 2.000", ""},
        {COMES(0, 1) SAYS(2, "Client a [192.0.2.1:1] disconnected: bad user name or password."),
         "a refused 0.000 2.000", ""},
        {COMES(0, 1) SAYS(2, "Client a [192.0.2.1:1] disconnected: server unavailable."),
         "a busy 0.000 2.000", ""},
        {COMES(0, 1) SAYS(2, "Client a [192.0.2.1:1] disconnected: max_connections exceeded."),
         "a busy 0.000 2.000", ""},
        {COMES(0, 1) IS_IN(0, 1, "a") SAYS(4, "Client a has exceeded timeout, disconnecting."),
         "a online 0.000 0.000", "a other"},
        {COMES(0, 1) IS_IN(0, 1, "a")
             SAYS(4, "Client a already connected, closing old connection."),
         "a online 0.000 0.000", "a other"},
        {COMES(0, 1) IS_IN(0, 1, "a")
             SAYS(4, "Client a has been disconnected by administrative action."),
         "a online 0.000 0.000", "a other"},
        {COMES(0, 1) IS_IN(0, 1, "a")
             SAYS(4, "Client a been disconnected by administrative action."),
         "a online 0.000 0.000", "a other"},
        {COMES(0, 1) IS_IN(0, 1, "a") SAYS(4, "Socket error on client a, disconnecting."),
         "a online 0.000 0.000", "a other"},
        /* bad twin: of somebody who is not in, "already connected" ends nothing */
        {COMES(0, 1) SAYS(4, "Client a already connected, closing old connection."),
         "192.0.2.1 none 0.000 -", ""},
        /* turned away without a line before it: full is busy, all else is a refusal */
        {COMES(0, 1) IS_IN(0, 1, "a")
             SAYS(5, "Client connection from 192.0.2.9 denied: max_connections exceeded."),
         "a online 0.000 0.000; 192.0.2.9 busy 5.000 0.000", ""},
        {COMES(0, 1) IS_IN(0, 1, "a")
             SAYS(5, "Client connection from 192.0.2.9 denied access by tcpd."),
         "a online 0.000 0.000; 192.0.2.9 refused 5.000 0.000", ""},
        {COMES(0, 1) IS_IN(0, 1, "a")
             SAYS(5, "Client connection from 192.0.2.9 failed: error:1408F10B."),
         "a online 0.000 0.000; 192.0.2.9 refused 5.000 0.000", ""},
        /* a broker that starts or ends loses them all; what else it says of its version does not */
        {COMES(0, 1) IS_IN(0, 1, "a") SAYS(6, "mosquitto version 2.0.11 terminating"),
         "a online 0.000 0.000", "a other"},
        {COMES(0, 1) IS_IN(0, 1, "a") SAYS(6, "mosquitto version 2.0.11 starting"),
         "a online 0.000 0.000", "a other"},
        {COMES(0, 1) IS_IN(0, 1, "a") SAYS(6, "mosquitto version 2.0.11 running"),
         "a online 0.000 0.000", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_log log = {0};
        char why[READ_WHY_MAX];
        if (read_text(rows[i].text, &plain, &log, why) != 0) fail_msg("row %zu: %s", i, why);
        assert_int_equal(read_log_finish(&log, &plain), 0);
        if (strcmp(attempts_text(&log), rows[i].attempts) != 0)
            fail_msg("row %zu: %s, not %s", i, attempts_text(&log), rows[i].attempts);
        if (strcmp(ends_text(&log), rows[i].ends) != 0)
            fail_msg("row %zu: ends %s, not %s", i, ends_text(&log), rows[i].ends);
        read_log_deinit(&log);
    }
}

#define EMQX(second, rest) "2026-03-01T10:00:0" #second ".000000+00:00 [debug] msg: " rest "\n"
#define EMQX_IN                                                                             \
    EMQX(0, "mqtt_packet_received, peername: 192.0.2.7:5, packet: CONNECT(Q0, ClientId=a)") \
    EMQX(                                                                                   \
        0,                                                                                  \
        "mqtt_packet_sent, peername: 192.0.2.7:5, clientid: a, packet: CONNACK(Q0, ReasonCode=0)")
#define EMQX_LOST \
    EMQX(2, "terminate, peername: 192.0.2.7:5, clientid: a, reason: {shutdown,tcp_closed}")

/* EMQX tells a goodbye by its reason, or by the packet before the end. */
static void test_emqx_goodbyes(void **state) {
    (void)state;
    static const struct {
        const char *text, *ends;
    } rows[] = {
        {EMQX_IN EMQX_LOST, "a other"},
        {EMQX_IN EMQX(2,
                      "terminate, peername: 192.0.2.7:5, clientid: a, reason: {shutdown,normal}"),
         "a own"},
        {EMQX_IN EMQX(1,
                      "mqtt_packet_received, peername: 192.0.2.7:5, clientid: a, packet: "
                      "DISCONNECT(Q0, R0, D0, ReasonCode=0)") EMQX_LOST,
         "a own"},
        {EMQX_IN EMQX(1,
                      "mqtt_packet_sent, peername: 192.0.2.7:5, clientid: a, packet: "
                      "DISCONNECT(Q0, R0, D0, ReasonCode=142)") EMQX_LOST,
         "a other"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_log log = {0};
        char why[READ_WHY_MAX];
        if (read_text(rows[i].text, &plain, &log, why) != 0) fail_msg("row %zu: %s", i, why);
        assert_int_equal(read_log_finish(&log, &plain), 0);
        if (strcmp(ends_text(&log), rows[i].ends) != 0)
            fail_msg("row %zu: ends %s, not %s", i, ends_text(&log), rows[i].ends);
        read_log_deinit(&log);
    }
}

/* ---- tables: each word, and each column ---- */

/* Of a table with the columns ts, id, word and reason, in which `word` is of the given kind; of an
 * event, somebody had come in before. */
static void read_word(read_column kind, const char *word, const char *reason, read_log *log) {
    read_options o = {.columns = {.time = "ts", .device = "id"}};
    char text[256], why[READ_WHY_MAX];
    if (kind == READ_OUTCOME) o.columns.outcome = "word";
    if (kind == READ_EVENT) o.columns.event = "word";
    if (kind == READ_EVENT) o.columns.reason = "reason";
    snprintf(text, sizeof text, "ts;id;word;reason\n%s1700000002;a;%s;%s\n",
             kind == READ_EVENT ? "1700000000;a;connect;\n" : "", word, reason);
    *log = (read_log){0};
    if (read_text(text, &o, log, why) != 0) fail_msg("%s, %s: %s", word, reason, why);
    assert_int_equal(read_log_finish(log, &o), 0);
}

static void test_each_word_of_an_outcome(void **state) {
    (void)state;
    static const struct {
        record_outcome outcome;
        const char *words[14];
    } rows[] = {
        {RECORD_OUTCOME_NONE, {"none", "unknown", "timeout", "None"}},
        {RECORD_OUTCOME_DROPPED, {"dropped"}},
        {RECORD_OUTCOME_ONLINE,
         {"online", "ok", "success", "connected", "accepted", "true", "yes", "0", "200", "299"}},
        {RECORD_OUTCOME_REFUSED,
         {"refused", "failed", "failure", "error", "rejected", "denied", "false", "no", "5", "135",
          "300", "404", "500"}},
        {RECORD_OUTCOME_BUSY,
         {"busy", "throttled", "unavailable", "3", "136", "137", "151", "159", "429", "503"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (const char *const *word = rows[i].words; *word != NULL; word++) {
            read_log log;
            read_word(READ_OUTCOME, *word, "", &log);
            assert_int_equal(log.attempts.count, 1);
            if (log.attempts.items[0].outcome != rows[i].outcome)
                fail_msg("%s is %s", *word, record_outcome_word(log.attempts.items[0].outcome));
            read_log_deinit(&log);
        }
}

/* Of an event: an attempt that came in or was turned away, or an end. */
static void test_each_word_of_an_event(void **state) {
    (void)state;
    static const struct {
        const char *comes; /* "": it is an end */
        const char *words[20];
    } rows[] = {
        {"; a online 2.000 0.000",
         {"connected", "connect", "clientconnected", "Client Connect", "deviceConnected",
          "device_connect", "onConnect", "online", "$SYS/brokers/b/clients/a/connected",
          "client.connected"}},
        {"; a refused 2.000 0.000",
         {"connectfailed", "connectionFailed", "connection refused", "connectionrejected",
          "connectfailure", "connect.rejected/connectrejected", "authfailed", "auth-failure",
          "authenticationFailed"}},
        {"",
         {"disconnected", "disconnect", "clientdisconnected", "Client Disconnect",
          "deviceDisconnected", "device_disconnect", "onDisconnect", "offline", "connectionlost",
          "connection closed", "ungracefulDisconnect", "$events/client_disconnected",
          "client.disconnected"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (const char *const *word = rows[i].words; *word != NULL; word++) {
            read_log log;
            read_word(READ_EVENT, *word, "", &log);
            static const char before[] = "a online 0.000 0.000";
            const char *all = attempts_text(&log);
            if (strncmp(all, before, strlen(before)) != 0 ||
                strcmp(all + strlen(before), rows[i].comes) != 0)
                fail_msg("%s: %s", *word, all);
            if (strcmp(ends_text(&log), rows[i].comes[0] == '\0' ? "a other" : "") != 0)
                fail_msg("%s: ends %s", *word, ends_text(&log));
            read_log_deinit(&log);
        }
}

static void test_each_word_of_a_goodbye(void **state) {
    (void)state;
    static const char *const own[] = {"normal",
                                      "{shutdown,normal}",
                                      "CLIENT_INITIATED_DISCONNECT",
                                      "true",
                                      "by client",
                                      "disconnected by client",
                                      "clientDisconnect"},
                             *const others[] = {"", "{shutdown,tcp_closed}", "keepalive_timeout",
                                                "normally", "false"};
    read_log log;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        read_word(READ_EVENT, "disconnected", own[i], &log);
        if (strcmp(ends_text(&log), "a own") != 0) fail_msg("%s: %s", own[i], ends_text(&log));
        read_log_deinit(&log);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        read_word(READ_EVENT, "disconnected", others[i], &log);
        if (strcmp(ends_text(&log), "a other") != 0) fail_msg("%s: %s", others[i], ends_text(&log));
        read_log_deinit(&log);
    }
}

/* All that is told of attempts and ends, so that two columns that were swapped show. */
static const char *all_text(const read_log *log) {
    static char text[1024];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < log->attempts.count; i++) {
        const record_attempt *a = &log->attempts.items[i];
        used += (size_t)snprintf(
            text + used, sizeof text - used, "%s of %s by %s #%u %s %.1f %.2f; ",
            read_names_text(&log->devices, a->device), read_names_text(&log->homes, a->home),
            log->triggers.count > 0 ? read_names_text(&log->triggers, a->trigger) : "-", a->number,
            record_outcome_word(a->outcome), sim_time_seconds(a->at),
            a->latency == SIM_NEVER ? -1 : sim_time_seconds(a->latency));
    }
    for (size_t i = 0; i < log->end_count; i++)
        used += (size_t)snprintf(
            text + used, sizeof text - used, "%s of %s ends %.1f %s %s; ",
            read_names_text(&log->devices, log->ends[i].device),
            read_names_text(&log->homes, log->ends[i].home), sim_time_seconds(log->ends[i].at),
            log->ends[i].by_client ? "own" : "other", log->ends[i].was_online ? "online" : "away");
    return text;
}

static void test_each_column(void **state) {
    (void)state;
#define ALL                                                                            \
    {                                                                                  \
        .time = "ts", .device = "id", .home = "at", .trigger = "by", .outcome = "how", \
        .latency = "took", .event = "what", .reason = "why"                            \
    }
    static const struct {
        const char *text;
        read_columns columns;
        const char *all;
    } rows[] = {
        {"ts,id,at,by,how,took,what,why\n"
         "1700000000,dev,house,storm,busy,0.25,connect,normal\n"
         "1700000007.5,vel,shed,thaw,0,1.75,connect,\n"
         "1700000009,dev,house,storm,,,disconnect,normal\n",
         ALL,
         "dev of house by storm #0 busy 0.0 0.25; vel of shed by thaw #0 online 7.5 1.75; "
         "dev of house ends 9.0 own online; "},
        {"{\"why\":\"normal\",\"what\":\"connect\",\"took\":\"0.25\",\"how\":\"busy\",\"by\":"
         "\"storm\",\"at\":\"house\",\"id\":\"dev\",\"ts\":1700000000}\n"
         "{\"why\":\"normal\",\"what\":\"disconnect\",\"at\":\"shed\",\"id\":\"dev\",\"ts\":"
         "1700000003}\n",
         ALL, "dev of house by storm #0 busy 0.0 0.25; dev of shed ends 3.0 own online; "},
        {"time_s,device,home,trigger,attempt,outcome,latency_s\n"
         "1.5,3,1,storm,7,online,0.25\n2.5,4,2,thaw,9,dropped,\n",
         {0},
         "3 of 1 by storm #7 online 1.5 0.25; 4 of 2 by thaw #9 dropped 2.5 -1.00; "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const read_options o = {
            .format = rows[i].text[0] == '{' ? READ_FORMAT_JSON : READ_FORMAT_ANY,
            .columns = rows[i].columns};
        read_log log = {0};
        char why[READ_WHY_MAX];
        if (read_text(rows[i].text, &o, &log, why) != 0) fail_msg("row %zu: %s", i, why);
        assert_int_equal(read_log_finish(&log, &o), 0);
        assert_string_equal(all_text(&log), rows[i].all);
        read_log_deinit(&log);
    }
#undef ALL
}

/* What Mosquitto writes besides: a log of nothing else is known by it, and holds no connection. */
static void test_mosquitto_is_known_by_each_sentence(void **state) {
    (void)state;
    static const char *const sentences[] = {"Config loaded from /etc/m.conf.",
                                            "Loading config file /etc/m.d/a.conf",
                                            "Opening ipv4 listen socket on port 1883.",
                                            "Received PINGREQ from a",
                                            "Sending PINGRESP to a",
                                            "No will message specified.",
                                            "Will message specified (4 bytes) (r0, q0).",
                                            "Saving in-memory database to /var/lib/m.db.",
                                            "Restored 3 base messages",
                                            "Using default config.",
                                            "Starting in local only mode.",
                                            "Bridge b doing local SUBSCRIBE on topic #",
                                            "Connecting bridge b (192.0.2.1:1883)",
                                            "Expiring client a due to timeout.",
                                            "Outgoing messages are being dropped for client a.",
                                            "Loading plugin: /usr/lib/p.so",
                                            "Warning: Mosquitto should not be run as root.",
                                            "Error: Address already in use",
                                            "OpenSSL Error[0]: error:14094416"};
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        char text[256], why[READ_WHY_MAX] = "";
        read_log log = {0};
        snprintf(text, sizeof text, "1795285836: %s\n1795285837: %s\n", sentences[i], sentences[i]);
        assert_int_not_equal(read_text(text, &plain, &log, why), 0);
        if (strstr(why, "Mosquitto") == NULL) fail_msg("%s: %s", sentences[i], why);
        read_log_deinit(&log);
        /* bad twin: a word less of it is nobody's */
        snprintf(text, sizeof text, "1795285836: x%s\n1795285837: x%s\n", sentences[i],
                 sentences[i]);
        assert_int_not_equal(read_text(text, &plain, &log, why), 0);
        if (strstr(why, "Mosquitto log") != NULL) fail_msg("x%s: %s", sentences[i], why);
        read_log_deinit(&log);
    }
}

/* What is not a log, or not the one it is said to be: a line that says so. */
static void test_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        read_format format;
        const char *time, *device, *why;
    } rows[] = {
        {"", READ_FORMAT_ANY, NULL, NULL, "empty"},
        {"a poem\nof two lines\n", READ_FORMAT_ANY, NULL, NULL, "neither a capture"},
        {"2026-01-01 nothing\n", READ_FORMAT_ANY, NULL, NULL, "neither a capture"},
        {"a,b\n1,2\n", READ_FORMAT_ANY, "ts", "id", "no column ts"},
        {"ts,b\n1,2\n", READ_FORMAT_ANY, "ts", NULL, "which columns"},
        {"ts,id\n", READ_FORMAT_ANY, "ts", "id", "not one row"},
        {"ts,id\nnow,1\n", READ_FORMAT_ANY, "ts", "id", "line 2, column ts: \"now\" is no time"},
        {"\n", READ_FORMAT_ANY, "ts", "id", "no header"},
        {"\"ts,id\n1,2\n", READ_FORMAT_ANY, "ts", "id", "open quote"},
        {"time_s,device\n", READ_FORMAT_ATTEMPTS, NULL, NULL, "not attempts.csv"},
        {"GET / HTTP/1.0\n", READ_FORMAT_MOSQUITTO, NULL, NULL, "no line of a Mosquitto log"},
        {"GET / HTTP/1.0\n", READ_FORMAT_EMQX, NULL, NULL, "no line of an EMQX log"},
        {"2026-03-01T10:00:00.000100+00:00 [info] msg: started\n", READ_FORMAT_ANY, NULL, NULL,
         "no line of an EMQX log"},
        {"GET / HTTP/1.0\n", READ_FORMAT_PCAP, NULL, NULL, "not a capture"},
        {"\xd4\xc3\xb2\xa1", READ_FORMAT_ANY, NULL, NULL, "not a capture"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const read_options o = {.format = rows[i].format,
                                .columns = {.time = rows[i].time, .device = rows[i].device}};
        read_log log = {0};
        char why[READ_WHY_MAX];
        int error = read_text(rows[i].text, &o, &log, why);
        bool silent = strstr(why, "among") != NULL && error != SIM_EPARSE;
        assert_int_equal(error, silent || rows[i].text[0] == '\0' ? SIM_ESTATE : SIM_EPARSE);
        if (strstr(why, rows[i].why) == NULL) fail_msg("row %zu: %s", i, why);
        read_log_deinit(&log);
    }
}

static void test_files(void **state) {
    (void)state;
    static const struct {
        const char *name, *attempts;
        size_t ends;
    } rows[] = {
        {"emqx4.log", "lamp 2 online 0.000 0.039", 1},
        {"emqx5.log", "lamp-1 online 0.000 0.003; lamp-1 busy 30.900 0.004", 1},
        {"emqx.jsonl", "lamp-3 online 0.000 0.050; lamp-3 online 1.900 0.000", 1},
        {"mosquitto.log",
         "one online 0.000 0.000; one online 0.000 0.000; a b c online 0.000 0.000; 127.0.0.1 "
         "online 0.000 "
         "0.000; 127.0.0.1 "
         "busy 1.000 0.000; ab online 4.000 0.000; 127.0.0.1 refused 4.000 0.000; 127.0.0.1 "
         "refused 4.000 "
         "0.000; 127.0.0.1 "
         "refused 4.000 0.000",
         5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_log log;
        read_data(rows[i].name, &plain, &log);
        assert_string_equal(attempts_text(&log), rows[i].attempts);
        assert_int_equal(log.end_count, rows[i].ends);
        read_log_deinit(&log);
    }
}

static void test_stamps(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t ns;
        sim_time resolution;
        const char *rest; /* NULL: no time */
    } rows[] = {
        {"0", 0, SIM_SECOND, ""},
        {"1.25", 1250000000, 10 * SIM_MILLISECOND, ""},
        {"1795285836: x", INT64_C(1795285836000000000), SIM_SECOND, ": x"},
        {"1795285836123", INT64_C(1795285836123000000), SIM_MILLISECOND, ""},
        {"1795285836123456", INT64_C(1795285836123456000), SIM_MICROSECOND, ""},
        {"1795285836123456789", INT64_C(1795285836123456789), 1, ""},
        {"1970-01-01T00:00:00Z", 0, SIM_SECOND, ""},
        {"2000-02-29 12:00:00,5", INT64_C(951825600500000000), 100 * SIM_MILLISECOND, ""},
        {"2026-11-21T18:30:15+02:00 x", INT64_C(1795278615000000000), SIM_SECOND, " x"},
        {"2026-11-21T18:30:15-0130", INT64_C(1795291215000000000), SIM_SECOND, ""},
        {"99999999999999999999", 0, 0, NULL},
        {"-5", 0, 0, NULL},
        {"", 0, 0, NULL},
        {"2026-13-01T00:00:00", 2026 * SIM_SECOND, SIM_SECOND, "-13-01T00:00:00"},
        {"soon", 0, 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ns = 0;
        sim_time resolution = 0;
        const char *end = read_stamp(rows[i].text, &ns, &resolution);
        if ((end == NULL) != (rows[i].rest == NULL)) fail_msg("row %zu: %s", i, rows[i].text);
        if (end == NULL) continue;
        assert_string_equal(end, rows[i].rest);
        assert_true(ns == rows[i].ns);
        assert_true(resolution == rows[i].resolution);
    }
}

static void test_by(void **state) {
    (void)state;
    read_options o = {.by = READ_BY_ADDRESS};
    read_log log;
    read_data("mosquitto.log", &o, &log);
    assert_int_equal(log.devices.count, 1);
    read_log_deinit(&log);
    o.by = READ_BY_CLIENT_ID;
    read_data("mosquitto.log", &o, &log);
    assert_int_equal(log.devices.count, 4);
    assert_false(read_log_keep(&log, "nobody"));
    assert_true(read_log_keep(&log, "one"));
    assert_int_equal(log.devices.count, 1);
    assert_int_equal(log.attempts.count, 2);
    read_log_deinit(&log);
}

/* A line that is too long is left out and counted; the one behind it is read. */
static void test_long_line(void **state) {
    (void)state;
    const read_options o = {.columns = {.time = "ts", .device = "id"}};
    static const char head[] = {'t', 's', ',', 'i', 'd', '\n'}, row[] = {'\n', '1', ',', '2', '\n'};
    size_t size = READ_LINE_MAX + 100;
    char *text = sim_malloc(size), why[READ_WHY_MAX];
    assert_non_null(text);
    memset(text, 'x', size);
    memcpy(text, head, sizeof head);
    memcpy(text + size - sizeof row, row, sizeof row);
    read_log log = {0};
    assert_int_equal(read_bytes(text, size, &o, &log, why), 0);
    assert_int_equal(log.attempts.count, 1);
    assert_int_equal(log.warnings[READ_WARNING_MALFORMED].count, 1);
    assert_int_equal(log.warnings[READ_WARNING_MALFORMED].first, 2);
    read_log_deinit(&log);
    sim_free(text);
}

/* Names that would steer a terminal are made harmless, and are still one device each. */
static void test_names(void **state) {
    (void)state;
    read_names n = {0};
    uint32_t a, b, c;
    assert_int_equal(read_names_number(&n, "a\x1b[2J", 5, &a), 0);
    assert_int_equal(read_names_number(&n, "b", 1, &b), 0);
    assert_int_equal(read_names_number(&n, "a\x1b[2J", 5, &c), 0);
    assert_int_equal(a, c);
    assert_int_not_equal(a, b);
    assert_string_equal(read_names_text(&n, a), "a?[2J");
    read_names_deinit(&n);
}

static int read_and_finish(void *context) {
    read_log log = {0};
    char why[READ_WHY_MAX];
    const read_options o = plain;
    int error = read_text(context, &o, &log, why);
    if (error == 0) error = read_log_finish(&log, &o);
    read_log_deinit(&log);
    return error;
}

static void test_every_allocation(void **state) {
    (void)state;
    char broker[] =
        "1795285836: New connection from 192.0.2.1:57974 on port 1883.\n"
        "1795285837: New client connected from 192.0.2.1:57974 as one (p2, c1, k60).\n"
        "1795285840: Client one closed its connection.\n";
    char ours[] = "time_s,device,home,trigger,attempt,outcome,latency_s\n1,3,1,start,1,none,\n";
    assert_true(fail_every_allocation(read_and_finish, broker) > 5);
    assert_true(fail_every_allocation(read_and_finish, ours) > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mosquitto_sentences),
        cmocka_unit_test(test_emqx_goodbyes),
        cmocka_unit_test(test_mosquitto_is_known_by_each_sentence),
        cmocka_unit_test(test_each_word_of_an_outcome),
        cmocka_unit_test(test_each_word_of_an_event),
        cmocka_unit_test(test_each_word_of_a_goodbye),
        cmocka_unit_test(test_each_column),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_stamps),
        cmocka_unit_test(test_by),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_every_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
