/* SPDX-License-Identifier: GPL-2.0-or-later */
/* grammar.h - capture filters made at random, by the grammar of pcap-filter(7)
 *
 * The seed is GLib's: --seed repeats what was found. Not all mean something: what libpcap takes
 * is what is tried.
 */
#ifndef PTCPDUMP_TESTS_UNIT_GRAMMAR_H
#define PTCPDUMP_TESTS_UNIT_GRAMMAR_H

#include <glib.h>

static inline guint grammar_below(guint bound)
{
	return (guint)g_test_rand_int_range(0, (gint)bound);
}

#define GRAMMAR_PICK(words) ((words)[grammar_below(G_N_ELEMENTS(words))])

/* What the frames have, and what they have not. */
static inline char *grammar_address(void)
{
	static const char *const networks[] = {"10.77.0", "192.168.1", "224.0.0", "10.99.7"};

	if (grammar_below(4))
		return g_strdup_printf("%s.%u", GRAMMAR_PICK(networks), grammar_below(4));
	return g_strdup_printf("fd77::%u", grammar_below(4));
}

static inline char *grammar_net(void)
{
	static const char *const nets[] = {"10",	   "10.77",	     "10.77.0.0/24",
					   "10.76.0.0/15", "192.168.1.0/25", "0.0.0.0/1",
					   "fd77::/64",	   "fd70::/12"};

	return g_strdup(GRAMMAR_PICK(nets));
}

static inline char *grammar_port(void)
{
	static const guint ports[] = {0, 22, 53, 67, 68, 80, 443, 5353, 8080, 40000, 65535};
	guint port = GRAMMAR_PICK(ports);

	if (grammar_below(3))
		return g_strdup_printf("port %u", port);
	return g_strdup_printf("portrange %u-%u", port, MIN(port + grammar_below(3000), 65535));
}

static inline char *grammar_number(void)
{
	static const guint32 numbers[] = {0,	   1,	       2,	   5,	      6,    14,
					  17,	   0x45,       80,	   255,	      1500, 65535,
					  0x10000, 0x0a4d0001, 0x7fffffff, 0xffffffff};

	return g_strdup_printf(grammar_below(2) ? "%u" : "0x%x", GRAMMAR_PICK(numbers));
}

static inline char *grammar_sum(guint depth);

static inline char *grammar_load(guint depth)
{
	static const char *const layers[] = {"ether", "link", "ip",    "ip6",  "tcp", "udp",
					     "icmp",  "arp",  "icmp6", "sctp", "igmp"};
	static const char *const sizes[] = {"", ":1", ":2", ":4"};
	g_autofree char *at =
		depth && !grammar_below(4)
			? grammar_sum(depth - 1)
			: g_strdup_printf("%u", grammar_below(grammar_below(4) ? 48 : 400));

	return g_strdup_printf("%s[%s%s]", GRAMMAR_PICK(layers), at, GRAMMAR_PICK(sizes));
}

static inline char *grammar_sum(guint depth)
{
	static const char *const signs[] = {"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"};
	g_autofree char *left = NULL, *right = NULL;

	switch (depth ? grammar_below(5) : grammar_below(3)) {
	case 0:
		return grammar_number();
	case 1:
		return grammar_below(3) ? grammar_load(depth) : g_strdup("len");
	case 2:
		return grammar_load(depth);
	default:
		left = grammar_sum(depth - 1);
		right = grammar_sum(depth - 1);
		return g_strdup_printf("(%s %s %s)", left, GRAMMAR_PICK(signs), right);
	}
}

static inline char *grammar_relation(guint depth)
{
	static const char *const relations[] = {"=", "!=", "<", ">", "<=", ">=", "=="};
	g_autofree char *left = grammar_sum(depth), *right = grammar_sum(depth ? depth - 1 : 0);

	return g_strdup_printf("%s %s %s", left, GRAMMAR_PICK(relations), right);
}

static inline char *grammar_primitive(void)
{
	static const char *const protocols[] = {"", "ip ", "ip6 ", "tcp ", "udp ", "arp ", "sctp "};
	static const char *const directions[] = {"", "src ", "dst ", "src or dst ", "src and dst "};
	static const char *const words[] = {"ip",	    "ip6",
					    "arp",	    "tcp",
					    "udp",	    "icmp",
					    "icmp6",	    "vlan",
					    "vlan 100",	    "mpls",
					    "pppoes",	    "greater 100",
					    "less 60",	    "ether multicast",
					    "ip multicast", "ip6 multicast",
					    "llc",	    "sctp",
					    "proto 6",	    "ip proto 47"};
	g_autofree char *what = NULL;

	switch (grammar_below(4)) {
	case 0:
		what = grammar_address();
		return g_strdup_printf("%s%shost %s", protocols[grammar_below(3)],
				       GRAMMAR_PICK(directions), what);
	case 1:
		what = grammar_net();
		return g_strdup_printf("%snet %s", GRAMMAR_PICK(directions), what);
	case 2:
		what = grammar_port();
		return g_strdup_printf("%s%s%s", GRAMMAR_PICK(protocols), GRAMMAR_PICK(directions),
				       what);
	default:
		return g_strdup(GRAMMAR_PICK(words));
	}
}

/* To be freed. */
static inline char *grammar_expression(guint depth)
{
	static const char *const joints[] = {"and", "or", "&&", "||", "and not", "or !"};
	static const char *const refusals[] = {"not", "!"};
	g_autofree char *left = NULL, *right = NULL;

	switch (depth ? grammar_below(6) : grammar_below(2)) {
	case 0:
		return grammar_primitive();
	case 1:
		return grammar_relation(depth);
	case 2:
		left = grammar_expression(depth - 1);
		return g_strdup_printf("%s (%s)", GRAMMAR_PICK(refusals), left);
	default:
		left = grammar_expression(depth - 1);
		right = grammar_expression(depth - 1);
		return g_strdup_printf("(%s) %s (%s)", left, GRAMMAR_PICK(joints), right);
	}
}

#endif
