// SPDX-License-Identifier: GPL-2.0-or-later
/* compile.c - a capture filter's words become a classic program, by libpcap */
#include "extcap/filter/compile.h"

#include <pcap/pcap.h>
#include <string.h>

#include "extcap/linktype.h"

#define SNAPSHOT_LENGTH 262144

/* The Configuration Test Protocol: in an "Ethernet" of ours nobody speaks it. */
#define ETHERTYPE_UNUSED 0x9000

/* libpcap has a struct of its own for the same eight bytes. */
G_STATIC_ASSERT(sizeof(struct bpf_insn) == sizeof(struct sock_filter));
G_STATIC_ASSERT(G_STRUCT_OFFSET(struct bpf_insn, k) == G_STRUCT_OFFSET(struct sock_filter, k));

G_STATIC_ASSERT(NETMASK_UNKNOWN == PCAP_NETMASK_UNKNOWN);

G_DEFINE_QUARK(ptcpdump - filter - error, filter_error)

struct compiler {
	pcap_t *handle;
	guint32 netmask;
};

static struct compiler *compiler_of(pcap_t *handle)
{
	struct compiler *compiler = g_new0(struct compiler, 1);

	compiler->handle = handle;
	compiler->netmask = NETMASK_UNKNOWN;
	return compiler;
}

struct compiler *compiler_new(guint16 link_type)
{
	return compiler_of(pcap_open_dead(linktype_dlt(link_type), SNAPSHOT_LENGTH));
}

struct compiler *compiler_new_live(GError **error)
{
	char message[PCAP_ERRBUF_SIZE] = "";
	pcap_t *handle = pcap_create("lo", message);
	int status;

	if (!handle) {
		g_set_error_literal(error, FILTER_ERROR, FILTER_ERROR_WRONG, message);
		return NULL;
	}
	pcap_set_protocol_linux(handle, ETHERTYPE_UNUSED);
	pcap_set_snaplen(handle, SNAPSHOT_LENGTH);
	pcap_set_buffer_size(handle, 4096);
	status = pcap_activate(handle);
	if (status >= 0)
		return compiler_of(handle);
	g_set_error(error, FILTER_ERROR, FILTER_ERROR_WRONG, "%s: %s", pcap_statustostr(status),
		    pcap_geterr(handle));
	pcap_close(handle);
	return NULL;
}

void compiler_free(struct compiler *compiler)
{
	if (!compiler)
		return;
	pcap_close(compiler->handle);
	g_free(compiler);
}

guint32 netmask_of(const char *name)
{
	bpf_u_int32 net, netmask;
	char message[PCAP_ERRBUF_SIZE];

	if (!name || pcap_lookupnet(name, &net, &netmask, message))
		return NETMASK_UNKNOWN;
	/* In the network's order, which libpcap does not expect: there it is a number. */
	return g_ntohl(netmask);
}

void compiler_set_netmask(struct compiler *compiler, guint32 netmask)
{
	compiler->netmask = netmask;
}

/* libpcap's words, but where they leave open what to do. */
static const char *words_of(const struct compiler *compiler)
{
	const char *words = pcap_geterr(compiler->handle);

	if (g_str_has_prefix(words, "netmask not known"))
		return "\"ip broadcast\" needs the netmask of one interface: capture from that "
		       "one, or name the address, as in \"dst host 192.0.2.255\"";
	return words;
}

struct classic *compiler_run(struct compiler *compiler, const char *expression, bool optimise,
			     GError **error)
{
	struct bpf_program program;
	struct classic *classic;
	gsize size;

	if (pcap_compile(compiler->handle, &program, expression, optimise, compiler->netmask)) {
		g_set_error_literal(error, FILTER_ERROR, FILTER_ERROR_WRONG, words_of(compiler));
		return NULL;
	}
	size = program.bf_len * sizeof(struct sock_filter);
	classic = g_malloc(sizeof(*classic) + size);
	classic->length = program.bf_len;
	memcpy(classic->code, program.bf_insns, size);
	pcap_freecode(&program);
	return classic;
}
