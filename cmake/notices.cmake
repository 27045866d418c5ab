# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake -D BUNDLE=page.js -D TEXTS=file;file -D OUT=file -P notices.cmake
# Writes the licences of what the program carries: the head of the bundle, then each text under its
# path.

cmake_minimum_required(VERSION 3.25)

file(READ "${BUNDLE}" bundle)
string(FIND "${bundle}" "/*! " begin)
string(FIND "${bundle}" "*/" end)
if(begin EQUAL -1 OR end LESS begin)
    message(FATAL_ERROR "${BUNDLE} has no licences at its head: run make page")
endif()
math(EXPR begin "${begin} + 4")
math(EXPR length "${end} - ${begin}")
string(SUBSTRING "${bundle}" ${begin} ${length} notices)
string(REPLACE "Libraries in this script, with their licences:" "In report.html:" notices
    "${notices}")
foreach(file IN LISTS TEXTS)
    if(NOT EXISTS "${file}")
        message(FATAL_ERROR
            "${file} is missing, the licence of a library in the program: name another with "
            "-D BLACKSTART_NOTICES=FILE;FILE")
    endif()
    file(READ "${file}" text)
    string(APPEND notices "\n----\n\nIn the program:\n\n${text}")
endforeach()
file(WRITE "${OUT}" "${notices}")
