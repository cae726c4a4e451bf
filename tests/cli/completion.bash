# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0

# Words of a command line, the last one being typed; prints what bash offers, sorted.
in_bash() {
	(
		PATH=$BUILD/bin:$PATH
		# shellcheck disable=SC1090 # generated
		source "$BUILD/completions/$1.bash"
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		"_${1//-/_}" "$1"
		printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
	)
}
