/* SPDX-License-Identifier: GPL-2.0-only */
/* The CRC-32 of Ethernet, zip and others; finds every burst of up to 32 bits. */
#ifndef HS_CRC32_H
#define HS_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* @crc is 0, or that of what comes before @data. */
uint32_t hs_crc32(uint32_t crc, const char *data, size_t len);

#endif
