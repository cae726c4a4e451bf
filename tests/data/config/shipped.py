# SPDX-License-Identifier: Apache-2.0
"""Which configuration files are shipped and what they say: the tables of spec/config.md section 6 in their own
shape, independent of packaging/config. Read by tests/suites/shipped-files."""

ARCHITECTURES = ["amd64", "arm64", "s390x", "ppc64le", "riscv64"]
ABSENT = object()

# ---- which files there are (6.1, 6.2) ------------------------------------------------------------

GO_EVERYWHERE = (
    "qemu qemu-coco-dev qemu-tdx qemu-snp qemu-se qemu-nvidia-cpu qemu-nvidia-gpu qemu-nvidia-gpu-snp qemu-nvidia-gpu-tdx remote"
).split()
GO_PC_AND_ARM = "clh clh-azure fc stratovirt".split()
RS_EVERYWHERE = "qemu qemu-coco-dev qemu-tdx qemu-snp qemu-se".split()
RS_PC_AND_ARM = "qemu-nvidia-cpu qemu-nvidia-gpu openvmm-azure".split()
RS_PC = "qemu-nvidia-gpu-snp qemu-nvidia-gpu-tdx clh clh-azure".split()


def go_flavours(architecture):
    return GO_EVERYWHERE + (GO_PC_AND_ARM if architecture in ("amd64", "arm64") else [])


def rs_flavours(architecture):
    names = [f"{n}-runtime-rs" for n in RS_EVERYWHERE]
    if architecture in ("amd64", "arm64"):
        names += [f"{n}-runtime-rs" for n in RS_PC_AND_ARM] + ["dragonball", "rs-fc"]
    if architecture == "amd64":
        names += [f"{n}-runtime-rs" for n in RS_PC] + ["remote"]
    return names


# ---- values (6.3 to 6.6); h., a. and r. stand for the hypervisor's, the agent's and the runtime's table -----

CGROUPS = "cgroup_no_v1=all systemd.unified_cgroup_hierarchy=1"
ASSETS = "/usr/share/kata-containers/"
COCO = ["enable_iommu", "kernel_params", "kernel_verity_params", "default_vcpus", "default_memory", "cc_init_data"]
NVIDIA = "cgroup_no_v1=all pci=realloc pci=nocrs pci=assign-busses"


def both(path):
    """A program, and that a pod may choose no other."""
    return {"h.path": path, "h.valid_hypervisor_paths": [path]}


def prefixed(prefix, values):
    return {prefix + key: value for key, value in values.items()}


