import { sdkFile } from './sdk-file';

/** jest's globalSetup of the unit tests, and a part of that of the e2e tests: programs find the file in `SDK_FILE`. */
export default async function make(): Promise<void> {
  process.env['SDK_FILE'] = await sdkFile();
}
