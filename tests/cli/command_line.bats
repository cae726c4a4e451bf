#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What wrong and unusual command lines do: streams and exit statuses are those that scripts know
# (spec/kata-runtime.md 2 to 4). The grammar itself is tested in tests/unit/cli.

bats_require_minimum_version 1.5.0

setup() {
	runtime=$BUILD/bin/kata-runtime
	files=$BATS_TEST_TMPDIR
	for name in vmm kernel image; do echo x >"$files/$name"; done
	cat >"$files/configuration.toml" <<-EOF
		[hypervisor.firecracker]
		path = "$files/vmm"
		kernel = "$files/kernel"
		image = "$files/image"
		[agent.kata]
		[runtime]
		create_container_timeout = 60
	EOF
	export NO_COLOR=
}

# try EXPECTED-STATUS FIRST-LINE-OF-STDOUT LAST-LINE-OF-STDERR WORD... : an empty text means no output at all
try() {
	local expected=$1 first=$2 last=$3
	shift 3
	run --separate-stderr "$runtime" "$@"
	local line
	line=$(tail -n 1 <<<"$stderr")
	if [ "$status" != "$expected" ] || [ "${lines[0]-}" != "$first" ] || [ "$line" != "$last" ]; then
		printf '%s\n' "$*: status $status, stdout ${lines[0]-}, stderr $line" >&2
		return 1
	fi
}

# Is there a log record in front of the error on stderr?
logged() { [[ $stderr == time=*level=error*$'\n'* ]]; }

@test "wrong options of the program: help and the error, logged" {
	try 1 "Incorrect Usage. flag provided but not defined: -bogus" "flag provided but not defined: -bogus" --bogus env
	logged
	[[ $output == *"GLOBAL OPTIONS:"* ]]
	try 1 "Incorrect Usage. flag provided but not defined: -nv" "flag provided but not defined: -nv" -nv
	try 1 "Incorrect Usage. flag needs an argument: -config" "flag needs an argument: -config" --config
	try 1 "Incorrect Usage. invalid boolean value \"x\" for -systemd-cgroup: parse error" \
		"invalid boolean value \"x\" for -systemd-cgroup: parse error" --systemd-cgroup=x env
	try 1 "Cannot use two forms of the same flag: kata-config config" \
		"Cannot use two forms of the same flag: kata-config config" --config a --kata-config b env
}

@test "wrong options of a command: its help and the error, with or without a configuration" {
	local config
	for config in /nope "$files/configuration.toml"; do
		try 1 "Incorrect Usage: flag provided but not defined: -bogus" "flag provided but not defined: -bogus" \
			--config "$config" env --bogus
		[[ $output == *"kata-runtime env [command options]"* ]]
		! logged
	done
	try 1 "Incorrect Usage: flag provided but not defined: -config" "flag provided but not defined: -config" env --config x
	try 1 "Incorrect Usage: flag provided but not defined: -bogus" "flag provided but not defined: -bogus" check --bogus
	logged
	try 1 "Incorrect Usage: invalid value \"8Gi\" for flag -size: parse error" \
		"invalid value \"8Gi\" for flag -size: parse error" direct-volume resize --size 8Gi
	try 1 "Incorrect Usage: invalid value \"18446744073709551616\" for flag -kata-debug-port: value out of range" \
		"invalid value \"18446744073709551616\" for flag -kata-debug-port: value out of range" \
		exec --kata-debug-port 18446744073709551616 x
	try 1 "Incorrect Usage. flag provided but not defined: -bogus" "flag provided but not defined: -bogus" factory --bogus
	! logged
}

@test "a missing required option: help and the error" {
	local command
	for command in 'iptables get' 'iptables set' 'policy set'; do
		# shellcheck disable=SC2086 # two words
		try 1 NAME: 'Required flag "sandbox-id" not set' $command x
		[[ $output == *"kata-runtime $command [command options]"* ]]
	done
}

@test "unknown commands" {
	try 1 "" 'Invalid command "bogus"' bogus
	try 1 "" 'Invalid command "bogus"' --config /nope bogus
	try 1 "" 'Invalid command "bogus"' help bogus
	try 1 "" 'Invalid command "-"' -
	try 0 NAME: 'kata-runtime factory has no command "bogus": nothing was done' factory bogus
	try 0 NAME: 'kata-runtime direct-volume has no command "delete": nothing was done' direct-volume delete
	try 0 NAME: "" ""
	try 0 NAME: ""
	# Commands of our own are stricter.
	try 2 "" 'kata-runtime config has no command "bogus"; see kata-runtime config --help' config bogus
	try 2 "" 'flag provided but not defined: -bogus; see kata-runtime config show --help' config show --bogus
}