# The whole of 6.3.
GO_QEMU = {
    **both("/usr/bin/qemu-system-x86_64"),
    **prefixed("h.", {
        "kernel": ASSETS + "vmlinux.container", "image": ASSETS + "kata-containers.img", "machine_type": "q35",
        "rootfs_type": "ext4", "rootless": False,
        "enable_annotations": ["enable_iommu", "kernel_params", "kernel_verity_params"],
        "kernel_params": CGROUPS, "firmware": "", "firmware_volume": "", "machine_accelerators": "", "seccompsandbox": "",
        "cpu_features": "pmu=off", "default_vcpus": 1, "default_maxvcpus": 0, "default_bridges": 1, "default_memory": 2048,
        "memory_slots": 10, "default_maxmemory": 0, "memory_offset": 0, "enable_virtio_mem": False,
        "disable_block_device_use": True, "shared_fs": "virtio-fs", "virtio_fs_daemon": "/usr/libexec/virtiofsd",
        "valid_virtio_fs_daemon_paths": ["/usr/libexec/virtiofsd"], "virtio_fs_cache_size": 0, "virtio_fs_queue_size": 1024,
        "virtio_fs_extra_args": ["--thread-pool-size=1", "--announce-submounts"], "virtio_fs_cache": "auto",
        "block_device_driver": "virtio-scsi", "block_device_aio": "io_uring", "block_device_cache_set": False,
        "block_device_cache_direct": False, "block_device_cache_noflush": False, "block_device_logical_sector_size": 0,
        "block_device_physical_sector_size": 0, "enable_iothreads": False, "indep_iothreads": 0, "enable_mem_prealloc": False,
        "reclaim_guest_freed_memory": False, "enable_hugepages": False, "enable_vhost_user_store": False,
        "vhost_user_store_path": "/var/run/kata-containers/vhost-user",
        "valid_vhost_user_store_paths": ["/var/run/kata-containers/vhost-user"], "enable_iommu": False,
        "enable_iommu_platform": False, "enable_numa": False, "numa_mapping": [], "vhost_user_reconnect_timeout_sec": 0,
        "pflashes": [], "enable_debug": False, "extra_monitor_socket": "", "disable_nesting_checks": False, "msize_9p": 8192,
        "disable_image_nvdimm": False, "hot_plug_vfio": "no-port", "cold_plug_vfio": "no-port", "pcie_root_port": 0,
        "disable_vhost_net": False, "entropy_source": "/dev/urandom",
        "valid_entropy_sources": ["/dev/urandom", "/dev/random", ""], "guest_hook_path": "", "rx_rate_limiter_max_rate": 0,
        "tx_rate_limiter_max_rate": 0, "guest_memory_dump_path": "", "guest_memory_dump_paging": False,
        "enable_guest_swap": False, "use_legacy_serial": False, "disable_selinux": False, "disable_guest_selinux": True,
    }),
    **prefixed("factory.", {
        "enable_template": False, "template_path": "/run/vc/vm/template", "vm_cache_number": 0,
        "vm_cache_endpoint": "/var/run/kata-containers/cache.sock",
    }),
    **prefixed("a.", {
        "enable_debug": False, "enable_tracing": False, "debug_console_enabled": False, "kernel_modules": [], "dial_timeout": 45,
        "cdh_api_timeout": 50,
    }),
    **prefixed("r.", {
        "enable_debug": False, "internetworking_model": "tcfilter", "disable_guest_seccomp": True, "enable_vcpus_pinning": False,
        "guest_selinux_label": "", "enable_tracing": False, "jaeger_endpoint": "", "jaeger_user": "", "jaeger_password": "",
        "disable_new_netns": False, "sandbox_cgroup_only": False, "static_sandbox_resource_mgmt": False,
        "sandbox_bind_mounts": [], "vfio_mode": "guest-kernel", "disable_guest_empty_dir": True, "emptydir_mode": "shared-fs",
        "experimental": [], "enable_pprof": False, "create_container_timeout": 60, "dan_conf": "/run/kata-containers/dans",
        "kubelet_root_dir": "/var/lib/kubelet", "pod_resource_api_sock": "",
    }),
}

