#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# kata-ctl agent against the real agent, as an ordinary process on a unix socket.

bats_require_minimum_version 1.5.0

setup() {
	export CTL=$BUILD/bin/kata-ctl TOOLS=$BATS_TEST_DIRNAME/../tools
	# Control groups are named after containers, and belong to the whole host.
	export c1=kata-test-ctl-$BASHPID
	with=$TOOLS/with-agent
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

@test "a command line that is wrong ends with 2 and says what is missing" {
	local words
	while read -r words; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr "$CTL" $words
		[ "$status" = 2 ] || { echo "$words: $status" >&2; return 1; }
		[ -z "$output" ] && [[ $stderr == *ERROR:*"--help" || $stderr == *USAGE:* ]] || { echo "$words: $output $stderr" >&2; return 1; }
	done <<-'END'
		-l
		-l debug
		-l loud agent list
		-x
		nothing
		agent
		agent nothing
		agent call
		agent --connect
		agent call --nothing Check
		agent exec c1
		agent exec -z c1 true
		agent copy one
		agent list surplus
		agent connect --hybrid-vsock-port many
	END
}

@test "what cannot be reached, or is no address, is named" {
	run --separate-stderr "$CTL" agent call Check
	[ "$status" = 1 ] && [[ $stderr == "ERROR: need server address"* ]]
	run --separate-stderr "$CTL" agent --connect "unix://$BATS_TEST_TMPDIR/none" call Check
	[ "$status" = 1 ] && [ "$stderr" = "ERROR: connect to $BATS_TEST_TMPDIR/none: no such file or directory" ]
	run --separate-stderr "$CTL" agent --connect "hvsock://$BATS_TEST_TMPDIR/none:1024" --dial-timeout 50ms call Check
	[ "$status" = 1 ] && [[ $stderr == "ERROR: timed out connecting to hybrid vsocket"*"no such file"* ]]
	run --separate-stderr "$CTL" agent --connect tcp://1.2.3.4:5 call Check
	[ "$status" = 1 ] && [[ $stderr == "ERROR: Invalid scheme: tcp; an address is "* ]]
	run --separate-stderr "$CTL" agent --connect unix:///x --timeout 5 call Check
	[ "$status" = 1 ] && [[ $stderr == 'ERROR: --timeout "5": a time is '* ]]
	run --separate-stderr "$CTL" agent --sandbox nobody-here call Check
	[ "$status" = 1 ] && [[ $stderr == *nobody-here* ]]
}

@test "requests that are none are refused before anything is sent" {
	with_agent 'for words in "Nix" "Check {" "Check [1]" "Check {\"x\":1}" "SignalProcess cid=a signal=SIGNIX" "WriteStdin data=hex:0" \
			"MemHotplugByProbe memHotplugProbeAddr=xyz" "OnlineCPUMem nb_cpus=many" "Check @/nonexistent" "Check word" "CreateContainer {\"image\":\"a\"}" \
			"nix" "sleep long"; do
		agent connect -c "$words" && echo "$words"
	done'
	[ -z "$output" ]
	[ "$(wc -l <<<"$stderr")" = 13 ]
	! grep -v '^ERROR: ' <<<"$stderr"
	[[ ${stderr} == *'SignalProcess: signal="SIGNIX": a signal is '*'MemHotplugByProbe: memHotplugProbeAddr="xyz"'*'nb_cpus: "many" is not a number'* ]]
}

# What every container of these tests begins with.
prologue='agent call CreateSandbox sandbox_id=test >/dev/null
run() { agent run --rootfs "$AGENT_ROOTFS" "$@"; }
'

@test "a container from its beginning to its end, and its exit status" {
	with_agent "$prologue"'run -e A=b $c1 sh -c "echo \$A; echo error >&2; exit 7"; echo $?
		agent call StatsContainer container_id=$c1 || echo removed'
	[ "$output" = $'b\n7\nremoved' ]
	[ "${stderr_lines[0]}" = error ]
}

@test "a container that stays: exec, signals, attach" {
	with_agent "$prologue"'run -d $c1 sh -c "trap \"echo bye; exit 3\" TERM; echo hello; while :; do sleep 0.1; done"
		agent exec --cwd /tmp --user 1:2 $c1 sh -c "pwd; id -u; id -g"
		agent exec -d --exec-id later $c1 sh -c "read line; echo got \$line; exit 4"
		echo word | agent attach -i $c1 later; echo $?
		agent exec $c1 nosuch || echo failed
		agent call SignalProcess container_id=$c1 exec_id=$c1 signal=TERM
		agent attach $c1; echo $?
		agent call RemoveContainer container_id=$c1'
	[ "$output" = $'/tmp\n1\n2\nlater\ngot word\n4\nfailed\n{}\nhello\nbye\n3\n{}' ]
	[[ $stderr == "ERROR: ExecProcess: Internal: "*nosuch* ]]
}

@test "a bundle is run in the guest's way" {
	mkdir "$BATS_TEST_TMPDIR/bundle"
	cat >"$BATS_TEST_TMPDIR/bundle/config.json" <<-'END'
		{"ociVersion": "1.1.0", "hostname": "box", "root": {"path": "../rootfs", "readonly": true},
		 "process": {"args": ["sh", "-c", "ulimit -n; ulimit -s; touch /x || echo $WORD"], "cwd": "/tmp", "user": {"uid": 0, "gid": 0},
		  "env": ["PATH=/bin", "WORD=readonly"], "unknownMember": [1],
		  "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 512}, {"type": "RLIMIT_STACK", "hard": 18446744073709551615, "soft": 18446744073709551615}]},
		 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}], "hooks": {"prestart": [{"path": "/nonexistent"}]},
		 "linux": {"namespaces": [{"type": "pid"}, {"type": "network", "path": "/proc/1/ns/net"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}]}}
	END
	with_agent "$prologue"'agent run --bundle "${AGENT_SOCKET%/*}/bundle" $c1; agent run -b "${AGENT_SOCKET%/*}/bundle" -e WORD=other $c1 sh -c "echo \$WORD \$PWD"'
	[ "$output" = $'512\nunlimited\nreadonly\nother /tmp' ]
}

