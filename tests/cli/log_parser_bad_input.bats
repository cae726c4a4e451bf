#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Input that is not what it should be: told with file and line, skipped, counted; fatal with --strict. And what the
# existing tool does wrong and ours must not (spec/log-parser.md 13).

bats_require_minimum_version 1.5.0

setup() {
	parser=$BUILD/bin/kata-log-parser
	files=$(cd "$BATS_TEST_TMPDIR" && pwd -P)
	export TZ=UTC
	good='time="2024-05-01T08:00:00.5Z" level=info msg=hello name=n pid=1 source=s'
	log=$files/log
}

json() { "$parser" --output-format json "$@"; }

# The line BAD between two good ones: skipped with the reason, fatal when asked for.
skips() { # skips BAD REASON
	printf '%s\n%b\n%s\n' "$good" "$1" "$good" >"$log"
	run -0 --separate-stderr "$parser" --output-format json "$log"
	[ "$(jq '.Entries | length' <<<"$output")" = 2 ] || { echo "$1: $output" >&2; false; }
	[[ $stderr == "kata-log-parser: $log:2: skipped: "*"$2"* ]] || { echo "$1: $stderr" >&2; false; }
	[[ $stderr == *"2 records read, 1 lines or files skipped" ]]
	run -1 --separate-stderr "$parser" --strict --output-file "$files/out" "$log"
	[ -z "$output" ]
	[ ! -e "$files/out" ]
	[[ $stderr == "ERROR: kata-log-parser: "*"$2"* ]] || { echo "$1: $stderr" >&2; false; }
	run -1 "$parser" --check-only "$log"
}

# The line is a record like any other.
takes() { # takes LINE
	printf '%s\n%b\n' "$good" "$1" >"$log"
	run -0 --separate-stderr "$parser" --output-format json "$log"
	[ "$(jq '.Entries | length' <<<"$output")" = 2 ] || { echo "$1: $output $stderr" >&2; false; }
	[ -z "$stderr" ] || { echo "$1: $stderr" >&2; false; }
}

# ---- lines that are no records --------------------------------------------------------------------

@test "broken syntax" {
	skips 'a=b=c' "logfmt syntax error at pos 4 on line 2: unexpected '=' (keyvals: [])"
	skips 'k=v =x' "logfmt syntax error at pos 5 on line 2: unexpected '=' (keyvals: [{key:k value:v}])"
	skips 'a"b' "logfmt syntax error at pos 2 on line 2: unexpected '\"'"
	skips 'a=b"c' "logfmt syntax error at pos 4 on line 2: unexpected '\"'"
	skips 'a="b' 'logfmt syntax error at pos 5 on line 2: unterminated quoted value'
	skips 'a="b\\q"' 'logfmt syntax error at pos 8 on line 2: invalid quoted value'
	skips 'a\xff=b' 'logfmt syntax error at pos 3 on line 2: invalid key'
	skips '' "need key/value pairs for line $log:2"
	skips '   ' "need key/value pairs for line $log:2"
	skips '{"msg":"a' 'JSON syntax error at pos 10 on line 2: unterminated string'
	skips '{"msg":"a"} x' 'JSON syntax error at pos 13 on line 2: text behind the object'
}

@test "missing fields and bad values, in the words that scripts match on" {
	skips "${good/pid=1 /}" 'missing pid: {Data:map[] Time:2024-05-01 08:00:00.5 +0000 UTC Filename:'
	skips "${good/pid=1/pid=}" 'missing pid: '
	skips "${good/level=info /}" 'missing log level: '
	skips "${good/source=s/}" 'missing component source: '
	skips "${good/name=n /}" 'missing component name: '
	skips "${good/time=\"2024-05-01T08:00:00.5Z\" /}" 'missing timestamp: '
	skips "${good/2024-05-01T08:00:00.5/0001-01-01T00:00:00.0}" 'missing timestamp: '
	skips "${good/pid=1/pid=-3}" 'invalid pid: '
	skips "${good/pid=1/pid=0x10}" 'strconv.Atoi: parsing "0x10": invalid syntax'
	skips "${good/pid=1/pid=99999999999999999999}" 'value out of range'
	skips "${good/name=n/name=\"two words\"}" 'field "Name" cannot be multi-word: '
	skips "${good/level=info/level=\"a b\"}" 'field "Level" cannot be multi-word: '
	skips "${good/source=s/source=\"a b\"}" 'field "Source" cannot be multi-word: '
	skips "$good x=1 x=2" 'key "x" already exists in map with value "1"'
	run -0 json --ignore-missing-fields <(echo 'time="2024-05-01T08:00:00.5Z"')
	takes "${good/name=n/name=\" n \"}"
}