GO_CONFIDENTIAL = {
    "h.kernel": ASSETS + "vmlinuz.container", "h.image": ASSETS + "kata-containers-confidential.img",
    "h.enable_annotations": COCO, "h.shared_fs": "none", "h.enable_virtio_mem": False, "a.launch_process_timeout": 6,
    "r.static_sandbox_resource_mgmt": True, "r.emptydir_mode": "block-encrypted", "r.experimental_force_guest_pull": False,
}
SNP = {
    "h.confidential_guest": True, "h.sev_snp_guest": True, "h.snp_id_block": "", "h.snp_id_auth": "",
    "h.snp_guest_policy": 0x30000, "h.firmware": "/usr/share/ovmf/AMDSEV.fd", "h.disable_image_nvdimm": True,
}
TDX = {
    "h.confidential_guest": True, "h.tdx_quote_generation_service_socket_port": 0,
    "h.firmware": "/usr/share/ovmf/OVMF.inteltdx.fd", "h.disable_image_nvdimm": True,
}
GO_NVIDIA = {
    "h.kernel": ASSETS + "vmlinuz-nvidia-gpu.container", "h.rootfs_type": "erofs", "h.kernel_params": NVIDIA,
    "h.kernel_verity_params": "", "h.disable_image_nvdimm": True, "h.enable_virtio_mem": False, "a.visible_cdi_devices": False,
    "a.cdh_api_timeout": ABSENT, "r.sandbox_cgroup_only": True, "r.static_sandbox_resource_mgmt": True,
}
GO_NVIDIA_GPU = {
    **GO_NVIDIA, "h.default_memory": 8192, "h.cold_plug_vfio": "root-port", "a.dial_timeout": 1200,
    "a.launch_process_timeout": 15, "r.create_container_timeout": 1200,
    "r.pod_resource_api_sock": "/var/lib/kubelet/pod-resources/kubelet.sock",
}
GO_NVIDIA_CONFIDENTIAL = {
    **GO_NVIDIA_GPU, "h.image": ASSETS + "kata-containers-nvidia-gpu-confidential.img", "h.shared_fs": "none",
    "h.kernel_params": NVIDIA + " nvrc.smi.srs=1", "h.enable_annotations": COCO, "h.pcie_root_port": 0,
    "h.disable_nesting_checks": False, "h.hot_plug_vfio": ABSENT, "r.emptydir_mode": "block-encrypted",
    "r.experimental_force_guest_pull": False,
}
GO_CLH = {
    "hypervisor": "clh", **both("/usr/bin/cloud-hypervisor"), "h.block_device_driver": "virtio-blk",
    "h.disable_image_nvdimm": True, "h.disable_seccomp": False, "h.hypervisor_loglevel": 1,
    **{f"h.{device}_rate_limiter_{what}": 0 for device in ("net", "disk")
       for what in ("bw_max_rate", "bw_one_time_burst", "ops_max_rate", "ops_one_time_burst")},
    "factory.enable_template": ABSENT, "h.machine_type": ABSENT,
}

# 6.4: what differs from 6.3.
GO = {
    "qemu": {},
    "qemu-coco-dev": {
        **GO_CONFIDENTIAL, "h.kernel_params": "", "h.kernel_verity_params": "", "h.disable_nesting_checks": True},
    "qemu-snp": {
        **GO_CONFIDENTIAL, **SNP, "h.kernel_params": CGROUPS, "h.disable_nesting_checks": True, "a.dial_timeout": 90,
        "a.cdh_api_timeout": ABSENT, "h.hot_plug_vfio": ABSENT, "h.cold_plug_vfio": ABSENT},
    "qemu-tdx": {**GO_CONFIDENTIAL, **TDX, "h.kernel_params": CGROUPS, "a.dial_timeout": 60, "h.disable_nesting_checks": False},
    "qemu-se": {
        **GO_CONFIDENTIAL, "h.kernel": ASSETS + "kata-containers-se.img", "h.image": ABSENT, "h.rootfs_type": ABSENT,
        "h.confidential_guest": True, "h.disable_image_nvdimm": True, "h.cold_plug_vfio": "bridge-port", "r.vfio_mode": "vfio",
        "a.dial_timeout": 90},
    "qemu-nvidia-cpu": {
        **GO_NVIDIA, "h.image": ASSETS + "kata-containers-nvidia.img", "h.disable_nesting_checks": True},
    "qemu-nvidia-gpu": {
        **GO_NVIDIA_GPU, "h.image": ASSETS + "kata-containers-nvidia-gpu.img", "h.pcie_root_port": 8,
        "h.disable_nesting_checks": True, "h.firmware": "/usr/share/ovmf/OVMF.fd"},
    "qemu-nvidia-gpu-snp": {**GO_NVIDIA_CONFIDENTIAL, **SNP, **both("/usr/bin/qemu-system-x86_64-snp-experimental")},
    "qemu-nvidia-gpu-tdx": {**GO_NVIDIA_CONFIDENTIAL, **TDX, **both("/usr/bin/qemu-system-x86_64-tdx-experimental")},
    "clh": GO_CLH,
    "clh-azure": {
        **GO_CLH, "h.kernel": "/usr/share/cloud-hypervisor/vmlinux.bin", "h.image": ASSETS + "kata-containers-mariner.img",
        "r.static_sandbox_resource_mgmt": True},
    "fc": {
        "hypervisor": "firecracker", **both("/usr/bin/firecracker"), "h.jailer_path": "/usr/bin/jailer",
        "h.valid_jailer_paths": ["/usr/bin/jailer"], "h.block_device_driver": "virtio-mmio", "h.shared_fs": ABSENT,
        "r.static_sandbox_resource_mgmt": True, "r.vfio_mode": ABSENT, "r.sandbox_bind_mounts": ABSENT},
    "stratovirt": {
        "hypervisor": "stratovirt", **both("/usr/bin/stratovirt"), "h.kernel": ASSETS + "vmlinuz.container",
        "h.machine_type": "microvm", "h.block_device_driver": "virtio-mmio", "r.enable_vcpus_pinning": True,
        "r.static_sandbox_resource_mgmt": True, "r.vfio_mode": ABSENT},
    "remote": {
        "hypervisor": "remote", "h.remote_hypervisor_socket": "/run/peerpod/hypervisor.sock", "h.remote_hypervisor_timeout": 600,
        "h.enable_annotations": [
            "machine_type", "default_memory", "default_vcpus", "image", "default_gpus", "gpu_model", "cc_init_data"],
        "h.path": ABSENT, "h.kernel": ABSENT, "a.dial_timeout": 30, "r.internetworking_model": "none",
        "r.disable_new_netns": True, "r.static_sandbox_resource_mgmt": True, "r.disable_guest_empty_dir": False},
}

