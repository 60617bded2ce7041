import fc from 'fast-check';

// A fixed seed, so that test results are reproducible. `npm run fuzz` tries other cases.
fc.configureGlobal({ seed: 2026 });
