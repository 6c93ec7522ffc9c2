# SPDX-License-Identifier: GPL-2.0-or-later
# What every part of the tree is compiled with.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(PTCPDUMP_WERROR "Treat warnings as errors" ON)
option(PTCPDUMP_SANITIZE "Build with the address and undefined-behaviour sanitizers" OFF)
option(PTCPDUMP_SECCOMP "End a program at a system call that it does not name (extcap/seal.h)" ON)

add_compile_options(-Wall -Wextra -Wno-unused-parameter -Wshadow -Wstrict-prototypes
                    -Wmissing-prototypes -Wvla)
if(PTCPDUMP_WERROR)
    add_compile_options(-Werror)
endif()
if(PTCPDUMP_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer
                        -fno-sanitize-recover=undefined)
    add_link_options(-fsanitize=address,undefined)
    set(PTCPDUMP_SECCOMP OFF) # they make calls of their own
endif()
include_directories(${CMAKE_SOURCE_DIR})

find_package(PkgConfig REQUIRED)
pkg_check_modules(GLIB REQUIRED IMPORTED_TARGET glib-2.0>=2.68)
# What a later GLib calls deprecated is no error here: it is what 2.68 offers.
add_compile_definitions(GLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_68
                        GLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_68)
