# SPDX-License-Identifier: GPL-2.0-or-later
# Objects for the kernel, and what opens them from the bytes that are compiled into a program.
find_program(CLANG NAMES clang REQUIRED)
find_program(BPFTOOL NAMES bpftool HINTS /usr/sbin REQUIRED)

# atomics that return a value need -mcpu=v3 (kernel 5.12)
set(BPF_FLAGS -target bpf -mcpu=v3 -g -O2 -Wall -Wextra -Werror
    -Wno-unused-parameter -Wno-address-of-packed-member
    -I${CMAKE_SOURCE_DIR} -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE})
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    list(APPEND BPF_FLAGS -D__TARGET_ARCH_x86)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
    list(APPEND BPF_FLAGS -D__TARGET_ARCH_arm64)
endif()
file(GLOB BPF_HEADERS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bpf/*.h ${CMAKE_SOURCE_DIR}/shared/*.h)

# bpf_object(OUTPUT SOURCE FLAG...): one object of one source
function(bpf_object output source)
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${CLANG} ${BPF_FLAGS} ${ARGN} -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${output}
        DEPENDS ${source} ${BPF_HEADERS}
        COMMENT "Compiling ${source} for the kernel"
        VERBATIM)
endfunction()

# bpf_skeleton(NAME OBJECT...): NAME.skel.h of all of them, linked
function(bpf_skeleton name)
    add_custom_command(
        OUTPUT ${name}.skel.h
        COMMAND ${BPFTOOL} gen object ${name}.linked.o ${ARGN}
        COMMAND ${BPFTOOL} gen skeleton ${name}.linked.o name ${name} > ${name}.skel.h
        DEPENDS ${ARGN}
        COMMENT "Linking ${name}"
        VERBATIM)
endfunction()
