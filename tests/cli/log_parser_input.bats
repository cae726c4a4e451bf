#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What kata-log-parser reads: the forms in which logs are collected, in what order records come out, and filters.

bats_require_minimum_version 1.5.0

setup() {
	parser=$BUILD/bin/kata-log-parser
	top=$BATS_TEST_DIRNAME/../..
	files=$(cd "$BATS_TEST_TMPDIR" && pwd -P)
	export TZ=UTC
}

# A record of the second N, with message N; further pairs behind it.
record() { # record N [PAIRS]
	printf 'time="2024-05-01T08:%02d:%02d.5Z" level=info msg=%d name=n pid=1 source=s%s\n' $(($1 / 60)) $(($1 % 60)) "$1" "${2:+ $2}"
}

messages() { "$parser" --output-format json "$@" | jq -r '.Entries[]?.Msg' | tr '\n' ' '; }

# ---- forms ----------------------------------------------------------------------------------------

@test "journalctl's default, short-iso and short-unix forms, and syslog's" {
	{
		echo '-- Journal begins at Wed 2024-05-01 00:00:00 UTC, ends at Wed 2024-05-01 10:00:00 UTC. --'
		echo "May 01 08:00:00 host kata[42]: $(record 1)"
		echo '-- Boot 0123456789abcdef0123456789abcdef --'
		echo "2024-05-01T08:00:02+0000 host kata[42]: $(record 2)"
		echo "2024-05-01T08:00:02.123456+02:00 host kata[42]: $(record 3)"
		echo "1714550400.123456 host kata[42]: $(record 4)"
		echo "[   12.345678] host kata[42]: $(record 5)"
		echo "<6>May  1 08:00:00 host kata[42]: $(record 6)"
	} >"$files/log"
	run -0 --separate-stderr "$parser" --output-format json "$files/log"
	[ -z "$stderr" ]
	[ "$(jq -c '[.Entries[] | [.Msg, .Line, .Data]]' <<<"$output")" = \
		'[["1",2,{}],["2",4,{}],["3",5,{}],["4",6,{}],["5",7,{}],["6",8,{}]]' ]
}

@test "the journal's time stands in where a record has none" {
	local text='level=info msg=m name=n pid=1 source=s'
	{
		echo "2024-05-01T10:00:00+0200 host kata[42]: $text"
		echo "1714550401.123456 host kata[42]: time=\"yesterday\" $text"
		printf '{"__REALTIME_TIMESTAMP":"1714550402000001","MESSAGE":"%s"}\n' "$text"
		echo "$(LC_ALL=C date -d '2 days ago' '+%b %d %H:%M:%S') host kata[42]: $text"
	} >"$files/log"
	run -0 --separate-stderr "$parser" --output-format json "$files/log"
	[ -z "$stderr" ]
	[ "$(jq -r '.Entries[0:3][].Time' <<<"$output" | tr '\n' ' ')" = \
		"2024-05-01T08:00:00Z 2024-05-01T08:00:01.123456Z 2024-05-01T08:00:02.000001Z " ]
	[[ $(jq -r '.Entries[3].Time' <<<"$output") == $(date -d '2 days ago' +%Y-%m-%d)T* ]]
}