@test "bad times" {
	local time
	for time in yesterday 2024-05-01t08:00:00.5Z '2024-05-01 08:00:00.5Z' 2024-05-01T08:00:00. 2024-05-01T08:00:00.5 2024-13-01T08:00:00.5Z \
		2023-02-29T08:00:00.5Z 2024-05-01T24:00:00.5Z 2024-05-01T08:00:60.5Z 2024-05-01T08:00:00.1234567890Z 2024-05-01T8:00:00.5Z \
		2024-05-01T08:00:00.5+24:00 2024-05-01T08:00:00.5+25:00 2024-05-01T08:00:00.5+01:61 2024-05-01T08:00:00.5+0100 99999-05-01T08:00:00.5Z; do
		skips "${good/2024-05-01T08:00:00.5Z/$time}" "failed to parse time for value $time"
	done
}

@test "bytes that are no text: NUL, controls, a binary file" {
	printf '%s\n\0\0\0\n%s\0\n' "$good" "$good" >"$log"
	run -0 --separate-stderr json "$log"
	[ "$(jq '.Entries | length' <<<"$output")" = 2 ]
	[[ $stderr == *"$log:2: skipped: need key/value pairs"* ]]
	head -c 100000 /bin/true >"$files/binary"
	run -1 --separate-stderr "$parser" "$files/binary"
	[[ $stderr == *"lines or files are no log records, and nothing else was there" ]]
	run -0 --separate-stderr "$parser" "$files/binary" "$log"
	[[ $stderr == *"2 records read, "* ]]
}

