#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# `kata-log-parser`: its command line, its messages and exit codes, and its six formats (spec/log-parser.md 2, 3, 8).

bats_require_minimum_version 1.5.0

setup() {
	parser=$BUILD/bin/kata-log-parser
	top=$BATS_TEST_DIRNAME/../..
	data=$top/tests/data/log-parser
	files=$(cd "$BATS_TEST_TMPDIR" && pwd -P)
	export TZ=UTC
	good='time="2024-05-01T08:00:00.5Z" level=info msg=hello name=n pid=1 source=s'
	echo "$good" >"$files/good"
}

fails_with() { # fails_with TEXT ARGUMENT...
	local text=$1
	shift
	run -1 --separate-stderr "$parser" "$@"
	[ "$stderr" = "ERROR: kata-log-parser: $text" ] || { echo "$stderr" >&2; false; }
}

# ---- formats --------------------------------------------------------------------------------------

@test "each format is what scripts know, to the byte" {
	local format
	for format in text json csv xml toml yaml; do
		"$parser" --output-format "$format" - <"$data/sample.log" |
			sed 's/^# Commit: .*/# Commit:         COMMIT/' >"$files/out"
		diff -u "$data/sample.$format" "$files/out"
	done
}

@test "documents of a megabyte of log are those of the existing tool" {
	local generator=$top/../shared/tools/gen_kata_logs.py format sum
	[ -e "$generator" ] || skip "the generator of logs is not here"
	python3 "$generator" --size 1M -o "$files/one"
	while read -r format sum; do
		"$parser" --output-format "$format" - <"$files/one" | sed 's/^# Commit: .*/# Commit:         0123456789abcdef/' |
			sha256sum >"$files/sum"
		[ "$(cut -d ' ' -f 1 "$files/sum")" = "$sum" ] || { echo "$format differs" >&2; false; }
	done <<-EOT
		json d8a208c25140d21c222c7691b1c6899e4f745ced3aa0c55d76b29f115cae3921
		csv f2565b458ad50c5bf230f800ef3fa8fd7c3622b549a11783c4247ae5d185b8af
		text 0caa87596e15679525fd2eedca9546dd77e419fbaed118e89e390eb909d1f4be
		toml 0dc7d96f2b84cd7dfe109cdfa3c3660898bba9895e8e0f7819cf6c11bb981fa9
		yaml dcfe962dcb70b5f7da581776c21ba198216eb955e06b16ae7a20c9455408b62c
	EOT
	python3 "$generator" --size 1M --agent-v1 0.5 --disorder 0.3 --tz +02:00 --seed 7 -o "$files/two"
	[ "$("$parser" --output-format json - <"$files/two" | sha256sum | cut -d ' ' -f 1)" = \
		9f33fe7a9e929acfcf45e7b91c4dc37f8586889b856a37f47fa8c5b0c3716fb8 ]
	[ "$("$parser" --output-format csv - <"$files/two" | sha256sum | cut -d ' ' -f 1)" = \
		1a021a549c05003d94ac09a9bc8f78c33cb0b1d7faec0253d7aa7465553c03bd ]
}

@test "documents without records" {
	: >"$files/empty"
	run -0 "$parser" --output-format json "$files/empty"
	[ "$output" = $'{\n    "FormatVersion": "0.0.2",\n    "Entries": null\n}' ]
	run -0 "$parser" --output-format xml "$files/empty"
	[ "$output" = $'<LogEntries>\n    <FormatVersion>0.0.2</FormatVersion>\n</LogEntries>' ]
	run -0 "$parser" --output-format csv "$files/empty"
	[ "${#lines[@]}" = 1 ]
	run -0 "$parser" --output-format yaml "$files/empty"
	[[ $output == *$'formatversion: 0.0.2\nentries: []'* ]]
	run -0 "$parser" --output-format toml "$files/empty"
	[ "${lines[-1]}" = 'FormatVersion = "0.0.2"' ]
}