@test "the journal in JSON and in its export format" {
	local escaped
	escaped=$(record 2 'x="a b"' | sed 's/"/\\"/g')
	{
		echo "{\"__CURSOR\":\"c\",\"__REALTIME_TIMESTAMP\":\"1714550400000000\",\"SYSLOG_IDENTIFIER\":\"kata\",\"MESSAGE\":\"$escaped\"}"
		echo "{\"PRIORITY\":\"6\",\"MESSAGE\":[$(record 3 | tr -d '\n' | od -An -v -tu1 | tr -s ' \n' ',' | sed 's/^,//; s/,$//')],\"__REALTIME_TIMESTAMP\":\"1\"}"
	} >"$files/json"
	[ "$(messages "$files/json")" = "2 3 " ]
	python3 - "$files/export" <<-EOF
		import struct, sys
		with open(sys.argv[1], "wb") as out:
		    out.write(b"__CURSOR=c\n__REALTIME_TIMESTAMP=1714550400000000\nMESSAGE=" + b"$(record 1 | sed 's/"/\\"/g')" + b"\n_PID=1\n\n")
		    text = b'$(record 2)' + b' long="' + b"x\\\\n" * 100000 + b'"'
		    out.write(b"__CURSOR=d\nMESSAGE\n" + struct.pack("<Q", len(text)) + text + b"\n__REALTIME_TIMESTAMP=1714550401000000\n\n")
		    out.write(b"__CURSOR=e\nNO_MESSAGE=1\n\n")
		    out.write(b"__CURSOR=f\nMESSAGE=level=info msg=3 name=n pid=1 source=s\n__REALTIME_TIMESTAMP=1714550402000000\n")
	EOF
	run -0 --separate-stderr "$parser" --output-format json "$files/export"
	[ -z "$stderr" ]
	[ "$(jq -c '[.Entries[] | [.Msg, .Line, (.Data.long | length)]]' <<<"$output")" = '[["1",3,0],["3",15,0],["2",7,200000]]' ]
	head -c 400 "$files/export" >"$files/half"
	run -0 --separate-stderr "$parser" --output-format csv "$files/half"
	[ "${#lines[@]}" = 2 ]
	[[ $stderr == *"failed to parse file \"$files/half\" line 7: the field on line 7 is cut off"* ]]
}

@test "JSON lines of runtime-rs, and of our own --log-format json, beside key=value lines" {
	{
		echo '{"msg":"one","level":"INFO","ts":"2024-05-01T08:00:01.5Z","name":"kata-runtime","version":"0.1.0","pid":"7","source":"virt","subsystem":"network","nested":{"a":[1,2]},"flag":true}'
		record 2
		echo '{"arch":"amd64","level":"warning","msg":"three","name":"kata-runtime","pid":8735,"source":"runtime","time":"2024-05-01T08:00:03Z"}'
	} >"$files/log"
	run -0 --separate-stderr "$parser" --output-format json "$files/log"
	[ -z "$stderr" ]
	[ "$(jq -c '[.Entries[] | [.Msg, .Level, .Pid]]' <<<"$output")" = '[["one","info",7],["2","info",1],["three","warning",8735]]' ]
	[ "$(jq -c '.Entries[0].Data' <<<"$output")" = '{"flag":"true","nested":"{\"a\":[1,2]}","subsystem":"network","version":"0.1.0"}' ]
	[ "$(jq -r '.Entries[0].Time' <<<"$output")" = 2024-05-01T08:00:01.5Z ]
}

@test "compressed files, by their content and not by their name" {
	record 1 >"$files/log"
	gzip -c "$files/log" >"$files/a"
	xz -c "$files/log" >"$files/b"
	zstd -qc "$files/log" >"$files/c"
	bzip2 -c "$files/log" >"$files/d"
	[ "$(messages "$files/log" "$files"/[abcd])" = "1 1 1 1 1 " ]
	[ "$(messages - <"$files/a")" = "1 " ]
	[ "$(gzip -c "$files/log" | messages -)" = "1 " ]
}

@test "of a compressed log that was cut short, what is there is read" {
	local i
	for i in {1..3000}; do record "$i"; done | gzip >"$files/whole.gz"
	head -c "$(($(stat -c %s "$files/whole.gz") * 3 / 4))" "$files/whole.gz" >"$files/cut.gz"
	run -0 --separate-stderr "$parser" --output-format json "$files/cut.gz"
	[[ $stderr == *"cut.gz: unpack: truncated gzip input"* ]]
	[ "$(jq '.Entries | length' <<<"$output")" -gt 500 ]
}

@test "what is packed is a log, whatever it looks like" {
	{ printf 'begin 644 x\n#86)C\n`\nend\n'; record 1; } | gzip >"$files/log.gz"
	[ "$(messages --quiet "$files/log.gz")" = "1 " ]
}

