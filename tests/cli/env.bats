#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# `kata-runtime env`: its two layouts, and what it shows where something is broken (spec/kata-runtime.md 8).

bats_require_minimum_version 1.5.0

setup() {
	runtime=$BUILD/bin/kata-runtime
	files=$BATS_TEST_TMPDIR
	printf '#!/bin/sh\necho "VMM \\"<1>\\" & version 1.0"\necho line two\n' >"$files/vmm"
	chmod +x "$files/vmm"
	for name in kernel image; do echo x >"$files/$name"; done
	configure clh
}

configure() { # configure HYPERVISOR [LINE...]
	local hypervisor=$1
	shift
	{
		printf '%s\n' "[hypervisor.$hypervisor]" "path = \"$files/vmm\"" "kernel = \"$files/kernel\"" \
			"image = \"$files/image\"" 'virtio_fs_daemon = "/bin/true"' "$@" '[agent.kata]' '[runtime]' \
			'create_container_timeout = 60'
	} >"$files/configuration.toml"
}

show() { "$runtime" --config "$files/configuration.toml" env "$@"; }

@test "both layouts are valid and say the same" {
	configure clh 'enable_annotations = ["a\"b", "\u00e9"]' 'kernel_params = "x=\"a b\" quiet"'
	show >"$files/env.toml"
	show --json >"$files/env.json"
	python3 - "$files" <<-'EOF'
		import json, sys, tomllib

		toml = tomllib.load(open(sys.argv[1] + "/env.toml", "rb"))
		data = json.load(open(sys.argv[1] + "/env.json"))

		def without_null(value):
		    if isinstance(value, dict):
		        return {k: without_null(v) for k, v in value.items() if v is not None}
		    return value

		for side in toml, data:
		    del side["Host"]["Memory"]["Free"], side["Host"]["Memory"]["Available"]
		assert without_null(data) == toml, (data, toml)
		assert data["Hypervisor"]["SecurityInfo"]["EnableAnnotations"] == ['a"b', "é"]
		assert data["Hypervisor"]["Version"] == 'VMM "<1>" & version 1.0\nline two'
	EOF
}

@test "the keys, their order and their types are format 1.0.27" {
	show --json | jq -c 'paths(type != "object" and type != "array") as $p | [($p | map(tostring) | join(".")), (getpath($p) | type)]' \
		>"$files/schema"
	diff -u "$BATS_TEST_DIRNAME/../data/cli/env-schema.txt" <(grep -v AvailableGuestProtections "$files/schema")
	[ "$(show --json | jq -r .Meta.Version)" = 1.0.27 ]
}

@test "TOML is laid out as scripts read it" {
	show >"$files/env.toml"
	[ "$(head -n 2 "$files/env.toml" | tail -n 1)" = "  Path = \"$files/kernel\"" ]
	[ "$(grep -A 1 '^\[Image\]' "$files/env.toml" | tail -n 1)" = "  Path = \"$files/image\"" ]
	[ "$(grep -c '^$' "$files/env.toml")" = 7 ]
	grep -qxF '    [Runtime.Version.Version]' "$files/env.toml"
	grep -qxF '      Major = 4' "$files/env.toml"
	grep -qxF '  [Host.Memory]' "$files/env.toml"
	! grep -q 'EnableAnnotations\|Experimental' "$files/env.toml"
	[ "$(grep '^\[' "$files/env.toml" | tr -d '\n')" = "[Kernel][Meta][Image][Initrd][Hypervisor][Runtime][Host][Agent]" ]
}

@test "JSON escapes what HTML would take for markup" {
	show --json >"$files/env.json"
	grep -qF '"Version": "VMM \"\u003c1\u003e\" \u0026 version 1.0\nline two",' "$files/env.json"
	grep -qxF '      "EnableAnnotations": null,' "$files/env.json"
	grep -qxF '    "Experimental": null,' "$files/env.json"
	grep -qxF '  "Agent": {' "$files/env.json"
}

@test "values of this host" {
	show --json >"$files/env.json"
	value() { jq -r "$1" "$files/env.json"; }
	[ "$(value .Host.Kernel)" = "$(uname -r)" ]
	[ "$(value .Host.CPU.CPUs)" = "$(nproc)" ]
	[ "$(value .Host.Memory.Total)" = "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)" ]
	[ "$(value .Host.Distro.Version)" = "$(. /etc/os-release && echo "$VERSION_ID")" ]
	[ "$(value .Runtime.Path)" = "$(realpath "$runtime")" ]
	[ "$(value .Runtime.Config.Path)" = "$files/configuration.toml" ]
	taskset -c 0 true 2>/dev/null || skip "CPU 0 is not ours"
	[ "$(taskset -c 0 "$runtime" --config "$files/configuration.toml" env --json | jq .Host.CPU.CPUs)" = 1 ]
}

