#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# `kata-runtime config`: what it prints, where, and the exit statuses that scripts rely on.

bats_require_minimum_version 1.5.0

setup() {
	runtime=$BUILD/bin/kata-runtime
	files=$BATS_TEST_TMPDIR
	config=$files/configuration.toml
	mkdir "$files/config.d"
	for name in vmm kernel image; do
		echo x >"$files/$name"
	done
	# Cloud Hypervisor, since that one asks nothing of the host.
	cat >"$config" <<-EOF
		[hypervisor.clh]
		path = "$files/vmm"
		kernel = "$files/kernel"
		image = "$files/image"
		virtio_fs_daemon = "/usr/libexec/virtiofsd"
	EOF
}

@test "show: values of file, drop-in and default, each with its origin" {
	printf '[hypervisor.clh]\ndefault_memory = 512\n' >"$files/config.d/10-size.toml"
	run -0 "$runtime" --config "$config" config show --origin
	grep -E "^path = .*/vmm\" +# .*/configuration.toml:2$" <<<"$output"
	grep -E "^default_memory = 512 +# .*/config.d/10-size.toml:2$" <<<"$output"
	grep -E "^memory_slots = 10 +# default$" <<<"$output"
}

@test "show: what is printed is a configuration with the same values" {
	"$runtime" config show "$config" >"$files/shown.toml"
	"$runtime" config show "$files/shown.toml" >"$files/again.toml"
	diff <(grep -v '^#' "$files/shown.toml") <(grep -v '^#' "$files/again.toml")
}

@test "show -o json: a document that other programs read" {
	run -0 "$runtime" config show -o json "$config"
	[ "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["hypervisor"]["clh"]["memory_slots"])' \
		<<<"$output")" = 10 ]
	run -0 "$runtime" config show -o json --origin "$config"
	python3 -c 'import json, sys; d = json.load(sys.stdin); assert d["dialect"] == "go"; assert d["values"]' \
		<<<"$output"
}

@test "show: a broken configuration is shown as far as it goes, errors on stderr, status 3" {
	echo 'memory_slots = "ten"' >>"$config"
	run -3 --separate-stderr "$runtime" config show "$config"
	grep -q '^memory_slots = 10$' <<<"$output"
	# shellcheck disable=SC2154 # set by run
	[[ $stderr == *"configuration.toml:6:16: error: "*"TOML value has type string; destination has type integer"* ]]
}

@test "check: nothing wrong is status 0" {
	run -0 "$runtime" config check "$config"
	[ "$output" = "$config: no problems" ]
}

@test "check: warnings are status 3, with line, key and the nearest known key" {
	echo 'defualt_vcpus = 2' >>"$config"
	run -3 "$runtime" config check "$config"
	[ "${lines[0]}" = "$config:6:1: warning: unknown key hypervisor.clh.defualt_vcpus has no effect; did you mean default_vcpus?" ]
	[ "${lines[1]}" = "$config: 0 errors, 1 warning" ]
}

@test "check: everything is found at once" {
	cat >>"$config" <<-EOF
		memory_slots = -1
		block_device_driver = "virtio-blck"
		[runtime]
		vfio_mode = "host"
	EOF
	printf '[hypervisor.clh]\nnosuch = 1\n' >"$files/config.d/1.toml"
	run -3 "$runtime" config check "$config"
	[[ $output == *"-1 is out of range for uint32"* ]]
	[[ $output == *"error applying key 'hypervisor.clh.nosuch' from drop-in file"* ]]
	[[ $output == *"Unknown VFIO mode host"* ]]
	[[ $output == *"did you mean virtio-blk?"* ]]
	[ "${lines[-1]}" = "$config: 4 errors, 0 warnings, with 1 drop-in" ]
}

@test "check: notes only when asked for, and they are no problem" {
	echo 'pcie_root_port = 99' >>"$config"
	run -0 "$runtime" config check "$config"
	run -0 "$runtime" config check --verbose "$config"
	[[ ${lines[0]} == *":6:1: note: hypervisor.clh.pcie_root_port: 99 is adjusted to 16: "* ]]
}

