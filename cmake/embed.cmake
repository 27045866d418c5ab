# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake -D IN=file -D OUT=file.c -D NAME=identifier -P embed.cmake
# Writes a C source with the bytes of a file: const unsigned char NAME[] (with a closing zero that does not count) and size_t NAME_size.

cmake_minimum_required(VERSION 3.25)

file(READ "${IN}" bytes HEX)
string(LENGTH "${bytes}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " bytes "${bytes}")
string(REPLACE " \n" "\n    " bytes "${bytes}")
get_filename_component(source "${IN}" NAME)
file(WRITE "${OUT}.part" "/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made from ${source} by cmake/embed.cmake. */
#include <stddef.h>

extern const unsigned char ${NAME}[];
extern const size_t ${NAME}_size;

const unsigned char ${NAME}[] = {
    ${bytes}0x00};
const size_t ${NAME}_size = ${size};
")
file(RENAME "${OUT}.part" "${OUT}")
