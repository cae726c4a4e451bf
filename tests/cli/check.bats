#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# `kata-runtime check` on this host, whatever it can do, and on recorded hosts whose files are mounted over the
# real ones in a mount namespace of their own.

setup() {
	runtime=$BUILD/bin/kata-runtime
	hosts=$BATS_TEST_DIRNAME/../data/hosts
	out=$BATS_TEST_TMPDIR/out
	err=$BATS_TEST_TMPDIR/err
	# Not below bats' own directory, which other users may not enter.
	files=$(mktemp -d)
	chmod 755 "$files"
	config=$files/configuration.toml
	make_configuration qemu
}

teardown() { rm -rf "$files"; }

# A configuration that loads, for this hypervisor.
make_configuration() {
	local name
	for name in vmm kernel image virtiofsd; do
		echo x >"$files/$name"
		chmod +x "$files/$name"
	done
	cat >"$config" <<-EOF
		[hypervisor.$1]
		path = "$files/vmm"
		kernel = "$files/kernel"
		image = "$files/image"
		virtio_fs_daemon = "$files/virtiofsd"
		default_memory = 256
		[agent.kata]
		[runtime]
	EOF
}

# Run a check; its streams go to $out and $err, its exit status to $status.
check() {
	status=0
	"$runtime" --config "$config" check "$@" >"$out" 2>"$err" || status=$?
}

# Can recorded files be mounted over the real ones?
needs_mounts() {
	[ "$(id -u)" = 0 ] || skip "needs root, to mount recorded files over the real ones"
	unshare -m true 2>/dev/null || skip "this user may not make mount namespaces"
	[ -e /proc/cpuinfo ] && [ -d /sys/module ] || skip "proc or sysfs is not mounted here"
}

# The same on a recorded host. USER_ID chooses the user; no KVM device is there.
check_recorded() {
	local host=$hosts/$1
	shift
	needs_mounts
	status=0
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare -m --propagation private bash -ec '
		host=$1 user=$2
		shift 2
		mount --bind "$host/proc/cpuinfo" /proc/cpuinfo
		mount --bind "$host/proc/version" /proc/version
		mount --bind "$host/proc/meminfo" /proc/meminfo
		mount --bind "$host/sys/module" /sys/module
		mount -t tmpfs none /dev
		exec setpriv --reuid "$user" --clear-groups "$@"
	' bash "$host" "${USER_ID:-0}" "$runtime" --config "$config" check "$@" >"$out" 2>"$err" || status=$?
}

has() { grep -qF -- "$2" "$1" || { echo "not in $1: $2"; cat "$1"; return 1; }; }
has_not() { ! grep -qF -- "$2" "$1" || { echo "in $1: $2"; cat "$1"; return 1; }; }
is_empty() { [ ! -s "$1" ] || { echo "not empty:"; cat "$1"; return 1; }; }

# ---- this host -------------------------------------------------------------------------------------

@test "the JSON document is complete, and agrees with the exit status" {
	check -n -o json
	jq -e '.version == 1 and (.checks | length) > 5 and (.host.architecture | length) > 0
		and (.time | test("^[0-9-]+T[0-9:]+Z$"))' "$out"
	jq -e '[.checks[] | has("id") and has("title") and has("expected") and has("found")
		and has("message") and has("fix") and has("doc") and (.duration_ms | type == "number")
		and (.status | IN("pass", "warn", "fail", "skip"))] | all' "$out"
	jq -e '([.checks[].status] | any(. == "fail")) == (.verdict == "not-capable")' "$out"
	case $(jq -r .verdict "$out") in
	not-capable) [ $status = 1 ] ;;
	capable | capable-with-warnings) [ $status = 0 ] ;;
	*) false ;;
	esac
}

@test "the JSON document is all that is on stdout, and no report on stderr" {
	check -n -o json
	has_not "$out" "System is"
	has_not "$err" "looked for"
}

@test "sentences and exit status agree" {
	check -n
	if grep -q '^ERROR: System is not capable of running Kata Containers$' "$err"; then
		[ $status = 1 ]
		is_empty "$out"
	else
		has "$out" "System is capable of running Kata Containers"
	fi
}

@test "the same checks under both names of the command and both forms of the option" {
	check --no-network-checks -o=json
	jq -r '.checks[].id' "$out" >"$BATS_TEST_TMPDIR/first"
	"$runtime" --config "$config" kata-check -n --output json >"$out" 2>"$err" || true
	jq -r '.checks[].id' "$out" | diff "$BATS_TEST_TMPDIR/first" -
}

