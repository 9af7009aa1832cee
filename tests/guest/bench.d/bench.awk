# SPDX-License-Identifier: GPL-2.0-only
# The tables of make bench, with order.awk. Reads what was measured:
#
#	pair ROUND STATE WHERE ZONE CPUS NS	against absent, of the same round
#	soak ROUND STATE TRANSITIONS_PER_S P50_MS	against windows, of the same round
#	transitions ROUND bare|hotsoak PER_S		against bare, of the same round
#	list ROUND lsmem|hotsoak FORM S CPU_S	against lsmem, of the same round
#
# and tells of each state the median of its values and of its ratios, and how far that is
# to be trusted: 95 % of the median by the order of the ratios, and the least and the
# greatest. Inside a window absent is compared with itself outside.
#
#	-v rounds=N	that each of them must have been measured in
#	-v json=1	a line of JSON for each row instead
#
# Ends with 1 when something was not measured, or when the module that is only loaded
# costs something: when its 95 % lie on one side of 1.00 and more than 0.02 from it. Ends so,
# too, when hotsoak list is slower than lsmem: when its 95 % lie above 1.00.
function add(key, base, round, value) {
	if (!(key in base_of)) {
		order[++keys] = key
		base_of[key] = base
	}
	if ((key, round) in seen || value + 0 <= 0)
		bad[++bads] = key ", round " round ": " (value + 0 <= 0 ? "no value" : "twice")
	seen[key, round] = value
	is_round[round] = 1
}

$1 == "pair" && NF == 7 {
	where = $4 " " $5 " " $6
	base = "pair absent " where
	if ($3 == "absent")
		base = $4 == "open" ? "pair absent closed " $5 " " $6 : ""
	add("pair " $3 " " where, base, $2, $7)
	next
}
$1 == "soak" && NF == 5 {
	add("soak " $3 " transitions/s", $3 == "windows" ? "" : "soak windows transitions/s", $2, $4)
	add("soak " $3 " p50_ms", $3 == "windows" ? "" : "soak windows p50_ms", $2, $5)
	next
}
$1 == "transitions" && NF == 4 {
	add("transitions " $3 " transitions/s", $3 == "bare" ? "" : "transitions bare transitions/s",
		$2, $4)
	next
}
$1 == "list" && NF == 6 {
	add("list " $3 " " $4 " s", $3 == "lsmem" ? "" : "list lsmem " $4 " s", $2, $5)
	add("list " $3 " " $4 " CPU-s", $3 == "lsmem" ? "" : "list lsmem " $4 " CPU-s", $2, $6)
	next
}
{ bad[++bads] = "not understood: " $0 }

function row(key,    base, n, round, v, r, d, name, value, ratio, more, k, low, high) {
	base = base_of[key]
	split("", v); split("", r); split("", d)
	n = 0
	for (round in is_round) {
		if (!((key, round) in seen)) continue
		if (base != "" && !((base, round) in seen)) continue
		n++
		v[n] = seen[key, round] + 0
		if (base != "") {
			r[n] = v[n] / seen[base, round]
			d[n] = v[n] - seen[base, round]
		}
	}
	if (n != rounds) {
		bad[++bads] = key ": " n " rounds of " rounds " can be compared"
		return
	}
	sort(v, n); sort(r, n); sort(d, n)
	split(key, name, " ")
	value = median(v, n)
	if (base == "") {
		if (json)
			printf "{\"what\":\"%s\",\"rounds\":%d,\"median\":%.3f}\n", key, n, value
		else
			printf "%-26s %-14s %-8s %-4s %10.*f\n", name[2], name[3], name[4], name[5],
				name[1] == "pair" ? 0 : 2, value
		return
	}
	ratio = median(r, n); more = median(d, n); k = rank(n)
	low = r[k ? k : 1]; high = r[n + 1 - (k ? k : 1)]
	if (json)
		printf "{\"what\":\"%s\",\"against\":\"%s\",\"rounds\":%d,\"median\":%.3f,\"more\":%.3f,\"ratio\":%.4f,\"low\":%.4f,\"high\":%.4f,\"min\":%.4f,\"max\":%.4f}\n",
			key, base, n, value, more, ratio, low, high, r[1], r[n]
	else
		printf "%-26s %-14s %-8s %-4s %10.*f %+9.*f %7.3f  %7.3f to %.3f  %7.3f to %.3f\n",
			name[2], name[3], name[4], name[5], name[1] == "pair" ? 0 : 2, value,
			name[1] == "pair" ? 0 : 2, more, ratio, low, high, r[1], r[n]
	if (name[2] == "loaded" && (low > 1.02 || high < 0.98))
		bad[++bads] = sprintf("%s: the module that is only loaded must cost nothing: %.3f (%.3f to %.3f)",
			key, ratio, low, high)
	if (name[1] == "list" && low > 1)
		bad[++bads] = sprintf("%s: it must take no longer than lsmem: %.3f (%.3f to %.3f)",
			key, ratio, low, high)
}

END {
	if (!json && keys)
		printf "%-26s %-14s %-8s %-4s %10s %9s %7s  %-16s  %s\n", "state", "window", "zone",
			"CPUs", "median", "more", "ratio", "95 % of median", "least to greatest"
	for (i = 1; i <= keys; i++)
		row(order[i])
	if (!keys)
		bad[++bads] = "nothing was measured"
	for (i = 1; i <= bads; i++)
		print "bench: " bad[i]
	exit bads > 0
}
