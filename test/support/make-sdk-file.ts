import { sdkFile } from './sdk-file';

/** jest's globalSetup of the unit tests, also called by that of the e2e tests. Programs read the path from `SDK_FILE`. */
export default async function make(): Promise<void> {
  process.env['SDK_FILE'] = await sdkFile();
}
