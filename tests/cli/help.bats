#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Help, version, manual page and shell completion: what needs nothing of the host.

bats_require_minimum_version 1.5.0
load completion.bash

setup() {
	runtime=$BUILD/bin/kata-runtime
	top=$BATS_TEST_DIRNAME/../..
}

@test "every help text is as recorded, to the byte" {
	# To record anew: tests/tools/help-transcript build/bin/kata-runtime >tests/data/cli/help.txt
	"$top/tests/tools/help-transcript" "$runtime" >"$BATS_TEST_TMPDIR/help.txt"
	diff -u "$top/tests/data/cli/help.txt" "$BATS_TEST_TMPDIR/help.txt"
}

@test "help works without configuration, home, environment or directory to write to" {
	local form
	for form in --help -h -help help h '' 'env -h' 'env --json --help' 'help check' 'factory' 'factory init -h' \
		'factory help init' 'help kata-env' '--config /nope --help' '--log /nope/x env --help' 'config h'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr env -i "$runtime" $form
		[ "$status" = 0 ] || fail_with "$form"
		[ "${lines[0]}" = NAME: ]
		[ -z "$stderr" ]
	done
	cd /proc && run -0 --separate-stderr env -i "$runtime" help exec
}

fail_with() { echo "$1: status $status, $output, $stderr" >&2; return 1; }

@test "version is three lines, by every name, and comes first" {
	local form
	for form in version --version -v -version '--version env' '--config /nope version' '--log /nope/x version'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr env -i "$runtime" $form
		[ "$status" = 0 ] || fail_with "$form"
		[ "${#lines[@]}" = 3 ]
		[ "${lines[0]}" = "kata-runtime  : $(cat "$top/VERSION")" ]
		[[ ${lines[1]} =~ ^\ \ \ commit\ \ \ :\ ([0-9a-f]{40}|<<unknown>>)$ ]]
		[ "${lines[2]}" = "   OCI specs: 1.2.1" ]
		[ -z "$stderr" ]
	done
	run -0 "$runtime" version -o json
	[ "$(jq -r .version <<<"$output")" = "$(cat "$top/VERSION")" ]
	[[ $(jq -r .build <<<"$output") == "$(cat "$top/VERSION")"+* ]]
}

@test "the two default paths, before any command" {
	run -0 --separate-stderr "$runtime" --show-default-config-paths
	[ "${#lines[@]}" = 2 ]
	[ "${lines[0]}" = /etc/kata-containers/configuration.toml ]
	[[ ${lines[1]} == */defaults/kata-containers/configuration.toml ]]
	local paths=$output
	run -0 --separate-stderr "$runtime" --kata-show-default-config-paths --config /nope env --bogus
	[ "$output" = "$paths" ]
	run -0 "$runtime" --show-default-config-paths --version
	[[ ${lines[0]} == "kata-runtime  : "* ]]
}

@test "usage follows the name the program was called by" {
	ln -s "$runtime" "$BATS_TEST_TMPDIR/renamed"
	run -0 "$BATS_TEST_TMPDIR/renamed" env -h
	[ "${lines[1]}" = "   renamed env - display settings. Default to TOML" ]
	run -0 "$BATS_TEST_TMPDIR/renamed" factory -h
	[ "${lines[1]}" = "   kata-runtime factory - manage vm factory" ]
	run -0 "$BATS_TEST_TMPDIR/renamed" --help
	[[ $output == *"   renamed [global options] command"* ]]
}

@test "the manual page has every command and every option" {
	local page option command
	command -v mandoc >/dev/null || skip "mandoc is not installed"
	page=$(mandoc -T ascii "$BUILD/man/kata-runtime.8" | sed 's/.\x08//g')
	"$top/tests/tools/help-transcript" "$runtime" | grep -E '^   -' | sed -E 's/^   //; s/  +.*//' |
		tr -d , | tr ' ' '\n' | grep '^-' | sort -u >"$BATS_TEST_TMPDIR/options"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/options")" -gt 30 ]
	while read -r option; do
		grep -qE -- "(^|[^a-z-])$option([^a-z-]|$)" <<<"$page" || { echo "not in the page: $option"; false; }
	done <"$BATS_TEST_TMPDIR/options"
	while read -r command; do
		grep -qE -- "(^|[^a-z-])$command([^a-z-]|$)" <<<"$page" || { echo "not in the page: $command"; false; }
	done < <("$top/tests/tools/help-transcript" "$runtime" | sed -n 's/^\$ kata-runtime \(.*\) --help/\1/p')
}

