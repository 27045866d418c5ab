/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/fewer.h - what is done often for the sake of its shares is done TEST_FEWER times less
 * under the address sanitizer: memory is the same each time, and shares are the release build's
 * business. */
#ifndef TESTS_UNIT_FEWER_H
#define TESTS_UNIT_FEWER_H

#if defined(__SANITIZE_ADDRESS__)
enum { TEST_FEWER = 10 };
#else
enum { TEST_FEWER = 1 };
#endif

#endif