@test "surplus words are ignored" {
	try 0 "vm factory not enabled" "" --config "$files/configuration.toml" factory status more words --even this
	run -0 "$runtime" version and more
}

@test "wrong values of the program's options" {
	try 1 "" 'strconv.ParseBool: parsing "maybe": invalid syntax; --rootless takes true, false or auto' --rootless maybe env
	logged
	try 1 "" "open $files/none/log: no such file or directory" --log "$files/none/log" env
	logged
	try 1 "" 'unknown log-format "bad"; choose one of: text json' --log-format bad env
	! logged
	for command in env check version 'config keys'; do
		# shellcheck disable=SC2086 # words
		try 1 "" 'unknown log-level "loud"; choose one of: panic fatal error warning info debug trace' --log-level loud $command
		# shellcheck disable=SC2086 # words
		try 1 "" 'unknown log-level "loud"; choose one of: panic fatal error warning info debug trace' $command --log-level loud
	done
	local word
	for word in auto AUTO '' true F 1; do
		run -0 --separate-stderr "$runtime" --rootless "$word" --config "$files/configuration.toml" factory status
	done
}

@test "which commands need a configuration" {
	local missing='Cannot find usable config file (file /nope does not exist); correct the path, or put a configuration there'
	try 1 "" "$missing" --config /nope factory status
	try 0 "" "" --config /nope direct-volume remove --volume-path "$files/never-there"
	try 1 "" "ID cannot be blank" --config /nope metrics
	try 1 "" "ID cannot be blank" --config /nope exec
	try 1 "" 'invalid container/sandbox ID (should match "^[a-zA-Z0-9][a-zA-Z0-9_.-]+$")' --config /nope metrics ../x
	try 1 "" "iptables file not provided" iptables set --sandbox-id abc
	try 1 "" "iptables file does not exist: $files/none" iptables set "$files/none" --sandbox-id abc
	try 1 "" "policy file does not exist: $files/none" policy set --sandbox-id abc "$files/none"
	try 1 "" "read $files: is a directory" policy set --sandbox-id abc "$files"
}

# ---- streams --------------------------------------------------------------------------------------------------

@test "a full disk behind stdout is an error" {
	local command
	for command in --help version "--config $files/configuration.toml factory status" "config keys"; do
		status=0
		# shellcheck disable=SC2086 # words
		stderr=$("$runtime" $command 2>&1 >/dev/full) || status=$?
		[ "$status" = 1 ]
		[ "$stderr" = "write standard output: no space left on device" ]
	done
}

@test "a closed stdout is an error where something was to be said" {
	status=0
	stderr=$("$runtime" version 2>&1 >&-) || status=$?
	[ "$status" = 1 ]
	[ "$stderr" = "write standard output: bad file descriptor" ]
	"$runtime" direct-volume remove --volume-path "$files/never-there" >&- 2>&- <&-
}

@test "a file never takes the place of a closed stream" {
	"$runtime" --log "$files/log" --log-level debug --config "$files/configuration.toml" factory status <&- >&- 2>&- || true
	run -1 grep -v '^time=' "$files/log"
}

@test "a reader that has seen enough ends the program quietly" {
	# Also where the parent ignores SIGPIPE.
	trap '' PIPE
	"$runtime" config keys 2>"$files/err" | head -n 1
	[ ! -s "$files/err" ]
}

@test "inherited descriptors do not reach the hypervisor" {
	exec 7<"$files/vmm"
	mkfifo "$files/fifo"
	cat >"$files/configuration.toml" <<-EOF
		[hypervisor.clh]
		path = "$files/list"
		kernel = "$files/kernel"
		image = "$files/image"
		virtio_fs_daemon = "/bin/true"
	EOF
	printf '#!/bin/sh\nls /proc/self/fd | tr "\\n" " "\n' >"$files/list"
	chmod +x "$files/list"
	"$runtime" --log "$files/log" --config "$files/configuration.toml" env --json >"$files/env" 2>/dev/null
	# ls itself has one more open: the directory.
	[ "$(jq -r .Hypervisor.Version "$files/env")" = "0 1 2 3" ]
	exec 7<&-
}
