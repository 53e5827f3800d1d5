/** All rows of the dashboard. The tables of docs/dashboards.md use the same data. */
import { CONSUMERS } from './consumers';
import { MESSAGES } from './messages';
import type { Row } from './panel';

export const ROWS: readonly Row[] = [...MESSAGES, ...CONSUMERS];
