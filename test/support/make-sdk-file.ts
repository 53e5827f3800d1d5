import { sdkFile } from './sdk-file';

/**
 * Jest's global setup for unit tests, and a part of the global setup for e2e tests. Test programs read the path of the
 * file from `SDK_FILE`.
 */
export default async function make(): Promise<void> {
  process.env['SDK_FILE'] = await sdkFile();
}
