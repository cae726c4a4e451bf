#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Every format is read back, by a reader that is none of ours, to the same records (tests/tools/read_log_records.py).

bats_require_minimum_version 1.5.0

setup() {
	parser=$BUILD/bin/kata-log-parser
	top=$BATS_TEST_DIRNAME/../..
	reader=$top/tests/tools/read_log_records.py
	files=$(cd "$BATS_TEST_TMPDIR" && pwd -P)
	python3 -c 'import yaml' 2>/dev/null || skip "python3-yaml is not installed"
}

# A log line for the JSON record on standard input.
line() { python3 -c '
import json, sys
text = sys.stdin.read().rstrip("\n")
quoted = text.replace("\\", "\\\\").replace("\"", "\\\"")
print("time=\"2024-05-01T08:00:00.123456789+02:00\" level=debug msg=\"reading guest console\" name=n pid=1 sandbox=sb "
      "source=virtcontainers vmconsole=\"" + quoted + "\"")'; }

# All formats of FILE say the same as JSON does.
read_back() { # read_back FILE
	local format
	"$parser" --output-format json "$1" >"$files/out.json"
	python3 "$reader" json "$files/out.json" >"$files/json"
	for format in toml xml yaml csv; do
		"$parser" --output-format "$format" "$1" >"$files/out.$format"
		python3 "$reader" "$format" "$files/out.$format" >"$files/$format"
		if [ "$format" = csv ]; then
			diff <(jq -c 'del(.Data)' "$files/json") <(jq -c 'del(.Data)' "$files/csv")
		else
			diff "$files/json" "$files/$format"
		fi
	done
	[ -s "$files/json" ]
}

@test "a megabyte of log" {
	local generator=$top/../shared/tools/gen_kata_logs.py
	[ -e "$generator" ] || skip "the generator of logs is not here"
	python3 "$generator" --size 1M --agent-v1 0.2 --disorder 0.3 --tz=-03:30 --seed 11 -o "$files/log"
	read_back "$files/log"
}

@test "keys that are no names, and texts that look like something else" {
	line >>"$files/log" <<'EOT'
{"msg":"~","level":"null","name":"yes","source":"0x1F","pid":"7","cid":"1e3","08:00:00":"2024-05-01","a/b":"=","1abc":"<<","%s":"0o17","<x>":"12:30:45","_x0041_":"_","":"empty key","xml":"1_000","a:b":".inf","Ω":"2026-02-30","y":"1e400","#":"- x","key with blanks":"x: y"}
EOT
	read_back "$files/log"
	[ "$(jq '.Data | length' "$files/json")" = 14 ]
}

@test "texts with quotes, line ends, blanks at the ends, and wide characters" {
	line >>"$files/log" <<'EOT'
{"msg":"  two\nlines \"quoted\", it's <b>&amp;</b> \\ \t tab ","a":" leading","b":"trailing ","c":"\nstarts with a line end","d":"ends with one\n","e":"😀 beyond the basic plane","f":"\u2028\u2029","g":"\\.","h":"x, y","i":"''","j":"]]>","k":"a\n\n\nb\n  indented\n","l":"😀\nand a line"}
EOT
	python3 -c 'print("time=\"2024-05-01T08:00:00.5Z\" level=info name=n pid=1 source=s msg=\"" + "long words " * 40 + "\" long=\"" + "x" * 300 + "\" " + "k" * 200 + "=v")' >>"$files/log"
	read_back "$files/log"
}

@test "control characters: whatever a format cannot hold is replaced, and nothing else" {
	line >>"$files/log" <<'EOT'
{"msg":"bell \u0007 escape \u001b[31m null \u0000 del \u007f next \u0085 nbsp \u00a0 bom \ufeff","c":"\u0001"}
EOT
	"$parser" --output-format json "$files/log" >"$files/json"
	python3 "$reader" json "$files/json" | grep -qF '"Msg": "bell \u0007 escape \u001b[31m null \u0000 del \u007f next \u0085 '
	for format in toml yaml; do
		"$parser" --output-format "$format" "$files/log" >"$files/out"
		diff <(python3 "$reader" json "$files/json") <(python3 "$reader" "$format" "$files/out")
	done
	"$parser" --output-format xml "$files/log" >"$files/out"
	python3 "$reader" xml "$files/out" | jq -e '.Msg | startswith("bell \ufffd escape \ufffd[31m null \ufffd del \u007f")'
}

@test "bytes that are no UTF-8" {
	printf 'time="2024-05-01T08:00:00.5Z" level=info msg="bad \xff\xc3( end" name=n pid=1 source=s bare=\xfe\xfd\n' >"$files/log"
	read_back "$files/log"
	iconv -f UTF-8 -t UTF-8 "$files/out.toml" >/dev/null
	iconv -f UTF-8 -t UTF-8 "$files/out.xml" >/dev/null
	grep -q '!!binary' "$files/out.yaml"
	grep -q 'bad \\ufffd\\ufffd( end' "$files/out.json"
	grep -aq $'bad \xff\xc3( end' "$files/out.csv"
}

@test "pairs of a YAML map stand in natural order, of the others in byte order" {
	echo 'time="2024-05-01T08:00:00.5Z" level=info msg=m name=n pid=1 source=s a10=x a9=x a01b=x a1b=x B=x b=x a-b=x ab=x' >"$files/log"
	run -0 "$parser" --output-format yaml "$files/log"
	[ "$(sed -n 's/^    \(.*\): x$/\1/p' <<<"$output" | tr '\n' ' ')" = "B a-b a1b a01b a9 a10 ab b " ]
	run -0 "$parser" --output-format toml "$files/log"
	[ "$(sed -n 's/^        \(.*\) = "x"$/\1/p' <<<"$output" | tr '\n' ' ')" = "B a-b a01b a10 a1b a9 ab b " ]
}

@test "JSON escapes what HTML would take for markup, in keys too" {
	echo 'time="2024-05-01T08:00:00.5Z" level=info msg="<a>&\u2028" name=n pid=1 source=s <k>=v' >"$files/log"
	run -0 "$parser" --output-format json "$files/log"
	[[ $output == *'"Msg": "\u003ca\u003e\u0026\u2028"'* ]]
	[[ $output == *'"\u003ck\u003e": "v"'* ]]
}

@test "times of every zone and length" {
	printf 'time="%s" level=info msg=m name=n pid=1 source=s\n' 2024-05-01T08:00:00.1Z 2024-05-01T08:00:00,123456789-11:30 \
		2024-05-01T08:00:00.100000000+00:00 2024-02-29T23:59:59.5+14:00 0001-01-01T00:00:00.1Z 9999-12-31T23:59:59.9Z \
		2024-05-01T08:00:00Z 2024-05-01T08:00:00.5+01:60 >"$files/log"
	run -0 --separate-stderr "$parser" --output-format json "$files/log"
	[ -z "$stderr" ]
	[ "$(jq -r '.Entries[].Time' <<<"$output" | tr '\n' ' ')" = "0001-01-01T00:00:00.1Z 2024-02-29T23:59:59.5+14:00 \
2024-05-01T08:00:00.5+02:00 2024-05-01T08:00:00Z 2024-05-01T08:00:00.1Z 2024-05-01T08:00:00.1Z \
2024-05-01T08:00:00.123456789-11:30 9999-12-31T23:59:59.9Z " ]
	# A difference of more than 292 years is the largest there is.
	[ "$(sed -n 's/.*"TimeDelta": \(.*\),/\1/p' <<<"$output" | tr '\n' ' ')" = \
		"0 9223372036854775807 5342401000000000 7199500000000 100000000 0 41400023456789 9223372036854775807 " ]
}
