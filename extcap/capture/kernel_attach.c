// SPDX-License-Identifier: GPL-2.0-or-later
/* kernel_attach.c - the hooks of the kernel side, attached */
#include "extcap/capture/kernel_state.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <unistd.h>

#include "extcap/log.h"

static struct bpf_link *attach_one(struct kernel *kernel, const struct hook *hook)
{
	struct bpf_program *program =
		bpf_object__find_program_by_name(kernel->object, hook->program);

	if (hook->place == PLACE_CGROUP)
		return bpf_program__attach_cgroup(program, kernel->cgroup);
	return bpf_program__attach(program);
}

/* Reads an iterator through; what its program writes is appended to kernel->found. */
static int read_iterator(struct kernel *kernel, struct bpf_link *link)
{
	int fd = bpf_iter_create(bpf_link__fd(link));
	char buffer[65536];
	ssize_t n;

	if (fd < 0)
		return fd;
	while ((n = read(fd, buffer, sizeof(buffer))) > 0 || (n < 0 && errno == EAGAIN))
		if (n > 0)
			g_byte_array_append(kernel->found, (guint8 *)buffer, n);
	close(fd);
	return n < 0 ? -errno : 0;
}

static int attach_hook(struct kernel *kernel, const struct hook *hook)
{
	struct bpf_link *link = attach_one(kernel, hook);
	int err;

	if (!link)
		return -errno;
	if (hook->place == PLACE_ITERATOR) {
		err = read_iterator(kernel, link);
		bpf_link__destroy(link);
		return err;
	}
	g_ptr_array_add(kernel->links, link);
	return 0;
}

/* The others are called, or attached as their devices come. */
static bool is_attached(const struct hook *hook)
{
	return hook->place != PLACE_DEVICE && hook->place != PLACE_FILTER;
}

static const char *what_to_do(int err)
{
	switch (err) {
	case -EPERM:
		return " Run it as root or as a member of the group wireshark.";
	case -E2BIG:
		return " There are as many programs as the kernel takes (64): \"bpftool cgroup "
		       "tree\" lists them; end other captures.";
	default:
		return "";
	}
}

bool kernel_attach(struct kernel *kernel, enum hook_stage stage, GError **error)
{
	for (guint i = 0; i < hooks_count; i++) {
		const struct hook *hook = &hooks[i];
		int err;

		if (hook->stage != stage || !is_attached(hook) || !kernel_wants(kernel, hook))
			continue;
		err = attach_hook(kernel, hook);
		if (!err) {
			log_message(hook->place == PLACE_FUNCTION ? LOG_LEVEL_INFO
								  : LOG_LEVEL_DEBUG,
				    "hook %s is on", hook->name);
		} else if (hook->required) {
			g_set_error(error, OPTIONS_ERROR, -err,
				    "cannot attach the hook %s: %s; %s.%s", hook->name,
				    g_strerror(-err), hook->without, what_to_do(err));
			return false;
		} else {
			kernel_leave_out(kernel, hook, g_strerror(-err));
		}
	}
	return true;
}

bool kernel_attach_wire(struct kernel *kernel, GError **error)
{
	return kernel_attach(kernel, STAGE_WIRE, error);
}