@test "--list names each check that runs, and runs none" {
	check --list
	[ $status = 0 ]
	is_empty "$err"
	cut -d' ' -f1 "$out" >"$BATS_TEST_TMPDIR/listed"
	check -n -o json
	jq -r '.checks[].id | select(startswith("host."))' "$out" | diff - "$BATS_TEST_TMPDIR/listed"
}

@test "--verbose shows the whole table" {
	check -n -v
	has "$err" "host.cpu.info"
	has "$err" "level=info"
	grep -qE '^(PASS|WARN|FAIL|SKIP) +host\.kvm\.run ' "$err"
	grep -qE '^[0-9]+ passed' "$err"
}

@test "a full or closed stdout is an error" {
	for target in '>/dev/full' '>&-'; do
		for options in '-o json' '--list'; do
			status=0
			bash -c "\"$runtime\" check -n $options $target" 2>"$err" || status=$?
			[ $status = 1 ]
			has "$err" "standard output"
		done
	done
}

@test "an unknown output format is refused" {
	check -n -o yaml
	[ $status != 0 ]
	has "$err" yaml
}

@test "no process and no file is left behind" {
	check -n
	[ -z "$(pgrep -P $$ -f "$runtime")" ]
}

# ---- the configuration -----------------------------------------------------------------------------

@test "a broken configuration is one failure among all checks" {
	echo '[hypervisor.qemu' >"$config"
	check -n -v
	[ $status = 1 ]
	has "$err" 'FAIL  config.load'
	grep -qE '^(PASS|WARN|FAIL|SKIP) +host\.kvm\.run ' "$err"
	tail -n 1 "$err" | grep -q '^toml: line '
	check -n -o json
	[ $status = 1 ]
	jq -e '.verdict == "not-capable" and (.checks[0] | .id == "config.load" and .status == "fail")
		and (.checks | length) > 10' "$out"
}

@test "a configuration that is not there is one failure among all checks" {
	rm "$config"
	check -n -v
	[ $status = 1 ]
	[ "$(tail -n 1 "$err")" = "Cannot find usable config file (file $config does not exist); correct the path, or put a configuration there" ]
	grep -qE '^(PASS|WARN|FAIL|SKIP) +host\.kvm\.run ' "$err"
}

@test "the configuration's warnings are shown" {
	sed -i 's/^\[runtime\]/[runtime]\nno_such_key = 1/' "$config"
	check -n
	has "$err" 'WARN  config.problems'
	has "$err" no_such_key
}

@test "a remote hypervisor asks nothing of this host" {
	printf '[hypervisor.remote]\nremote_hypervisor_socket = "/run/peerpod/hypervisor.sock"\n[runtime]\n[agent.kata]\n' >"$config"
	check_recorded amd64-no-virtualization -n
	[ $status = 0 ]
	[ "$(cat "$out")" = "$(printf 'System is capable of running Kata Containers\nSystem can currently create Kata Containers')" ]
}

# ---- the network -----------------------------------------------------------------------------------

@test "root does not use the network" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	check
	has "$err" 'level=warning msg="Not running network checks as super user"'
	check --check-version-only
	[ $status = 0 ]
	is_empty "$out"
	check --only-list-releases
	[ $status = 0 ]
	is_empty "$out"
}

@test "KATA_CHECK_NO_NETWORK counts when it is not empty" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	KATA_CHECK_NO_NETWORK=0 check
	has_not "$err" "Not running network checks"
	KATA_CHECK_NO_NETWORK='' check
	has "$err" "Not running network checks"
}

@test "a network that does not answer is a warning, and a failure with --strict" {
	export KATA_RELEASE_URL=https://example.com/releases
	USER_ID=65534 check_recorded amd64-intel
	[ "$(cat "$out")" = "System is capable of running Kata Containers" ]
	has "$err" 'WARN  network.release'
	has "$err" 'Release URL "https://example.com/releases" is not valid'
	[ $status = 0 ]
	USER_ID=65534 check_recorded amd64-intel --strict
	[ $status = 1 ]
	USER_ID=65534 check_recorded amd64-intel --check-version-only
	[ $status = 1 ]
	is_empty "$out"
	USER_ID=65534 check_recorded amd64-intel --only-list-releases -o json
	[ $status = 1 ]
	jq -e '.verdict == "unknown" and .checks[0].id == "network.release"' "$out"
}

# ---- recorded hosts --------------------------------------------------------------------------------