@test "the system journal, by identifier, time and boot" {
	local remote=/lib/systemd/systemd-journal-remote boot=0123456789abcdef0123456789abcdef n
	[ -x "$remote" ] || skip "systemd-journal-remote is not installed"
	for n in 1 2 3; do
		printf '__REALTIME_TIMESTAMP=17145504%02d000000\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%s\nSYSLOG_IDENTIFIER=kata\nMESSAGE=%s\n\n' \
			"$n" "$n" "$boot" "$(record "$n")"
	done >"$files/export"
	printf '__REALTIME_TIMESTAMP=1714550404000000\n__MONOTONIC_TIMESTAMP=4\n_BOOT_ID=%s\nSYSLOG_IDENTIFIER=other\nMESSAGE=%s\n\n' \
		"$boot" "$(record 4)" >>"$files/export"
	mkdir "$files/journal"
	"$remote" -o "$files/journal/system.journal" "$files/export" >/dev/null 2>&1 || skip "no journal can be made here"
	[ "$(messages --journal-directory "$files/journal")" = "1 2 3 " ]
	[ "$(messages --journal-directory "$files/journal" --identifier '')" = "1 2 3 4 " ]
	[ "$(messages --journal-directory "$files/journal" --boot $boot)" = "1 2 3 " ]
	[ "$(messages --journal-directory "$files/journal" --boot ffffffffffffffffffffffffffffffff)" = "" ]
	[ "$(messages --journal-directory "$files/journal" --since 2024-05-01T08:00:02Z --until 2024-05-01T08:00:02.9Z)" = "2 " ]
	run -1 "$parser" --journal-directory "$files/none"
	run -1 --separate-stderr "$parser" --journal-directory "$files/journal" --boot yesterday
	[[ $stderr == *'write 0 for this one'* ]]
}

@test "pipes and files of /proc are read, whatever size they have" {
	mkfifo "$files/pipe"
	record 1 >"$files/pipe" &
	[ "$(messages "$files/pipe")" = "1 " ]
	[ "$(messages <(record 2))" = "2 " ]
	run -1 --separate-stderr "$parser" /proc/version
	[[ $stderr == *"/proc/version:1: skipped: "* ]]
}

# ---- agent records --------------------------------------------------------------------------------

console() { # console TEXT [PAIRS]
	printf 'time="2024-05-01T08:00:00.5Z" level=debug msg="reading guest console" name=shim pid=9 sandbox=sb source=virtcontainers x=y%s vmconsole="%s"\n' \
		"${2:+ $2}" "$(printf '%s' "$1" | sed 's/["\\]/\\&/g')"
}

@test "the agent's record replaces the one around it; its time and sandbox stay" {
	console '{"msg":"m","level":"CRIT","ts":"2024-05-01T09:00:00Z","name":"kata-agent","source":"agent","pid":"7","cid":"c","sandbox":"other","time":"t"}' >"$files/log"
	run -0 "$parser" --output-format json "$files/log"
	[ "$(jq -c '.Entries[0] | [.Time,.Level,.Msg,.Source,.Name,.Container,.Sandbox,.Pid,.Data]' <<<"$output")" = \
		'["2024-05-01T08:00:00.5Z","critical","m","agent","kata-agent","c","sb",7,{"level":"CRIT","sandbox":"other","time":"t","ts":"2024-05-01T09:00:00Z"}]' ]
	run -0 "$parser" --output-format json --no-agent-unpack "$files/log"
	[ "$(jq -r '.Entries[0].Msg' <<<"$output")" = "reading guest console" ]
}

@test "console text that is no record becomes the message" {
	local text
	for text in '[ 0.4] brd: loaded' '{"pid":7}' '{"a":"b"} trailing' '{"half":"a rec' 'null and more'; do
		console "$text" >"$files/log"
		run -0 --separate-stderr "$parser" --strict --output-format json "$files/log"
		[ -z "$stderr" ]
		[ "$(jq -r '.Entries[0] | .Msg, .Source, .Data.vmconsole' <<<"$output")" = "$text"$'\nvmconsole\n'"$text" ]
	done
	console null >"$files/log"
	[ "$("$parser" --output-format json "$files/log" | jq -c '.Entries[0] | [.Msg,.Data]')" = '["reading guest console",{}]' ]
	console '{"a":null,"b":"1","b":"2"}' >"$files/log"
	[ "$("$parser" --output-format json "$files/log" | jq -c '.Entries[0].Data')" = '{"a":"","b":"2"}' ]
}

