#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The guest's agent as a program: its words and its file of settings. What it does is tested elsewhere.

bats_require_minimum_version 1.5.0

setup() {
	agent=$BUILD/guest/kata-agent
	cd "$BATS_TEST_TMPDIR" || return
}

@test "the version is one line, whose first words scripts look for" {
	run -0 "$agent" --version
	[ "${#lines[@]}" = 1 ]
	[[ $output =~ ^"kata-agent version "[0-9.]+" (api version: 0.0.1, commit version: "[0-9.]+-[0-9a-f]*", type: c, extra-features: [\"seccomp\"])"$ ]]
	version=$output
	run -0 "$agent" -v
	[ "$output" = "$version" ]
}

@test "help names every option" {
	run -0 "$agent" --help
	for word in --config --version --help agent.server_addr KATA_AGENT_LOG_LEVEL; do
		[[ $output == *$word* ]]
	done
	help=$output
	run -0 "$agent" -h
	[ "$output" = "$help" ]
}

@test "what makes no sense is refused" {
	for words in --verbose "-c" "--version now" "-c a b"; do
		# shellcheck disable=SC2086 # words on purpose
		run -2 "$agent" $words
		[[ $output == "kata-agent: cannot make sense of "* ]]
	done
}

@test "a file that is missing or no TOML is an error" {
	run -1 "$agent" -c nowhere
	[ "$output" = "kata-agent: open nowhere: no such file or directory" ]
	echo 'log_level =' >bad.toml
	run -1 "$agent" --config=bad.toml
	[[ $output == "kata-agent: bad.toml:1:"* ]]
}

@test "a file says what to do, and the log's first line says it back" {
	cat >agent.toml <<-EOF
		server_addr = "unix://$PWD/socket"
		log_level = "debug"
		hotplug_timeout = { secs = 9 }
		tracing = true
	EOF
	"$agent" --config agent.toml >log 2>&1 3>&- &
	pid=$!
	for _ in {1..200}; do
		grep -q listening log && break
		sleep 0.05
	done
	kill -9 "$pid"
	[ -S socket ]
	read -r first <log
	[[ $first == '{"msg":"announce","level":"INFO","ts":"'* ]]
	[[ $first == *"log_level: debug, "*"server_addr: unix://$PWD/socket, "*"hotplug_timeout: 9, "* ]]
	grep -q '"option":"tracing"' log
}
