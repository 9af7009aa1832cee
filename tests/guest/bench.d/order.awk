# SPDX-License-Identifier: GPL-2.0-only
# What the tables of the bench have in common: order, and how far a median is to be trusted.

# Sorts v[1..n].
function sort(v, n,    i, j, t) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j - 1] > v[j]; j--) {
			t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
		}
}

# Of v[1..n], which are sorted.
function median(v, n) {
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

# The rank of the order statistic below which the median lies in 2.5 % of all cases; 0:
# so few values do not bound it.
function rank(n,    k, p, sum) {
	p = 0.5 ^ n
	for (k = 0; k < n; k++) {
		sum += p
		if (sum > 0.025)
			return k
		p *= (n - k) / (k + 1)
	}
}
