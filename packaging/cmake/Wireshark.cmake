# SPDX-License-Identifier: GPL-2.0-or-later
# Where the installed Wireshark looks for extcaps and plugins: it is asked, for the
# folders moved between 4.0, 4.4 and 4.6. Both can be given with -D instead, as a
# package does that is built without a tshark at hand.
include_guard()

# wireshark_folder(VARIABLE WHAT NAME...): the first NAME that tshark lists.
function(wireshark_folder variable what)
    if(DEFINED ${variable})
        return()
    endif()
    # WIRESHARK_EXTCAP_DIR and its like would answer for the builder, not for the machine.
    execute_process(
        COMMAND env -u WIRESHARK_EXTCAP_DIR -u WIRESHARK_PLUGIN_DIR tshark -G folders
        OUTPUT_VARIABLE folders ERROR_QUIET)
    foreach(name ${ARGN})
        if("\n${folders}" MATCHES "\n${name}:[ \t]*([^\n]+)")
            set(${variable} ${CMAKE_MATCH_1} CACHE PATH "${what}")
            return()
        endif()
    endforeach()
    message(FATAL_ERROR "tshark does not say where Wireshark keeps its ${what}: "
                        "install tshark, or give -D${variable}=DIR")
endfunction()
