/** A host of four guests that is short: ten minutes of it are simulated in well under a second. */
export const SMALL_SCENARIO = `story: "A host that is short."
duration: 10min
host: {memory: 4GiB, reserve: 512MiB, swap: 1GiB}
guests:
  - name: web
    count: 4
    memory: 2GiB
    min: 256MiB
    swap: 256MiB
    demand: {base: 500MiB, spread: 30%, bursts: {every: 2min, size: 200MiB, rate: 50MiB, lasts: 20s}}
    files: {size: 2GiB, hot: 50MiB, reads: 20MiB}
    sharing: {image: debian, share: 20%}
`;