@test "zone names of text and CSV are those of the local zone" {
	printf 'time="2024-05-01T08:00:00.5%s" level=info msg=m name=n pid=1 source=s\n' Z +02:00 +00:00 -04:00 >"$files/log"
	times() { "$parser" --output-format csv "$files/log" | cut -d , -f 2 | tail -n +2; }
	[ "$(TZ=Europe/Berlin times)" = "2024-05-01 08:00:00.5 +0200 CEST
2024-05-01 08:00:00.5 +0000 UTC
2024-05-01 08:00:00.5 +0000 +0000
2024-05-01 08:00:00.5 -0400 -0400" ]
	[ "$(TZ=America/New_York times | tail -n 1)" = "2024-05-01 08:00:00.5 -0400 EDT" ]
	[ "$(TZ=UTC times | sed -n 3p)" = "2024-05-01 08:00:00.5 +0000 UTC" ]
}

# ---- the command line -----------------------------------------------------------------------------

@test "list of formats, version, help" {
	run -0 --separate-stderr "$parser" --list-output-formats
	[ "$output" = $'csv\njson\ntext\ntoml\nxml\nyaml' ]
	[ -z "$stderr" ]
	run -0 "$parser" --version
	[[ $output =~ ^kata-log-parser\ 0\.0\.1\ \(commit\ [0-9a-f]*\)$ ]]
	run -0 "$parser" --help --version
	[ "${lines[0]}" = NAME: ]
	[[ $output == *"--output-file value"* ]]
	for word in help h '-- help' 'h help'; do
		# shellcheck disable=SC2086 # words
		run -0 "$parser" $word
		[ "${lines[0]}" = NAME: ]
	done
	run -3 --separate-stderr "$parser" help me
	[ "$stderr" = "No help topic for 'me'" ]
	cd "$files" && cp good help
	run -0 "$parser" --output-format csv ./help
	[ "${#lines[@]}" = 2 ]
}

@test "options as Go reads them" {
	local form
	for form in '-output-format csv' '--output-format=csv' '-output-format=csv' '--debug=false --output-format csv'; do
		# shellcheck disable=SC2086 # words
		run -0 "$parser" $form "$files/good"
		[ "${#lines[@]}" = 2 ]
	done
	cd "$files"
	fails_with "file $files/--output-format does not exist" good --output-format json
	fails_with "no display handler for JSON" --output-format JSON good
	run -1 "$parser" --output-format= good
	run -1 --separate-stderr "$parser" --nope good
	[ "$stderr" = "ERROR: kata-log-parser: flag provided but not defined: -nope" ]
	[ "${lines[0]}" = "Incorrect Usage. flag provided but not defined: -nope" ]
	[ "${lines[1]}" = NAME: ]
	run -1 --separate-stderr "$parser" --debug=maybe good
	[ "$stderr" = 'ERROR: kata-log-parser: invalid boolean value "maybe" for -debug: parse error' ]
	run -1 --separate-stderr "$parser" --output-format
	[ "$stderr" = 'ERROR: kata-log-parser: flag needs an argument: -output-format' ]
	run -1 --separate-stderr "$parser" ---quiet
	[ "$stderr" = 'ERROR: kata-log-parser: bad flag syntax: ---quiet' ]
	cp good -- -dash
	run -0 "$parser" --output-format csv -- -dash
	[ "${#lines[@]}" = 2 ]
}

@test "what is wrong with the files is said before anything is read" {
	cd "$files"
	: >empty
	fails_with "need files"
	fails_with "file $files/missing does not exist" good missing
	fails_with "path must be specified" ""
	fails_with 'file "empty" empty' --error-if-file-empty good empty
	fails_with "no log records to process" --error-if-no-records empty
	fails_with "must specify '--output-file' with '--debug' to avoid invalidating output" --debug good
	run -0 --separate-stderr "$parser" --error-if-no-records empty good
	[ -z "$stderr" ]
	ln -s loop loop
	run -1 "$parser" loop
	fails_with "open /nope/x: no such file or directory" --output-file /nope/x good
}

@test "the file name of a record is its resolved path" {
	ln -s "$files/good" "$files/link"
	cd "$files"
	run -0 "$parser" --output-format csv ./link
	[[ ${lines[1]} == *",$files/good,info,"* ]]
	run -0 "$parser" --output-format csv - <good
	[[ ${lines[1]} == *",-,info,"* ]]
	run -0 "$parser" --output-format csv /dev/stdin <good
	[[ ${lines[1]} == *",$files/good,info,"* ]]
	run -0 "$parser" --output-format csv <(cat good)
	[ "${#lines[@]}" = 2 ]
}

@test "the same file twice gives its records twice" {
	run -0 "$parser" --output-format csv "$files/good" "$files/good"
	[ "${#lines[@]}" = 3 ]
}

@test "check-only prints nothing, makes no file, and says by its status what it found" {
	run -0 --separate-stderr "$parser" --check-only --output-file "$files/none" "$files/good"
	[ -z "$output$stderr" ]
	[ ! -e "$files/none" ]
	echo 'a=b=c' >>"$files/good"
	run -1 --separate-stderr "$parser" --check-only "$files/good"
	[ -z "$output" ]
	[[ $stderr == *"$files/good:2: skipped: logfmt syntax error at pos 4 on line 2: unexpected '='"* ]]
}

@test "debug messages go to standard error" {
	: >"$files/empty"
	run -0 --separate-stderr "$parser" --debug --output-file "$files/out" "$files/good" "$files/empty"
	[ -z "$output" ]
	[[ $stderr == *'level=debug msg="ignoring empty file '* ]]
	[[ $stderr == *'msg="parsed 1 log record in 1 file"'* ]]
	[[ $stderr == *"msg=\"1 records from file \\\"$files/good\\\"\""* ]]
	[[ $stderr == *'name=kata-log-parser'*'source=log-parser version=0.0.1'* ]]
}

@test "an output file is made for its owner only, and replaces what was there" {
	run -0 "$parser" --output-format csv --output-file "$files/out" "$files/good"
	[ "$(stat -c %a "$files/out")" = 600 ]
	head -c 5000 /dev/zero >"$files/old"
	"$parser" --output-format csv --output-file "$files/old" "$files/good"
	cmp "$files/out" "$files/old"
	cd "$files" && "$parser" --output-file - good
	[ -s ./- ]
}

@test "an input file is never the output file" {
	cp "$files/good" "$files/kept"
	fails_with "the output file $files/good is one of the files to read" --output-file "$files/good" "$files/good"
	cmp "$files/good" "$files/kept"
}

# ---- completion -----------------------------------------------------------------------------------

@test "completion scripts know options and files" {
	run -0 "$parser" --completion bash
	[[ $output == *"complete -F _kata_log_parser kata-log-parser"* ]]
	(
		cd "$files"
		# shellcheck disable=SC1091 # generated
		source "$BUILD/completions/kata-log-parser.bash"
		offered() {
			COMP_WORDS=(kata-log-parser "$@") COMP_CWORD=$#
			_kata_log_parser kata-log-parser
			printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
		}
		[ "$(offered --output-fo)" = "--output-format " ]
		[ "$(offered --output-format '')" = "csv json text toml xml yaml " ]
		[ "$(offered --quiet go)" = "good " ]
	)
	run -0 "$parser" --output-fo --generate-bash-completion
	[ "$output" = --output-format ]
	run -1 "$parser" --completion tcsh
}

@test "the manual page has every option, and no other" {
	local page
	command -v mandoc >/dev/null || skip "mandoc is not installed"
	page=$(mandoc -T ascii "$BUILD/man/kata-log-parser.1" | sed 's/.\x08//g')
	"$parser" --help | sed -n '/^GLOBAL OPTIONS/,/^NOTES/p' | grep -oE '(^|[ ,])--?[a-z][a-z-]*' | tr -d ' ,' | sort -u >"$files/options"
	[ "$(wc -l <"$files/options")" -gt 30 ]
	while read -r option; do
		grep -qE -- "(^|[^a-z-])$option([^a-z-]|$)" <<<"$page" || { echo "not in the page: $option"; false; }
	done <"$files/options"
	while read -r option; do
		grep -qxF -- "$option" "$files/options" || [ "$option" = --log-format ] || { echo "not in the program: $option"; false; }
	done < <(grep -oE -- '--[a-z][a-z-]+' <<<"$page" | sort -u)
}
