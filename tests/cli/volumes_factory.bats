#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What direct-volume and factory do without a running sandbox. Below a /run of their own.

bats_require_minimum_version 1.5.0

setup() {
	runtime=$BUILD/bin/kata-runtime
	files=$BATS_TEST_TMPDIR
	map=()
	[ "$(id -u)" = 0 ] || map=(--map-root-user)
	unshare "${map[@]}" --mount true 2>/dev/null || skip "namespaces are not allowed here"
}

# Run shell commands where $k is the program and /run is empty.
inside() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	k=$runtime run --separate-stderr unshare "${map[@]}" --mount bash -c 'mount -t tmpfs none /run && eval "$0"' "$1"
}

volumes=/run/kata-containers/shared/direct-volumes

@test "a volume is added byte for byte, for root only, and removed" {
	inside '
		$k direct-volume add --mount-info "{ \"Device\": \"/dev/sdb\" }" --volume-path /var/lib/x/vol1 &&
		cat '$volumes'/L3Zhci9saWIveC92b2wx/mountInfo.json && echo &&
		stat -c %a '$volumes' '$volumes'/L3Zhci9saWIveC92b2wx '$volumes'/*/mountInfo.json &&
		$k direct-volume add --volume-path=/var/lib/x/vol1 --mount-info null &&
		cat '$volumes'/*/* && echo &&
		ls -A '$volumes'/* &&
		$k direct-volume remove --volume-path /var/lib/x/vol1 &&
		$k direct-volume remove --volume-path /var/lib/x/vol1 &&
		ls -A '$volumes
	[ "$status" = 0 ]
	[ "$output" = '{ "Device": "/dev/sdb" }
700
700
600
null
mountInfo.json' ]
	[ -z "$stderr" ]
}

@test "what is no mount info is refused, and leaves nothing behind" {
	local text
	for text in '' '{bad}' '[]' '{"device":1}' '{} x'; do
		inside '$k direct-volume add --volume-path /v --mount-info '"'$text'"'; echo $?; ls -A /run'
		[ "$output" = 1 ]
		[ "$(wc -l <<<"$stderr")" = 1 ]
	done
	[ "$stderr" = "invalid character 'x' after top-level value" ]
}

@test "an empty volume path never touches the other volumes" {
	inside '
		$k direct-volume add --volume-path /v --mount-info {}
		for command in add remove stats resize; do
			for path in "" "--volume-path="; do $k direct-volume $command $path --log-level error; echo $?; done
		done
		ls '$volumes
	[ "$output" = '1
1
1
1
1
1
1
1
L3Y=' ]
	[ "$(sort -u <<<"$stderr")" = "no volume path given: say which volume with --volume-path" ]
}

@test "a volume that no sandbox uses" {
	inside '
		$k direct-volume stats --volume-path /v
		$k direct-volume add --volume-path /v --mount-info {}
		$k direct-volume stats --volume-path /v
		$k direct-volume resize --volume-path /v --size 0x1000
		touch '$volumes'/L3Y=/.mountInfo.json.aaaaaa '$volumes'/L3Y=/sandbox1
		$k direct-volume stats --volume-path /v'
	[ "$status" = 1 ]
	[ -z "$output" ]
	[ "$(sed 's/; .*//' <<<"$stderr")" = "open $volumes/L3Y=: no such file or directory
no sandbox found for /v
no sandbox found for /v
it fails to stat both /run/vc/sbs/sandbox1/shim-monitor.sock and /run/kata/sandbox1/shim-monitor.sock with error stat /run/kata/sandbox1/shim-monitor.sock: no such file or directory" ]
}

@test "what stands in the way of the volumes is named" {
	inside 'mkdir -p /run/kata-containers/shared; touch '$volumes'; $k direct-volume add --volume-path /v --mount-info {}'
	[ "$status" = 1 ]
	[[ $stderr == *"$volumes"* ]]
	inside 'mount -t tmpfs -o ro none /run; $k direct-volume add --volume-path /v --mount-info {}'
	[ "$status" = 1 ]
	[ "$stderr" = "mkdir /run/kata-containers: read-only file system" ]
}

# ---- factory --------------------------------------------------------------------------------------------------

configure() { # configure HYPERVISOR LINE-OF-FACTORY-TABLE...
	local hypervisor=$1
	shift
	for name in vmm kernel image initrd; do echo x >"$files/$name"; done
	printf '%s\n' "[hypervisor.$hypervisor]" "path = \"$files/vmm\"" "kernel = \"$files/kernel\"" \
		"initrd = \"$files/initrd\"" 'virtio_fs_daemon = "/bin/true"' 'shared_fs = "none"' '[agent.kata]' '[factory]' "$@" \
		'[runtime]' 'create_container_timeout = 60' >"$files/configuration.toml"
}

@test "a factory that is not enabled" {
	configure firecracker
	local k="$runtime --config $files/configuration.toml"
	[ "$($k factory status)" = "vm factory not enabled" ]
	[ "$($k factory init)" = "vm factory or VMCache is not enabled" ]
	[ "$($k factory destroy)" = "vm factory destroyed" ]
}

@test "a template: there, not there, taken away; making one is not possible yet" {
	configure clh 'enable_template = true' 'template_path = "/run/vc/vm/template"'
	inside '
		k="$k --config '"$files"'/configuration.toml" t=/run/vc/vm/template
		$k factory status; $k factory init; echo $?
		mkdir -p $t && mount -t tmpfs none $t && touch $t/memory $t/state
		$k factory status
		touch $t/state.json
		$k factory status; $k factory init
		$k factory destroy; ls -A /run/vc/vm; grep -c $t /proc/self/mounts
		mkdir $t; touch $t/other
		$k factory destroy; ls $t'
	[ "$output" = 'vm factory is off
1
vm factory is off
vm factory is on
vm factory destroyed
0
vm factory destroyed
other' ]
	[[ $stderr == "this build cannot make a template VM yet; set enable_template = false in $files/configuration.toml "* ]]
	[[ $stderr == *$'\n'"There is already a VM template in /run/vc/vm/template" ]]
}