@test "many bytes go both ways without loss" {
	head -c 50000000 /dev/urandom >"$BATS_TEST_TMPDIR/random"
	with_agent "$prologue"'run -d $c1 sleep 1000; file=${AGENT_SOCKET%/*}/random
		agent exec -i $c1 cat <"$file" | cmp - "$file" && echo same
		agent exec -i $c1 sh -c "cat >&2" <"$file" 2>&1 >/dev/null | cmp - "$file" && echo same'
	[ "$output" = $'same\nsame' ]
}

@test "the end of input, of output and of the reader" {
	with_agent "$prologue"'run -d $c1 sleep 1000
		agent exec $c1 cat; echo $?
		agent exec -i $c1 cat </dev/null; echo $?
		timeout 20 "$CTL" agent --connect "unix://$AGENT_SOCKET" exec -i $c1 cat </; echo $?
		agent exec $c1 yes | head -n 1; echo ${PIPESTATUS[0]}
		agent exec -i $c1 true <(:) < <(yes); echo $?
		agent exec $c1 sh -c "exec >&- 2>&-; exit 5"; echo $?
		agent exec $c1 echo lost >/dev/full; echo $?'
	[ "$output" = $'0\n0\n0\ny\n141\n0\n5\n1' ]
	[ "$stderr" = "ERROR: write standard output: no space left on device" ]
}

@test "signals reach the process" {
	with_agent "$prologue"'run -d $c1 sleep 1000
		for signal in HUP INT TERM USR1; do
			"$CTL" agent --connect "unix://$AGENT_SOCKET" exec $c1 sh -c "trap \"echo got $signal; exit 9\" $signal; echo ready; while :; do sleep 0.05; done" >"$AGENT_SOCKET.$signal" &
			until grep -qs ready "$AGENT_SOCKET.$signal"; do sleep 0.05; done
			kill -$signal $!
			wait $!; echo $?; tail -n 1 "$AGENT_SOCKET.$signal"
		done'
	[ "$output" = $'9\ngot HUP\n9\ngot INT\n9\ngot TERM\n9\ngot USR1' ]
}

