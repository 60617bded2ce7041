import { describe, expect, it } from 'vitest';
import { assemble, builtinPlugins, usualPlugins } from '../../../src/compose/plugins.ts';

const names = (plugins: readonly { readonly name: string }[]) => plugins.map(({ name }) => name);
const chosen = (collectors: readonly string[] | null, controllers: readonly string[] | null = null) => {
  const found = assemble({ collectors, controllers, site: [] });
  return { collectors: names(found.collectors), controllers: names(found.controllers) };
};

describe('the plugins of a config', () => {
  it('are those that need not be listed', () => {
    const usual = usualPlugins();
    expect(names(usual.controllers)).toEqual(['ksm', 'balloon']);
    const listed = names(builtinPlugins().collectors).filter((name) => !names(usual.collectors).includes(name));
    expect(listed).toEqual(['guest-cpu-tune', 'guest-io-tune', 'guest-agent']);
  });

  it('may be these and others', () => {
    const usual = names(usualPlugins().collectors);
    expect(chosen(['default', 'guest-cpu-tune', 'host-memory']).collectors).toEqual([...usual, 'guest-cpu-tune']);
    expect(chosen(null, ['default', 'io-tune']).controllers).toEqual(['ksm', 'balloon', 'io-tune']);
    expect(chosen(null, ['cpu-tune']).controllers).toEqual(['cpu-tune']);
  });

  it('name what there is', () => {
    expect(() => chosen(null, ['disks'])).toThrow(
      'there is no controller "disks"; there are: default, ksm, balloon, cpu-tune, io-tune',
    );
  });
});
