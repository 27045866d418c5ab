/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* before cmocka.h */
#include <cmocka.h>

#include "net/secure.h"

typedef struct peer peer;
struct peer {
    peer *other;
    net_secure_session *session;
    uint8_t box[16][1500];
    size_t size[16];
    int count;
    bool opened;
    net_secure_end why;
    uint8_t last[1500];
    size_t got;
};
static void on_send(void *o, const uint8_t *d, size_t n) {
    peer *p = ((peer *)o)->other;
    assert_true(p->count < 16);
    memcpy(p->box[p->count], d, n);
    p->size[p->count++] = n;
}
static void on_open(void *o) {
    ((peer *)o)->opened = true;
}
static void on_data(void *o, const uint8_t *d, size_t n) {
    peer *p = o;
    memcpy(p->last, d, n);
    p->got = n;
}
static void on_end(void *o, net_secure_end why) {
    ((peer *)o)->why = why;
}
static const net_secure_calls calls = {on_send, on_open, on_data, on_end};
static size_t find(void *c, const char *id, uint8_t key[NET_SECURE_KEY_MAX]) {
    (void)c;
    if (strcmp(id, "dev-1") != 0) return 0;
    memset(key, 7, 16);
    return 16;
}
static void test_first(void **state) {
    (void)state;
    uint8_t key[16];
    memset(key, 7, 16);
    sim_stream a = sim_stream_for(1, 5, 1), b = sim_stream_for(1, 6, 1), x = sim_stream_for(1, 6, 0);
    net_secure_domain *cd = net_secure_client_domain_new(&net_secure_timing_default, &calls);
    net_secure_domain *sd = net_secure_server_domain_new(&net_secure_timing_default, &calls, find, NULL, &x);
    assert_non_null(cd);
    assert_non_null(sd);
    static peer c, s;
    c.other = &s;
    s.other = &c;
    net_address from = {.port = 1};
    c.session = net_secure_client_new(cd, "dev-1", key, 16, &a, &c);
    net_secure_client_start(c.session, 0);
    for (int i = 0; i < 10; i++) {
        for (int k = 0; k < s.count; k++) {
            print_message("c->s %zu\n", s.size[k]);
            if (s.session == NULL)
                assert_int_equal(
                    net_secure_listen(sd, 0, &from, s.box[k], s.size[k], &b, &s, on_send, &s.session), 0);
            else
                net_secure_input(s.session, 0, s.box[k], s.size[k]);
        }
        s.count = 0;
        for (int k = 0; k < c.count; k++) {
            print_message("s->c %zu\n", c.size[k]);
            net_secure_input(c.session, 0, c.box[k], c.size[k]);
        }
        c.count = 0;
    }
    assert_true(c.opened);
    assert_true(s.opened);
    assert_int_equal(net_secure_write(c.session, 0, (const uint8_t *)"hello", 5), 0);
    net_secure_input(s.session, 0, s.box[0], s.size[0]);
    assert_int_equal(s.got, 5);
    net_secure_free(c.session);
    net_secure_free(s.session);
    net_secure_domain_free(cd);
    net_secure_domain_free(sd);
}
int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_first)};
    if (net_secure_startup() != 0) return 1;
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    net_secure_cleanup();
    return r;
}
