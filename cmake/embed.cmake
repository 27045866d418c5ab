# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake -D IN=file -D OUT=file.c -D NAME=identifier -P embed.cmake
# Writes a C source with the bytes of a file: const unsigned char NAME[] (with a closing zero that does not count) and size_t NAME_size.
# -D OURS=OFF: what the program gives away is the user's own, so the file's SPDX line stays behind.

cmake_minimum_required(VERSION 3.25)

file(READ "${IN}" bytes HEX)
if("${OURS}" STREQUAL "OFF")
    file(READ "${IN}" text)
    string(REGEX MATCH "^[^\n]*SPDX-License-Identifier[^\n]*\n" licence "${text}")
    string(LENGTH "${licence}" size)
    math(EXPR size "${size} * 2")
    string(SUBSTRING "${bytes}" ${size} -1 bytes)
endif()
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
