/** What the dashboard shows, row by row. The page docs/dashboards.md is made from it too. */
import { CONSUMERS } from './consumers';
import { MESSAGES } from './messages';
import type { Row } from './panel';

export const ROWS: readonly Row[] = [...MESSAGES, ...CONSUMERS];
