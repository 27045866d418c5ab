# SPDX-License-Identifier: GPL-3.0-or-later
# The wave of reconnections with the default law and with its bad twin, from the series.csv of two runs:
#
#   build/release/blackstart run scenarios/5.9-3/power-restore-street.lua --out good
#   build/release/blackstart run scenarios/5.9-3/power-restore-street.lua --set law=fixed --out bad
#   gnuplot -e "good='good/series.csv'; bad='bad/series.csv'; restored=2400; capacity=20" docs/pictures/wave.gp > docs/pictures/wave.svg
set terminal svg size 900,340 font "sans-serif,13" background "#ffffff"
set datafile separator ","
set key outside top center horizontal
set xlabel "seconds after the power came back"
set ylabel "attempts per second"
set xrange [0:600]
set yrange [0:*]
set grid ytics lc rgb "#dddddd"
set border 3
set tics nomirror
plot bad every ::1 using ($1-restored):3 with steps lw 2 lc rgb "#c0392b" title "fixed 10 s, no jitter: FAIL", \
     good every ::1 using ($1-restored):3 with steps lw 2 lc rgb "#1f6f8b" title "first attempt in a window, then full jitter: PASS", \
     capacity with lines lw 2 dt 2 lc rgb "#444444" title "what the cloud admits"
