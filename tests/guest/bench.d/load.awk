# SPDX-License-Identifier: GPL-2.0-only
# The table of the part load, with order.awk: "load ROUND STATE SECONDS WINDOWS TRANSITIONS E1 E2 E3", all of
# them counted by the module. Medians over the rounds, and the least and the greatest of the
# ratio to stress-ng in the same round; "-" where that had none.
#
#	-v rounds=N	that each state must have been measured in
#	-v json=1	a line of JSON for each row instead
#
# Ends with 1 when something was not measured.
$1 == "load" && NF == 9 && $4 > 0 {
	if (!($3 in seen))
		order[++states] = $3
	seen[$3]++
	put($3, "transitions/s", $2, $6 / $4)
	put($3, "E1/s", $2, $7 / $4)
	put($3, "E2/s", $2, $8 / $4)
	put($3, "E3/s", $2, $9 / $4)
	put($3, "E1+E2/s", $2, ($7 + $8) / $4)
	put($3, "E1+E2/window", $2, $5 ? ($7 + $8) / $5 : 0)
	put($3, "E2/window", $2, $5 ? $8 / $5 : 0)
	next
}
{ bad[++bads] = "not understood: " $0 }

function put(state, what, round, value) {
	if (!(what in known)) {
		known[what]
		columns[++ncolumns] = what
	}
	v[state, what, round] = value
	is_round[round]
}

function cell(state, what,    round, a, r, n, m, text) {
	split("", a); split("", r)
	for (round in is_round) {
		a[++n] = v[state, what, round]
		if (v["stress-ng", what, round] > 0)
			r[++m] = v[state, what, round] / v["stress-ng", what, round]
	}
	sort(a, n); sort(r, m)
	if (json)
		printf "{\"state\":\"%s\",\"what\":\"%s\",\"rounds\":%d,\"median\":%.3f,\"min\":%.3f,\"max\":%.3f,\"ratio\":%s}\n",
			state, what, n, median(a, n), a[1], a[n], m ? sprintf("%.3f", median(r, m)) : "null"
	else
		printf "%-14s %-14s %12.2f  %10.2f to %-10.2f %10s  %s\n", state, what, median(a, n),
			a[1], a[n], m ? sprintf("%.2f", median(r, m)) : "-",
			m ? sprintf("%.2f to %.2f", r[1], r[m]) : "-"
}

END {
	if (!json && states)
		printf "%-14s %-14s %12s  %24s %10s  %s\n", "state", "", "median", "least to greatest",
			"ratio", "least to greatest"
	for (i = 1; i <= states; i++) {
		if (seen[order[i]] != rounds)
			bad[++bads] = order[i] ": " seen[order[i]] " rounds of " rounds
		for (j = 1; j <= ncolumns; j++)
			cell(order[i], columns[j])
	}
	if (!("stress-ng" in seen))
		bad[++bads] = "stress-ng was not measured"
	for (i = 1; i <= bads; i++)
		print "bench: " bad[i]
	exit bads > 0
}
