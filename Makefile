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
# What a program that links the static library must link too: the libsai where it is linked with one, and std's own needs.
private := $(if $(filter linked,$(subst $(comma), ,$(FEATURES))),$(if $(SAI_LIB_DIR),-L$(SAI_LIB_DIR) )-lsai )-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc

# The crate types are said here, so that the manifest's own stays an rlib, which is all that a program in Rust needs.
rustc := $(CARGO) rustc --lib --locked --no-default-features --features $(features) --profile $(PROFILE) \
	$(if $(TARGET),--target $(TARGET))

ifdef SAI_LIB_DIR
export SAI_LIB_DIR
endif

all:
	@command -v $(CARGO) >/dev/null || { \
	  echo "mlagsync: $(CARGO) is not there: install Rust (https://rustup.rs), or name it with CARGO=…" >&2; exit 1; }
	$(rustc) --crate-type cdylib,staticlib -- -C link-arg=-Wl,-soname,$(SONAME) -C link-arg=-Wl,-z,defs
# Out of the way of other builds in the same directory, which make what is called the same.
	@mkdir -p $(made)
	@cp $(built)/libmlagsync.so $(made)/$(REALNAME)
	@cp $(built)/libmlagsync.a $(made)/libmlagsync.a

define pc
prefix=$(PREFIX)
libdir=$(LIBDIR)
includedir=$(INCLUDEDIR)

Name: mlagsync
Description: ARP/ND synchronisation of an M-LAG pair, through SAI
Version: $(VERSION)
Cflags: -I$${includedir}
Libs: -L$${libdir} -lmlagsync
Libs.private: $(private)
endef
export pc

install: all
	@$(INSTALL) -d '$(DESTDIR)$(LIBDIR)/pkgconfig' '$(DESTDIR)$(INCLUDEDIR)' || { \
	  echo "mlagsync: cannot write to $(DESTDIR)$(PREFIX): be root, or set DESTDIR or PREFIX" >&2; exit 1; }
	$(INSTALL) -m 755 $(made)/$(REALNAME) '$(DESTDIR)$(LIBDIR)/$(REALNAME)'
	ln -sf $(REALNAME) '$(DESTDIR)$(LIBDIR)/$(SONAME)'
	ln -sf $(SONAME) '$(DESTDIR)$(LIBDIR)/libmlagsync.so'
	$(INSTALL) -m 644 $(made)/libmlagsync.a '$(DESTDIR)$(LIBDIR)/libmlagsync.a'
	$(INSTALL) -m 644 include/mlagsync.h '$(DESTDIR)$(INCLUDEDIR)/mlagsync.h'
	@echo "$$pc" >'$(DESTDIR)$(LIBDIR)/pkgconfig/mlagsync.pc'
	@chmod 644 '$(DESTDIR)$(LIBDIR)/pkgconfig/mlagsync.pc'

uninstall:
	rm -f '$(DESTDIR)$(LIBDIR)/$(REALNAME)' '$(DESTDIR)$(LIBDIR)/$(SONAME)' '$(DESTDIR)$(LIBDIR)/libmlagsync.so' \
	  '$(DESTDIR)$(LIBDIR)/libmlagsync.a' '$(DESTDIR)$(INCLUDEDIR)/mlagsync.h' \
	  '$(DESTDIR)$(LIBDIR)/pkgconfig/mlagsync.pc'

.PHONY: all install uninstall
