/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_secure_server.c - somebody without a key sends to a DTLS server: see
 * secure_hostile.h. */
#include "tests/fuzz/secure_hostile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    return net_secure_startup();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hostile_run(data, size, true);
    return 0;
}
