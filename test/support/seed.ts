import fc from 'fast-check';

// The same generated cases each time: a change is judged by what it changes, not by chance. `npm run fuzz` tries others.
fc.configureGlobal({ seed: 2026 });