# 6.5: the base in relation to 6.3, then what differs from that.
RS_QEMU = {
    **{key: value for key, value in GO_QEMU.items() if not key.startswith("factory.")},
    "h.factory.enable_template": False, "h.factory.template_path": "/run/vc/vm/template", "h.vm_rootfs_driver": "virtio-pmem",
    "h.enable_annotations": ["enable_iommu", "kernel_params", "kernel_verity_params", "default_vcpus", "default_memory"],
    "h.seccomp_sandbox": "", "h.overhead_vcpus": 0.2, "h.overhead_memory": 32, "h.disable_block_device_use": False,
    "h.virtio_fs_extra_args": ["--thread-pool-size=1", "-o", "announce_submounts"], "h.queue_size": 128, "h.num_queues": 1,
    "h.network_queues": 1, "h.pcie_switch_port": 0, "h.tdx_quote_generation_service_socket_port": 0,
    "a.dial_timeout_ms": 10, "a.reconnect_timeout_ms": 3000, "a.create_container_timeout": 30,
    **prefixed("a.mem_agent.", {
        "mem_agent_enable": False, "memcg_disable": False, "memcg_swap": False, "memcg_swappiness_max": 50,
        "memcg_period_secs": 600, "memcg_period_psi_percent_limit": 1, "memcg_eviction_psi_percent_limit": 1,
        "memcg_eviction_run_aging_count_min": 3, "compact_disable": False, "compact_period_secs": 600,
        "compact_period_psi_percent_limit": 1, "compact_psi_percent_limit": 5, "compact_sec_max": 300, "compact_order": 9,
        "compact_threshold": 1024, "compact_force_times": 2**63 - 1,
    }),
    "r.name": "virt_container", "r.hypervisor_name": "qemu", "r.agent_name": "kata", "r.sandbox_cgroup_only": True,
    "r.static_sandbox_resource_mgmt": True,
}
for key in (
    "h.seccompsandbox h.firmware_volume h.enable_numa h.numa_mapping h.vhost_user_reconnect_timeout_sec h.msize_9p h.hot_plug_vfio "
    "h.use_legacy_serial h.enable_guest_swap a.dial_timeout a.cdh_api_timeout r.guest_selinux_label r.disable_guest_empty_dir "
    "r.create_container_timeout r.kubelet_root_dir r.pod_resource_api_sock"
).split():
    del RS_QEMU[key]


