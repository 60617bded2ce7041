import { GUEST_PROPS, HOST_PROPS, type Vocabulary } from '../model/vocabulary.ts';
import type { Collector } from './collector.ts';
import type { Controller } from './controller.ts';

/** Two plugins claim one name. Which of them was meant nobody can know, so nothing starts. */
export class NameClash extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NameClash';
  }
}

/**
 * Every name that a policy can use with these plugins.
 * @throws NameClash
 */
export function vocabularyOf(collectors: readonly Collector[], controllers: readonly Controller[]): Vocabulary {
  unique(
    'collector',
    collectors.map((collector) => [collector.name, collector.name]),
  );
  unique(
    'controller',
    controllers.map((controller) => [controller.name, controller.name]),
  );
  const fields = (scope: Collector['scope']) => {
    const own = collectors.filter((collector) => collector.scope === scope);
    unique(
      `${scope} field`,
      own.flatMap(({ name, fields }) => fields.map((field) => [field.name, name] as const)),
    );
    return own.flatMap((collector) => collector.fields);
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

function unique(what: string, owners: readonly (readonly [name: string, owner: string])[]): void {
  const seen = new Map<string, string>();
  for (const [name, owner] of owners) {
    const first = seen.get(name);
    if (first !== undefined) {
      const where = first === owner ? `twice by ${owner}` : `by ${first} and by ${owner}`;
      throw new NameClash(`the ${what} "${name}" is declared ${where}; each name can have one owner`);
    }
    seen.set(name, owner);
  }
}
