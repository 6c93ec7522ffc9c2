# SPDX-License-Identifier: GPL-2.0-or-later
# The engine, ptcpdump-capture: everything but its main() is a library, for the tests.

add_library(engine STATIC
    btf_file.c
    log.c
    privilege.c
    roots.c
    settings.c
    capture/attribution.c
    capture/cgroup.c
    capture/child.c
    capture/clock.c
    capture/conntrack.c
    capture/elsewhere.c
    capture/events.c
    capture/filters.c
    capture/finish.c
    capture/flows.c
    capture/fragments.c
    capture/hooks.c
    capture/host_names.c
    capture/kernel.c
    capture/kernel_attach.c
    capture/kernel_config.c
    capture/kernel_select.c
    capture/lanes.c
    capture/link_news.c
    capture/links.c
    capture/merge.c
    capture/loop.c
    capture/name_ends.c
    capture/packets.c
    capture/placement.c
    capture/multipath.c
    capture/reads.c
    capture/reentry.c
    capture/records.c
    capture/ring.c
    capture/runtimes.c
    capture/scope.c
    capture/session.c
    capture/session_select.c
    capture/softirq.c
    capture/stream.c
    filter/ancillary.c
    filter/classic.c
    filter/compile.c
    filter/cost.c
    filter/deadline.c
    filter/emit.c
    filter/interpret.c
    filter/join.c
    filter/load.c
    filter/loads.c
    filter/translate.c
    filter/verify.c
    filter/selection.c
    identity/address_networks.c
    identity/addresses.c
    identity/arguments.c
    identity/command_lines.c
    identity/cgroup_path.c
    identity/comments.c
    identity/conmon.c
    identity/container_cgroups.c
    identity/container_comments.c
    identity/container_home.c
    identity/container_lives.c
    identity/container_namespaces.c
    identity/containers.c
    identity/event_path.c
    identity/image.c
    identity/processes.c
    identity/processes_apply.c
    identity/processes_before.c
    output/pcapng.c
    output/sink.c
    output/untaken.c
    selftest/machine.c
    selftest/programs.c
    selftest/report.c
    selftest/runtimes.c
    selftest/selftest.c
    selftest/wireshark.c)
target_link_libraries(engine PUBLIC
    face annotation kernel_side names_client seal
    PkgConfig::LIBBPF PkgConfig::LIBPCAP PkgConfig::LIBCAP_NG PkgConfig::LIBMNL)
# What only Linux has: fsopen(), F_SETPIPE_SZ, close_range().
target_compile_definitions(engine PRIVATE _GNU_SOURCE PTCPDUMP_NAMES="${ENGINE_DIR}/ptcpdump-names")

# sockets_kernel.c takes the place of what the front has, so it is no part of the library.
add_executable(ptcpdump-capture engine.c sources/sockets_kernel.c)
target_link_libraries(ptcpdump-capture PRIVATE engine)
target_compile_definitions(ptcpdump-capture PRIVATE _GNU_SOURCE)

install(TARGETS ptcpdump-capture RUNTIME DESTINATION ${ENGINE_DIR})

add_subdirectory(attach)
