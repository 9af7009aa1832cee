# SPDX-License-Identifier: GPL-2.0-only
# The table of make race: a row for each kernel and variant, all seeds together; of the
# first sighting the median. Reads "want KERNEL VARIANT" for what was to be run, and of
# each run "run KERNEL VARIANT SEED STATUS KEY=VALUE...".
#
#	-v seeds=N	runs that each mutant must be caught in
#	-v least=N	windows with an E2 that a stock kernel must stand for each seed
#	-v aim=1	only tell
#
# Ends with 1 when a mutant got away, a stock kernel did not pass, or not all was run.
$1 == "want" { order[++rows] = $2 " " $3 }
$1 == "run" {
	k = $2 " " $3
	n[k]++
	split("", v)
	for (i = 6; i <= NF; i++) {
		split($i, pair, "=")
		v[pair[1]] = pair[2]
		if (pair[1] != "first") sum[k, pair[1]] += pair[2]
	}
	if (v["sightings"] > 0) { hit[k]++; first[k, hit[k]] = v["first"] }
	if ($5 != 0) bad[k]++
}
function median(k,    i, j, t) {
	for (i = 2; i <= hit[k]; i++)
		for (j = i; j > 1 && first[k, j - 1] + 0 > first[k, j] + 0; j--) {
			t = first[k, j]; first[k, j] = first[k, j - 1]; first[k, j - 1] = t
		}
	return hit[k] ? sprintf("%.1f s", first[k, int((hit[k] + 1) / 2)]) : "-"
}
END {
	printf "%-20s %-11s %5s %8s %8s %9s %8s %9s %8s %10s %8s %6s %s\n", "kernel", "variant",
		"runs", "windows", "with E2", "E1", "E2", "E3", "trylock", "sightings",
		"first", "laps", "bound_95"
	for (r = 1; r <= rows; r++) {
		k = order[r]; split(k, name, " ")
		printf "%-20s %-11s %5d %8d %8d %9d %8d %9d %8d %10d %8s %6d %s\n", name[1], name[2],
			n[k], sum[k, "windows"], sum[k, "windows_e2"], sum[k, "e1"], sum[k, "e2"],
			sum[k, "e3"], sum[k, "trylock"], sum[k, "sightings"], median(k),
			sum[k, "laps"],
			sum[k, "sightings"] || !sum[k, "windows_e2"] ? "-" : \
				sprintf("%.2g per window with an E2", 3 / sum[k, "windows_e2"])
		if (aim)
			wrong += !n[k]
		else if (name[2] == "stock")
			wrong += sum[k, "sightings"] > 0 || bad[k] || sum[k, "windows_e2"] < least * seeds
		else
			wrong += n[k] < seeds || hit[k] < n[k]
	}
	exit wrong || !rows
}
