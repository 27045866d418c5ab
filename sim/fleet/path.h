/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/path.h - the path that devices of one kind report to. */
#ifndef SIM_FLEET_PATH_H
#define SIM_FLEET_PATH_H

#include "net/protocol.h"

/* What is wrong with a path for reports over that protocol (static); NULL: nothing. */
const char *fleet_path_wrong(const char *path, const net_protocol *protocol);

#endif
