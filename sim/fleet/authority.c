/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/authority.h"

#include "sim/core/heap.h"

/* All are valid in the virtual world's time and in this one: 2020 to 2049. */
#define FROM_S INT64_C(1577836800)
#define UNTIL_S INT64_C(2524607999)
#define EXPIRED_S INT64_C(1704067200) /* 2024, a year before the virtual world begins */

/* Whose streams they are drawn from: devices by their number, the others above all of them. */
enum { OF_ROOT = 0, OF_CLOUD = 1, OF_STRANGER = 2, OF_HOST = 3 };

static sim_stream stream_of(const fleet_authority *a, uint64_t whose) {
    return sim_stream_for(a->seed, SIM_PURPOSE_CERTIFICATE, UINT64_C(1) << 32 | whose);
}

static net_certificate *root_of(const fleet_authority *a, uint64_t whose) {
    sim_stream stream = stream_of(a, whose);
    return net_certificate_new(
        &(net_certificate_order){
            .kind = NET_CERTIFICATE_AUTHORITY,
            .name = whose == OF_ROOT ? "Blackstart fleet authority" : "Another authority",
            .from_s = FROM_S,
            .until_s = UNTIL_S},
        &stream);
}

static int sign_for_cloud(fleet_authority *a, fleet_cloud_paper paper) {
    bool strange = paper == FLEET_PAPER_UNKNOWN_AUTHORITY;
    net_certificate *stranger = strange ? root_of(a, OF_STRANGER) : NULL;
    if (strange && stranger == NULL) return SIM_ENOMEM;
    const net_certificate_order order = {
        .kind = NET_CERTIFICATE_SERVER,
        .name = paper == FLEET_PAPER_OTHER_HOST ? "other.blackstart.test" : FLEET_CLOUD_NAME,
        .issuer = strange ? stranger : a->root,
        .from_s = FROM_S,
        .until_s = paper == FLEET_PAPER_EXPIRED ? EXPIRED_S : UNTIL_S};
    sim_stream stream = stream_of(a, OF_CLOUD);
    net_certificate *cloud = net_certificate_new(&order, &stream);
    net_certificate_free(stranger);
    if (cloud == NULL) return SIM_ENOMEM;
    a->cloud_text = net_certificate_text(cloud);
    a->cloud_key_text = net_certificate_key_text(cloud);
    net_certificate_free(cloud);
    return a->cloud_text != NULL && a->cloud_key_text != NULL ? 0 : SIM_ENOMEM;
}

int fleet_authority_init(fleet_authority *a, uint64_t seed, uint32_t devices,
                         const fleet_credentials *credentials, fleet_cloud_paper paper) {
    *a = (fleet_authority){.seed = seed, .credentials = credentials, .count = devices};
    a->devices = sim_calloc(devices, sizeof(net_certificate *));
    a->root = a->devices == NULL ? NULL : root_of(a, OF_ROOT);
    a->root_text = a->root == NULL ? NULL : net_certificate_text(a->root);
    int error = a->root_text == NULL ? SIM_ENOMEM : sign_for_cloud(a, paper);
    if (error != 0) fleet_authority_deinit(a);
    return error;
}

void fleet_authority_deinit(fleet_authority *a) {
    for (uint32_t i = 0; i < a->count && a->devices != NULL; i++)
        net_certificate_free(a->devices[i]);
    net_certificate_free(a->root);
    sim_free(a->devices);
    sim_free(a->root_text);
    sim_free(a->cloud_text);
    sim_free(a->cloud_key_text);
    *a = (fleet_authority){0};
}

net_certificate *fleet_authority_make(const fleet_authority *a, uint32_t device) {
    char identity[NET_SECURE_IDENTITY_MAX];
    uint8_t key[NET_SECURE_KEY_MAX];
    (void)fleet_credentials_of(a->credentials, device, identity, key);
    sim_stream stream = sim_stream_for(a->seed, SIM_PURPOSE_CERTIFICATE, device);
    return net_certificate_new(&(net_certificate_order){.kind = NET_CERTIFICATE_CLIENT,
                                                        .name = identity,
                                                        .issuer = a->root,
                                                        .from_s = FROM_S,
                                                        .until_s = UNTIL_S},
                               &stream);
}

net_certificate *fleet_authority_serve(const fleet_authority *a, const char *host) {
    sim_stream stream = stream_of(a, OF_HOST);
    return net_certificate_new(&(net_certificate_order){.kind = NET_CERTIFICATE_SERVER,
                                                        .name = host,
                                                        .issuer = a->root,
                                                        .from_s = FROM_S,
                                                        .until_s = UNTIL_S},
                               &stream);
}

const net_certificate *fleet_authority_device(const fleet_authority *a, uint32_t device) {
    SIM_PROMISE(device < a->count);
    if (a->devices[device] == NULL) a->devices[device] = fleet_authority_make(a, device);
    return a->devices[device];
}