@test "a capable host without KVM device: capable for a user, and cannot create for root" {
	USER_ID=65534 check_recorded amd64-intel -n
	[ "$(cat "$out")" = "System is capable of running Kata Containers" ]
	[ $status = 0 ]
	check_recorded amd64-intel -n
	[ "$(cat "$out")" = "System is capable of running Kata Containers" ]
	[ $status = 1 ]
	has "$err" 'level=error msg="cannot open kvm device: no such file or directory" arch=amd64 check-type=full device=/dev/kvm name=kata-runtime'
	[ "$(tail -n 1 "$err")" = "no such file or directory" ]
	has "$err" 'remedy:     load KVM (modprobe kvm_intel)'
}

@test "a capable host logs what it has, at level info" {
	USER_ID=65534 check_recorded amd64-amd -n -v
	has "$err" 'level=info msg="CPU property found" arch=amd64 description="AMD Architecture CPU" name=AuthenticAMD'
	has "$err" 'level=info msg="CPU property found" arch=amd64 description="Virtualization support" name=svm'
	has "$err" 'level=info msg="kernel property found" arch=amd64 description="AMD KVM" name=kvm_amd'
	has "$err" 'source=runtime type=module'
}

@test "Hygon processors count as AMD's" {
	USER_ID=65534 check_recorded amd64-hygon -n -v
	[ $status = 0 ]
	has "$err" 'name=HygonGenuine'
}

@test "an incapable host: every reason in the words that are known" {
	USER_ID=65534 check_recorded amd64-no-virtualization -n
	[ $status = 1 ]
	is_empty "$out"
	has "$err" 'level=error msg="CPU property not found" arch=amd64 description="Virtualization support" name=vmx'
	has "$err" 'level=error msg="Module is not loaded and it can not be inserted. Please consider running with sudo or as root" arch=amd64 module=kvm_intel name=kata-runtime'
	has "$err" 'level=error msg="kernel property kvm_intel not found" arch=amd64 description="Intel KVM" name=kvm_intel'
	[ "$(tail -n 1 "$err")" = "ERROR: System is not capable of running Kata Containers" ]
	check_recorded amd64-no-virtualization -n
	has "$err" 'level=warning msg="modprobe insert module failed" arch=amd64 error="Module vhost not found in directory /lib/modules/6.1.79-99.164.amzn2023.x86_64" module=vhost name=kata-runtime output='
}

@test "an empty cpuinfo is reported, and all other checks run" {
	cp -R "$hosts/amd64-intel" "$BATS_TEST_TMPDIR/empty"
	: >"$BATS_TEST_TMPDIR/empty/proc/cpuinfo"
	hosts=$BATS_TEST_TMPDIR
	check_recorded empty -n
	[ $status = 1 ]
	[ "$(tail -n 1 "$err")" = "Unknown CPU Type" ]
	has "$err" "Cannot determine CPU details"
	has "$err" "FAIL  host.kvm.device"
}

@test "without libkmod, modprobe loads modules" {
	local tree=$BATS_TEST_TMPDIR/tree stub=$BATS_TEST_TMPDIR/stub
	needs_mounts
	mkdir -p "$tree" "$stub"
	printf '#!/bin/sh\necho "stub for $1" >&2\n[ "$1" = vhost ]\n' >"$stub/modprobe"
	chmod +x "$stub/modprobe"
	status=0
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare -m --propagation private bash -c '
		host=$1 tree=$2 stub=$3 runtime=$4 config=$5
		mount -t tmpfs none "$tree" && mkdir "$tree/upper" "$tree/work" &&
			mount -t overlay none -o "lowerdir=/usr/lib,upperdir=$tree/upper,workdir=$tree/work" /usr/lib || exit 77
		mkdir -p /usr/lib/modules/6.1.79-99.164.amzn2023.x86_64
		rm -f /usr/lib/*/libkmod.so.2*
		mount --bind "$host/proc/cpuinfo" /proc/cpuinfo
		mount --bind "$host/proc/version" /proc/version
		mount --bind "$host/sys/module" /sys/module
		PATH=$stub:$PATH exec "$runtime" --config "$config" check -n -o json
	' bash "$hosts/amd64-no-virtualization" "$tree" "$stub" "$runtime" "$config" >"$out" 2>"$err" || status=$?
	[ $status != 77 ] || skip "no overlay file system in a mount namespace here"
	has "$err" 'msg="modprobe insert module failed" arch=amd64 error="exit status 1" module=kvm_intel name=kata-runtime output="stub for kvm_intel\n"'
	jq -e '.checks[] | select(.id == "host.module.vhost") | .status == "pass" and .found == "loaded just now"' "$out"
}
