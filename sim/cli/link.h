/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/link.h - the way from a page to a folder, as a link in the page has it. */
#ifndef CLI_LINK_H
#define CLI_LINK_H

/* From the folder that `page` is to be in to `folder`: "results/street", "../out/street". To be
 * freed with sim_free; NULL: one of the two is not there, or there is no memory. */
char *cli_link_between(const char *page, const char *folder);

#endif
