/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/counts.h"

#define ADD(field, metric) into->field += from->field;

void cloud_door_counts_add(cloud_door_counts *into, const cloud_door_counts *from) {
    CLOUD_DOOR_COUNTS_MAP(ADD)
}

void cloud_service_counts_add(cloud_service_counts *into, const cloud_service_counts *from) {
    CLOUD_SERVICE_COUNTS_MAP(ADD)
}
