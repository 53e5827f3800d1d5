import { checkClients, findClients, type Clients, type UsedClient } from './checks/clients';
import { checkCompetitors } from './checks/competitors';
import { checkEntry, checkNode } from './checks/entry';
import { checkEnvironment } from './checks/environment';
import { checkExporter } from './checks/exporter';
import { checkLoading } from './checks/loading';
import { checkApi, checkSdk } from './checks/sdk';
import { flatten, type Finding } from './finding';
import { inCommandsOfManager } from './manager';
import { readProgram, type Program } from './program';
import type { StartRequest } from './start';

/** Whether spans of Kafka clients leave the program. */
export type Verdict = 'will flow' | 'will not flow' | 'unsure';

export interface Diagnosis {
  readonly verdict: Verdict;
  /** True for the verdict `will flow`. */
  readonly flows: boolean;
  readonly findings: readonly Finding[];
  readonly summary: string;
}

export interface DiagnoseOptions extends StartRequest {
  /** Without the leading `v`. */
  readonly nodeVersion: string;
  readonly offline: boolean;
}

/** @throws ProgramNotFound */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  const program = readProgram(options, options.nodeVersion);
  const clients = findClients(program);
  const found = flatten([
    checkNode(program),
    checkEntry(program),
    checkClients(program, clients),
    checkLoading(program),
    checkApi(program),
    checkSdk(program),
    checkCompetitors(program),
    checkEnvironment(program, clients),
    await checkExporter(program, options.offline),
  ]);
  const findings = inCommandsOfManager(found, program.start.folder);
  const verdict = verdictOf(findings);
  return {
    flows: verdict === 'will flow',
    verdict,
    findings,
    summary: summaryOf(program, clients, findings),
  };
}

function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some(({ level }) => level === 'problem')) return 'will not flow';
  return findings.some(({ level }) => level === 'unsure') ? 'unsure' : 'will flow';
}

function summaryOf({ start, shortPath }: Program, { used }: Clients, findings: readonly Finding[]): string {
  const entry = shortPath(start.entry);
  const problems = findings.filter(({ level }) => level === 'problem').length;
  const warnings = findings.filter(({ level }) => level === 'warning').length;
  if (problems > 0)
    return `No spans of Kafka clients would leave ${entry}: ${counted(problems, 'problem')} to fix${warnings > 0 ? `, ${counted(warnings, 'warning')}` : ''}.`;
  const doubts = findings.filter(({ level }) => level === 'unsure').length;
  if (doubts > 0)
    return `The files do not show whether spans of Kafka clients would leave ${entry}: ${counted(doubts, 'doubt')} to clear up.`;
  const traced = used.filter(({ isTraced }) => isTraced).map(namedWithVersions);
  const advice = warnings > 0 ? ` Read the ${counted(warnings, 'warning')} above.` : '';
  return `Spans would flow: what ${entry} sends, handles and commits through ${traced.join(' and ')} is traced.${advice}`;
}

function namedWithVersions({ library, bundle, tracedCopies }: UsedClient): string {
  const versions = bundle ? [] : [...new Set(tracedCopies.map(({ version }) => version))];
  return [library.packageName, versions.join(' and ')].filter(text => text !== '').join(' ');
}

const counted = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
