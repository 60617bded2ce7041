import { GUEST_PROPS, HOST_PROPS, type Vocabulary } from '../model/vocabulary.ts';
import type { Collector } from '../plugin/collector.ts';
import { unique } from './unique-names.ts';
import type { Plugins } from '../plugin/plugins.ts';

/**
 * All names that a policy can use with these plugins.
 * @throws NameClash
 */
export function vocabularyOf({ collectors, guards, controllers }: Omit<Plugins, 'vocabulary'>): Vocabulary {
  unique(
    'collector',
    collectors.map((collector) => [collector.name, collector.name]),
  );
  unique(
    'guard',
    guards.map((guard) => [guard.name, guard.name]),
  );
  unique(
    'controller',
    controllers.map((controller) => [controller.name, controller.name]),
  );
  const fields = (scope: Collector['scope']) => {
    const ofScope = collectors.filter((collector) => collector.scope === scope);
    unique(
      `${scope} field`,
      ofScope.flatMap(({ name, fields }) => fields.map((field) => [field.name, name] as const)),
    );
    return ofScope.flatMap((collector) => collector.fields);
  };
  unique(
    'control',
    controllers.flatMap(({ name, controls }) => controls.map((control) => [control.name, name] as const)),
  );
  return {
    hostFields: fields('host'),
    guestFields: fields('guest'),
    hostProps: HOST_PROPS,
    guestProps: GUEST_PROPS,
    controls: controllers.flatMap((controller) => controller.controls),
  };
}
