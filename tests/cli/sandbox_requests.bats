#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The commands that talk to a running sandbox, against false shims of both runtimes.

bats_require_minimum_version 1.5.0

setup() {
	runtime=$BUILD/bin/kata-runtime
	with=$BATS_TEST_DIRNAME/../tools/with-fake-shim
	go=/run/vc/sbs/0123456789ab
	rust=/run/kata/0123456789ab
	export REQUESTS=$BATS_TEST_TMPDIR/requests
	file=$BATS_TEST_TMPDIR/file
	"$with" "$go" shim true || skip "namespaces are not allowed here"
}

# The method and path of each request so far, one a line.
requests() { jq -r '.method + " " + .path' "$REQUESTS"; }

@test "metrics of a sandbox, of either runtime, by the beginning of its id" {
	local directory id
	for directory in "$go" $rust; do
		for id in 0123456789ab 0123; do
			run --separate-stderr "$with" "$directory" shim "$runtime" metrics $id
			[ "$status" = 0 ]
			[ "${lines[2]}" = "kata_shim_threads 12" ]
			[ -z "$stderr" ]
		done
	done
	[ "$(requests | sort -u)" = "GET /metrics" ]
}

@test "packet filter rules are shown" {
	run --separate-stderr "$with" "$go" shim "$runtime" iptables get --sandbox-id 0123456789ab
	[ "$status" = 0 ]
	[ "$output" = $'*filter\n:INPUT ACCEPT [0:0]\nCOMMIT' ]
	run --separate-stderr "$with" "$go" shim "$runtime" iptables get --v6 --sandbox-id 0123456789ab
	[ "${lines[1]}" = ":INPUT6 ACCEPT [0:0]" ]
	[ "$(requests)" = $'GET /iptables\nGET /ip6tables' ]
}

@test "packet filter rules and policy are set, byte for byte" {
	printf '*filter\n@x\nCOMMIT' >"$file"
	run --separate-stderr "$with" "$go" shim "$runtime" iptables set --sandbox-id 0123456789ab "$file"
	[ "$status" = 0 ]
	[ -z "$output$stderr" ]
	run --separate-stderr "$with" "$go" shim "$runtime" iptables set --sandbox-id 0123456789ab --v6 "$file"
	[ "$status" = 0 ]
	run --separate-stderr "$with" "$go" shim "$runtime" policy set "$file" --sandbox-id 0123456789ab
	[ "$status" = 0 ]
	[ "$(requests)" = $'PUT /iptables\nPUT /ip6tables\nPUT /policy' ]
	[ "$(jq -r '.body' "$REQUESTS" | sort -u)" = "$(sort -u "$file")" ]
	[ "$(jq -r '.headers["Content-Type"]' "$REQUESTS" | sort -u)" = application/octet-stream ]
}

@test "rules and policy come from a pipe as well" {
	# shellcheck disable=SC2016 # expanded by the inner shell
	run --separate-stderr "$with" "$go" shim bash -c 'echo one | "$0" policy set --sandbox-id 0123456789ab - &&
		"$0" iptables set --sandbox-id 0123456789ab <(echo two) && echo three | "$0" policy set /dev/stdin --sandbox-id 0123456789ab' "$runtime"
	[ "$status" = 0 ]
	[ -z "$output$stderr" ]
	[ "$(jq -r .body "$REQUESTS" | tr -d '\n')" = onetwothree ]
}

# A volume on /dev/sda1 that the sandbox uses.
volume='{"volume-type":"block","device":"/dev/sda1","fstype":"ext4"}'
add_volume='"$0" direct-volume add --volume-path /v --mount-info "$1" && : >/run/kata-containers/shared/direct-volumes/L3Y=/0123456789ab'

@test "use of a direct volume, asked in the way that the shim knows" {
	local stats="$add_volume"' && "$0" direct-volume stats --volume-path /v'
	run --separate-stderr "$with" "$go" shim bash -c "$stats" "$runtime" "$volume"
	[ "$status" = 0 ]
	[ "$(jq .usage[0].used <<<"$output")" = 40 ]
	run --separate-stderr "$with" "$rust" rust-shim bash -c "$stats" "$runtime" "$volume"
	[ "$status" = 0 ]
	[ "$(jq .usage[0].used <<<"$output")" = 40 ]
	[ "$(requests)" = "GET /direct-volume/stats?path=%2Fdev%2Fsda1
GET /direct-volume/stats?path=%2Fdev%2Fsda1
POST /direct-volume/stats?path=%2Fdev%2Fsda1" ]
}

@test "a direct volume gets another size" {
	run --separate-stderr "$with" "$go" shim bash -c "$add_volume"' && "$0" direct-volume resize --volume-path /v --size 1073741824' \
		"$runtime" "$volume"
	[ "$status" = 0 ]
	[ -z "$output$stderr" ]
	[ "$(requests)" = "POST /direct-volume/resize" ]
	[ "$(jq -r .body "$REQUESTS" | jq -c '[.VolumePath, .Size]')" = '["/dev/sda1",1073741824]' ]
}

@test "what the shim refuses is an error, and no output" {
	echo x >"$file"
	run --separate-stderr "$with" "$go" boom "$runtime" metrics 0123456789ab
	[ "$status" = 1 ]
	[ -z "$output" ]
	[[ $stderr == *"error sending get: url: /metrics, status code: 500, response data: boom" ]]
	run --separate-stderr "$with" "$go" boom "$runtime" iptables set --sandbox-id 0123456789ab "$file"
	[ "$status" = 1 ]
	[[ $stderr == *"Error observed when making iptables-set request($file): error sending put: url: /iptables, status code: 500, response data: boom" ]]
}

@test "a shim that does not answer costs three seconds" {
	local start=$SECONDS
	run --separate-stderr "$with" "$go" hang "$runtime" metrics 0123456789ab
	[ "$status" = 1 ]
	[ $((SECONDS - start)) -le 7 ]
	[[ $stderr == *'Get "http://shim/metrics": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'* ]]
}

@test "a sandbox that does not run" {
	run --separate-stderr "$with" "$go" shim "$runtime" metrics no-such
	[ "$status" = 1 ]
	[ -z "$output" ]
	[[ $stderr == *"it fails to stat both /run/vc/sbs/no-such/shim-monitor.sock and /run/kata/no-such/shim-monitor.sock with error stat /run/kata/no-such/shim-monitor.sock: no such file or directory"* ]]
	run --separate-stderr "$with" "$go" shim "$runtime" iptables get --sandbox-id ''
	[ "$status" = 1 ]
	[[ $stderr == *"ID cannot be blank" ]]
}
