// SPDX-License-Identifier: GPL-2.0-or-later
/* link_news.c - what the kernel tells of the links of our own network namespace */
#include "extcap/capture/link_news.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>

#include "extcap/log.h"
#include "extcap/seal.h"

SEAL_NEEDS("sendto recvfrom");

/* 500 interfaces answer with about 700 KiB; a burst of changes may come on top. */
#define RECEIVE_BUFFER (4 << 20)

struct link_news {
	struct mnl_socket *socket;
	link_news_told told;
	void *data;
	bool listing; /* a list was asked for, and has not ended */
	bool again;   /* it is asked for once more then */
};

static int send_request(struct link_news *news)
{
	char buffer[256];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

	message->nlmsg_type = RTM_GETLINK;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
	return mnl_socket_sendto(news->socket, message, message->nlmsg_len) < 0 ? -errno : 0;
}

static int ask_for_all(struct link_news *news)
{
	int err;

	if (news->listing) {
		news->again = true;
		return 0;
	}
	news->again = false;
	news->told(NEWS_LIST_BEGINS, 0, 0, NULL, news->data);
	err = send_request(news);
	news->listing = !err;
	return err;
}

static int list_ended(struct link_news *news)
{
	news->listing = false;
	if (news->again)
		return ask_for_all(news);
	news->told(NEWS_LIST_ENDS, 0, 0, NULL, news->data);
	return 0;
}

static int on_attribute(const struct nlattr *attribute, void *data)
{
	const char **name = data;

	if (mnl_attr_get_type(attribute) == IFLA_IFNAME &&
	    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
		*name = mnl_attr_get_str(attribute);
	return MNL_CB_OK;
}

static void on_link(const struct link_news *news, const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const char *name = NULL;

	/* A bridge tells of its ports with messages of its own family, which look like a
	 * link's coming and going. */
	if (mnl_nlmsg_get_payload_len(message) < sizeof(*info) || info->ifi_family != AF_UNSPEC)
		return;
	mnl_attr_parse(message, sizeof(*info), on_attribute, &name);
	if (message->nlmsg_type == RTM_DELLINK)
		news->told(NEWS_GONE, info->ifi_index, info->ifi_type, NULL, news->data);
	else if (name)
		news->told(NEWS_THERE, info->ifi_index, info->ifi_type, name, news->data);
}

static int on_error(struct link_news *news, const struct nlmsghdr *message)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*error) || !error->error)
		return 0;
	news->listing = false;
	return error->error;
}

static int on_message(struct link_news *news, const struct nlmsghdr *message)
{
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		news->again = true;
	switch (message->nlmsg_type) {
	case NLMSG_DONE:
		return list_ended(news);
	case NLMSG_ERROR:
		return on_error(news, message);
	case RTM_NEWLINK:
	case RTM_DELLINK:
		on_link(news, message);
	}
	return 0;
}

static int take(struct link_news *news, const void *bytes, int length)
{
	const struct nlmsghdr *message = bytes;
	int err = 0;

	for (; !err && mnl_nlmsg_ok(message, length); message = mnl_nlmsg_next(message, &length))
		err = on_message(news, message);
	return err;
}

/* Reads what is there; @until_listed also waits for the end of the list. */
static int receive(struct link_news *news, bool until_listed)
{
	char buffer[32768] __attribute__((aligned(4))); /* the kernel's most for a part of a list */
	int flags = until_listed ? 0 : MSG_DONTWAIT;
	int err = 0;

	while (!err && (!until_listed || news->listing)) {
		ssize_t n = recv(mnl_socket_get_fd(news->socket), buffer, sizeof(buffer), flags);

		if (n >= 0)
			err = take(news, buffer, n);
		else if (errno == EAGAIN)
			return 0;
		else if (errno == ENOBUFS) {
			log_warning("link messages were lost, all interfaces are listed again");
			err = ask_for_all(news);
		} else if (errno != EINTR)
			err = -errno;
	}
	return err;
}

static bool start(struct link_news *news)
{
	int size = RECEIVE_BUFFER;

	news->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!news->socket || mnl_socket_bind(news->socket, RTMGRP_LINK, MNL_SOCKET_AUTOPID) < 0)
		return false;
	setsockopt(mnl_socket_get_fd(news->socket), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		   sizeof(size));
	errno = -ask_for_all(news);
	if (!errno)
		errno = -receive(news, true);
	return !errno;
}

struct link_news *link_news_open(link_news_told told, void *data)
{
	struct link_news *news = g_new0(struct link_news, 1);
	int err;

	news->told = told;
	news->data = data;
	if (start(news))
		return news;
	err = errno;
	link_news_free(news);
	errno = err;
	return NULL;
}

void link_news_free(struct link_news *news)
{
	if (!news)
		return;
	if (news->socket)
		mnl_socket_close(news->socket);
	g_free(news);
}

int link_news_fd(const struct link_news *news)
{
	return mnl_socket_get_fd(news->socket);
}

void link_news_read(struct link_news *news)
{
	int err = receive(news, false);

	if (err)
		log_warning("reading link messages failed: %s", g_strerror(-err));
}
