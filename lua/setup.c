/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What setup(p) builds: cloud{ ... }, fleet.streets{ ... }, fleet.devices{ ... }. Plain data for
 * sim/fleet/spec.h; nothing runs yet. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lua/names.h"
#include "lua/read.h"
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/path.h"
#include "sim/run/count.h"

/* ---- the cloud ---- */

typedef struct cloud_words {
    double connections, requests; /* negative: not given */
    double connection_queue, request_queue;
    int over, says;
    sim_time max_age;
    double overload_cost;
    sim_time close_after; /* negative: not given */
    int closes;
    const char *trigger;
    int paper, version;
} cloud_words;

static const char *const paper_words[] = {[FLEET_PAPER_VALID] = "valid",
                                          [FLEET_PAPER_EXPIRED] = "expired",
                                          [FLEET_PAPER_OTHER_HOST] = "other-host",
                                          [FLEET_PAPER_UNKNOWN_AUTHORITY] = "unknown-authority",
                                          NULL};
static const char *const version_words[] = {"1.3", "1.2", NULL};

const sim_field script_cloud_fields[] = {
    {.name = "connections",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(cloud_words, connections),
     .minimum = 0.001,
     .maximum = 1e9,
     .help = "new connections per second that it admits; 500"},
    {.name = "requests",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(cloud_words, requests),
     .minimum = 0.001,
     .maximum = 1e9,
     .help = "requests per second; 20 for each device, 20000 at least"},
    {.name = "over",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(cloud_words, over),
     .choices = cloud_over_words,
     .help = "what is over capacity: falls, is answered 5.03 with Max-Age, or is refused at once; "
             "drop"},
    {.name = "says",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(cloud_words, says),
     .choices = cloud_busy_words,
     .help = "with over = \"busy\", to a connection over MQTT: busy (0x89), unavailable (0x88), "
             "quota (0x97) or rate (0x9F); busy"},
    {.name = "max_age",
     .kind = SIM_FIELD_DURATION,
     .offset = offsetof(cloud_words, max_age),
     .minimum = 1e9,
     .maximum = 86400e9,
     .help = "of a 5.03, whole seconds; 30s"},
    {.name = "overload_cost",
     .kind = SIM_FIELD_FRACTION,
     .offset = offsetof(cloud_words, overload_cost),
     .help = "what turning a connection away costs, as a share of admitting one; 0"},
    {.name = "close_after",
     .kind = SIM_FIELD_DURATION,
     .offset = offsetof(cloud_words, close_after),
     .minimum = 0,
     .maximum = 86400e9,
     .help = "every session is closed so long after its registration; 0: never"},
    {.name = "closes",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(cloud_words, closes),
     .choices = fleet_close_words,
     .help = "with close_after: in-order, or reset, by which a connection ends with RST and a "
             "session of datagrams is forgotten; in-order"},
    {.name = "trigger",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(cloud_words, trigger),
     .help = "with close_after in the drill: the name under which the judge finds the wave"},
    {.name = "certificate",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(cloud_words, paper),
     .choices = paper_words,
     .help = "that it shows over TLS: valid, expired, other-host, unknown-authority; in setup; "
             "valid"},
    {.name = "tls",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(cloud_words, version),
     .choices = version_words,
     .help = "the newest version that devices speak with it, 1.3 or 1.2; in setup; 1.3"},
    {.name = "connection_queue",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(cloud_words, connection_queue),
     .minimum = 0,
     .maximum = 1e9,
     .help = "how many may wait; one second's worth"},
    {.name = "stages",
     .kind = SIM_FIELD_LATER,
     .help = "the chain that a device must pass before it is online, between connections and "
             "requests, which may be rows of it, too"},
    {.name = "request_queue",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(cloud_words, request_queue),
     .minimum = 0,
     .maximum = 1e9,
     .help = "how many may wait; one second's worth"},
    {.name = NULL},
};

/* A queue that is not named holds one second of its rate. */
static void take_limit(double rate, double queue, double *per_s, uint32_t *places) {
    if (rate >= 0) *per_s = rate;
    if (queue >= 0)
        *places = (uint32_t)queue;
    else if (rate >= 0)
        *places = (uint32_t)ceil(rate);
}

static bool is_stage_word(const char *word) {
    size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return n > 0 && n < CLOUD_STAGE_WORD_MAX && word[n] == '\0';
}

typedef struct stage_words {
    const char *name;
    double rate, queue; /* negative: not given */
    double overload_cost;
    bool restart;
} stage_words;

const sim_field script_stage_fields[] = {
    {.name = "name",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(stage_words, name),
     .required = true,
     .help = "1 to 15 letters, digits, - and _"},
    {.name = "rate",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(stage_words, rate),
     .minimum = 0.001,
     .maximum = 1e9,
     .required = true,
     .help = "registrations per second"},
    {.name = "queue",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(stage_words, queue),
     .minimum = 0,
     .maximum = 1e9,
     .help = "how many may wait; one second's worth"},
    {.name = "overload_cost",
     .kind = SIM_FIELD_FRACTION,
     .offset = offsetof(stage_words, overload_cost),
     .help = "what one that finds no place costs all the same; 0"},
    {.name = "restart",
     .kind = SIM_FIELD_BOOLEAN,
     .offset = offsetof(stage_words, restart),
     .help = "who finds no place begins again at the first stage; false"},
    {.name = NULL},
};

/* The stages that every cloud has, the first and the last of its chain; `said` is the field of
 * cloud{} that is short for the row. */
typedef struct standing_stage {
    const char *word;
    size_t rate, queue, said;
    bool first;
} standing_stage;
static const standing_stage standing_stages[] = {
    {.word = "connections",
     .rate = offsetof(cloud_limits, connections_per_s),
     .queue = offsetof(cloud_limits, connection_queue),
     .said = offsetof(cloud_words, connections),
     .first = true},
    {.word = "requests",
     .rate = offsetof(cloud_limits, requests_per_s),
     .queue = offsetof(cloud_limits, request_queue),
     .said = offsetof(cloud_words, requests)},
};
enum { STANDING_STAGES = sizeof standing_stages / sizeof *standing_stages };

static const standing_stage *standing_named(const char *word) {
    for (size_t i = 0; i < STANDING_STAGES; i++)
        if (strcmp(standing_stages[i].word, word) == 0) return &standing_stages[i];
    return NULL;
}

/* One of them among the others, at a place of the list. */
static void take_standing(lua_State *L, const standing_stage *s, const stage_words *w,
                          cloud_words *cloud, cloud_limits *limits, bool at_its_end) {
    double *said = (double *)(void *)((char *)cloud + s->said);
    char *into = (char *)limits;
    if (!at_its_end)
        script_fail(L, "cloud: the stage \"%s\" is the %s of them", s->word,
                    s->first ? "first" : "last");
    if (*said >= 0)
        script_fail(L, "cloud: %s is said twice, once among the stages: leave one out", s->word);
    if (w->restart)
        script_fail(
            L, "cloud: who finds no place at \"%s\" is treated as `over` says: leave restart out",
            s->word);
    if (w->overload_cost >= 0 && !s->first)
        script_fail(L, "cloud: the stage \"%s\" has no overload_cost", s->word);
    *said = w->rate;
    if (w->overload_cost >= 0) limits->overload_cost = w->overload_cost;
    take_limit(w->rate, w->queue, (double *)(void *)(into + s->rate),
               (uint32_t *)(void *)(into + s->queue));
}

