/** The dashboard's rows. The tables of docs/dashboards.md are generated from them too. */
import { CONSUMERS } from './consumers';
import { MESSAGES } from './messages';
import type { Row } from './panel';

export const ROWS: readonly Row[] = [...MESSAGES, ...CONSUMERS];