@test "check: what the annotation lists open, or do not" {
	cat >>"$config" <<-'EOF'
		enable_annotations = ["kernel_parms", "(?!path)", "enable_iommu"]
		valid_entropy_sources = ["/dev/[u"]
	EOF
	run -3 "$runtime" config check --verbose "$config"
	[[ $output == *':6:1: warning: hypervisor.clh.enable_annotations: "kernel_parms" opens no annotation; did you mean kernel_params?'* ]]
	[[ $output == *'"(?!path)" opens nothing: invalid or unsupported Perl syntax'* ]]
	[[ $output == *'note: hypervisor.clh.enable_annotations: "enable_iommu" also opens enable_iommu_platform; "^enable_iommu$" opens only the one'* ]]
	[[ $output == *':7:1: warning: hypervisor.clh.valid_entropy_sources: "/dev/[u" is a malformed pattern and matches nothing'* ]]
}

@test "check: bad files get one clear line" {
	run -3 "$runtime" config check "$files/nope.toml"
	[[ ${lines[0]} == *"Cannot find usable config file (file $files/nope.toml does not exist); correct the path, or put a configuration there" ]]
	run -3 "$runtime" config check "$files"
	[[ ${lines[0]} == *"read $files: is a directory; put a regular file in its place" ]]
	mkfifo "$files/fifo"
	run -3 timeout 5 "$runtime" config check "$files/fifo"
	[[ ${lines[0]} == *"it is a FIFO, not a regular file; put a regular file in its place" ]]
	truncate -s 100M "$files/huge"
	run -3 "$runtime" config check "$files/huge"
	[[ ${lines[0]} == *"larger than the limit of 16777216 bytes; a configuration is far smaller: name another file" ]]
	printf '\xff' >"$files/latin"
	run -3 "$runtime" config check "$files/latin"
	[[ ${lines[0]} == *"UTF-8"* ]]
	ln -s loop "$files/loop"
	run -3 "$runtime" config check "$files/loop"
	[[ ${lines[0]} == *"too many links: $files/loop); make one of the links lead to a file" ]]
}

@test "show, diff: a file that cannot be read holds nothing" {
	echo 'a = [' >"$files/broken"
	for file in "$files/nope" "$files/broken" "$files"; do
		for command in show "show -o json" diff; do
			# shellcheck disable=SC2086 # two words
			run -3 --separate-stderr "$runtime" config $command "$file"
			[ -z "$output" ]
			[[ $stderr == *"error: "* ]]
		done
	done
}

@test "keys: tables by their true names, and a word that no key has" {
	[ "$("$runtime" config keys hypervisor.qemu.default_memory | head -n 1)" = hypervisor.NAME.default_memory ]
	[ "$("$runtime" config keys agent.kata.dial_timeout | head -n 1)" = agent.NAME.dial_timeout ]
	for output in text json; do
		run -1 --separate-stderr "$runtime" config keys -o $output nosuchkey
		[ -z "$output" ]
		[[ $stderr == *'no key has "nosuchkey" in its name'* ]]
	done
}

@test "check -o json: problems as data" {
	echo 'defualt_vcpus = 2' >>"$config"
	run -3 "$runtime" config check -o json "$config"
	[ "$(python3 -c 'import json, sys; p = json.load(sys.stdin)["problems"][0]; print(p["id"], p["line"], p["key"])' \
		<<<"$output")" = "unknown-key 6 hypervisor.clh.defualt_vcpus" ]
}

@test "diff: what a drop-in changes against another file" {
	cp "$config" "$files/shipped.toml"
	printf '[hypervisor.clh]\ndefault_memory = 512\n' >"$files/config.d/1.toml"
	run -0 "$runtime" config diff --against "$files/shipped.toml" "$config"
	[ "${lines[0]}" = "--- $files/shipped.toml" ]
	[ "${lines[1]}" = "+++ $config" ]
	[ "${lines[2]}" = "[hypervisor.clh]" ]
	[ "${lines[3]}" = "-default_memory = 2048" ]
	[[ ${lines[4]} == "+default_memory = 512 "*"# $files/config.d/1.toml:2" ]]
	[ "${#lines[@]}" = 5 ]
	run -1 "$runtime" config diff --against "$files/nope" "$config"
}

@test "keys: all of them, or those that contain a word" {
	run -0 "$runtime" config keys
	grep -qx hypervisor.NAME.default_vcpus <<<"$output"
	run -0 "$runtime" config keys vfio_mode
	[ "${lines[0]}" = "runtime.vfio_mode" ]
	run -0 "$runtime" config keys -o json
	python3 -c 'import json, sys; assert len(json.load(sys.stdin)) > 150' <<<"$output"
}

@test "a surplus word is a usage error" {
	run -2 "$runtime" config check "$config" "$config"
}
