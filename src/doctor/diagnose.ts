/** All checks, and what follows from them. */
import { checkApi } from './checks/api';
import { checkCompetitors } from './checks/competitors';
import { checkEntry } from './checks/entry';
import { checkEnvironment } from './checks/environment';
import { checkExporter } from './checks/exporter';
import { checkKafkaJs } from './checks/kafkajs';
import { checkLoading } from './checks/loading';
import { checkNode } from './checks/node';
import { checkSdk } from './checks/sdk';
import type { Finding } from './finding';
import { examine, type Program } from './program';
import type { Asked } from './start';

export interface Diagnosis {
  /** Whether spans of kafkajs would leave the program. */
  readonly flows: boolean;
  readonly findings: readonly Finding[];
  /** The closing sentence. */
  readonly summary: string;
}

export interface Examination extends Asked {
  readonly nodeVersion: string;
  readonly offline: boolean;
}

/** @throws NoProgram */
export async function diagnose(examination: Examination): Promise<Diagnosis> {
  const program = examine(examination, examination.nodeVersion);
  const findings = [
    ...checkNode(program),
    ...checkEntry(program),
    ...checkKafkaJs(program),
    ...checkLoading(program),
    ...checkApi(program),
    ...checkSdk(program),
    ...checkCompetitors(program),
    ...checkEnvironment(program),
    ...(await checkExporter(program, examination.offline)),
  ];
  const flows = !findings.some(({ level }) => level === 'problem');
  return { flows, findings, summary: summaryOf(program, findings) };
}

function summaryOf({ copies, start, shown }: Program, findings: readonly Finding[]): string {
  const problems = findings.filter(({ level }) => level === 'problem').length;
  const warnings = findings.filter(({ level }) => level === 'warning').length;
  if (problems > 0)
    return `No spans of kafkajs would leave ${shown(start.entry)}: ${counted(problems, 'problem')} to fix${warnings > 0 ? `, ${counted(warnings, 'warning')}` : ''}.`;
  const versions = [...new Set(copies('kafkajs').map(({ version }) => version))].join(' and ');
  const traced = `kafkajs${versions === '' ? '' : ` ${versions}`}`;
  const care = warnings > 0 ? ` See to ${counted(warnings, 'warning')}.` : '';
  return `Spans would flow: what ${shown(start.entry)} sends, handles and commits through ${traced} is traced.${care}`;
}

const counted = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
