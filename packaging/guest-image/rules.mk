# SPDX-License-Identifier: Apache-2.0
# What a guest boots: Debian's cloud kernel, and our agent with that kernel's modules, as an initrd and as disk images.
# docs/guest-image.md
#	make guest-image         everything below build/guest
#	KERNEL_RELEASE=NAME      another kernel of /boot than the newest cloud kernel
#	GUEST_MODULES=FOLDER     its modules, where they are not in /lib/modules
#	GUEST_FILESYSTEM=NAME    of the images: ext4 or erofs
#	GUEST_BUSYBOX=FILE       a static busybox for looking around in the guest

KERNEL_RELEASE ?= $(shell ls /boot | sed -n 's/^vmlinuz-\(.*-cloud-.*\)/\1/p' | sort -V | tail -n 1)
GUEST_FILESYSTEM ?= ext4
GUEST_BUSYBOX ?=
GUEST_MODULES ?= /lib/modules/$(KERNEL_RELEASE)
GUEST_IMAGES := $(B)/guest/kata-containers.img $(B)/guest/kata-containers-measured.img
GUEST_FILES := $(B)/guest/vmlinuz $(B)/guest/initrd $(GUEST_IMAGES)

.PHONY: guest-image guest-for-tests guest-for-demo
guest-image:
	$(Q)packaging/install-dependencies build guest
	$(Q)$(MAKE) --no-print-directory $(GUEST_FILES)

# Not where there is no kernel, and not with SANITIZE=1: the agent then needs shared libraries, which a guest does not
# have. The tests say so.
guest-for-tests: $(if $(SANITIZE),,$(if $(KERNEL_RELEASE),$(GUEST_FILES)))
TEST_TARGETS += guest-for-tests

# What packaging/demo-guest runs; it says so where there is none.
guest-for-demo: $(if $(SANITIZE),,$(if $(KERNEL_RELEASE),$(B)/guest/vmlinuz $(B)/guest/initrd $(B)/tests/tools/vhost-user-vsock))
check: guest-for-tests

$(B)/guest.settings: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(GUEST_MODULES) $(GUEST_FILESYSTEM) $(GUEST_BUSYBOX)' >$@.new
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(B)/guest/vmlinuz: /boot/vmlinuz-$(KERNEL_RELEASE) $(B)/guest.settings
	$(Q)mkdir -p $(@D) && install -m 0644 $< $@

$(B)/guest/initrd: packaging/guest-image/make-initrd packaging/guest-image/make-root packaging/guest-image/modules \
		$(AGENT) $(B)/guest.settings
	$(Q)$< $(GUEST_MODULES) $(AGENT) $@ $(GUEST_BUSYBOX)

$(B)/guest/tree.made: packaging/guest-image/make-root packaging/guest-image/modules $(AGENT) $(B)/guest.settings
	$(Q)rm -rf $(@D)/tree && mkdir -p $(@D)/tree
	$(Q)$< $(GUEST_MODULES) $(AGENT) $(@D)/tree $(GUEST_BUSYBOX)
	$(Q)touch $@

$(GUEST_IMAGES): packaging/guest-image/make-image $(B)/guest/tree.made
	$(Q)$< -f $(GUEST_FILESYSTEM) $(if $(findstring measured,$@),-m) $(B)/guest/tree $@
