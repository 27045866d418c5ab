# SPDX-License-Identifier: GPL-3.0-or-later
#
# The libraries of others: found, their versions checked, and the libraries that live in the virtual
# world copied with their system calls renamed.
# Everything that is missing is named at once, with the way to get it.

find_package(PkgConfig)
if(NOT PKG_CONFIG_FOUND)
    message(FATAL_ERROR
        "pkg-config is missing. On Debian, as root: apt-get install pkg-config; "
        "or let cmake/setup.sh do it.")
endif()

set(blackstart_missing "")

# foreign_library(TARGET condition package): imported target PkgConfig::TARGET, or a line for the
# list of what is missing.
# A condition with two bounds is written "name>=1 name<2".
function(foreign_library target condition package)
    string(REPLACE " " ";" condition_list "${condition}")
    pkg_check_modules(${target} QUIET IMPORTED_TARGET ${condition_list})
    if(NOT ${target}_FOUND)
        list(APPEND blackstart_missing
            "${condition} (on Debian, as root: apt-get install ${package})")
        set(blackstart_missing "${blackstart_missing}" PARENT_SCOPE)
    endif()
endfunction()

foreign_library(libcoap "libcoap-3-notls=4.3.1" libcoap3-dev)
foreign_library(libuv "libuv>=1.44" libuv1-dev)
foreign_library(lua "lua5.4>=5.4 lua5.4<5.5" liblua5.4-dev)
foreign_library(libcbor "libcbor>=0.8" libcbor-dev)
foreign_library(jansson "jansson>=2.14" libjansson-dev)
foreign_library(xml2 "libxml-2.0>=2.9.14" libxml2-dev)
foreign_library(popt "popt>=1.18" libpopt-dev)
foreign_library(gsl "gsl>=2.7" libgsl-dev)
foreign_library(curl "libcurl>=7.85" libcurl4-openssl-dev)
foreign_library(microhttpd "libmicrohttpd>=0.9.75" libmicrohttpd-dev)
foreign_library(mosquitto "libmosquitto>=2.0" libmosquitto-dev)
foreign_library(pcap "libpcap>=1.10" libpcap-dev)
foreign_library(zlib zlib zlib1g-dev)
# Debian ships no pkg-config file with it.
find_library(wslay_library wslay)
find_path(wslay_headers wslay/wslay.h)
if(wslay_library AND wslay_headers)
    add_library(wslay INTERFACE)
    target_include_directories(wslay SYSTEM INTERFACE "${wslay_headers}")
    target_link_libraries(wslay INTERFACE "${wslay_library}")
else()
    list(APPEND blackstart_missing "libwslay (on Debian, as root: apt-get install libwslay-dev)")
endif()
if(BLACKSTART_TESTS AND NOT BLACKSTART_FUZZ)
    foreign_library(cmocka "cmocka>=1.1.5" libcmocka-dev)
endif()

set(BLACKSTART_WOLFSSL "${PROJECT_SOURCE_DIR}/build/deps/wolfssl"
    CACHE PATH "Where cmake/wolfssl.sh put wolfSSL")
set(wolfssl_version "")
if(EXISTS "${BLACKSTART_WOLFSSL}/include/wolfssl/version.h" AND
    EXISTS "${BLACKSTART_WOLFSSL}/lib/libwolfssl.a")
    file(STRINGS "${BLACKSTART_WOLFSSL}/include/wolfssl/version.h" wolfssl_version
        REGEX "LIBWOLFSSL_VERSION_STRING")
endif()
if(NOT wolfssl_version MATCHES "\"5\\.7\\.2\"")
    list(APPEND blackstart_missing
        "lean wolfSSL 5.7.2 in ${BLACKSTART_WOLFSSL} (run cmake/setup.sh build)")
endif()

set(BLACKSTART_MOSQUITTO "${PROJECT_SOURCE_DIR}/build/deps/mosquitto"
    CACHE PATH "Where cmake/mosquitto.sh put the client library of Mosquitto")
set(mosquitto_client "")
if(EXISTS "${BLACKSTART_MOSQUITTO}/include/mosquitto.h" AND
    EXISTS "${BLACKSTART_MOSQUITTO}/lib/libmosquitto.a")
    file(STRINGS "${BLACKSTART_MOSQUITTO}/include/mosquitto.h" mosquitto_client
        REGEX "define LIBMOSQUITTO_(MAJOR|MINOR|REVISION) ")
