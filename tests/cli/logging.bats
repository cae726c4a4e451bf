#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Where the log goes, in which form, and how much of it (spec/kata-runtime.md 4 and 15).

bats_require_minimum_version 1.5.0

setup() {
	runtime=$BUILD/bin/kata-runtime
	tools=$BATS_TEST_DIRNAME/../tools
	files=$BATS_TEST_TMPDIR
	log=$files/log
	for name in vmm kernel image; do echo x >"$files/$name"; done
	configure
}

configure() { # configure [LINE-OF-RUNTIME-TABLE...]
	printf '%s\n' '[hypervisor.firecracker]' "path = \"$files/vmm\"" "kernel = \"$files/kernel\"" \
		"image = \"$files/image\"" '[agent.kata]' '[runtime]' 'create_container_timeout = 60' "$@" \
		>"$files/configuration.toml"
}

log() { "$runtime" --log "$log" --config "$files/configuration.toml" "$@" >/dev/null; }

@test "records of a command, as text" {
	TZ=UTC0 log factory status
	local time='time="[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"'
	[ "$(wc -l <"$log")" = 2 ]
	grep -qE "^$time level=info msg=\"loaded configuration\" arch=[a-z0-9]+ command=factory file=$files/configuration.toml format=TOML name=kata-runtime pid=[0-9]+ source=katautils$" "$log"
	grep -qE "^$time level=info arch=[a-z0-9]+ arguments=\"\\\\\"factory status\\\\\"\" command=factory commit=[0-9a-f]* name=kata-runtime pid=[0-9]+ source=runtime version=4\.1\.0$" "$log"
	log factory status
	[ "$(wc -l <"$log")" = 4 ]
}

@test "records of a command, as JSON" {
	log --log-format json kata-env || true
	jq -s -e 'map(.command == "kata-env" and (.type or .name == "kata-runtime") and (.pid | type) == "number") | all' "$log"
	[ "$(jq -r 'select(.arguments) | .arguments' "$log")" = '"kata-env"' ]
	[ "$(jq -c 'select(.arguments) | .msg' "$log")" = '""' ]
	[ "$(jq -c 'select(.arguments) | keys_unsorted == keys' "$log")" = true ]
}

@test "the log file's mode, and a file that is not there" {
	umask 022
	log factory status
	[ "$(stat -c %a "$log")" = 640 ]
	run -1 --separate-stderr "$runtime" --log "$files" factory status
	[[ $stderr == *"open $files: is a directory" ]]
}

@test "a FIFO as log file: with a reader it works, without one it is refused at once" {
	mkfifo "$files/fifo"
	run -1 --separate-stderr timeout 5 "$runtime" --log "$files/fifo" factory status
	[[ $stderr == *"open $files/fifo: no such device or address; a FIFO needs a reader first" ]]
	cat "$files/fifo" >"$files/read" 3>&- &
	while ! run -0 timeout 5 "$runtime" --log "$files/fifo" --config "$files/configuration.toml" factory status; do
		sleep 0.01
	done
	wait $!
	grep -q 'msg="loaded configuration"' "$files/read"
}

@test "the level: the option before the configuration before the default" {
	log --log-level error factory status
	[ ! -s "$log" ]
	log factory --log-level error status
	log factory status --log-level=error
	[ ! -s "$log" ]
	log --config /nope direct-volume remove --volume-path /none/such --log-level warning
	[ "$(grep -c level=warning "$log")" = 1 ]
	[ "$(grep -c level=info "$log")" = 0 ]
	grep -q 'msg="the configuration is not used".*error="Cannot find usable config file (file /nope does not exist); correct the path, or put a configuration there"' "$log"
}

@test "errors are logged before they are printed" {
	run -1 --separate-stderr "$runtime" --log "$log" direct-volume add --volume-path /v --mount-info '{bad}'
	[ "$stderr" = "invalid character 'b' looking for beginning of object key string" ]
	grep -q "level=error msg=\"invalid character 'b' looking for beginning of object key string\"" "$log"
	run -1 --separate-stderr "$runtime" --log "" direct-volume add --volume-path /v --mount-info '{bad}'
	[ "$(grep -c "invalid character" <<<"$stderr")" = 2 ]
	run -1 --separate-stderr "$runtime" --log "$log" env --bogus
	grep -q 'level=error msg="flag provided but not defined: -bogus".*command=env' "$log"
}

@test "check logs to stderr only" {
	run --separate-stderr "$runtime" --log "$log" --log-format json --config "$files/configuration.toml" check -n --log-level info
	[ ! -e "$log" ]
	[[ $stderr == *'level=info msg="kernel property found"'* || $stderr == *'level=info msg="CPU property found"'* ]]
	[[ $stderr != *command=check* ]]
}

@test "env logs the checks of the host" {
	log env || true
	grep -qE 'msg="(CPU|kernel) property .*found".* command=env .*type=' "$log"
}

# ---- syslog ---------------------------------------------------------------------------------------------------

# Run with a system log whose datagrams end up in $files/syslog, one a line.
with_syslog() {
	local map=()
	[ "$(id -u)" = 0 ] || map=(--map-root-user)
	unshare "${map[@]}" --mount true 2>/dev/null || skip "namespaces are not allowed here"
	unshare "${map[@]}" --mount "$tools/with-syslog" "$files/syslog" "$@"
}

@test "a system log gets the records of every command but a lone env" {
	with_syslog "$runtime" --config "$files/configuration.toml" factory status
	[ "$(wc -l <"$files/syslog")" = 2 ]
	grep -qE '^<6>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} kata\[[0-9]+\]: time="[^"]*\.[0-9]{1,9}(Z|[+-][0-9:]{5})" level=info arch=.* command=factory .* version=4\.1\.0$' "$files/syslog"
	with_syslog "$runtime" --config "$files/configuration.toml" --log-format json env --json >/dev/null || true
	grep -q 'level=info arch=.* arguments="\\"env --json\\""' "$files/syslog"
	with_syslog "$runtime" --config "$files/configuration.toml" kata-env >/dev/null || true
	[ ! -s "$files/syslog" ]
	with_syslog "$runtime" --config "$files/configuration.toml" check -n 2>/dev/null || true
	[ ! -s "$files/syslog" ]
	with_syslog "$runtime" --config /nope metrics no-such 2>/dev/null || true
	grep -q '^<3>.*level=error msg="it fails to stat both' "$files/syslog"
	grep -q '^<4>.*level=warning' "$files/syslog"
}

@test "no system log is no problem" {
	local map=()
	[ "$(id -u)" = 0 ] || map=(--map-root-user)
	unshare "${map[@]}" --mount true 2>/dev/null || skip "namespaces are not allowed here"
	# shellcheck disable=SC2016 # expanded by the inner shell
	run -0 --separate-stderr unshare "${map[@]}" --mount sh -c 'mount -t tmpfs none /run; exec "$@"' sh \
		"$runtime" --config "$files/configuration.toml" factory status
	[ "$output" = "vm factory not enabled" ]
	[ -z "$stderr" ]
}

# ---- signals --------------------------------------------------------------------------------------------------

@test "signals end the program as they end any other" {
	local signal
	for signal in TERM QUIT USR1; do
		status=0
		mkfifo "$files/fifo" 2>/dev/null || true
		timeout --signal "$signal" --preserve-status 0.2 "$runtime" policy set --sandbox-id abc "$files/fifo" || status=$?
		[ $((status & 127)) = "$(kill -l "$signal")" ] || [ "$status" = $((128 + $(kill -l "$signal"))) ]
	done
}
