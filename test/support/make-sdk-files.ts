import { sdkFiles } from './sdk-files';

/**
 * Global setup of the unit tests in jest. The setup of the e2e tests calls it too. Programs get the variable from `startProgram`.
 */
export default async function make(): Promise<void> {
  process.env['SDK_FILES'] = JSON.stringify(await sdkFiles());
}
