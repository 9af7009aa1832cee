# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Bash completion of hotsoak. What there is to complete stands in _hotsoak_table,
# which hotsoak itself writes from its tables of commands, options and names, and
# which make puts behind this.

# Memory blocks or nodes, by the names of their directories.
_hotsoak_numbers()	# DIRECTORY NAME
{
	local dir
	for dir in "$1/$2"[0-9]*; do
		[[ ! -d $dir ]] || echo "${dir##*/"$2"}"
	done
}

# Words of a kind; those that only this machine knows are looked up.
_hotsoak_words()	# KIND HOTSOAK
{
	case $1 in
	blocks)		_hotsoak_numbers /sys/devices/system/memory memory ;;
	nodes)		_hotsoak_numbers /sys/devices/system/node node ;;
	scenarios)	"$2" completion scenarios 2>/dev/null ;;
	*)		_hotsoak_table "$1" ;;
	esac
}

_hotsoak()
{
	local cur=${COMP_WORDS[COMP_CWORD]} option='' before kinds words kind word i
	local -a given=()
	# Bash takes "--blocks=32" for three words.
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == '=' ]] || given+=("${COMP_WORDS[i]}")
	done
	[[ $cur != '=' ]] || cur=''
	COMPREPLY=()

	if [[ ${#given[@]} -eq 0 ]]; then
		words=$(_hotsoak_table commands)
		[[ $cur != -* ]] || words='--help --version'
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
	fi
	kinds=$(_hotsoak_table "operand ${given[0]}") || return 0
	for word in "${given[@]:1}"; do
		if [[ $option ]]; then
			option=''
		elif _hotsoak_table "value ${given[0]} $word" >/dev/null; then
			option=$word
		elif [[ $word != -* ]]; then
			kinds=''	# no command takes two
		fi
	done
	if [[ $option ]]; then
		kinds=$(_hotsoak_table "value ${given[0]} $option")
	elif [[ $cur == -* ]]; then
		kinds="options ${given[0]}"
		mapfile -t COMPREPLY < <(compgen -W "$(_hotsoak_table "$kinds")" -- "$cur")
		return
	fi
	for kind in $kinds; do
		before=''
		case $kind in
		directories)
			compopt -o filenames 2>/dev/null
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$cur")
			continue ;;
		# Lists: what stands before the last comma, or the last dash, stays.
		invariants)	before=${cur%"${cur##*,}"} ;;
		blocks)		[[ $cur != [0-9]* ]] || before=${cur%"${cur##*[,-]}"} ;;
		esac
		words=$(_hotsoak_words "$kind" "$1")
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(
			compgen -P "$before" -W "$words" -- "${cur#"$before"}")
	done
	[[ ! $cur == */* || " $kinds " != *' scenarios '* ]] || {
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	}
}

complete -F _hotsoak hotsoak

