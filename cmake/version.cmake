# SPDX-License-Identifier: GPL-3.0-or-later
#
# cmake -D VERSION=0.2.0 -D LIBRARIES=text -D SOURCE_DIR=… -D OUT=header -P version.cmake
# Writes blackstart_version.h, touching it only when the version has changed. The version is the one
# of a tag v…, else VERSION with the commit, else (no git, or no repository) VERSION. LIBRARIES
# names what the program is built with.

cmake_minimum_required(VERSION 3.25)

function(git out)
    execute_process(COMMAND git -C "${SOURCE_DIR}" ${ARGN} OUTPUT_VARIABLE text
        ERROR_QUIET RESULT_VARIABLE status
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(status EQUAL 0)
        set(${out} "${text}" PARENT_SCOPE)
    else()
        set(${out} "" PARENT_SCOPE)
    endif()
endfunction()

git(hash rev-parse --verify HEAD)
if(NOT hash)
    set(hash "unknown, built outside of a repository")
endif()
git(tagged describe --tags --match "v[0-9]*" --dirty)
git(commit describe --always --match "no tag" --dirty)
if(tagged)
    string(SUBSTRING "${tagged}" 1 -1 version)
elseif(commit)
    set(version "${VERSION}-dev+g${commit}") # before VERSION, by the rules of semantic versions
else()
    set(version "${VERSION}")
endif()

set(text "/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made by cmake/version.cmake. */
#ifndef BLACKSTART_VERSION_H
#define BLACKSTART_VERSION_H

#define BLACKSTART_VERSION \"${version}\"
#define BLACKSTART_COMMIT \"${hash}\"
#define BLACKSTART_LIBRARIES \\
    \"${LIBRARIES}\"

#endif
")
set(before "")
if(EXISTS "${OUT}")
    file(READ "${OUT}" before)
endif()
if(NOT before STREQUAL text)
    file(WRITE "${OUT}" "${text}")
endif()
