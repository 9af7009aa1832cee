// SPDX-License-Identifier: GPL-2.0-only
/* CRC-32, bit by bit: for lines, not for volumes. */
#include "crc32.h"

#define POLYNOMIAL UINT32_C(0xedb88320)	/* reflected */

uint32_t hs_crc32(uint32_t crc, const char *data, size_t len)
{
	crc = ~crc;
	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
	}
	return ~crc;
}