# ---- completion ---------------------------------------------------------------------------------------------

@test "the hidden option completes as installed scripts expect it" {
	run -0 --separate-stderr "$runtime" --generate-bash-completion
	[ "$output" = "version
check
kata-check
env
kata-env
config
exec
metrics
factory
direct-volume
iptables
policy
help
h" ]
	run -0 "$runtime" factory --generate-bash-completion
	[ "$output" = $'init\ndestroy\nstatus\nhelp\nh' ]
	run -0 "$runtime" env --generate-bash-completion
	[ -z "$output" ]
	run -0 "$runtime" check --ver --generate-bash-completion
	[ "$output" = $'--version\n--verbose' ]
	run -0 "$runtime" --conf --generate-bash-completion
	[ "$output" = --config ]
	run -0 env _CLI_ZSH_AUTOCOMPLETE_HACK=1 "$runtime" policy --generate-bash-completion
	[ "${lines[0]}" = "set:set policy in a specifc Kata Containers guest based on file" ]
}

@test "completion in bash" {
	[ "$(in_bash kata-runtime fac)" = "factory " ]
	[ "$(in_bash kata-runtime factory '')" = "destroy help init status " ]
	[ "$(in_bash kata-runtime --log-format '')" = "json text " ]
	[ "$(in_bash kata-runtime --log-format = j)" = "json " ]
	[ "$(in_bash kata-runtime --log-format = json iptables get --sandbox-id x --v)" = "--v6 " ]
	[ "$(in_bash kata-runtime kata-env --j)" = "--json " ]
	[ "$(in_bash kata-runtime config show --output t)" = "toml " ]
	[ "$(in_bash kata-runtime env --config)" = " " ]
	cd "$BATS_TEST_TMPDIR" && touch some-file
	[ "$(in_bash kata-runtime config show some)" = "some-file " ]
}

# The same in zsh; its own functions that take the offers are stood in for.
in_zsh() {
	PATH=$BUILD/bin:$PATH zsh -fc '
		_describe() { local list=${@[-1]}; print -rl -- ${${(P)list}%%:*} }
		compadd() { shift; print -rl -- $@ }
		_files() { print files }
		compset() { : }
		complete() { source "$1" }
		script=$1; shift
		words=("$@"); CURRENT=$#
		complete "$script"' zsh "$BUILD/completions/kata-runtime.zsh" "$@" | sort | tr '\n' ' '
}

@test "completion in zsh" {
	command -v zsh >/dev/null || skip "zsh is not installed"
	[ "$(in_zsh kata-runtime factory '')" = "destroy help init status " ]
	[ "$(in_zsh kata-runtime --log-format '')" = "json text " ]
	[ "$(in_zsh kata-runtime --log-format=)" = "json text " ]
	[ "$(in_zsh kata-runtime --log x kata-env -)" = "--help --json --log-level -h " ]
	[ "$(in_zsh kata-runtime --config '')" = "files " ]
}

in_fish() {
	PATH=$BUILD/bin:$PATH HOME=$BATS_TEST_TMPDIR fish --no-config -c \
		'source $argv[1]; complete -C $argv[2]' "$BUILD/completions/kata-runtime.fish" "$1" | cut -f 1 | sort | tr '\n' ' '
}

@test "completion in fish" {
	command -v fish >/dev/null || skip "fish is not installed"
	[ "$(in_fish 'kata-runtime factory ')" = "destroy help init status " ]
	[ "$(in_fish 'kata-runtime --log-format ')" = "json text " ]
	[ "$(in_fish 'kata-runtime --log x kata-env --j')" = "--json " ]
}

@test "an unknown shell has no script" {
	run -1 --separate-stderr "$runtime" completion tcsh
	[ -z "$output" ]
	[[ $stderr == *'"tcsh": choose bash, zsh or fish' ]]
}

@test "a sandbox id is completed from those that run" {
	local with=$top/tests/tools/with-fake-shim
	"$with" /run/vc/sbs/abc123 shim true || skip "namespaces are not allowed here"
	run -0 "$with" /run/vc/sbs/abc123 shim "$runtime" sandbox-ids
	[ "$output" = abc123 ]
	run -0 "$with" /run/kata/xyz789 shim "$runtime" sandbox-ids
	[ "$output" = xyz789 ]
}
