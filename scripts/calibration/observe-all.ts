// `npx tsx scripts/calibration/observe-all.ts FOLDER`: keeps what is needed of the recordings of `npm run calibrate`.
import { observeAll } from './observe.ts';
import { FIXTURES } from './fit.ts';

const [folder = 'calibration', into = FIXTURES] = process.argv.slice(2);
console.log((await observeAll(folder, into)).join('\n'));
