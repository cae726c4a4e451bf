#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# kata-ctl's frame: help, version, manual page, completion, and its other name. Needs nothing of the host.

bats_require_minimum_version 1.5.0
load completion.bash

setup() {
	ctl=$BUILD/bin/kata-ctl
	top=$BATS_TEST_DIRNAME/../..
}

# The commands of the program and of its group, one a line.
commands() {
	"$ctl" --help | sed -n '/^COMMANDS:/,/^$/s/^   \([a-z-]*\).*/\1/p' | grep -v '^help$'
	"$ctl" agent --help | sed -n '/^COMMANDS:/,/^$/s/^   \([a-z-]*\).*/agent \1/p'
}

@test "every command has help, on stdout and with success" {
	local command
	[ "$(commands | wc -l)" = 12 ]
	while read -r command; do
		for form in "$command --help" "$command -h"; do
			# shellcheck disable=SC2086 # words
			run -0 --separate-stderr env -i "$ctl" $form
			[ "${lines[0]}" = NAME: ] && [ -z "$stderr" ]
		done
	done < <(commands)
	run -0 "$ctl" help agent
}

@test "without a command there is nothing to do: help on stderr, and 2" {
	run --separate-stderr "$ctl"
	[ "$status" = 2 ] && [ -z "$output" ] && [ "${stderr_lines[0]}" = NAME: ]
	run --separate-stderr "$ctl" -l debug
	[ "$status" = 2 ] && [ -z "$output" ] && [ "${stderr_lines[0]}" = "ERROR: need command" ]
}

@test "version, and options of one letter in one word" {
	run -0 --separate-stderr "$ctl" version
	[[ $output == "kata-ctl version \"$(cat "$top/VERSION")"*'" (type: c)' ]]
	run -0 --separate-stderr "$ctl" -jlinfo version
	[ "$(jq -r .name <<<"$output")" = kata-ctl ] && [ -z "$stderr" ]
	run -0 --separate-stderr "$ctl" -jlwarning version
	[ -z "$output" ]
}

@test "a failure is a record with -j, and silent with -l critical" {
	run --separate-stderr "$ctl" -j agent call Check
	[ "$status" = 1 ] && [ -z "$stderr" ]
	[ "$(jq -r .level <<<"$output")" = error ]
	run --separate-stderr "$ctl" agent call Check -l critical
	[ "$status" = 1 ] && [ -z "$output$stderr" ]
}

@test "the three default paths, before any command" {
	run -0 --separate-stderr "$ctl" --show-default-config-paths agent nothing
	[ "${#lines[@]}" = 3 ]
	[ "${lines[0]}" = /etc/kata-containers/runtime-rs/configuration.toml ]
}

@test "kata-agent-ctl is kata-ctl agent" {
	ln -s "$ctl" "$BATS_TEST_TMPDIR/kata-agent-ctl"
	run -0 --separate-stderr "$BATS_TEST_TMPDIR/kata-agent-ctl" -l debug connect --server-address unix:///nonexistent -c list
	[[ $output == *CreateContainer*grpc.AgentService* ]]
	run -0 --separate-stderr "$BATS_TEST_TMPDIR/kata-agent-ctl" generate-cid
	[[ $output =~ ^[0-9a-f]{64}$ ]]
	[ "$output" != "$("$ctl" agent generate-sid)" ]
	run -0 "$BATS_TEST_TMPDIR/kata-agent-ctl" --version
	[[ $output == 'kata-ctl version "'* ]]
	run "$BATS_TEST_TMPDIR/kata-agent-ctl" connect --hybrid-vsock true --hybrid-vsock-port 1 --timeout 1ms --server-address unix:///nonexistent \
		--dial-timeout 20ms -c Check -n true
	[ "$status" = 1 ] && [[ $output == *"hybrid vsocket unix:///nonexistent"* ]]
}

@test "the manual page has every command and every option" {
	local page option command
	command -v mandoc >/dev/null || skip "mandoc is not installed"
	page=$(mandoc -T ascii "$BUILD/man/kata-ctl.8" | sed 's/.\x08//g')
	while read -r command; do
		grep -qE -- "$command([^a-z-]|$)" <<<"$page" || { echo "not in the page: $command"; false; }
		# shellcheck disable=SC2086 # words
		while read -r option; do
			grep -qE -- "(^|[^a-z-])$option([^a-z-]|$)" <<<"$page" || { echo "not in the page: $command $option"; false; }
		done < <("$ctl" $command --help | grep -E '^   -' | sed -E 's/^   //; s/  +.*//' | tr ', ' '\n\n' | grep '^-')
	done < <(commands)
}

@test "completion knows a group's options and the agent's calls" {
	[ "$(in_bash kata-ctl agent --connect unix:///x ca)" = "call " ]
	[ "$(in_bash kata-ctl agent --connect unix:///x call Get)" = "GetDiagnosticData GetGuestDetails GetIPTables GetMetrics GetOOMEvent GetVolumeStats " ]
	[ "$(in_bash kata-ctl agent exec --sand)" = "--sandbox " ]
	[ "$(in_bash kata-ctl -l w)" = "warn warning " ]
	[ "$("$ctl" agent --conn --generate-bash-completion)" = --connect ]
	for shell in bash zsh; do
		command -v $shell >/dev/null || continue
		$shell -n "$BUILD/completions/kata-ctl.$shell"
	done
}
