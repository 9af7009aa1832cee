# SPDX-License-Identifier: GPL-2.0-only
# hotsoak: builds the tool and the module, runs the guests, installs.

KERNEL   ?= 6.1
DURATION ?= 60s
SCENARIO ?= offline-soak
SEED     ?=
CPUS     ?= 4
CONTROL  ?=
ARGS     ?=

PREFIX     ?= /usr/local
PKGDATADIR  = $(PREFIX)/share/hotsoak

B       := build
CC      ?= gcc
PKGS    := libsystemd libudev smartcols json-c inih
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	   -Wvla -Wformat=2 -Wno-unused-parameter -Werror
CFLAGS  ?= -O2 -g
HS_CPPFLAGS = -D_GNU_SOURCE -Itool -Ikmod -DPKGDATADIR='"$(PKGDATADIR)"'
HS_CFLAGS   = -std=gnu11 $(WARN) $(shell pkg-config --cflags $(PKGS))
HS_LIBS     = $(shell pkg-config --libs $(PKGS)) -lnuma -lm

TOOL_SRC := $(wildcard tool/*.c)
TOOL_OBJ := $(TOOL_SRC:tool/%.c=$(B)/tool/obj/%.o)

all: tool

tool: $(B)/tool/hotsoak

$(B)/tool/hotsoak: $(TOOL_OBJ)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(HS_LIBS)

$(B)/tool/obj/%.o: tool/%.c
	@mkdir -p $(@D)
	$(CC) $(HS_CPPFLAGS) $(CPPFLAGS) $(HS_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(TOOL_OBJ:.o=.d)

.PHONY: all tool

# The module is built in a copy of its sources: one folder for each kernel.
KDIR     = $(shell tests/guest/run --kernel $(KERNEL) --print-kdir)

kmod:
	@set -e; kdir="$(KDIR)"; test -n "$$kdir"; \
	rel=$$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' "$$kdir/include/generated/utsrelease.h"); \
	dir=$(B)/kmod/$$rel; mkdir -p $$dir; \
	cp -rpu kmod/. $$dir/; \
	$(MAKE) --no-print-directory -C "$$kdir" M=$(CURDIR)/$$dir $(KMODFLAGS) modules

.PHONY: kmod
