# SPDX-License-Identifier: Apache-2.0
# The shipped configuration files and configuration.toml(5), made from the key table and the flavours beside this file.
#	ARCH=NAME                  architecture of the files, by its Go name: amd64, arm64, s390x, ppc64le or riscv64
#	DEFAULT_HYPERVISOR=NAME    flavour that configuration.toml points to

LIBEXECDIR ?= $(PREFIX)/libexec
DEFAULT_HYPERVISOR ?= qemu

MACHINE := $(shell uname -m)
GO_NAME_x86_64 := amd64
GO_NAME_aarch64 := arm64
ARCH ?= $(or $(GO_NAME_$(MACHINE)),$(MACHINE))

CONFIG_SETTINGS := bindir=$(BINDIR) datadir=$(DATADIR) libexecdir=$(LIBEXECDIR) localstatedir=$(LOCALSTATEDIR)
CONFIG_DATA := packaging/config/architectures.toml $(wildcard packaging/config/*/*.toml)
GENERATE_CONFIG := $(patsubst %,$(B)/packaging/config/%.o,generate document describe flavour value variables)
GENERATE_MANUAL := $(patsubst %,$(B)/packaging/config/%.o,manual describe)

.PHONY: config manual install-config
all: config manual
config: $(B)/config.made
manual: $(B)/man/configuration.toml.5

$(B)/tools/generate-config: $(GENERATE_CONFIG) $(CORE)
$(B)/tools/generate-manual: $(GENERATE_MANUAL) $(CORE)
$(B)/tools/generate-config $(B)/tools/generate-manual:
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS_ALL) -o $@ $^ $(LDLIBS_ALL)

# What the files depend on besides their sources. Written anew when something in it has changed.
$(B)/config.settings: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(ARCH) $(DEFAULT_HYPERVISOR) $(CONFIG_SETTINGS)' >$@.new
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(B)/config.made: $(B)/tools/generate-config $(B)/config.settings $(CONFIG_DATA)
	$(Q)rm -rf $(B)/config
	$(Q)$< $(CONFIG_SETTINGS:%=-s %) packaging/config $(ARCH) $(B)/config
	$(Q)ln -s configuration-$(DEFAULT_HYPERVISOR).toml $(B)/config/configuration.toml
	$(Q)ln -s configuration-$(DEFAULT_HYPERVISOR)-runtime-rs.toml $(B)/config/runtime-rs/configuration.toml
	$(Q)touch $@

$(B)/man/configuration.toml.5: $(B)/tools/generate-manual docs/man/configuration.toml.5.in
	$(Q)mkdir -p $(@D) && $^ $@

install: install-config
install-config: config manual
	$(Q)install -d $(DESTDIR)$(DEFAULTSDIR)/runtime-rs $(DESTDIR)$(MANDIR)/man5
	$(Q)install -m 0644 $(B)/config/configuration-*.toml $(DESTDIR)$(DEFAULTSDIR)
	$(Q)install -m 0644 $(B)/config/runtime-rs/configuration-*.toml $(DESTDIR)$(DEFAULTSDIR)/runtime-rs
	$(Q)cp -P $(B)/config/configuration.toml $(DESTDIR)$(DEFAULTSDIR)
	$(Q)cp -P $(B)/config/runtime-rs/configuration.toml $(DESTDIR)$(DEFAULTSDIR)/runtime-rs
	$(Q)install -m 0644 $(B)/man/configuration.toml.5 $(DESTDIR)$(MANDIR)/man5

-include $(GENERATE_CONFIG:.o=.d) $(GENERATE_MANUAL:.o=.d)
