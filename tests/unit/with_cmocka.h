/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/with_cmocka.h - cmocka.h and what it needs before it, in the order that a formatter
 * would not keep. */
#ifndef TESTS_UNIT_WITH_CMOCKA_H
#define TESTS_UNIT_WITH_CMOCKA_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#endif