@test "the older wrapping, also around itself and around the newer one" {
	local inner='time=\"2024-05-01T07:00:00.25Z\" level=warning msg=\"in \\\"side\\\"\" name=kata-agent pid=3 source=x sandbox=in'
	echo "time=\"2024-05-01T08:00:00.5Z\" level=info name=kata-proxy pid=9 sandbox=out source=agent msg=\"$inner\"" >"$files/log"
	run -0 "$parser" --strict --output-format json "$files/log"
	[ "$(jq -c '.Entries[0] | [.Time,.Level,.Msg,.Source,.Name,.Sandbox,.Pid,.Line]' <<<"$output")" = \
		'["2024-05-01T07:00:00.25Z","warning","in \"side\"","agent","kata-agent","in",3,1]' ]
	python3 - >"$files/log" <<-'EOF'
		def quoted(text):
		    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
		inner = 'time="2024-05-01T07:00:00.25Z" level=info msg=%s name=a pid=3 source=%s'
		newest = inner % (quoted("reading guest console") + " vmconsole=" + quoted('{"msg":"deep","pid":"5"}'), "virtcontainers")
		text = inner % (quoted(newest), "agent")
		text = inner % (quoted(text), "agent")
		print(text)
		for _ in range(6):
		    text = inner % (quoted(text), "agent")
		print(text)
	EOF
	run -0 --separate-stderr "$parser" --output-format json "$files/log"
	[ "$(jq -c '[.Entries[] | .Pid]' <<<"$output")" = '[5,3]' ]
	[ "$(jq -r '.Entries[1].Data["kata-log-parser-agent-unpack-failed"]' <<<"$output")" = true ]
	[[ $stderr == *"failed to unpack agent log entry"*"wrapped more than 4 times"* ]]
}

@test "what cannot be unpacked is kept and marked, with a warning; fatal with --strict" {
	local line
	for line in 'msg="time=x" source=virtcontainers' 'msg="reading guest console" vmconsole=x source=agent' 'msg="time=1 a=b" source=agent'; do
		echo "time=\"2024-05-01T08:00:00.5Z\" level=info name=n pid=1 $line" >"$files/log"
		run -0 --separate-stderr "$parser" --output-format json "$files/log"
		[ "$(jq -r '.Entries[0].Data["kata-log-parser-agent-unpack-failed"]' <<<"$output")" = true ]
		[[ $stderr == *'level=warning msg="failed to unpack agent log entry {map['*name=kata-log-parser* ]]
		run -0 --separate-stderr "$parser" --quiet --output-format json "$files/log"
		[ -z "$stderr" ]
		run -1 --separate-stderr "$parser" --strict "$files/log"
		[ -z "$output" ]
		[[ $stderr == "ERROR: kata-log-parser: "* ]]
	done
}

@test "the container of a request, in both of its forms" {
	{
		record 1 'container=c req="container_id:\"r1\" exec_id:\"e\""'
		record 2 'req="container_id:\"r2\"" container=c'
		record 3 'container=c req="{\"containerId\": \"r3\",\"execId\":\"e\"}"'
		record 4 'container=c req="container_id:\"\""'
		record 5 'container=c req="exec_id:\"e\""'
	} >"$files/log"
	run -0 "$parser" --output-format json "$files/log"
	[ "$(jq -c '[.Entries[].Container]' <<<"$output")" = '["r1","c","r3","","c"]' ]
}

# ---- order ----------------------------------------------------------------------------------------

@test "records of all files come in order of time; of one time in the order of the files" {
	{ record 5; record 1; } >"$files/a"
	{ record 3; record 5 'from=b'; } >"$files/b"
	[ "$(messages "$files/a" "$files/b")" = "1 3 5 5 " ]
	[ "$("$parser" --output-format json "$files/b" "$files/a" | jq -r '.Entries[2].Data.from')" = b ]
	[ "$("$parser" --output-format json "$files/a" "$files/b" | jq -r '.Entries[3].Data.from')" = b ]
	[ "$("$parser" --output-format json "$files/a" "$files/b" | jq -c '[.Entries[] | [.Count, .TimeDelta]]')" = \
		"[[1,0],[2,2000000000],[3,2000000000],[4,0]]" ]
}

