import type { ClientLibrary } from '../core/port';
import { kafkaJs } from './kafkajs';

/** The supported client libraries. */
export const CLIENT_LIBRARIES: readonly ClientLibrary[] = [kafkaJs];