def extensions(*names):
    return {"h.guest_extension_images": [
        {"name": name, "path": f"{ASSETS}kata-containers-{'nvidia-' if name == 'gpu' else ''}{name}-extension.img",
         "verity_params": ""} for name in names]}


NO_MEMORY_AGENT = {"a.mem_agent.mem_agent_enable": ABSENT, "a.mem_agent.compact_order": ABSENT}
RS_CONFIDENTIAL = {
    **extensions("coco"), **NO_MEMORY_AGENT, "h.kernel": ASSETS + "vmlinuz.container", "h.enable_annotations": COCO,
    "h.overhead_vcpus": 0.4, "h.overhead_memory": 128, "h.enable_virtio_mem": False, "h.shared_fs": "none",
    "a.dial_timeout_ms": 100, "a.reconnect_timeout_ms": 45000, "a.create_container_timeout": 60, "a.launch_process_timeout": 6,
    "a.cdh_api_timeout_ms": 50000, "r.emptydir_mode": "block-encrypted",
}
RS_NVIDIA = {
    **both("/usr/bin/qemu-system-x86_64-no-shared-fs"), "h.kernel": ASSETS + "vmlinuz-nvidia-gpu.container",
    "h.image": ASSETS + "kata-containers-nvidia.img", "h.rootfs_type": "erofs", "h.vm_rootfs_driver": "virtio-blk-pci",
    "h.enable_annotations": [], "h.kernel_params": NVIDIA, "h.overhead_memory": 128, "h.shared_fs": "none",
    "h.disable_nesting_checks": True, "h.disable_image_nvdimm": True, "a.visible_cdi_devices": False,
    "r.emptydir_mode": "block-plain", "r.pod_resource_api_sock": "", "h.factory.enable_template": ABSENT,
    # What upstream ships and its own reader ignores (trap 29).
    "h.firmware_volume": ABSENT, "h.use_legacy_serial": ABSENT, "h.vhost_user_reconnect_timeout_sec": ABSENT,
    "r.kubelet_root_dir": ABSENT,
}
RS_NVIDIA_GPU = {
    **RS_NVIDIA, **extensions("gpu"), "h.overhead_vcpus": 0.5, "h.overhead_memory": 512, "h.default_memory": 8192,
    "h.cold_plug_vfio": "root-port", "h.pcie_root_port": 8, "a.dial_timeout_ms": 1000, "a.reconnect_timeout_ms": 1200000,
    "a.create_container_timeout": 1200, "a.launch_process_timeout": 15,
    "r.pod_resource_api_sock": "/var/lib/kubelet/pod-resources/kubelet.sock",
}
RS_NVIDIA_CONFIDENTIAL = {
    **RS_NVIDIA_GPU, **NO_MEMORY_AGENT, **extensions("gpu", "coco"), "h.enable_annotations": ["cc_init_data"],
    "h.kernel_params": NVIDIA + " nvrc.smi.srs=1", "r.emptydir_mode": "block-encrypted",
}
SWAP = {
    "h.enable_guest_swap": False, "h.guest_swap_path": "/run/kata-containers/swap", "h.guest_swap_size_percent": 100,
    "h.guest_swap_create_threshold_secs": 60,
}
RS_CLH = {
    "hypervisor": "clh", **both("/usr/bin/cloud-hypervisor"), **SWAP, "r.hypervisor_name": "clh",
    "h.vm_rootfs_driver": "virtio-blk-pci", "h.block_device_driver": "virtio-blk-pci", "h.disable_nested_virtualization": False,
    "h.disk_rate_limiter_bw_max_rate": 0, "r.keep_abnormal": False, "a.container_pipe_size": 1, "r.vfio_mode": ABSENT,
}
RS = {
    "qemu-runtime-rs": {},
    "qemu-coco-dev-runtime-rs": {**RS_CONFIDENTIAL, "h.confidential_guest": False, "h.kernel_verity_params": ""},
    "qemu-snp-runtime-rs": {**RS_CONFIDENTIAL, **SNP, "h.vm_rootfs_driver": "virtio-blk-pci", "h.disable_nesting_checks": True},
    "qemu-tdx-runtime-rs": {**RS_CONFIDENTIAL, **TDX, "h.vm_rootfs_driver": "virtio-blk-pci"},
    "qemu-se-runtime-rs": {
        **RS_CONFIDENTIAL, "h.kernel": ASSETS + "kata-containers-se-runtime-rs.img", "h.image": ABSENT,
        "h.disable_image_nvdimm": True, "h.overhead_memory": 768, "h.vm_rootfs_driver": "virtio-blk-ccw", "h.cold_plug_vfio": "root-port",
        "h.disable_vhost_net": True, "r.vfio_mode": "vfio", "a.create_container_timeout": 30},
    "qemu-nvidia-cpu-runtime-rs": RS_NVIDIA,
    "qemu-nvidia-gpu-runtime-rs": {**RS_NVIDIA_GPU, "h.firmware": "/usr/share/ovmf/OVMF.fd"},
    "qemu-nvidia-gpu-snp-runtime-rs": {
        **RS_NVIDIA_CONFIDENTIAL, **SNP, **both("/usr/bin/qemu-system-x86_64-snp-experimental")},
    "qemu-nvidia-gpu-tdx-runtime-rs": {
        **RS_NVIDIA_CONFIDENTIAL, **TDX, **both("/usr/bin/qemu-system-x86_64-tdx-experimental")},
    "clh-runtime-rs": RS_CLH,
    "clh-azure-runtime-rs": {
        **RS_CLH, "h.disable_nested_virtualization": True, "h.kernel": "/usr/share/cloud-hypervisor/vmlinux.bin",
        "h.image": ASSETS + "kata-containers-mariner.img"},
    "dragonball": {
        "hypervisor": "dragonball", **SWAP, "r.hypervisor_name": "dragonball", "h.path": "", "h.ctlpath": "",
        "h.valid_hypervisor_paths": [], "h.kernel": ASSETS + "vmlinux-dragonball-experimental.container",
        "h.kernel_params": "console=ttyS1 agent.log_vport=1025", "h.shared_fs": "inline-virtio-fs", "h.default_bridges": 0,
        "h.block_device_driver": "virtio-blk-pci", "h.log_level": "info", "a.log_level": "info", "r.log_level": "info",
        "r.use_passfd_io": True, "r.passfd_listener_port": 1027, "a.mem_agent.compact_sec_max": 180, "h.firmware": ""},
    "rs-fc": {
        "hypervisor": "firecracker", **both("/usr/bin/firecracker"), "r.hypervisor_name": "firecracker",
        "h.block_device_driver": "virtio-blk-mmio", "h.default_maxmemory": 2048,
        "h.kernel_params": "console=ttyS0 agent.log_vport=1025",
        # Upstream gives the pause between tries the time that is meant for all of them (trap 29).
        "a.dial_timeout_ms": 10, "a.reconnect_timeout_ms": 45000},
    "openvmm-azure-runtime-rs": {
        "hypervisor": "openvmm", **both("/usr/bin/openvmm"), **SWAP, "r.hypervisor_name": "openvmm",
        "h.kernel_params": "console=hvc0 " + CGROUPS, "a.dial_timeout_ms": 1000, "a.reconnect_timeout_ms": 60000},
    "remote": {
        "hypervisor": "remote", "r.hypervisor_name": "remote", "h.path": ABSENT, "r.internetworking_model": "none",
        # The names that runtime-rs reads (trap 29).
        "h.hypervisor_socket": "/run/peerpod/hypervisor.sock", "h.hypervisor_timeout": 600,
        "h.remote_hypervisor_socket": ABSENT, "r.disable_new_netns": False},
}

