import { DockerfileParser } from 'dockerfile-ast';

/** One instruction of a Dockerfile. */
export type Step =
  | { readonly kind: 'from'; readonly image: string; readonly name: string | undefined }
  | { readonly kind: 'workdir'; readonly path: string }
  | { readonly kind: 'run'; readonly command: string }
  | { readonly kind: 'user'; readonly user: string }
  | {
      readonly kind: 'copy';
      /** The source stage. Undefined for the build context. */
      readonly from: string | undefined;
      readonly sources: readonly string[];
      readonly target: string;
    };

/** The part of the parser's type that is used here. Only some instructions have flags. */
interface Instruction {
  getKeyword(): string;
  getArguments(): { getValue(): string }[];
  getArgumentsContent(): string | null;
  getFlags?(): { getName(): string; getValue(): string | null }[];
}

/**
 * Parses a Dockerfile with the parser of Docker's language server.
 *
 * @throws Error for an unsupported instruction, because the image would be incomplete without it
 */
export function parseDockerfile(text: string): Step[] {
  const instructions: readonly Instruction[] = DockerfileParser.parse(text).getInstructions();
  return instructions.flatMap(instruction => toStep(instruction) ?? []);
}

function toStep(instruction: Instruction): Step | undefined {
  const keyword = instruction.getKeyword();
  const words = instruction.getArguments().map(argument => argument.getValue());
  const [first = ''] = words;
  const flags = new Map(
    (instruction.getFlags?.() ?? []).map(flag => [flag.getName(), flag.getValue() ?? undefined]),
  );
  // Ignore `--platform`, because the files are the same on all platforms.
  if (keyword === 'FROM') flags.delete('platform');
  const from = flags.get('from');
  if (keyword === 'COPY') flags.delete('from');
  if (flags.size > 0)
    throw new Error(`${keyword} with --${[...flags.keys()].join(', --')} is not understood`);

  switch (keyword) {
    case 'FROM':
      return { kind: 'from', image: first, name: words[2] };
    case 'WORKDIR':
      return { kind: 'workdir', path: first };
    case 'RUN':
      return { kind: 'run', command: instruction.getArgumentsContent() ?? '' };
    case 'COPY':
      return { kind: 'copy', from, sources: words.slice(0, -1), target: words.at(-1) ?? '' };
    case 'USER':
      return { kind: 'user', user: first };
    case 'LABEL':
      return undefined;
    default:
      throw new Error(`${keyword} is not supported; add it to dockerfile.ts`);
  }
}
