// Rules for an OpenAPI document, one sentence for each fault. Also for the document of the whole server.

interface Operation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly 'x-scope'?: string;
  readonly security?: readonly Record<string, unknown>[];
  readonly responses: Readonly<Record<string, Response>>;
}

interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: unknown }>>;
}

interface Document {
  readonly tags?: readonly { readonly name: string }[];
  readonly components?: { readonly securitySchemes?: object };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const PROBLEM = JSON.stringify({ $ref: '#/components/schemas/Problem' });

export function lint(given: Readonly<Record<string, unknown>>): string[] {
  const document = given as unknown as Document;
  const ids = new Set<string>();
  const findings: string[] = [];
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const { operationId } = operation;
      if (operationId === undefined) findings.push(`${method.toUpperCase()} ${path}: no operationId`);
      else if (ids.has(operationId)) findings.push(`two operations are called ${operationId}`);
      else {
        ids.add(operationId);
        findings.push(...lintOperation(document, operation).map((finding) => `${operationId}: ${finding}`));
      }
    }
  }
  return [...findings, ...lostReferences(given)];
}

function lintOperation(document: Document, operation: Operation): string[] {
  const { tags = [], summary = '', security, responses } = operation;
  const known = new Set(document.tags?.map(({ name }) => name));
  const schemes = Object.keys(document.components?.securitySchemes ?? {});
  const findings: string[] = [];
  if (tags.length !== 1) findings.push('not one tag');
  for (const tag of tags) if (!known.has(tag)) findings.push(`the tag ${tag} is not described`);
  if (summary === '') findings.push('no summary');
  if (operation['x-scope'] === undefined) findings.push('no x-scope');
  if (security === undefined) findings.push('no security');
  for (const scheme of (security ?? []).flatMap((one) => Object.keys(one))) {
    if (!schemes.includes(scheme)) findings.push(`the security scheme ${scheme} is not described`);
  }
  const statuses = Object.keys(responses);
  if (!statuses.some((status) => status.startsWith('2'))) findings.push('no success');
  if (operation['x-scope'] !== 'public' && !statuses.includes('401')) findings.push('no 401');
  for (const status of statuses.filter((one) => one.startsWith('4'))) {
    const response = resolved(document, responses[status]!);
    const schema = response.content?.['application/problem+json']?.schema;
    if (JSON.stringify(schema) !== PROBLEM) findings.push(`${status} has no problem`);
  }
  return findings;
}

function resolved(document: unknown, response: Response): Response {
  return response.$ref === undefined ? response : (resolve(document, response.$ref) ?? {});
}

function lostReferences(document: Readonly<Record<string, unknown>>): string[] {
  const references = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, part] of Object.entries(value)) {
      if (name === '$ref' && typeof part === 'string') references.add(part);
      else collect(part);
    }
  };
  collect(document);
  return [...references]
    .filter((reference) => resolve(document, reference) === undefined)
    .map((one) => `${one} leads nowhere`);
}

function resolve(document: unknown, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let at: unknown = document;
  for (const step of reference.slice(2).split('/')) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Object.getOwnPropertyDescriptor(at, step.replaceAll('~1', '/').replaceAll('~0', '~'))?.value;
  }
  return at;
}
