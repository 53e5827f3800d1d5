/** The rules for all workflows. Each function returns the problems in the text of a workflow. */
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

type Permissions = string | Readonly<Record<string, string>>;

interface Job {
  readonly steps?: readonly Step[];
  readonly permissions?: Permissions;
  readonly 'timeout-minutes'?: number;
}

interface Workflow {
  readonly on: unknown;
  readonly permissions?: Permissions;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

export type Rule = (text: string) => string[];

const workflow = (text: string): Workflow => parse(text) as Workflow;
const jobsOf = (text: string): [string, Job][] => Object.entries(workflow(text).jobs);
const stepsOf = (text: string): Step[] => jobsOf(text).flatMap(([, { steps = [] }]) => steps);

/**
 * Use a commit instead of a tag, because a tag can be moved to other code after a review. Dependabot updates the
 * comment with the version.
 */
export const actionsArePinned: Rule = text =>
  text
    .split('\n')
    .filter(line => /^\s*(- )?uses:/.test(line))
    .filter(line => !/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))
    .map(line => `not pinned: ${line.trim()}`);

/**
 * GitHub inserts the value of an expression into the script. A branch with the name `$(…)` would then run as code. Use
 * variables instead.
 */
export const scriptsHaveNoExpressions: Rule = text =>
  stepsOf(text).flatMap(({ run = '' }) => (run.includes('${{') ? [`an expression in a script: ${run}`] : []));

/** Without stated permissions, old repositories give every job write access. */
export const permissionsAreLeast: Rule = text => {
  const { permissions, jobs } = workflow(text);
  const top = permissions === undefined ? ['no permissions at the top'] : [];
  const granted = (all: Permissions = {}): string[] =>
    typeof all === 'string' ? [all] : Object.entries(all).map(([name, level]) => `${name}: ${level}`);
  const broad = granted(permissions).filter(each => each !== 'contents: read');
  const perJob = Object.entries(jobs).flatMap(([name, job]) => {
    const writes = granted(job.permissions).filter(each => /write/.test(each));
    return writes.length > 1 || writes.includes('write-all') ? [`job ${name} may do too much`] : [];
  });
  return [...top, ...broad.map(each => `for every job: ${each}`), ...perJob];
};

/** A job with the right to publish or to write must not run other code, because this code could use the right. */
export const rightsRunNoForeignCode: Rule = text =>
  jobsOf(text).flatMap(([name, { permissions, steps = [] }]) => {
    const rights = typeof permissions === 'object' ? permissions : {};
    if (rights['id-token'] !== 'write' && rights['contents'] !== 'write') return [];
    const runs = steps.filter(
      ({ uses = '', run = '' }) =>
        uses.startsWith('actions/checkout') || /npm (ci|install|run|test|exec)|npx|\.ci\//.test(run),
    );
    return runs.length > 0 ? [`job ${name} runs foreign code with its rights`] : [];
  });

export const isBounded: Rule = text => [
  ...(workflow(text).concurrency === undefined ? ['no concurrency'] : []),
  ...jobsOf(text).flatMap(([name, job]) =>
    job['timeout-minutes'] === undefined ? [`job ${name} may run for hours`] : [],
  ),
];

/** By default, the token stays in `.git/config`, where all later steps can read it. */
export const checkoutForgetsItsToken: Rule = text =>
  stepsOf(text).flatMap(step =>
    step.uses?.startsWith('actions/checkout@') === true && step.with?.['persist-credentials'] !== false
      ? ['a checkout keeps its token']
      : [],
  );

/**
 * A workflow with `pull_request_target` has the secrets of the repository and may run code from the pull request of a
 * stranger.
 */
export const strangersGetNoSecrets: Rule = text => {
  const { on } = workflow(text);
  const events =
    typeof on === 'string' ? [on] : Array.isArray(on) ? on.map(String) : Object.keys(on as object);
  return events.filter(event => event === 'pull_request_target' || event === 'workflow_run');
};

/** Returns the npm scripts that a workflow runs. */
export function scriptsIn(text: string): string[] {
  const runs = stepsOf(text).map(({ run = '' }) => run);
  return runs.flatMap(run =>
    [...run.matchAll(/npm run (?:--[\w-]+ )*([\w:]+)/g)].map(([, name = '']) => name),
  );
}
