# Installs the library for C and C++ programs: libmlagsync.so, libmlagsync.a, mlagsync.h, mlagsync.pc.
#
#   make                            builds both libraries
#   make install [DESTDIR=…] [PREFIX=/usr/local] [LIBDIR=…/lib] [INCLUDEDIR=…/include]
#   make uninstall                  with the same variables
#
# PROFILE   release, or dev for a debug build
# FEATURES  of the crate, beside capi: linked makes a library that needs a libsai at link time (SAI_LIB_DIR says where)
# TARGET    a target triple to cross-compile for
# The program mlagsync, its man pages and the simulator are not part of this: cargo install --path . does those.

CARGO ?= cargo
INSTALL ?= install
PROFILE ?= release
FEATURES ?=
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DESTDIR ?=
TARGET ?=
CARGO_TARGET_DIR ?= target

# The number in the soname changes with MLAGSYNC_ABI in mlagsync.h; the whole version is the crate's.
ABI := $(shell sed -n 's/^.define MLAGSYNC_ABI //p' include/mlagsync.h)
VERSION := $(shell sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
SONAME := libmlagsync.so.$(ABI)
REALNAME := libmlagsync.so.$(VERSION)

comma := ,
features := capi$(if $(FEATURES),$(comma)$(FEATURES))
directory := $(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
built := $(CARGO_TARGET_DIR)/$(if $(TARGET),$(TARGET)/)$(directory)
made := $(CARGO_TARGET_DIR)/capi/$(if $(TARGET),$(TARGET)-)$(directory)
# What a program that links the static library must link too: std's own needs.
private := -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc

# Without --lib, cargo would want the crate types of every target; the manifest's own stays an rlib.
rustc := $(CARGO) rustc --lib --locked --no-default-features --features $(features) --profile $(PROFILE) \
	$(if $(TARGET),--target $(TARGET))

all: shared static

check-cargo:
	@command -v $(CARGO) >/dev/null || { \
	  echo "mlagsync: $(CARGO) is not there: install Rust (https://rustup.rs), or name it with CARGO=…" >&2; exit 1; }

# Cargo knows what is out of date. It puts every kind under the same name, so each is moved to a place of its own.
shared: check-cargo
	$(rustc) --crate-type cdylib -- -C link-arg=-Wl,-soname,$(SONAME) -C link-arg=-Wl,-z,defs
	@mkdir -p $(made) && cp $(built)/libmlagsync.so $(made)/$(REALNAME)

static: check-cargo
	$(rustc) --crate-type staticlib
	@mkdir -p $(made) && cp $(built)/libmlagsync.a $(made)/libmlagsync.a

$(made)/mlagsync.pc: Makefile include/mlagsync.h Cargo.toml always
	@mkdir -p $(made)
	@{ echo 'prefix=$(PREFIX)'; \
	  echo 'libdir=$(LIBDIR)'; \
	  echo 'includedir=$(INCLUDEDIR)'; \
	  echo; \
	  echo 'Name: mlagsync'; \
	  echo 'Description: ARP/ND synchronisation of an M-LAG pair, through SAI'; \
	  echo 'Version: $(VERSION)'; \
	  echo 'Cflags: -I$${includedir}'; \
	  echo 'Libs: -L$${libdir} -lmlagsync'; \
	  echo 'Libs.private: $(private)'; } >$@

install: all $(made)/mlagsync.pc
	@$(INSTALL) -d '$(DESTDIR)$(LIBDIR)/pkgconfig' '$(DESTDIR)$(INCLUDEDIR)' || { \
	  echo "mlagsync: cannot write to $(DESTDIR)$(PREFIX): be root, or set DESTDIR or PREFIX" >&2; exit 1; }
	$(INSTALL) -m 755 $(made)/$(REALNAME) '$(DESTDIR)$(LIBDIR)/$(REALNAME)'
	ln -sf $(REALNAME) '$(DESTDIR)$(LIBDIR)/$(SONAME)'
	ln -sf $(SONAME) '$(DESTDIR)$(LIBDIR)/libmlagsync.so'
	$(INSTALL) -m 644 $(made)/libmlagsync.a '$(DESTDIR)$(LIBDIR)/libmlagsync.a'
	$(INSTALL) -m 644 include/mlagsync.h '$(DESTDIR)$(INCLUDEDIR)/mlagsync.h'
	$(INSTALL) -m 644 $(made)/mlagsync.pc '$(DESTDIR)$(LIBDIR)/pkgconfig/mlagsync.pc'

uninstall:
	rm -f '$(DESTDIR)$(LIBDIR)/$(REALNAME)' '$(DESTDIR)$(LIBDIR)/$(SONAME)' '$(DESTDIR)$(LIBDIR)/libmlagsync.so' \
	  '$(DESTDIR)$(LIBDIR)/libmlagsync.a' '$(DESTDIR)$(INCLUDEDIR)/mlagsync.h' \
	  '$(DESTDIR)$(LIBDIR)/pkgconfig/mlagsync.pc'

.PHONY: all check-cargo shared static install uninstall always