@test "a signal that comes before the process is for the process" {
	with_agent "$prologue"'run -d $c1 tail -f /dev/null
		read -r agent_pid _ <"/proc/$PPID/task/$PPID/children"
		kill -STOP "$agent_pid"
		"$CTL" agent --connect "unix://$AGENT_SOCKET" exec $c1 sleep 1000 &
		sleep 0.5
		kill -TERM $!
		sleep 0.2
		kill -CONT "$agent_pid"
		wait $! 2>/dev/null; echo $?
		sleep 0.5
		cat /proc/[0-9]*/comm | grep -c -x -e sleep'
	[ "$output" = $'143\n0' ]
}

@test "files, links and directories are copied" {
	head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/random"
	ln -s /some/where "$BATS_TEST_TMPDIR/link"
	with_agent "$prologue"'from=${AGENT_SOCKET%/*} to=/run/kata-containers/shared/containers
		chmod 640 "$from/random"; : >"$from/empty"; mkdir "$from/directory"
		for name in random link empty directory; do agent copy "$from/$name" "$to/a/$name" || echo "$name"; done
		cmp "$from/random" $to/a/random; stat -c "%A %s" $to/a/random $to/a/empty $to/a/directory; readlink $to/a/link
		agent connect -c "CopyFile json://{\"src\": \"$from/empty\", \"dest\": \"$to/b\"}"
		agent copy "$from/empty" /etc/evil || echo refused
		agent copy /dev/null $to/c || echo refused'
	[ "$output" = $'-rw-r----- 3000000\n-rw-r--r-- 0\ndrwxr-xr-x 4096\n/some/where\n{}\nrefused\nrefused' ] ||
		[[ $output == $'-rw-r----- 3000000\n-rw-r--r-- 0\ndrwxr-xr-x '*$'\n/some/where\n{}\nrefused\nrefused' ]]
}

@test "the sandbox's end is the end of the commands" {
	with_agent 'agent connect -c "CreateSandbox sandbox_id=test" DestroySandbox Check'
	[ "$status" = 0 ]
	[ "$output" = $'{}\n{}' ]
}

@test "an interactive session: completion, errors that do not end it, its end" {
	# libedit keeps the name of a function that is added to it.
	with_agent 'ASAN_OPTIONS=detect_leaks=0 "$TOOLS/at-terminal" "$CTL" agent --connect "unix://$AGENT_SOCKET" connect <<-"END"
		expect Enter command:
		type Vers\t\r
		expect grpc_version
		expect Enter command:
		type StatsC\t\t\t
		expect cid=
		type i\tnobody\r
		expect ERROR: StatsContainer: InvalidArgument
		type nothing\r
		expect ERROR: there is no built-in command
		type echo st\x02\x02\x05ill\r
		expect still\r\n
		type \x04
	END'
	[ "$status" = 0 ] || { echo "$output" >&2; return 1; }
}

@test "a terminal of its own: size, keys, exit status" {
	with_agent "$prologue"'run -d $c1 sleep 1000
		"$TOOLS/at-terminal" "$CTL" agent --connect "unix://$AGENT_SOCKET" exec -it -e PS1="> " $c1 sh <<-"END"
			expect >
			type stty size; echo $TERM\r
			expect 33 77\r\nxterm\r\n
			resize 40 100
			type sleep 0.3; stty size\r
			expect 40 100\r\n
			type echo go; cat\r
			expect \ngo\r\n
			type hello\r
			expect hello\r\nhello\r\n
			type \x03
			expect >
			type exit 9\r
		END'
	[ "$status" = 9 ] || { echo "$output" >&2; return 1; }
}

@test "the user's terminal is as it was, whatever ends the command" {
	local ending expected
	while read -r expected ending; do
		with_agent "$prologue"'run -d $c1 sleep 1000; cd "${AGENT_SOCKET%/*}"
			"$TOOLS/at-terminal" bash -c "stty -a >before; \"\$CTL\" agent --connect \"unix://\$AGENT_SOCKET\" exec -t $c1 sh -c \"echo ready; '"$ending"'\"
				echo status \$?; stty -a >after; cmp before after && echo restored" <<-"END"
				expect ready
				expect status '"$expected"'
				expect restored
			END'
		[ "$status" = 0 ] || { echo "$ending: $output $stderr" >&2; return 1; }
	done <<-'END'
		3 exit 3
		137 kill -9 \\\$\\\$
		0 exec >/dev/null 2>&1 </dev/null
	END
}