@test "every way of sorting gives the same, in little memory" {
	local generator=$top/../shared/tools/gen_kata_logs.py
	[ -e "$generator" ] || skip "the generator of logs is not here"
	python3 "$generator" --size 5M --disorder 0.2 --files 3 -o "$files/part.log"
	parts=("$files"/part.?.log)
	"$parser" --output-format csv "${parts[@]}" >"$files/auto"
	"$parser" --output-format csv --sort full --temporary-directory "$files" "${parts[@]}" >"$files/full"
	"$parser" --output-format csv --sort window "${parts[@]}" >"$files/window"
	cmp "$files/auto" "$files/full"
	cmp "$files/auto" "$files/window"
	# Nothing is left of the temporary files.
	[ "$(find "$files" -type f | wc -l)" = 6 ]
	cat "$files"/part.2.log "$files"/part.0.log "$files"/part.1.log >"$files/mixed"
	"$parser" --output-format json "$files/mixed" | jq -e '[.Entries[].TimeDelta] | all(. >= 0)' >/dev/null
	"$parser" --output-format json --sort full - <"$files/mixed" | jq -e '[.Entries[].TimeDelta] | all(. >= 0)' >/dev/null
	"$parser" --output-format json <(cat "$files/mixed") | jq -e '[.Entries[].TimeDelta] | all(. >= 0)' >/dev/null
	run -0 --separate-stderr bash -c "'$parser' --output-format csv --sort window '$files/mixed' >/dev/null"
	[[ $stderr == *"records were further out of order than the window reaches; --sort=full puts all in order"* ]]
}

# ---- filters --------------------------------------------------------------------------------------

@test "filters; counts and differences are those of the records shown" {
	{
		record 1 'sandbox=abc123 subsystem=qmp'
		record 2 'sandbox=xyz789 container=c1 note="needle here"'
		record 3 'sandbox=abc999' | sed 's/level=info/level=error/'
		record 4 'container=c1' | sed 's/source=s/source=other/'
		record 5 | sed 's/level=info/level=odd/'
	} >"$files/log"
	[ "$(messages --sandbox abc "$files/log")" = "1 3 " ]
	[ "$(messages --sandbox abc123,xyz "$files/log")" = "1 2 " ]
	[ "$(messages --container c1 "$files/log")" = "2 4 " ]
	[ "$(messages --level warning "$files/log")" = "3 5 " ]
	[ "$(messages --level info --source s "$files/log")" = "1 2 3 5 " ]
	[ "$(messages --source other "$files/log")" = "4 " ]
	[ "$(messages --subsystem qmp,rpc "$files/log")" = "1 " ]
	[ "$(messages --grep needle "$files/log")" = "2 " ]
	[ "$(messages --since 2024-05-01T08:00:02.5Z --until '2024-05-01 08:00:04' "$files/log")" = "2 3 " ]
	[ "$(messages --since 2024-05-01T10:00:04.5+02:00 "$files/log")" = "4 5 " ]
	[ "$(messages --since -5m "$files/log")" = "" ]
	[ "$("$parser" --output-format json --sandbox abc "$files/log" | jq -c '[.Entries[] | [.Count,.TimeDelta]]')" = "[[1,0],[2,2000000000]]" ]
	run -1 --separate-stderr "$parser" --level loud "$files/log"
	[[ $stderr == *'no level: "loud"; choose one of '* ]]
	run -1 --separate-stderr "$parser" --since soon "$files/log"
	[[ $stderr == *'no time: "soon"; write '* ]]
}

# ---- summary, timeline, following -----------------------------------------------------------------

@test "a summary for people and for programs" {
	{
		record 1 'sandbox=abc'
		record 2 'sandbox=abc' | sed 's/level=info/level=error/; s/msg=2/msg="failed 17 of 0123456789abcdef"/'
		record 3 'sandbox=abc' | sed 's/level=info/level=error/; s/msg=3/msg="failed 18 of 1123456789abcdef"/'
		record 60 'sandbox=abc'
		echo 'no record'
	} >"$files/log"
	run -0 --separate-stderr "$parser" --summary "$files/log"
	[[ $output == *"4 read, 4 wanted; 1 lines or files skipped"* ]]
	[[ $output == *"       2  failed N of ID  (first: $files/log:2)"* ]]
	[[ $output == *"57.000 s  abc"* ]]
	[[ $output != *"Record 1"* ]]
	run -0 --separate-stderr "$parser" --summary --output-format json --output-file "$files/records" "$files/log"
	[ "$(jq -c '[.read,.skipped,.levels.error,.sandboxes[0].errors,.gaps[0].ns,.errors[0].count]' <<<"$output")" = "[4,1,2,2,57000000000,2]" ]
	[ "$(jq '.Entries | length' "$files/records")" = 4 ]
}

