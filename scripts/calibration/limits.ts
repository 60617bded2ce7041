/** Of docs/calibration.md: written by hand after looking at the figures. */
export const LIMITS = `## Where the model is wrong

TODO
`;