@test "a line of a hundred megabytes, and half of one" {
	{ echo "$good"; printf '%s long="' "$good"; head -c 100000000 /dev/zero | tr '\0' x; echo '"'; echo "$good"; } >"$log"
	run -0 bash -c "'$parser' --output-format json '$log' | jq -c '[.Entries[] | (.Data.long | length)]'"
	[ "$output" = "[0,0,100000000]" ] || [ "$output" = "[0,100000000,0]" ]
	head -c 50000000 "$log" >"$files/half"
	run -0 --separate-stderr "$parser" --output-format csv "$files/half"
	[ "${#lines[@]}" = 2 ]
	[[ ${#stderr} -lt 10000 && $stderr == *"$files/half:2: skipped: "*"unterminated quoted value"* ]]
}

@test "every bad line is told, up to a thousand; --quiet only counts" {
	{ echo "$good"; for _ in {1..1500}; do echo x=y=z; done; } >"$log"
	run -0 --separate-stderr "$parser" "$log"
	[ "$(grep -c ': skipped: ' <<<"$stderr")" = 1000 ]
	[[ $stderr == *"further lines that are no records are only counted"*"1 records read, 1500 lines or files skipped" ]]
	run -0 --separate-stderr "$parser" --quiet "$log"
	[ -z "$stderr" ]
}

# ---- files ----------------------------------------------------------------------------------------

@test "directories, unreadable files, empty standard input" {
	echo "$good" >"$log"
	run -0 --separate-stderr "$parser" --output-format csv "$files" "$log"
	[ "${#lines[@]}" = 2 ]
	[[ $stderr == *"failed to parse file \"$files\" line 0: read $files: is a directory"* ]]
	run -1 --separate-stderr "$parser" "$files"
	run -1 --separate-stderr "$parser" --strict "$files" "$log"
	[ "$stderr" = "ERROR: kata-log-parser: failed to parse file \"$files\" line 0: read $files: is a directory" ]
	run -1 --separate-stderr "$parser" - </dev/null
	[[ $stderr == *'failed to parse file "-" line 0: file is empty'* ]]
	run -0 --separate-stderr "$parser" - - <"$log"
	[[ $stderr == *'failed to parse file "-" line 0: file is empty'* ]]
}

@test "compressed files that are corrupt or cut off" {
	for _ in {1..8000}; do echo "$good x=$RANDOM$RANDOM"; done | gzip >"$files/whole"
	head -c 50000 "$files/whole" >"$files/half"
	echo "$good" >"$log"
	run -0 --separate-stderr "$parser" --output-format csv "$files/half" "$log"
	[ "${#lines[@]}" -gt 100 ]
	[[ $stderr == *"failed to parse file \"$files/half\" line "*": read $files/half: unpack: "* ]]
	run -1 --separate-stderr "$parser" --strict "$files/half" "$log"
	[ -z "$output" ]
	{ head -c 40000 "$files/whole"; head -c 2000 /dev/zero; } >"$files/corrupt"
	run -0 --separate-stderr "$parser" --output-format csv "$files/corrupt" "$log"
	[[ $stderr == *"failed to parse file \"$files/corrupt\" line "* ]]
}

@test "what was read before a large file's corrupt part is written" {
	local n
	for n in {1..60000}; do printf '%s n=%d x=%d%d%d%d%d%d\n' "$good" "$n" $RANDOM $RANDOM $RANDOM $RANDOM $RANDOM $RANDOM; done | gzip -1 >"$files/whole"
	[ "$(stat -c %s "$files/whole")" -gt 1000000 ]
	head -c 1000000 "$files/whole" >"$files/half"
	for way in auto window full; do
		"$parser" --sort $way --output-format csv "$files/half" 2>"$files/err" >"$files/$way"
		[[ $(<"$files/err") == *"failed to parse file \"$files/half\" line $(($(wc -l <"$files/$way") - 1)): "* ]]
	done
	cmp "$files/auto" "$files/full"
	cmp "$files/window" "$files/full"
}

# ---- what the existing tool does wrong --------------------------------------------------------------

@test "a full disk is an error in every format, on standard output and in a file" {
	local format
	[ -c /dev/full ] || skip "no /dev/full"
	for _ in {1..3000}; do echo "$good"; done >"$log"
	for format in text json csv xml toml yaml; do
		run -1 --separate-stderr bash -c "'$parser' --output-format $format '$log' >/dev/full"
		[ "$stderr" = "ERROR: kata-log-parser: write /dev/stdout: no space left on device" ]
		run -1 --separate-stderr "$parser" --output-format $format --output-file /dev/full "$log"
		[ "$stderr" = "ERROR: kata-log-parser: write /dev/full: no space left on device" ]
	done
	run -1 --separate-stderr bash -c "'$parser' --summary '$log' >/dev/full"
}

@test "an empty key from a guest is written in every format" {
	takes 'time="2024-05-01T08:00:00.5Z" level=debug msg="reading guest console" name=n pid=1 source=virtcontainers vmconsole="{\\"\\":\\"v\\"}"'
	[ "$(jq -c '.Entries[1].Data' <<<"$output")" = '{"":"v"}' ]
	"$parser" --output-format xml "$log" | grep -q '<_x_>v</_x_>'
	run -0 "$parser" --check-only "$log"
}

@test "a FIFO is read; it is not taken for an empty file" {
	mkfifo "$files/fifo"
	echo "$good" >"$files/fifo" &
	run -0 "$parser" --output-format csv --error-if-no-records "$files/fifo"
	[ "${#lines[@]}" = 2 ]
}

@test "of two records on one line neither vanishes" {
	local second=${good/00.5Z/01.5Z}
	printf '%s %s\n' "$good" "$second" >"$log"
	run -0 --separate-stderr json "$log"
	[ -z "$stderr" ]
	[ "$(jq -c '[.Entries[] | [.Time, .Line]]' <<<"$output")" = '[["2024-05-01T08:00:00.5Z",1],["2024-05-01T08:00:01.5Z",1]]' ]
	# The end of the first is lost: it is told, and the second is there.
	printf '%s\n' "time=\"2024-05-01T08:00:00.5Z\" level=info msg=\"cut of$second" >"$log"
	run -0 --separate-stderr json "$log"
	[ "$(jq -c '[.Entries[] | .Time]' <<<"$output")" = '["2024-05-01T08:00:01.5Z"]' ]
	[[ $stderr == *"$log:1: skipped: logfmt syntax error"* ]]
}

@test "check-only fails for what a format could not say" {
	run -1 "$parser" --check-only <(echo "${good/00.5Z/00.5+24:00}")
}

@test "ordinary text of a guest never ends the run" {
	local text guest='time="2024-05-01T08:00:00.5Z" level=debug msg="reading guest console" name=n pid=1 source=virtcontainers vmconsole'
	for text in '\a' '\v' '\033[0m' '\U0001f600' '\\x41' '\x41' '%!s(MISSING)' '%!(EXTRA int=1)' '\a\b\f\r\t\\' 'raw \t tab' "\\'"; do
		printf '%s\n' "$guest=\"x $text\"" >"$log"
		run -0 --separate-stderr json --strict "$log"
		[ -z "$stderr" ]
		[ "$(jq '.Entries | length' <<<"$output")" = 1 ]
	done
	printf '%s\n' "$guest=\"\\a\\v\\033[0m\\U0001f600\\\\x41\\x41\"" >"$log"
	[ "$(json "$log" | jq -r '.Entries[0].Msg')" = $'\a\v\e[0m😀\\x41\\x41' ]
	printf '%s\n' "$good bare=\\x41" >"$log"
	[ "$(json "$log" | jq -r '.Entries[0].Data.bare')" = '\x41' ]
	printf '%s=%s\n' "$guest" '"{\"pid\":\"x\"}"' "$guest" '"{\"pid\":\"0\"}"' "$guest" '"{\"pid\":\"-3\"}"' "$guest" '"{\"pid\":\"\"}"' \
		"$guest" '"{\"name\":\"two words\"}"' "$guest" '"{\"name\":\"\"}"' "$guest" '"{\"level\":\"\"}"' >"$log"
	run -0 --separate-stderr json "$log"
	[ "$(jq '.Entries | length' <<<"$output")" = 7 ]
	[ "$(jq -c '[.Entries[].Data["kata-log-parser-agent-unpack-failed"]] | unique' <<<"$output")" = '["true"]' ]
	[ "$(jq -r '.Entries[0].Data.vmconsole' <<<"$output")" = '{"pid":"x"}' ]
	[ "$(grep -c 'failed to unpack agent log entry' <<<"$stderr")" = 7 ]
	# An \xNN inside the older wrapping.
	printf '%s\n' "time=\"2024-05-01T08:00:00.5Z\" level=info name=p pid=9 source=agent msg=\"time=\\\"2024-05-01T07:00:00.2Z\\\" level=info msg=\\\"a\\x41\\\" name=a pid=3 source=a\"" >"$log"
	[ "$(json --strict "$log" | jq -r '.Entries[0].Msg')" = 'a\x41' ]
}

@test "values that no logger writes are kept, and refused with --strict" {
	printf '%s\n' "$good note=\"a\\u001bb\"" >"$log"
	run -0 --separate-stderr json "$log"
	[ "$(jq -r '.Entries[0].Data.note' <<<"$output")" = $'a\eb' ]
	run -1 --separate-stderr json --strict "$log"
	[[ $stderr == *'value "a\x1bb" is invalid (key: note): character 27 (1b) not printable'* ]]
	printf '%s\n' "$good note=\"%!d(MISSING)\"" >"$log"
	run -1 --separate-stderr json --strict "$log"
	[[ $stderr == *'suggests log creator programming error'* ]]
	takes "$good note=\"%!(NOVERB) %!d(string=x) caf\\\\u00e9\""
	run -0 json --strict "$log"
}

@test "lines over 64 KiB are read" {
	printf '%s long="%s"\n' "$good" "$(head -c 70000 /dev/zero | tr '\0' y)" >"$log"
	[ "$(json "$log" | jq '.Entries[0].Data.long | length')" = 70000 ]
}

@test "warnings never mix with the records" {
	printf '%s\n' 'time="2024-05-01T08:00:00.5Z" level=info name=n pid=1 msg="time=x" source=virtcontainers' 'no record' >"$log"
	run -0 --separate-stderr json "$log"
	jq -e . <<<"$output" >/dev/null
	[ -n "$stderr" ]
}

@test "line ends of other systems" {
	printf '\xEF\xBB\xBF%s\r\n%s' "$good" "$good" >"$log"
	run -0 --separate-stderr json "$log"
	[ -z "$stderr" ]
	[ "$(jq -c '[.Entries[].Source]' <<<"$output")" = '["s","s"]' ]
}

# ---- terminals, signals, pipes ----------------------------------------------------------------------

# What COMMAND writes to a terminal, which is a pseudo one.
on_terminal() {
	script -qec "$*" /dev/null </dev/null
}

@test "terminal escapes of a guest never reach a terminal" {
	command -v script >/dev/null || skip "script is not installed"
	local format
	printf '%s\n' "$good note=\"\\u001b[31m\\u009b\\u0007\\u202e\"" "$(printf 'bad\033]0;title\007=x=y')" >"$log"
	for format in text json csv xml toml yaml; do
		run -0 on_terminal "$parser" --output-format $format "$log"
		[[ $output != *$'\e'* && $output != *$'\a'* && $output != *$'\xc2\x9b'* && $output != *$'\xe2\x80\xae'* ]]
	done
	run -0 on_terminal "$parser" --summary "$log"
	[[ $output != *$'\e'* ]]
	run -0 on_terminal "$parser" --output-format text "$log"
	[[ $output == *'note:\x1b[31m\u009b\x07\u202e'* ]]
	# To a file the same text goes as it is.
	"$parser" --output-format text "$log" 2>/dev/null | grep -q $'note:\e\\[31m'
}

@test "a reader that goes away ends it quietly" {
	for _ in {1..5000}; do echo "$good"; done >"$log"
	run -0 --separate-stderr bash -c "'$parser' '$log' | head -n 12 >/dev/null; exit \$((PIPESTATUS[0] == 141 ? 0 : 1))"
	[ -z "$stderr" ]
}

@test "an interrupt while reading leaves nothing behind" {
	mkfifo "$files/pipe"
	TMPDIR=$files "$parser" --output-format json - <"$files/pipe" >"$files/out" &
	local pid=$! status=0
	exec 7>"$files/pipe"
	echo "$good" >&7
	sleep 0.3
	kill -TERM $pid
	wait $pid || status=$?
	exec 7>&-
	[ $status = 143 ]
	jq -e '.Entries | length <= 1' "$files/out" || [ ! -s "$files/out" ]
	[ "$(find "$files" -type f | wc -l)" = 1 ]
}

@test "an interrupt while a compressed pipe has stalled" {
	mkfifo "$files/pipe"
	exec 7<>"$files/pipe"
	timeout --kill-after=5 20 "$parser" - <&7 >"$files/out" 2>"$files/err" &
	local pid=$! status=0
	echo "$good" | gzip | head -c 20 >&7
	sleep 0.3
	kill -TERM $pid
	wait $pid || status=$?
	exec 7>&-
	[ $status = 124 ] || [ $status = 143 ]
	grep -q '^# Name:' "$files/out"
}

@test "standard input that another program has made non-blocking" {
	run -0 --separate-stderr python3 - "$parser" "$good" <<-'EOF'
		import os, subprocess, sys, time
		reader, writer = os.pipe()
		os.set_blocking(reader, False)
		child = subprocess.Popen([sys.argv[1], "--output-format", "csv", "-"], stdin=reader)
		time.sleep(0.2)
		os.write(writer, sys.argv[2].encode())
		os.close(writer)
		sys.exit(child.wait())
	EOF
	[ -z "$stderr" ]
	[[ $output == *,hello,s,n,* ]]
}
