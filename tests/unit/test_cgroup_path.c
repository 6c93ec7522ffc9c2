// SPDX-License-Identifier: GPL-2.0-or-later
/* test_cgroup_path.c - which container a cgroup's path may be of */
#include "extcap/identity/cgroup_path.h"

#include <string.h>

#define A      "36f0310403b1a1f0d1c3a2f4b5968778695a4b3c2d1e0f99887766554433abcd"
#define B      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UID    "8a1b2c3d-0a1b-2c3d-4e5f-0123456789ab"
#define UID_   "8a1b2c3d_0a1b_2c3d_4e5f_0123456789ab"
#define HASHED "0123456789abcdef0123456789abcdef"
#define USER   "/user.slice/user-1000.slice/user@1000.service/user.slice"

/* The deepest component that looks like a container's, as the runtimes' own drivers name it. */
static const struct {
	const char *path;
	const char *id; /* NULL: none looks like one */
	const char *runtime;
	const char *pod;
} layouts[] = {
	/* Docker: cgroupfs, systemd, rootless, a parent of one's own, in Docker, an init inside */
	{"/docker/" A, A, "docker", ""},
	{"/system.slice/docker-" A ".scope", A, "docker", ""},
	{USER "/docker-" A ".scope", A, "docker", ""},
	{"/mine/" A, A, NULL, ""},
	{"/docker/" A "/docker/" B, B, "docker", ""},
	{"/docker/" A "/init", A, "docker", ""},
	{"/system.slice/docker-" A ".scope/init.scope", A, "docker", ""},
	{"/docker/" A "/system.slice/nginx.service", A, "docker", ""},
	/* Kubernetes: containerd and CRI-O, either driver; kind; a static pod */
	{"/kubepods/burstable/pod" UID "/" A, A, NULL, UID},
	{"/kubepods/pod" UID "/" A, A, NULL, UID},
	{"/kubepods/besteffort/pod" HASHED "/" A, A, NULL, HASHED},
	{"/kubepods/burstable/pod" UID "/crio-" A, A, "cri-o", UID},
	{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_
	 ".slice/cri-containerd-" A ".scope",
	 A, "containerd", UID},
	{"/kubepods.slice/kubepods-pod" UID_ ".slice/crio-" A ".scope", A, "cri-o", UID},
	{"/kubepods.slice/kubepods-pod" UID_ ".slice/crio-" A ".scope/container", A, "cri-o", UID},
	{"/kubepods.slice/kubepods-pod" UID_ ".slice/docker-" A ".scope", A, "docker", UID},
	{"/system.slice/containerd.service/kubepods-burstable-pod" UID_ ".slice:cri-containerd:" A,
	 A, "containerd", UID},
	{"/kubepods-burstable-pod" UID_ ".slice:cri-containerd:" A, A, "containerd", UID},
	{"/docker/" B "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" UID_
	 ".slice/cri-containerd-" A ".scope",
	 A, "containerd", UID},
	{"/docker/" B "/kubelet/kubepods/pod" UID "/" A, A, NULL, UID},
	/* Podman: either driver, rootless, pods, split */
	{"/libpod_parent/libpod-" A, A, "podman", ""},
	{"/machine.slice/libpod-" A ".scope", A, "podman", ""},
	{"/machine.slice/libpod-" A ".scope/container", A, "podman", ""},
	{USER "/libpod-" A ".scope/container", A, "podman", ""},
	{"/machine.slice/machine-libpod_pod_" B ".slice/libpod-" A ".scope", A, "podman", ""},
	{"/libpod_parent/" B "/libpod-" A, A, "podman", ""},
	{"/system.slice/web.service/libpod-payload-" A, A, "podman", ""},
	/* containerd by itself */
	{"/default/" A, A, NULL, ""},
	{"/system.slice/nerdctl-" A ".scope", A, "containerd", ""},
	/* others' */
	{"/ecs/" HASHED "/" A, A, NULL, ""},
	{"/garden/other-" A, A, NULL, ""},
	/* none: monitors, Podman's pods, other people's numbers, what is no container at all */
	{"/machine.slice/libpod-conmon-" A ".scope", NULL, NULL, NULL},
	{"/kubepods.slice/kubepods-pod" UID_ ".slice/crio-conmon-" A ".scope", NULL, NULL, NULL},
	{"/kubepods/pod" UID "/crio-conmon-" A, NULL, NULL, NULL},
	{"/libpod_parent/conmon", NULL, NULL, NULL},
	{"/libpod_parent/" B, NULL, NULL, NULL},
	{"/machine.slice/machine-libpod_pod_" B ".slice", NULL, NULL, NULL},
	{"/process_api/55fe0b10e384ab6c5170d5cc388d58d2", NULL, NULL, NULL},
	{"/kubepods/burstable/pod" UID, NULL, NULL, NULL},
	{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice", NULL,
	 NULL, NULL},
	{"/system.slice/docker.service", NULL, NULL, NULL},
	{"/system.slice/docker-36f0310403b1.scope", NULL, NULL, NULL},
	{USER "/app.slice", NULL, NULL, NULL},
	{"/docker/36F0310403B1A1F0D1C3A2F4B5968778695A4B3C2D1E0F99887766554433ABCD", NULL, NULL,
	 NULL},
	{"/docker/" A "0", NULL, NULL, NULL},
	{"/", NULL, NULL, NULL},
	{"", NULL, NULL, NULL},
	{"///", NULL, NULL, NULL},
	{"docker", NULL, NULL, NULL},
};

static const struct cgroup_candidate *first_well_formed(const char *path)
{
	static struct cgroup_candidate candidates[CGROUP_CANDIDATES];
	guint n = cgroup_path_parse(path, candidates);

	for (guint i = 0; i < n; i++)
		if (candidates[i].well_formed)
			return &candidates[i];
	return NULL;
}

static void test_layouts(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(layouts); i++) {
		const struct cgroup_candidate *found = first_well_formed(layouts[i].path);
		g_autofree char *id = found ? g_strndup(found->id, found->length) : NULL;

		g_test_message("%s", layouts[i].path);
		g_assert_cmpstr(id, ==, layouts[i].id);
		if (!found)
			continue;
		g_assert_cmpstr(found->runtime, ==, layouts[i].runtime);
		g_assert_cmpstr(found->pod, ==, layouts[i].pod);
	}
}

/* What a runtime may confirm: every name that is no group of systemd's, the deepest first. */
static void test_names(void)
{
	struct cgroup_candidate candidates[CGROUP_CANDIDATES];

	g_assert_cmpuint(cgroup_path_parse("/default/web", candidates), ==, 2);
	g_assert_true(strncmp(candidates[0].id, "web", candidates[0].length) == 0);
	g_assert_true(strncmp(candidates[0].parent, "default", candidates[0].parent_length) == 0);
	g_assert_false(candidates[0].well_formed);
	g_assert_cmpuint(candidates[1].parent_length, ==, 0);
	g_assert_cmpuint(cgroup_path_parse("/a.slice/b.service", candidates), ==, 0);
}

static void test_deep(void)
{
	g_autoptr(GString) path = g_string_new(NULL);
	struct cgroup_candidate candidates[CGROUP_CANDIDATES];

	for (guint i = 0; i < 1000; i++)
		g_string_append(path, "/a");
	g_assert_cmpuint(cgroup_path_parse(path->str, candidates), ==, CGROUP_CANDIDATES);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cgroup_path/layouts", test_layouts);
	g_test_add_func("/cgroup_path/names", test_names);
	g_test_add_func("/cgroup_path/deep", test_deep);
	return g_test_run();
}