@test "a timeline is one file that needs nothing else" {
	local n
	for n in 1 2 3 9; do record "$n" 'sandbox=<abc>'; done >"$files/log"
	record 4 'sandbox=other' >>"$files/log"
	sed -i '2s/level=info/level=error/; 2s/msg=2/msg="<failed> \\x1b \\a"/' "$files/log"
	run -0 --separate-stderr "$parser" --timeline "$files/start.svg" "$files/log"
	[ -z "$output$stderr" ]
	run -0 "$parser" --timeline "$files/start.html" "$files/log"
	python3 - "$files" <<-'EOF'
		import re, sys, xml.etree.ElementTree as tree
		svg = tree.parse(sys.argv[1] + "/start.svg").getroot()
		texts = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]
		assert "Start of sandbox <abc>" in texts, texts
		assert "8.000 s" in texts and "6.000 s" in texts, texts
		assert "<failed> \\x1b \ufffd" in texts, texts
		assert any("1 errors" in text and "1 records of other sandboxes" in text for text in texts), texts
		html = open(sys.argv[1] + "/start.html").read()
		assert html.startswith("<!DOCTYPE html>") and "<svg" in html
		for text in html, open(sys.argv[1] + "/start.svg").read():
		    assert not re.search(r"(src|href)=|url\(|@import|<script", text)
	EOF
	printf '%s\n' "$(record 1 'sandbox=x' | sed 's/msg=1/msg="\xEF\xBF\xBE<\xEF\xBF\xBF"/')" >"$files/odd"
	run -0 "$parser" --timeline "$files/odd.svg" "$files/odd"
	python3 -c 'import sys, xml.etree.ElementTree as tree; tree.parse(sys.argv[1])' "$files/odd.svg"
	grep -q $'>\xEF\xBF\xBD&lt;\xEF\xBF\xBD<' "$files/odd.svg"
	run -1 --separate-stderr "$parser" --timeline "$files/start.png" "$files/log"
	[[ $stderr == *'has to end with .html or .svg'* ]]
	record 1 >"$files/log"
	run -1 --separate-stderr "$parser" --timeline "$files/start.svg" "$files/log"
	[[ $stderr == *'no wanted record names its sandbox'* ]]
}

# Wait until FILE has a line like PATTERN.
wait_for() { # wait_for PATTERN FILE
	local tries
	for ((tries = 0; tries < 200; tries++)); do
		grep -q "$1" "$2" && return
		sleep 0.05
	done
	return 1
}

@test "following: what is appended comes, and an interrupt ends the document" {
	record 1 >"$files/log"
	"$parser" --follow --output-format json "$files/log" >"$files/out" &
	local follower=$!
	wait_for '"Msg": "1"' "$files/out"
	record 2 >>"$files/log"
	wait_for '"Msg": "2"' "$files/out"
	mv "$files/log" "$files/log.1"
	record 3 >"$files/log"
	wait_for '"Msg": "3"' "$files/out"
	kill -INT "$follower"
	run wait "$follower"
	[ "$(jq -r '.Entries[].Msg' "$files/out" | tr '\n' ' ')" = "1 2 3 " ]
}

@test "following standard input: records come while the writer thinks" {
	mkfifo "$files/pipe"
	"$parser" --follow --output-format csv - <"$files/pipe" >"$files/out" &
	local follower=$!
	exec 7>"$files/pipe"
	record 1 >&7
	wait_for ',1,s,n,' "$files/out"
	record 2 >&7
	exec 7>&-
	wait "$follower"
	[ "$(wc -l <"$files/out")" = 3 ]
}

@test "following several: a silent pipe does not keep the others waiting, and an interrupt ends it" {
	record 1 >"$files/log"
	mkfifo "$files/pipe"
	exec 7<>"$files/pipe"
	"$parser" --follow --output-format csv "$files/log" - <&7 >"$files/out" 2>"$files/err" &
	local follower=$! status=0
	wait_for ',1,s,n,' "$files/out"
	kill -TERM "$follower"
	wait "$follower" || status=$?
	exec 7>&-
	[ $status = 143 ]
	[ ! -s "$files/err" ]
}