@test "what a hypervisor has no use for is empty" {
	configure firecracker 'shared_fs = "virtio-fs"' 'msize_9p = 1' 'memory_slots = 3'
	show --json >"$files/env.json"
	[ "$(jq -c '.Hypervisor | [.MachineType, .SharedFS, .VirtioFSDaemon, .Msize9p, .MemorySlots, .HotPlugVFIO]' "$files/env.json")" = \
		'["","","",0,3,""]' ]
	[ "$(jq -r .Hypervisor.BlockDeviceDriver "$files/env.json")" = virtio-scsi ]
	printf '[hypervisor.remote]\nremote_hypervisor_socket = "/run/x"\n' >"$files/configuration.toml"
	show --json >"$files/env.json"
	[ "$(jq -c '[.Kernel.Path, .Hypervisor.Path, .Hypervisor.Version, .Hypervisor.BlockDeviceDriver, .Hypervisor.SharedFS]' "$files/env.json")" = \
		'["","","<<unknown>>","dummy","none"]' ]
}

@test "the socket of a sandbox, which only root can know" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	[ "$(show --json | jq -r .Hypervisor.SocketPath)" = "/run/vc/vm/{ID}/clh.sock" ]
	configure firecracker
	[ "$(show --json | jq -r .Hypervisor.SocketPath)" = "/run/vc/vmm/{ID}/root/kata.hvsock" ]
	chmod 755 "$files" && chmod 644 "$files"/*
	run setpriv --reuid 65534 --clear-groups "$runtime" --config "$files/configuration.toml" env --json
	[ "$status" != 0 ] || [ "$(jq -r .Hypervisor.SocketPath <<<"$output")" = "<<unknown>>" ]
}

@test "a hypervisor that cannot say its version is no failure" {
	printf '#!/bin/sh\necho no >&2\nexit 3\n' >"$files/vmm"
	[ "$(show --json | jq -r .Hypervisor.Version)" = "<<unknown>>" ]
	echo 'not a program' >"$files/vmm"
	[ "$(show --json | jq -r .Hypervisor.Version)" = "<<unknown>>" ]
}

@test "without a configuration the host is shown all the same" {
	run -1 --separate-stderr "$runtime" --config /nope env --json
	[ "$stderr" = "Cannot find usable config file (file /nope does not exist); correct the path, or put a configuration there" ]
	[ "$(jq -c keys <<<"$output")" = '["Host","Meta","Runtime"]' ]
	[ "$(jq -r .Host.Kernel <<<"$output")" = "$(uname -r)" ]
	echo 'not TOML' >"$files/configuration.toml"
	run -1 --separate-stderr "$runtime" --config "$files/configuration.toml" env
	[[ $output == "[Meta]"* ]]
	[[ $stderr == *"$files/configuration.toml"* ]]
}

@test "a configuration with a wrong value is shown, and the exit status says so" {
	rm "$files/image"
	run -1 --separate-stderr "$runtime" --config "$files/configuration.toml" env --json
	[ "$(jq -r .Kernel.Path <<<"$output")" = "$files/kernel" ]
	[[ $stderr == *"$files/image"* ]]
}

@test "a host with unreadable files is shown as far as it goes" {
	unshare -m true 2>/dev/null || skip "this user may not make mount namespaces"
	: >"$files/empty"
	# shellcheck disable=SC2016 # expanded by the inner shell
	run --separate-stderr unshare -m bash -c 'for f in cpuinfo meminfo version; do mount --bind "$0" /proc/$f; done; "$@"' \
		"$files/empty" "$runtime" --config "$files/configuration.toml" env --json
	[ "$status" = 1 ]
	[ "$(jq -c '.Host | [.Kernel, .CPU.Vendor, .CPU.Model, .Memory.Total]' <<<"$output")" = '["","","",0]' ]
	[ "$(jq -r .Kernel.Path <<<"$output")" = "$files/kernel" ]
	[[ $stderr == *"unexpected contents in /proc/version"* ]]
	[[ $stderr == *"Cannot determine CPU details: /proc/cpuinfo is empty; "* ]]
}
