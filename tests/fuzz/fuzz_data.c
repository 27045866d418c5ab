/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_data.c - any bytes as a table of data: no crash, a line for whatever is refused,
 * and of what is accepted each device and each report has a row with a text in it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/cli/data.h"
#include "sim/core/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first column's name as far as it is plain; `name` has room for it. */
static void first_name(const uint8_t *data, size_t size, char name[CLI_DATA_LINE_MAX]) {
    size_t n = 0;
    while (n < size && n < CLI_DATA_LINE_MAX - 1 && strchr(",\r\n\"", data[n]) == NULL) n++;
    memcpy(name, data, n);
    name[n] = '\0';
}

static void use(cli_data *d, const uint8_t *data, size_t size) {
    char name[CLI_DATA_LINE_MAX];
    first_name(data, size, name);
    for (uint32_t device = 0; device < 300; device++) {
        const char *own = cli_data_cell(d, cli_data_row_of(d, device), name);
        const char *next = cli_data_cell(d, cli_data_next(d, device), name);
        SIM_PROMISE((own == NULL) == (next == NULL));
        if (own != NULL) SIM_PROMISE(strlen(own) + strlen(next) <= 2 * CLI_DATA_LINE_MAX);
    }
    SIM_PROMISE(cli_data_cell(d, 0, "${no}") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    const int file = memfd_create("table", MFD_CLOEXEC);
    if (file < 0 || write(file, data, size) != (ssize_t)size) abort();
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    for (int per_request = 0; per_request < 2; per_request++) {
        cli_data *d = NULL;
        cli_trouble t = {0};
        cli_exit code = cli_data_read(path, per_request == 1, &d, &t);
        SIM_PROMISE((code == CLI_EXIT_PASS) == (d != NULL) && (d != NULL) == (t.line[0] == '\0'));
        if (d != NULL) use(d, data, size);
        cli_data_free(d);
    }
    (void)close(file);
    return 0;
}
