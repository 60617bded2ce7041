import { z } from 'zod';
import { problem } from './common.ts';
import { ROUTES, type Route } from './routes.ts';

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 description of the sockets, for `docs/openapi.json`. */
export function openApi(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const path = (paths[route.path] ??= {});
    path[route.method.toLowerCase()] = operation(name, route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ballast control and status',
      version: '1',
      description:
        'HTTP over unix sockets: `status.sock` answers what reads, `control.sock` also what changes. Sizes are KiB, times ISO 8601, null means unknown.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      {
        url: 'http://localhost',
        description: 'curl --unix-socket /run/ballast/status.sock http://localhost/v1/status',
      },
    ],
    paths,
    components: { schemas: { Problem: schemaOf(problem, 'output') } },
  };
}

function operation(name: string, { socket, doc, params, query, body, answer }: Route): Json {
  const parameters = [...parametersOf(params, 'path'), ...parametersOf(query, 'query')];
  return {
    operationId: name,
    summary: doc,
    'x-socket': socket === 'read' ? ['status.sock', 'control.sock'] : ['control.sock'],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: content(schemaOf(body, 'input')) } }),
    responses: {
      200: { description: doc, content: content(schemaOf(answer, 'output')) },
      default: {
        description: 'What was wrong; nothing was changed',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function parametersOf(schema: z.ZodObject | undefined, where: 'path' | 'query'): readonly Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...own }]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(description !== undefined && { description }),
    schema: own,
  }));
}

function content(schema: Json): Json {
  return { 'application/json': { schema } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema, ...own } = z.toJSONSchema(schema, { io, reused: 'inline' });
  return own;
}

export function openApiText(): string {
  return `${JSON.stringify(openApi(), null, 1)}\n`;
}