/* The stage at the top of the stack, `place` of `count`. */
static void take_stage(lua_State *L, cloud_words *cloud, cloud_limits *limits, size_t place,
                       size_t count) {
    stage_words w = {.queue = -1, .overload_cost = -1};
    if (!lua_istable(L, -1))
        script_fail(L,
                    "cloud: stages is a list of tables, such as { { name = \"register\", "
                    "rate = 50 } }");
    script_read_fields(L, lua_gettop(L), "cloud: a stage", script_stage_fields, &w);
    if (!is_stage_word(w.name))
        script_fail(L, "cloud: a stage's name is 1 to %d letters a to z, digits, - and _",
                    CLOUD_STAGE_WORD_MAX - 1);
    const standing_stage *standing = standing_named(w.name);
    if (standing != NULL) {
        take_standing(L, standing, &w, cloud, limits,
                      standing->first ? place == 0 : place + 1 == count);
        return;
    }
    for (uint32_t i = 0; i < limits->stage_count; i++) {
        if (strcmp(limits->stages[i].word, w.name) == 0)
            script_fail(L, "cloud: two stages are named \"%s\"", w.name);
    }
    if (limits->stage_count == CLOUD_STAGES_MAX)
        script_fail(L, "cloud: there can be %d further stages at most", CLOUD_STAGES_MAX);
    cloud_stage *stage = &limits->stages[limits->stage_count++];
    *stage = (cloud_stage){.overload_cost = fmax(w.overload_cost, 0), .restarts = w.restart};
    (void)snprintf(stage->word, sizeof stage->word, "%s", w.name);
    take_limit(w.rate, w.queue, &stage->per_s, &stage->queue);
}

/* stages = { ... }: the chain in order; {}: none between connections and requests. What is not said
 * stays as it was. */
