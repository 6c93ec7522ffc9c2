// SPDX-License-Identifier: GPL-2.0-or-later
/* main.c - ptcpdump-attach: attaches one program to what receives below the tracepoint
 *
 * Theory of operation
 * The engine starts it with a socket and one program (attach.h), while it still may, then gives
 * up all its capabilities; a program that is started later could have none (no_new_privs). So it
 * stays as long as the capture. To be asked for a namespace it goes in, lists the devices,
 * attaches to those of the kinds of kinds.c, and comes out: nothing is held inside. What is
 * attached lives in tcx links that it holds, so it goes when we go, killed or not. We go when
 * the socket's other end does. Attaching and detaching wait for the kernel, 12 ms each: here,
 * where no packet waits for it.
 *
 * Before Linux 6.6 there are no such links. There root alone, with a clsact filter each, which
 * is taken away when the engine has gone, however it went.
 *
 * Its command line and environment mean nothing. What it does it does with a program that it was
 * given as a descriptor, which must be one for tc, on ingress, on devices of those kinds.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <bpf/libbpf.h>

#include "extcap/attach/attach.h"
#include "extcap/attach/hook.h"
#include "extcap/attach/kinds.h"
#include "extcap/attach/namespaces.h"
#include "extcap/attach/rights.h"
#include "extcap/seal.h"

SEAL_NEEDS("sendto recvfrom");

static struct namespaces namespaces;
static struct hook_place *places;
static unsigned places_count;

/* One search for devices in one namespace. */
struct search {
	uint32_t netns;
	uint32_t ifindex;
	unsigned stamp;
	bool met; /* the namespace was found */
	int err;
};

static void answer(enum attach_what what, uint32_t netns, uint32_t ifindex, const char *name,
		   int err)
{
	struct attach_answer answer = {
		.what = what,
		.netns = netns,
		.ifindex = ifindex,
		.error = err,
	};

	strncpy(answer.name, name, sizeof(answer.name) - 1);
	send(ATTACH_SOCKET, &answer, sizeof(answer), MSG_NOSIGNAL);
}

static struct hook_place *find_place(uint32_t netns, uint32_t ifindex)
{
	for (unsigned i = 0; i < places_count; i++)
		if (places[i].netns == netns && places[i].ifindex == ifindex)
			return &places[i];
	return NULL;
}

static void forget_place(struct hook_place *place)
{
	if (place->link >= 0)
		close(place->link);
	*place = places[--places_count];
}

static bool keep_place(const struct hook_place *place)
{
	struct hook_place *more = reallocarray(places, places_count + 1, sizeof(*more));

	if (!more)
		return false;
	places = more;
	places[places_count++] = *place;
	return true;
}

/* Return: ATTACH_ON or why not, with its number in @err. */
static enum attach_what attach(struct hook_place *place, int *err)
{
	int count;

	rights_raise(CAP_NET_ADMIN);
	count = hook_count(place->ifindex);
	rights_lower();
	if (count == -EINVAL) {
		if (getuid() != 0)
			return ATTACH_NO_TCX;
		rights_raise(CAP_NET_ADMIN);
		*err = -hook_attach_clsact(ATTACH_PROGRAM, place);
		rights_lower();
		return *err ? ATTACH_FAILED : ATTACH_ON;
	}
	*err = count < 0 ? -count : count;
	if (count < 0)
		return ATTACH_FAILED;
	if (count > ATTACH_SLOTS_MOST)
		return ATTACH_FULL;
	place->link = hook_attach_tcx(ATTACH_PROGRAM, place->ifindex);
	*err = place->link < 0 ? -place->link : 0;
	return place->link < 0 ? ATTACH_FAILED : ATTACH_ON;
}

