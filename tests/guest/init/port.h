/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's ports to the launcher; init.c tells what goes over each. */
#ifndef GUEST_PORT_H
#define GUEST_PORT_H

#include <stdbool.h>
#include <stddef.h>

/* How often the launcher hears from a guest that is alive. */
#define BEAT_MS		2000

enum port { PORT_STDOUT, PORT_STDERR, PORT_RECORD, PORT_OUT, PORTS };

/* Of the serial port and of the virtio ports; -1 before they are open. */
extern int control_fd;
extern int port_fds[PORTS];

void control_open(void);

/* Gives up when one does not appear. Needs the drivers and sysfs. */
void ports_open(void);

/* One line on the control port. */
__attribute__((format(printf, 1, 2)))
void tell(const char *format, ...);

/* What cannot be written is lost: there is nobody to tell. */
void write_all(int fd, const char *data, size_t size);

/* Reads what there is and drops it. */
void swallow(int fd);

/*
 * Returns false when there is nothing more to come from this descriptor. Bounded,
 * so that a command that never stops talking cannot silence the heartbeat.
 */
bool pump(int from, int to);

/* Also the way out of everything that cannot be repaired. */
__attribute__((noreturn))
void go_down(void);

/* Tells what could not be done, and errno, and goes down. */
__attribute__((noreturn))
void give_up(const char *what);

#endif
