#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# kata-ctl agent against the real agent, as an ordinary process on a unix socket.

bats_require_minimum_version 1.5.0

setup() {
	export CTL=$BUILD/bin/kata-ctl
	with=$BATS_TEST_DIRNAME/../tools/with-agent
	"$with" "$BATS_TEST_TMPDIR" true || skip "no agent can run here"
}

# A script beside the agent; `agent` in it is kata-ctl agent with its address.
with_agent() {
	run --separate-stderr "$with" "$BATS_TEST_TMPDIR" bash -c 'agent() { "$CTL" agent --connect "unix://$AGENT_SOCKET" "$@"; }
'"$1"
}

@test "a call is answered in JSON" {
	with_agent 'agent call Check; agent call GetGuestDetails mem_block_size=true'
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	[ "$(jq -s -c 'map(.status // .agent_details.version)' <<<"$output")" = "[\"SERVING\",\"$(cat "$BATS_TEST_DIRNAME/../../VERSION")\"]" ]
}

@test "several commands over one connection, up to the first failure" {
	with_agent 'agent connect -c Check "StatsContainer cid=nobody" -c Version'
	[ "$status" = 1 ]
	[ "$(jq -r .status <<<"$output")" = SERVING ]
	[ "$stderr" = 'ERROR: StatsContainer: InvalidArgument: "invalid container id"' ]
	with_agent 'agent connect --ignore-errors true -c "StatsContainer cid=nobody" Version -l error'
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	[ "$(jq -r .grpc_version <<<"$output")" = 0.0.1 ]
}

@test "who writes commands into a pipe gets each answer before the next" {
	with_agent 'coproc agent connect
		echo Check >&"${COPROC[1]}"
		while read -r -t 20 line <&"${COPROC[0]}" && [ "$line" != "}" ]; do echo "$line"; done
		echo "$line"'
	[ "$(jq -r .status <<<"$output")" = SERVING ]
}

@test "commands from a pipe" {
	with_agent 'printf "echo hello\n# nothing\n\nrepeat 2\nCheck\nquit\nCheck\n" | agent connect'
	[ "$status" = 0 ]
	[ "${lines[0]}" = hello ]
	[ "$(grep -c SERVING <<<"$output")" = 2 ]
}
