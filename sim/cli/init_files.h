/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/init_files.h - the files of sim/cli/init/, which the build puts into the program. */
#ifndef CLI_INIT_FILES_H
#define CLI_INIT_FILES_H

extern const unsigned char cli_init_first[], cli_init_product[], cli_init_gitlab[]; /* texts */

#endif