static void take_stages(lua_State *L, cloud_words *cloud, cloud_limits *limits) {
    int kind = lua_getfield(L, 1, "stages");
    if (kind != LUA_TNIL) {
        if (kind != LUA_TTABLE) script_fail(L, "cloud: stages is a list of tables");
        size_t n = lua_rawlen(L, -1);
        limits->stage_count = 0;
        memset(limits->stages, 0, sizeof limits->stages);
        for (size_t i = 0; i < n; i++) {
            lua_rawgeti(L, -1, (lua_Integer)i + 1);
            take_stage(L, cloud, limits, i, n);
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

/* close_after: from the start, or from now on, which makes everybody come again. */
static void take_close_after(lua_State *L, const cloud_words *w) {
    script *s = script_of(L);
    if (w->trigger != NULL && (s->phase != SCRIPT_DRILL || w->close_after <= 0))
        script_fail(L, "cloud: only close_after, said in the drill, is a trigger");
    if (w->closes != FLEET_CLOSES_IN_ORDER && w->close_after <= 0)
        script_fail(L, "cloud: closes says how close_after closes; name that, too");
    if (w->close_after < 0) return;
    s->spec.close_after = w->close_after;
    s->spec.resets = w->closes == FLEET_RESETS;
    if (s->phase != SCRIPT_DRILL) return;
    fleet_close_order order = {.trigger = w->trigger != NULL ? w->trigger : "close of sessions",
                               .close_after = w->close_after,
                               .closes = w->closes};
    script_strike(L, &fleet_fault_accept_then_close, NULL, &order);
}

/* Other limits than before, or none of them is named but close_after alone. */
static bool limits_differ(const cloud_limits *a, const cloud_limits *b) {
    return a->connections_per_s != b->connections_per_s || a->requests_per_s != b->requests_per_s ||
           a->connection_queue != b->connection_queue || a->request_queue != b->request_queue ||
           a->over != b->over || a->busy != b->busy || a->max_age_s != b->max_age_s ||
           a->overload_cost != b->overload_cost || !cloud_limits_same_stages(a, b);
}

/* In setup: what the cloud can take. In the drill: what it can take from now on; what is not named
 * stays. */
static int word_cloud(lua_State *L) {
    script *s = script_of(L);
    cloud_limits limits = s->spec.cloud;
    cloud_words w = {.connections = -1,
                     .requests = -1,
                     .connection_queue = -1,
                     .request_queue = -1,
                     .over = (int)limits.over,
                     .says = (int)limits.busy,
                     .max_age = limits.max_age_s * SIM_SECOND,
                     .overload_cost = limits.overload_cost,
                     .close_after = -1,
                     .paper = (int)s->spec.paper,
                     .version = s->spec.older_security ? 1 : 0};
    if (s->phase != SCRIPT_DRILL) script_need(L, "cloud", SCRIPT_SETUP);
    if (s->phase == SCRIPT_SETUP && s->cloud_described) script_fail(L, "cloud is described twice");
    script_read_fields(L, 1, "cloud", script_cloud_fields, &w);
    take_limit(w.connections, w.connection_queue, &limits.connections_per_s,
               &limits.connection_queue);
    take_limit(w.requests, w.request_queue, &limits.requests_per_s, &limits.request_queue);
    limits.over = (cloud_over)w.over;
    limits.busy = (cloud_busy)w.says;
    limits.max_age_s = (uint32_t)(w.max_age / SIM_SECOND);
    limits.overload_cost = w.overload_cost;
    take_stages(L, &w, &limits);
    if (s->phase == SCRIPT_DRILL &&
        (w.paper != (int)s->spec.paper || (w.version != 0) != s->spec.older_security))
        script_fail(L, "cloud: certificate and tls are said in setup, not in the drill");
    s->spec.paper = (fleet_cloud_paper)w.paper;
    s->spec.older_security = w.version != 0;
    const char *wrong = w.max_age % SIM_SECOND != 0 ? "max_age is a whole number of seconds"
                                                    : cloud_limits_wrong(&limits);
    if (wrong != NULL) script_fail(L, "cloud: %s", wrong);
    bool tell =
        s->phase == SCRIPT_DRILL && (w.close_after < 0 || limits_differ(&limits, &s->spec.cloud));
    s->spec.cloud = limits;
    s->spec.capacity_declared |= w.connections >= 0;
    s->requests_said |= w.requests >= 0;
    s->request_queue_said |= w.requests >= 0 || w.request_queue >= 0;
    s->cloud_described = true;
    if (tell) script_strike(L, &fleet_fault_cloud, NULL, &limits);
    take_close_after(L, &w);
    return 0;
}

/* A cloud that nobody describes further was built for its fleet: with a rate that stays as it is
 * while the fleet grows, a run of a million devices measures the queue of requests. */
void script_scale_cloud(script *s) {
    enum { EACH = 20 }; /* requests per second and device; ours */
    double fleet = EACH * (double)fleet_spec_devices(&s->spec);
    cloud_limits *limits = &s->spec.cloud;
    if (!s->requests_said && limits->requests_per_s < fleet) limits->requests_per_s = fleet;
    if (!s->request_queue_said && limits->request_queue < fleet)
        limits->request_queue = (uint32_t)fleet;
}

/* ---- hops ---- */

/* The row that `kind` names; the one that the hop has where nothing is said. */
static const net_hop_kind *hop_kind(lua_State *L, int index, const char *what,
                                    const net_hop_settings *settings) {
    const net_hop_kind *kind = settings->kind != NULL ? settings->kind : &net_hop_line;
    if (!lua_istable(L, index)) return kind; /* script_read_fields says what is wrong */
    lua_getfield(L, index, "kind");
    if (!lua_isnil(L, -1)) {
        const char *word = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
        kind = net_hop_kind_named(word);
        if (kind == NULL)
            script_fail(L, "%s: there is no kind of link '%s': blackstart list hops shows them",
                        what, word);
    }
    lua_pop(L, 1);
    return kind;
}

void script_check_hop(lua_State *L, int index, const char *what, net_hop_settings *settings) {
    uint32_t usual_queue = settings->queue_bytes;
    const net_hop_kind *kind = hop_kind(L, index, what, settings);
    if (kind != settings->kind && kind != &net_hop_line) {
        settings->kind = kind;
        memcpy(settings->own, kind->usual, sizeof settings->own);
    }
    script_read_fields(L, index, what, kind->fields, settings);
    /* Without a rate nothing waits: rate = 0 alone takes the usual queue away as well. */
    if (settings->bits_per_s == 0 && settings->queue_bytes == usual_queue)
        settings->queue_bytes = 0;
    const char *wrong = net_hop_settings_wrong(settings);
    if (wrong != NULL) script_fail(L, "%s: %s", what, wrong);
}

/* A home's access line and a street's aggregation, as a fibre or cable network has them. Against a
 * real server the real network does the delaying. */
static const net_hop_settings virtual_uplink = {.latency = 8 * SIM_MILLISECOND,
                                                .jitter = 4 * SIM_MILLISECOND,
                                                .bits_per_s = 20000000,
                                                .queue_bytes = 64000};
static const net_hop_settings virtual_backhaul = {
    .latency = 10 * SIM_MILLISECOND, .bits_per_s = 1000000000, .queue_bytes = 1000000};
/* A device's share of a cell (LTE category M1: 1 Mbit/s, its latency 50 to 100 ms by 3GPP). */
static const net_hop_settings virtual_mobile = {.latency = 50 * SIM_MILLISECOND,
                                                .jitter = 50 * SIM_MILLISECOND,
                                                .bits_per_s = 1000000,
                                                .queue_bytes = 64000};
static const net_hop_settings no_delay = {0};

/* ---- devices ---- */

typedef struct group_words {
    const char *model, *path, *protocol, *security;
    const char *dialect; /* NULL: none */
    dev_law law;
    sim_time report_every, boot[2], connect_limit;
    uint32_t per_home;
    int method, power;
    bool registers, observes, metrics;
    bool updates, verifies, household;
    int queue;
    double charge, charge_spent;
    bool gasps;
    int variant;
    sim_time probe_every;
    int memory, clock;
    int randomness;      /* DEV_RANDOMNESSES: as its law and its model have it */
    sim_time keep_alive; /* negative: not said */
    uint32_t qos;
    uint32_t slots;
    sim_time check_every;
    const char *hub;  /* NULL: none */
    const char *name; /* NULL: none */
    int over;
    sim_time join[2], backup;
    dev_law rejoin;    /* kind DEV_LAWS: not said */
    const char *chain; /* NULL: none */
    dev_law elsewhere; /* kind DEV_LAWS: not said */
} group_words;

static const char *const method_words[] = {"POST", "PUT", "GET", NULL};
enum { METHOD_POST, METHOD_PUT, METHOD_GET };
static const char *const power_words[] = {"mains", "battery", NULL};
enum { POWER_MAINS, POWER_BATTERY, POWER_OF_MODEL };
static const char *const over_words_of_way[] = {[FLEET_OVER_ROUTER] = "router",
                                                [FLEET_OVER_MOBILE] = "mobile",
                                                [FLEET_OVER_EITHER] = "either",
                                                NULL};
static const char *const memory_words[] = {[DEV_MEMORY_VOLATILE] = "powered",
                                           [DEV_MEMORY_KEPT] = "kept",
                                           [DEV_MEMORY_NONE] = "never",
                                           NULL};
static const char *const clock_words[] = {"set", "1970", NULL};
enum { CLOCK_SET, CLOCK_1970 };
static const char *const queue_words[] = {"ram", "flash", NULL};
enum { QUEUE_RAM, QUEUE_FLASH };

#define GROUP_FIELD(field_name, kind_, member) \
    .name = field_name, .kind = kind_, .offset = offsetof(group_words, member)
#define MODEL_FIELD                                                                               \
    {                                                                                             \
        GROUP_FIELD("model", SIM_FIELD_TEXT, model), .help = "blackstart list models names them", \
                                                     .required = true                             \
    }
/* What a model of a scenario's own may bring. */
#define USUAL_FIELDS                                                                              \
    {GROUP_FIELD("law", SIM_FIELD_LAW, law),                                                      \
     .help = "how a device that lost its cloud tries again", .required = true},                   \
        {GROUP_FIELD("report_every", SIM_FIELD_DURATION, report_every),                           \
         .help = "telemetry period; as its model", .minimum = 1e6, .maximum = 366 * 86400e9},     \
        {GROUP_FIELD("boot", SIM_FIELD_SPAN, boot), .help = "from power on to booted; 2s to 5s",  \
         .minimum = 0, .maximum = 86400e9},                                                       \
        {GROUP_FIELD("connect_limit", SIM_FIELD_DURATION, connect_limit),                         \
         .help = "an attempt that is not online by then has failed; 30s", .minimum = 1e6,         \
         .maximum = 86400e9},                                                                     \
        {GROUP_FIELD("method", SIM_FIELD_CHOICE, method),                                         \
         .help = "of a report; GET asks for what is there; POST", .choices = method_words},       \
        {GROUP_FIELD("path", SIM_FIELD_TEXT, path),                                               \
         .help = "of a report, ${device} and ${model} stand for the device's; t"},                \
        {GROUP_FIELD("protocol", SIM_FIELD_TEXT, protocol),                                       \
         .help = "what it speaks: coap, coap-tcp, mqtt or mqtt-ws; coap"},                        \
        {GROUP_FIELD("security", SIM_FIELD_TEXT, security),                                       \
         .help = "none; with coap dtls; over TCP tls, tls-psk; as its protocol has it"},          \
        {GROUP_FIELD("dialect", SIM_FIELD_TEXT, dialect),                                         \
         .help =                                                                                  \
             "with mqtt: topics and payloads as a backend has them, as home-assistant; "          \
             "none"},                                                                             \
        {GROUP_FIELD("keep_alive", SIM_FIELD_DURATION, keep_alive),                               \
         .help =                                                                                  \
             "over TCP: shows that it lives so often, whole seconds; 0: never; 1m, on a "         \
             "battery 0",                                                                         \
         .minimum = 0, .maximum = 65535e9},                                                       \
        {GROUP_FIELD("qos", SIM_FIELD_COUNT32, qos),                                              \
         .help =                                                                                  \
             "of a report; 0: sent once, and no answer wanted, with coap Non-confirmable "        \
             "with No-Response; 2: with mqtt; 1",                                                 \
         .minimum = 0, .maximum = 2},                                                             \
        {GROUP_FIELD("resumption", SIM_FIELD_CHOICE, memory),                                     \
         .help = "how long it keeps a session ticket: powered, kept, never; powered",             \
         .choices = memory_words},                                                                \
        {GROUP_FIELD("clock", SIM_FIELD_CHOICE, clock),                                           \
         .help = "set, or 1970: nobody has set it since it was switched on; set",                 \
         .choices = clock_words},                                                                 \
        {GROUP_FIELD("metrics", SIM_FIELD_BOOLEAN, metrics),                                      \
         .help = "reports carry what the device knows of itself; false"},                         \
        {GROUP_FIELD("power", SIM_FIELD_CHOICE, power), .help = "as its model",                   \
         .choices = power_words},                                                                 \
        {GROUP_FIELD("register", SIM_FIELD_BOOLEAN, registers),                                   \
         .help = "registers before it counts as online; true"},                                   \
        {GROUP_FIELD("updates", SIM_FIELD_BOOLEAN, updates),                                      \
         .help = "takes firmware updates; false"},                                                \
        {GROUP_FIELD("verifies", SIM_FIELD_BOOLEAN, verifies),                                    \
         .help = "false: installs whatever it is offered; true"},                                 \
        {GROUP_FIELD("slots", SIM_FIELD_COUNT32, slots),                                          \
         .help = "1: a power cut while writing leaves nothing that boots; 2", .minimum = 1,       \
         .maximum = 2},                                                                           \
        {GROUP_FIELD("update_check", SIM_FIELD_DURATION, check_every),                            \
         .help = "asks for an update so often; 0: only when told", .minimum = 0,                  \
         .maximum = 366 * 86400e9},                                                               \
        {GROUP_FIELD("household", SIM_FIELD_BOOLEAN, household),                                  \
         .help = "keeps its values in a flash, queues samples, is asked by hands; false"},        \
        {GROUP_FIELD("device", SIM_FIELD_CHOICE, variant),                                        \
         .help = "what a bad twin of its model does wrong, with a household; as-declared",        \
         .choices = dev_variant_words},                                                           \
        {GROUP_FIELD("charge", SIM_FIELD_NUMBER, charge), .minimum = 0, .maximum = 1e9,           \
         .help =                                                                                  \
             "with a household, on a battery: joules that it holds, spent by what the device "    \
             "does; it dies with the last; without end"},                                         \
        {GROUP_FIELD("charge_spent", SIM_FIELD_FRACTION, charge_spent),                           \
         .help = "with a charge: each has spent up to so much of it before it begins; 0"},        \
        {GROUP_FIELD("last_gasp", SIM_FIELD_BOOLEAN, gasps),                                      \
         .help = "with a household: a last report goes out while its power does; false"},         \
        {GROUP_FIELD("queue", SIM_FIELD_CHOICE, queue), .choices = queue_words,                   \
         .help = "with a household: where samples wait, ram or flash; ram"},                      \
        {GROUP_FIELD("probe_every", SIM_FIELD_DURATION, probe_every),                             \
         .help = "with a household: mean time between two hands; 10m", .minimum = 1e9,            \
         .maximum = 366 * 86400e9},                                                               \
        {GROUP_FIELD("randomness", SIM_FIELD_CHOICE, randomness), .choices = dev_randomness_said, \
         .help =                                                                                  \
             "where its random numbers come from when it boots; boot-time and constant are "      \
             "mistakes; as its model"},                                                           \
    {                                                                                             \
        GROUP_FIELD("observe", SIM_FIELD_BOOLEAN, observes),                                      \
            .help = "observes its set-point; as register"                                         \
    }

/* Of homes alone. */
#define PLACE_FIELDS                                                                               \
    {GROUP_FIELD("per_home", SIM_FIELD_COUNT32, per_home), .help = "how many in each home; 1",     \
     .minimum = 1, .maximum = 1000},                                                               \
        {GROUP_FIELD("hub", SIM_FIELD_TEXT, hub),                                                  \
         .help =                                                                                   \
             "the model in its home that carries it, such as gateway, or its name; straight at "   \
             "the "                                                                                \
             "router"},                                                                            \
        {GROUP_FIELD("name", SIM_FIELD_TEXT, name),                                                \
         .help = "in home{}: what this one device is called, as in :named(\"front door\"); none"}, \
        {GROUP_FIELD("join", SIM_FIELD_SPAN, join), .minimum = 0, .maximum = 86400e9,              \
         .help = "how long it takes to join its hub's mesh once that is there; 5s to 60s"},        \
        {GROUP_FIELD("rejoin", SIM_FIELD_LAW, rejoin),                                             \
         .help =                                                                                   \
             "how it looks for its hub while that is gone, as law.preset \"thread-attach\"; it "   \
             "finds it at once"},                                                                  \
        {GROUP_FIELD("over", SIM_FIELD_CHOICE, over), .choices = over_words_of_way,                \
         .help =                                                                                   \
             "its way to the internet: router, mobile, or either: mobile without a link; router"}, \
        {GROUP_FIELD("boot_chain", SIM_FIELD_TEXT, chain),                                         \
         .help =                                                                                   \
             "address, name and time before the first packet to the cloud: ipv4, ipv6, or "        \
             "impatient, a mistake; none"},                                                        \
        {GROUP_FIELD("non_associated", SIM_FIELD_LAW, elsewhere),                                  \
         .help =                                                                                   \
             "how it comes back to a service that is not its maker's, and to which it talks "      \
             "besides; it talks to none"},                                                         \
    {                                                                                              \
        GROUP_FIELD("backup", SIM_FIELD_DURATION, backup),                                         \
            .minimum = 0, .maximum = 366 * 86400e9,                                                \
            .help = "a battery keeps it going so long without mains, less up to a tenth; 0"        \
    }

const sim_field script_group_fields[] = {MODEL_FIELD, USUAL_FIELDS, PLACE_FIELDS, {.name = NULL}};
const sim_field script_usual_fields[] = {USUAL_FIELDS, {.name = NULL}};
const sim_field script_device_fields[] = {MODEL_FIELD, PLACE_FIELDS, {.name = NULL}};
enum { USUAL = sizeof script_usual_fields / sizeof *script_usual_fields - 1 };

static const group_words group_defaults = {
    .path = "t",
    .boot = {2 * SIM_SECOND, 5 * SIM_SECOND},
    .connect_limit = 30 * SIM_SECOND,
    .join = {5 * SIM_SECOND, SIM_MINUTE},
    .rejoin = {.kind = DEV_LAWS},
    .elsewhere = {.kind = DEV_LAWS},
    .per_home = 1,
    .method = METHOD_POST,
    .power = POWER_OF_MODEL,
    .registers = true,
    .observes = true,
    .verifies = true,
    .randomness = DEV_RANDOMNESSES,
    .slots = 2,
    .keep_alive = -1,
    .qos = 1,
    .probe_every = 10 * SIM_MINUTE,
};

const dev_model *script_model_named(lua_State *L, const char *what, const char *name) {
    const char *names[32];
    char hint[SCRIPT_WHY];
    size_t count = 0;
    const dev_model *model = script_own_model(script_of(L), name);
    if (model == NULL) model = dev_model_named(name);
    if (model != NULL) return model;
    for (; dev_models[count] != NULL && count < 32; count++) names[count] = dev_models[count]->name;
    script_fail(L, "%s: there is no model '%s'%s", what, name,
                script_names_hint(name, names, count, hint, sizeof hint));
}

/* NULL: the usual one. */
static const net_protocol *protocol_named(lua_State *L, const char *what, const char *name) {
    const char *names[8];
    char hint[SCRIPT_WHY];
    size_t count = 0;
    if (name == NULL) return net_protocols[0];
    const net_protocol *protocol = net_protocol_named(name);
    if (protocol != NULL) return protocol;
    for (; net_protocols[count] != NULL && count < 8; count++)
        names[count] = net_protocols[count]->name;
    script_fail(L, "%s: there is no protocol '%s'%s", what, name,
                script_names_hint(name, names, count, hint, sizeof hint));
}

/* What it says is for who reads dialects. NULL: none. */
static const char *dialect_named(lua_State *L, const char *what, const char *name,
                                 const net_protocol *protocol) {
    if (name == NULL || protocol->has_dialects) return name;
    script_fail(L,
                "%s: dialect: over %s topics and payloads are as they are: say protocol = "
                "\"mqtt\", or leave it out",
                what, protocol->name);
}

/* NULL: nothing protects it. `name` NULL: the usual of its protocol. */
static const net_security *security_named(lua_State *L, const char *what, const char *name,
                                          const net_protocol *protocol) {
    const net_security *security;
    char words[64] = "none";
    if (name == NULL) return protocol->usual_security;
    if (net_protocol_security(protocol, name, &security)) return security;
    for (size_t i = 0; protocol->securities[i] != NULL; i++) {
        size_t n = strlen(words);
        (void)snprintf(words + n, sizeof words - n, ", %s", protocol->securities[i]->name);
    }
    script_fail(L, "%s: security: '%s' does not protect %s: say one of %s", what, name,
                protocol->name, words);
}

/* NULL: none. */
static const fleet_chain_kind *chain_named(lua_State *L, const char *what, const char *name) {
    const char *names[8];
    char hint[SCRIPT_WHY];
    size_t count = 0;
    if (name == NULL) return NULL;
    for (; fleet_chain_kinds[count].word != NULL && count < 8; count++) {
        names[count] = fleet_chain_kinds[count].word;
        if (strcmp(names[count], name) == 0) return &fleet_chain_kinds[count];
    }
    script_fail(L, "%s: there is no boot chain '%s'%s", what, name,
                script_names_hint(name, names, count, hint, sizeof hint));
}

static void check_path(lua_State *L, const char *what, const char *path,
                       const net_protocol *protocol) {
    const char *wrong = fleet_path_wrong(path, protocol);
    if (wrong != NULL) script_fail(L, "%s: path: %s", what, wrong);
}

/* Devices of the product's model are the product, as far as its file says. */
static void be_product(script *s, dev_profile *profile) {
    const script_product *p = s->product;
    if (p == NULL || (p->model != NULL && p->model != profile->model)) return;
    s->product_groups++;
    if (p->has_law) profile->law = p->law;
    if (p->has_boot) {
        profile->boot_minimum = p->boot[0];
        profile->boot_maximum = p->boot[1];
    }
    if (p->has_connect_limit) profile->connect_limit = p->connect_limit;
    if (p->has_report_every) profile->report_every = p->report_every;
}

static const net_assurance assurances[] = {NET_AT_MOST_ONCE, NET_AT_LEAST_ONCE, NET_EXACTLY_ONCE};

/* No battery is spent on that, if nothing is said. */
static sim_time alive_every(lua_State *L, const char *what, sim_time said, bool mains) {
    if (said < 0) return mains ? 0 : SIM_NEVER;
    if (said % SIM_SECOND != 0 || (said > 0 && said < 5 * SIM_SECOND))
        script_fail(L, "%s: keep_alive: 0, or whole seconds, five at least", what);
    return said == 0 ? SIM_NEVER : said;
}

/* Its generator is seeded so at every boot, whatever its law draws. */
static void take_randomness(lua_State *L, const char *what, const group_words *w,
                            dev_profile *profile) {
    static const dev_law_seed seeds[] = {[DEV_RANDOMNESS_HARDWARE] = DEV_LAW_SEED_OWN,
                                         [DEV_RANDOMNESS_SERIAL_MIXED] = DEV_LAW_SEED_OWN,
                                         [DEV_RANDOMNESS_BOOT_TIME] = DEV_LAW_SEED_BOOT_TIME,
                                         [DEV_RANDOMNESS_CONSTANT] = DEV_LAW_SEED_CONSTANT};
    if (w->randomness == DEV_RANDOMNESSES) return;
    if (profile->law.seed != DEV_LAW_SEED_OWN)
        script_fail(L,
                    "%s: randomness: its law says already where the seed comes from, seed = \"%s\"",
                    what, dev_law_seed_words[profile->law.seed]);
    profile->law.seed = seeds[w->randomness];
    profile->randomness = (uint8_t)(w->randomness + 1);
}

/* What it is at a service that is not its maker's, which all reach by one protocol, protected where
 * the device protects what it says to its cloud. */
static void take_non_associated(lua_State *L, const char *what, const group_words *w,
                                fleet_group *group) {
    const net_protocol *protocol = net_protocol_named("mqtt");
    const dev_profile *own = &group->profile;
    bool needs =
        own->variant == DEV_VARIANT_OTHER_DEPENDENT || own->variant == DEV_VARIANT_DROPS_BOTH;
    if (w->elsewhere.kind == DEV_LAWS && needs)
        script_fail(L,
                    "%s: %s: device = \"%s\" is about a service that is not its maker's: say "
                    "non_associated = law...",
                    what, own->model->name, dev_variant_words[own->variant]);
    if (w->elsewhere.kind == DEV_LAWS) return;
    const char *sleeps = fleet_non_associated_wrong(own);
    if (sleeps != NULL) script_fail(L, "%s: %s: %s", what, own->model->name, sleeps);
    group->non_associated = (dev_profile){
        .model = &fleet_non_associated_model,
        .law = w->elsewhere,
        .connect_limit = own->connect_limit,
        .report_every = fleet_non_associated_model.report_every,
        .memory = own->memory,
        .link = {.protocol = protocol,
                 .security = own->link.security == NULL ? NULL : protocol->usual_security,
                 .report_topic = "t",
                 .model = fleet_non_associated_model.name,
                 .register_topic = "rd",
                 .assurance = NET_AT_LEAST_ONCE},
    };
    const char *wrong = dev_profile_wrong(&group->non_associated);
    if (wrong != NULL) script_fail(L, "%s: %s: non_associated: %s", what, own->model->name, wrong);
}

static void take_group(lua_State *L, const char *what, const group_words *w, fleet_group *group) {
    const dev_model *model = script_model_named(L, what, w->model);
    const net_protocol *protocol = protocol_named(L, what, w->protocol);
    check_path(L, what, w->path, protocol);
    if (w->method == METHOD_GET && !protocol->path_is_whole)
        script_fail(L,
                    "%s: method: nothing is got from a broker: say POST, or PUT for a message "
                    "that it keeps",
                    what);
    bool mains =
        w->power == POWER_OF_MODEL ? strcmp(model->energy, "E9") == 0 : w->power == POWER_MAINS;
    *group = (fleet_group){
        .profile = {.model = model,
                    .law = w->law,
                    .boot_minimum = w->boot[0],
                    .boot_maximum = w->boot[1],
                    .connect_limit = w->connect_limit,
                    .report_every = w->report_every > 0 ? w->report_every : model->report_every,
                    .memory = (enum dev_memory)w->memory,
                    .clock = w->clock == CLOCK_1970 ? -NET_VKERNEL_EPOCH_S * SIM_SECOND : 0,
                    .link = {.protocol = protocol,
                             .security = security_named(L, what, w->security, protocol),
                             .report_topic = w->path,
                             .model = model->name,
                             .alive_every = alive_every(L, what, w->keep_alive, mains),
                             .assurance = assurances[w->qos],
                             .register_topic = w->registers ? "rd" : NULL,
                             .report_replaces = w->method == METHOD_PUT,
                             .report_reads = w->method == METHOD_GET},
                    .follows = w->registers && w->observes && model->told != NULL,
                    .metrics = w->metrics,
                    .battery = !mains,
                    .updates = w->updates,
                    .unverified = !w->verifies,
                    .single_slot = w->slots == 1,
                    .check_every = w->check_every,
                    .household = w->household || w->variant != DEV_VARIANT_SOUND,
                    .variant = (dev_variant)w->variant,
                    .probe_every = w->probe_every,
                    .charge_j = w->charge,
                    .charge_spent = w->charge_spent,
                    .gasps = w->gasps,
                    .durable = w->queue == QUEUE_FLASH},
        .per_home = w->per_home,
        .dialect = dialect_named(L, what, w->dialect, protocol),
        .access = {.over = (fleet_over)w->over,
                   .chain = chain_named(L, what, w->chain),
                   .join_minimum = w->join[0],
                   .join_maximum = w->join[1],
                   .rejoin = w->rejoin,
                   .seeks = w->rejoin.kind != DEV_LAWS,
                   .backup = w->backup},
    };
    be_product(script_of(L), &group->profile);
    take_randomness(L, what, w, &group->profile);
    const char *wrong = dev_profile_wrong(&group->profile);
    if (wrong != NULL) script_fail(L, "%s: %s: %s", what, model->name, wrong);
    take_non_associated(L, what, w, group);
}

/* ---- zones ---- */

static fleet_zone *next_zone(lua_State *L, const char *what, fleet_zone zone) {
    script *s = script_of(L);
    script_need(L, what, SCRIPT_SETUP);
    if (s->spec.zone_count == FLEET_ZONES_MAX)
        script_fail(L, "%s: at most %d of them", what, FLEET_ZONES_MAX);
    zone.uplink = s->real ? no_delay : virtual_uplink;
    zone.backhaul = s->real ? no_delay : virtual_backhaul;
    zone.mobile = s->real ? no_delay : virtual_mobile;
    zone.homes_per_street = FLEET_HOMES_PER_STREET;
    s->spec.zones[s->spec.zone_count] = zone;
    return &s->spec.zones[s->spec.zone_count];
}

typedef struct zone_words {
    const char *name, *region;           /* region: NULL: as the name */
    const char *isp, *mobile_isp, *feed; /* NULL: none; none; the substation */
    fleet_zone zone;
    group_words group; /* of fleet.devices */
} zone_words;

/* NULL: nobody said. */
static void take_provider(lua_State *L, const char *what, const char *name,
                          char out[sizeof((fleet_zone *)0)->isp]) {
    if (name == NULL) return;
    size_t room = sizeof((fleet_zone *)0)->isp;
    if (strlen(name) == 0 || strlen(name) >= room)
        script_fail(L, "%s: an ISP has 1 to %d letters", what, (int)room - 1);
    (void)snprintf(out, room, "%s", name);
}

/* From now on the zone counts. Pushes its handle. */
static int finish_zone(lua_State *L, const char *what, fleet_zone *zone, const zone_words *w,
                       bool single) {
    script *s = script_of(L);
    const char *name = w->name;
    const char *region = w->region != NULL ? w->region : name;
    if (strlen(name) == 0 || strlen(name) >= sizeof zone->name)
        script_fail(L, "%s: a name has 1 to %d letters", what, (int)sizeof zone->name - 1);
    for (uint32_t i = 0; i < s->spec.zone_count; i++)
        if (strcmp(s->spec.zones[i].name, name) == 0)
            script_fail(
                L, "%s: there is another '%s'; give them different names, as in name = \"north\"",
                what, name);
    if (strlen(region) == 0 || strlen(region) >= sizeof zone->region)
        script_fail(L, "%s: a region has 1 to %d letters", what, (int)sizeof zone->region - 1);
    snprintf(zone->name, sizeof zone->name, "%s", name);
    snprintf(zone->region, sizeof zone->region, "%s", region);
    take_provider(L, what, w->isp, zone->isp);
    take_provider(L, what, w->mobile_isp, zone->mobile_isp);
    if (w->feed != NULL) zone->feed = fleet_feed_named(&s->spec.feeds, w->feed);
    if (w->feed != NULL && zone->feed == FLEET_FEED_NONE)
        script_fail(L, "%s: there is no power zone '%s' above this line", what, w->feed);
    s->zone_single[s->spec.zone_count] = single;
    script_push_zone(L, s->spec.zone_count);
    s->spec.zone_count++;
    return 1;
}

#define ZONE_FIELD(field_name, kind_, member) \
    .name = field_name, .kind = kind_, .offset = offsetof(zone_words, zone.member)

/* What is said of homes, however many of them there are. */
#define HOME_FIELDS                                                                                \
    {ZONE_FIELD("router_boot", SIM_FIELD_SPAN, router_boot_minimum), .minimum = 0,                 \
     .maximum = 86400e9, .help = "from power on to link up, drawn for each home; 60s to 90s"},     \
        {ZONE_FIELD("uplink", SIM_FIELD_HOP, uplink),                                              \
         .help = "of each home, both ways; 8 ms, 4 ms jitter, 20 Mbit/s"},                         \
        {ZONE_FIELD("backhaul", SIM_FIELD_HOP, backhaul),                                          \
         .help = "of each street, both ways; 10 ms, 1 Gbit/s"},                                    \
        {ZONE_FIELD("start_over", SIM_FIELD_DURATION, start_over), .minimum = 0,                   \
         .maximum = 366 * 86400e9,                                                                 \
         .help = "devices are switched on one by one over this time; 1m"},                         \
        {.name = "isp",                                                                            \
         .kind = SIM_FIELD_TEXT,                                                                   \
         .offset = offsetof(zone_words, isp),                                                      \
         .help = "whose lines the homes have; none by name"},                                      \
        {.name = "mobile_isp",                                                                     \
         .kind = SIM_FIELD_TEXT,                                                                   \
         .offset = offsetof(zone_words, mobile_isp),                                               \
         .help = "whose mobile network serves them; none by name"},                                \
        {.name = "feed",                                                                           \
         .kind = SIM_FIELD_TEXT,                                                                   \
         .offset = offsetof(zone_words, feed),                                                     \
         .help = "the power_zone that they hang on; the substation"},                              \
        {ZONE_FIELD("mobile", SIM_FIELD_HOP, mobile),                                              \
         .help = "of each home's devices that use it, both ways; 50 ms, 50 ms jitter, 1 Mbit/s"},  \
        {ZONE_FIELD("mobile_battery", SIM_FIELD_SPAN, mast_first), .minimum = 0,                   \
         .maximum = 366 * 86400e9,                                                                 \
         .help =                                                                                   \
             "the masts of one half of the homes go on so long without mains, the others' to the " \
             "second time; 2h to 4h"},                                                             \
    {                                                                                              \
        .name = "devices", .kind = SIM_FIELD_LATER, .required = true,                              \
        .help = "a list of kinds of device"                                                        \
    }

#define REGION_FIELD                                                                      \
    {                                                                                     \
        .name = "region", .kind = SIM_FIELD_TEXT, .offset = offsetof(zone_words, region), \
        .help = "of its devices; as the name"                                             \
    }

#define PER_STREET_FIELD                                               \
    {                                                                  \
        ZONE_FIELD("per_street", SIM_FIELD_COUNT32, homes_per_street), \
            .minimum = 1, .maximum = FLEET_STREET_DEVICES_MAX,         \
            .help = "homes that share a backhaul; 250"                 \
    }

const sim_field script_streets_fields[] = {
    {.name = "name",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(zone_words, name),
     .help = "needed when there are several; street"},
    REGION_FIELD,
    {ZONE_FIELD("homes", SIM_FIELD_COUNT32, homes), .minimum = 1, .maximum = FLEET_DEVICES_MAX,
     .required = true, .help = "how many"},
    PER_STREET_FIELD,
    HOME_FIELDS,
    {.name = NULL},
};
const sim_field script_home_fields[] = {
    {.name = "name",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(zone_words, name),
     .required = true,
     .help = "of the home"},
    REGION_FIELD,
    HOME_FIELDS,
    {.name = NULL},
};
/* The prelude reads these two: a town is made of streets. */
const sim_field script_town_fields[] = {
    {.name = "name", .kind = SIM_FIELD_TEXT, .help = "and region of all its homes; town"},
    {.name = "homes",
     .kind = SIM_FIELD_COUNT32,
     .minimum = 1,
     .maximum = FLEET_DEVICES_MAX,
     .required = true,
     .help = "of all kinds together"},
    {.name = "kinds",
     .kind = SIM_FIELD_LATER,
     .required = true,
     .help = "of home, each with its share"},
    {.name = NULL},
};
const sim_field script_town_kind_fields[] = {
    {.name = "share",
     .kind = SIM_FIELD_FRACTION,
     .required = true,
     .help = "of the homes are of this kind, each drawn by the seed; all shares make 1"},
    {.name = "name", .kind = SIM_FIELD_TEXT, .help = "of the kind; its number"},
    PER_STREET_FIELD,
    HOME_FIELDS,
    {.name = NULL},
};
_Static_assert(offsetof(fleet_zone, mast_second) ==
                   offsetof(fleet_zone, mast_first) + sizeof(sim_time),
               "a span is two times in a row");
_Static_assert(offsetof(fleet_zone, router_boot_maximum) ==
                   offsetof(fleet_zone, router_boot_minimum) + sizeof(sim_time),
               "a span is two times in a row");

/* The place of the device that is called so, or is of the model of that name, among the kinds of a
 * home. */
static uint32_t hub_at(lua_State *L, const char *what, const char *hub, const fleet_zone *zone,
                       uint32_t child) {
    uint32_t at = 0;
    while (at < zone->group_count && strcmp(zone->groups[at].name, hub) != 0) at++;
    if (at < zone->group_count) return at;
    const dev_model *model = script_own_model(script_of(L), hub);
    if (model == NULL) model = dev_model_named(hub);
    for (at = 0; model != NULL && at < zone->group_count; at++)
        if (zone->groups[at].profile.model == model) return at;
    script_fail(L, "%s: the hub '%s' of '%s' is not among the devices of its home", what, hub,
                zone->groups[child].profile.model->name);
}

/* The hubs that the rows of `devices` name, once all of them are read. */
static void take_hubs(lua_State *L, const char *what, const char *const *hubs, fleet_zone *zone) {
    for (uint32_t g = 0; g < zone->group_count; g++)
        if (hubs[g] != NULL)
            zone->groups[g].access.hub = (uint8_t)(hub_at(L, what, hubs[g], zone, g) + 1);
    const char *wrong = fleet_access_wrong(zone);
    if (wrong != NULL) script_fail(L, "%s: %s", what, wrong);
}

bool script_has_named(const script *s, const char *name) {
    for (uint32_t z = 0; z < s->spec.zone_count; z++) {
        for (uint32_t g = 0; g < s->spec.zones[z].group_count; g++)
            if (strcmp(s->spec.zones[z].groups[g].name, name) == 0) return true;
    }
    return false;
}

/* The name of one device, which no other has; of a kind in a street there are many. */
static void take_name(lua_State *L, const char *what, const char *name, const fleet_zone *zone,
                      bool by_hand, fleet_group *group) {
    if (name == NULL) return;
    if (!by_hand)
        script_fail(L,
                    "%s: name: there are many of a kind; a home whose devices have names is "
                    "said as home { ... }",
                    what);
    if (strlen(name) == 0 || strlen(name) >= sizeof group->name)
        script_fail(L, "%s: a name has 1 to %d letters", what, (int)sizeof group->name - 1);
    bool taken = script_has_named(script_of(L), name);
    for (uint32_t g = 0; g < zone->group_count; g++)
        taken |= strcmp(zone->groups[g].name, name) == 0;
    if (taken)
        script_fail(L, "%s: two devices are called '%s': each has an identity of its own", what,
                    name);
    (void)snprintf(group->name, sizeof group->name, "%s", name);
}

/* devices = { { model = ..., per_home = ... }, ... } in the table at 1 */
static void take_groups(lua_State *L, const char *what, bool by_hand, fleet_zone *zone) {
    const char *hubs[FLEET_GROUPS_MAX] = {NULL};
    if (lua_getfield(L, 1, "devices") != LUA_TTABLE || lua_rawlen(L, -1) == 0)
        script_refuse(
            L, what, -1,
            "a list of kinds of device, such as { { model = \"thermostat\", per_home = 4, law = "
            "law.fixed() } }");
    if (lua_rawlen(L, -1) > FLEET_GROUPS_MAX)
        script_fail(L, "%s: at most %d kinds", what, FLEET_GROUPS_MAX);
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, 2); i++) {
        group_words w = group_defaults;
        fleet_group group;
        lua_rawgeti(L, 2, i);
        script_push_whole_group(L, -1);
        script_read_fields(L, -1, what, script_group_fields, &w);
        hubs[zone->group_count] = w.hub;
        take_group(L, what, &w, &group);
        take_name(L, what, w.name, zone, by_hand, &group);
        zone->groups[zone->group_count++] = group;
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
    take_hubs(L, what, hubs, zone);
}

void script_try_group(lua_State *L, int index, const char *what) {
    sim_field fields[USUAL + 1];
    group_words w = group_defaults;
    memcpy(fields, script_usual_fields, sizeof fields);
    for (size_t i = 0; i < USUAL; i++) fields[i].required = false;
    script_read_fields(L, index, what, fields, &w);
    const net_protocol *protocol = protocol_named(L, what, w.protocol);
    if (w.path != NULL) check_path(L, what, w.path, protocol);
    (void)security_named(L, what, w.security, protocol);
    (void)dialect_named(L, what, w.dialect, protocol);
}

static const fleet_zone usual_street = {.router_boot_minimum = 60 * SIM_SECOND,
                                        .router_boot_maximum = 90 * SIM_SECOND,
                                        .mast_first = 2 * SIM_HOUR,
                                        .mast_second = 4 * SIM_HOUR,
                                        .start_over = SIM_MINUTE};

static int word_streets(lua_State *L) {
    static const char what[] = "fleet.streets";
    lua_settop(L, 1);
    fleet_zone *zone = next_zone(L, what, usual_street);
    zone_words w = {.name = "street", .zone = *zone};
    script_read_fields(L, 1, what, script_streets_fields, &w);
    take_groups(L, "fleet.streets: devices", false, &w.zone);
    *zone = w.zone;
    return finish_zone(L, what, zone, &w, false);
}

/* home{ name = ..., devices = { ... } }: one home, laid out by hand. */
static int word_home(lua_State *L) {
    static const char what[] = "home";
    lua_settop(L, 1);
    fleet_zone *zone = next_zone(L, what, usual_street);
    zone_words w = {.name = "", .zone = *zone};
    script_read_fields(L, 1, what, script_home_fields, &w);
    w.zone.homes = w.zone.homes_per_street = 1;
    take_groups(L, "home: devices", true, &w.zone);
    *zone = w.zone;
    return finish_zone(L, what, zone, &w, false);
}

/* Of fleet.devices, before those of a kind of device. */
const sim_field script_line_fields[] = {
    {.name = "name",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(zone_words, name),
     .help = "needed when there are several; devices"},
    {.name = "region",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(zone_words, region),
     .help = "of its devices; as the name"},
    {ZONE_FIELD("count", SIM_FIELD_COUNT32, homes), .minimum = 1, .maximum = FLEET_DEVICES_MAX,
     .required = true, .help = "how many devices"},
    {ZONE_FIELD("start_over", SIM_FIELD_DURATION, start_over), .minimum = 0,
     .maximum = 366 * 86400e9, .help = "they are switched on one by one over this time; 0"},
    {ZONE_FIELD("uplink", SIM_FIELD_HOP, uplink), .help = "of each device, both ways"},
    {.name = "model",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(zone_words, group.model),
     .required = true,
     .help = "blackstart list models names them"},
    {.name = NULL},
};
enum { LINE_FIELDS = sizeof script_line_fields / sizeof script_line_fields[0] - 1 };

static int word_devices(lua_State *L) {
    static const char what[] = "fleet.devices";
    lua_settop(L, 1);
    script_push_whole_group(L, 1);
    lua_replace(L, 1);
    sim_field fields[LINE_FIELDS + USUAL + 1] = {{.name = NULL}};
    memcpy(fields, script_line_fields, sizeof script_line_fields);
    for (size_t i = 0; i < USUAL; i++) {
        fields[LINE_FIELDS + i] = script_usual_fields[i];
        fields[LINE_FIELDS + i].offset += offsetof(zone_words, group);
    }
    fleet_zone *zone = next_zone(L, what, (fleet_zone){0});
    zone_words w = {.name = "devices", .zone = *zone, .group = group_defaults};
    script_read_fields(L, 1, what, fields, &w);
    take_group(L, what, &w.group, &w.zone.groups[0]);
    w.zone.group_count = 1;
    *zone = w.zone;
    return finish_zone(L, what, zone, &w, true);
}

/* ---- words ---- */

static int word_all(lua_State *L) {
    script_push_zone(L, UINT32_MAX);
    return 1;
}

static int word_online(lua_State *L) {
    script *s = script_of(L);
    if (s->phase != SCRIPT_VERDICT) script_need(L, "fleet.online", SCRIPT_DRILL);
    lua_pushinteger(L, (lua_Integer)run_online(s->run));
    return 1;
}

/* fleet.version(2), fleet.update_failures(): what the selection of all devices says. */
static int word_of_all(lua_State *L) {
    script_push_zone(L, UINT32_MAX);
    lua_insert(L, 1);
    lua_getfield(L, 1, lua_tostring(L, lua_upvalueindex(1)));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static void open_of_all(lua_State *L, const char *verb) {
    lua_pushstring(L, verb);
    lua_pushcclosure(L, word_of_all, 1);
    lua_setfield(L, -2, verb);
}

void script_open_setup(lua_State *L, int language) {
    static const luaL_Reg fleet[] = {{"streets", word_streets},
                                     {"devices", word_devices},
                                     {"all", word_all},
                                     {"online", word_online},
                                     {NULL, NULL}};
    lua_pushcfunction(L, word_cloud);
    lua_setfield(L, language, "cloud");
    lua_pushcfunction(L, word_home);
    lua_setfield(L, language, "home");
    script_open_models(L, language);
    luaL_newlib(L, fleet);
    open_of_all(L, "version");
    open_of_all(L, "update_failures");
    lua_setfield(L, language, "fleet");
    lua_pushstring(L, script_of(L)->real ? "real" : "virtual");
    lua_setfield(L, language, "world");
}
