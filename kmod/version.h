/* SPDX-License-Identifier: GPL-2.0-only */
/* The version of hotsoak, told here and nowhere else: both programs and the Makefile read it. */
#ifndef HOTSOAK_VERSION_H
#define HOTSOAK_VERSION_H

#define HOTSOAK_VERSION "0.1.0"

#endif