# 6.6: for QEMU, where the flavour has no value of its own.
QEMU_BINARY = {
    "amd64": "qemu-system-x86_64", "arm64": "qemu-system-aarch64", "s390x": "qemu-system-s390x", "ppc64le": "qemu-system-ppc64",
    "riscv64": "qemu-system-riscv64"}
MACHINE = {"amd64": "q35", "arm64": "virt", "s390x": "s390-ccw-virtio", "ppc64le": "pseries", "riscv64": "virt"}
POWER_ACCELERATORS = "cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-large-decr=off,cap-ccf-assist=off"


def architecture_values(dialect, flavour, architecture):
    """What a QEMU flavour of another architecture has in place of the values for amd64."""
    name = flavour.removesuffix("-runtime-rs")
    nvidia, bare = "nvidia" in name, name == "qemu"
    suffix = "-no-shared-fs" if dialect == "runtime-rs" and nvidia else ""
    values = {
        **both(f"/usr/bin/{QEMU_BINARY[architecture]}{suffix}"), "h.machine_type": MACHINE[architecture],
        "h.cpu_features": "pmu=off" if architecture == "arm64" else "", "h.enable_virtio_mem": bare and architecture == "s390x"}
    if architecture == "ppc64le":
        values["h.machine_accelerators"] = POWER_ACCELERATORS
    if name == "qemu-tdx":
        values["h.kernel_params"] = ""
    if name.endswith("tdx") and dialect == "go":
        values["h.cpu_features"] = ""
    if name == "qemu-nvidia-gpu":
        values["h.firmware"] = ""
    if architecture == "arm64" and name in ("qemu", "qemu-coco-dev", "qemu-se", "qemu-nvidia-gpu"):
        values["h.firmware"] = "/usr/share/aavmf/AAVMF_CODE.fd"
        if dialect == "go":
            values["h.firmware_volume"] = "/usr/share/aavmf/AAVMF_VARS.fd"
    if dialect == "go":
        if bare and architecture == "arm64":
            values["r.static_sandbox_resource_mgmt"] = True
        if architecture == "riscv64" and name in ("qemu", "qemu-se", "qemu-snp"):
            values["h.kernel_params"] = ""
    else:
        if architecture == "arm64":
            values["h.machine_accelerators"] = "usb=off,gic-version=host"
        if architecture == "arm64" and name in ("qemu", "qemu-coco-dev"):
            values["h.vm_rootfs_driver"] = "virtio-blk-pci"
        if architecture == "s390x":
            values["h.block_device_driver"] = "virtio-blk-ccw"
        if architecture == "s390x" and name in ("qemu", "qemu-coco-dev"):
            values["h.vm_rootfs_driver"] = "virtio-blk-ccw"
    return values


OTHER_ARCHITECTURE_VALUES = {
    ("go", "clh", "arm64"): {"r.static_sandbox_resource_mgmt": True},
    ("go", "stratovirt", "arm64"): {"h.kernel": ASSETS + "vmlinux.container"},
    ("go", "remote", "arm64"): {"h.firmware": "/usr/share/aavmf/AAVMF_CODE.fd"},
    ("runtime-rs", "openvmm-azure-runtime-rs", "arm64"): {"h.firmware": "/usr/share/aavmf/AAVMF_CODE.fd"},
}


def expected(dialect, flavour, architecture):
    """The hypervisor, the values of the base that the flavour can have, and those that it must have."""
    base, flavours = (GO_QEMU, GO) if dialect == "go" else (RS_QEMU, RS)
    own = dict(flavours[flavour])
    hypervisor = own.pop("hypervisor", "qemu")
    if flavour in ("qemu", "qemu-runtime-rs"):
        own = dict(base)
    if architecture != "amd64" and hypervisor == "qemu":
        own.update(architecture_values(dialect, flavour, architecture))
    own.update(OTHER_ARCHITECTURE_VALUES.get((dialect, flavour, architecture), {}))
    return hypervisor, base if hypervisor == "qemu" else {}, own
