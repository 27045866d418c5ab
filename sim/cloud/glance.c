/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/glance.h"

#include "sim/core/fingerprint.h"

cloud_glance cloud_glance_of_stream(uint16_t source_port, size_t n, bool asks) {
    cloud_glance glance = {.demand = CLOUD_DEMAND_NOTHING, .port = source_port, .proven = true};
    if (n == 0) {
        sim_fingerprint f;
        sim_fingerprint_init(&f);
        sim_fingerprint_word(&f, source_port);
        glance.demand = CLOUD_DEMAND_CONNECTION;
        glance.later = CLOUD_DEMAND_NOTHING;
        glance.tag = f.value;
    } else if (asks) {
        glance.demand = CLOUD_DEMAND_REQUEST;
    }
    return glance;
}

cloud_glance cloud_glance_of_sealed_stream(uint16_t source_port, const uint8_t *bytes, size_t n) {
    enum { APPLICATION_DATA = 23 };
    return cloud_glance_of_stream(source_port, n, n > 0 && bytes[0] == APPLICATION_DATA);
}
