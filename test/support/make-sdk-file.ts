import { sdkFile } from './sdk-file';

/**
 * Global setup of the unit tests in jest. The setup of the e2e tests calls it too. Test programs read the path of the file from
 * `SDK_FILE`.
 */
export default async function make(): Promise<void> {
  process.env['SDK_FILE'] = await sdkFile();
}
