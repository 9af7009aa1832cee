# SPDX-License-Identifier: GPL-2.0-only
# hotsoak: builds the tool and the module, soaks in a guest, tests, installs.
#
#   make soak     a soak in a throwaway guest; installs what is missing
#   make check    everything that is tested
#   make          the tool;  make kmod: the module for KERNEL
#   make install, make dkms-install, make deb: for a real machine

# A version that tests/guest/run knows, a built kernel tree, or "running".
KERNEL   ?= 6.1
DURATION ?= 60s
SCENARIO ?= offline-soak
SEED     ?=
CPUS     ?= 4
CONTROL  ?=
ARGS     ?=
export KERNEL DURATION SCENARIO SEED CPUS CONTROL ARGS

PREFIX     ?= /usr/local
DESTDIR    ?=
SBINDIR     = $(PREFIX)/sbin
MANDIR      = $(PREFIX)/share/man
PKGDATADIR  = $(PREFIX)/share/hotsoak
COMPDIR     = $(PREFIX)/share/bash-completion/completions
UNITDIR     = $(PREFIX)/lib/systemd/system
DKMSDIR     = /usr/src
VERSION    := $(shell sed -n 's/^\#define HOTSOAK_VERSION "\(.*\)"/\1/p' kmod/version.h)

B       := build
CC      := $(if $(filter default,$(origin CC)),gcc,$(CC))
PKGS    := libsystemd libudev smartcols json-c inih
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	   -Wvla -Wformat=2 -Wno-unused-parameter -Werror
CFLAGS  ?= -O2 -g
HS_CPPFLAGS = -D_GNU_SOURCE -Itool -Ikmod -DPKGDATADIR='"$(PKGDATADIR)"'
HS_CFLAGS   = -std=gnu11 $(WARN) $(shell pkg-config --cflags $(PKGS))
HS_LIBS     = $(shell pkg-config --libs $(PKGS)) -lnuma -lm -pthread