endif()
if(NOT mosquitto_client MATCHES "MAJOR 2;.*MINOR 0;.*REVISION 21")
    string(CONCAT mosquitto_missing "the client library of Mosquitto 2.0.21 in "
        "${BLACKSTART_MOSQUITTO} (run cmake/setup.sh build)")
    list(APPEND blackstart_missing "${mosquitto_missing}")
endif()

find_library(libcoap_archive libcoap-3-notls.a HINTS ${libcoap_LIBRARY_DIRS} ${libcoap_LIBDIR})
if(libcoap_FOUND AND NOT libcoap_archive)
    list(APPEND blackstart_missing
        "libcoap-3-notls.a, the static library (on Debian, as root: apt-get install libcoap3-dev)")
endif()

if(blackstart_missing)
    list(JOIN blackstart_missing "\n  " blackstart_missing)
    message(FATAL_ERROR
        "Missing, or not the version that is needed:\n  ${blackstart_missing}\n"
        "`make build` installs all of it on Debian 12.")
endif()

# What `blackstart version` says it is built with, besides the libraries that say it themselves.
set(blackstart_libraries "")
foreach(library IN ITEMS libcbor jansson xml2 popt gsl curl microhttpd mosquitto pcap)
    string(REGEX REPLACE "^lib" "" word "${library}")
    list(APPEND blackstart_libraries "lib${word} ${${library}_VERSION}")
endforeach()
list(APPEND blackstart_libraries "zlib ${zlib_VERSION}")
list(JOIN blackstart_libraries ", " blackstart_libraries)

# virtual_library(target archive symbols include [header]): an imported static library whose system
# calls land in net/vkernel.c. With a header, the names of the library itself get the prefix
# virtual_, because the program links another build of it besides, and <virtual/header> includes
# that header under them.
function(virtual_library target archive symbols include)
    set(folder "${PROJECT_BINARY_DIR}/foreign/${target}")
    set(copy "${PROJECT_BINARY_DIR}/foreign/lib${target}.a")
    file(MAKE_DIRECTORY "${folder}")
    set(own "")
    set(outputs "${copy}")
    if(ARGC GREATER 4)
        set(own -D PREFIX=virtual_ -D "HEADER=${include}/${ARGV4}"
            -D "NAMES=${folder}/virtual/${ARGV4}")
        list(APPEND outputs "${folder}/virtual/${ARGV4}")
    endif()
    add_custom_command(
        OUTPUT ${outputs}
        COMMAND "${CMAKE_COMMAND}" -D "IN=${archive}" -D "OUT=${copy}"
            -D "SYMBOLS=${PROJECT_SOURCE_DIR}/cmake/${symbols}"
                -D "OBJCOPY=${CMAKE_OBJCOPY}" -D "NM=${CMAKE_NM}" ${own}
                -P "${PROJECT_SOURCE_DIR}/cmake/rename_symbols.cmake"
        DEPENDS "${archive}" "${PROJECT_SOURCE_DIR}/cmake/${symbols}"
            "${PROJECT_SOURCE_DIR}/cmake/rename_symbols.cmake"
        COMMENT "Renaming the system calls of ${archive}"
        VERBATIM)
    add_custom_target(${target}_archive DEPENDS ${outputs})
    add_library(${target} STATIC IMPORTED GLOBAL)
    set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${copy}"
        INTERFACE_INCLUDE_DIRECTORIES "${include};${folder}")
    add_dependencies(${target} ${target}_archive)
endfunction()

pkg_get_variable(libcoap_include libcoap-3-notls includedir)
virtual_library(coap_virtual "${libcoap_archive}" libcoap_symbols.txt "${libcoap_include}")
virtual_library(wolfssl_lean "${BLACKSTART_WOLFSSL}/lib/libwolfssl.a" wolfssl_symbols.txt
    "${BLACKSTART_WOLFSSL}/include")
virtual_library(mosquitto_virtual "${BLACKSTART_MOSQUITTO}/lib/libmosquitto.a"
    mosquitto_symbols.txt "${BLACKSTART_MOSQUITTO}/include" mosquitto.h)
find_package(Threads REQUIRED)
target_link_libraries(wolfssl_lean INTERFACE m Threads::Threads)
