// SPDX-License-Identifier: GPL-2.0-or-later
/* runtimes.c - what container runtimes say, for a capture */
#include "extcap/capture/runtimes.h"

#include <poll.h>

#include "extcap/capture/clock.h"
#include "extcap/log.h"

/* Docker and containerd list 48 containers in 3 to 29 ms; one that hangs is not waited for. */
#define WAIT_US 500000

struct runtimes {
	struct names *names;
	struct containers *containers;
	struct addresses *addresses;
	bool has_listed;
	char *refusal; /* why there is no place for us; NULL: there is one */
};

struct names_options runtimes_asked(const struct options *options)
{
	return (struct names_options){
		.addresses =
			{
				[NAMES_DOCKER] = options->docker_address,
				[NAMES_PODMAN] = options->podman_address,
				[NAMES_CRI] = options->cri_address,
				[NAMES_CONTAINERD] = options->containerd_address,
			},
		.label_max = options->label_length,
	};
}

struct runtimes *runtimes_open(const struct options *options, GError **error)
{
	const struct names_options ask = runtimes_asked(options);
	struct names *names = names_open(&ask, error);
	struct runtimes *runtimes;

	if (!names)
		return NULL;
	runtimes = g_new0(struct runtimes, 1);
	runtimes->names = names;
	return runtimes;
}

/* Of a user's own runtime the addresses are in a network of that user's. */
static void hold_addresses(const struct runtimes *runtimes, const struct names_container *container)
{
	g_autofree char *pod =
		container->pod_name && container->pod_namespace
			? g_strconcat(container->pod_name, ".", container->pod_namespace, NULL)
			: NULL;
	const char *name = pod ? pod : container->name;
	bool has = name && !container->uid && container->state != NAMES_ENDED;

	addresses_hold(runtimes->addresses, container->id, name ? name : "",
		       has ? container->addresses : NULL, clock_now());
}

static void on_container(gpointer data, struct names_container *container)
{
	const struct runtimes *runtimes = data;
	const struct container_details details = {
		.id = container->id,
		.uid = container->uid,
		.runtime = names_runtime_name(container->runtime),
		.name = container->name,
		.image = container->image,
		.labels = container->labels,
		.pod_name = container->pod_name,
		.pod_namespace = container->pod_namespace,
		.pod_uid = container->pod_uid,
		.pod_labels = container->pod_labels,
		.pod_annotations = container->pod_annotations,
		.cut = container->cut,
	};

	containers_learn(runtimes->containers, &details);
	hold_addresses(runtimes, container);
}

static void on_gone(gpointer data, const char *id)
{
	const struct runtimes *runtimes = data;

	containers_forget(runtimes->containers, id);
	addresses_hold(runtimes->addresses, id, "", NULL, clock_now());
}

static void on_trouble(gpointer data, enum names_runtime runtime, const char *sentence)
{
	if (sentence)
		log_warning("%s", sentence);
	else
		log_info("%s answers", names_runtime_name(runtime));
}

static void on_listed(gpointer data)
{
	struct runtimes *runtimes = data;

	runtimes->has_listed = true;
	log_info("container runtimes have told what they have");
}

static void on_refused(gpointer data, const char *sentence)
{
	struct runtimes *runtimes = data;

	g_free(runtimes->refusal);
	runtimes->refusal = g_strdup(sentence);
	log_warning("containers go by their ids: %s", sentence);
}

static void on_unknown(const char *id, void *data)
{
	struct runtimes *runtimes = data;

	if (names_fd(runtimes->names) >= 0)
		names_look(runtimes->names, id);
}

void runtimes_tell(struct runtimes *runtimes, struct containers *containers,
		   struct addresses *addresses)
{
	runtimes->containers = containers;
	runtimes->addresses = addresses;
	containers_ask(containers, on_unknown, runtimes);
	runtimes_read(runtimes);
}

int runtimes_fd(const struct runtimes *runtimes)
{
	return runtimes ? names_fd(runtimes->names) : -1;
}

void runtimes_read(struct runtimes *runtimes)
{
	static const struct names_events events = {
		.container = on_container,
		.gone = on_gone,
		.trouble = on_trouble,
		.listed = on_listed,
		.refused = on_refused,
	};

	if (runtimes_fd(runtimes) < 0 || names_read(runtimes->names, &events, runtimes))
		return;
	runtimes->has_listed = true; /* what else there is nobody will tell */
	if (!runtimes->refusal)
		log_warning("containers that start from now on go by their ids: ptcpdump-names has "
			    "ended");
}

bool runtimes_wait(struct runtimes *runtimes, GError **error)
{
	gint64 end = g_get_monotonic_time() + WAIT_US, left;

	while (!runtimes->has_listed && (left = end - g_get_monotonic_time()) > 0) {
		struct pollfd wait = {.fd = runtimes_fd(runtimes), .events = POLLIN};

		if (poll(&wait, 1, (int)(left / 1000) + 1) > 0)
			runtimes_read(runtimes);
	}
	if (runtimes->refusal) {
		g_set_error(error, OPTIONS_ERROR, 0, "containers cannot be selected by name: %s.",
			    runtimes->refusal);
		return false;
	}
	if (!runtimes->has_listed)
		log_warning("a container runtime has not told what it has: containers are captured "
			    "as it tells of them");
	return true;
}

void runtimes_close(struct runtimes *runtimes)
{
	if (!runtimes)
		return;
	names_close(runtimes->names);
	g_free(runtimes->refusal);
	g_free(runtimes);
}