TOOL_SRC  := $(wildcard tool/*.c)
TOOL_OBJ  := $(TOOL_SRC:tool/%.c=$(B)/tool/obj/%.o)
UNIT_SRC  := $(wildcard tests/unit/test_*.c)
UNIT      := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)
UNIT_OBJ  := $(TOOL_SRC:tool/%.c=$(B)/unit/obj/%.o)
# gcc 12 mistakes the bounds of struct members under the sanitizers.
SANITIZE  := -fsanitize=address,undefined -fno-sanitize-recover=undefined -O1 -g \
	     $(if $(findstring gcc,$(CC)),-Wno-stringop-overread)

# V=1 shows the commands.
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = @printf '  %-7s %s\n' $(1) $(2)

all: tool

# ---- the tool ----------------------------------------------------------------

tool: $(B)/tool/hotsoak

$(B)/tool/hotsoak: $(TOOL_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(HS_LIBS)

$(B)/tool/obj/%.o: tool/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(HS_CPPFLAGS) $(CPPFLAGS) $(HS_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# ---- the module: one copy of the sources for each kernel ------------------------

ifeq ($(KERNEL),running)
KDIR = /lib/modules/$(shell uname -r)/build
else
KDIR = $(shell tests/guest/run --kernel $(KERNEL) --print-kdir)
endif

# $(1): what to ask of kbuild, $(2): the folder beside the others, $(3): the sources
define kbuild
	@case '$(CURDIR)' in *[[:space:]:]*) \
		echo 'kmod: $(CURDIR): the kernel builds nothing below a path with a blank or a colon' >&2; \
		exit 2 ;; esac
	+@set -e; kdir="$(KDIR)"; test -n "$$kdir"; \
	rel=$$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' "$$kdir/include/generated/utsrelease.h"); \
	dir=$(B)/$(2)/$$rel; mkdir -p $$dir; cp -rpu $(or $(3),kmod)/. $$dir/; \
	$(MAKE) --no-print-directory -C "$$kdir" M=$(CURDIR)/$$dir \
		$(if $(filter running,$(KERNEL)),,$$(tests/guest/kernels/compiler --for "$$kdir")) \
		$(1) modules
endef

kmod:
	$(call kbuild,,kmod)

# What times the page allocator for the bench.
bench-kmod:
	$(call kbuild,,bench,tests/guest/bench.d/pairs)

# Sparse sees a file only when it is compiled: everything, each time.
sparse:
	@rm -rf $(B)/sparse
	$(call kbuild,C=2,sparse)

# ---- tests ----------------------------------------------------------------------

$(B)/unit/obj/%.o: tool/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(HS_CPPFLAGS) $(HS_CFLAGS) $(SANITIZE) -MMD -MP -c -o $@ $<

$(B)/unit/%: tests/unit/%.c $(filter-out %/main.o,$(UNIT_OBJ))
	$(call say,LD,$@)
	$(Q)$(CC) $(HS_CPPFLAGS) -Itests/unit $(HS_CFLAGS) $(SANITIZE) -MMD -MP -MF $@.d \
		-o $@ $< $(filter %.o,$^) $(HS_LIBS) -lcmocka

unit-build: tool $(UNIT)

unit: unit-build
	@status=0; for t in $(UNIT); do HOTSOAK_EXE=$(CURDIR)/$(B)/tool/hotsoak $$t || status=1; \
	done; exit $$status

soak:
	@tests/soak

check:
	@+tests/check

check-matrix:
	@+tests/matrix $(KERNELS)

race:
	@+tests/race $(KERNELS)

# A bisect of a real kernel with one culprit.
bisect-demo:
	@tests/guest/bisect-demo

bench:
	@tests/guest/bench

# ---- installing on a real machine -------------------------------------------------

# Where things go, as tool/install/place puts them there and takes them away.
STAGE    = $(B)/stage
PLACE    = @MAKE_GOAL=$(@:-ready=) tool/install/place
LIST     = $(PKGDATADIR)/installed
SERVICE ?= $(wildcard tool/hotsoak.service)
export DESTDIR PREFIX

# PREFIX is compiled in: another one than the last has to be compiled again.
$(B)/tool/prefix: FORCE
	@mkdir -p $(@D)
	@echo '$(PKGDATADIR)' | cmp -s - $@ || echo '$(PKGDATADIR)' >$@

$(B)/tool/obj/scenario_file.o: $(B)/tool/prefix

$(B)/tool/hotsoak.bash: tool/install/hotsoak.bash $(B)/tool/hotsoak
	$(Q)cat $< >$@.new && $(B)/tool/hotsoak completion >>$@.new && mv $@.new $@

need_headers = test -d /lib/modules/$$(uname -r)/build || { \
	echo "install: no headers of Linux $$(uname -r): apt-get install linux-headers-$$(uname -r)" >&2; \
	exit 2; }

# With DESTDIR it is a packager who calls: no module, and nothing is asked for.
install: install-ready
	@$(MAKE) --no-print-directory install-tool
	@[ "$$DESTDIR" ] || $(MAKE) --no-print-directory install-kmod

install-ready:
	$(PLACE) check
	@[ "$$DESTDIR" ] || $(need_headers)

install-tool:
	$(PLACE) check
	@[ "$$DESTDIR" ] || pkg-config --exists $(PKGS) numa 2>/dev/null || tests/require build
	@$(MAKE) --no-print-directory tool $(B)/tool/hotsoak.bash
	@rm -rf $(STAGE)
	@install -D -m 0755 $(B)/tool/hotsoak $(STAGE)$(SBINDIR)/hotsoak
	@install -d $(STAGE)$(PKGDATADIR)/scenarios
	@install -m 0644 tool/scenarios/*.conf $(STAGE)$(PKGDATADIR)/scenarios/
	@install -D -m 0644 $(B)/tool/hotsoak.bash $(STAGE)$(COMPDIR)/hotsoak
	@for page in man/*.[0-9]; do \
		sed 's,/usr/local/,$(PREFIX)/,g' $$page | \
		install -D -m 0644 /dev/stdin $(STAGE)$(MANDIR)/man$${page##*.}/$${page##*/}; done
	@for unit in $(SERVICE); do \
		sed '/^Exec/s,@SBINDIR@,$(SBINDIR),' $$unit | \
		install -D -m 0644 /dev/stdin $(STAGE)$(UNITDIR)/$${unit##*/}; done
	$(PLACE) install $(STAGE) $(LIST)

# The module alone, of the running kernel when make was not told another.
ifeq ($(origin KERNEL),command line)
install-kmod: kmod
	$(PLACE) check
	@rm -rf $(STAGE)-kmod
	@rel=$$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h) && \
	install -D -m 0644 $(B)/kmod/$$rel/hotsoak.ko \
		$(STAGE)-kmod/lib/modules/$$rel/extra/hotsoak.ko && \
	MAKE_GOAL=$@ tool/install/place install $(STAGE)-kmod $(LIST).$$rel
else
install-kmod:
	$(PLACE) check
	@$(need_headers)
	@$(MAKE) --no-print-directory install-kmod KERNEL=running
endif

uninstall:
	$(PLACE) remove $(LIST)

# The module for this kernel and those to come, built by DKMS.
dkms-source:
	$(PLACE) check
	@dir="$$DESTDIR"$(DKMSDIR)/hotsoak-$(VERSION); rm -rf "$$dir"; mkdir -p "$$dir"; \
	cp -r kmod/. "$$dir"; chmod -R u=rwX,go=rX "$$dir"; \
	sed -i 's/@VERSION@/$(VERSION)/' "$$dir/dkms.conf"

dkms-install dkms-uninstall:
	$(PLACE) check
	@DKMSDIR=$(DKMSDIR) VERSION=$(VERSION) tool/install/dkms $(@:dkms-%=%)

deb:
	@VERSION=$(VERSION) tool/install/deb $(B)/deb

clean:
	rm -rf $(B)/tool $(B)/unit $(B)/kmod $(B)/bench $(B)/sparse $(B)/gcc $(B)/clang \
		$(B)/stage $(B)/stage-kmod $(B)/deb

-include $(TOOL_OBJ:.o=.d) $(UNIT_OBJ:.o=.d) $(UNIT:=.d)

.PHONY: all tool kmod bench-kmod sparse unit unit-build soak check check-matrix race \
	bisect-demo bench install install-ready install-tool install-kmod uninstall \
	dkms-source dkms-install dkms-uninstall deb clean FORCE
