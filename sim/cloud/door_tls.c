/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/door_tls.h"

static sim_stream *source(const cloud_door_settings *settings, sim_stream *tickets) {
    return settings->system_randomness ? NULL : tickets;
}

net_secure_stream_domain *cloud_door_tls_new(const cloud_door_settings *settings,
                                             const net_secure_stream_calls *calls,
                                             net_secure_find_key *find, void *context,
                                             sim_stream *tickets) {
    const char *wrong;
    net_secure_stream_papers papers = {0};
    if (settings->papers != NULL) papers = *settings->papers;
    if (settings->keys) {
        papers.find = find;
        papers.find_context = context;
    }
    *tickets = cloud_door_stream(settings, CLOUD_DOOR_TICKETS);
    papers.stream = source(settings, tickets);
    return net_secure_stream_server_domain(&papers, calls, &wrong);
}

void cloud_door_tls_forget(net_secure_stream_domain *tls, const cloud_door_settings *settings,
                           sim_stream *tickets) {
    net_secure_stream_domain_forget(tls, source(settings, tickets));
}
