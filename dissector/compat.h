/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compat.h - what differs between the Wiresharks that the plugin is compiled against
 *
 * No other file asks for a version. 4.0, 4.4 and 4.6 are compiled and run by
 * compile-everywhere.
 */
#ifndef PTCPDUMP_DISSECTOR_COMPAT_H
#define PTCPDUMP_DISSECTOR_COMPAT_H

#include <stdbool.h>
#include <ws_version.h>
#include <wiretap/wtap.h>

#define WIRESHARK_AT_LEAST(major, minor)      \
	(WIRESHARK_VERSION_MAJOR > (major) || \
	 (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/* GLib's boolean, an int, became C's, a byte, in what is passed by address or returned;
 * and a statistics' menu path is cut at "//", for a name may hold a slash. */
#if WIRESHARK_AT_LEAST(4, 4)
typedef bool ws_bool;
#define MENU_SEPARATOR "//"
#else
typedef gboolean ws_bool;
#define MENU_SEPARATOR "/"
#endif

/* Plugins say what they are since there is a header for it. */
#if __has_include(<wsutil/plugins.h>)
#include <wsutil/plugins.h>
#define PLUGIN_DESCRIPTION (WS_PLUGIN_DESC_DISSECTOR | WS_PLUGIN_DESC_TAP_LISTENER)
#else
#define PLUGIN_DESCRIPTION 0
#endif

/* epb_processid_threadid: read since 4.6, in older ones no packet has it. */
#ifdef OPT_PKT_PROCIDTHRDID
#define OPTION_PROCESS_THREAD OPT_PKT_PROCIDTHRDID
#else
#define OPTION_PROCESS_THREAD G_MAXUINT
#endif

#endif
