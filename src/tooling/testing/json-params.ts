const JSON_SETTING = { type: ['number', 'string'] };
/** The parameters of a test, for the editor's schema; a separate reader validates them. */
export const JSON_PARAMS = {
  type: 'object',
  additionalProperties: {
    anyOf: [
      JSON_SETTING,
      {
        type: 'object',
        additionalProperties: false,
        properties: {
          value: JSON_SETTING,
          labels: { type: 'object', additionalProperties: JSON_SETTING },
          guests: { type: 'object', additionalProperties: JSON_SETTING },
        },
      },
    ],
  },
};
