/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is served on the control socket: status, stop and start, for a daemon as
 * for a run in the foreground. hotsoak(8), CONTROL SOCKET, describes the lines.
 */
#ifndef HS_SERVICE_H
#define HS_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

#include "record.h"
#include "soak.h"
#include "target.h"

struct json_object;
struct hs_service;

/* The soak that goes on; all pointers outlive it. */
struct hs_service_run {
	const struct hs_run_info *info;
	const struct hs_target *target;
	const struct hs_control_desc *control;	/* NULL: none */
	const char *record;			/* its directory; NULL: none */
	struct hs_soak *soak;
};

struct hs_service_config {
	const char *sysroot;	/* as of hs_server_new() */
	const char *mode;	/* "daemon" or "foreground"; outlives the service */
	/*
	 * Starts what @request asks for; calls hs_service_began() before it returns
	 * 0. A negative errno: why not is in @error. NULL: nothing can be started.
	 */
	int (*start)(struct json_object *request, char *error, size_t error_bytes, void *ctx);
	void *ctx;
};

/* -EADDRINUSE: somebody else serves there. */
int hs_service_new(struct hs_service **s, sd_event *event, const struct hs_service_config *c);
void hs_service_free(struct hs_service *s);	/* accepts NULL */

/* A soak goes on from here; @run is copied. */
void hs_service_began(struct hs_service *s, const struct hs_service_run *run);

/* Once a second. */
void hs_service_progress(struct hs_service *s, const struct hs_progress *p);

/*
 * It is over, and judged; @line is the verdict's. Also for one that could not
 * begin. The run's pointers are not used any more.
 */
void hs_service_ended(struct hs_service *s, const struct hs_judgement *j, const char *line);

#endif
