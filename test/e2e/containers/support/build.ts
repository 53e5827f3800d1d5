/** Builds an image as a folder, without Docker; supports the Dockerfile instructions that this repository uses. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import picomatch from 'picomatch';
import { parseDockerfile, type Step } from './dockerfile';

/** The image of the last stage of a Dockerfile. */
export interface Image {
  /**
   * The folder that represents the root of the image. It contains the copied files, but not the files of the base
   * image.
   */
  readonly root: string;
  readonly base: string;
  readonly user: string | undefined;
}

interface Stage {
  readonly root: string;
  readonly base: string;
  readonly name: string | undefined;
  folder: string;
  user: string | undefined;
}

/**
 * @param context - the build context
 * @param work - an empty folder. Each stage gets a subfolder
 */
export function buildImage(context: string, work: string): Image {
  const stages: Stage[] = [];
  for (const step of parseDockerfile(readFileSync(join(context, 'Dockerfile'), 'utf8'))) {
    if (step.kind === 'from') {
      const root = join(work, `stage-${stages.length}`);
      mkdirSync(root);
      stages.push({ root, base: step.image, name: step.name, folder: '/', user: undefined });
      continue;
    }
    const stage = stages.at(-1);
    if (!stage) throw new Error(`${step.kind} before any FROM`);
    take(step, stage, { stages, context });
  }
  const last = stages.at(-1);
  if (!last) throw new Error('a Dockerfile without FROM');
  return { root: last.root, base: last.base, user: last.user };
}

function take(
  step: Exclude<Step, { kind: 'from' }>,
  stage: Stage,
  { stages, context }: { readonly stages: readonly Stage[]; readonly context: string },
): void {
  switch (step.kind) {
    case 'workdir':
      stage.folder = inside(stage, step.path);
      mkdirSync(join(stage.root, stage.folder), { recursive: true });
      return;
    case 'user':
      stage.user = step.user;
      return;
    case 'run':
      // A stage is a folder here, so an absolute path would belong to this machine.
      if (/(^|[\s='"])\//.test(step.command)) throw new Error(`RUN with an absolute path: ${step.command}`);
      execFileSync('/bin/sh', ['-c', step.command], {
        cwd: join(stage.root, stage.folder),
        env: { ...process.env, npm_config_prefer_offline: 'true' },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      return;
    case 'copy': {
      const origin = step.from === undefined ? context : stages.find(({ name }) => name === step.from)?.root;
      if (origin === undefined) throw new Error(`COPY --from=${String(step.from)}: unknown stage`);
      const offered = step.from === undefined ? notIgnored(context) : undefined;
      copy(
        step.sources.flatMap(source => expand(source, origin, offered)),
        step,
        stage,
      );
    }
  }
}

function copy(
  sources: readonly string[],
  { target, sources: patterns }: { readonly target: string; readonly sources: readonly string[] },
  stage: Stage,
): void {
  const place = join(stage.root, inside(stage, target));
  if (!target.endsWith('/') && sources.length > 1) {
    throw new Error(`COPY ${patterns.join(' ')} ${target}: ${sources.length} files for one place`);
  }
  for (const source of sources) {
    const isFolder = statSync(source).isDirectory();
    // COPY of a folder copies the contents of the folder.
    const into = !isFolder && target.endsWith('/') ? join(place, basename(source)) : place;
    cpSync(source, into, { recursive: true, verbatimSymlinks: true });
  }
}

function expand(source: string, origin: string, offered: readonly string[] | undefined): string[] {
  if (offered === undefined) {
    if (!existsSync(join(origin, source))) throw new Error(`COPY ${source}: not found`);
    return [join(origin, source)];
  }
  const fits = picomatch(source, { dot: true });
  const matching = offered.filter(name => fits(name));
  if (matching.length === 0) throw new Error(`COPY ${source}: not found in the build context`);
  return matching.map(name => join(origin, name));
}

/**
 * Returns the top-level names of the context that `.dockerignore` does not exclude. The last matching pattern decides.
 */
function notIgnored(context: string): string[] {
  const patterns = readFileSync(join(context, '.dockerignore'), 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'));
  return readdirSync(context).filter(name => {
    const fitting = patterns.filter(pattern => picomatch(pattern.replace(/^!/, ''), { dot: true })(name));
    return fitting.at(-1)?.startsWith('!') ?? true;
  });
}

const inside = (stage: Stage, path: string): string =>
  path.startsWith('/') ? path : join(stage.folder, path);
