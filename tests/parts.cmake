# SPDX-License-Identifier: GPL-2.0-or-later
include_guard()

# missing_part(VARIABLE SOURCE LIB...): why a test's program cannot be built here; empty when it
# can. The parts of the tree can be switched off, and a test goes with the part that it tests.
function(missing_part variable source)
    set(${variable} "" PARENT_SCOPE)
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${source})
        set(${variable} "there is no ${source}" PARENT_SCOPE)
        return()
    endif()
    foreach(lib ${ARGN})
        # A bare word is a part of ours; the linker's flags and imported libraries are not.
        if(lib MATCHES "^[a-z_0-9]+$" AND NOT TARGET ${lib})
            set(${variable} "${lib} is not built" PARENT_SCOPE)
        endif()
    endforeach()
endfunction()
