/** A part of docs/calibration.md that is written by hand: what the errors mean. */
export const LIMITS = `## Where the model is wrong

Right are sizes, what is free and used in guests, what a host has left and what it swaps, and how much KSM saves and when. Two policies that differ in these
by more than the errors above really differ. Wrong, or only right under conditions, is:

- **How fast balloons move.** The constants are the speeds of an emulated guest that has a CPU to itself, which KVM at least reaches. On a host that is short of CPU
  time, balloons are slower than any constant says: with many other programs at work, the same 576 MiB took 6 s instead of 0.8 s. So relief within seconds is
  optimistic on such a host. A move also begins and ends with a whole second in the simulator; *balloon-free* and *balloon-cache* show it: their errors of sizes are in
  the seconds of a move.
- **Page cache that is just large enough.** The simulated kernel keeps exactly the files that are read often. A real one also drops some of them, and waits for them
  again. While guests were short of CPU time too, they waited 3.5 s where the simulator had 0.4 s. **read again by guests** and **guests waited for memory** are too low for policies that squeeze
  page caches hard: the difference between a careful policy and a greedy one is larger than simulated.
- **Waiting, in seconds.** It comes out of a cost for each page. The order of size is right; the figure may be wrong by a third. The disks
  here were fast: on a slow one, each page from swap costs several times as much. Compare waiting between policies, and do not add it up.
- **Which pages are touched.** In the recordings, programs read 5 % of their heap in a second, at random, and the simulator assumes just that. Programs with
  another pattern swap more or less; this agreement says nothing about them.
- **The moment of an OOM kill of the host.** The victim is the same. A real kernel kills in the second in which nothing is left, the simulated one up to three seconds later.
- **What a balloon returns.** About half of what a guest must reclaim for its balloon lies in huge pages that it still uses the rest of. The host gets that
  part only when it looks for memory itself. The simulator does so with one share for all; with small pages on the host nothing of it happens.
- **Resident memory** is 5 to 8 % too low while guests grow, because huge pages fill in one step. **Unused** memory is up to 30 MiB too
  high for a while after a balloon was deflated: the guest's kernel then has free pages in lists for each CPU, which it does not count.
- **KSM without CPU time.** ksmd is given what it wants of a CPU. Where other programs want it too, it scans and merges up to ten times more slowly. Its CPU time is a
  fifth too high while guests write to merged pages. Equal
  pages within one guest, such as zeros, are not simulated apart from what guests of one image share.
- **NUMA without distance.** The simulator knows on which node memory lies, and not what access to another node costs: no recording says it. A guest whose memory is
  on the wrong node, and pages that KSM has merged across nodes, are slower on a real host. The kernel's automatic NUMA balancing moves pages; simulated ones stay where they are.

Not recorded, so not known: KVM, guests with a whole distribution (they boot more slowly, and use more memory before their programs do), Windows, NUMA, the ARC,
free page reporting, migrations, the page cache and the watermarks of the host itself, hosts of many GiB, and days. For these, the constants are
estimates.
`;
