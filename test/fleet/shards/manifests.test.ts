import { readFileSync } from 'node:fs';
import { Ajv, type AnySchema } from 'ajv';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { mergeFlags } from '../../../src/cli/settings/flags/fleet-flags.ts';
import { runFlags } from '../../../src/cli/settings/flags/run-flags.ts';

function documentsOf(name: string): Record<string, unknown>[] {
  const text = readFileSync(new URL(`../../../examples/${name}`, import.meta.url), 'utf8');
  return parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Record<string, unknown>;
  });
}

const text = { type: 'string' };
const whole = { type: 'integer', minimum: 0 };
const texts = { type: 'array', items: text };

/** An object with these members and no other. */
function only(properties: Record<string, AnySchema>, required: readonly string[] = Object.keys(properties)): AnySchema {
  return { type: 'object', properties, required, additionalProperties: false };
}

const container = only(
  {
    name: text,
    image: text,
    workingDir: text,
    command: texts,
    args: texts,
    resources: only({ requests: { type: 'object' }, limits: { type: 'object' } }, ['limits']),
    volumeMounts: { type: 'array', items: only({ name: text, mountPath: text }) },
  },
  ['image', 'command', 'volumeMounts'],
);

/** The fields of batch/v1 that the manifests use, as Kubernetes defines them. */
const kubernetesJob = only({
  apiVersion: { const: 'batch/v1' },
  kind: { const: 'Job' },
  metadata: only({ name: text, labels: { type: 'object' } }),
  spec: only(
    {
      completionMode: { enum: ['Indexed', 'NonIndexed'] },
      completions: whole,
      parallelism: whole,
      backoffLimit: whole,
      backoffLimitPerIndex: whole,
      activeDeadlineSeconds: whole,
      ttlSecondsAfterFinished: whole,
      podReplacementPolicy: { enum: ['Failed', 'TerminatingOrFailed'] },
      podFailurePolicy: only({
        rules: {
          type: 'array',
          items: only(
            {
              action: { enum: ['FailJob', 'FailIndex', 'Ignore', 'Count'] },
              onExitCodes: only({
                containerName: text,
                operator: { enum: ['In', 'NotIn'] },
                values: { type: 'array', items: whole },
              }),
              onPodConditions: {
                type: 'array',
                items: only({ type: text, status: { enum: ['True', 'False', 'Unknown'] } }),
              },
            },
            ['action'],
          ),
        },
      }),
      template: only({
        metadata: only({ labels: { type: 'object' } }),
        spec: only(
          {
            // A policy for failed pods demands it.
            restartPolicy: { const: 'Never' },
            serviceAccountName: text,
            terminationGracePeriodSeconds: whole,
            containers: { type: 'array', items: container },
            volumes: { type: 'array', items: only({ name: text, persistentVolumeClaim: only({ claimName: text }) }) },
          },
          ['restartPolicy', 'containers', 'volumes'],
        ),
      }),
    },
    ['podFailurePolicy', 'template'],
  ),
});

/** Those of run.googleapis.com/v1. */
const cloudRunJob = only({
  apiVersion: { const: 'run.googleapis.com/v1' },
  kind: { const: 'Job' },
  metadata: only({ name: text }),
  spec: only({
    template: only({
      metadata: only({ annotations: { type: 'object', additionalProperties: text } }),
      spec: only({
        taskCount: whole,
        parallelism: whole,
        template: only({
          spec: only({
            maxRetries: whole,
            // A number of 64 bits, which JSON has as text.
            timeoutSeconds: { type: 'string', pattern: '^[0-9]+$' },
            serviceAccountName: text,
            containers: { type: 'array', items: container },
            volumes: { type: 'array', items: only({ name: text, nfs: only({ server: text, path: text }) }) },
          }),
        }),
      }),
    }),
  }),
});

function problemsOf(schema: AnySchema, document: unknown): unknown {
  const validate = new Ajv({ allErrors: true }).compile(schema);
  return validate(document) ? [] : validate.errors;
}

/** The command line of a container, as words. */
function wordsOf(document: unknown): string[] {
  return [...JSON.stringify(document).matchAll(/"(?:[^"\\]|\\.)*"/g)].flatMap(([quoted]) =>
    (JSON.parse(quoted) as string).split(' '),
  );
}

function flagsIn(document: unknown): string[] {
  return wordsOf(document).flatMap((word) => /^--([a-z-]+)/.exec(word)?.[1] ?? []);
}

interface IndexedJob {
  spec: {
    completions: number;
    backoffLimitPerIndex: number;
    podFailurePolicy: { rules: { action: string; onExitCodes?: { containerName: string; values: number[] } }[] };
    template: { spec: { terminationGracePeriodSeconds: number; containers: { name: string }[] } };
  };
}

test('the Indexed Job is one, and its failure policy knows the exit codes', () => {
  const [extract, merge] = documentsOf('kubernetes-shards.yml');
  expect(problemsOf(kubernetesJob, extract)).toEqual([]);
  expect(problemsOf(kubernetesJob, merge)).toEqual([]);
  const { spec } = extract as unknown as IndexedJob;
  const rules = spec.podFailurePolicy.rules.filter(({ onExitCodes }) => onExitCodes !== undefined);
  // 3 is in none: it counts as a failure, and the index is tried again.
  expect(rules).toMatchObject([{ action: 'FailIndex', onExitCodes: { containerName: 'extract', values: [1, 2, 4] } }]);
  expect(spec.template.spec.containers[0]?.name).toBe('extract');
  expect(wordsOf(extract)).toContain(`--shard=auto/${spec.completions}`);
  // Calls in flight get 20 s.
  expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(30);
  expect(spec.backoffLimitPerIndex).toBeGreaterThan(0);
});

test('the Cloud Run job is one', () => {
  const [job, ...others] = documentsOf('cloud-run-shards.yml');
  expect(others).toEqual([]);
  expect(problemsOf(cloudRunJob, job)).toEqual([]);
  expect(wordsOf(job)).toContain('--shard=auto');
});

test.each(['kubernetes-shards.yml', 'cloud-run-shards.yml'])('%s uses flags that there are', (name) => {
  const known = new Set<string>([...runFlags, ...mergeFlags].map((flag) => flag.name));
  const used = documentsOf(name).flatMap(flagsIn);
  expect(used.length).toBeGreaterThan(8);
  expect(used.filter((flag) => !known.has(flag))).toEqual([]);
});

test('a misspelt field is found', () => {
  const [extract] = documentsOf('kubernetes-shards.yml');
  const misspelt = JSON.parse(
    JSON.stringify(extract).replace('backoffLimitPerIndex', 'backofLimitPerIndex'),
  ) as unknown;
  expect(JSON.stringify(problemsOf(kubernetesJob, misspelt))).toContain('backofLimitPerIndex');
});
