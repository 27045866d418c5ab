# SPDX-License-Identifier: GPL-3.0-or-later
#
# What `make install` puts where (cmake/install.sh calls it), by the file system hierarchy below a
# prefix. The program finds its scenarios from its own place (sim/cli/scenarios.c), so a prefix can
# be moved as a whole.

include(GNUInstallDirs)
set(share "${CMAKE_INSTALL_DATADIR}/blackstart")

# The licences of what the program carries with it: the libraries of report.html, whose texts stand
# at the head of their bundle, and the three that are linked statically.
set(BLACKSTART_NOTICES "/usr/share/doc/libcoap3-dev/copyright"
    "${BLACKSTART_WOLFSSL}/../wolfssl-5.7.2/debian/copyright"
    "${BLACKSTART_MOSQUITTO}/../mosquitto-2.0.21/debian/copyright"
    CACHE STRING "Texts of the licences of libcoap, wolfSSL and libmosquitto")
add_custom_command(
    OUTPUT "${PROJECT_BINARY_DIR}/generated/notices.txt"
    COMMAND "${CMAKE_COMMAND}" -D "BUNDLE=${page_bundle}/page.js" -D "TEXTS=${BLACKSTART_NOTICES}"
        -D "OUT=${PROJECT_BINARY_DIR}/generated/notices.txt"
        -P "${PROJECT_SOURCE_DIR}/cmake/notices.cmake"
    DEPENDS "${page_bundle}/page.js" "${PROJECT_SOURCE_DIR}/cmake/notices.cmake"
    VERBATIM)

# The manual and what editors read of the language, from the rows of the program itself.
foreach(kind IN ITEMS manual:man annotations:luals)
    string(REGEX MATCH "^([a-z]+):(.+)$" kind "${kind}")
    set(written "${PROJECT_BINARY_DIR}/generated/${CMAKE_MATCH_2}")
    add_custom_command(
        OUTPUT "${written}.done"
        COMMAND "${CMAKE_COMMAND}" -E rm -rf "${written}"
        COMMAND "${CMAKE_COMMAND}" -E make_directory "${written}"
        COMMAND blackstart generate ${CMAKE_MATCH_1} "${written}"
        COMMAND "${CMAKE_COMMAND}" -E touch "${written}.done"
        DEPENDS blackstart
        COMMENT "Writing the ${CMAKE_MATCH_1}"
        VERBATIM)
    list(APPEND written_by_itself "${written}.done")
endforeach()
add_custom_target(extras ALL DEPENDS "${PROJECT_BINARY_DIR}/generated/notices.txt"
    ${written_by_itself})

# Where shells look for completions; distributions have a place of their own for zsh's.
set(BLACKSTART_ZSH_COMPLETIONS "${CMAKE_INSTALL_DATADIR}/zsh/site-functions"
    CACHE STRING "Where zsh looks for completions")

install(TARGETS blackstart RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
# Not each of these folders is there yet; what is installed is what there is.
foreach(folder IN ITEMS scenarios dialects packs)
    if(EXISTS "${PROJECT_SOURCE_DIR}/${folder}")
        install(DIRECTORY "${folder}" DESTINATION "${share}")
    endif()
endforeach()
install(DIRECTORY docs/schema DESTINATION "${share}")
install(FILES README.md CHANGELOG.md LICENSE "${PROJECT_BINARY_DIR}/generated/notices.txt"
    DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY docs DESTINATION "${CMAKE_INSTALL_DOCDIR}" PATTERN schema EXCLUDE)
foreach(section IN ITEMS 1 7)
    install(DIRECTORY "${PROJECT_BINARY_DIR}/generated/man/"
        DESTINATION "${CMAKE_INSTALL_MANDIR}/man${section}"
            FILES_MATCHING PATTERN "*.${section}")
endforeach()
install(DIRECTORY "${PROJECT_BINARY_DIR}/generated/luals" DESTINATION "${share}")
install(FILES completions/blackstart.bash
    DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME blackstart)
install(FILES completions/_blackstart DESTINATION "${BLACKSTART_ZSH_COMPLETIONS}")
install(FILES completions/blackstart.fish
    DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
