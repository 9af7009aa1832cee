# SPDX-License-Identifier: GPL-2.0-only
# The table of the part scale, with order.awk. Reads
#
#	scale ROUND BLOCKS CPUS bare TRANSITIONS_PER_S
#	scale ROUND BLOCKS CPUS tool|armed TRANSITIONS_PER_S START_S END_S KIB
#
# and tells of each machine and state the medians over the rounds, and of the transitions the
# ratio to bare in the same round with 95 % of its median; then, from each machine to the next
# larger one in one of the two, by what each has grown, and the exponent of that: 0 is not at
# all, 1 in proportion.
#
#	-v rounds=N	that each state must have been measured in
#	-v json=1	a line of JSON for each row instead
#
# Ends with 1 when something was not measured, or when a start, an end or the memory has grown
# by more than in proportion: by an exponent above 1.15.
BEGIN {
	split("start end memory", grows, " ")
}

$1 == "scale" && $2 ~ /^[0-9]+$/ && $3 > 0 && $4 > 0 && $6 > 0 && ($5 == "bare" ? NF == 6 : NF == 9) {
	machine = $3 " " $4
	if (!(machine in blocks)) {
		machines[++nmachines] = machine
		blocks[machine] = $3 + 0
		cpus[machine] = $4 + 0
	}
	if ((machine, $5, $2) in per_s)
		bad[++bads] = machine " " $5 ", round " $2 ": twice"
	is_round[$2]
	per_s[machine, $5, $2] = $6
	if ($5 != "bare") {
		value[machine, $5, "start", $2] = $7
		value[machine, $5, "end", $2] = $8
		value[machine, $5, "memory", $2] = $9
	}
	next
}
{ bad[++bads] = "not understood: " $0 }

function middle(machine, state, what,    v, n, round) {
	split("", v)
	for (round in is_round)
		if ((machine, state, what, round) in value)
			v[++n] = value[machine, state, what, round] + 0
	sort(v, n)
	return median(v, n)
}

function row(machine, state,    v, r, n, m, k, round, i) {
	split("", v); split("", r)
	for (round in is_round) {
		if (!((machine, state, round) in per_s)) continue
		v[++n] = per_s[machine, state, round] + 0
		if ((machine, "bare", round) in per_s)
			r[++m] = v[n] / per_s[machine, "bare", round]
	}
	if (n != rounds || m != rounds) {
		bad[++bads] = machine " " state ": " m + 0 " rounds of " rounds " can be compared"
		return
	}
	sort(v, n); sort(r, n)
	k = rank(n)
	low = r[k ? k : 1]; high = r[n + 1 - (k ? k : 1)]
	speed[machine, state] = median(r, n)
	for (i = 1; state != "bare" && i <= 3; i++)
		at[machine, state, grows[i]] = middle(machine, state, grows[i])
	if (json && state == "bare")
		printf "{\"blocks\":%d,\"cpus\":%d,\"state\":\"bare\",\"rounds\":%d,\"transitions_per_s\":%.3f}\n",
			blocks[machine], cpus[machine], n, median(v, n)
	else if (json)
		printf "{\"blocks\":%d,\"cpus\":%d,\"state\":\"%s\",\"rounds\":%d,\"transitions_per_s\":%.3f,\"ratio\":%.4f,\"low\":%.4f,\"high\":%.4f,\"start_s\":%.4f,\"end_s\":%.4f,\"memory_kib\":%d}\n",
			blocks[machine], cpus[machine], state, n, median(v, n), speed[machine, state], low, high,
			at[machine, state, "start"], at[machine, state, "end"], at[machine, state, "memory"]
	else if (state == "bare")
		printf "%6d %5d  %-6s %10.2f\n", blocks[machine], cpus[machine], state, median(v, n)
	else
		printf "%6d %5d  %-6s %10.2f %7.3f  %6.3f to %-6.3f %9.2f %9.2f %9d\n", blocks[machine],
			cpus[machine], state, median(v, n), speed[machine, state], low, high,
			at[machine, state, "start"], at[machine, state, "end"], at[machine, state, "memory"]
}

# Of as many of the other thing, the machine with the next more of this one; "": none.
function larger(machine, size, other,    i, m, best) {
	for (i = 1; i <= nmachines; i++) {
		m = machines[i]
		if (other[m] == other[machine] && size[m] > size[machine] &&
		    (best == "" || size[m] < size[best]))
			best = m
	}
	return best
}

function growth(machine, state, what, size, other,    to, i, factor, exponent, line, json_line) {
	to = larger(machine, size, other)
	if (to == "" || !((machine, state) in speed) || !((to, state) in speed))
		return
	for (i = 1; i <= 3; i++) {
		if (at[machine, state, grows[i]] <= 0 || at[to, state, grows[i]] <= 0) {
			bad[++bads] = machine " " state ": no " grows[i]
			return
		}
		factor = at[to, state, grows[i]] / at[machine, state, grows[i]]
		exponent = log(factor) / log(size[to] / size[machine])
		line = line sprintf("  x %-6.2f %5.2f", factor, exponent)
		json_line = json_line sprintf(",\"%s\":%.4f,\"%s_exponent\":%.4f", grows[i], factor,
			grows[i], exponent)
		if (exponent > 1.15)
			bad[++bads] = sprintf("%s, %s: %s has grown by more than the %s: x %.2f from %d to %d",
				machine, state, grows[i], what, factor, size[machine], size[to])
	}
	if (json)
		printf "{\"grows\":\"%s\",\"from\":%d,\"to\":%d,\"others\":%d,\"state\":\"%s\"%s,\"ratio\":%.4f}\n",
			what, size[machine], size[to], other[to], state, json_line,
			speed[to, state] / speed[machine, state]
	else
		printf "%-6s %5d to %-5d %5d  %-6s%s  x %.3f\n", what, size[machine], size[to], other[to],
			state, line, speed[to, state] / speed[machine, state]
}

END {
	if (!nmachines)
		bad[++bads] = "nothing was measured"
	if (nmachines && !json)
		printf "%6s %5s  %-6s %10s %7s  %-16s %9s %9s %9s\n", "blocks", "CPUs", "state", "trans./s",
			"ratio", "95 % of median", "start s", "end s", "KiB"
	for (i = 1; i <= nmachines; i++) {
		row(machines[i], "bare")
		row(machines[i], "tool")
		row(machines[i], "armed")
	}
	if (nmachines > 1 && !json)
		printf "\n%-6s %-14s %5s  %-6s%-16s%-16s%-16s  %s\n", "more", "", "of", "state", "  start",
			"  end", "  memory", "ratio to bare"
	for (i = 1; i <= nmachines; i++)
		for (j = 1; j <= 2; j++) {
			growth(machines[i], j == 1 ? "tool" : "armed", "blocks", blocks, cpus)
			growth(machines[i], j == 1 ? "tool" : "armed", "CPUs", cpus, blocks)
		}
	for (i = 1; i <= bads; i++)
		print "bench: " bad[i]
	exit bads > 0
}
