#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The network part of `kata-runtime check`, as an ordinary user, against a false GitHub.

releases=https://api.github.com/repos/kata-containers/kata-containers/releases
download=https://github.com/kata-containers/kata-containers/releases/download
newer="Newer minor release available: 4.2.1 (url: $download/4.2.1/kata-static-4.2.1-amd64.tar.zst, date: 2026-04-04T00:00:00Z)"

setup() {
	unset HTTPS_PROXY https_proxy NO_PROXY no_proxy SSL_CERT_DIR KATA_CHECK_NO_NETWORK KATA_RELEASE_URL
	with=$BATS_TEST_DIRNAME/../tools/with-fake-github
	"$with" no-server true || skip "namespaces are not allowed here"
}

# against SCENARIO ARGUMENT...: status, and $stdout and $stderr apart
against() {
	local scenario=$1
	shift
	status=0
	stdout=$("$with" "$scenario" "$BUILD/bin/kata-runtime" check "$@" 2>"$BATS_TEST_TMPDIR/stderr") || status=$?
	stderr=$(<"$BATS_TEST_TMPDIR/stderr")
}

@test "a newer release is named" {
	against normal --check-version-only
	[ "$status" = 0 ]
	[ "$stdout" = "$newer" ]
	[ -z "$stderr" ]
}

@test "pre-releases count when asked for" {
	against normal --check-version-only --include-all-releases
	[ "$status" = 0 ]
	[[ $stdout == "Newer minor pre-release release available: 4.3.0-rc0 (url: $download/4.3.0-rc0/"* ]]
	against prerelease-only --check-version-only
	[ "$stdout" = "No newer release available" ]
}

@test "the list of releases is one line each, lowest first" {
	against normal --only-list-releases
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	[ "$(cut -d';' -f1 <<<"$stdout" | tr '\n' ' ')" = "3.9.0 4.0.0 4.1.0 4.2.0 4.2.1 " ]
	[ "$(head -n 1 <<<"$stdout")" = "3.9.0;2026-04-01T00:00:00Z;$download/3.9.0/kata-static-3.9.0-amd64.tar.zst" ]
	against empty --only-list-releases
	[ "$status" = 0 ]
	[ -z "$stdout" ]
}

@test "no releases at all" {
	against empty --check-version-only
	[ "$status" = 0 ]
	[ "$stdout" = "No releases available" ]
}

@test "a rate limit is a warning" {
	for scenario in limit limit-429; do
		against $scenario --check-version-only
		[ "$status" = 0 ]
		[ "$stdout" = "No releases available" ]
		[[ $stderr == *'level=warning msg="API rate limit exceeded. Try again later. Read https://docs.github.com/'* ]]
	done
}

@test "what goes wrong is said once, with its reason and the next step" {
	local scenario reason
	while IFS='|' read -r scenario reason; do
		against "$scenario" --check-version-only
		[ "$status" = 1 ]
		[ -z "$stdout" ]
		[[ $(tail -n 1 <<<"$stderr") == "$reason"* ]] || { echo "$scenario: $stderr"; return 1; }
		[[ $stderr == *--no-network-checks* ]]
	done <<-END
		forbidden|Get "$releases": HTTP status 403 Forbidden: Repository access \\x1b[31mblocked
		missing|Get "$releases": HTTP status 404 Not Found: Not Found
		boom|Get "$releases": HTTP status 500 Internal Server Error
		html|failed to unpack release details: invalid character '<' looking for beginning of value
		object|failed to unpack release details: an object instead of an array of releases
		truncated|failed to read release details: Get "$releases": unexpected EOF
		huge|failed to read release details: Get "$releases": the answer larger than the limit
		no-server|Get "$releases": dial tcp 127.0.0.1:443: connect: connection refused
		no-name|Get "$releases": dial tcp: lookup api.github.com: no such host
	END
}

@test "a proxy that is not there" {
	HTTPS_PROXY=http://127.0.0.1:1 against normal --check-version-only
	[ "$status" = 1 ]
	[[ $stderr == *"Get \"$releases\": proxyconnect tcp: dial tcp 127.0.0.1:1: connect: connection refused" ]]
}

@test "a silent server costs five seconds" {
	local start=$SECONDS
	against hang --check-version-only
	[ "$status" = 1 ]
	[ $((SECONDS - start)) -le 9 ]
	[[ $stderr == *"Get \"$releases\": context deadline exceeded (Client.Timeout exceeded while awaiting headers): no answer within 5 s" ]]
}

@test "an address that is not Kata's is refused" {
	KATA_RELEASE_URL=https://example.org/ against normal --check-version-only
	[ "$status" = 1 ]
	[[ $stderr == *'Release URL "https://example.org/" is not valid' ]]
	KATA_RELEASE_URL=$releases against normal --check-version-only
	[ "$status" = 0 ]
	[ "$stdout" = "$newer" ]
}

@test "the network can be switched off" {
	against normal --check-version-only --no-network-checks
	[ "$status" = 0 ]
	[ -z "$stdout" ]
	KATA_CHECK_NO_NETWORK=0 against normal --only-list-releases
	[ "$status" = 0 ]
	[ -z "$stdout" ]
	KATA_CHECK_NO_NETWORK='' against normal --check-version-only
	[ "$stdout" = "$newer" ]
}

@test "a network failure does not change what the host is" {
	local without verdict
	against normal --no-network-checks
	without=$status verdict=$stdout
	against no-server
	[ "$status" = "$without" ]
	[ "$stdout" = "$verdict" ]
	[[ $stderr == *"connection refused"* ]]
	against normal
	[ "$status" = "$without" ]
	[[ $stdout == *"$newer" ]]
}