static void on_device(uint32_t ifindex, const char *name, void *data)
{
	const struct search *search = data;
	struct hook_place *known = find_place(search->netns, ifindex);
	struct hook_place place = {
		.netns = search->netns,
		.ifindex = ifindex,
		.link = -1,
		.stamp = search->stamp,
	};
	enum attach_what what;
	int err = 0;

	/* Another device may have got the number of one that is gone. */
	if (known && !hook_is_alive(known))
		forget_place(known);
	else if (known) {
		known->stamp = search->stamp;
		return;
	}
	what = attach(&place, &err);
	if (what == ATTACH_ON && !keep_place(&place))
		exit(EXIT_FAILURE);
	answer(what, search->netns, ifindex, name, err);
}

/* Devices that were deleted, or have moved to another namespace, where they are met again. */
static void forget_gone(const struct search *search)
{
	for (unsigned i = places_count; i > 0; i--) {
		struct hook_place *place = &places[i - 1];

		if (place->netns == search->netns && place->stamp != search->stamp &&
		    (!search->ifindex || search->ifindex == place->ifindex))
			forget_place(place);
	}
}

static void search_here(struct search *search)
{
	static unsigned stamp;

	search->stamp = ++stamp;
	search->err = devices_find(search->ifindex, on_device, search);
	if (!search->err)
		forget_gone(search);
}

static int search_in(uint32_t netns, int fd, void *data)
{
	struct search *search = data;

	search->netns = netns;
	search->met = true;
	search->err = namespaces_enter(fd);
	if (search->err)
		return 0;
	search_here(search);
	namespaces_return(&namespaces);
	return 0;
}

static void serve(const struct attach_request *request)
{
	struct search search = {.netns = request->netns, .ifindex = request->ifindex};

	if (request->netns == namespaces.own) {
		search_here(&search);
	} else if (!rights_have(CAP_SYS_ADMIN)) {
		answer(ATTACH_CAPLESS, request->netns, 0, "", EPERM);
	} else {
		namespaces_find(&namespaces, request->netns, search_in, &search);
		if (request->netns && !search.met)
			search.err = -ESRCH;
	}
	answer(ATTACH_DONE, request->netns, request->ifindex, "", -search.err);
}

/* Of what does not go with us: the places of one namespace, once we are in it. */
static void detach_here(uint32_t netns)
{
	rights_raise(CAP_NET_ADMIN);
	for (unsigned i = places_count; i > 0; i--)
		if (places[i - 1].netns == netns) {
			if (places[i - 1].link < 0)
				hook_detach_clsact(&places[i - 1]);
			forget_place(&places[i - 1]);
		}
	rights_lower();
}

static int detach_in(uint32_t netns, int fd, void *data)
{
	if (namespaces_enter(fd) == 0) {
		detach_here(netns);
		namespaces_return(&namespaces);
	}
	return 0;
}

static void detach_filters(void)
{
	bool have_filters = false;

	for (unsigned i = 0; i < places_count; i++)
		have_filters |= places[i].link < 0;
	if (!have_filters)
		return;
	detach_here(namespaces.own);
	if (places_count)
		namespaces_find(&namespaces, 0, detach_in, NULL);
}

/* Links take a descriptor each. */
static void allow_many_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static bool is_our_socket(void)
{
	int type = 0;
	socklen_t size = sizeof(type);

	return getsockopt(ATTACH_SOCKET, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
	       type == SOCK_SEQPACKET;
}

/* Ctrl-C is for the engine, which then closes the socket. */
static void end_with_the_socket_alone(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
}

int main(void)
{
	struct attach_request request;

	clearenv();
	libbpf_set_print(NULL);
	if (!rights_begin() || !is_our_socket() || !hook_is_schedcls(ATTACH_PROGRAM) ||
	    namespaces_open(&namespaces)) {
		fprintf(stderr, "ptcpdump-attach: nothing to attach: it is started by "
				"ptcpdump-capture, with a socket and a program for tc.\n");
		return EXIT_FAILURE;
	}
	end_with_the_socket_alone();
	allow_many_descriptors();
	if (seal_close())
		return EXIT_FAILURE;
	while (recv(ATTACH_SOCKET, &request, sizeof(request), 0) == sizeof(request))
		serve(&request);
	detach_filters();
	return EXIT_SUCCESS;
}
