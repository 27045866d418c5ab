# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake -D IN=archive -D OUT=archive -D SYMBOLS=file -D OBJCOPY=… -D NM=… -P rename_symbols.cmake
#       [-D PREFIX=… -D HEADER=its header -D NAMES=header to write]
# Copies a static library with system calls renamed as SYMBOLS says, and fails when the copy could
# still reach a clock, a heap, randomness, a socket or a file through a name that SYMBOLS neither
# renames nor lists as left alone on purpose.
# With PREFIX, every name that the library defines gets that prefix too, so that the program can
# link another build of the same library; NAMES then gives C code the library's header under the
# prefixed names.

cmake_minimum_required(VERSION 3.25)

# Names through which a library leaves the virtual world; memcpy and its like do not matter.
set(outside
    accept accept4 aligned_alloc bind calloc clock clock_gettime clock_nanosleep close connect
    creat epoll_create epoll_create1
    epoll_ctl epoll_pwait epoll_wait eventfd exit abort fclose fcntl fopen fork fread free
    freeaddrinfo getaddrinfo getentropy
    getenv gethostbyname getpeername getpid getrandom getsockname getsockopt gettimeofday gmtime
    gmtime_r if_nametoindex ioctl
    listen localtime localtime_r malloc mmap nanosleep open open64 opendir poll posix_memalign
    ppoll pselect pthread_create
    rand random read readdir readv realloc recv recvfrom recvmmsg recvmsg secure_getenv select send
    sendmmsg sendmsg sendto
    setsockopt shutdown sleep socket stat stat64 strdup strndup time timerfd_create timerfd_settime
    usleep write writev)

file(STRINGS "${SYMBOLS}" lines)
set(known "")
foreach(line IN LISTS lines)
    if(line MATCHES "^# left: (.*)$")
        string(REPLACE " " ";" names "${CMAKE_MATCH_1}")
        list(APPEND known ${names})
    endif()
endforeach()

get_filename_component(folder "${OUT}" DIRECTORY)
file(MAKE_DIRECTORY "${folder}")
set(prefixed "")
if(PREFIX)
    execute_process(COMMAND "${NM}" --defined-only --extern-only --format=posix "${IN}"
        OUTPUT_VARIABLE defined ERROR_QUIET
                    COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "[A-Za-z_][A-Za-z0-9_]* [TDBRVW] " defined "${defined}")
    set(renames "")
    set(names "/* Made by cmake/rename_symbols.cmake. */\n#pragma once\n")
    foreach(entry IN LISTS defined)
        string(REGEX REPLACE " . $" "" name "${entry}")
        string(APPEND renames "${name} ${PREFIX}${name}\n")
        string(APPEND names "#define ${name} ${PREFIX}${name}\n")
    endforeach()
    file(WRITE "${OUT}.names" "${renames}")
    file(WRITE "${NAMES}" "${names}#include \"${HEADER}\"\n")
    set(prefixed "--redefine-syms=${OUT}.names")
endif()
execute_process(COMMAND "${OBJCOPY}" "--redefine-syms=${SYMBOLS}" ${prefixed} "${IN}" "${OUT}.part"
    COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${NM}" --undefined-only --format=posix "${OUT}.part"
    OUTPUT_VARIABLE undefined ERROR_QUIET
                COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+ U " undefined "${undefined}")
set(leaks "")
foreach(entry IN LISTS undefined)
    string(REGEX REPLACE " U $" "" name "${entry}")
    if(name IN_LIST outside AND NOT name IN_LIST known)
        list(APPEND leaks "${name}")
    endif()
endforeach()
list(REMOVE_DUPLICATES leaks)
if(leaks)
    file(REMOVE "${OUT}.part")
    list(JOIN leaks " " leaks)
    message(FATAL_ERROR
        "${IN} reaches outside the virtual kernel through: ${leaks}. "
        "Rename or list them in ${SYMBOLS}.")
endif()
file(RENAME "${OUT}.part" "${OUT}")
