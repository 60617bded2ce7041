const FILE = '/proc/loadavg';

export default {
  name: 'site-load',
  scope: 'host',
  fields: [
    {
      name: 'load_1',
      type: 'number',
      unit: 'ratio',
      optional: true,
      doc: 'Load of the host over one minute',
      source: FILE,
    },
  ],
  create: ({ host }) => ({
    async collect() {
      const text = await host.readText(FILE);
      if (text === null) return {};
      const load = Number(text.split(' ')[0]);
      if (Number.isNaN(load)) throw new Error(`${FILE}:1: expected a number, found ${JSON.stringify(text)}`);
      return { load_1: load };
    },
  }),
};
